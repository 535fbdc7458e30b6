"""The settings of the connected company. Intuit: Accounting API reference, Preferences."""

from __future__ import annotations

from ..documents import Preferences
from .table import WHOLE, Field, Target, dig, put, read_fields, write_fields
from .values import Day, Flag, Payload, Ref, Text, as_list

DEFAULT_ITEM = "SalesFormsPrefs.DefaultItem"
FIELDS = (
    Field("home_currency", "CurrencyPrefs.HomeCurrency", Ref(), always=True),
    Field("multicurrency", "CurrencyPrefs.MultiCurrencyEnabled", Flag(), always=True),
    Field("custom_txn_numbers", "SalesFormsPrefs.CustomTxnNumbers", Flag(), always=True),
    Field("using_sales_tax", "TaxPrefs.UsingSalesTax", Flag(), always=True),
    Field("automated_sales_tax", "TaxPrefs.PartnerTaxEnabled", Flag()),
    Field("closing_date", "AccountingInfoPrefs.BookCloseDate", Day()),
    Field("auto_apply_credit", "SalesFormsPrefs.AutoApplyCredit", Flag()),
    Field("auto_apply_payments", "SalesFormsPrefs.AutoApplyPayments", Flag()),
    Field("allow_discount", "SalesFormsPrefs.AllowDiscount", Flag(), always=True),
    Field("default_terms_id", "SalesFormsPrefs.DefaultTerms", Ref()),
    Field("class_per_txn", "AccountingInfoPrefs.ClassTrackingPerTxn", Flag(), always=True),
    Field("class_per_line", "AccountingInfoPrefs.ClassTrackingPerTxnLine", Flag(), always=True),
    Field("department_tracking", "AccountingInfoPrefs.TrackDepartments", Flag(), always=True),
    Field("account_numbers", "AccountingInfoPrefs.UseAccountNumbers", Flag(), always=True),
)


def to_qbo(preferences: Preferences, target: Target) -> Payload:
    """Return the settings as QuickBooks shows them; nothing in this product changes them."""
    payload = write_fields(preferences, FIELDS, target, WHOLE)
    if preferences.default_item_id:
        put(payload, "OtherPrefs.NameValue", [{"Name": DEFAULT_ITEM, "Value": preferences.default_item_id}])
    return payload


def from_qbo(payload: Payload) -> Preferences:
    """Read Preferences; a setting that QuickBooks does not name keeps its default.

    :raises MappingError: ``malformed``.
    """
    values = read_fields(Preferences, payload, FIELDS)
    values["home_currency"] = values["home_currency"] or "USD"
    named = {entry.get("Name"): entry.get("Value") for entry in as_list(dig(payload, "OtherPrefs.NameValue"))}
    return Preferences(
        default_item_id=Text(31).read(named.get(DEFAULT_ITEM), "default_item_id"),
        **values,
    )
