"""Two customers become one, on either side: links, documents and money follow, and a person is asked the rest."""

from odoo import Command
from odoo.tests import tagged

from ..qbo.webhook import Event
from .documents import DocumentCase, cents


@tagged("post_install", "-at_install")
class TestMerges(DocumentCase):
    """``twin`` is a second customer; both have an open invoice in both books."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.twin = cls.su["res.partner"].create({
            "name": "Twin", "is_company": True, "email": "acme@example.com", "street": "2 Elm Street"})
        cls.keeper = cls.new_user(
            "keeper", "account.group_account_user,base.group_partner_manager,qbo_sync.group_approver")

    def arrange(self):
        super().arrange()
        self.mine, self.other = self.invoice(10), self.invoice(40, partner=self.twin)
        self.quiet_sync()
        self.ids = {name: self.binding(partner).qbo_id for name, partner in (("acme", self.acme), ("twin", self.twin))}

    def merge_here(self, kept, lost):
        """Merge two contacts as the dialog of the contacts list does."""
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(self.qbo_admin).with_context(
            active_model="res.partner", active_ids=(kept | lost).ids).create({})
        wizard.dst_partner_id = kept
        wizard.action_merge()

    def customers_there(self, *records):
        return [self.there(record)["CustomerRef"]["value"] for record in records]

    def problem(self):
        """Return the one thing that waits for a person."""
        jobs = self.open_jobs()
        self.assertEqual(jobs.mapped("state"), ["failed"], jobs.mapped("error"))
        return jobs

    def assertSameByCustomer(self):
        """What each customer owes is equal in both books, when those that are one here or there are added up."""
        here, there = {}, {}
        links = self.su["qbo.binding"].search([
            ("backend_id", "=", self.backend.id), ("entity", "=", "Customer"), ("qbo_id", "!=", False)], order="role")
        partners = {}
        for link in links:
            partners.setdefault(link.qbo_id, link.res_id)
        group = {link.res_id: partners[link.qbo_id] for link in links}
        for item in self.su["account.move.line"].search([
                ("company_id", "=", self.company.id), ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"), ("amount_residual", "!=", 0)]):
            owner = group[item.partner_id.id]
            here[owner] = here.get(owner, 0) + cents(item.amount_residual)
        for key, row in self.qbo("Customer").items():
            if row["Balance"]:
                owner = group[partners[key]]
                there[owner] = there.get(owner, 0) + cents(row["Balance"])
        self.assertEqual(here, there)
        self.assertSameReceivables()

    # === MERGED IN ODOO === #

    def test_merged_in_odoo_and_then_in_quickbooks(self):
        self.merge_here(self.acme, self.twin)
        self.sync()
        asked = self.problem()
        self.assertEqual((asked.error_code, asked.fix), ("merged_here", "merge"))
        for words in ("Twin", "Acme", "40.00", "change the name to exactly"):
            self.assertIn(words, asked.error)
        self.assertTrue(asked.with_user(self.bookkeeper).action_fix()["url"].endswith(f"/customer/{self.ids['twin']}"))
        self.assertEqual(self.other.partner_id, self.acme)
        self.assertSameByCustomer()

        # Until a person merges them there, both live on: what is there goes to the survivor, what is here goes back.
        self.person("receive", "Invoice", id=self.binding(self.other).qbo_id, amount=5)
        self.person("edit", "Customer", id=self.ids["twin"], data={"Notes": "talks of Twin"})
        self.other.with_user(self.sales).ref = "PO 7"
        part, later = self.pay(15, self.other), self.invoice(7)
        self.sync()
        self.assertEqual(self.problem(), asked, "nobody is asked twice")
        self.assertEqual(
            self.customers_there(self.mine, self.other, part, later),
            [self.ids[name] for name in ("acme", "twin", "twin", "acme")])
        self.assertEqual(cents(self.other.amount_residual), 20)
        self.assertFalse(self.acme.comment)
        self.assertSameByCustomer()

        both = self.pay(27, self.other, later)
        self.sync()
        refused = self.jobs(res_id=both.id, entity="Payment")
        self.assertEqual((refused.state, refused.error_code), ("failed", "merged_here"))
        self.assertIn("Acme", refused.error)
        self.backend.contacts_as_subcustomers = True
        desk = self.su["res.partner"].create({"name": "Desk", "parent_id": self.acme.id})
        below = self.invoice(3, partner=desk)
        for settled in (below, self.mine):
            self.receivable(part).with_user(self.bookkeeper).remove_move_reconcile()
            self.apply(part, settled)
            self.sync()
            self.assertEqual(self.customers_there(part), [self.ids["acme"]], "it goes to whom it settles now")
            self.assertEqual(self.there(settled)["Balance"], 0)
        self.pay(3, below)

        self.person("merge", "Customer", id=self.ids["twin"], into=self.ids["acme"])
        self.quiet_sync_with_warnings()
        self.assertEqual(set(self.customers_there(self.mine, self.other, part, later, both)), {self.ids["acme"]})
        self.assertEqual(self.status(self.acme), "synced")
        self.assertFalse(self.writes(self.quiet_sync()))
        self.assertSameByCustomer()

    def quiet_sync_with_warnings(self):
        """Sync: nothing stays open, and the history says what was followed."""
        run = self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertIn("was merged into", self.messages(run))

    def test_left_as_it_is_and_then_merged_the_other_way(self):
        """A person leaves both in QuickBooks; later the customer that was the survivor's own is the one that goes."""
        self.merge_here(self.acme, self.twin)
        self.sync()
        wizard = self.env["qbo.retry.wizard"].with_user(self.bookkeeper).with_context(
            active_model="qbo.job", active_ids=self.problem().ids).create({"reason": "Two branches there"})
        wizard.action_skip()
        self.acme.with_user(self.qbo_admin).phone = "1"
        self.pay(40, self.other)
        self.quiet_sync()
        self.assertEqual(self.there(self.acme)["PrimaryPhone"]["FreeFormNumber"], "1")
        self.assertSameByCustomer()

        self.person("merge", "Customer", id=self.ids["acme"], into=self.ids["twin"])
        self.quiet_sync_with_warnings()
        self.assertEqual(self.binding(self.acme).qbo_id, self.ids["twin"])
        self.assertEqual(self.there(self.acme)["DisplayName"], "Acme", "Odoo's name is the one that both agreed on")
        self.pay(10, self.mine)
        self.quiet_sync()
        self.assertSameByCustomer()

    # === MERGED IN QUICKBOOKS === #

    def test_merged_in_quickbooks_and_then_in_odoo(self):
        self.pay(15, self.other)
        self.quiet_sync()
        self.person("merge", "Customer", id=self.ids["twin"], into=self.ids["acme"])
        self.sync()
        asked = self.problem()
        self.assertEqual((asked.error_code, asked.fix), ("merged_there", "merge"))
        for words in ("Twin", "Acme", "Merge the two contacts in Odoo"):
            self.assertIn(words, asked.error)
        later = self.invoice(7, partner=self.twin)
        self.twin.with_user(self.qbo_admin).phone = "2"
        self.person("receive", "Invoice", id=self.binding(self.other).qbo_id, amount=5)
        self.sync()
        self.assertEqual(self.problem(), asked)
        self.assertEqual(set(self.customers_there(self.mine, self.other, later)), {self.ids["acme"]})
        self.assertEqual(len(self.qbo("Customer")), 1, "the contact that is left is no new customer")
        self.assertNotIn("PrimaryPhone", self.there(self.acme))
        self.assertEqual(cents(self.other.amount_residual), 20)
        self.assertSameByCustomer()

        action = asked.with_user(self.keeper).action_fix()
        wizard = self.env[action["res_model"]].with_user(self.keeper).with_context(**action["context"]).create({})
        self.assertEqual(wizard.partner_ids, self.acme | self.twin)
        wizard.dst_partner_id = self.twin
        wizard.action_merge()
        self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        self.assertEqual(self.there(self.twin)["Id"], self.ids["acme"], "the survivor here is the one there")
        self.pay(7, later)
        self.quiet_sync()
        self.assertSameByCustomer()

    def test_merged_in_quickbooks_into_one_that_was_never_here(self):
        """The contact goes over to the customer that survived, with all its documents."""
        self.backend._policy("Customer").direction = "out"
        new = self.customer("New")
        self.person("merge", "Customer", id=self.ids["twin"], into=new["Id"])
        self.sync()
        self.assertEqual(self.binding(self.twin).qbo_id, new["Id"])
        self.pay(40, self.other)
        self.quiet_sync()
        self.assertEqual(self.customers_there(self.other), [new["Id"]])
        self.assertSameReceivables()

    def test_a_notification_tells_of_a_merge_without_documents(self):
        lost, kept = self.customer("Lost"), self.customer("Kept")
        self.quiet_sync()
        partner = self.here("Customer", lost["Id"])
        self.person("merge", "Customer", id=lost["Id"], into=kept["Id"])
        event = {"realm_id": self.realm, "entity": "Customer", "operation": "Merge", "at": None}
        self.su["qbo.webhook.event"]._append([
            Event(qbo_id=kept["Id"], deleted_id=lost["Id"], **event),
            # Somebody says what is not so: both customers live.
            Event(qbo_id=self.ids["acme"], deleted_id=self.ids["twin"], **event)], {self.realm: self.backend.id})
        self.sync()
        self.assertIn("Lost was merged into Kept", self.problem().error)
        self.assertEqual(self.binding(partner, f"merged::r{partner.id}").qbo_id, kept["Id"])
        self.assertEqual(self.binding(self.twin).qbo_id, self.ids["twin"])

    def test_nothing_told_of_the_merge_and_a_document_names_the_one_that_is_gone(self):
        """The document says who is gone; the bookkeeper links or creates the contact, and the document goes."""
        for choice in ("override", "clear"):
            lost, kept = self.customer(f"Lost {choice}"), self.customer(f"Kept {choice}")
            self.quiet_sync()
            partner, other = self.here("Customer", lost["Id"]), self.here("Customer", kept["Id"])
            self.person("merge", "Customer", id=lost["Id"], into=kept["Id"])
            move = self.invoice(20, partner=partner)
            self.sync()
            job = self.problem().with_user(self.bookkeeper)
            self.assertEqual((job.error_code, job.res_id, self.status(partner)), ("entry_gone", move.id, "missing"))
            self.assertIn(f"Lost {choice} is not in QuickBooks any more", job.error)
            action = job.action_fix()
            wizard = self.env[action["res_model"]].with_user(self.bookkeeper).browse(action["res_id"])
            self.assertEqual((wizard.res_id, wizard.current_qbo_id), (partner.id, lost["Id"]))
            if choice == "override":
                self.binding(other).with_user(self.bookkeeper)._clear_id("free it")
                other.active = False
                self.binding(partner).with_user(self.bookkeeper)._relink(kept["Id"], "merged there")
            else:
                wizard.choice = choice
                wizard.action_apply()
            self.sync()
            self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
            [named] = self.customers_there(move)
            self.assertEqual(named == kept["Id"], choice == "override")
        self.assertSameReceivables()

    def test_credit_that_went_over_to_the_other_customer_before_it_crossed(self):
        """What is applied of it waits for approval; QuickBooks' change of the credit names the customer that survived.

        So it is of credit that is applied to an invoice, and of credit that is paid back.
        """
        credits = [self.refund(amount, partner=self.twin) for amount in (30, 8)]
        self.quiet_sync()
        self.backend._policy("Payment").approve_out = "ask"
        self.apply(credits[0], self.other)
        self.pay(8, credits[1], payment_type="outbound", partner=self.twin)
        self.sync()
        jobs = self.open_jobs()
        self.assertEqual([(job.state, job.model) for job in jobs], [("approval", "qbo.application")] * 2)
        self.person("merge", "Customer", id=self.ids["twin"], into=self.ids["acme"])
        for credit in credits:
            line = self.there(credit)["Line"][0]
            line["Amount"] = line["SalesItemLineDetail"]["UnitPrice"] = line["Amount"] + 5
            self.person("edit", "CreditMemo", id=self.there(credit)["Id"], data={"Line": [line]})
        self.sync()
        self.assertEqual([(credit.partner_id, credit.amount_residual) for credit in credits], [(self.acme, 5)] * 2)
        for _turn in ("as it was seen", "with the customer that survived"):
            jobs.with_user(self.bookkeeper)._approve()
            self.sync()
        self.assertEqual([(job.state, job.error) for job in jobs], [("done", False)] * 2)
        self.assertEqual([cents(self.there(move)["Balance"]) for move in (*credits, self.other)], [5, 5, 10])
        self.assertSameReceivables()

    def test_money_for_documents_of_a_customer_that_was_merged_there(self):
        """It goes to the customer that survived, although the contact is one below another company in Odoo."""
        above, kept = self.customer("Above"), self.customer("Kept")
        below = self.customer("Below", Job=True, ParentRef={"value": above["Id"]})
        self.quiet_sync()
        company, contact = self.here("Customer", above["Id"]), self.here("Customer", below["Id"])
        move = self.invoice(20, partner=contact)
        self.quiet_sync()
        self.person("merge", "Customer", id=below["Id"], into=kept["Id"])
        self.sync()
        self.assertEqual((contact.parent_id, self.problem().error_code), (company, "merged_there"))
        paid = self.pay(15, move, partner=company)
        self.sync()
        self.assertEqual(self.customers_there(move, paid), [kept["Id"], kept["Id"]])
        self.assertEqual((self.there(move)["Balance"], move.amount_residual), (5, 5))

    def test_money_back_and_write_offs_keep_the_customer_of_what_they_settle(self):
        """The contact is merged in Odoo, QuickBooks keeps two customers: each takes only what is its own."""
        self.map("Account", self.company_data["default_account_expense"], "Bad Debts")
        credit = self.refund(30, partner=self.twin)
        self.quiet_sync()
        self.merge_here(self.acme, self.twin)
        self.sync()
        waiting = self.problem()
        back = self.pay(20, credit, payment_type="outbound", partner=self.acme)
        off = self.entry((self.other, 5))
        self.sync()
        self.assertEqual(self.open_jobs(), waiting, self.open_jobs().mapped("error"))
        spent = self.there(back)["EntityRef"]["value"]
        [name] = [line["JournalEntryLineDetail"]["Entity"]["EntityRef"]["value"] for line in self.there(off)["Line"]
                  if "Entity" in line["JournalEntryLineDetail"]]
        self.assertEqual((spent, name), (self.ids["twin"], self.ids["twin"]))
        self.assertEqual((self.there(credit)["Balance"], self.there(self.other)["Balance"]), (10, 35))
        self.assertSameByCustomer()

    def test_money_for_one_below_the_customer_that_was_merged_here(self):
        below = self.customer("Below", Job=True, ParentRef={"value": self.ids["twin"]})
        self.quiet_sync()
        move = self.invoice(20, partner=self.here("Customer", below["Id"]))
        self.quiet_sync()
        self.merge_here(self.acme, self.twin)
        self.sync()
        waiting = self.problem()
        paid = self.pay(15, move, partner=self.acme)
        self.sync()
        self.assertEqual(self.open_jobs(), waiting, self.open_jobs().mapped("error"))
        self.assertEqual(self.customers_there(move, paid), [below["Id"], self.ids["twin"]])
        self.assertEqual((self.there(move)["Balance"], move.amount_residual), (5, 5))

    def test_money_for_one_that_was_merged_there_into_one_that_was_merged_here(self):
        """Its documents name the customer that goes on beside that of the contact: their money and credit do too."""
        self.invoice(6, partner=self.roe)
        self.quiet_sync()
        guest = self.customer("Guest", Job=True, ParentRef={"value": self.binding(self.roe).qbo_id})
        self.quiet_sync()
        contact = self.here("Customer", guest["Id"])
        move = self.invoice(20, partner=contact)
        self.quiet_sync()
        self.person("merge", "Customer", id=guest["Id"], into=self.ids["twin"])
        self.sync()
        self.merge_here(self.acme, self.twin)
        self.sync()
        asked = self.open_jobs()
        self.assertEqual(sorted(asked.mapped("error_code")), ["merged_here", "merged_there"])
        paid, credit = self.pay(12, move, partner=self.roe), self.refund(5, partner=contact)
        self.apply(credit, move)
        self.sync()
        self.assertEqual(self.open_jobs(), asked, self.open_jobs().mapped("error"))
        self.assertEqual(self.customers_there(move, paid, credit), [self.ids["twin"]] * 3)
        self.assertEqual((self.there(move)["Balance"], self.there(credit)["Balance"]), (3, 0))

    # === LINKS WHOSE RECORD IS GONE === #

    def test_a_deleted_contact_comes_again_with_the_document_that_needs_it(self):
        gone = self.customer("Gone")
        self.quiet_sync()
        self.here("Customer", gone["Id"]).unlink()
        self.quiet_sync()
        self.person("edit", "Customer", id=gone["Id"], data={"Active": True})
        bill = self.qbo_sale("Invoice", gone, self.qbo_line(self.item(), 30))
        paid = self.qbo_payment(gone, 30, ("Invoice", bill, 30))
        self.quiet_sync()
        self.assertEqual(self.here("Customer", gone["Id"]).name, "Gone")
        self.assertEqual(self.here("Payment", paid["Id"]).amount, 30)
        self.assertSameReceivables()

    # === LISTS === #

    def test_lists_merged_in_quickbooks(self):
        """Mappings, links and lines follow; where two records of Odoo share an entry now, the history says so."""
        term, other_term = (
            self.person("create", "Term", data={"Name": name, "DueDays": 10}) for name in ("Ten", "10d"))
        lost, kept = self.item("Lost item", 5), self.item("Kept item", 5)
        self.su["qbo.sync.reference"]._ask(self.backend)
        self.quiet_sync()
        terms = self.su["account.payment.term"].create([
            {"name": name, "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 10})]}
            for name in ("First", "Second")])
        for record, name in zip(terms, ("Ten", "10d"), strict=True):
            self.map("Term", record, name)
        self.backend.default_item_id = self.reference("Item", "Lost item")
        product, twin = (self.here("Item", row["Id"]) for row in (lost, kept))
        move = self.invoice(self.line(5, product=product), invoice_payment_term_id=terms[1].id)
        self.quiet_sync()

        self.person("merge", "Term", id=other_term["Id"], into=term["Id"])
        self.person("merge", "Item", id=lost["Id"], into=kept["Id"])
        run = self.sync()
        asked = self.problem()
        self.assertEqual((asked.entity, asked.error_code), ("Item", "merged_there"))
        said = self.messages(run)
        self.assertIn("So are First: what comes from QuickBooks becomes First", said)
        self.assertIn("Lost item was merged into Kept item", said)
        mapped = self.su["qbo.mapping"].search([("backend_id", "=", self.backend.id), ("model", "=", terms._name),
            ("res_id", "in", terms.ids)])
        self.assertEqual(set(mapped.reference_id.mapped("qbo_id")), {term["Id"]})
        self.assertEqual(self.backend.default_item_id.qbo_id, kept["Id"])
        self.assertEqual(self.here("Item", kept["Id"]), twin)

        again = self.invoice(self.line(6, product=product), self.line(7, product=False))
        self.sync()
        rows = [line["SalesItemLineDetail"]["ItemRef"]["value"] for line in self.there(again)["Line"]
                if line["DetailType"] == "SalesItemLineDetail"]
        self.assertEqual(rows, [kept["Id"]] * 2)
        self.assertSameDocument(move)
        self.assertSameReceivables()
