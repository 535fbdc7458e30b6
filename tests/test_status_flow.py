"""The status of one invoice, from its posting to its end, as the person who wrote it sees it."""

from odoo import Command
from odoo.tests import tagged

from .documents import DocumentCase


@tagged("post_install", "-at_install")
class TestStatusFlow(DocumentCase):

    def says(self, status, *words):
        """Expect a status on the record, found by a search for it too, with these words in its tooltip."""
        move = self.move.with_user(self.biller)
        self.assertEqual(move.qbo_status, status)
        self.assertIn(self.move, self.su["account.move"].with_user(self.biller).search([("qbo_status", "=", status)]))
        for word in words:
            self.assertIn(word, move.qbo_tooltip)

    def test_the_life_of_an_invoice(self):
        self.backend._policy("Invoice").approve_out = "ask"
        self.move = self.invoice(self.line(100, taxed=True))
        self.says("not_synced")
        self.sync()
        self.says("approval", "approver")
        self.jobs(entity="Invoice").with_user(self.bookkeeper)._approve()
        self.says("syncing")
        self.sync()
        self.says("synced")
        self.assertTrue(self.move.with_user(self.biller).qbo_url.endswith(self.there(self.move)["Id"]))
        self.assertTrue(self.move.with_user(self.biller).qbo_synced_at)

        # Something that QuickBooks cannot take: the reason is on the record, the next step too.
        self.backend._policy("Invoice").approve_out = "auto"
        self.move.button_draft()
        self.move.write({"invoice_line_ids": [Command.create(self.line(1, tax_ids=[Command.set(self.other_tax.ids)]))]})
        self.move.action_post()
        self.sync()
        self.says("failed", "Tucson", "Problems")
        self.move.button_draft()
        self.move.invoice_line_ids[1].tax_ids = self.tax
        self.move.action_post()
        self.sync()
        self.says("synced")
        self.assertFalse(self.move.with_user(self.biller).qbo_error)

        # Both sides change the same thing; a person decides.
        self.move.ref = "ours"
        self.person("edit", "Invoice", id=self.there(self.move)["Id"], data={"PrivateNote": "theirs"})
        self.sync()
        self.says("conflict", "Both sides changed")
        self.jobs(state="conflict").with_user(self.bookkeeper)._resolve("qbo")
        self.says("syncing")
        self.sync()
        self.says("synced")
        self.assertEqual(self.move.ref, "theirs")

        self.move.with_user(self.bookkeeper).action_qbo_exclude()
        self.says("excluded")
        self.move.ref = "not for QuickBooks"
        self.sync()
        self.assertEqual(self.there(self.move)["PrivateNote"], "theirs")
        self.move.with_user(self.bookkeeper).action_qbo_include()
        self.sync()
        self.says("synced")
        self.assertEqual(self.there(self.move)["PrivateNote"], "not for QuickBooks")

        self.person("delete", "Invoice", id=self.there(self.move)["Id"])
        self.sync()
        self.says("missing", "deleted in QuickBooks")
        self.assertEqual(self.move.state, "cancel")
