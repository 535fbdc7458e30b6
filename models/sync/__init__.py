from . import base  # the handlers below inherit from it

# isort: split
from . import (
    applications,
    applier,
    bank,
    creation,
    customer,
    customer_in,
    customer_type,
    dimensions,
    dispute,
    engine,
    entries,
    guard,
    inbox,
    item,
    item_in,
    locked,
    merge,
    merged,
    outbox,
    payment,
    payment_bank,
    payment_currency,
    payment_in,
    propose,
    propose_dimensions,
    rates,
    receipts,
    receipts_in,
    reference,
    refunds,
    representation,
    sales,
    sales_in,
    sales_tax,
    sales_tax_in,
    sender,
    tax_comparison,
    wording,
)

# isort: split
from . import (  # what they do with records that are locked in Odoo
    locked_payment,
    locked_sales,
)
