"""Names, uniqueness, inactive rows, required fields, unknown properties, tokens."""

import pytest


def test_minimal_customer_gets_the_recorded_defaults(empty):
    made = empty.customer("Doe5, Jane")
    stamp = made.pop("MetaData")
    assert stamp["CreateTime"] == stamp["LastUpdatedTime"] and stamp["CreateTime"][-6:] in ("-07:00", "-08:00")
    assert made == {
        "Taxable": True,
        "Job": False,
        "BillWithParent": False,
        "Balance": 0,
        "BalanceWithJobs": 0,
        "CurrencyRef": {"value": "USD", "name": "United States Dollar"},
        "PreferredDeliveryMethod": "Print",
        "domain": "QBO",
        "sparse": False,
        "Id": made["Id"],
        "SyncToken": "0",
        "FullyQualifiedName": "Doe5, Jane",
        "DisplayName": "Doe5, Jane",
        "PrintOnCheckName": "Doe5, Jane",
        "Active": True,
        "DefaultTaxCodeRef": {"value": "2"},
    }


def test_names_are_unique_over_customers_vendors_and_employees(empty):
    vendor = empty.create("Vendor", {"DisplayName": "Acme"})
    for name in ("Acme", "ACME"):
        code, detail = empty.error("POST", "customer", {"DisplayName": name})
        assert (code, detail) == ("6240", f"The name supplied already exists. : Id={vendor['Id']}")
    assert empty.error("POST", "employee", {"GivenName": "Acme"})[0] == "6240"
    assert empty.create("Item", {"Name": "Acme", "Type": "Service", "IncomeAccountRef": {"value": "15"}})["Id"]


def test_display_name_is_built_from_parts_and_needed(empty):
    assert empty.create("Customer", {"GivenName": "Jo", "FamilyName": "Ek"})["DisplayName"] == "Jo Ek"
    assert empty.error("POST", "customer", {"CompanyName": ""})[0] == "6080"
    assert empty.error("POST", "customer", {"DisplayName": "a:b"})[0] == "6000"
    assert empty.error("POST", "customer", {"DisplayName": "x" * 101})[0] == "2050"


def test_unknown_property_is_refused_with_the_recorded_text(empty):
    code, detail = empty.error("POST", "invoice", {"BadJson": True})
    assert code == "2010"
    assert detail.startswith(
        'Property Name:Unrecognized field "BadJson" (class com.intuit.schema.finance.v3.Invoice), not '
        "marked as ignorable ("
    )
    assert detail.endswith("[truncated]])\n specified is unsupported or invalid")
    bad = {"DisplayName": "x", "BillAddr": {"Strasse": "y"}}
    assert "class com.intuit.schema.finance.v3.PhysicalAddress" in empty.error("POST", "customer", bad)[1]


def test_missing_fields_give_one_error_each(empty):
    answer = empty.call("POST", "invoice", {"DocNumber": "1"})
    errors = answer.json()["Fault"]["Error"]
    assert {error["element"] for error in errors} == {"CustomerRef", "Line"} and {
        error["code"] for error in errors
    } == {"2020"}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("PrimaryEmailAddr", {"Address": "no at sign"}, "2140"),
        ("Taxable", "maybe", "2010"),
        ("BillAddr", "text", "2010"),
        ("SalesTermRef", {"value": "99"}, "2500"),
        ("ParentRef", {"value": "999"}, "2500"),
        ("CurrencyRef", {"value": "EUR"}, "6000"),
    ],
)
def test_bad_values(empty, field, value, code):
    assert empty.error("POST", "customer", {"DisplayName": "x", field: value})[0] == code


def test_empty_strings_count_as_absent(empty):
    made = empty.create(
        "Customer", {"DisplayName": "A", "Notes": "", "PrimaryPhone": {"FreeFormNumber": ""}, "Suffix": None}
    )
    assert "Notes" not in made and "PrimaryPhone" not in made


def test_sparse_update_keeps_and_full_update_clears(empty):
    made = empty.customer(Notes="hello", PrimaryPhone={"FreeFormNumber": "1"})
    sparse = empty.update("Customer", made, Mobile={"FreeFormNumber": "2"})
    assert sparse["Notes"] == "hello" and sparse["SyncToken"] == "1"
    full = empty.ok("POST", "customer", {"Id": made["Id"], "SyncToken": "1", "DisplayName": "New"})["Customer"]
    assert (
        "Notes" not in full and "Mobile" not in full and full["Taxable"] is True and full["PrintOnCheckName"] == "New"
    )


