"""Valid documents of every entity for property tests, and a server that answers them as QuickBooks would."""

from __future__ import annotations

import copy
import dataclasses
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import strategies as st

from qbo import documents as d
from qbo import names, text

ZERO = Decimal(0)
LINE_KEYS = ("SalesItemLineDetail", "DescriptionOnly", "DiscountLineDetail")

ids = st.integers(1, 10**9).map(str)
maybe_id = st.one_of(st.just(""), ids)
booleans = st.booleans()
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
maybe_day = st.none() | days
# QuickBooks' documented range: ten digits before the point; money has two after it.
amounts = st.integers(-(10**12) + 1, 10**12 - 1).map(lambda cents: Decimal(cents) / 100)
positive = st.integers(1, 10**12 - 1).map(lambda cents: Decimal(cents) / 100)
small_money = st.integers(0, 10**7).map(lambda cents: Decimal(cents) / 100)
rates = st.integers(1, 10**9).map(lambda value: Decimal(value) / 10**6)
percents = st.integers(0, 10_000).map(lambda value: Decimal(value) / 100)


def words(maximum: int, forbidden: str = "") -> st.SearchStrategy[str]:
    """Single lines of every script, with apostrophes and emoji, in their normal form."""
    letters = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters=forbidden)
    raw = st.sampled_from(["", "O'Brien & Söhne", "Café 🍕", "a  b", "x" * maximum]) | st.text(letters, max_size=20)
    return raw.map(lambda value: text.cut(text.single_line(value), maximum))


def notes(maximum: int) -> st.SearchStrategy[str]:
    """Text of several lines in its normal form."""
    return st.text(st.characters(exclude_categories=("Cs",)), max_size=20).map(
        lambda value: text.cut(text.normalise(value), maximum))


