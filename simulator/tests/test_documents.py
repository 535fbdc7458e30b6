"""Invoices and credit memos: lines, totals, taxes, discounts, numbers, dates, void and delete."""

from decimal import Decimal

import pytest


def test_minimal_invoice_gets_the_recorded_defaults(empty):
    who = empty.customer(BillAddr={"Line1": "4581 Finch St.", "City": "Bayshore"})
    made = empty.invoice(who["Id"], 100)
    assert made["Line"][0]["Id"] == "1" and made["Line"][0]["LineNum"] == 1
    assert made["Line"][0]["SalesItemLineDetail"]["ItemRef"] == {"value": "1", "name": "Services"}
    assert made["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "NON"}
    assert made["Line"][1] == {"Amount": 100, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
    assert made["DocNumber"] == "1001" and made["LinkedTxn"] == [] and made["TxnTaxDetail"] == {"TotalTax": 0}
    assert (made["TotalAmt"], made["Balance"], made["PrintStatus"], made["EmailStatus"]) == (
        100,
        100,
        "NeedToPrint",
        "NotSet",
    )
    assert made["BillAddr"]["City"] == "Bayshore" and made["CustomerRef"]["name"] == "Ada Lovelace"
    assert empty.invoice(who["Id"], 5, TxnDate="2026-01-31")["DueDate"] == "2026-03-02"


def test_money_on_the_wire_has_two_decimals_and_zero_is_bare(empty):
    text = empty.call(
        "POST", "invoice", {"CustomerRef": {"value": empty.customer()["Id"]}, "Line": [empty.line(100)]}
    ).text
    assert '"TotalAmt":100.00,' in text and '"TotalTax":0}' in text


def test_client_totals_are_ignored_and_amount_must_match(empty):
    who = empty.customer()["Id"]
    assert empty.invoice(who, 30, TotalAmt="173.7", Balance=5)["TotalAmt"] == 30
    assert (
        empty.error("POST", "invoice", {"CustomerRef": {"value": who}, "Line": [empty.line(30, Qty=2, UnitPrice=10)]})[
            0
        ]
        == "6070"
    )
    made = empty.create(
        "Invoice", {"CustomerRef": {"value": who}, "Line": [empty.line("3.33", Qty="1.5", UnitPrice="2.2222")]}
    )
    assert made["TotalAmt"] == Decimal("3.33")


def test_line_ids_grow_and_a_kept_id_stays(empty):
    made = empty.invoice(empty.customer()["Id"], 10, 20)
    lines = [{**made["Line"][1], "Amount": 25.0}, empty.line(7)]
    lines[0]["Amount"] = 25.0
    changed = empty.update(
        "Invoice", made, Line=[{k: float(v) if k == "Amount" else v for k, v in line.items()} for line in lines]
    )
    assert [line.get("Id") for line in changed["Line"]] == ["2", "3", None] and changed["TotalAmt"] == 32
    noted = empty.update("Invoice", changed, PrivateNote="hello")
    assert noted["Line"] == changed["Line"] and noted["TotalAmt"] == 32


def test_us_manual_tax_is_computed_once_for_the_document(empty):
    who = empty.customer()["Id"]
    made = empty.create(
        "Invoice",
        {
            "CustomerRef": {"value": who},
            "TxnTaxDetail": {"TxnTaxCodeRef": {"value": "2"}},
            "Line": [empty.line("10.01", "TAX"), empty.line("10.01", "TAX"), empty.line(50, "NON")],
        },
    )
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal("1.60") and made["TotalAmt"] == Decimal("71.62")
    line = made["TxnTaxDetail"]["TaxLine"][0]
    assert line["DetailType"] == "TaxLineDetail" and line["TaxLineDetail"]["NetAmountTaxable"] == Decimal("20.02")
    assert line["TaxLineDetail"]["TaxPercent"] == 8 and line["TaxLineDetail"]["PercentBased"] is True
    bad = {"CustomerRef": {"value": who}, "Line": [empty.line(1, "2")]}
    assert empty.error("POST", "invoice", bad)[0] == "6100"
    bad = {
        "CustomerRef": {"value": who},
        "Line": [empty.line(1, "TAX")],
        "TxnTaxDetail": {"TxnTaxCodeRef": {"value": "77"}},
    }
    assert empty.error("POST", "invoice", bad)[0] == "2500"


def test_pseudo_codes_are_in_the_list(empty):
    codes = {row["Id"]: row["Taxable"] for row in empty.rows("select * from TaxCode")}
    assert codes["TAX"] is True and codes["NON"] is False and "2" in codes
    assert empty.read("TaxCode", "NON")["Name"] == "NON"
    assert len(empty.rows("select * from TaxCode where Id = 'TAX'")) == 1


def test_us_manual_tax_follows_changed_lines_and_takes_a_consistent_override(empty):
    who = empty.customer()["Id"]
    made = empty.create(
        "Invoice",
        {
            "CustomerRef": {"value": who},
            "TxnTaxDetail": {"TxnTaxCodeRef": {"value": "2"}},
            "Line": [empty.line(100, "TAX")],
        },
    )
    changed = empty.update("Invoice", made, Line=[empty.line(200, "TAX")])
    assert changed["TxnTaxDetail"]["TotalTax"] == 16 and changed["TotalAmt"] == 216
    line = {
        "Amount": 15.99,
        "DetailType": "TaxLineDetail",
        "TaxLineDetail": {
            "TaxRateRef": {"value": "1"},
            "PercentBased": True,
            "TaxPercent": 8,
            "NetAmountTaxable": 200.0,
        },
    }
    forced = empty.update(
        "Invoice", changed, TxnTaxDetail={"TxnTaxCodeRef": {"value": "2"}, "TotalTax": 15.99, "TaxLine": [line]}
    )
    assert forced["TotalAmt"] == Decimal("215.99")


def test_automated_tax_goes_by_address_and_overrides_the_code(client):
    client.start(empty=True, features={"tax": "automated"})
    address = {"Line1": "1 Main St", "City": "Menlo Park", "CountrySubDivisionCode": "CA", "PostalCode": "94025"}
    here = client.customer("Here", BillAddr=address, ShipAddr=address)["Id"]
    body = {"Line": [client.line(100, "TAX")], "TxnTaxDetail": {"TxnTaxCodeRef": {"value": "999"}}}
    made = client.create("Invoice", {**body, "CustomerRef": {"value": here}})
    assert (
        made["TxnTaxDetail"]["TotalTax"] == Decimal("7.25") and made["TxnTaxDetail"]["TxnTaxCodeRef"]["value"] != "999"
    )
    nowhere = client.customer("Nowhere")["Id"]
    assert client.create("Invoice", {**body, "CustomerRef": {"value": nowhere}})["TxnTaxDetail"]["TotalTax"] == 0
    forced = client.create("Invoice", {**body, "CustomerRef": {"value": here}, "TxnTaxDetail": {"TotalTax": 7.5}})
    assert forced["TotalAmt"] == Decimal("107.50")


def test_global_tax_codes_on_lines(client):
    client.start(empty=True, features={"tax": "global"})
    assert client.read("CompanyInfo", "1")["Country"] == "GB"
    who = client.customer()["Id"]
    made = client.create(
        "Invoice",
        {
            "CustomerRef": {"value": who},
            "GlobalTaxCalculation": "TaxExcluded",
            "Line": [client.line(100, "2"), client.line(50, "3"), client.line(10, "2")],
        },
    )
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal("24.50") and made["TotalAmt"] == Decimal("184.50")
    assert len(made["TxnTaxDetail"]["TaxLine"]) == 2 and made["CurrencyRef"]["value"] == "GBP"
    bad = {"CustomerRef": {"value": who}, "Line": [client.line(100, "99")]}
    assert client.error("POST", "invoice", bad)[0] == "2500"


def test_no_sales_tax(client):
    client.start(empty=True, features={"tax": "none"})
    made = client.create(
        "Invoice",
        {
            "CustomerRef": {"value": client.customer()["Id"]},
            "Line": [client.line(100, "TAX")],
            "TxnTaxDetail": {"TotalTax": 8},
        },
    )
    assert made["TotalAmt"] == 100


@pytest.mark.parametrize(("after", "tax"), [(True, "7.20"), (False, "8.00")])
def test_percent_discount_and_tax(empty, after, tax):
    discount = {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10}}
    made = empty.create(
        "Invoice",
        {
            "CustomerRef": {"value": empty.customer()["Id"]},
            "Line": [empty.line(100, "TAX"), discount],
            "ApplyTaxAfterDiscount": after,
            "TxnTaxDetail": {"TxnTaxCodeRef": {"value": "2"}},
        },
    )
    assert [line["DetailType"] for line in made["Line"]] == [
        "SalesItemLineDetail",
        "SubTotalLineDetail",
        "DiscountLineDetail",
    ]
    assert "Id" not in made["Line"][2] and made["Line"][2]["Amount"] == 10
    assert made["Line"][2]["DiscountLineDetail"]["DiscountAccountRef"]["name"] == "Discounts given"
    assert made["TotalAmt"] == 90 + Decimal(tax)


def test_amount_discount_description_line_and_default_item(empty):
    who = empty.customer()["Id"]
    lines = [
        {"Amount": 50, "DetailType": "SalesItemLineDetail", "Description": "no item"},
        {"DetailType": "DescriptionOnly", "Description": "Just words", "DescriptionLineDetail": {}},
        {"Amount": 5, "DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": False}},
    ]
    made = empty.create("Invoice", {"CustomerRef": {"value": who}, "Line": lines})
    assert made["TotalAmt"] == 45 and made["Line"][0]["SalesItemLineDetail"]["ItemRef"]["value"] == "1"
    assert made["Line"][1]["DetailType"] == "DescriptionOnly" and made["Line"][1]["LineNum"] == 2
    assert empty.error("POST", "invoice", {"CustomerRef": {"value": who}, "Line": lines[2:]})[0] == "2020"
    assert empty.error("POST", "invoice", {"CustomerRef": {"value": who}, "Line": [empty.line(-5)]})[0] == "6000"


