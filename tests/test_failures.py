"""What goes wrong with one document: a sentence, a place on the screen, and nothing lost."""

from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..qbo import mapping
from ..qbo.mapping.errors import MappingError
from .documents import DocumentCase, cents


class FailureCase(DocumentCase):

    def problem(self, record, code=None):
        """Return the one open job of a record, which must be a problem that the record and the list show alike."""
        jobs = self.open_jobs().filtered(lambda job: job.model == record._name and job.res_id == record.id)
        self.assertEqual(len(jobs), 1, self.jobs(res_id=record.id).mapped("state"))
        self.assertIn(jobs.state, ("failed", "blocked", "conflict"))
        self.assertTrue(jobs.error)
        self.assertEqual(record.with_user(self.biller).qbo_error, jobs.error)
        if code:
            self.assertEqual((jobs.state, jobs.error_code), ("failed", code))
        return jobs

    def retry(self, job):
        """Retry in the dialog, as an approver does."""
        wizard = self.env["qbo.retry.wizard"].with_user(self.bookkeeper).with_context(
            active_model="qbo.job", active_ids=job.ids).create({})
        self.assertTrue(wizard.line_ids.cause)
        wizard.action_retry()


@tagged("post_install", "-at_install")
class TestFailuresOut(FailureCase):

    def test_an_unmapped_tax_waits_for_its_mapping(self):
        tax = self.su["account.tax"].create({
            "name": "Luxury", "amount": 12.5, "type_tax_use": "sale", "company_id": self.company.id})
        move = self.invoice(self.line(100, tax_ids=[Command.set(tax.ids)]))
        other = self.invoice(10)
        self.sync()
        job = self.problem(move)
        self.assertEqual((job.state, self.status(move), self.status(other)), ("blocked", "failed", "synced"))
        self.assertIn("Luxury", job.error)
        self.assertEqual(job.with_user(self.bookkeeper).action_fix()["res_model"], "qbo.mapping")
        mend = move.with_user(self.bookkeeper).action_qbo_problem()
        self.assertEqual((mend["res_model"], mend["res_id"]), ("qbo.job", job.id))
        self.assertEqual(other.with_user(self.bookkeeper).action_qbo_problem()["res_model"], "qbo.relink.wizard")
        row = self.su["qbo.mapping"].search([("model", "=", "account.tax"), ("res_id", "=", tax.id)])
        self.assertEqual(row.state, "missing")
        # A hundred documents that wait for the same mapping are released by it, without a retry.
        more = [self.invoice(self.line(5, tax_ids=[Command.set(tax.ids)])) for _number in range(3)]
        self.sync()
        self.assertEqual(set(self.open_jobs().mapped("state")), {"blocked"})
        self.map("TaxCode", tax, "AZ State tax")
        self.assertEqual(set(self.open_jobs().mapped("state")), {"pending"})
        self.sync()
        self.assertFalse(self.open_jobs())
        for one in (move, *more):
            self.assertTrue(self.there(one))

    def test_a_name_that_is_taken(self):
        self.person("create", "Vendor", data={"DisplayName": "Acme"})
        move = self.invoice(10)
        self.sync()
        job = self.problem(self.acme, "6240")
        waiting = self.open_jobs().filtered(lambda job: job.entity == "Invoice")
        self.assertEqual((waiting.state, waiting.res_id), ("blocked", move.id))
        self.assertIn("Acme", waiting.error)
        self.assertFalse(self.qbo("Customer"), "nothing is renamed without a rule")
        # The person chooses the rule; customer and invoice cross.
        self.backend.rename_on_clash = True
        self.retry(job)
        self.sync()
        self.assertFalse(self.open_jobs())
        self.assertEqual(self.there(self.acme)["DisplayName"], "Acme (C)")
        self.assertEqual(self.there(move)["CustomerRef"]["value"], self.there(self.acme)["Id"])
        self.assertEqual(self.acme.name, "Acme")

    def test_the_number_of_another_customers_invoice_does_not_link(self):
        self.backend.policy_ids.direction = "out"
        move = self.invoice(10)
        theirs = self.qbo_sale("Invoice", self.customer("Other"), self.qbo_line(self.item(), 10), DocNumber=move.name)
        self.sync()
        job = self.problem(move, "6140")
        self.assertIn(move.name, job.error + job.error_detail)
        self.assertFalse(self.binding(move).qbo_id)
        self.assertEqual(self.qbo("Invoice")[theirs["Id"]]["TotalAmt"], 10)
        self.person("edit", "Invoice", id=theirs["Id"], data={"DocNumber": "X-1"})
        self.retry(job)
        self.quiet_sync()
        self.assertSameDocument(move)

    def test_the_same_invoice_that_is_there_already_is_adopted(self):
        self.backend.policy_ids.direction = "out"
        first = self.invoice(10)
        self.quiet_sync()
        customer, item = self.there(self.acme), self.there(self.advice)
        move = self.invoice(25)
        theirs = self.qbo_sale("Invoice", customer, self.qbo_line(item, 25), DocNumber=move.name)
        run = self.sync()
        self.assertFalse(self.open_jobs())
        self.assertEqual(self.binding(move).qbo_id, theirs["Id"])
        self.assertEqual(self.numbers_there(), sorted([first.name, move.name]))
        self.assertIn("in QuickBooks already", self.messages(run))
        # Another amount under the same number is not the same invoice.
        other = self.invoice(30)
        self.qbo_sale("Invoice", customer, self.qbo_line(item, 31), DocNumber=other.name)
        self.sync()
        self.problem(other, "6140")

    def test_a_closed_period(self):
        move = self.invoice(10)
        self.quiet_sync()
        self.simulator.control("company", "GET")
        self.person("edit", "Preferences", id="1", data={"AccountingInfoPrefs": {"BookCloseDate": "2026-03-31"}})
        late = self.invoice(20)
        self.sync()
        job = self.problem(late, "6210")
        self.assertIn("clos", job.error.lower())
        self.assertTrue(job.with_user(self.bookkeeper).how_to_fix)
        self.assertSameDocument(move)
        self.person("edit", "Preferences", id="1", data={"AccountingInfoPrefs": {"BookCloseDate": "2026-01-31"}})
        self.retry(job)
        self.quiet_sync()
        self.assertSameDocument(late)

    def test_a_reference_that_does_not_exist_any_more(self):
        """The item behind lines without a product was made inactive after the lists were read."""
        self.simulator.faults(kind="fault", match={"realm": self.realm, "operation": "batch", "entity": "invoice"},
                              code="2500", text="Invalid Reference Id : Item")
        move = self.invoice(10)
        self.sync()
        job = self.problem(move, "2500")
        self.retry(job)
        self.quiet_sync()
        self.assertSameDocument(move)

    def test_a_document_that_names_a_wrong_entry_goes_once_the_mapping_is_put_right(self):
        self.simulator.faults(kind="fault", match={"realm": self.realm, "operation": "batch", "entity": "invoice"},
                              code="2500", text="Invalid Reference Id : Item")
        move = self.invoice(10)
        self.sync()
        job = self.problem(move, "2500").with_user(self.bookkeeper)
        action = job.action_fix()
        self.assertEqual(action["res_model"], "qbo.mapping")
        mapping = self.env["qbo.mapping"].with_user(self.bookkeeper).search(
            [*action["domain"], ("state", "=", "mapped")], limit=1)
        mapping.reference_id = mapping.reference_id
        self.assertEqual(job.state, "pending")
        self.quiet_sync()
        self.assertSameDocument(move)

    def test_two_taxes_on_one_document(self):
        move = self.invoice(self.line(10, taxed=True), self.line(10, tax_ids=[Command.set(self.other_tax.ids)]))
        self.sync()
        job = self.problem(move, "several_taxes")
        self.assertIn("California", job.error)
        self.assertIn("Tucson", job.error)
        self.assertFalse(self.qbo("Invoice"))

    def test_a_deposited_payment_is_not_changed(self):
        move = self.invoice(10)
        payment = self.pay(10, move, journal=self.cash)
        self.quiet_sync()
        self.person("deposit", "Payment", ids=[self.there(payment)["Id"]])
        payment.action_draft()
        payment.action_cancel()
        self.sync()
        job = self.problem(payment, "6540")
        self.assertIn("deposit", job.error.lower())
        self.assertEqual(cents(self.there(payment)["TotalAmt"]), 10)

    def test_an_invoice_deleted_in_quickbooks_while_odoo_changes_it(self):
        self.backend._policy("Invoice").direction = "out"
        move = self.invoice(10)
        self.quiet_sync()
        self.person("delete", "Invoice", id=self.there(move)["Id"])
        move.ref = "after"
        self.sync()
        self.problem(move)
        self.assertEqual(self.status(move), "missing")
        self.assertFalse(self.qbo("Invoice"))

    def test_a_customer_that_the_rules_keep_at_home(self):
        self.backend._policy("Customer").direction = "in"
        move = self.invoice(10)
        self.sync()
        self.assertIn("Acme", self.problem(move, "dependency_off").error)

    def test_every_problem_has_a_cause_in_the_history_of_the_run(self):
        move = self.invoice(self.line(10, taxed=True), self.line(10, tax_ids=[Command.set(self.other_tax.ids)]))
        run = self.sync()
        self.assertEqual((run.state, run.failed_count), ("done", 1))
        message = run.message_ids.filtered(lambda message: message.level == "error")
        self.assertEqual((message.model, message.res_id), ("account.move", move.id))
        self.assertIn(move.name, message.text)

    def test_a_skipped_problem_comes_back_when_the_document_changes(self):
        move = self.invoice(self.line(10, taxed=True), self.line(10, tax_ids=[Command.set(self.other_tax.ids)]))
        self.sync()
        self.problem(move).with_user(self.bookkeeper)._skip("Settled by hand")
        self.sync()
        self.assertEqual(self.status(move), "skipped")
        self.assertFalse(self.open_jobs())
        move.button_draft()
        move.invoice_line_ids[1].tax_ids = self.tax
        move.action_post()
        self.quiet_sync()
        self.assertSameDocument(move)


