"""A person in the browser, on both sides, from the first connection to a mended problem."""

from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from ..models.qbo_backend_sync import QboBackend
from .browser import with_person
from .common import QboHttpCommon
from .currencies import CurrencyCase

PHONE = "(650) 555-0100"


@tagged("post_install", "-at_install")
class TestTours(QboHttpCommon):
    """The worker begins as soon as it is woken, in the turn of the click: no scheduled action runs while tests do."""

    browser_size = "1366,768"
    connected = False
    # 40 customers with sub-customers and 25 items, no documents yet.
    sim_wish = {"size": 0, "features": {"custom_txn_numbers": True}}

    def setUp(self):
        super().setUp()
        self.su["ir.config_parameter"].set_param("web.base.url", self.base_url())
        self.backend.write(
            {
                "redirect_uri": f"{self.base_url()}/qbo_sync/oauth/callback",
                "payment_journal_id": self.company_data["default_journal_bank"].id,
            }
        )
        self.company.sudo().name = "Brook and Stone"
        self.qbo_admin.name = "Ana Brook"
        self.bookkeeper.name = "Tom Stone"
        self.qbo_admin.write({"group_ids": [Command.link(self.env.ref("account.group_account_manager").id)]})
        # Two of one rate: which of them is QuickBooks' tax, only a person can say.
        self.su["account.tax"].create(
            [
                {"name": name, "amount": 8, "type_tax_use": "sale", "company_id": self.company.id}
                for name in ("City tax 8 %", "County tax 8 %")
            ]
        )

    def test_from_connection_to_a_mended_problem(self):
        with (
            patch.object(QboBackend, "_wake", _work_at_once),
            with_person(self.base_url(), self.simulator.url, self.realm, PHONE),
        ):
            self.start_tour("/odoo/quickbooks", "qbo_sync_whole_way", login=self.qbo_admin.login, timeout=300)
        self._check_both_sides()

    def _check_both_sides(self):
        """Say what the tour must have left behind, apart from what it saw."""
        self.env.invalidate_all()
        customer = self.su["res.partner"].search([("name", "=", "Adelaide Flower Market")])
        self.assertEqual(customer.phone, PHONE)
        first, second = self.su["account.move"].search(
            [("partner_id", "=", customer.id), ("move_type", "=", "out_invoice")], order="id"
        )
        theirs = self.qbo("Invoice")
        self.assertEqual({row["DocNumber"] for row in theirs.values()}, {first.name, second.name})
        self.assertEqual((first.payment_state, second.payment_state), ("paid", "not_paid"))
        self.assertEqual(len(self.qbo("Payment")), 1)
        self.assertAlmostEqual(
            sum(float(row["Balance"]) for row in theirs.values()), first.amount_residual + second.amount_residual
        )
        self.assertFalse(self.su["qbo.job"].search([("state", "in", ("failed", "blocked", "conflict", "approval"))]))


def _work_at_once(backends, seconds=0.0):
    for backend in backends.sudo().filtered(lambda backend: backend.state == "active"):
        backend._cron_run(backend.id)


@tagged("post_install", "-at_install")
class TestMendingTour(CurrencyCase, QboHttpCommon):

    browser_size = "1366,768"

    def setUp(self):
        super().setUp()
        self.backend.with_user(self.qbo_admin).action_activate()
        self.acme.write({"phone": "+1 650 555 0100", "comment": "<p>Door 1</p>"})
        self.move = self.invoice(self.line(100, taxed=True), invoice_date="2026-03-10")
        self.payment = self.pay(108, self.move)
        self.sync()
        self.person("edit", "Customer", id=self.there(self.acme)["Id"], data={
            "PrimaryPhone": {"FreeFormNumber": "(650) 555-0300"}, "Notes": "Door 3"})
        self.acme.write({"phone": "+1 650 555 0200", "comment": "<p>Door 2</p>"})
        self.sync()
        self.tucson = self.su["qbo.mapping"].search(
            [("model", "=", "account.tax"), ("res_id", "=", self.other_tax.id)])
        self.tucson.write({"state": "proposed", "found_by": "rate", "confidence": 100})
        # What is only similar is not accepted at once: the tour looks for a line that counts no proposal any more.
        self.su["qbo.mapping"].search([("state", "=", "proposed"), ("id", "!=", self.tucson.id)]).unlink()

    def test_what_a_bookkeeper_puts_right(self):
        with patch.object(QboBackend, "_wake", _work_at_once):
            self.start_tour("/odoo", "qbo_sync_mending", login=self.bookkeeper.login, timeout=120)
        self.env.invalidate_all()
        self.assertEqual(self.tucson.state, "mapped")
        self.assertEqual((self.acme.phone, self.acme.comment), ("+1 650 555 0200", "<p>Door 3</p>"))
        self.assertEqual(self.there(self.acme)["PrimaryPhone"]["FreeFormNumber"], "+1 650 555 0200")
        self.assertEqual((self.payment.return_move_id.state, self.move.amount_residual), ("posted", 108))
        comparison = self.su["qbo.tax.comparison"].search([("backend_id", "=", self.backend.id)])
        self.assertEqual((comparison.state, comparison.tax_odoo, comparison.tax_qbo), ("done", 8, 8))
        today = self.su["res.currency.rate"].search(
            [("currency_id", "=", self.eur.id), ("name", "=", fields.Date.today())])
        self.assertAlmostEqual(today.inverse_company_rate, 1.25)
        # The return of the payment goes with the next sync.
        self.sync()
        self.assertFalse(self.open_jobs())
        self.assertSameReceivables()