def test_due_date_from_terms(empty):
    term = empty.create("Term", {"Name": "On the tenth", "DayOfMonthDue": 10, "DueNextMonthDays": 5})
    assert term["Type"] == "DATE_DRIVEN"
    who = empty.customer(SalesTermRef={"value": "2"})["Id"]
    assert empty.invoice(who, 1, TxnDate="2026-03-01")["DueDate"] == "2026-03-16"
    tenth = {"SalesTermRef": {"value": term["Id"]}}
    assert empty.invoice(who, 1, TxnDate="2026-03-01", **tenth)["DueDate"] == "2026-03-10"
    assert empty.invoice(who, 1, TxnDate="2026-12-07", **tenth)["DueDate"] == "2027-01-10"
    assert empty.invoice(who, 1, TxnDate="2026-12-07", DueDate="2026-12-08", **tenth)["DueDate"] == "2026-12-08"


def test_numbers_by_the_service_and_by_the_caller(client):
    client.start(empty=True)
    who = client.customer()["Id"]
    assert client.invoice(who, 1, DocNumber="A-1")["DocNumber"] == client.invoice(who, 1, DocNumber="A-1")["DocNumber"]
    client.start(empty=True, features={"custom_txn_numbers": True})
    who = client.customer()["Id"]
    first = client.invoice(who, 1, DocNumber="A-1")
    code, detail = client.error(
        "POST", "invoice", {"CustomerRef": {"value": who}, "DocNumber": "A-1", "Line": [client.line(1)]}
    )
    assert code == "6140" and detail.endswith(f"DocNumber=A-1 is assigned to TxnType=Invoice with TxnId={first['Id']}")
    assert "DocNumber" not in client.invoice(who, 1)
    assert client.invoice(who, 1, DocNumber="AUTO_GENERATE")["DocNumber"].isdigit()
    body = {"CustomerRef": {"value": who}, "DocNumber": "A-1", "Line": [client.line(1)]}
    assert client.create("Invoice", body, include="allowduplicatedocnum")["DocNumber"] == "A-1"


