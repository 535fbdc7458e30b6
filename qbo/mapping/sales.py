"""What invoices and credit memos share. Intuit: Accounting API reference, Invoice and CreditMemo."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from .. import numbers, text
from ..documents import ZERO, SalesDocument, TaxLine
from ..taxes import computed
from .address import AddressCodec
from .errors import MappingError
from .lines import read_lines, read_links, write_lines
from .profile import Profile
from .table import SPARSE, Field, Target, changed, dig, read_fields, write_fields
from .values import Day, Flag, Number, Payload, Ref, Text, as_list, number, ref, to_decimal

#: TotalAmt, Balance, RemainingCredit, HomeTotalAmt, DeliveryInfo and the links to payments are QuickBooks' own: never
#: sent.
#: What a document can bill. Source: Intuit, Accounting API reference, Invoice, ``LinkedTxn``.
SOURCES = frozenset({"Estimate", "TimeActivity", "ReimburseCharge", "ChargeCredit", "StatementCharge"})

FIELDS = (
    Field("doc_number", "DocNumber", Text(numbers.MAXIMUM, strict=True, one_line=True),
          when=lambda profile: profile.custom_txn_numbers),
    Field("txn_date", "TxnDate", Day()),
    Field("customer_id", "CustomerRef", Ref(), required=True),
    Field("currency", "CurrencyRef", Ref(), read_only=True),
    Field("exchange_rate", "ExchangeRate", Number(optional=True), read_only=True),
    Field("term_id", "SalesTermRef", Ref()),
    Field("class_id", "ClassRef", Ref(), when=lambda profile: profile.class_tracking == "txn"),
    Field("department_id", "DepartmentRef", Ref(), when=lambda profile: profile.department_tracking),
    Field("global_tax", "GlobalTaxCalculation", Text(31), when=lambda profile: profile.tax_mode == "global"),
    Field("apply_tax_after_discount", "ApplyTaxAfterDiscount", Flag(), when=lambda profile: profile.is_us),
    Field("private_note", "PrivateNote", Text(4000)),
    Field("customer_memo", "CustomerMemo.value", Text(1000)),
    Field("bill_email", "BillEmail.Address", Text(100, strict=True, one_line=True)),
    Field("bill_address", "BillAddr", AddressCodec()),
    Field("ship_address", "ShipAddr", AddressCodec()),
    Field("total", "TotalAmt", Number(), read_only=True),
    Field("total_tax", "TxnTaxDetail.TotalTax", Number(), read_only=True),
    Field("tax_code_id", "TxnTaxDetail.TxnTaxCodeRef", Ref(), read_only=True),
    Field("balance", "Balance", Number(), read_only=True),
)


def to_qbo(document: SalesDocument, target: Target, fields: tuple[Field, ...], mode: str) -> Payload:
    """Return the payload of a sales document; ``fields`` is :data:`FIELDS` and what the type adds.

    A sparse update has the fields that differ from the base; if one line differs, all lines are in it.

    :raises MappingError: what the plain fields and the lines raise, and ``void_is_an_operation``, ``negative_total``,
        ``total_mismatch``, ``tax_not_enabled``, ``currency_not_enabled``, ``missing_exchange_rate``.
    """
    if document.voided:
        raise MappingError("void_is_an_operation", "voided", True)
    payload = write_fields(document, fields, target, mode)
    payload.update(currency(document.currency, document.exchange_rate, target, mode))
    everything = mode != SPARSE or not target.updating
    base = target.base if isinstance(target.base, SalesDocument) else None
    if everything or changed(document, target, "lines"):
        payload["Line"] = write_lines(document.lines, base.lines if base else (), target.profile)
    if everything or changed(document, target, "lines", "tax_code_id", "total_tax"):
        _check_amounts(document, target.profile)
        payload.update(_tax(document, base, target.profile))
    if not target.updating:
        payload.update(_mail(document))
    return payload


def from_qbo(cls: type[SalesDocument], payload: Payload, fields: tuple[Field, ...]) -> dict[str, Any]:
    """Return constructor arguments for ``cls``; amounts are in the document's currency.

    :raises MappingError: ``malformed``, ``unsupported_kind`` (see :func:`.lines.read_lines`).
    """
    values = read_fields(cls, payload, fields)
    return {
        **values,
        "lines": read_lines(payload.get("Line")),
        "tax_lines": _read_tax_lines(dig(payload, "TxnTaxDetail.TaxLine")),
        # Payments of it stand among the links, too.
        "links": tuple(link for link in read_links(payload) if link.txn_type in SOURCES),
        "voided": is_voided(payload),
    }


def is_voided(payload: Payload) -> bool:
    """Whether QuickBooks voided this transaction.

    There is no status field: a void leaves a total and line amounts of 0 and puts "Voided" in front of the private
    note. A document that only comes to 0, without the mark, is not void.
    """
    if to_decimal(payload.get("TotalAmt")) != 0:
        return False
    if not text.normalise(payload.get("PrivateNote")).startswith("Voided"):
        return False
    return not any(to_decimal(line.get("Amount")) for line in as_list(payload.get("Line")))


def line_total(document: SalesDocument) -> Decimal:
    """Return what the document comes to: item lines less the discount, plus tax."""
    signs = {"item": 1, "discount": -1}
    net = sum((line.amount * signs.get(line.kind, 0) for line in document.lines), ZERO)
    return net + document.total_tax


def currency(code: str, rate: Decimal | None, target: Target, mode: str) -> Payload:
    """Return CurrencyRef and ExchangeRate of a transaction.

    The code is the ISO code. Without ExchangeRate QuickBooks may book a foreign document at rate 1, so one is demanded.

    :raises MappingError: ``currency_not_enabled``, ``missing_exchange_rate``.
    """
    home = target.profile.home_currency
    code = code or home
    if not target.profile.multicurrency:
        if code != home:
            raise MappingError("currency_not_enabled", "currency", code)
        return {}
    if code != home and rate is None:
        raise MappingError("missing_exchange_rate", "exchange_rate", code)
    before = (getattr(target.base, "currency", None) or home, getattr(target.base, "exchange_rate", None))
    if target.updating and mode == SPARSE and target.base is not None and before == (code, rate):
        return {}
    payload: Payload = {"CurrencyRef": {"value": code}}
    if rate is not None:
        payload["ExchangeRate"] = number(rate, "exchange_rate")
    return payload


def _mail(document: SalesDocument) -> Payload:
    """Say who mails a new document: unless QuickBooks shall, it must not send it to the customer by itself.

    NeedToSend without an address is refused (fault 6420).
    """
    if not document.mail_to:
        return {"EmailStatus": "NotSet"}
    return {"EmailStatus": "NeedToSend", "BillEmail": {"Address": document.mail_to}}


def _check_amounts(document: SalesDocument, profile: Profile) -> None:
    if document.total < 0:
        raise MappingError("negative_total", "total", document.total)
    if profile.tax_mode == "none" and document.total_tax:
        raise MappingError("tax_not_enabled", "total_tax", document.total_tax)
    if line_total(document) != document.total:
        raise MappingError("total_mismatch", "total", document.total)


def _tax(document: SalesDocument, base: SalesDocument | None, profile: Profile) -> Payload:
    if profile.is_us:
        return _us_tax(document, base, profile)
    if profile.tax_mode == "global":
        return _global_tax(document)
    return {}


def _us_tax(document: SalesDocument, base: SalesDocument | None, profile: Profile) -> Payload:
    """Return the tax code of the document and its tax; the tax is what QuickBooks would otherwise compute again.

    Under automated tax a total alone counts as an override, and a code has QuickBooks compute: the code that it has
    found by the address is not sent back. Under manual tax an override needs a line for each rate, with the base that
    the document has.
    """
    detail: Payload = {}
    found_there = profile.tax_mode == "us_automated" and base is not None
    if document.tax_code_id and not found_there:
        detail["TxnTaxCodeRef"] = {"value": document.tax_code_id}
    elif base and base.tax_code_id and not found_there:
        detail["TxnTaxCodeRef"] = {"value": ""}
    taxed = document.total_tax or any(line.tax_code_id == "TAX" for line in document.lines)
    if detail or taxed or (base and base.total_tax):
        detail["TotalTax"] = number(document.total_tax, "total_tax")
    own = any(line.amount != computed(line) for line in document.tax_lines)
    if own and profile.tax_mode == "us_manual" and _adds_up(document):
        detail["TaxLine"] = [_write_tax_line(line) for line in document.tax_lines]
    return {"TxnTaxDetail": detail} if detail else {}


def _adds_up(document: SalesDocument) -> bool:
    return sum((line.amount for line in document.tax_lines), ZERO) == document.total_tax


def _global_tax(document: SalesDocument) -> Payload:
    """Return the tax by rate, if it is known and adds up.

    With line codes QuickBooks computes the tax, and takes figures that it is given as an override; old ones left in a
    payload with new lines would freeze the old tax.
    """
    if not document.tax_lines or not _adds_up(document):
        return {}
    return {"TxnTaxDetail": {
        "TotalTax": number(document.total_tax, "total_tax"),
        "TaxLine": [_write_tax_line(line) for line in document.tax_lines],
    }}


def _write_tax_line(line: TaxLine) -> Payload:
    return {
        "Amount": number(line.amount, "tax_lines.amount"),
        "DetailType": "TaxLineDetail",
        "TaxLineDetail": {
            "TaxRateRef": {"value": line.rate_id},
            "PercentBased": True,
            "TaxPercent": number(line.percent, "tax_lines.percent"),
            "NetAmountTaxable": number(line.base, "tax_lines.base"),
        },
    }


def _read_tax_lines(raw: object) -> tuple[TaxLine, ...]:
    return tuple(
        TaxLine(
            rate_id=ref(dig(entry, "TaxLineDetail.TaxRateRef")),
            amount=to_decimal(entry.get("Amount"), "tax_lines.amount") or ZERO,
            base=to_decimal(dig(entry, "TaxLineDetail.NetAmountTaxable"), "tax_lines.base") or ZERO,
            percent=to_decimal(dig(entry, "TaxLineDetail.TaxPercent"), "tax_lines.percent") or ZERO,
        )
        for entry in as_list(raw)
    )
