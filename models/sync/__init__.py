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
    reference,
    sales,
    sales_in,
    sender,
    wording,
)
