"""Customers, items, invoices and credit memos of QuickBooks, as they arrive in Odoo."""

from odoo import fields
from odoo.tests import tagged

from .documents import DocumentCase, cents


class ImportCase(DocumentCase):

    def arrange(self):
        super().arrange()
        self.freeman, self.rake = self.customer(), self.item()
        self.quiet_sync()
        self.partner = self.here("Customer", self.freeman["Id"])
        self.product = self.here("Item", self.rake["Id"])

    def arrived(self, there):
        """Return the Odoo document of an invoice or credit memo, which must be equal to it to the cent."""
        entity = "CreditMemo" if "RemainingCredit" in there else "Invoice"
        move = self.here(entity, there["Id"])
        errors = self.jobs(qbo_id=there["Id"]).mapped("error")
        self.assertTrue(move, f"{entity} {there.get('DocNumber')} is not in Odoo: {errors}")
        self.assertSameDocument(move)
        return move


    def here_mapped(self, entity, name, model):
        """Return the record that imports take for a list entry."""
        mapping = self.su["qbo.mapping"].search([
            ("reference_id", "=", self.reference(entity, name).id), ("state", "=", "mapped")], limit=1)
        self.assertTrue(mapping, f"{entity} {name} was not mapped by itself")
        return self.su[model].browse(mapping.res_id)


