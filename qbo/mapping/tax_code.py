"""Tax codes. Intuit: Accounting API reference, TaxCode."""

from __future__ import annotations

from ..documents import TaxCode, TaxRateDetail
from .table import FULL, Field, Target, dig, read_fields, write_fields
from .values import Flag, Integer, Payload, Text, as_list, ref

FIELDS = (
    Field("name", "Name", Text(100), required=True),
    Field("description", "Description", Text(4000)),
    Field("taxable", "Taxable", Flag(), always=True),
    Field("tax_group", "TaxGroup", Flag(), always=True),
    Field("active", "Active", Flag(), always=True),
    Field("hidden", "Hidden", Flag(), read_only=True),
)


def to_qbo(code: TaxCode, target: Target) -> Payload:
    """Return the code as QuickBooks shows it.

    The API has no create or update of tax codes: a new one is made by ``POST /taxservice/taxcode``, which has a shape
    of its own. This form serves comparisons and previews.
    """
    payload = write_fields(code, FIELDS, target, FULL)
    payload["SalesTaxRateList"] = _write_rates(code.sales_rates)
    payload["PurchaseTaxRateList"] = _write_rates(code.purchase_rates)
    return payload


def from_qbo(payload: Payload) -> TaxCode:
    """Read a TaxCode; the pseudo codes TAX and NON of US companies have these words as ids.

    :raises MappingError: ``malformed``.
    """
    values = read_fields(TaxCode, payload, FIELDS)
    return TaxCode(
        sales_rates=_read_rates(dig(payload, "SalesTaxRateList.TaxRateDetail")),
        purchase_rates=_read_rates(dig(payload, "PurchaseTaxRateList.TaxRateDetail")),
        **values,
    )


def _write_rates(rates: tuple[TaxRateDetail, ...]) -> Payload:
    return {"TaxRateDetail": [
        {"TaxRateRef": {"value": rate.rate_id}, "TaxOrder": rate.order}
        | ({"TaxTypeApplicable": rate.applicable} if rate.applicable else {})
        for rate in rates
    ]}


def _read_rates(raw: object) -> tuple[TaxRateDetail, ...]:
    return tuple(
        TaxRateDetail(
            rate_id=ref(entry.get("TaxRateRef")),
            order=Integer().read(entry.get("TaxOrder"), "order") or 0,
            applicable=Text(100).read(entry.get("TaxTypeApplicable"), "applicable"),
        )
        for entry in as_list(raw)
    )
