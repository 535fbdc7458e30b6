"""The one error of the mapping layer: a record that cannot be written down, found before anything is sent."""

from __future__ import annotations


class MappingError(Exception):
    """A document says something that the other side cannot take, or a payload something that would be lost.

    ``code`` is one of the words below, ``field`` the name in the neutral form (``lines[2].amount`` counts lines from 1)
    and ``value`` what stood there.

    ``missing`` a required value is empty; ``too_long`` an identifying text exceeds QuickBooks' maximum;
    ``forbidden_character``; ``precision`` a figure with more digits than a JSON number carries; ``unsupported_kind`` of
    item, line or link; ``us_line_tax_code`` (6100); ``tax_not_enabled``; ``currency_not_enabled``;
    ``missing_exchange_rate``; ``discount_not_enabled``; ``several_discounts``; ``total_mismatch``; ``negative_total``;
    ``negative_amount``; ``over_applied``; ``ambiguous``; ``void_is_an_operation``; ``deleted``; ``unknown_entity``;
    ``malformed``.
    """

    def __init__(self, code: str, field: str, value: object = "") -> None:
        super().__init__(code, field, value)
        self.code = code
        self.field = field
        self.value = value

    def __str__(self) -> str:
        return f"{self.code}: {self.field} = {self.value!r}"
