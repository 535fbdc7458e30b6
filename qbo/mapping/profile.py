"""What the connected QuickBooks company can do, as far as it changes how documents are written."""

from __future__ import annotations

from dataclasses import dataclass

from ..documents import Preferences

US_COUNTRIES = frozenset({"US", "USA"})


@dataclass(frozen=True)
class Profile:
    """Settings of one QuickBooks company.

    ``tax_mode``: "none" (sales tax off), "us_manual" (lines say TAX or NON and the document names the code),
    "us_automated" (the same, but QuickBooks computes the tax from addresses), "global" (each line names its own code).
    ``custom_txn_numbers``: the caller numbers sales forms. When it is off QuickBooks numbers them and no number is
    sent. ``class_tracking``: "line", "txn" (one class for a whole document) or "" (off); ``department_tracking``:
    documents have a location. Where it is off, QuickBooks drops what it is sent.
    """

    tax_mode: str = "us_manual"
    multicurrency: bool = False
    home_currency: str = "USD"
    custom_txn_numbers: bool = True
    allow_discount: bool = True
    class_tracking: str = "line"
    department_tracking: bool = True

    @property
    def is_us(self) -> bool:
        """Whether the US sales tax model applies."""
        return self.tax_mode in ("us_manual", "us_automated")

    @classmethod
    def of(cls, preferences: Preferences, country: str) -> Profile:
        """Build the profile from ``preferences`` and the ``country`` of CompanyInfo (ISO-2 or ISO-3)."""
        return cls(
            tax_mode=_tax_mode(preferences, country),
            multicurrency=preferences.multicurrency,
            home_currency=preferences.home_currency,
            custom_txn_numbers=preferences.custom_txn_numbers,
            allow_discount=preferences.allow_discount,
            class_tracking=class_tracking(preferences),
            department_tracking=preferences.department_tracking,
        )


#: A US company with manual sales tax and its own numbers, which takes everything a document can say.
STANDARD = Profile()


def class_tracking(preferences: Preferences) -> str:
    """Return where the company keeps classes: "line", "txn" or ""."""
    if preferences.class_per_line:
        return "line"
    return "txn" if preferences.class_per_txn else ""


def _tax_mode(preferences: Preferences, country: str) -> str:
    if not preferences.using_sales_tax:
        return "none"
    if country.strip().upper() not in US_COUNTRIES:
        return "global"
    return "us_automated" if preferences.automated_sales_tax else "us_manual"
