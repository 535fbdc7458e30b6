from . import base, sales, payment, customer, item
from . import (
    applications,
    applier,
    customer_in,
    engine,
    inbox,
    item_in,
    outbox,
    payment_in,
    propose,
    reference,
    sales_in,
    sender,
    wording,
)
