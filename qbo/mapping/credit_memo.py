"""Credit memos. Intuit: Accounting API reference, CreditMemo."""

from __future__ import annotations

from ..documents import CreditMemo
from . import sales
from .table import WHOLE, Target
from .values import Number, Payload


def to_qbo(memo: CreditMemo, target: Target) -> Payload:
    """Return the create payload, or the update with all known fields and lines marked sparse.

    :raises MappingError: see :func:`.sales.to_qbo`.
    """
    return sales.to_qbo(memo, target, sales.FIELDS, WHOLE)


def from_qbo(payload: Payload) -> CreditMemo:
    """Read a CreditMemo; amounts are positive and in its currency, ``balance`` is the credit that is still open.

    :raises MappingError: see :func:`.sales.from_qbo`.
    """
    values = sales.from_qbo(CreditMemo, payload, sales.FIELDS)
    if payload.get("Balance") is None:
        values["balance"] = Number().read(payload.get("RemainingCredit"), "balance")
    return CreditMemo(**values)
