"""A person in a real browser: customer, invoice, payment, void, ageing; and what a refusal leaves on the page."""

import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="module")
def browser():
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if path is None:
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as driver:
        shown = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield shown
        shown.close()


@pytest.fixture
def tab(browser, empty):
    """A page of the empty company; every message of its console is an error of the test."""
    context = browser.new_context(base_url=f"{empty.url}/app/{empty.realm}/", viewport={"width": 1366, "height": 768})
    shown, said = context.new_page(), []
    shown.set_default_timeout(5000)
    shown.on("console", lambda message: said.append(message.text))
    shown.on("pageerror", lambda error: said.append(str(error)))
    yield shown
    context.close()
    assert said == []


def press(tab, target):
    """Press a button or link and wait for the page that it leads to."""
    with tab.expect_navigation():
        tab.click(target)


def figure(tab, name):
    return tab.inner_text(f"#{name}")


def test_from_customer_to_ageing(tab, empty):
    tab.goto("customers")
    assert "There are no customers yet." in tab.inner_text("main")
    press(tab, "#new")
    tab.wait_for_selector("#DisplayName:focus")
    tab.keyboard.type("Ada & Söhne")
    tab.fill("#City", "Bayshore")
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    assert tab.inner_text("#saved") == "Saved." and tab.input_value("#DisplayName") == "Ada & Söhne"

    tab.goto("invoice/new")
    tab.select_option("#CustomerRef", label="Ada & Söhne")
    tab.fill("#TxnDate", "2026-01-02")
    tab.fill("#DueDate", "2026-01-03")
    for number, (quantity, price) in enumerate((("3", "20"), ("1", "1,000.00"))):
        tab.select_option(f"#item_{number}", index=1)
        tab.fill(f"[name=qty_{number}]", quantity)
        tab.fill(f"[name=price_{number}]", price)
    tab.check("[name=tax_0]")
    press(tab, "#save")
    assert [figure(tab, name) for name in ("tax", "total", "balance")] == ["4.80", "1,064.80", "1,064.80"]

    tab.fill("#amount", "64.80")
    tab.fill("#PaymentRefNum", "cheque 7")
    press(tab, "#receive")
    assert figure(tab, "balance") == "1,000.00"
    tab.goto("ageing")
    assert "Ada & Söhne" in tab.inner_text("#ageing") and "1000.00" in tab.inner_text("#ageing tbody tr:last-child")

    tab.goto("payments")
    press(tab, "#payments a")
    assert "64.80" in tab.inner_text("#lines")
    press(tab, "#void")
    assert "Voided" in tab.inner_text("main")
    tab.goto("invoices")
    press(tab, "#invoices a")
    assert figure(tab, "balance") == "1,064.80"
    press(tab, "#void")
    assert "Voided" in tab.inner_text("h1") and figure(tab, "balance") == "0.00"
    tab.goto("ageing")
    assert "Ada" not in tab.inner_text("main")
    assert empty.control("metrics")["internal_errors"] == 0


def test_nothing_typed_is_lost(tab, empty):
    who = empty.customer()["Id"]
    tab.goto("invoice/new")
    tab.select_option("#CustomerRef", who)
    tab.fill("#PrivateNote", 'a "note"')
    tab.select_option("#item_2", index=1)
    tab.fill("[name=text_2]", "<b>Work</b>")
    tab.fill("[name=qty_2]", "many")
    tab.check("[name=tax_2]")
    press(tab, "#save")
    assert "2110" in tab.inner_text("#error") and tab.get_attribute("#error", "role") == "alert"
    assert tab.input_value("#CustomerRef") == who and tab.input_value("#PrivateNote") == 'a "note"'
    assert tab.input_value("[name=text_2]") == "<b>Work</b>" and tab.input_value("[name=qty_2]") == "many"
    assert tab.is_checked("[name=tax_2]") and not tab.is_checked("[name=tax_0]")
    tab.fill("[name=qty_2]", "2")
    tab.fill("[name=price_2]", "5")
    press(tab, "#save")
    assert figure(tab, "total") == "10.80"


def test_width_of_a_phone(tab, empty):
    invoice = empty.invoice(empty.customer("Somebody With a Rather Long Name of a Company Ltd.")["Id"], 5)
    tab.set_viewport_size({"width": 390, "height": 844})
    for path in ("customers", "invoices", f"invoice/{invoice['Id']}", "customer/new", "ageing", "account/1", "bills"):
        tab.goto(path)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390, path