def required(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """The same without the empty text, and without what QuickBooks would add to inactive names."""
    return strategy.map(lambda value: text.normalise(names.strip_deleted(value)) or "x")


names_ = required(words(100, forbidden=':"'))
addresses = st.builds(
    d.Address,
    lines=st.lists(required(words(100)), max_size=5).map(tuple),
    city=words(100), region=words(20), postal_code=words(30), country=words(50),
)

customers = st.builds(
    d.Customer,
    display_name=names_, company_name=words(100), given_name=words(100), middle_name=words(100), family_name=words(100),
    email=words(100), phone=words(30), mobile=words(30), website=words(100), notes=notes(2000),
    bill_address=addresses, ship_address=addresses, parent_id=maybe_id, term_id=maybe_id,
    customer_type_id=maybe_id,
    taxable=st.none() | booleans, currency=st.just("USD"), active=booleans,
).flatmap(lambda customer: st.builds(
    dataclasses.replace, st.just(customer), bill_with_parent=booleans if customer.parent_id else st.just(False)))

items = st.builds(
    d.Item,
    name=names_, sku=words(100), kind=st.sampled_from(["Service", "NonInventory", "Category"]), description=notes(4000),
    unit_price=amounts, purchase_description=notes(1000), purchase_cost=small_money, income_account_id=maybe_id,
    expense_account_id=maybe_id, asset_account_id=maybe_id, taxable=st.none() | booleans, parent_id=maybe_id,
    active=booleans,
)

accounts = st.builds(
    d.Account,
    name=names_, number=words(20, forbidden=":"), kind=st.sampled_from(["Bank", "Income", "Accounts Receivable"]),
    subkind=st.sampled_from(["", "Checking", "ServiceFeeIncome"]), description=notes(100), currency=st.just("USD"),
    parent_id=maybe_id, active=booleans,
)

rate_details = st.lists(
    st.builds(d.TaxRateDetail, rate_id=ids, order=st.integers(0, 9), applicable=st.sampled_from(["", "TaxOnAmount"])),
    max_size=3).map(tuple)
tax_codes = st.builds(
    d.TaxCode,
    name=names_, description=notes(4000), taxable=booleans, tax_group=booleans, sales_rates=rate_details,
    purchase_rates=rate_details, active=booleans,
)
tax_rates = st.builds(
    d.TaxRate, name=names_, description=notes(4000), rate=rates, agency_id=maybe_id, active=booleans)

terms = st.builds(
    d.Term,
    name=required(words(31)), due_days=st.none() | st.integers(0, 999), day_of_month_due=st.none() | st.integers(1, 31),
    due_next_month_days=st.none() | st.integers(0, 31), discount_percent=percents,
    discount_days=st.none() | st.integers(0, 99), active=booleans,
).map(lambda term: term if term.discount_percent else dataclasses.replace(term, discount_days=None))

payment_methods = st.builds(
    d.PaymentMethod, name=required(words(31)), kind=st.sampled_from(["CREDIT_CARD", "NON_CREDIT_CARD"]),
    active=booleans)

company_infos = st.builds(
    d.CompanyInfo,
    name=names_, legal_name=words(100), country=st.sampled_from(["US", "USA", "GB"]), email=words(100),
    fiscal_year_start_month=st.sampled_from(["", "January"]), plan=st.sampled_from(["", "QuickBooks Online Plus"]),
    time_zone=st.sampled_from(["", "America/Los_Angeles"]),
)

preferences = st.builds(
    d.Preferences,
    home_currency=st.sampled_from(["USD", "EUR"]), multicurrency=booleans, custom_txn_numbers=booleans,
    using_sales_tax=booleans, automated_sales_tax=booleans, closing_date=maybe_day, auto_apply_credit=booleans,
    auto_apply_payments=booleans, allow_discount=booleans, default_terms_id=maybe_id, default_item_id=maybe_id,
    class_per_txn=booleans, class_per_line=booleans, department_tracking=booleans, account_numbers=booleans,
)


def dimensions(cls: type[d.Dimension]) -> st.SearchStrategy:
    return st.builds(cls, name=names_, parent_id=maybe_id, active=booleans)


currencies = st.builds(
    d.CompanyCurrency, code=st.sampled_from(["EUR", "GBP", "CAD"]), name=words(100), active=booleans)


def cents(value: Decimal) -> Decimal:
    """Round to cents, halves away from zero."""
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


@st.composite
def item_lines(draw: st.DrawFn, tax_codes: tuple[str, ...]) -> d.Line:
    """A line whose amount is quantity times price, or that has neither."""
    quantity = draw(st.none() | st.integers(-99, 9999).map(lambda value: Decimal(value) / 4))
    price = None if quantity is None else draw(small_money)
    amount = draw(st.integers(-(10**9), 10**11)) / Decimal(100) if quantity is None else cents(quantity * price)
    inclusive = draw(st.none() | amounts) if tax_codes[0] not in ("TAX", "NON") else None
    return d.Line(
        amount=amount, quantity=quantity, unit_price=price, item_id=draw(ids), description=draw(notes(4000)),
        tax_code_id=draw(st.sampled_from(("", *tax_codes))), tax_inclusive_amount=inclusive, class_id=draw(maybe_id),
        service_date=draw(maybe_day),
    )


note_lines = st.builds(d.Line, kind=st.just("note"), description=notes(4000))


@st.composite
def discounts(draw: st.DrawFn, subtotal: Decimal) -> list[d.Line]:
    """No discount, one of a percentage that comes to its amount, or one of an amount."""
    how = draw(st.sampled_from(["none", "percent", "amount"]))
    if how == "none" or subtotal <= 0:
        return []
    percent = draw(percents) if how == "percent" else None
    amount = draw(st.integers(0, int(subtotal))) if percent is None else cents(subtotal * percent / 100)
    line = d.Line(kind="discount", amount=Decimal(amount), discount_percent=percent)
    return [dataclasses.replace(line, discount_account_id=draw(maybe_id))]


@st.composite
def sales(draw: st.DrawFn, cls: type[d.SalesDocument], tax_mode: str = "us_manual") -> d.SalesDocument:
    """A document whose total is what its lines, discount and tax come to."""
    codes = ("TAX", "NON") if tax_mode.startswith("us") else ("5", "6")
    lines = [draw(item_lines(codes)), *draw(st.lists(item_lines(codes) | note_lines, max_size=4))]
    subtotal = sum((line.amount for line in lines if line.kind == "item"), ZERO)
    lines += draw(discounts(subtotal))
    net = subtotal - sum((line.amount for line in lines if line.kind == "discount"), ZERO)
    tax = draw(small_money)
    if net + tax < 0:
        lines = [draw(item_lines(codes))]
        lines = [dataclasses.replace(lines[0], amount=Decimal(5), quantity=None, unit_price=None)]
        net = Decimal(5)
    foreign = draw(booleans)
    values = {"due_date": draw(maybe_day)} if cls is d.Invoice else {}
    if issubclass(cls, d.Receipt):
        values = {"reference": draw(words(21)), "method_id": draw(maybe_id), "deposit_account_id": draw(maybe_id)}
    return cls(
        doc_number=draw(words(21)), txn_date=draw(maybe_day), customer_id=draw(ids),
        currency="EUR" if foreign else "USD", exchange_rate=draw(rates) if foreign else None,
        term_id="" if issubclass(cls, d.Receipt) else draw(maybe_id), lines=tuple(lines),
        tax_code_id=draw(maybe_id) if tax_mode.startswith("us") else "", total_tax=tax, total=net + tax,
        global_tax=draw(st.sampled_from(["TaxExcluded", "TaxInclusive"])) if tax_mode == "global" else "",
        apply_tax_after_discount=draw(booleans) if tax_mode.startswith("us") else False,
        private_note=draw(notes(4000)), customer_memo=draw(notes(1000)), bill_email=draw(words(100)),
        bill_address=draw(addresses), ship_address=draw(addresses), **values,
    )


@st.composite
def payments(draw: st.DrawFn) -> d.Payment:
    """A payment whose lines do not exceed its money and its credits."""
    invoices = draw(st.lists(st.builds(d.PaymentLine, amount=positive, txn_id=ids), max_size=5))
    lines = d.payment_lines(invoices)
    total = sum((line.amount for line in lines), ZERO)
    credits = []
    room = total
    for qbo_id in draw(st.lists(ids, max_size=3, unique=True)):
        amount = Decimal(draw(st.integers(0, int(room * 100)))) / 100
        credits.append(d.PaymentLine(amount, qbo_id, draw(st.sampled_from(["CreditMemo", "Deposit"]))))
        room -= amount
    unapplied = draw(small_money)
    foreign = draw(booleans)
    return d.Payment(
        customer_id=draw(ids), txn_date=draw(maybe_day), total=room + unapplied, currency="EUR" if foreign else "USD",
        exchange_rate=draw(rates) if foreign else None, reference=draw(words(21)), method_id=draw(maybe_id),
        deposit_account_id=draw(maybe_id), private_note=draw(notes(4000)),
        lines=d.payment_lines([*lines, *credits]), unapplied=unapplied,
    )


def entries(cls: type[d.Entry]) -> st.SearchStrategy:
    line = st.builds(d.EntryLine, amount=amounts, account_id=st.sampled_from(["", "4", "84"]),
                     customer_id=st.sampled_from(["", "1", "2"]), description=st.sampled_from(["", "Returned"]))
    return st.builds(
        cls, doc_number=st.sampled_from(["", "A-7"]), txn_date=st.dates(),
        private_note=st.sampled_from(["", "Bounced"]), lines=st.lists(line, max_size=4).map(tuple), total=amounts,
        voided=st.booleans(), home_adjustment=st.booleans(), link_type=st.sampled_from(["", "Expense"]))


#: Documents that are only read.
READ_ONLY = {"JournalEntry", "Deposit", "Purchase"}
STRATEGIES: dict[str, st.SearchStrategy] = {
    "Customer": customers, "Item": items, "Account": accounts, "TaxCode": tax_codes, "TaxRate": tax_rates,
    "Term": terms, "PaymentMethod": payment_methods, "Invoice": sales(d.Invoice), "CreditMemo": sales(d.CreditMemo),
    "SalesReceipt": sales(d.SalesReceipt), "RefundReceipt": sales(d.RefundReceipt),
    "Payment": payments(), "JournalEntry": entries(d.JournalEntry), "Deposit": entries(d.Deposit),
    "Purchase": entries(d.Purchase), "CompanyInfo": company_infos, "Preferences": preferences,
    "Class": dimensions(d.Class), "Department": dimensions(d.Department),
    "CustomerType": dimensions(d.CustomerType), "CompanyCurrency": currencies,
}


# -- the server --


def answer(payload: dict, document: d.Document, home: str = "USD") -> dict:
    """Add to a create payload what QuickBooks adds: ids, times, names of references, subtotals, figures."""
    result = copy.deepcopy(payload)
    result.update({"domain": "QBO", "sparse": False, "Id": "71", "SyncToken": "0", "SomethingNew": {"Unknown": [1]}})
    result["MetaData"] = {"CreateTime": "2026-01-05T10:00:00-08:00", "LastUpdatedTime": "2026-01-05T10:00:00-08:00"}
    if hasattr(document, "currency"):
        result.setdefault("CurrencyRef", {"value": home, "name": "its name"})
    if isinstance(document, d.SalesDocument):
        figures(result, document)
    if isinstance(document, (d.Customer, d.Item, d.Account)) and document.active is False:
        key = "DisplayName" if isinstance(document, d.Customer) else "Name"
        result[key] += " (deleted)"
    return result


def figures(result: dict, document: d.SalesDocument) -> None:
    """Number the lines, append the subtotal and compute the totals as the service does."""
    number = 0
    subtotal = discount = ZERO
    result["Line"] = [line for line in result["Line"] if line["DetailType"] != "SubTotalLineDetail"]
    for line in result["Line"]:
        detail = line["DetailType"]
        amount = Decimal(str(line.get("Amount", 0)))
        if detail != "DiscountLineDetail":
            number += 1
            line.setdefault("Id", str(number))
            line["LineNum"] = number
            subtotal += amount
        else:
            discount += amount
    result["Line"].append({"Amount": float(subtotal), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}})
    result.setdefault("TxnTaxDetail", {}).setdefault("TotalTax", float(document.total_tax))
    tax = Decimal(str(result["TxnTaxDetail"]["TotalTax"]))
    result["TotalAmt"] = result["Balance"] = float(subtotal - discount + tax)


def updated(base: dict, payload: dict, document: d.Document, deep: bool) -> dict:
    """Apply an update to the object ``base``.

    A full update replaces what it names and clears the rest that is writable; a sparse one keeps the rest, and replaces
    (or, with ``deep``, merges) the objects that it names: both readings of the reference must give the same document.
    """
    kept = copy.deepcopy(base)
    if not payload["sparse"]:
        kept = {key: kept[key] for key in ("domain", "Id", "MetaData", "CurrencyRef") if key in kept}
    _merge(kept, copy.deepcopy(payload), deep)
    if isinstance(document, d.SalesDocument):
        if "Line" in payload and "TxnTaxDetail" not in payload:
            kept["TxnTaxDetail"] = {"TotalTax": float(document.total_tax)}
        figures(kept, document)
    return kept


def _merge(target: dict, source: dict, deep: bool) -> None:
    for key, value in source.items():
        if deep and isinstance(value, dict) and isinstance(target.get(key), dict):
            _merge(target[key], value, deep)
        else:
            target[key] = value
