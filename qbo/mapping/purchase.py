"""Expenses and cheques that pay money back to a customer. Intuit: Accounting API reference, Purchase.

The money goes from a bank account to the receivables of a customer: the expense is open there like an invoice, until a
payment applies the credit to it that it pays back.
"""

from __future__ import annotations

from ..documents import Purchase
from .entry import FIELDS
from .errors import MappingError
from .sales import currency
from .table import FULL, Target, write_fields
from .values import Payload, number

DETAIL = "AccountBasedExpenseLineDetail"


def to_qbo(purchase: Purchase, target: Target) -> Payload:
    """Return the create payload or the full update; amounts are in its currency.

    :raises MappingError: ``void_is_an_operation``, ``missing`` (account or customer), ``negative_total``,
        ``unsupported_kind`` (anything but one customer and one account), ``currency_not_enabled``,
        ``missing_exchange_rate``.
    """
    if purchase.voided:
        raise MappingError("void_is_an_operation", "voided", True)
    if len(purchase.lines) != 2:
        raise MappingError("unsupported_kind", "lines", len(purchase.lines))
    owed, paid = purchase.lines
    if owed.amount <= 0 or paid.amount != -owed.amount:
        raise MappingError("negative_total", "total", owed.amount)
    for name, value in (("customer_id", owed.customer_id), ("account_id", owed.account_id and paid.account_id)):
        if not value:
            raise MappingError("missing", f"lines.{name}", "")
    payload = write_fields(purchase, FIELDS, target, FULL)
    payload.update(currency(purchase.currency, purchase.exchange_rate, target, FULL))
    payload.update({
        "PaymentType": "Check" if purchase.link_type == "Check" else "Cash",
        "AccountRef": {"value": paid.account_id},
        "EntityRef": {"value": owed.customer_id, "type": "Customer"},
        "Line": [{"Amount": number(owed.amount, "total"), "DetailType": DETAIL, DETAIL: {
            "AccountRef": {"value": owed.account_id}}}],
    })
    if target.profile.tax_mode == "global":
        # Money bears no tax; without this word QuickBooks wants a tax code on each line.
        payload["GlobalTaxCalculation"] = "NotApplicable"
    return payload
