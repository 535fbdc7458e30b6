"""Sales receipts and refund receipts: documents that carry their money.

Intuit: Accounting API reference, SalesReceipt and RefundReceipt.
"""

from __future__ import annotations

from ..documents import Receipt, RefundReceipt, SalesReceipt
from . import sales
from .table import SPARSE, Field, Target
from .values import Payload, Ref, Text

#: They have no terms: nothing is owed. Their balance is always 0.
FIELDS = (
    *(field for field in sales.FIELDS if field.name != "term_id"),
    Field("reference", "PaymentRefNum", Text(21, one_line=True)),
    Field("method_id", "PaymentMethodRef", Ref()),
    Field("deposit_account_id", "DepositToAccountRef", Ref()),
)


def to_qbo(receipt: Receipt, target: Target) -> Payload:
    """Return the create payload, or the sparse update with the fields that differ from ``target.base``.

    :raises MappingError: see :func:`.sales.to_qbo`.
    """
    return sales.to_qbo(receipt, target, FIELDS, SPARSE)


def sales_receipt(payload: Payload) -> SalesReceipt:
    """Read a SalesReceipt; amounts are in its currency.

    :raises MappingError: see :func:`.sales.from_qbo`.
    """
    return SalesReceipt(**sales.from_qbo(SalesReceipt, payload, FIELDS))


def refund_receipt(payload: Payload) -> RefundReceipt:
    """Read a RefundReceipt; amounts are positive and in its currency.

    :raises MappingError: see :func:`.sales.from_qbo`.
    """
    return RefundReceipt(**sales.from_qbo(RefundReceipt, payload, FIELDS))