def test_stale_token_and_update_without_change(empty):
    made = empty.customer()
    same = empty.update("Customer", made, DisplayName=made["DisplayName"])
    assert same == made
    empty.update("Customer", made, Notes="x")
    code, detail = empty.error("POST", "customer", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Notes": "y"})
    assert code == "5010" and detail.startswith("Stale Object Error : You and ")
    assert empty.error("POST", "customer", {"Id": "999", "SyncToken": "0"})[0] == "610"
    assert empty.error("GET", "customer/1.5")[0] == "2030"
    assert "time" not in empty.call("GET", "customer/1.5").json()


def test_inactive_rows_get_a_suffix_free_the_name_and_come_back(empty):
    made = empty.customer("Zed")
    off = empty.update("Customer", made, Active=False)
    assert off["DisplayName"] == off["FullyQualifiedName"] == "Zed (deleted)" and off["PrintOnCheckName"] == "Zed"
    assert empty.update("Customer", off, Active=False, DisplayName="Zed (deleted)") == off
    second = empty.customer("Zed")
    assert empty.update("Customer", second, Active=False)["DisplayName"] == "Zed (deleted-1)"
    back = empty.update("Customer", off, Active=True)
    assert back["DisplayName"] == "Zed" and back["Active"] is True


def test_customer_with_balance_cannot_be_made_inactive_and_inactive_ones_cannot_be_used(empty):
    made = empty.customer()
    empty.invoice(made["Id"], 10)
    assert (
        empty.error("POST", "customer", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Active": False})[0]
        == "6220"
    )
    idle = empty.customer("Idle")
    empty.update("Customer", idle, Active=False)
    code, detail = empty.error("POST", "invoice", {"CustomerRef": {"value": idle["Id"]}, "Line": [empty.line(1)]})
    assert code == "610" and "made inactive" in detail


def test_a_person_can_make_a_customer_with_a_balance_inactive(empty):
    made = empty.customer()
    empty.invoice(made["Id"], 10)
    off = empty.ui("deactivate", entity="Customer", id=made["Id"])
    assert off["Active"] is False and empty.read("Customer", made["Id"])["Balance"] == 0
    assert empty.total("AgedReceivables") == 0


def test_sub_customers(empty):
    top = empty.customer("Top")
    job = empty.customer("Job A", ParentRef={"value": top["Id"]})
    assert job["Job"] is True and job["FullyQualifiedName"] == "Top:Job A" and job["Level"] == 1
    assert job["ParentRef"] == {"value": top["Id"]}
    empty.invoice(job["Id"], 70)
    again = empty.read("Customer", top["Id"])
    assert (again["Balance"], again["BalanceWithJobs"]) == (0, 70) and again["SyncToken"] == "0"
    renamed = empty.update("Customer", again, DisplayName="Peak")
    assert renamed["FullyQualifiedName"] == "Peak"
    assert empty.read("Customer", job["Id"])["FullyQualifiedName"] == "Peak:Job A"
    assert (
        empty.error(
            "POST",
            "customer",
            {"Id": top["Id"], "SyncToken": renamed["SyncToken"], "sparse": True, "ParentRef": {"value": job["Id"]}},
        )[0]
        == "6000"
    )
    last = job
    for level in range(2, 6):
        last = empty.customer(f"Level {level}", ParentRef={"value": last["Id"]})
    assert empty.error("POST", "customer", {"DisplayName": "Too deep", "ParentRef": {"value": last["Id"]}})[0] == "6180"


def test_lists_cannot_be_deleted_and_read_only_lists_cannot_be_written(empty):
    made = empty.customer()
    assert empty.error("POST", "customer", {"Id": made["Id"], "SyncToken": "0"}, operation="delete")[0] == "500"
    assert empty.error("POST", "taxcode", {"Name": "x"})[0] == "500"
    assert empty.error("POST", "nonsense", {})[0] == "500" and empty.error("GET", "customer/1/5")[0] == "500"


def test_items_and_accounts(empty):
    assert empty.error("POST", "item", {"Name": "A"})[0] == "2020"
    assert empty.error("POST", "item", {"Name": "A", "Type": "Service"})[1].startswith(
        "Required parameter IncomeAccountRef"
    )
    item = empty.create(
        "Item", {"Name": "A", "Type": "NonInventory", "IncomeAccountRef": {"value": "16"}, "UnitPrice": "12.345"}
    )
    assert item["IncomeAccountRef"]["name"] == "Sales of Product Income" and str(item["UnitPrice"]) == "12.345"
    stock = {
        "Name": "B",
        "Type": "Inventory",
        "IncomeAccountRef": {"value": "16"},
        "ExpenseAccountRef": {"value": "21"},
        "AssetAccountRef": {"value": "5"},
        "QtyOnHand": 3,
    }
    assert empty.error("POST", "item", stock)[0] == "2020"
    assert empty.create("Item", {**stock, "InvStartDate": "2026-01-01 14:37:11 UTC"})["InvStartDate"] == "2026-01-01"
    account = empty.create("Account", {"Name": "Tips", "AccountSubType": "OtherMiscellaneousIncome"})
    assert (account["AccountType"], account["Classification"], account["CurrentBalance"]) == (
        "Other Income",
        "Revenue",
        0,
    )
    assert empty.error("POST", "account", {"Name": "Odd", "AccountType": "Wealth"})[0] == "2170"
    assert empty.error("POST", "account", {"Id": "3", "SyncToken": "0", "sparse": True, "Active": False})[0] == "6000"


def test_preferences_and_company_info(empty):
    prefs = empty.read("Preferences", "1")
    assert prefs["SalesFormsPrefs"]["CustomTxnNumbers"] is False
    changed = empty.update("Preferences", prefs, SalesFormsPrefs={"CustomTxnNumbers": True})
    assert (
        changed["SalesFormsPrefs"]["CustomTxnNumbers"] is True and changed["SalesFormsPrefs"]["AllowDiscount"] is True
    )
    info = empty.ok("GET", f"companyinfo/{empty.realm}")["CompanyInfo"]
    assert info["Id"] == "1" and info["Country"] == "US"
    assert empty.query("select * from CompanyInfo")["CompanyInfo"][0]["CompanyName"] == info["CompanyName"]


def test_merge_by_a_person(empty):
    keep, lose = empty.customer("Keep"), empty.customer("Lose")
    made = empty.invoice(lose["Id"], 40)
    empty.ui("merge", entity="Customer", id=lose["Id"], into=keep["Id"])
    assert empty.error("GET", f"customer/{lose['Id']}")[0] == "610"
    assert empty.read("Invoice", made["Id"])["CustomerRef"]["value"] == keep["Id"]
    assert empty.read("Customer", keep["Id"])["Balance"] == 40
