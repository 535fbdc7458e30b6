"""What the documentation says and a program can check: links, fields, switches, targets, statuses."""

import re
import sys

from room import places

sys.path.append(str(places.ROOT))

PAGES = sorted([*places.ROOT.glob("*.md"), *(places.ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")


def text_of(name):
    return (places.ROOT / name).read_text()


def anchors(page):
    """The anchors of a page's headings, as code hosts make them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def broken_links(page):
    for target in LINK.findall(page.read_text()):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            yield f"{page.name}: {target}"


def test_every_link_leads_somewhere():
    assert len(PAGES) > 10
    assert [broken for page in PAGES for broken in broken_links(page)] == []


def test_a_link_that_leads_nowhere_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# One head\n[a](gone.md) [b](#one-head) [c](#another) [d](https://example.com)")
    assert list(broken_links(page)) == ["page.md: gone.md", "page.md: #another"]


def test_the_page_of_the_mapping_is_what_the_code_says():
    from pages import mapping_page

    assert mapping_page.PAGE.read_text() == mapping_page.page(), "docs/mapping.md is stale: run make docs"


def test_every_synced_field_is_in_the_table():
    from pages import handlers, payloads

    sections = dict(re.findall(r"^## (\w+)$(.*?)(?=^## |\Z)", text_of("docs/mapping.md"), re.M | re.S))
    fields = [(entity, field) for entity in handlers.handlers() for field in payloads.table(entity).values()]
    assert len(fields) > 50
    missing = [
        f"{entity}.{field.name} ({field.path})" for entity, field in fields
        if f"`{field.name}`" not in sections[entity] or field.path.split(".")[0] not in sections[entity]]
    assert missing == []


def test_columns_of_odoo_are_found_in_both_directions():
    """A trace that is lost leaves an empty column, which nobody notices in a page that is written anew."""
    rows = {}
    for entity, section in re.findall(r"^## (\w+)$(.*?)(?=^## |\Z)", text_of("docs/mapping.md"), re.M | re.S):
        for out, name, path, into in re.findall(
                r"^\| (.*?) \| `(\w+)` \| (.*?) \| (.*?) \|", section, re.M):
            rows.setdefault((entity, name), (out, path, into))
    known = {
        ("Customer", "notes"): ("`comment`", "`Notes`", "`comment`"),
        ("Item", "unit_price"): ("`lst_price`", "`UnitPrice`", "`lst_price`"),
        ("Invoice", "due_date"): ("`invoice_date_due`", "`DueDate`", "`invoice_date_due`"),
        ("Invoice", "exchange_rate"): ("`invoice_currency_rate`", "`ExchangeRate`", "`invoice_currency_rate`, "),
        ("Invoice", "service_date"): ("-", "`Line.SalesItemLineDetail.ServiceDate`", "-"),
        ("Payment", "method_id"): ("`payment_method_line_id`", "`PaymentMethodRef`", "`payment_method_line_id`"),
    }
    for key, (out, path, into) in known.items():
        assert rows[key][:2] == (out, path), key
        assert rows[key][2].startswith(into), key


def test_switches_of_the_simulator_are_explained_and_exist():
    from simulator.app import SWITCHES

    explained = text_of("docs/simulator.md")
    assert [name for name in SWITCHES if f"`{name}`" not in explained] == []
    used = re.findall(r"\bswitch `(\w+)`", text_of("docs/assumptions.md"))
    assert used
    assert set(used) <= set(SWITCHES)


def test_targets_that_are_named_exist():
    targets = set(re.findall(r"^(\w+):", text_of("Makefile"), re.M))
    named = {name for page in PAGES for name in re.findall(r"(?:`|^ +)make (\w+)", page.read_text(), re.M)}
    assert named
    assert named <= targets


def test_every_status_is_in_the_user_guide():
    statuses = re.search(r"^STATUSES = \[(.*?)^\]", text_of("models/const.py"), re.M | re.S)
    labels = re.findall(r'\("\w+", "([^"]+)"\)', statuses.group(1))
    assert len(labels) == 9
    guide = text_of("docs/user-guide.md")
    assert [label for label in labels if f"**{label}**" not in guide] == []


def test_every_explained_difference_is_in_the_handbook_of_the_simulator():
    reasons = re.findall(r'^reason = "(.+)"$', text_of("fidelity/explained.toml"), re.M)
    handbook = text_of("docs/simulator.md")
    assert len(reasons) > 10
    assert [reason for reason in reasons if reason not in handbook] == []
