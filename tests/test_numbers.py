"""Numbers of documents: who numbers, and what an import leaves alone."""

from odoo.tests import tagged

from .documents import DocumentCase
from .test_import import ImportCase


@tagged("post_install", "-at_install")
class TestImportedNumbers(ImportCase):

    def number(self, there):
        return self.here("Invoice", there["Id"]).name

    def sale(self, number, **data):
        return self.qbo_sale("Invoice", self.freeman, self.qbo_line(self.rake, 10), DocNumber=number, **data)

    def test_odoos_sequence_passes_over_imported_numbers(self):
        own = [self.invoice(1).name]
        for number in ("1037", "Q-77", "INV/2026/99999"):
            there = self.sale(number)
            self.sync()
            self.assertEqual(self.number(there), number)
            own.append(self.invoice(1).name)
        self.assertEqual(own, ["INV/2026/00001", "INV/2026/00002", "INV/2026/00003", "INV/2026/00004"])
        self.assertEqual(self.invoice(1, invoice_date="2025-03-01").name, "INV/2025/00001")
        self.assertEqual(self.refund(1).name, "RINV/2026/00001")

    def test_the_first_invoice_after_an_import_begins_odoos_own_sequence(self):
        self.sale("1037")
        self.sync()
        self.assertEqual(self.invoice(1).name, "INV/2026/00001")

    def test_an_imported_number_survives_draft_and_posting_again(self):
        there = self.sale("1037")
        self.sync()
        move = self.here("Invoice", there["Id"])
        move.button_draft()
        move.action_post()
        self.assertEqual(move.name, "1037")
        self.assertEqual(self.invoice(1).name, "INV/2026/00001")
        copy = move.copy({"invoice_date": "2026-03-10"})
        copy.action_post()
        self.assertEqual((copy.name, copy.qbo_imported_number), ("INV/2026/00002", False))

    def test_two_documents_of_one_number(self):
        """QuickBooks allows it when asked to; Odoo's journal does not: the second carries its id behind the number."""
        first = self.sale("1037")
        memo = self.qbo_sale("CreditMemo", self.freeman, self.qbo_line(self.rake, 5), DocNumber="M-1")
        self.quiet_sync()
        second = self.qbo_sale("Invoice", self.freeman, self.qbo_line(self.rake, 20), DocNumber="1038")
        self.backend._policy("Invoice").direction = "off"
        taken = self.invoice(1, name="1038")
        taken.qbo_imported_number = True
        self.backend._policy("Invoice").direction = "both"
        self.sync()
        self.assertEqual((self.number(first), self.here("CreditMemo", memo["Id"]).name), ("1037", "M-1"))
        self.assertEqual(self.number(second), f"1038/{second['Id']}")
        # The suffix is Odoo's alone: it does not go back as a new number.
        self.here("Invoice", second["Id"]).ref = "PO"
        self.sync()
        there = self.qbo("Invoice")[second["Id"]]
        self.assertEqual((there["DocNumber"], there["PrivateNote"]), ("1038", "PO"))

    def test_a_document_without_number_gets_odoos(self):
        there = self.qbo_sale("Invoice", self.freeman, self.qbo_line(self.rake, 10))
        self.assertFalse(there.get("DocNumber"))
        self.quiet_sync()
        move = self.here("Invoice", there["Id"])
        self.assertEqual((move.name, move.qbo_imported_number), ("INV/2026/00001", False))
        self.assertEqual(self.invoice(1).name, "INV/2026/00002")

    def test_a_changed_number_follows(self):
        there = self.sale("1037")
        self.quiet_sync()
        self.person("edit", "Invoice", id=there["Id"], data={"DocNumber": "1037-A"})
        self.quiet_sync()
        self.assertEqual(self.number(there), "1037-A")


@tagged("post_install", "-at_install")
class TestExportedNumbers(DocumentCase):

    def test_odoos_number_where_the_caller_numbers(self):
        move = self.invoice(10)
        self.quiet_sync()
        self.assertEqual(self.there(move)["DocNumber"], move.name)

    def test_quickbooks_numbers_by_the_rule(self):
        self.backend.number_rule = "qbo"
        move = self.invoice(10)
        self.quiet_sync()
        self.assertNotEqual(self.there(move).get("DocNumber"), move.name)
        self.assertEqual(self.status(move), "synced")

    def test_a_number_that_is_too_long_says_so(self):
        """QuickBooks' numbers have 21 characters at most; nothing is cut silently."""
        move = self.invoice(10, name="INV/2026/ACME-NORTH/000001")
        self.assertGreater(len(move.name), 21)
        self.sync()
        [job] = self.open_jobs()
        self.assertEqual(job.state, "failed")
        self.assertTrue(job.error)
        self.assertFalse(self.qbo("Invoice"))


@tagged("post_install", "-at_install")
class TestQuickBooksNumbers(DocumentCase):
    """A company whose 'custom transaction numbers' are off."""

    sim_wish = {"empty": True, "features": {"custom_txn_numbers": False}}

    def test_quickbooks_gives_the_number(self):
        move = self.invoice(10)
        self.quiet_sync()
        self.assertTrue(self.there(move)["DocNumber"])
        self.assertNotEqual(self.there(move)["DocNumber"], move.name)
        self.assertFalse(self.writes(self.quiet_sync()))
