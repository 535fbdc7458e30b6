"""The mapping screen: where records are used, how mappings stand, and what is created in QuickBooks on request."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .documents import DocumentCase
from .mapping_common import CODES, MappingCase


@tagged("post_install", "-at_install")
class TestMappingReport(MappingCase):
    """What the line above the list says, and the column of documents."""

    def invoice(self, *taxes, post=True, account=None):
        move = self.env["account.move"].create({
            "move_type": "out_invoice", "partner_id": self.partner_a.id, "invoice_date": "2026-01-15",
            "invoice_payment_term_id": self.pay_terms_b.id,
            "invoice_line_ids": [
                Command.create({"name": "Work", "price_unit": 100.0, "tax_ids": [Command.set(tax.ids)],
                                "account_id": (account or self.sales).id}) for tax in taxes]})
        if post:
            move.action_post()
        return move

    def missing(self, entity, record):
        return self.env["qbo.mapping"].create({
            "backend_id": self.backend.id, "entity": entity, "model": record._name, "res_id": record.id,
            "state": "missing"})

    def test_used_in_documents(self):
        self.refresh()
        none = self.env["account.tax"]
        # Two lines of one invoice are one document, and a draft is none.
        self.invoice(self.tax, self.tax, none)
        self.invoice(self.tax)
        self.invoice(self.tax, post=False)
        places = (("TaxCode", self.tax), ("Account", self.sales), ("Item", self.sales), ("Term", self.pay_terms_b))
        self.sync._out(self.backend, "Item", self.sales)
        rows = [self.row(entity, record) or self.missing(entity, record) for entity, record in places]
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual([row.used_count for row in rows], [2, 2, 2, 2])
        self.assertEqual(rows[0].with_user(self.bookkeeper).used_count, 2)

    def test_one_query_for_each_kind(self):
        self.refresh()
        for number in range(5):
            self.map("TaxCode", self.tax.copy({"name": f"T{number}"}), "5", state="proposed")
        rows = self.env["qbo.mapping"].search([("entity", "=", "TaxCode"), ("backend_id", "=", self.backend.id)])
        self.assertGreater(len(rows), 5)
        rows.mapped("used_count")
        self.env["qbo.mapping"].invalidate_model(["used_count"])
        # One for the documents, one for the companies of the connection, however many rows there are.
        with self.assertQueryCount(2):
            rows.mapped("used_count")

    def test_report(self):
        self.sales.name = "Product Sales"
        self.refresh()
        domain = [("backend_id", "=", self.backend.id), ("entity", "in", ("Account", "TaxCode"))]
        rows = self.env["qbo.mapping"].search(domain)
        before = self.env["qbo.mapping"].get_report(domain)
        self.assertEqual(before["total"], len(rows))
        self.assertEqual(before["mapped"], len(rows.filtered(lambda row: row.state == "mapped")))
        self.assertGreaterEqual(before["proposed"], 1)
        self.blocked(self.row("Account", self.sales)._blocking_key())
        missing = self.tax.copy({"name": "GST", "amount": 5})
        self.sync._out(self.backend, "TaxCode", missing)
        report = self.env["qbo.mapping"].with_user(self.bookkeeper).get_report(domain)
        self.assertEqual(report, {**before, "total": before["total"] + 1, "missing": before["missing"] + 1,
                                  "blocked": 1})
        self.row("Account", self.sales).action_accept()
        report = self.env["qbo.mapping"].get_report(domain)
        self.assertEqual((report["mapped"], report["blocked"]), (before["mapped"] + 1, 0))

    def test_two_that_could_be_it_are_a_question(self):
        code = {"Id": "6", "Name": "Dallas", "Taxable": True, "SalesTaxRateList": {"TaxRateDetail": [
            {"TaxRateRef": {"value": rate}, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0} for rate in "12"]}}
        self.tax.name = "Texas"
        self.company.account_sale_tax_id = self.tax
        self.refresh(TaxCode=[*CODES, code])
        row = self.row("TaxCode", self.tax)
        self.assertEqual((row.state, row.found_by, row.reference_id.id), ("missing", "several", False))
        domain = [("id", "=", row.id)]
        self.assertEqual(self.env["qbo.mapping"].get_report(domain)["ambiguous"], 1)
        # One of them goes: what is left is a proposal.
        self.refresh(TaxCode=CODES)
        self.assertEqual((row.state, row.reference_id.qbo_id), ("proposed", "5"))

    def test_bank_is_not_proposed_for_undeposited_funds(self):
        bank = self.company_data["default_journal_bank"]
        bank.name = "Bank"
        other = bank.copy({"code": "BNK9"})
        other.name = "Checking"
        self.refresh()
        self.assertMapped("Account", other, "35")
        self.assertFalse(self.row("Account", bank).reference_id)


    def test_accounts_and_taxes_wait_for_a_yes(self):
        self.backend.accept_certain = False
        account = self.sales.copy({"code": "400100", "name": "Fees"})
        thirty = self.env["account.payment.term"].create({"name": "Net 30", "line_ids": [
            Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})]})
        self.refresh()
        rows = self.row("Account", account) | self.row("TaxCode", self.tax)
        self.assertEqual(rows.mapped(lambda row: (row.state, row.confidence)), [("proposed", 100), ("proposed", 100)])
        self.assertFalse(self.sync._out(self.backend, "TaxCode", self.tax))
        # A term books nothing.
        self.assertMapped("Term", thirty, "3")
        # The button of one list leaves the other lists alone.
        taxes = self.env["qbo.mapping"].with_user(self.bookkeeper).with_context(
            active_model="qbo.mapping", active_domain=[("entity", "=", "TaxCode")])
        taxes.action_accept_all_certain()
        self.assertEqual(rows.mapped("state"), ["proposed", "mapped"])
        self.env["qbo.mapping"].with_user(self.bookkeeper).action_accept_all_certain()
        self.assertEqual(rows.mapped("state"), ["mapped", "mapped"])
        self.assertEqual(self.sync._out(self.backend, "TaxCode", self.tax), "5")


@tagged("post_install", "-at_install")
class TestCreateInQuickBooks(DocumentCase):
    """A bookkeeper presses the button; the worker creates, maps and releases."""

    def missing(self, entity, record):
        return self.su["qbo.mapping"].create({
            "backend_id": self.backend.id, "entity": entity, "model": record._name, "res_id": record.id,
            "state": "missing"}).with_user(self.bookkeeper)

    def test_term_method_and_item(self):
        self.backend.state = "active"
        self.quiet_sync()
        days = self.su["account.payment.term"].create({"name": "Net 21", "line_ids": [
            Command.create({"value": "percent", "value_amount": 100, "nb_days": 21})]})
        method = self.su["account.payment.method.line"].search(
            [("payment_type", "=", "inbound"), ("journal_id.company_id", "=", self.company.id)], limit=1)
        method.name = "Bike courier"
        rows = self.missing("Term", days)
        self.su["qbo.mapping"].search([("entity", "=", "PaymentMethod"), ("res_id", "=", method.id)]).unlink()
        rows |= self.missing("PaymentMethod", method)
        job = self.su["qbo.job"].create({
            "backend_id": self.backend.id, "company_id": self.company.id, "direction": "out", "entity": "Invoice",
            "model": "account.move", "res_id": 987654, "state": "blocked", "blocked_key": rows[0]._blocking_key()})
        before = len(self.simulator.log())
        rows.action_create_in_quickbooks()
        # Nothing is asked of QuickBooks while the person waits.
        self.assertEqual(self.requests_made(before), [])
        self.assertEqual(rows.mapped("creation"), ["asked", "asked"])
        self.quiet_sync()
        self.assertEqual(rows.mapped("state"), ["mapped", "mapped"])
        self.assertEqual(rows.mapped("creation"), [False, False])
        terms = [term for term in self.qbo("Term").values() if term["Name"] == "Net 21"]
        self.assertEqual([(term["DueDays"], term["Id"]) for term in terms], [(21, rows[0].reference_id.qbo_id)])
        self.assertEqual(len([row for row in self.qbo("PaymentMethod").values() if row["Name"] == "Bike courier"]), 1)
        self.assertNotEqual(job.state, "blocked")
        self.assertTrue(self.su["qbo.run.message"].search([("text", "ilike", "Net 21 was created")]))

    def test_tax_through_its_service(self):
        self.quiet_sync()
        tax = self.su["account.tax"].create({
            "name": "County 3.5", "amount": 3.5, "amount_type": "percent", "type_tax_use": "sale",
            "company_id": self.company.id})
        row = self.missing("TaxCode", tax)
        codes = len(self.qbo("TaxCode"))
        row.action_create_in_quickbooks()
        self.quiet_sync()
        # Which of two agencies gets the tax is for a person to say.
        self.assertEqual((row.creation, len(self.qbo("TaxCode"))), ("failed", codes))
        self.assertIn("2 tax agencies", row.creation_error)
        like = self.su["qbo.reference"].search([("backend_id", "=", self.backend.id), ("entity", "=", "TaxRate")])[0]
        row.creation_like_id = like
        row.action_create_in_quickbooks()
        self.quiet_sync()
        self.assertEqual((row.state, row.reference_id.rate), ("mapped", 3.5), row.creation_error)
        rate = next(rate for rate in self.qbo("TaxRate").values() if float(rate["RateValue"]) == 3.5)
        self.assertEqual(rate["AgencyRef"]["value"], like.document["agency_id"])
        self.assertEqual(self.qbo("TaxCode")[row.reference_id.qbo_id]["Name"], "County 3.5")

    def test_what_cannot_be_created_says_why(self):
        self.quiet_sync()
        parts = self.su["account.payment.term"].create({"name": "Halves", "line_ids": [
            Command.create({"value": "percent", "value_amount": 50, "nb_days": days}) for days in (0, 30)]})
        taken = self.su["account.payment.term"].create({"name": "Net 30", "line_ids": [
            Command.create({"value": "percent", "value_amount": 100, "nb_days": 33})]})
        rows = self.missing("Term", parts) | self.missing("Term", taken)
        count = len(self.qbo("Term"))
        rows.action_create_in_quickbooks()
        self.quiet_sync()
        self.assertEqual(rows.mapped("creation"), ["failed", "failed"])
        self.assertIn("paid in parts", rows[0].creation_error)
        self.assertEqual(len(self.qbo("Term")), count)
        account = self.missing("Account", self.su["account.account"].search([], limit=1))
        with self.assertRaises(UserError):
            account.action_create_in_quickbooks()

    def test_an_answer_that_was_lost_creates_nothing_twice(self):
        self.quiet_sync()
        days = self.su["account.payment.term"].create({"name": "Net 22", "line_ids": [
            Command.create({"value": "percent", "value_amount": 100, "nb_days": 22})]})
        row = self.missing("Term", days)
        row.action_create_in_quickbooks()
        self.no_pauses()
        self.simulator.faults(kind="cut_after", match={"realm": self.realm, "entity": "term"}, count=20)
        self.sync(until_done=False)
        self.assertEqual(row.creation, "asked")
        self.simulator.faults(clear=True)
        self.quiet_sync()
        self.assertEqual(row.state, "mapped")
        self.assertEqual(len([term for term in self.qbo("Term").values() if term["Name"] == "Net 22"]), 1)


@tagged("post_install", "-at_install")
class TestChangedMapping(DocumentCase):
    def test_documents_stay_until_a_person_sends_them_again(self):
        invoice = self.invoice(self.line(100, taxed=True))
        other = self.invoice(self.line(50))
        self.quiet_sync()
        row = self.su["qbo.mapping"].search([
            ("backend_id", "=", self.backend.id), ("entity", "=", "TaxCode"), ("res_id", "=", self.tax.id)])
        row = row.with_user(self.bookkeeper)
        old, new = row.reference_id, self.reference("TaxCode", "Tucson")
        self.assertEqual(row.linked_count, 1)
        self.assertEqual(row.action_open_documents()["domain"], [("id", "in", invoice.ids)])
        with self.assertLogs("odoo.tests.form.onchange", "WARNING") as said, Form(row) as form:
            form.reference_id = new
        self.assertIn("with California (8 %): 1.", said.output[0])
        self.assertEqual((row.reference_id, row.state), (new, "mapped"))
        # Changed is what is sent from now on; nothing of what is there.
        self.assertEqual(self.writes(self.quiet_sync()), [])
        self.assertEqual(self.there(invoice)["TxnTaxDetail"]["TxnTaxCodeRef"]["value"], old.qbo_id)
        token = self.there(other)["SyncToken"]
        row.action_send_again()
        self.sync()
        self.assertEqual(self.there(invoice)["TxnTaxDetail"]["TxnTaxCodeRef"]["value"], new.qbo_id)
        self.assertEqual(self.there(other)["SyncToken"], token)
        self.assertIn("sent again: 1.", row.message_ids[0].body)
        # A record that no document uses has nothing to send.
        unused = self.su["qbo.mapping"].search([
            ("backend_id", "=", self.backend.id), ("entity", "=", "TaxCode"), ("res_id", "=", self.other_tax.id)])
        with self.assertRaises(UserError):
            unused.with_user(self.bookkeeper).action_send_again()
