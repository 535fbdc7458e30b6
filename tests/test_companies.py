"""Two companies of one database, each connected with a QuickBooks company of its own."""

from odoo import Command
from odoo.tests import tagged

from .documents import OPEN_STATES, DocumentCase


@tagged("post_install", "-at_install")
class TestTwoCompanies(DocumentCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.setup_other_company(name="Second Ltd")["company"]
        cls.second_admin = cls.new_user(
            "second_admin", "account.group_account_manager,base.group_partner_manager,qbo_sync.group_admin", cls.second)

    def arrange(self):
        super().arrange()
        self.second_realm = self.new_realm(**self.sim_wish)
        self.second_backend = self.new_backend(
            self.second, responsible_id=self.second_admin.id)
        self.connect(self.second_backend, self.second_realm, self.second_admin)
        self.second_backend.policy_ids.write({"direction": "both", "approve_out": "auto", "approve_in": "auto"})
        self.sync(self.second_backend)
        self.second_backend.default_item_id = self.su["qbo.reference"].search([
            ("backend_id", "=", self.second_backend.id), ("entity", "=", "Item"), ("name", "=", "Services")])

    def second_invoice(self, price, partner=None):
        move = self.su["account.move"].with_company(self.second).create({
            "move_type": "out_invoice", "partner_id": (partner or self.acme).id, "invoice_date": "2026-03-10",
            "invoice_line_ids": [Command.create({"name": "Advice", "price_unit": price, "tax_ids": []})]})
        move.action_post()
        return move

    def links(self, record):
        return self.su["qbo.binding"].search([("model", "=", record._name), ("res_id", "=", record.id)])

    def names(self, realm):
        return {row["DisplayName"] for row in self.qbo("Customer", realm).values()}

    def test_each_document_goes_to_the_books_of_its_company(self):
        first, second = self.invoice(10), self.second_invoice(20)
        self.sync()
        self.assertEqual([row["TotalAmt"] for row in self.qbo("Invoice").values()], [10])
        self.assertFalse(self.qbo("Invoice", self.second_realm))
        self.sync(self.second_backend)
        self.assertEqual([row["TotalAmt"] for row in self.qbo("Invoice", self.second_realm).values()], [20])
        self.assertEqual([row["TotalAmt"] for row in self.qbo("Invoice").values()], [10])
        self.assertEqual(self.links(first).backend_id, self.backend)
        self.assertEqual(self.links(second).backend_id, self.second_backend)

    def test_a_shared_customer_is_a_customer_of_each(self):
        self.invoice(10)
        self.second_invoice(20)
        self.sync()
        self.sync(self.second_backend)
        self.assertEqual(self.links(self.acme).backend_id, self.backend | self.second_backend)
        self.assertIn("Acme", self.names(self.realm) & self.names(self.second_realm))
        self.acme.phone = "+1 650 555 0199"
        self.sync()
        self.sync(self.second_backend)
        for realm in (self.realm, self.second_realm):
            [there] = [row for row in self.qbo("Customer", realm).values() if row["DisplayName"] == "Acme"]
            self.assertEqual(there["PrimaryPhone"]["FreeFormNumber"], "+1 650 555 0199")

    def test_what_one_quickbooks_says_of_a_shared_customer_reaches_the_other(self):
        """Name and archive follow through Odoo; money and documents of one company are nothing to the other."""
        first, second = self.invoice(10), self.second_invoice(20)
        self.sync()
        self.sync(self.second_backend)
        ids = {link.backend_id: link.qbo_id for link in self.links(self.acme)}

        def theres():
            return [self.qbo("Customer", realm)[ids[backend]] for backend, realm in (
                (self.backend, self.realm), (self.second_backend, self.second_realm))]

        def both():
            self.sync()
            self.sync(self.second_backend)
            return self.su["qbo.job"].search([("state", "in", OPEN_STATES)])

        self.person("edit", "Customer", id=ids[self.backend], data={"DisplayName": "Acme & Sons"})
        self.person("receive", "Invoice", id=self.there(first)["Id"])
        self.assertFalse(both())
        self.assertEqual(
            ([row["DisplayName"] for row in theres()], [row["Balance"] for row in theres()], self.acme.name),
            (["Acme & Sons"] * 2, [0, 20], "Acme & Sons"))
        # Archived, it can be inactive where nothing is open; the other company is told why not.
        self.acme.with_user(self.qbo_admin).action_archive()
        waiting = both()
        self.assertEqual((waiting.backend_id, waiting.error_code), (self.second_backend, "6220"))
        self.assertIn("20.00", waiting.error)
        self.assertEqual([row["Active"] for row in theres()], [False, True])
        self.acme.with_user(self.qbo_admin).action_unarchive()
        self.assertFalse(both())
        self.assertEqual([row["Active"] for row in theres()], [True, True])
        # Both QuickBooks companies change the same thing: the second one finds a conflict, nothing is overwritten.
        for realm, backend, phone in (
                (self.realm, self.backend, "1"), (self.second_realm, self.second_backend, "2")):
            self.simulator.ui(realm, action="edit", entity="Customer", id=ids[backend], data={
                "PrimaryPhone": {"FreeFormNumber": phone}})
        self.assertEqual(both().filtered(lambda job: job.state == "conflict").backend_id, self.second_backend)
        self.assertEqual([row["PrimaryPhone"]["FreeFormNumber"] for row in theres()], ["1", "2"])
        self.assertEqual((first.amount_residual, second.amount_residual), (0, 20))

    def test_contacts_that_are_merged_are_merged_for_both(self):
        """Each company has its own two customers: links and money follow in both, and each is asked for its own."""
        twin = self.su["res.partner"].create({
            "name": "Twin", "is_company": True, "email": "acme@example.com"})
        moves = {self.backend: (self.invoice(10), self.invoice(40, partner=twin)),
                 self.second_backend: (self.second_invoice(20), self.second_invoice(30, twin))}
        realms = {self.backend: self.realm, self.second_backend: self.second_realm}
        for backend in moves:
            self.sync(backend)
        self.map_second_cash()
        admin = self.new_user("merger", "account.group_account_manager,base.group_partner_manager,qbo_sync.group_admin")
        admin.write({"company_ids": [Command.link(self.second.id)]})
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(admin).with_context(
            active_model="res.partner", active_ids=(self.acme | twin).ids,
            allowed_company_ids=(self.company | self.second).ids).create({})
        wizard.dst_partner_id = self.acme
        wizard.action_merge()
        for backend, (_mine, others) in moves.items():
            self.person_in(realms[backend], "receive", "Invoice", amount=5, id=self.links(others).qbo_id)
            self.sync(backend)
            asked = self.su["qbo.job"].search([("backend_id", "=", backend.id), ("state", "in", OPEN_STATES)])
            self.assertEqual(len(asked), 1, asked.mapped("error"))
            self.assertEqual((asked.state, asked.error_code), ("failed", "merged_here"))
            self.assertIn(f"{others.amount_residual:.2f}", asked.error)
            customers = self.su["qbo.binding"].search([
                ("backend_id", "=", backend.id), ("entity", "=", "Customer"), ("qbo_id", "!=", False)])
            self.assertEqual(set(customers.mapped("res_id")), {self.acme.id})
            ids = {row["DisplayName"]: row["Id"] for row in self.qbo("Customer", realms[backend]).values()}
            self.person_in(realms[backend], "merge", "Customer", id=ids["Twin"], into=ids["Acme"])
            self.sync(backend)
            self.assertFalse(self.su["qbo.job"].search([("backend_id", "=", backend.id), ("state", "in", OPEN_STATES)]))
            there = self.qbo("Invoice", realms[backend]).values()
            self.assertEqual({row["CustomerRef"]["value"] for row in there}, {ids["Acme"]})
            self.assertEqual(sum(row["Balance"] for row in there), sum(
                move.amount_residual for move in moves[backend]))
        self.assertEqual([move.amount_residual for pair in moves.values() for move in pair], [10, 35, 20, 25])

    def map_second_cash(self):
        """Map the cash journal of the second company to its Undeposited Funds."""
        journal = self.su["account.journal"].search(
            [("company_id", "=", self.second.id), ("type", "=", "cash")], limit=1)
        journal.inbound_payment_method_line_ids.payment_account_id = self.su["account.account"].with_company(
            self.second).create({"name": "Outstanding", "code": "101499", "account_type": "asset_current",
                                 "reconcile": True, "company_ids": [Command.set(self.second.ids)]})
        place = {"backend_id": self.second_backend.id, "entity": "Account", "model": journal._name,
                 "res_id": journal.id}
        rows = self.su["qbo.mapping"]
        row = rows.search([(name, "=", value) for name, value in place.items()]) or rows.create(place)
        row.write({"state": "mapped", "found_by": "person", "reference_id": self.su["qbo.reference"].search([
            ("backend_id", "=", self.second_backend.id), ("entity", "=", "Account"),
            ("name", "=", "Undeposited Funds")]).id})

    def person_in(self, realm, action, entity, **wish):
        return self.simulator.ui(realm, action=action, entity=entity, **wish)

    def test_people_see_the_sync_of_their_company(self):
        self.invoice(10)
        self.second_invoice(20)
        self.sync()
        self.sync(self.second_backend)
        for user, company in ((self.bookkeeper, self.company), (self.second_admin, self.second)):
            for model in (
                "qbo.backend", "qbo.job", "qbo.binding", "qbo.run", "qbo.reference", "qbo.mapping", "qbo.policy",
            ):
                rows = self.env[model].with_user(user).search([])
                self.assertEqual(rows.sudo().company_id, company, model)


@tagged("post_install", "-at_install")
class TestBranch(DocumentCase):

    def test_an_invoice_of_a_branch_goes_through_its_parent(self):
        branch = self.su["res.company"].create({"name": "Branch North", "parent_id": self.company.id})
        # Its chart of accounts is loaded just before the commit.
        self.env.cr.precommit.run()
        self.assertEqual(self.su["qbo.backend"]._id_for_company(branch.id), self.backend.id)
        moves = self.su["account.move"].with_context(allowed_company_ids=[branch.id, self.company.id])
        move = moves.create({
            "move_type": "out_invoice", "partner_id": self.acme.id, "invoice_date": "2026-03-10",
            "invoice_line_ids": [Command.create(self.line(30))]})
        move.action_post()
        self.assertEqual(move.company_id, branch)
        self.sync()
        self.assertEqual(self.binding(move).status, "synced")
        self.assertEqual([row["TotalAmt"] for row in self.qbo("Invoice").values()], [30])
        payment = self.pay(30, partner=self.acme)
        self.apply(payment, move, user=self.env.ref("base.user_root"))
        self.sync()
        self.assertEqual([row["Balance"] for row in self.qbo("Invoice").values()], [0])
        self.assertEqual((self.backend.ar_odoo, self.backend.ar_qbo), (0, 0), "the branch is part of the company")
