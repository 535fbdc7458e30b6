"""References that follow a merge, in neutral forms."""

import pytest

from qbo import as_json, decide, documents, merges
from qbo.documents import Customer, Invoice, Item, Line, Payment, PaymentLine


def test_every_reference_to_the_old_entry_becomes_one_to_the_new() -> None:
    invoice = Invoice(customer_id="7", term_id="7", lines=(Line(item_id="7", class_id="7"), Line(item_id="8")))
    base = decide.dump_base(decide.Base(invoice, invoice))
    for entity, expected in (
        ("Customer", Invoice(customer_id="9", term_id="7", lines=invoice.lines)),
        ("Item", Invoice(customer_id="7", term_id="7", lines=(Line(item_id="9", class_id="7"), Line(item_id="8")))),
        ("Term", Invoice(customer_id="7", term_id="9", lines=invoice.lines)),
        ("Class", Invoice(customer_id="7", term_id="7", lines=(Line(item_id="7", class_id="9"), Line(item_id="8")))),
        ("Vendor", invoice),
    ):
        found = decide.load_base("Invoice", merges.renamed(base, "Invoice", entity, "7", "9"))
        assert found == decide.Base(expected, expected), entity


def test_a_parent_is_of_the_same_list_and_a_settled_document_is_no_entry() -> None:
    child = as_json.dump(Customer(display_name="7", parent_id="7"))
    assert as_json.load("Customer", merges.renamed(child, "Customer", "Customer", "7", "9")) == Customer(
        display_name="7", parent_id="9")
    assert merges.renamed(child, "Customer", "Item", "7", "9") == child
    paid = as_json.dump(Payment(customer_id="1", lines=(PaymentLine(txn_id="7"),)))
    assert merges.renamed(paid, "Payment", "Customer", "7", "9") == paid


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (Invoice(customer_id="1"), Invoice(customer_id="2"), [("Customer", "1", "2")]),
        (Invoice(customer_id="1"), Invoice(customer_id="1"), []),
        (Invoice(), Invoice(customer_id="2"), []),
        (Customer(parent_id="1"), Customer(parent_id="2"), [("Customer", "1", "2")]),
        (Item(parent_id="1", income_account_id="4"), Item(parent_id="1", income_account_id="5"), [
            ("Account", "4", "5")]),
        (Invoice(lines=(Line(item_id="1", line_id="10"), Line(item_id="2", line_id="11"))),
         Invoice(lines=(Line(item_id="2", line_id="11"), Line(item_id="3", line_id="10"))), [("Item", "1", "3")]),
        (Invoice(lines=(Line(item_id="1"),)), Invoice(lines=(Line(item_id="3"),)), []),
        (Payment(deposit_account_id="1", method_id="2"), Payment(deposit_account_id="3", method_id="4"), [
            ("PaymentMethod", "2", "4"), ("Account", "1", "3")]),
    ],
)
def test_what_names_another_entry_in_the_same_place(
    before: documents.Document, after: documents.Document, expected: list[tuple[str, str, str]],
) -> None:
    assert list(merges.moved(before, after)) == expected
