"""Customers in the situations of real books: families, deactivation with a balance, archives, moves."""

from odoo.tests import tagged

from .documents import DocumentCase, cents


@tagged("post_install", "-at_install")
class TestPeople(DocumentCase):

    def retry(self, job):
        """Try a problem again with the button of its dialog."""
        wizard = self.env["qbo.retry.wizard"].with_user(self.bookkeeper).with_context(
            active_model="qbo.job", active_ids=job.ids).create({})
        wizard.action_retry()

    def sub(self, name, above, **data):
        return self.customer(name, Job=True, ParentRef={"value": above["Id"]}, **data)

    def row(self, record):
        return self.qbo("Customer")[self.binding(record).qbo_id]

    # === FAMILIES === #

    def test_a_family_of_five_levels(self):
        """Documents go to the sub-customer that a contact is, else to the top; totals roll up to the top."""
        top = self.customer("Top")
        family = [top]
        for level in range(1, 6):
            family.append(self.sub(f"Level {level}", family[-1], **({"BillWithParent": True} if level == 5 else {})))
        deep = family[-1]
        theirs = self.qbo_sale("Invoice", deep, self.qbo_line(self.item(), 30))
        self.qbo_payment(top, 10, ("Invoice", theirs, 10))
        self.quiet_sync()
        contacts = [self.here("Customer", row["Id"]) for row in family]
        self.assertEqual([contact.parent_id for contact in contacts[1:]], contacts[:-1])
        self.assertEqual(set(contact.commercial_partner_id for contact in contacts), {contacts[0]})
        self.assertEqual(cents(self.here("Invoice", theirs["Id"]).amount_residual), 20, "paid by the parent there")

        clerk = self.su["res.partner"].create({"name": "Clerk", "parent_id": contacts[2].id})
        mine = [self.invoice(amount, partner=partner) for amount, partner in (
            (7, contacts[3]), (8, clerk), (9, contacts[0]))]
        paid = self.pay(25, self.here("Invoice", theirs["Id"]), mine[0], partner=contacts[0])
        contacts[5].with_user(self.qbo_admin).phone = "5"
        self.quiet_sync()
        self.assertEqual([self.there(move)["CustomerRef"]["value"] for move in mine],
                         [family[3]["Id"], top["Id"], top["Id"]])
        self.assertEqual(self.there(paid)["CustomerRef"]["value"], top["Id"])
        self.assertEqual(self.applied(self.there(paid)), {
            ("Invoice", theirs["Id"]): 20, ("Invoice", self.binding(mine[0]).qbo_id): 5})
        for move in (self.here("Invoice", theirs["Id"]), *mine):
            self.assertSameDocument(move)
        there = self.qbo("Customer")[deep["Id"]]
        self.assertEqual((there["PrimaryPhone"]["FreeFormNumber"], there["BillWithParent"], there["Level"]),
                         ("5", True, 5))
        owed = sum(self.receivable(*self.su["account.move"].search(
            [("commercial_partner_id", "=", contacts[0].id)])).mapped("amount_residual"))
        self.assertEqual((cents(self.row(contacts[0])["BalanceWithJobs"]), cents(owed)), (19, 19))
        self.assertSameReceivables()

    def test_a_contact_moves_to_another_parent(self):
        """On either side; what it owed before stays with its documents."""
        top = self.customer("Top")
        mover, other = self.sub("Mover", top), self.sub("Other", top)
        self.invoice(5)
        self.invoice(6, partner=self.roe)
        self.quiet_sync()
        contacts = [self.here("Customer", row["Id"]) for row in (mover, other)]
        contacts[0].with_user(self.qbo_admin).parent_id = self.acme
        self.person("edit", "Customer", id=other["Id"], data={
            "ParentRef": {"value": self.binding(self.roe).qbo_id}, "Job": True})
        self.quiet_sync()
        self.assertEqual([self.row(contact)["ParentRef"]["value"] for contact in contacts],
                         [self.binding(self.acme).qbo_id, self.binding(self.roe).qbo_id])
        self.assertEqual([contact.parent_id for contact in contacts], [self.acme, self.roe])
        contacts[0].with_user(self.qbo_admin).parent_id = False
        self.quiet_sync()
        self.assertNotIn("ParentRef", self.row(contacts[0]))
        self.assertFalse(self.row(contacts[0])["Job"])

    def test_what_a_contact_owed_stays_with_its_documents_when_it_moves(self):
        """Odoo keeps a receivable with the company it was booked for; QuickBooks moves the customer with all it owes.
        """
        top, item = self.customer("Top"), self.item()
        movers = [self.sub(name, top) for name in ("Mover", "Other")]
        bills = [self.qbo_sale("Invoice", row, self.qbo_line(item, amount))
                 for row, amount in zip(movers, (30, 50), strict=True)]
        own = self.qbo_sale("Invoice", top, self.qbo_line(item, 20))
        self.invoice(5)
        self.invoice(6, partner=self.roe)
        self.quiet_sync()
        moves = [self.here("Invoice", row["Id"]) for row in (*bills, own)]
        self.here("Customer", movers[0]["Id"]).with_user(self.qbo_admin).parent_id = self.acme
        self.person("edit", "Customer", id=movers[1]["Id"], data={
            "ParentRef": {"value": self.binding(self.roe).qbo_id}, "Job": True})
        self.quiet_sync()
        # Neither side touches a document for it, and money goes on settling what it is for.
        for move in moves[:2]:
            self.env["account.payment.register"].with_user(self.sales).with_context(
                active_model="account.move", active_ids=move.ids).create(
                    {"journal_id": self.bank.id, "payment_date": move.date, "amount": 10})._create_payments()
        self.quiet_sync()
        self.assertEqual({(row["CustomerRef"]["value"], *self.applied(row)) for row in self.qbo("Payment").values()}, {
            (mover["Id"], ("Invoice", bill["Id"])) for mover, bill in zip(movers, bills, strict=True)})
        for bill in bills:
            self.person("receive", "Invoice", id=bill["Id"], amount=5)
        self.quiet_sync()
        for move, amount in zip(moves, (15, 35, 20), strict=True):
            self.assertEqual(cents(self.assertSameDocument(move)["Balance"]), amount)
            self.assertEqual(self.receivable(move).partner_id, self.here("Customer", top["Id"]))
        self.assertSameReceivables()
        # One payment of customers that have nothing to do with each other any more is for a person.
        both = self.pay(55, moves[1], moves[2])
        self.sync()
        [job] = self.open_jobs()
        self.assertEqual((job.res_id, job.error_code), (both.id, "several_customers"))
        for words in ("Other", "Top", "one payment for each"):
            self.assertIn(words, job.error)
        self.receivable(moves[1]).filtered(lambda line: line.partner_id).matched_credit_ids.filtered(
            lambda part: part.credit_move_id.move_id == both.move_id).unlink()
        self.sync()
        self.assertIn("35.00 of it is not applied", job.error)
        both.action_draft()
        both.action_cancel()
        each = [self.pay(amount, move) for amount, move in ((35, moves[1]), (20, moves[2]))]
        self.quiet_sync()
        self.assertEqual([self.applied(self.there(payment)) for payment in each], [
            {("Invoice", bill["Id"]): amount} for bill, amount in ((bills[1], 35), (own, 20))])
        self.assertSameReceivables()

    # === INACTIVE AND ARCHIVED === #

    def test_deactivated_with_a_balance(self):
        """QuickBooks writes the balance off by a credit memo: a person says whether that is so in Odoo too."""
        gone = {name: self.customer(name) for name in ("Yes", "No")}
        bills = {name: self.qbo_sale("Invoice", row, self.qbo_line(self.item(f"Item {name}"), 40))
                 for name, row in gone.items()}
        ordinary = self.qbo_sale("CreditMemo", self.customer("Ordinary"), self.qbo_line(self.item("Other"), 3))
        self.quiet_sync()
        for row in gone.values():
            self.person("deactivate", "Customer", id=row["Id"])
        self.sync()
        self.assertTrue(self.here("CreditMemo", ordinary["Id"]))
        asked = {job.partner_name.split(" (")[0]: job for job in self.jobs(state="approval")}
        self.assertEqual({name: (job.entity, job.amount) for name, job in asked.items()},
                         dict.fromkeys(gone, ("CreditMemo", 40)))
        for name, job in asked.items():
            for words in (name, "40.00", "Made by deactivation"):
                self.assertIn(words, job.difference)
            self.assertTrue(self.here("Customer", gone[name]["Id"]).active, "nobody who owes is archived")
        self.assertEqual(self.ar_here() - self.ar_there(), 80)

        wizard = self.env["qbo.sync.wizard"].with_user(self.bookkeeper).create({"backend_id": self.backend.id})
        refused = wizard.import_line_ids.filtered(lambda line: line.job_id == asked["No"])
        refused.write({"selected": False, "unchecked": "clear"})
        wizard.action_approve()
        self.sync()
        self.assertFalse(self.open_jobs(), self.open_jobs().mapped("error"))
        credit = self.here("CreditMemo", asked["Yes"].qbo_id)
        self.assertIn("Made by deactivation", credit.ref)
        self.assertIn("Made by deactivation", self.binding(credit).note)
        self.assertEqual(cents(self.here("Invoice", bills["Yes"]["Id"]).amount_residual), 0)
        self.assertEqual(cents(self.here("Invoice", bills["No"]["Id"]).amount_residual), 40)
        self.assertEqual(self.ar_here() - self.ar_there(), 40, "what a person left there")
        self.assertFalse(self.writes(self.quiet_sync()))

    def test_archived_with_a_balance_then_settled_then_restored(self):
        move = self.invoice(20)
        self.quiet_sync()
        self.acme.with_user(self.qbo_admin).action_archive()
        self.sync()
        refused = self.jobs(state="failed")
        self.assertEqual((refused.error_code, self.row(self.acme)["Active"]), ("6220", True))
        for words in ("Acme", "20.00", "settle it, or restore"):
            self.assertIn(words, refused.error)
        self.assertSameReceivables()
        self.pay(20, move)
        self.sync()
        self.retry(refused)
        self.quiet_sync()
        self.assertFalse(self.row(self.acme)["Active"])
        self.acme.with_user(self.qbo_admin).action_unarchive()
        self.invoice(5)
        self.quiet_sync()
        self.assertEqual((self.row(self.acme)["Active"], self.row(self.acme)["DisplayName"]), (True, "Acme"))
        self.assertSameReceivables()

    # === NAMES === #

    def test_a_cleared_id_finds_its_twin(self):
        """Also where QuickBooks has the name only cut and cleaned: 101 characters with an apostrophe and a colon."""
        long = "O'Brien: " + "x" * 92
        self.acme.with_user(self.qbo_admin).name = long
        move = self.invoice(5)
        self.quiet_sync()
        qbo_id, there = self.binding(self.acme).qbo_id, self.row(self.acme)
        self.assertEqual((len(long), self.acme.name), (101, long))
        self.assertLessEqual(len(there["DisplayName"]), 100)
        wizard = self.env["qbo.relink.wizard"].with_user(self.bookkeeper).browse(
            self.acme.with_user(self.bookkeeper).action_qbo_clear_id()["res_id"])
        wizard.reason = "Looks wrong"
        wizard.action_apply()
        self.assertFalse(self.binding(self.acme).qbo_id)
        self.quiet_sync()
        self.assertEqual((len(self.qbo("Customer")), self.binding(self.acme).qbo_id), (1, qbo_id))
        self.pay(5, move)
        self.quiet_sync()
        self.assertSameDocument(move)
