"""Who mails a new document: nobody but Odoo, unless the rule of its kind says QuickBooks."""

from odoo.fields import Date
from odoo.tests import tagged

from .documents import DAY, DocumentCase


@tagged("post_install", "-at_install")
class TestMails(DocumentCase):

    def mailed(self, move):
        """Return how QuickBooks has a document marked, and to which address."""
        there = self.there(move)
        return there["EmailStatus"], there.get("BillEmail", {}).get("Address")

    def test_quickbooks_mails_what_is_new(self):
        before = self.invoice(10)
        self.quiet_sync()
        policy = self.backend.with_user(self.qbo_admin)._policy("Invoice")
        policy.mailed_by = "qbo"
        self.assertEqual(policy.mail_from, Date.context_today(policy), "what is older was sent otherwise")
        policy.mail_from = DAY
        self.roe.email = False
        many = "accounts@roe.example, " * 3 + ", ".join(f"{number}{'x' * 30}@roe.example" for number in range(3))
        branch = self.su["res.partner"].create({"name": "Roe North", "parent_id": self.roe.id, "email": many})
        cases = {
            "new": (self.invoice(20), "NeedToSend", "acme@example.com"),
            "several addresses": (self.invoice(21, partner=branch), "NeedToSend", None),
            "of Odoo": (self.invoice(22), "NotSet", None),
            "before that day": (self.invoice(23, invoice_date="2026-03-09"), "NotSet", None),
            "another kind": (self.refund(5), "NotSet", None),
            "crossed before": (before, "NotSet", None),
        }
        cases["of Odoo"][0].is_move_sent = True
        before.with_user(self.sales).ref = "PO 1"
        without = self.invoice(24, partner=self.roe)
        run = self.sync()
        for name, (move, status, address) in cases.items():
            with self.subTest(name):
                self.assertSameDocument(move)
                self.assertEqual(self.mailed(move)[0], status)
                if address or status == "NotSet":
                    self.assertEqual(self.mailed(move)[1], address)
        self.assertEqual(self.mailed(cases["several addresses"][0])[1].count("@roe.example"), 3)
        self.assertLessEqual(len(self.mailed(cases["several addresses"][0])[1]), 100)
        # Nobody to mail it to: it is there, unmailed, and says so.
        self.assertSameDocument(without)
        self.assertEqual(self.mailed(without), ("NotSet", None))
        job = self.jobs(res_id=without.id, model="account.move")
        self.assertEqual((job.state, run.failed_count, run.warning_count), ("warning", 0, 1))
        self.assertIn("Roe has no e-mail address", job.error)
        self.assertIn("is not mailed by QuickBooks", self.messages(run))
        self.assertSameReceivables()
        # A change mails nothing again, and takes nothing back.
        moves = [move for move, _status, _address in cases.values()] + [without]
        marked = [self.mailed(move) for move in moves]
        self.acme.email = "new@example.com"
        for move in moves:
            move.with_user(self.sales).narration = "Thank you"
        self.quiet_sync()
        self.assertEqual([self.mailed(move) for move in moves], marked)
        # What is approved says so.
        self.active_backend(approval="ask")
        move = self.invoice(30)
        self.sync()
        job = self.jobs(res_id=move.id, model="account.move")
        self.assertEqual(job.state, "approval")
        self.assertIn("QuickBooks mails it to new@example.com", job.difference)
