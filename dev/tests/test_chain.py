"""The parts of the chain that need no server."""

from decimal import Decimal

from room import chain, consent

PAGE = """
<html><form method="post" action="/connect/oauth2"><input type="hidden" name="state" value="a&amp;b">
<input type="hidden" name="client_id" value="simulator">
<select name="realmId"><option value="934">Juniper</option><option value="935">Other</option></select>
<button name="action" value="connect">Connect</button></form></html>
"""


def test_the_consent_form_is_understood():
    form = consent.ConsentForm()
    form.feed(PAGE)
    assert form.action == "/connect/oauth2"
    assert form.values == {"state": "a&b", "client_id": "simulator"}
    assert form.companies == ["934", "935"]


def test_a_repeated_key_counts_once_for_each_time_too_many():
    assert chain.repeated(["a", "b", "a", "a"]) == 2
    assert chain.repeated([]) == 0


def test_grand_total_of_a_report():
    amounts = [{"value": "TOTAL"}, {"value": "5.00"}, {"value": "64591.72"}]
    row = {"group": "GrandTotal", "Summary": {"ColData": amounts}}
    assert chain.grand_total({"Rows": {"Row": [{"type": "Data"}, row]}}) == Decimal("64591.72")
    assert chain.grand_total({"Rows": {}}) == 0


def test_a_change_in_the_addon_asks_for_an_update(monkeypatch, tmp_path):
    monkeypatch.setattr(chain.places, "ROOT", tmp_path)
    monkeypatch.setattr(chain.odoo, "version", lambda: "19")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.py").write_text("a = 1\n")
    first = chain.addon_fingerprint()
    (tmp_path / "models" / "a.pyc").write_text("compiled")
    assert chain.addon_fingerprint() == first
    (tmp_path / "models" / "a.py").write_text("a = 2\n")
    assert chain.addon_fingerprint() != first