def test_void_keeps_number_lines_and_quantities(empty):
    made = empty.create(
        "Invoice",
        {
            "CustomerRef": {"value": empty.customer()["Id"]},
            "PrivateNote": "mine",
            "Line": [empty.line(30, Qty=3, UnitPrice=10)],
        },
    )
    gone = empty.ok("POST", "invoice", {"Id": made["Id"], "SyncToken": "0"}, operation="void")["Invoice"]
    assert (gone["TotalAmt"], gone["Balance"], gone["SyncToken"], gone["DocNumber"]) == (0, 0, "1", made["DocNumber"])
    assert gone["PrivateNote"] == "Voided - mine" and all(line["Amount"] == 0 for line in gone["Line"])
    assert gone["Line"][0]["SalesItemLineDetail"]["Qty"] == 3 and empty.total("TrialBalance") == 0
    assert empty.error("POST", "creditmemo", {"Id": "1", "SyncToken": "0"}, operation="void")[0] == "500"


def test_delete_leaves_a_stub(empty):
    made = empty.invoice(empty.customer()["Id"], 30)
    stale = {"Id": made["Id"], "SyncToken": "7"}
    assert empty.error("POST", "invoice", stale, operation="delete")[0] == "5010"
    stub = empty.ok("POST", "invoice", {"Id": made["Id"], "SyncToken": "0"}, operation="delete")["Invoice"]
    assert stub == {"domain": "QBO", "status": "Deleted", "Id": made["Id"]}
    assert empty.error("GET", f"invoice/{made['Id']}")[0] == "610"
    code, detail = empty.error("POST", "invoice", {"Id": made["Id"], "SyncToken": "0"}, operation="delete")
    assert (code, detail) == ("610", "Object Not Found : Another user has deleted this transaction.")


