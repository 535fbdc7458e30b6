"""Lists of QuickBooks, proposals, lookups, and what follows when a person maps something."""

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .mapping_common import CODES, ITEMS, Lists, MappingCase


@tagged("post_install", "-at_install")
class TestLists(MappingCase):
    def test_all_lists_with_inactive_rows(self):
        client = self.refresh()
        self.assertEqual({entity for entity, _where in client.calls},
                         {"Account", "TaxRate", "TaxCode", "Term", "PaymentMethod", "Item", "CustomerType",
                          "Preferences"})
        asked = {where for entity, where in client.calls if entity != "Preferences"}
        self.assertEqual(asked, {"Active IN (true,false)"})
        self.assertRecordValues(self.reference("Account", "80"), [
            {"name": "Consulting", "code": "400100", "kind": "Income", "active": True}])
        self.assertRecordValues(self.reference("Term", "9"), [{"name": "Net 45", "active": False}])

    def test_rate_of_a_code_is_the_sum_of_its_sales_rates(self):
        self.refresh()
        self.assertAlmostEqual(self.reference("TaxCode", "5").rate, 8.25, 6)
        self.assertAlmostEqual(self.reference("TaxRate", "1").rate, 6.25, 6)

    def test_second_refresh_writes_only_what_changed(self):
        self.refresh()
        ids = self.env["qbo.reference"].search([("backend_id", "=", self.backend.id)]).ids
        changed = self.sync._store(self.backend, "Term", [
            {"Id": "1", "Name": "On receipt", "DueDays": 0, "SyncToken": "1"},
            {"Id": "3", "Name": "Net 30", "DueDays": 30, "SyncToken": "0"}])
        self.assertEqual(changed, self.reference("Term", "1"))
        self.assertEqual(changed.name, "On receipt")
        self.refresh()
        self.assertEqual(self.env["qbo.reference"].search([("backend_id", "=", self.backend.id)]).ids, ids)

    def test_what_is_listed_no_more_becomes_inactive(self):
        self.refresh()
        self.refresh(Item=ITEMS[:1])
        self.assertEqual([self.reference("Item", qbo_id).active for qbo_id in "123"], [True, False, False])

    def test_a_change_feed_never_makes_the_rest_inactive(self):
        self.refresh()
        self.sync._refresh_one(self.backend, "Item", [{**ITEMS[0], "Name": "Service", "SyncToken": "3"}])
        self.assertEqual([self.reference("Item", qbo_id).active for qbo_id in "123"], [True, True, True])
        self.assertEqual(self.reference("Item", "1").name, "Service")

    def test_an_unreadable_entry_does_not_stop_the_others(self):
        self.refresh()
        odd = {"Id": "3", "Name": "Net 30", "DueDays": "soon", "SyncToken": "1"}
        with self.assertLogs("odoo.addons.qbo_sync.models.sync.reference", "WARNING"):
            self.sync._store(self.backend, "Term", [
                odd, {"Id": "8", "Name": "Net 8", "DueDays": 8, "SyncToken": "0"}], complete=True)
        self.assertRecordValues(self.reference("Term", "3"), [{"name": "Net 30", "active": True, "sync_token": "0"}])
        self.assertTrue(self.reference("Term", "8"))

    def test_names_for_people(self):
        self.refresh()
        names = [self.reference(entity, qbo_id).display_name for entity, qbo_id in (
            ("Account", "80"), ("TaxCode", "5"), ("Term", "9"), ("Term", "3"))]
        self.assertEqual(names, ["400100 Consulting", "Austin (8.25 %)", "Net 45 (inactive)", "Net 30"])

    def test_a_name_may_be_used_again(self):
        self.refresh()
        self.sync._store(self.backend, "Term", [{"Id": "12", "Name": "Net 45", "DueDays": 45, "SyncToken": "0"}])
        found = self.env["qbo.reference"].with_context(active_test=False).search([("name", "=", "Net 45")])
        self.assertEqual({row.qbo_id: row.active for row in found}, {"9": False, "12": True})

    def test_default_item(self):
        self.refresh()
        self.assertIn("Services", self.backend.message_ids[0].body)
        self.assertEqual(self.backend.default_item_id, self.reference("Item", "1"))
        self.assertNotIn(("Preferences", ""), self.refresh().calls)

    def test_default_item_of_the_preferences(self):
        client = Lists()
        client.default_item = "2"
        self.sync._refresh(self.backend, client)
        self.assertEqual(self.backend.default_item_id.qbo_id, "2")

    def test_due_once_a_day_or_on_demand(self):
        self.assertTrue(self.sync._due(self.backend))
        self.refresh()
        self.assertFalse(self.sync._due(self.backend))
        self.sync._ask(self.backend)
        self.assertTrue(self.sync._due(self.backend))

    def test_bulk(self):
        many = [{"Id": str(n), "Name": f"Item {n}", "Type": "Service"} for n in range(100, 400)]
        self.refresh()
        self.env.flush_all()
        with self.assertQueryCount(12):
            self.sync._store(self.backend, "Item", many)
            self.env.flush_all()


