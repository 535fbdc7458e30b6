"""Lines of sales documents. Intuit: Accounting API reference, Invoice.Line and CreditMemo.Line."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from .. import text
from ..documents import ZERO, Line, Link
from .errors import MappingError
from .profile import Profile
from .values import Payload, as_list, number, ref, to_bool, to_date, to_decimal

SALES, NOTE, DISCOUNT = "SalesItemLineDetail", "DescriptionOnly", "DiscountLineDetail"
GROUP, SUBTOTAL = "GroupLineDetail", "SubTotalLineDetail"
US_TAX_CODES = frozenset({"TAX", "NON"})
DESCRIPTION_LENGTH = 4000
CENT = Decimal("0.01")
_PRICE_DECIMALS = 7


def read_lines(raw: object) -> tuple[Line, ...]:
    """Read the lines of a document: subtotals are dropped, bundles flattened, the discount comes last.

    :raises MappingError: ``unsupported_kind`` when a line of an unknown kind, or a bundle, carries an amount that its
        parts do not; ``malformed``.
    """
    lines = [line for entry in as_list(raw) for line in _read_entry(entry)]
    return tuple(sorted(lines, key=lambda line: line.kind == "discount"))


def _kind(entry: Payload) -> str:
    kind = text.normalise(entry.get("DetailType"))
    return kind or next((key for key in entry if key.endswith("Detail")), "")


def _read_entry(entry: Payload) -> Iterator[Line]:
    kind = _kind(entry)
    if kind == SALES:
        yield _read_sales(entry)
    elif kind == DISCOUNT:
        yield _read_discount(entry)
    elif kind == GROUP:
        yield from _read_group(entry)
    elif kind != SUBTOTAL:
        yield from _read_other(entry, kind)


def _read_sales(entry: Payload) -> Line:
    detail = _detail(entry, SALES)
    return Line(
        kind="item",
        amount=to_decimal(entry.get("Amount"), "lines.amount") or ZERO,
        item_id=ref(detail.get("ItemRef")),
        description=text.normalise(entry.get("Description")),
        quantity=to_decimal(detail.get("Qty"), "lines.quantity"),
        unit_price=to_decimal(detail.get("UnitPrice"), "lines.unit_price"),
        tax_code_id=ref(detail.get("TaxCodeRef")),
        tax_inclusive_amount=to_decimal(detail.get("TaxInclusiveAmt"), "lines.tax_inclusive_amount"),
        class_id=ref(detail.get("ClassRef")),
        service_date=to_date(detail.get("ServiceDate"), "lines.service_date"),
        line_id=text.normalise(entry.get("Id")),
        links=read_links(entry),
    )


def _read_discount(entry: Payload) -> Line:
    detail = _detail(entry, DISCOUNT)
    percent = to_decimal(detail.get("DiscountPercent"), "lines.discount_percent")
    return Line(
        kind="discount",
        amount=to_decimal(entry.get("Amount"), "lines.amount") or ZERO,
        tax_code_id=ref(detail.get("TaxCodeRef")),
        class_id=ref(detail.get("ClassRef")),
        discount_percent=percent if to_bool(detail.get("PercentBased")) else None,
        discount_account_id=ref(detail.get("DiscountAccountRef")),
        line_id=text.normalise(entry.get("Id")),
    )


def _read_group(entry: Payload) -> Iterator[Line]:
    """Yield a note with the bundle's own text and its parts.

    The parts carry no line id: sending them back as plain lines under ids that belong to a bundle is undefined, so an
    update of the lines resolves the bundle into its parts, with the same total.
    """
    parts = [line for part in as_list(_detail(entry, GROUP).get("Line")) for line in _read_entry(part)]
    amount = to_decimal(entry.get("Amount"), "lines.amount") or ZERO
    if amount and amount != sum((line.amount for line in parts), ZERO):
        raise MappingError("unsupported_kind", "lines", f"{GROUP} {amount}")
    description = text.normalise(entry.get("Description"))
    if description:
        yield Line(kind="note", description=description)
    for line in parts:
        yield Line(**{**vars(line), "line_id": ""})


def _read_other(entry: Payload, kind: str) -> Iterator[Line]:
    """Yield a note. An amount on a line that we do not understand must not be lost, so it is refused."""
    amount = to_decimal(entry.get("Amount"), "lines.amount") or ZERO
    if amount:
        raise MappingError("unsupported_kind", "lines", f"{kind or 'line'} {amount}")
    description = text.normalise(entry.get("Description"))
    if kind == NOTE or description:
        line_id = text.normalise(entry.get("Id"))
        yield Line(kind="note", description=description, line_id=line_id, links=read_links(entry))


def _detail(entry: Payload, key: str) -> Payload:
    detail = entry.get(key)
    return detail if isinstance(detail, dict) else {}


def read_links(entry: Payload) -> tuple[Link, ...]:
    return tuple(
        Link(
            txn_id=text.normalise(link.get("TxnId")),
            txn_type=text.normalise(link.get("TxnType")),
            txn_line_id=text.normalise(link.get("TxnLineId")),
        )
        for link in as_list(entry.get("LinkedTxn"))
    )


def write_lines(lines: tuple[Line, ...], base: tuple[Line, ...], profile: Profile) -> list[Payload]:
    """Return all lines, each with the id of the line of ``base`` that it continues.

    When ``Line`` is present it replaces the whole list, and a line without an id becomes a new one, which would lose
    its link to an estimate, to billable time or to an expense.

    :raises MappingError: ``missing`` item, ``us_line_tax_code``, ``discount_not_enabled``, ``several_discounts``,
        ``unsupported_kind``, ``precision``.
    """
    if not any(line.kind == "item" for line in lines):
        raise MappingError("missing", "lines", "")
    discounts = [index for index, line in enumerate(lines, 1) if line.kind == "discount"]
    if len(discounts) > 1:
        raise MappingError("several_discounts", f"lines[{discounts[1]}]", lines[discounts[1] - 1].amount)
    subtotal = sum((line.amount for line in lines if line.kind == "item"), ZERO)
    kept = match(lines, base)
    return [
        _write_line(line, kept[index], f"lines[{index + 1}]", subtotal, profile) for index, line in enumerate(lines)
    ]


def match(lines: tuple[Line, ...], base: tuple[Line, ...]) -> list[Line | None]:
    """Return for each line the line of ``base`` that it continues.

    In this order: the same id, the same content, the same item, text and amount, the same item and text, the same item,
    the same text. A line of the base is continued at most once.
    """
    result: list[Line | None] = [None] * len(lines)
    free = [line for line in base if line.line_id]
    for rank in range(len(_KEYS)):
        for index, line in enumerate(lines):
            if result[index] is None:
                result[index] = _take(free, line, rank)
    return result


_KEYS = (
    lambda line: line.line_id,
    lambda line: line,
    lambda line: (line.kind, line.item_id, line.description, line.amount, line.quantity),
    lambda line: (line.kind, line.item_id, line.description),
    lambda line: (line.kind, line.item_id) if line.item_id else None,
    lambda line: (line.kind, line.description) if line.description else None,
)


def _take(free: list[Line], line: Line, rank: int) -> Line | None:
    wanted = _KEYS[rank](line)
    found = next((other for other in free if wanted and _KEYS[rank](other) == wanted), None)
    if found is not None:
        del free[next(position for position, other in enumerate(free) if other is found)]
    return found


def _write_line(line: Line, kept: Line | None, field: str, subtotal: Decimal, profile: Profile) -> Payload:
    payload: Payload = {"Id": kept.line_id} if kept else {}
    if line.kind == "item":
        payload.update(_write_sales(line, kept, field, profile))
    elif line.kind == "note":
        payload.update(_write_note(line))
    elif line.kind == "discount":
        payload.update(_write_discount(line, field, subtotal, profile))
    else:
        raise MappingError("unsupported_kind", f"{field}.kind", line.kind)
    if kept and kept.links:
        payload["LinkedTxn"] = [_write_link(link) for link in kept.links]
    return payload


def _write_link(link: Link) -> Payload:
    payload = {"TxnId": link.txn_id, "TxnType": link.txn_type}
    return {**payload, "TxnLineId": link.txn_line_id} if link.txn_line_id else payload


def _write_sales(line: Line, kept: Line | None, field: str, profile: Profile) -> Payload:
    # Without an item QuickBooks puts in its own default item (the reference says that it drops the amount).
    if not line.item_id and not (kept and not kept.item_id):
        raise MappingError("missing", f"{field}.item_id", "")
    # The markup of a billable expense has no item, only an account of its own, which an item would replace.
    bare = kept is not None and not kept.item_id and bool(kept.links)
    detail: Payload = {"ItemRef": {"value": line.item_id}} if line.item_id and not bare else {}
    detail.update(_write_price(line, field))
    tax_code = _tax_code(line, field, profile)
    if tax_code:
        detail["TaxCodeRef"] = {"value": tax_code}
    if line.class_id:
        detail["ClassRef"] = {"value": line.class_id}
    if line.service_date:
        detail["ServiceDate"] = line.service_date.isoformat()
    if line.tax_inclusive_amount is not None and profile.tax_mode == "global":
        detail["TaxInclusiveAmt"] = number(line.tax_inclusive_amount, f"{field}.tax_inclusive_amount")
    payload: Payload = {"Amount": number(line.amount, f"{field}.amount"), "DetailType": SALES, SALES: detail}
    if line.description:
        payload["Description"] = text.cut(text.normalise(line.description), DESCRIPTION_LENGTH)
    return payload


def _write_note(line: Line) -> Payload:
    payload: Payload = {"DetailType": NOTE, "DescriptionLineDetail": {}}
    if line.description:
        payload["Description"] = text.cut(text.normalise(line.description), DESCRIPTION_LENGTH)
    return payload


def _write_discount(line: Line, field: str, subtotal: Decimal, profile: Profile) -> Payload:
    if not profile.allow_discount:
        raise MappingError("discount_not_enabled", field, line.amount)
    detail: Payload = {"PercentBased": False}
    # QuickBooks computes a percentage again. Where its figure would differ from ours, the amount decides.
    if line.discount_percent is not None and _cents(subtotal * line.discount_percent / 100) == line.amount:
        detail = {"PercentBased": True, "DiscountPercent": number(line.discount_percent, f"{field}.discount_percent")}
    if line.discount_account_id:
        detail["DiscountAccountRef"] = {"value": line.discount_account_id}
    if line.class_id:
        detail["ClassRef"] = {"value": line.class_id}
    if line.tax_code_id and profile.tax_mode != "none":
        detail["TaxCodeRef"] = {"value": line.tax_code_id}
    return {"Amount": number(line.amount, f"{field}.amount"), "DetailType": DISCOUNT, DISCOUNT: detail}


def _tax_code(line: Line, field: str, profile: Profile) -> str:
    """Return the tax code to send: in US companies only TAX or NON are taken (fault 6100)."""
    if profile.tax_mode == "none":
        return ""
    if profile.is_us and line.tax_code_id and line.tax_code_id not in US_TAX_CODES:
        raise MappingError("us_line_tax_code", f"{field}.tax_code_id", line.tax_code_id)
    return line.tax_code_id


def _write_price(line: Line, field: str) -> Payload:
    quantity, price = consistent_price(line.amount, line.quantity, line.unit_price)
    payload: Payload = {}
    if quantity is not None:
        payload["Qty"] = number(quantity, f"{field}.quantity")
    if price is not None:
        payload["UnitPrice"] = number(price, f"{field}.unit_price")
    return payload


def consistent_price(
    amount: Decimal, quantity: Decimal | None, price: Decimal | None,
) -> tuple[Decimal | None, Decimal | None]:
    """Return quantity and unit price that QuickBooks accepts: rounded to cents, their product is ``amount``.

    QuickBooks refuses a line whose amount differs from quantity times price (fault 6070). The amount always stays. If
    the price does not fit (a discount in the line, a price including tax, rounding), a price of two to seven decimals
    is computed from the amount, so that the quantity stays; if none fits, both are left out.
    """
    if quantity is None:
        return None, price if price == amount else None
    if price is not None:
        price = round(price, _PRICE_DECIMALS)
        if _cents(quantity * price) == amount:
            return quantity, price
    for decimals in range(2, _PRICE_DECIMALS + 1 if quantity else 0):
        candidate = (amount / quantity).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        if _cents(quantity * candidate) == amount:
            return quantity, candidate
    return None, None


def _cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)
