from . import base  # the handlers below inherit from it

# isort: split
from . import (
    applications,
    applier,
    creation,
    customer,
    customer_in,
    engine,
    inbox,
    item,
    item_in,
    outbox,
    payment,
    payment_in,
    propose,
    receipts,
    receipts_in,
    reference,
    representation,
    sales,
    sales_in,
    sender,
    wording,
)