def test_closed_period(client):
    client.start(empty=True, features={"closing_date": "2026-06-30"})
    who = client.customer()["Id"]
    body = {"CustomerRef": {"value": who}, "TxnDate": "2026-06-30", "Line": [client.line(1)]}
    assert client.error("POST", "invoice", body)[0] == "6210"
    made = client.invoice(who, 1, TxnDate="2026-07-01")
    sent = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "TxnDate": "2026-06-01"}
    assert client.error("POST", "invoice", sent)[0] == "6210"


def test_foreign_currency_needs_the_switch_and_the_customers_currency(client):
    client.start(empty=True, features={"multicurrency": True, "rates": {"EUR": "1.25"}})
    who = client.customer(CurrencyRef={"value": "EUR"})
    assert client.update("Customer", who, CurrencyRef={"value": "USD"})["CurrencyRef"]["value"] == "EUR"
    made = client.invoice(who["Id"], 100, CurrencyRef={"value": "EUR"}, ExchangeRate=1.1)
    assert (made["ExchangeRate"], made["HomeTotalAmt"], made["TotalAmt"]) == (Decimal("1.1"), 110, 100)
    assert client.invoice(who["Id"], 100)["ExchangeRate"] == Decimal("1.25")
    bad = {"CustomerRef": {"value": who["Id"]}, "CurrencyRef": {"value": "USD"}, "Line": [client.line(1)]}
    assert client.error("POST", "invoice", bad)[0] == "6000"
    assert client.total("AgedReceivables") == 235 and client.read("Customer", who["Id"])["Balance"] == 200
    names = {row["Name"] for row in client.rows("select Name from Account where AccountType = 'Accounts Receivable'")}
    assert "Accounts Receivable (A/R) - EUR" in names