@tagged("post_install", "-at_install")
class TestFailuresIn(FailureCase):

    def test_one_bad_document_of_a_bulk_fails_alone(self):
        customer, item = self.customer(), self.item()
        made = [self.qbo_sale("Invoice", customer, self.qbo_line(item, amount)) for amount in (10, 20, 30)]
        self.company.fiscalyear_lock_date = "2026-02-28"
        bad = self.qbo_sale("Invoice", customer, self.qbo_line(item, 5), TxnDate="2026-01-15")
        self.sync()
        [job] = self.open_jobs()
        self.assertEqual((job.qbo_id, job.state, job.error_code), (bad["Id"], "failed", "locked"))
        for there in made:
            self.assertSameDocument(self.here("Invoice", there["Id"]))

    def test_a_document_that_odoo_refuses_fails_alone_with_odoos_sentence(self):
        """A rule of another addon refuses one invoice of a bulk."""
        customer, item = self.customer(), self.item()
        good = self.qbo_sale("Invoice", customer, self.qbo_line(item, 10))
        bad = self.qbo_sale("Invoice", customer, self.qbo_line(item, 20), PrivateNote="no")
        original = self.env.registry["account.move"]._post
        refusal = "Invoices with this reference are not posted here."

        def _post(moves, soft=True):
            if "no" in moves.mapped("ref"):
                raise UserError(refusal)
            return original(moves, soft=soft)

        with patch.object(self.env.registry["account.move"], "_post", _post):
            self.sync()
        self.assertSameDocument(self.here("Invoice", good["Id"]))
        [job] = self.open_jobs()
        self.assertEqual((job.qbo_id, job.state, job.error_code), (bad["Id"], "failed", "odoo_refused"))
        self.assertEqual(job.error, refusal)
        self.assertEqual(self.su["account.move"].search_count([("ref", "=", "no")]), 0)
        self.retry(job)
        self.quiet_sync()
        self.assertSameReceivables()

    def test_a_journal_that_cannot_take_imports_is_named(self):
        customer, item = self.customer(), self.item()
        self.quiet_sync()
        journal = self.company_data["default_journal_sale"]
        journal.restrict_mode_hash_table = True
        self.qbo_sale("Invoice", customer, self.qbo_line(item, 10))
        run = self.sync()
        self.assertEqual(run.state, "done")
        [job] = self.open_jobs()
        self.assertEqual(job.state, "failed")
        self.assertIn(journal.name, job.error)
        journal.restrict_mode_hash_table = False
        self.retry(job)
        self.quiet_sync()
        self.assertSameReceivables()

    def test_a_journal_without_an_account_for_discounts_is_named(self):
        customer, item = self.customer(), self.item()
        self.quiet_sync()
        journal = self.company_data["default_journal_sale"]
        account, journal.default_account_id = journal.default_account_id, False
        discount = {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {
            "PercentBased": True, "DiscountPercent": 10}}
        self.qbo_sale("Invoice", customer, self.qbo_line(item, 10), discount)
        self.sync()
        [job] = self.open_jobs()
        self.assertIn(f"{journal.display_name} has no default account", job.error)
        journal.default_account_id = account
        self.retry(job)
        self.quiet_sync()
        self.assertSameReceivables()

    def test_what_odoo_cannot_read_is_a_problem_and_the_rest_arrives(self):
        customer, item = self.customer(), self.item()
        good = self.qbo_sale("Invoice", customer, self.qbo_line(item, 10))
        bad = self.qbo_sale("Invoice", customer, self.qbo_line(item, 20))
        original = mapping.from_qbo

        def from_qbo(entity, payload):
            if entity == "Invoice" and payload["Id"] == bad["Id"]:
                raise MappingError("unsupported_kind", "lines", "TaxLineDetail 5")
            return original(entity, payload)

        with patch.object(mapping, "from_qbo", from_qbo):
            self.sync()
        self.assertSameDocument(self.here("Invoice", good["Id"]))
        [job] = self.open_jobs()
        self.assertEqual((job.qbo_id, job.state, job.error_code), (bad["Id"], "failed", "data_unsupported_kind"))
        self.assertIn("TaxLineDetail", job.error)

    def test_an_inactive_customer_with_its_deleted_name(self):
        customer, item = self.customer(), self.item()
        self.person("deactivate", "Customer", id=customer["Id"])
        self.assertIn("(deleted)", self.qbo("Customer")[customer["Id"]]["DisplayName"])
        self.quiet_sync()
        partner = self.here("Customer", customer["Id"])
        self.assertEqual((partner.active, partner.name), (False, "Freeman"))
        there = self.person("edit", "Customer", id=customer["Id"], data={"Active": True})
        self.qbo_sale("Invoice", there, self.qbo_line(item, 10))
        self.quiet_sync()
        self.assertTrue(partner.active)
        money = self.pay(4, partner=partner)
        self.quiet_sync()
        # QuickBooks writes the open invoice off by itself; here the customer stays until nothing is owed any more.
        self.person("deactivate", "Customer", id=customer["Id"])
        run = self.sync()
        self.assertIn("balance is not zero", self.messages(run))
        self.jobs(state="approval").with_user(self.bookkeeper)._approve()
        self.sync()
        self.assertFalse(self.open_jobs())
        self.assertEqual((partner.active, partner.name), (True, "Freeman"))
        self.assertEqual(cents(partner.credit), 0)
        self.assertSameReceivables()

        # QuickBooks takes nothing for an inactive customer, and says the same of what is not there at all.
        money.with_user(self.sales).memo = "PO 7"
        new = self.invoice(20, partner=partner)
        self.sync()
        jobs = self.open_jobs()
        self.assertEqual(jobs.mapped("res_id"), [new.id, money.id])
        for job in jobs:
            self.assertIn("Freeman (deleted) is inactive in QuickBooks", job.error)
            self.assertEqual((job.state, self.status(job._odoo_record())), ("failed", "failed"))
        self.person("edit", "Customer", id=customer["Id"], data={"Active": True})
        self.quiet_sync()
        self.assertSameDocument(new)
        self.assertEqual(self.there(money)["PaymentRefNum"], "PO 7")

    def test_a_merged_customer(self):
        first, second, item = self.customer("Freeman"), self.customer("Freeman Sporting Goods"), self.item()
        there = self.qbo_sale("Invoice", first, self.qbo_line(item, 10))
        self.quiet_sync()
        self.person("merge", "Customer", id=first["Id"], into=second["Id"])
        self.sync()
        paid = self.person("receive", "Invoice", id=there["Id"])
        self.sync()
        self.assertEqual(self.open_jobs().mapped("error_code"), ["merged_there"], "both contacts are still here")
        self.assertTrue(self.here("Payment", paid["Id"]))
        self.assertSameDocument(self.here("Invoice", there["Id"]))
        self.assertSameReceivables()