@tagged("post_install", "-at_install")
class TestProposals(MappingCase):
    def test_account_of_the_same_number(self):
        account = self.sales.copy({"code": "400100", "name": "Fees"})
        self.refresh()
        self.assertRecordValues(self.row("Account", account), [{
            "state": "mapped", "found_by": "code", "confidence": 100,
            "reference_id": self.reference("Account", "80").id}])

    def test_account_of_the_same_number_and_another_type(self):
        account = self.company_data["default_account_expense"].copy({"code": "400100", "name": "Fees paid"})
        self.refresh()
        self.assertFalse(self.row("Account", account))

    def test_similar_account_waits_for_a_person(self):
        self.sales.name = "Product Sales"
        self.refresh()
        row = self.row("Account", self.sales)
        self.assertEqual((row.state, row.found_by, row.reference_id.qbo_id), ("proposed", "similar", "79"))
        self.assertEqual(self.sync._resolver(self.backend).out("Account", self.sales), "")

    def test_tax_of_the_same_rate_and_name(self):
        self.refresh()
        self.assertRecordValues(self.row("TaxCode", self.tax), [
            {"state": "mapped", "found_by": "rate", "reference_id": self.reference("TaxCode", "5").id}])

    def test_group_of_taxes_is_the_sum_of_its_taxes(self):
        self.tax.name = "Texas"
        parts = self.env["account.tax"].create([
            {"name": f"part {amount}", "amount": amount, "amount_type": "percent", "type_tax_use": "none",
             "company_id": self.company.id} for amount in (6.25, 2.0)])
        group = self.env["account.tax"].create({
            "name": "Austin", "amount_type": "group", "type_tax_use": "sale", "company_id": self.company.id,
            "children_tax_ids": [Command.set(parts.ids)]})
        self.refresh()
        self.assertEqual(self.row("TaxCode", group).state, "mapped")
        self.assertFalse(self.row("TaxCode", self.tax))

    def test_tax_of_an_ambiguous_rate_is_left_to_a_person(self):
        self.tax.name = "Texas A"
        self.tax.copy({"name": "Texas B"})
        self.company.account_sale_tax_id = self.tax
        self.refresh()
        self.assertFalse(self.row("TaxCode", self.tax))

    def test_terms_by_their_meaning(self):
        thirty, now = self.env["account.payment.term"].create([
            {"name": "Thirty", "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})]},
            {"name": "At once", "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 0})]}])
        split = self.env["account.payment.term"].create({"name": "Net 30", "line_ids": [
            Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}),
            Command.create({"value": "percent", "value_amount": 50, "nb_days": 30})]})
        self.refresh()
        self.assertMapped("Term", thirty, "3")
        self.assertMapped("Term", now, "1")
        self.assertFalse(self.row("Term", split))

    def test_one_default_for_imports_of_several_terms(self):
        terms = self.env["account.payment.term"].create([
            {"name": name, "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})]}
            for name in ("Thirty", "Net 30 days")])
        self.refresh()
        rows = self.env["qbo.mapping"].search([("reference_id", "=", self.reference("Term", "3").id)])
        self.assertLessEqual(set(terms.ids), set(rows.mapped("res_id")))
        self.assertEqual(rows.mapped("default_in").count(True), 1)

    def test_journal_of_the_same_name(self):
        bank = self.company_data["default_journal_bank"]
        bank.name = "Checking"
        self.refresh()
        self.assertMapped("Account", bank, "35")

    def test_only_bank_is_proposed(self):
        bank, cash = self.company_data["default_journal_bank"], self.company_data["default_journal_cash"]
        bank.name, bank.default_account_id.name = "Volksbank", "Volksbank 1"
        self.refresh()
        row = self.row("Account", bank)
        self.assertEqual((row.state, row.found_by, row.reference_id.qbo_id), ("proposed", "type", "35"))
        row = self.row("Account", cash)
        self.assertEqual((row.state, row.found_by, row.reference_id.qbo_id), ("proposed", "type", "4"))

    def test_payment_methods_of_several_journals(self):
        line = self.company_data["default_journal_bank"].inbound_payment_method_line_ids[0]
        other = self.company_data["default_journal_cash"].inbound_payment_method_line_ids[0]
        (line | other).name = "Check"
        self.refresh()
        self.assertMapped("PaymentMethod", line, "2")
        self.assertMapped("PaymentMethod", other, "2")
        resolver = self.sync._resolver(self.backend)
        self.assertEqual(resolver.inn_all("PaymentMethod", "2", line._name), line | other)

    def test_item_for_lines_without_a_product(self):
        account = self.sales.copy({"code": "400100", "name": "Hours"})
        move = self._create_invoice_one_line(name="Work", price_unit=100.0, account_id=account)
        self.refresh()
        self.assertMapped("Item", account, "2")
        self.assertEqual(self.sync._out(self.backend, "Item", move.invoice_line_ids.account_id), "2")

    def test_a_persons_word_is_not_touched(self):
        self.refresh()
        row = self.row("TaxCode", self.tax)
        row.reference_id = False
        self.assertEqual((row.state, row.found_by), ("missing", "person"))
        self.refresh()
        self.assertEqual((row.state, row.reference_id.id), ("missing", False))

    def test_records_of_another_company_stay_out(self):
        other = self.setup_other_company()
        foreign = self.env["account.tax"].with_company(other["company"]).create({
            "name": "Austin", "amount": 8.25, "type_tax_use": "sale", "company_id": other["company"].id})
        self.refresh()
        self.assertFalse(self.row("TaxCode", foreign))
        with self.assertRaises(ValidationError):
            self.map("TaxCode", foreign, "5")

    def _create_invoice_one_line(self, account_id, **line):
        move = self.env["account.move"].create({
            "move_type": "out_invoice", "partner_id": self.partner_a.id, "invoice_date": "2026-01-15",
            "invoice_line_ids": [Command.create({"account_id": account_id.id, "tax_ids": [Command.clear()], **line})]})
        move.action_post()
        return move


@tagged("post_install", "-at_install")
class TestResolver(MappingCase):
    def test_two_queries_for_all_mappings(self):
        self.refresh()
        self.env.flush_all()
        self.env.invalidate_all()
        backend = self.backend
        # The backend itself is in every worker's cache.
        self.assertTrue(backend.default_item_id.active)
        with self.assertQueryCount(2):
            resolver = self.sync._resolver(backend)
            self.assertEqual(resolver.out("TaxCode", self.tax), "5")

    def test_missing_is_collected_for_one_document_and_saved_once(self):
        unknown = self.tax.copy({"name": "GST", "amount": 5})
        resolver = self.sync._resolver(self.backend)
        self.assertEqual(resolver.out("TaxCode", unknown), "")
        self.assertEqual(resolver.out("TaxCode", unknown), "")
        (missing,) = resolver.take_missing()
        self.assertEqual((missing.key, missing.reason), (f"map:TaxCode:account.tax:{unknown.id}", "unmapped"))
        self.assertIn("GST", resolver.explain(missing))
        self.assertEqual(resolver.take_missing(), ())
        (row,) = resolver.save_missing()
        self.assertEqual((row.state, row._blocking_key()), ("missing", missing.key))
        self.assertFalse(resolver.save_missing())

    def test_optional_questions_do_not_hinder(self):
        term = self.pay_terms_b
        resolver = self.sync._resolver(self.backend)
        self.assertEqual(resolver.out("Term", term, required=False), "")
        self.assertEqual(resolver.take_needs(), [])
        self.assertEqual(resolver.save_missing().res_id, term.id)

    def test_empty_record(self):
        resolver = self.sync._resolver(self.backend)
        self.assertEqual(resolver.out("Term", self.env["account.payment.term"]), "")
        self.assertEqual(resolver.take_missing(), ())
        self.assertFalse(resolver.save_missing())

    def test_account_of_a_line_falls_back_on_the_default_item(self):
        self.assertFalse(self.sync._out(self.backend, "Item", self.sales))
        self.refresh()
        self.assertEqual(self.sync._out(self.backend, "Item", self.sales), "1")

    def test_out_many(self):
        self.refresh()
        unknown = self.tax.copy({"name": "GST", "amount": 5})
        found = self.sync._out_many(self.backend, "TaxCode", self.tax | unknown)
        self.assertEqual(found, {self.tax.id: "5", unknown.id: ""})
        self.assertEqual(self.row("TaxCode", unknown).state, "missing")

    def test_out_tells_what_is_missing(self):
        missing = self.sync._out(self.backend, "TaxCode", self.tax)
        self.assertFalse(missing)
        self.assertEqual(missing.key, self.row("TaxCode", self.tax)._blocking_key())

    def test_inbound_uses_the_default(self):
        self.refresh()
        other = self.tax.copy({"name": "Austin included"})
        row = self.map("TaxCode", other, "5")
        self.assertFalse(row.default_in)
        self.assertMapped("TaxCode", self.tax, "5")
        self.assertEqual(self.sync._in(self.backend, "TaxCode", "5", "account.tax"), self.tax)
        row.default_in = True
        self.assertFalse(self.row("TaxCode", self.tax).default_in)
        self.assertEqual(self.sync._in(self.backend, "TaxCode", "5", "account.tax"), other)

    def test_inbound_default_moves_on_when_it_leaves(self):
        self.refresh()
        other = self.tax.copy({"name": "Austin included"})
        row = self.map("TaxCode", other, "5")
        self.row("TaxCode", self.tax).reference_id = False
        self.assertTrue(row.default_in)
        third = self.map("TaxCode", self.tax.copy({"name": "Austin once more"}), "5")
        row.unlink()
        self.assertTrue(third.default_in)

    def test_a_proposal_does_not_take_the_place_of_a_mapping(self):
        self.refresh(TaxCode=[])
        self.sync._store(self.backend, "TaxCode", CODES)
        proposed = self.map("TaxCode", self.tax, "5", state="proposed")
        mapped = self.map("TaxCode", self.tax.copy({"name": "Austin included"}), "5")
        self.assertTrue(mapped.default_in)
        proposed.action_accept()
        self.assertEqual((proposed.default_in, mapped.default_in), (False, True))

    def test_inbound_pseudo_codes_are_no_taxes(self):
        resolver = self.sync._resolver(self.backend)
        for code in ("TAX", "NON", ""):
            self.assertFalse(resolver.inn("TaxCode", code, "account.tax"))
        self.assertEqual(resolver.take_missing(), ())

    def test_inbound_unknown_entry(self):
        self.refresh()
        resolver = self.sync._resolver(self.backend)
        self.assertFalse(resolver.inn("Account", "35", "account.journal"))
        (need,) = resolver.take_needs()
        self.assertEqual(need.key, "ref:Account:account.journal:35")
        self.assertIn("Checking", need.text)

    def test_inbound_unknown_tax_offers_the_taxes_of_odoo(self):
        self.tax.name, other = "Texas", self.tax.copy({"name": "Ohio"})
        self.company.account_sale_tax_id = False
        self.refresh()
        self.assertFalse(self.row("TaxCode", self.tax) | self.row("TaxCode", other))
        resolver = self.sync._resolver(self.backend)
        self.assertFalse(resolver.inn("TaxCode", "5", "account.tax"))
        rows = resolver.save_missing()
        self.assertLessEqual({self.tax.id, other.id}, set(rows.mapped("res_id")))
        self.assertEqual(set(rows.mapped("state")), {"missing"})
        self.assertFalse(resolver.save_missing())

    def test_inbound_deleted_record(self):
        self.refresh()
        self.tax.unlink()
        self.assertFalse(self.sync._in(self.backend, "TaxCode", "5", "account.tax"))
        self.refresh()
        self.assertFalse(self.env["qbo.mapping"].search([("reference_id", "=", self.reference("TaxCode", "5").id)]))

    def test_inactive_entry_serves_imports_only(self):
        self.refresh()
        self.refresh(TaxCode=[*CODES[:2], {**CODES[2], "Name": "Austin (deleted)", "Active": False, "SyncToken": "1"}])
        resolver = self.sync._resolver(self.backend)
        self.assertEqual(resolver.inn("TaxCode", "5", "account.tax"), self.tax)
        self.assertEqual(resolver.out("TaxCode", self.tax), "")
        (missing,) = resolver.take_missing()
        self.assertEqual(missing.reason, "inactive")
        self.assertIn("inactive", resolver.explain(missing))


@tagged("post_install", "-at_install")
class TestPeople(MappingCase):
    def test_mapping_releases_the_jobs_that_wait_for_it(self):
        self.refresh(TaxCode=[])
        self.sync._out(self.backend, "TaxCode", self.tax)
        row = self.row("TaxCode", self.tax)
        waits = self.blocked(row._blocking_key())
        other = self.blocked("map:Term:account.payment.term:1", res_id=2)
        back = self.blocked("ref:TaxCode:account.tax:5", direction="in")
        self.assertEqual(row.blocked_count, 1)
        self.sync._store(self.backend, "TaxCode", CODES)
        row.reference_id = self.reference("TaxCode", "5")
        self.assertEqual((row.state, row.found_by), ("mapped", "person"))
        self.assertEqual([job.state for job in (waits, back, other)], ["pending", "pending", "blocked"])

    def test_an_entry_that_is_active_again_releases(self):
        self.refresh()
        inactive = {**CODES[2], "Active": False, "SyncToken": "1"}
        self.sync._store(self.backend, "TaxCode", [inactive])
        waits = self.blocked(self.row("TaxCode", self.tax)._blocking_key())
        self.sync._store(self.backend, "TaxCode", [{**inactive, "Active": True, "SyncToken": "2"}])
        self.assertEqual(waits.state, "pending")

    def test_accept(self):
        self.sales.name = "Product Sales"
        self.refresh()
        row = self.row("Account", self.sales)
        waits = self.blocked(row._blocking_key())
        approver = new_test_user(self.env, "mapper", "qbo_sync.group_approver,account.group_account_invoice",
                                 company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        row.with_user(approver).action_accept()
        self.assertEqual((row.state, row.found_by, waits.state), ("mapped", "similar", "pending"))
        self.assertEqual(self.sync._out(self.backend, "Account", self.sales), "79")

    def test_a_user_who_only_looks_cannot_map(self):
        self.refresh()
        user = new_test_user(self.env, "looker", "qbo_sync.group_user,account.group_account_readonly",
                             company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        with self.assertRaises(AccessError), mute_logger("odoo.models"):
            self.row("TaxCode", self.tax).with_user(user).write({"reference_id": False})

    def test_accept_all_certain_leaves_guesses(self):
        self.sales.name = "Product Sales"
        self.refresh()
        sure = self.row("TaxCode", self.tax)
        sure.write({"state": "proposed", "confidence": 100, "found_by": "rate"})
        guess = self.row("Account", self.sales)
        self.assertEqual((guess.state, guess.confidence < 90), ("proposed", True))
        self.env["qbo.mapping"].with_user(self.bookkeeper).action_accept_all_certain()
        self.assertEqual((sure.state, guess.state), ("mapped", "proposed"))

    def test_accept_needs_an_active_entry(self):
        self.refresh()
        row = self.row("TaxCode", self.tax)
        row.state = "proposed"
        self.reference("TaxCode", "5").active = False
        with self.assertRaises(UserError):
            row.action_accept()

    def test_refresh_asks_the_worker_and_sends_nothing(self):
        self.refresh()
        queued = [("backend_id", "=", self.backend.id), ("state", "=", "queued")]
        action = self.env["qbo.mapping"].with_user(self.bookkeeper).action_refresh_lists()
        self.assertEqual(action["tag"], "display_notification")
        self.assertTrue(self.sync._due(self.backend))
        # Before the activation nothing but the lists may cross.
        self.assertFalse(self.env["qbo.run"].search(queued))
        self.backend.sudo().action_activate()
        self.env["qbo.mapping"].with_user(self.bookkeeper).action_refresh_lists()
        self.assertTrue(self.env["qbo.run"].search(queued))

    def test_journal_needs_a_money_account(self):
        self.refresh()
        with self.assertRaises(ValidationError):
            bank = self.row("Account", self.company_data["default_journal_bank"])
            bank.reference_id = self.reference("Account", "79")

    def test_entry_of_another_list(self):
        self.refresh()
        with self.assertRaises(ValidationError):
            self.row("TaxCode", self.tax).reference_id = self.reference("Term", "3")

    def test_what_only_says_taxed_or_not_is_no_tax(self):
        self.refresh()
        row, code = self.row("TaxCode", self.tax), self.reference("TaxCode", "TAX")
        with self.assertRaisesRegex(ValidationError, "only says whether a line is taxed"):
            row.reference_id = code

    def test_pair_that_makes_no_sense(self):
        self.refresh()
        with self.assertRaises(ValidationError):
            self.map("Term", self.tax, "3")

    def test_open_record(self):
        self.refresh()
        action = self.row("TaxCode", self.tax).action_open_record()
        self.assertEqual((action["res_model"], action["res_id"]), ("account.tax", self.tax.id))

    def test_window_for_what_a_job_waits_for(self):
        self.refresh()
        row = self.row("TaxCode", self.tax)
        for key, expected in ((row._blocking_key(), row), (row._inbound_key(), row)):
            action = self.env["qbo.mapping"]._action_for_key(self.backend, key)
            self.assertIn(expected, self.env["qbo.mapping"].search(action["domain"]))
        self.assertFalse(self.env["qbo.mapping"]._action_for_key(self.backend, "rec:Customer:res.partner:1:"))
