from . import base  # the handlers below inherit from it

# isort: split
from . import (
    applications,
    applications_there,
    applier,
    bank,
    creation,
    customer,
    customer_in,
    customer_tax,
    customer_type,
    dimensions,
    dispute,
    engine,
    entries,
    entries_difference,
    entries_out,
    guard,
    inbox,
    item,
    item_in,
    left_there,
    locked,
    merge,
    merged,
    outbox,
    payment,
    payment_bank,
    payment_currency,
    payment_in,
    payment_receipt,
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
    sales_rounding,
    sales_tax,
    sales_tax_in,
    sender,
    stock,
    targets,
    tax_comparison,
    withdrawn,
    wording,
)

# isort: split
from . import (  # what extends the handlers above
    concerned,
    inactive,
    intents,
    payment_accounts,
    payment_family,
    sales_inclusive,
    sales_mail,
)

# isort: split
from . import (  # what they do with records that are locked, or changed as a consequence; in which order
    deactivation,
    locked_payment,
    locked_refund,
    locked_sales,
    payment_cut,
    payment_difference,
    payment_order,
    point_of_sale,
    taken_there,
)

# isort: split
from . import (  # what comes before the rules of locked documents
    locked_entries,
    put_back,
)

# isort: split
from . import not_here  # around what is put back
