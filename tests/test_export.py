"""Invoices and credit notes of Odoo, as they arrive in QuickBooks."""

from odoo import Command
from odoo.tests import tagged

from .documents import DocumentCase, cents


@tagged("post_install", "-at_install")
class TestExportDocuments(DocumentCase):

    def test_an_invoice_of_all_kinds_of_lines_keeps_its_total(self):
        move = self.invoice(
            {"display_type": "line_section", "name": "Garden"},
            self.line(12.35, 3, taxed=True, product=self.widget, discount=7),
            {"display_type": "line_note", "name": "Mind the roses"},
            self.line(80), self.line(33.33, product=False), self.line(-10),
            self.line(0.1, 3, taxed=True, discount=33.333))
        self.quiet_sync()
        there = self.assertSameDocument(move)
        lines = [line for line in there["Line"] if line["DetailType"] != "SubTotalLineDetail"]
        self.assertEqual([line["DetailType"] for line in lines], [
            "DescriptionOnly", "SalesItemLineDetail", "DescriptionOnly", *["SalesItemLineDetail"] * 4])
        self.assertEqual([line["Description"] for line in lines], [
            "Garden", "Widget", "Mind the roses", "Advice", "Without product", "Advice", "Advice"])
        items = [line for line in lines if line["DetailType"] == "SalesItemLineDetail"]
        self.assertEqual([cents(line["Amount"]) for line in items], [
            cents(-line.amount_currency) for line in move.invoice_line_ids if line.display_type == "product"])
        self.assertEqual([line["SalesItemLineDetail"]["TaxCodeRef"]["value"] for line in items], [
            "TAX", "NON", "NON", "NON", "TAX"])
        self.assertEqual(
            there["TxnTaxDetail"]["TxnTaxCodeRef"]["value"], self.reference("TaxCode", "California").qbo_id)
        self.assertEqual(items[2]["SalesItemLineDetail"]["ItemRef"]["value"], self.reference("Item", "Services").qbo_id)
        self.assertEqual((there["TxnDate"], there["CustomerRef"]["value"]), ("2026-03-10", self.there(self.acme)["Id"]))
        self.assertSameReceivables()

    def test_many_awkward_totals_are_equal_to_the_cent(self):
        moves = [
            self.invoice(
                self.line(price, quantity, taxed=True, discount=discount), self.line(price / 3, taxed=quantity % 2))
            for price, quantity, discount in (
                (19.99, 3, 0), (0.07, 7, 5), (33.335, 2, 12.5), (1234.56, 1, 33.33), (0.01, 1, 0), (7.77, 13, 2.5))]
        moves.append(self.invoice(self.line(1, 1 / 3, taxed=True), self.line(100, 0.125)))
        self.quiet_sync()
        for move in moves:
            self.assertSameDocument(move)
        self.assertSameReceivables()

    def test_header_of_an_invoice(self):
        term = self.su["account.payment.term"].create({
            "name": "Net 15", "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 15})]})
        self.map("Term", term, "Net 15")
        move = self.invoice(50, invoice_payment_term_id=term.id, ref="PO 4711", narration="<p>Thank you</p>")
        plain = self.invoice(60, invoice_date_due="2026-04-30", invoice_payment_term_id=False)
        self.quiet_sync()
        there = self.there(move)
        self.assertEqual(
            (there["DueDate"], there["SalesTermRef"]["value"], there["PrivateNote"], there["CustomerMemo"]["value"]),
            ("2026-03-25", self.reference("Term", "Net 15").qbo_id, "PO 4711", "Thank you"))
        self.assertEqual(self.there(plain)["DueDate"], "2026-04-30")

    def test_an_invoice_of_nothing(self):
        move = self.invoice(0)
        self.quiet_sync()
        self.assertEqual(cents(self.assertSameDocument(move)["TotalAmt"]), 0)
        # QuickBooks knows no state of a zero invoice: it must not be taken for a void one.
        self.quiet_sync()
        self.assertEqual((move.state, self.status(move)), ("posted", "synced"))

    def test_a_credit_note(self):
        move = self.refund(self.line(30, 2, taxed=True))
        self.quiet_sync()
        there = self.assertSameDocument(move)
        self.assertEqual((self.binding(move).entity, cents(there["TotalAmt"])), ("CreditMemo", cents(64.80)))
        self.assertSameReceivables()

    def test_what_was_there_before_the_connection(self):
        """The first sync of a backend finds posted documents and payments that no hook has seen."""
        self.su["qbo.cursor"].search([("backend_id", "=", self.backend.id), ("source", "=", "scan:ledger")]).unlink()
        move = self.invoice(100)
        payment = self.pay(40, move)
        self.env.cr.flush()
        self.su["qbo.change"].search([]).unlink()
        self.quiet_sync()
        self.assertSameDocument(move)
        self.assertEqual(self.applied(self.there(payment)), {("Invoice", self.there(move)["Id"]): cents(40)})

    def test_drafts_cancelled_and_foreign_documents_stay_home(self):
        draft = self.invoice(10, post=False)
        cancelled = self.invoice(20)
        cancelled.button_cancel()
        other = self.setup_other_company(name="Other company")["company"]
        self.su.user.company_ids |= other
        foreign = self.env["account.move"].with_user(self.env.user).with_company(other).create({
            "move_type": "out_invoice", "partner_id": self.roe.id, "invoice_date": "2026-03-10",
            "invoice_line_ids": [Command.create({"name": "x", "price_unit": 5, "tax_ids": []})]})
        foreign.action_post()
        bill = self.su["account.move"].create({
            "move_type": "in_invoice", "partner_id": self.roe.id, "invoice_date": "2026-03-10",
            "invoice_line_ids": [Command.create({"name": "x", "price_unit": 5, "tax_ids": []})]})
        bill.action_post()
        self.quiet_sync()
        self.assertFalse(self.qbo("Invoice"))
        self.assertFalse(self.qbo("Customer"))
        for move in (draft, cancelled, foreign, bill):
            self.assertFalse(self.binding(move).qbo_id)

    def test_excluded_and_too_old_documents_stay_home(self):
        excluded, roes, old, new = (
            self.invoice(10), self.invoice(20, partner=self.roe), self.invoice(30, invoice_date="2025-12-31"),
            self.invoice(40, invoice_date="2026-01-01"))
        excluded.with_user(self.qbo_admin).qbo_exclude = True
        self.roe.with_user(self.qbo_admin).qbo_exclude = True
        self.backend._policy("Invoice").cutoff_date = "2026-01-01"
        self.sync()
        self.assertEqual([row["DocNumber"] for row in self.qbo("Invoice").values()], [new.name])
        self.assertEqual(
            (self.status(excluded), self.status(old), self.status(new)), ("excluded", "not_synced", "synced"))
        self.assertNotIn("Roe", [row["DisplayName"] for row in self.qbo("Customer").values()])
        # An invoice of an excluded customer says why it stays, and is never sent.
        self.assertIn("Roe", roes.with_user(self.biller).qbo_error or "")
        self.assertEqual(self.open_jobs().mapped("res_id"), roes.ids)
        excluded.ref = "another"
        self.sync()
        self.assertEqual(self.status(excluded), "excluded")
        self.assertTrue(excluded.with_user(self.biller).qbo_exclude)
        self.assertFalse(new.with_user(self.biller).qbo_exclude, "a success excludes nothing")

    def test_contacts_and_subcustomers(self):
        contact = self.su["res.partner"].create({"name": "Ann", "parent_id": self.acme.id})
        first = self.invoice(10, partner=contact)
        self.quiet_sync()
        self.assertEqual(self.there(first)["CustomerRef"]["value"], self.there(self.acme)["Id"])
        self.assertIsNone(self.there(contact))
        self.backend.contacts_as_subcustomers = True
        second = self.invoice(10, partner=contact)
        payment = self.pay(10, second, partner=contact)
        self.quiet_sync()
        sub = self.there(contact)
        self.assertEqual(
            (self.there(second)["CustomerRef"]["value"], sub["ParentRef"]["value"]),
            (sub["Id"], self.there(self.acme)["Id"]))
        self.assertEqual(cents(self.there(second)["Balance"]), 0)
        self.assertEqual(self.applied(self.there(payment)), {("Invoice", self.there(second)["Id"]): cents(10)})
        self.assertSameReceivables()


@tagged("post_install", "-at_install")
class TestExportChanges(DocumentCase):

    def arrange(self):
        super().arrange()
        self.move = self.invoice(self.line(10, 2), self.line(5, taxed=True, name="Spade"))
        self.quiet_sync()

    def test_chatter_and_analytic_queue_nothing(self):
        plan = self.su["account.analytic.plan"].create({"name": "Plan"})
        account = self.su["account.analytic.account"].create({"name": "Garden", "plan_id": plan.id})
        self.move.with_user(self.sales).message_post(body="Called the customer")
        self.move.invoice_line_ids[0].analytic_distribution = {account.id: 100}
        self.env.flush_all()
        self.env.cr.flush()
        self.assertFalse(self.su["qbo.change"].search([("backend_id", "=", self.backend.id)]))
        before = len(self.jobs())
        self.assertFalse(self.writes(self.quiet_sync()))
        self.assertEqual(len(self.jobs()), before)

    def test_an_unchanged_invoice_that_is_queued_again_makes_no_call(self):
        self.move.with_user(self.biller).action_qbo_sync_now()
        made = self.quiet_sync()
        self.assertFalse(self.writes(made))
        self.assertLessEqual(len(made), 2)
        self.assertEqual(self.jobs(direction="out", entity="Invoice")[-1].state, "done")
        self.assertEqual(self.status(self.move), "synced")

    def test_an_edited_invoice_sends_what_changed_with_its_line_ids(self):
        before = self.there(self.move)
        self.move.with_user(self.sales).button_draft()
        self.move.with_user(self.sales).invoice_line_ids[0].price_unit = 11
        self.assertFalse(self.writes(self.quiet_sync()), "a draft changes nothing in QuickBooks")
        self.assertEqual(self.there(self.move), before)
        self.move.with_user(self.sales).action_post()
        self.quiet_sync()
        there = self.assertSameDocument(self.move)
        self.assertEqual(there["Id"], before["Id"])
        ids = [[line.get("Id") for line in row["Line"]] for row in (before, there)]
        self.assertEqual(*ids)
        body = self.jobs(direction="out", entity="Invoice")[-1].payload["body"]
        self.assertTrue(body["sparse"])
        self.assertEqual((body["Id"], body["SyncToken"]), (before["Id"], before["SyncToken"]))
        self.assertNotIn("TxnDate", body)
        self.assertNotIn("DocNumber", body)

    def test_a_header_change_sends_the_header_alone(self):
        self.move.with_user(self.sales).ref = "PO 9"
        self.quiet_sync()
        self.assertEqual(self.there(self.move)["PrivateNote"], "PO 9")
        body = self.jobs(direction="out", entity="Invoice")[-1].payload["body"]
        self.assertEqual(set(body), {"Id", "SyncToken", "sparse", "PrivateNote"})

    def test_what_quickbooks_does_not_clear_is_said(self):
        """The API takes an empty text for a text that was not sent."""
        self.move.with_user(self.sales).ref = "PO 9"
        self.quiet_sync()
        self.move.with_user(self.sales).ref = False
        self.sync()
        self.assertEqual(self.there(self.move)["PrivateNote"], "PO 9")
        job = self.jobs(direction="out", entity="Invoice")[-1]
        self.assertEqual(job.state, "warning")
        self.assertIn("PO 9", job.error)
        self.assertFalse(self.writes(self.quiet_sync()))
        self.assertFalse(self.move.ref, "QuickBooks' old text does not come back")

    def test_what_quickbooks_has_no_room_for_is_said(self):
        """Long words are shortened there and whole here; nothing is refused, and it is said once."""
        self.move.with_user(self.sales).write({"ref": "r" * 5000, "narration": "n" * 3000})
        self.move.invoice_line_ids[0].with_user(self.sales).name = "\u202e<b>'; x\x0b" + "😀" * 3000
        self.pay(1, self.move, memo="m" * 5000)
        run = self.sync()
        self.assertFalse(self.open_jobs())
        there = self.there(self.move)
        self.assertEqual((len(there["PrivateNote"]), len(there["CustomerMemo"]["value"])), (4000, 1000))
        note = self.binding(self.move).note
        for words in ("shortened", "memo", "description"):
            self.assertIn(words, note)
        self.assertEqual((len(self.move.ref), run.warning_count), (5000, 2))
        self.assertFalse(self.writes(self.quiet_sync()))
        self.move.with_user(self.sales).invoice_date_due = "2026-08-08"
        self.quiet_sync()
        self.person("edit", "Invoice", id=there["Id"], data={"DueDate": "2026-09-09"})
        self.quiet_sync()
        self.assertEqual((len(self.move.ref), str(self.move.invoice_date_due)), (5000, "2026-09-09"))
        self.assertSameReceivables()

    def test_a_line_added_and_a_line_removed(self):
        self.move.button_draft()
        self.move.write({"invoice_line_ids": [
            Command.delete(self.move.invoice_line_ids[0].id), Command.create(self.line(7, 3, taxed=True))]})
        self.move.action_post()
        self.quiet_sync()
        there = self.assertSameDocument(self.move)
        self.assertEqual(
            [line["Description"] for line in there["Line"] if line.get("Description")], ["Spade", "Advice"])

    def test_a_cancelled_invoice_is_void_in_quickbooks(self):
        number = self.move.name
        self.move.with_user(self.sales).button_draft()
        self.move.with_user(self.sales).button_cancel()
        made = self.quiet_sync()
        self.assertEqual([entry["operation"] for entry in self.writes(made)], ["void"])
        there = self.there(self.move)
        self.assertEqual((cents(there["TotalAmt"]), cents(there["Balance"]), there["DocNumber"]), (0, 0, number))
        self.assertIn("Voided", there["PrivateNote"])
        self.assertSameReceivables()
        # The echo of the void and a second look change nothing any more.
        self.move.with_user(self.biller).action_qbo_sync_now()
        self.assertFalse(self.writes(self.quiet_sync()))
        self.assertEqual((self.move.state, self.status(self.move)), ("cancel", "synced"))
        # Posted again, it is the same invoice of QuickBooks that comes to life.
        self.move.with_user(self.sales).button_draft()
        self.move.with_user(self.sales).action_post()
        self.quiet_sync()
        self.assertEqual(self.assertSameDocument(self.move)["Id"], there["Id"])
        self.assertSameReceivables()

    def test_a_cancelled_credit_note_is_deleted_in_quickbooks(self):
        """QuickBooks documents no void of credit memos."""
        refund = self.refund(12)
        self.quiet_sync()
        qbo_id = self.there(refund)["Id"]
        refund.button_draft()
        refund.button_cancel()
        self.quiet_sync()
        self.assertNotIn(qbo_id, self.qbo("CreditMemo"))
        self.assertSameReceivables()
        self.quiet_sync()
        self.assertEqual(refund.state, "cancel")

    def test_another_tax_figure_in_quickbooks_is_a_warning_that_names_both(self):
        """QuickBooks keeps the rates: Tucson is 9.1 % there, so a tax of 10 % mapped to it comes back different."""
        wrong = self.su["account.tax"].create(
            {"name": "Ten", "amount": 10, "type_tax_use": "sale", "company_id": self.company.id})
        self.map("TaxCode", wrong, "Tucson")
        move = self.invoice(self.line(100, tax_ids=[Command.set(wrong.ids)]))
        run = self.sync()
        job = self.jobs(direction="out", entity="Invoice")[-1]
        self.assertEqual(job.state, "warning")
        for figure in ("110.00", "109.10", "10.00", "9.10"):
            self.assertIn(figure, job.error)
            self.assertIn(figure, self.messages(run))
        self.assertEqual(run.warning_count, 1)
        self.assertIn("109.10", self.binding(move).note)
        self.assertEqual(self.status(move), "synced")
        # A known difference is said once and is no reason to send again.
        self.assertFalse(self.writes(self.quiet_sync()))