def test_realised_gain_keeps_the_books_balanced(client):
    client.start(empty=True, features={"multicurrency": True})
    who = client.customer(CurrencyRef={"value": "EUR"})["Id"]
    made = client.invoice(who, 100, ExchangeRate=1.1)
    client.pay(who, 40, ("Invoice", made["Id"], 40), ExchangeRate=1.3)
    assert client.total("AgedReceivables") == 66
    client.pay(who, 60, ("Invoice", made["Id"], 60), ExchangeRate=1.0)
    assert client.total("AgedReceivables") == 0
    assert client.total("TrialBalance", 1) == client.total("TrialBalance", 2) == 112


def test_send_and_pdf(empty):
    made = empty.invoice(empty.customer()["Id"], 30)
    assert empty.error("POST", f"invoice/{made['Id']}/send")[0] == "6420"
    sent = empty.ok("POST", f"invoice/{made['Id']}/send", sendTo="a@b.example")["Invoice"]
    assert sent["EmailStatus"] == "EmailSent" and sent["DeliveryInfo"]["DeliveryType"] == "Email"
    pdf = empty.call("GET", f"invoice/{made['Id']}/pdf")
    assert pdf.headers["Content-Type"] == "application/pdf" and pdf.content.startswith(b"%PDF-1.4")
    need = {"CustomerRef": made["CustomerRef"], "Line": [empty.line(1)], "EmailStatus": "NeedToSend"}
    assert empty.error("POST", "invoice", need)[0] == "6420"


def test_receipts_and_entries(empty):
    who = empty.customer()["Id"]
    sale = empty.create("SalesReceipt", {"CustomerRef": {"value": who}, "Line": [empty.line(30)]})
    assert sale["Balance"] == 0 and sale["DepositToAccountRef"]["name"] == "Undeposited Funds"
    refund = empty.create(
        "RefundReceipt",
        {"CustomerRef": {"value": who}, "Line": [empty.line(10)], "DepositToAccountRef": {"value": "1"}},
    )
    assert refund["TotalAmt"] == 10
    detail = {"PostingType": "Credit", "AccountRef": {"value": "3"}}
    other = {
        "Amount": 5,
        "DetailType": "JournalEntryLineDetail",
        "JournalEntryLineDetail": {"PostingType": "Debit", "AccountRef": {"value": "22"}},
    }
    body = {"Line": [{"Amount": 5, "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": detail}, other]}
    assert empty.error("POST", "journalentry", body)[1].endswith("you must choose a customer in the Name field.")
    detail["Entity"] = {"Type": "Customer", "EntityRef": {"value": who}}
    entry = empty.create("JournalEntry", body)
    assert entry["TotalAmt"] == 0 and empty.read("Customer", who)["Balance"] == -5
    other["Amount"] = 6
    assert empty.error("POST", "journalentry", body)[0] == "2300"
    made = empty.invoice(who, 20)
    empty.pay(who, 0, ("Invoice", made["Id"], 5), ("JournalEntry", entry["Id"], 5))
    assert empty.read("Invoice", made["Id"])["Balance"] == 15 and empty.total("AgedReceivables") == 15


@pytest.mark.parametrize("line", [
    {"DetailType": "SubTotalLineDetail", "SubTotalLineDetail": [{}]},
    {"DetailType": "DescriptionOnly", "DescriptionOnly": "x"},
    {"DetailType": "Id", "Id": "4"}, {"DetailType": "LineEx", "LineEx": [1]}, {"DetailType": "GroupLineDetail"},
    {"DetailType": "GroupLineDetail", "GroupLineDetail": {"Line": [{"Amount": 3}]}},
    {"DetailType": "GroupLineDetail", "GroupLineDetail": {"Line": [{"Amount": 3, "DetailType": "DiscountLineDetail"}]}},
])  # fmt: skip
def test_odd_lines_are_ignored_or_refused(empty, line):
    who = empty.customer()["Id"]
    answer = empty.call("POST", "invoice", {"CustomerRef": {"value": who}, "Line": [empty.line(5), line]})
    assert answer.status_code == 200 or answer.json()["Fault"]["Error"][0]["code"] in ("2020", "2170")
