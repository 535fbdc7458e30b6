"""How changes of QuickBooks are read: pages, windows, clocks, and what is asked for twice."""

from datetime import datetime, timedelta, timezone
from unittest.mock import patch

import psycopg2
from odoo.tests import tagged

from ..models.sync import inbox
from ..qbo import mapping
from ..qbo.client import Client
from .documents import DocumentCase, cents


@tagged("post_install", "-at_install")
class TestReadingChanges(DocumentCase):

    def partners(self, prefix):
        return self.su["res.partner"].with_context(active_test=False).search_count([("name", "=like", f"{prefix}%")])

    def many(self, count, prefix):
        """Return a company of QuickBooks with so many customers."""
        return self.new_realm(empty=True, objects={"Customer": [
            {"DisplayName": f"{prefix} {number:04}"} for number in range(count)]})

    def connect_to(self, realm):
        """Connect another company of QuickBooks to a company of its own."""
        company = self.setup_other_company(name=f"Company of {realm}")["company"]
        self.su.user.company_ids |= company
        self.qbo_admin.company_ids |= company
        backend = self.new_backend(company)
        self.connect(backend, realm)
        backend.policy_ids.write({"direction": "in", "approve_in": "auto"})
        return backend

    def test_more_than_a_thousand_rows(self):
        """A page has a thousand rows; the second is read from where the first ended."""
        realm = self.many(1105, "Many")
        backend = self.connect_to(realm)
        self.sync(backend)
        self.assertEqual(self.partners("Many"), 1105)
        queries = [
            entry for entry in self.simulator.log() if entry.get("realm") == realm and entry["operation"] == "query"]
        self.assertGreaterEqual(len(queries), 2)

    def test_a_full_answer_of_changes_is_narrowed(self):
        realm = self.new_realm(empty=True)
        backend = self.connect_to(realm)
        self.sync(backend)
        for number in range(130):
            self.simulator.ui(realm, action="create", entity="Customer", data={"DisplayName": f"Changed {number:04}"})
        before = len(self.simulator.log())
        with patch.object(inbox, "PAGE", 50), patch("odoo.addons.qbo_sync.qbo.client.CDC_MAX", 100):
            run = self.sync(backend, until_done=False)
        self.assertEqual((run.state, self.partners("Changed")), ("done", 130))
        made = [entry["operation"] for entry in self.simulator.log()[before:] if entry.get("realm") == realm]
        # All together, each kind alone, and the pages of the one that is too long even alone.
        self.assertLessEqual(made.count("cdc"), 1 + 13)
        self.assertEqual(made.count("query"), 3)

    def test_pages_smaller_than_the_list(self):
        realm = self.many(130, "Paged")
        backend = self.connect_to(realm)
        with patch.object(inbox, "PAGE", 50):
            self.sync(backend)
        self.assertEqual(self.partners("Paged"), 130)

    def test_times_with_another_offset_compare_correctly(self):
        """The service writes -08:00; the cursor is a moment, and what is older or newer follows from it alone."""
        customer = self.customer()
        self.quiet_sync()
        stamp = self.qbo("Customer")[customer["Id"]]["MetaData"]["LastUpdatedTime"]
        self.assertRegex(stamp, r"[-+]0[78]:00$")
        moment = datetime.fromisoformat(self.su["qbo.cursor"].search(
            [("backend_id", "=", self.backend.id), ("source", "=", "cdc")]).moment)
        self.assertIsNotNone(moment.tzinfo)
        self.assertLess(abs(moment - datetime.now(timezone.utc)), timedelta(minutes=5))
        self.assertGreaterEqual(moment, mapping.meta(self.qbo("Customer")[customer["Id"]]).updated_at)
        self.person("edit", "Customer", id=customer["Id"], data={"Notes": "later"})
        self.quiet_sync()
        self.assertIn("later", self.here("Customer", customer["Id"]).comment)

    def test_a_cursor_older_than_thirty_days_compares_everything(self):
        customer = self.customer()
        cursor = self.su["qbo.cursor"].search([("backend_id", "=", self.backend.id), ("source", "=", "cdc")])
        cursor.moment = (datetime.now(timezone.utc) - timedelta(days=40)).isoformat()
        with self.counting() as made:
            self.sync()
        self.assertTrue([entry for entry in made if entry["operation"] == "query"])
        self.assertTrue(self.here("Customer", customer["Id"]))
        self.assertLess(datetime.now(timezone.utc) - datetime.fromisoformat(cursor.moment), timedelta(hours=1))

    def test_a_failed_reading_does_not_move_the_cursor(self):
        self.no_pauses()
        customer = self.customer()
        cursor = self.su["qbo.cursor"].search([("backend_id", "=", self.backend.id), ("source", "=", "cdc")])
        before = cursor.moment
        self.simulator.faults(kind="503", match={"realm": self.realm, "operation": "cdc"}, count=20)
        run = self.sync(until_done=False)
        self.assertEqual((run.state, cursor.moment), ("failed", before))
        self.simulator.faults(clear=True)
        self.quiet_sync()
        self.assertNotEqual(cursor.moment, before)
        self.assertTrue(self.here("Customer", customer["Id"]))

    def test_echoes_of_our_own_writes_are_dropped(self):
        move = self.invoice(10)
        self.pay(5, move)
        self.quiet_sync()
        self.quiet_sync()
        self.assertFalse(
            self.jobs(direction="in").filtered(lambda job: job.entity in ("Customer", "Invoice", "Payment")))

    def test_a_deleted_object_that_never_came_is_forgotten(self):
        self.backend.policy_ids.write({"approve_in": "ask"})
        customer = self.customer()
        invoice = self.qbo_sale("Invoice", customer, self.qbo_line(self.item(), 10))
        self.sync()
        self.person("delete", "Invoice", id=invoice["Id"])
        self.sync()
        self.assertEqual(self.jobs(entity="Invoice", qbo_id=invoice["Id"]).state, "cancelled")

    def test_nobody_is_asked_about_what_is_nothing(self):
        """Void before it came, or a payment that settles nothing any more: no approval, a line in the list of jobs."""
        self.backend.policy_ids.write({"approve_in": "ask"})
        customer = self.customer()
        invoice = self.qbo_sale("Invoice", customer, self.qbo_line(self.item(), 10))
        credit = self.qbo_sale("CreditMemo", customer, self.qbo_line(self.item("Spade"), 10))
        self.person("apply_credit", "Invoice", id=invoice["Id"], credit_memo=credit["Id"], amount=10)
        self.sync()
        [payment] = self.qbo("Payment").values()
        job = self.jobs(entity="Payment", qbo_id=payment["Id"])
        self.assertEqual(job.state, "approval")
        self.person("unapply", "Payment", id=payment["Id"])
        void = self.qbo_sale("Invoice", customer, self.qbo_line(self.item("Hoe"), 10))
        self.person("void", "Invoice", id=void["Id"])
        self.sync()
        jobs = job | self.jobs(entity="Invoice", qbo_id=void["Id"])
        self.assertEqual(jobs.mapped("state"), ["cancelled", "cancelled"])
        for words, one in zip(("payment of nothing", "void in QuickBooks"), jobs, strict=True):
            self.assertIn(words, one.error)
        self.assertEqual(self.jobs(entity="Invoice", qbo_id=invoice["Id"]).state, "approval")

    def test_the_start_date_keeps_old_documents_there(self):
        self.backend._policy("Invoice").cutoff_date = "2026-01-01"
        customer, item = self.customer(), self.item()
        old = self.qbo_sale("Invoice", customer, self.qbo_line(item, 10), TxnDate="2025-12-31")
        new = self.qbo_sale("Invoice", customer, self.qbo_line(item, 10), TxnDate="2026-01-01")
        self.sync()
        self.assertIsNone(self.here("Invoice", old["Id"]))
        self.assertTrue(self.here("Invoice", new["Id"]))


