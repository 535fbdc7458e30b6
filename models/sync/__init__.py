from . import base, sales
from . import (
    applications,
    applier,
    customer,
    engine,
    inbox,
    item,
    outbox,
    payment,
    payment_in,
    propose,
    reference,
    sales_in,
    sender,
)
