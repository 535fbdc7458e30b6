from . import base
from . import applications, applier, engine, inbox, outbox, payment, payment_in, propose, reference, sales, sales_in, sender