@tagged("post_install", "-at_install")
class TestLinks(DocumentCase):

    def test_the_database_refuses_a_second_link(self):
        move, other = self.invoice(10), self.invoice(20)
        self.quiet_sync()
        values = {
            "backend_id": self.backend.id, "company_id": self.company.id, "entity": "Invoice", "model": "account.move"}
        for clash in (
                {"res_id": other.id + 1000, "qbo_id": self.binding(move).qbo_id},
                {"res_id": move.id, "qbo_id": "987654"}):
            with self.assertRaises(psycopg2.errors.UniqueViolation), self.cr.savepoint(), patch("odoo.sql_db._logger"):
                self.su["qbo.binding"].create({**values, **clash})

    def test_an_answer_with_the_id_of_another_record_fails_alone(self):
        """A person linked a record by hand to the very object that the answer names."""
        self.no_pauses()
        first = self.invoice(10)
        self.quiet_sync()
        second, third = self.invoice(20), self.invoice(30)
        original = Client.batch

        def batch(client, items, request_id):
            answers = original(client, items, request_id)
            return {bid: {**answer, "Id": self.binding(first).qbo_id} if answer.get("TotalAmt") == 20 else answer
                    for bid, answer in answers.items()}

        with patch.object(Client, "batch", batch):
            self.sync()
        self.assertEqual([self.status(move) for move in (first, second, third)], ["synced", "failed", "synced"])
        self.assertIn(first.name, self.open_jobs().error)

    def test_documents_of_a_merged_partner_stay_linked(self):
        twin = self.su["res.partner"].create({"name": "Acme Inc", "is_company": True})
        move = self.invoice(10, partner=twin)
        self.quiet_sync()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.acme | twin).ids, self.acme)
        payment = self.pay(10, move, partner=self.acme)
        self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertEqual(cents(self.qbo("Invoice")[self.binding(move).qbo_id]["Balance"]), 0)
        self.assertTrue(self.there(payment))
        self.assertSameReceivables()

    def test_nothing_secret_is_kept_with_what_crossed(self):
        """Tokens and secrets stand in no job, message, chatter line or export of what a sync wrote."""
        self.simulator.oauth(expire_access=True, realm=self.realm)
        with self.assertLogs("odoo.addons.qbo_sync", "DEBUG") as logged:
            move = self.invoice(10)
            self.sync()
            self.invoice(20, partner=self.roe)
            self.simulator.faults(
                kind="fault", match={"realm": self.realm, "operation": "batch"}, code="6000",
                text="Bearer abc.def.ghi refused")
            self.sync()
        token = self.su["qbo.token"].search([("backend_id", "=", self.backend.id)])
        secrets = [secret for secret in (self._secrets(token)) if secret]
        self.assertTrue(secrets)
        kept = [*logged.output, *self.backend.message_ids.mapped("body"), *move.message_ids.mapped("body")]
        for model in ("qbo.job", "qbo.run", "qbo.run.message", "qbo.binding", "qbo.backend"):
            records = self.su[model].search([])
            kept.append(str(records.read()))
            names = [
                name for name, field in records._fields.items()
                if field.exportable and not field.relational and field.type != "binary"]
            kept.append(str(records.export_data(names)["datas"]))
        for secret in secrets:
            self.assertNotIn(secret, "\n".join(map(str, kept)))

    def _secrets(self, token):
        with self.own_cursors():
            client = self.backend._for_work()._get_client()
            return [client.transport._get_access_token(False), "abc.def.ghi"]