@tagged("post_install", "-at_install")
class TestImportDocuments(ImportCase):

    def test_an_invoice(self):
        there = self.qbo_sale(
            "Invoice", self.freeman, self.qbo_line(self.rake, 30, 3, text="Three rakes"),
            {"DetailType": "DescriptionOnly", "Description": "Handle with care", "DescriptionLineDetail": {}},
            self.qbo_line(self.rake, 33.33, taxed=True), code="California", DocNumber="1037", DueDate="2026-04-02",
            PrivateNote="PO 4711", CustomerMemo={"value": "Thank you"})
        self.quiet_sync()
        move = self.arrived(there)
        self.assertRecordValues(move, [{
            "move_type": "out_invoice", "state": "posted", "name": "1037", "partner_id": self.partner.id,
            "ref": "PO 4711",
            "invoice_date": fields.Date.to_date("2026-03-10"), "date": fields.Date.to_date("2026-03-10"),
            "invoice_date_due": fields.Date.to_date("2026-04-02"), "company_id": self.company.id,
            "invoice_user_id": self.backend.responsible_id.id}])
        self.assertIn("Thank you", move.narration)
        self.assertRecordValues(move.invoice_line_ids, [
            {"display_type": "product", "name": "Three rakes", "quantity": 3, "price_unit": 10, "tax_ids": []},
            {"display_type": "line_note", "name": "Handle with care", "quantity": 0, "price_unit": 0, "tax_ids": []},
            {"display_type": "product", "name": "Rake", "quantity": 1, "price_unit": 33.33, "tax_ids": self.tax.ids}])
        self.assertEqual(move.invoice_line_ids[0].product_id, self.product)
        self.assertSameReceivables()

    def test_what_came_in_does_not_go_out(self):
        self.qbo_sale("Invoice", self.freeman, self.qbo_line(self.rake, 30))
        self.quiet_sync()
        self.assertFalse(self.su["qbo.change"].search([("backend_id", "=", self.backend.id)]))
        self.assertFalse(self.jobs(direction="out", entity="Invoice"))
        made = self.quiet_sync()
        self.assertFalse(self.writes(made))
        self.assertLessEqual(len(made), 2)

    def test_an_imported_document_is_inert(self):
        mails = self.su["mail.mail"].search_count([])
        self.qbo_sale(
            "Invoice", self.freeman, self.qbo_line(self.rake, 30), BillEmail={"Address": "freeman@example.com"})
        self.quiet_sync()
        [there] = self.qbo("Invoice").values()
        move = self.arrived(there)
        self.assertEqual(self.su["mail.mail"].search_count([]), mails)
        self.assertFalse(move.is_move_sent)
        self.assertFalse(move.message_partner_ids - self.bookkeeper.partner_id)
        self.assertFalse(move.activity_ids)

    def test_tax_cents_are_those_of_quickbooks(self):
        """QuickBooks rounds 8 % of 10.06 up where two lines of 5.03 would give 0.80.

        Its cents must survive draft and posting again.
        """
        mine = self.person("create", "Invoice", data={
            "CustomerRef": {"value": self.freeman["Id"]}, "TxnDate": "2026-03-10",
            "Line": [self.qbo_line(self.rake, 50.03, taxed=True), self.qbo_line(self.rake, 50.03, taxed=True)],
            "TxnTaxDetail": {
                "TxnTaxCodeRef": {"value": self.reference("TaxCode", "California").qbo_id}, "TotalTax": 8.02,
                "TaxLine": [{"Amount": 8.02, "DetailType": "TaxLineDetail", "TaxLineDetail": {
                    "TaxRateRef": {"value": "3"}, "PercentBased": True, "TaxPercent": 8,
                    "NetAmountTaxable": 100.06}}]}})
        self.assertEqual(cents(mine["TxnTaxDetail"]["TotalTax"]), cents(8.02), "the person typed another tax")
        plain = self.qbo_sale(
            "Invoice", self.freeman,
            *(self.qbo_line(self.rake, amount, taxed=True) for amount in (0.33, 0.33, 0.33, 7.77)), code="Tucson")
        self.quiet_sync()
        self.assertEqual(cents(self.arrived(mine).amount_tax), cents(8.02))
        move = self.arrived(plain)
        for one in (self.here("Invoice", mine["Id"]), move):
            one.button_draft()
            one.action_post()
        self.assertFalse(self.writes(self.quiet_sync()))
        self.assertSameDocument(self.here("Invoice", mine["Id"]))
        self.assertSameDocument(move)

    def test_discounts(self):
        percent = {
            "DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 7}}
        amount = {"DetailType": "DiscountLineDetail", "Amount": 5.55, "DiscountLineDetail": {"PercentBased": False}}
        made = [
            self.qbo_sale(
                "Invoice", self.freeman, self.qbo_line(self.rake, 33.33, taxed=True), self.qbo_line(self.rake, 20.2),
                line, code="California", ApplyTaxAfterDiscount=after)
            for line in (percent, amount) for after in (True, False)]
        self.quiet_sync()
        for there in made:
            move = self.arrived(there)
            discounts = move.invoice_line_ids.filtered(lambda line: line.price_unit < 0)
            self.assertEqual(len(discounts), 2 if there["ApplyTaxAfterDiscount"] else 1)
        self.assertSameReceivables()

    def test_a_credit_memo(self):
        there = self.qbo_sale("CreditMemo", self.freeman, self.qbo_line(self.rake, 12.5, taxed=True), code="California")
        self.quiet_sync()
        move = self.arrived(there)
        self.assertEqual((move.move_type, cents(move.amount_total)), ("out_refund", cents(13.5)))
        self.assertSameReceivables()

    def test_terms_and_due_dates(self):
        term = self.here_mapped("Term", "Net 15", "account.payment.term")
        reference = {"value": self.reference("Term", "Net 15").qbo_id}
        mapped = self.qbo_sale("Invoice", self.freeman, self.qbo_line(self.rake, 1), SalesTermRef=reference)
        other = self.qbo_sale(
            "Invoice", self.freeman, self.qbo_line(self.rake, 1), SalesTermRef=reference, DueDate="2026-05-05")
        self.quiet_sync()
        first, second = self.arrived(mapped), self.arrived(other)
        self.assertEqual((first.invoice_payment_term_id, str(first.invoice_date_due)), (term, mapped["DueDate"]))
        self.assertEqual((second.invoice_payment_term_id.id, str(second.invoice_date_due)), (False, "2026-05-05"))

    def test_a_line_without_item_and_an_unmapped_tax(self):
        there = self.qbo_sale("Invoice", self.freeman, self.qbo_line(self.rake, 10, taxed=True), code="AZ State tax")
        self.sync()
        job = self.jobs(direction="in", entity="Invoice")
        self.assertEqual(job.state, "blocked")
        self.assertIn("AZ State tax", job.error)
        tax = self.su["account.tax"].create(
            {"name": "Arizona", "amount": 7.1, "type_tax_use": "sale", "company_id": self.company.id})
        self.map("TaxCode", tax, "AZ State tax")
        self.quiet_sync()
        self.assertEqual(self.arrived(there).invoice_line_ids.tax_ids, tax)

    def test_a_locked_period_is_a_problem_and_no_date_moves(self):
        self.company.fiscalyear_lock_date = "2026-02-28"
        there = self.qbo_sale("Invoice", self.freeman, self.qbo_line(self.rake, 10), TxnDate="2026-02-10")
        self.sync()
        job = self.jobs(direction="in", entity="Invoice")
        self.assertEqual(job.state, "failed")
        self.assertIn("2026-02-28", job.error)
        self.assertIsNone(self.here("Invoice", there["Id"]))
        self.company.fiscalyear_lock_date = False
        job.with_user(self.bookkeeper).action_retry()
        self.quiet_sync()
        self.assertEqual(str(self.arrived(there).date), "2026-02-10")

    def test_the_same_invoice_on_both_sides_becomes_one(self):
        self.backend._policy("Invoice").direction = "in"
        move = self.invoice(40, partner=self.partner)
        there = self.qbo_sale("Invoice", self.freeman, self.qbo_line(self.rake, 40), DocNumber=move.name)
        self.sync()
        self.assertEqual(self.here("Invoice", there["Id"]), move)
        self.assertEqual(self.su["account.move"].search_count([("partner_id", "=", self.partner.id)]), 1)


@tagged("post_install", "-at_install")
class TestImportChanges(ImportCase):

    def arrange(self):
        super().arrange()
        self.origin = self.qbo_sale(
            "Invoice", self.freeman, self.qbo_line(self.rake, 100, taxed=True), code="California", DocNumber="1037")
        self.quiet_sync()
        self.move = self.arrived(self.origin)

    def test_a_header_change_leaves_the_entry_alone(self):
        entry = self.move.line_ids.ids
        self.person("edit", "Invoice", id=self.origin["Id"], data={"PrivateNote": "PO 8", "DueDate": "2026-06-01"})
        self.quiet_sync()
        self.assertEqual(
            (self.move.ref, str(self.move.invoice_date_due), self.move.line_ids.ids), ("PO 8", "2026-06-01", entry))

    def test_the_same_invoice_changed_twice_within_a_minute(self):
        for note in ("first", "second"):
            self.person("edit", "Invoice", id=self.origin["Id"], data={"PrivateNote": note})
            self.quiet_sync()
            self.assertEqual(self.move.ref, note)

    def test_a_late_fee_on_a_paid_invoice_keeps_what_was_applied(self):
        paid = self.person("receive", "Invoice", id=self.origin["Id"])
        self.quiet_sync()
        payment = self.here("Payment", paid["Id"])
        self.assertEqual((self.move.payment_state, cents(self.move.amount_residual)), ("paid", 0))
        self.person("late_fee", "Invoice", id=self.origin["Id"], amount=15)
        self.quiet_sync()
        self.assertSameDocument(self.move)
        self.assertEqual((cents(self.move.amount_total), cents(self.move.amount_residual)), (cents(123), 15))
        self.assertEqual(self.move.name, "1037")
        self.assertEqual(self.move.line_ids.matched_credit_ids.credit_move_id.move_id, payment.move_id)
        self.assertSameReceivables()

    def test_a_lower_total_frees_the_rest_of_the_payment(self):
        paid = self.person("receive", "Invoice", id=self.origin["Id"])
        self.quiet_sync()
        self.person("edit", "Invoice", id=self.origin["Id"], data={"Line": [self.qbo_line(self.rake, 50, taxed=True)]})
        self.quiet_sync()
        self.assertSameDocument(self.move)
        self.assertEqual((cents(self.move.amount_total), cents(self.move.amount_residual)), (cents(54), 0))
        self.assertEqual(cents(self.qbo("Payment")[paid["Id"]]["UnappliedAmt"]), cents(54))
        self.assertSameReceivables()
        # Both sides made the same change, so that there is nothing to say about it any more.
        self.su["qbo.change"]._mark("account.payment", self.here("Payment", paid["Id"]).ids)
        self.assertFalse(self.writes(self.quiet_sync()))

    def test_a_void_cancels_and_opens_its_payment(self):
        paid = self.person("receive", "Invoice", id=self.origin["Id"], amount=20)
        self.quiet_sync()
        self.person("void", "Invoice", id=self.origin["Id"])
        self.quiet_sync()
        self.assertEqual((self.move.state, self.move.name), ("cancel", "1037"))
        self.assertEqual(cents(self.qbo("Payment")[paid["Id"]]["UnappliedAmt"]), 20)
        self.assertTrue(self.here("Payment", paid["Id"]).move_id)
        self.assertSameReceivables()
        self.su["qbo.change"]._mark("account.move", self.move.ids)
        self.assertFalse(self.writes(self.quiet_sync()), "what is void there is not voided once more")

    def test_what_was_void_before_it_came_is_left(self):
        gone = self.qbo_sale("Invoice", self.freeman, self.qbo_line(self.rake, 9))
        self.person("void", "Invoice", id=gone["Id"])
        self.quiet_sync()
        self.assertIsNone(self.here("Invoice", gone["Id"]))

    def test_deleted_in_quickbooks_is_cancelled_and_never_made_again(self):
        self.person("delete", "Invoice", id=self.origin["Id"])
        run = self.sync()
        self.assertEqual((self.move.state, self.status(self.move)), ("cancel", "missing"))
        self.assertIn("deleted in QuickBooks", self.messages(run))
        self.assertSameReceivables()
        self.su["qbo.change"]._mark("account.move", self.move.ids)
        self.assertFalse(self.writes(self.quiet_sync()))
        # Also when a person posts it again: it says so and waits, a second document is not created by itself.
        self.move.button_draft()
        self.move.action_post()
        self.sync()
        self.assertFalse(self.qbo("Invoice"))
        [job] = self.open_jobs()
        self.assertEqual((job.state, job.error_code, self.status(self.move)), ("failed", "missing", "missing"))
        self.binding(self.move).with_user(self.bookkeeper)._clear_id("posted again on purpose")
        self.quiet_sync()
        self.assertEqual(len(self.qbo("Invoice")), 1)
        self.assertSameDocument(self.move)

    def test_a_deleted_invoice_in_a_locked_period_waits_for_a_person(self):
        self.company.fiscalyear_lock_date = "2026-03-31"
        self.person("delete", "Invoice", id=self.origin["Id"])
        self.sync()
        self.assertEqual(self.move.state, "posted")
        [job] = self.open_jobs()
        self.assertEqual(job.state, "failed")
        self.assertIn("locked", job.error)

    def test_disjoint_changes_of_both_sides_merge(self):
        self.move.with_user(self.sales).ref = "from Odoo"
        self.person("edit", "Invoice", id=self.origin["Id"], data={"DueDate": "2026-07-07"})
        self.quiet_sync()
        there = self.there(self.move)
        self.assertEqual((self.move.ref, str(self.move.invoice_date_due)), ("from Odoo", "2026-07-07"))
        self.assertEqual((there["PrivateNote"], there["DueDate"]), ("from Odoo", "2026-07-07"))

    def test_the_same_field_changed_on_both_sides(self):
        for side, kept in (("odoo", "from Odoo"), ("qbo", "from QuickBooks")):
            self.move.with_user(self.sales).ref = "from Odoo"
            self.person("edit", "Invoice", id=self.origin["Id"], data={"PrivateNote": "from QuickBooks"})
            self.sync()
            [job] = self.open_jobs().filtered(lambda job: job.state == "conflict")
            self.assertEqual(self.status(self.move), "conflict")
            for text in ("from Odoo", "from QuickBooks"):
                self.assertIn(text, job.difference)
            self.assertEqual((self.move.ref, self.there(self.move)["PrivateNote"]), ("from Odoo", "from QuickBooks"))
            job.with_user(self.bookkeeper)._resolve(side)
            self.sync()
            self.assertFalse(self.open_jobs())
            self.assertEqual((self.move.ref, self.there(self.move)["PrivateNote"]), (kept, kept))
            self.assertEqual(self.status(self.move), "synced")
            self.move.with_user(self.sales).ref = "before"
            self.quiet_sync()

    def test_a_standing_rule_decides_the_conflict(self):
        self.active_backend(winner="qbo")
        self.move.with_user(self.sales).ref = "from Odoo"
        self.person("edit", "Invoice", id=self.origin["Id"], data={"PrivateNote": "from QuickBooks"})
        self.quiet_sync()
        self.assertEqual((self.move.ref, self.there(self.move)["PrivateNote"]), ("from QuickBooks",) * 2)

    def test_an_edit_between_reading_and_sending(self):
        """QuickBooks' change is not known yet when ours goes out: the version is refused, compared and both survive."""
        self.backend._policy("Invoice").direction = "out"
        self.move.with_user(self.sales).ref = "from Odoo"
        self.person("edit", "Invoice", id=self.origin["Id"], data={"CustomerMemo": {"value": "from QuickBooks"}})
        self.sync()
        self.backend._policy("Invoice").direction = "both"
        self.quiet_sync()
        there = self.there(self.move)
        self.assertEqual((there["PrivateNote"], there["CustomerMemo"]["value"]), ("from Odoo", "from QuickBooks"))
        self.assertIn("from QuickBooks", self.move.narration)

    def test_a_moved_version_without_a_change_is_no_obstacle(self):
        """A payment in QuickBooks moves the version of its invoice."""
        self.active_backend()
        self.backend.policy_ids.filtered(lambda policy: policy.entity in ("Invoice", "Payment")).direction = "out"
        self.person("receive", "Invoice", id=self.origin["Id"], amount=5)
        self.move.with_user(self.sales).ref = "from Odoo"
        self.sync()
        self.assertFalse(self.open_jobs())
        self.assertEqual(self.there(self.move)["PrivateNote"], "from Odoo")
