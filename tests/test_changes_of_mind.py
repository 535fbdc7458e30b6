"""What people change after the sync, on either side: both ledgers follow, by document and by customer.

Each situation is a generator. All begin together, and between their steps is one sync for all of them.
"""

from odoo.tests import tagged

from .documents import DocumentCase, cents


class ChangesCase(DocumentCase):

    def play(self, *situations):
        """Run situations side by side; after each round both sides are synced and nothing is left open."""
        running = {situation.__name__: situation() for situation in situations}
        while running:
            for name, situation in list(running.items()):
                with self.subTest(name):
                    if next(situation, self) is self:
                        del running[name]
            run = self.sync()
            left = self.open_jobs()
            self.assertFalse(left, [(job.direction, job.entity, job.name, job.state, job.error) for job in left])
            self.assertEqual(run.failed_count, 0, self.messages(run))
            self.assertSameReceivables()
            self.assertSameCustomers()
        with self.counting() as made:
            self.sync()
        self.assertFalse(self.writes(made), "nothing is left to say")

    def assertSameCustomers(self):
        """Every customer owes the same in both books."""
        there = {qbo_id: cents(row["Balance"]) for qbo_id, row in self.qbo("Customer").items()}
        links = self.su["qbo.binding"].search([
            ("backend_id", "=", self.backend.id), ("entity", "=", "Customer"), ("qbo_id", "!=", False)])
        here = {link.qbo_id: self.owed(link.res_id) for link in links}
        self.assertEqual(here, {qbo_id: there[qbo_id] for qbo_id in here})

    def owed(self, partner_id):
        lines = self.su["account.move.line"].search([
            ("company_id", "=", self.company.id), ("account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"), ("partner_id.commercial_partner_id", "=", partner_id)])
        return cents(sum(lines.mapped("balance")))

    def rewrite(self, move, **values):
        """Reset to draft, change, and post again, as the person who sells."""
        move = move.with_user(self.sales)
        move.button_draft()
        if "price" in values:
            move.invoice_line_ids.price_unit = values.pop("price")
        move.write(values)
        move.action_post()


@tagged("post_install", "-at_install")
class TestChangesInOdoo(ChangesCase):

    def test_documents(self):
        self.play(self.edited, self.draft_alone, self.cancelled, self.deleted, self.duplicated, self.to_another)

    def test_applications(self):
        self.play(self.applied_elsewhere, self.paid_and_lowered, self.credit_lowered, self.payment_of_another)

    def edited(self):
        move = self.invoice(self.line(100, taxed=True), 20)
        yield
        self.rewrite(move, price=50, invoice_date_due="2026-05-01")
        yield
        there = self.assertSameDocument(move)
        self.assertEqual((there["TotalAmt"], there["DueDate"]), (104, "2026-05-01"))

    def draft_alone(self):
        move = self.invoice(100)
        yield
        token = self.there(move)["SyncToken"]
        move.with_user(self.sales).button_draft()
        self.su.flush_all()
        # QuickBooks has it until it is posted, cancelled or deleted; the ledgers are equal again then.
        self.sync()
        self.assertEqual(self.there(move)["SyncToken"], token)
        move.with_user(self.sales).action_post()
        yield
        self.assertEqual(self.assertSameDocument(move)["SyncToken"], token)

    def cancelled(self):
        move = self.invoice(100)
        yield
        move.with_user(self.sales).button_cancel()
        yield
        self.assertEqual(self.there(move)["TotalAmt"], 0)
        self.assertTrue(self.there(move)["PrivateNote"].startswith("Voided"))

    def deleted(self):
        journal = self.company_data["default_journal_sale"].copy({"code": "DEL"})
        move = self.invoice(100, journal_id=journal.id)
        yield
        qbo_id = self.there(move)["Id"]
        move.with_user(self.sales).button_draft()
        move.with_user(self.sales).with_context(force_delete=True).unlink()
        yield
        self.assertNotIn(qbo_id, self.qbo("Invoice"))

    def duplicated(self):
        move = self.invoice(100, ref="PO 1")
        yield
        twin = move.with_user(self.sales).copy({"invoice_date": move.invoice_date})
        twin.action_post()
        yield
        self.assertNotEqual(self.assertSameDocument(twin.with_env(self.su))["Id"], self.assertSameDocument(move)["Id"])

    def to_another(self):
        move = self.invoice(100)
        yield
        self.rewrite(move, partner_id=self.roe.id)
        yield
        self.assertEqual(self.assertSameDocument(move)["CustomerRef"]["name"], "Roe")

    def applied_elsewhere(self):
        move, other = self.invoice(100), self.invoice(80)
        payment = self.pay(80, move)
        yield
        self.receivable(payment).with_user(self.bookkeeper).remove_move_reconcile()
        yield
        self.assertEqual((self.there(move)["Balance"], self.there(payment)["UnappliedAmt"]), (100, 80))
        self.apply(payment, other)
        yield
        self.assertEqual(self.applied(self.there(payment)), {("Invoice", self.there(other)["Id"]): cents(80)})

    def paid_and_lowered(self):
        move = self.invoice(100)
        payment = self.pay(100, move)
        yield
        self.rewrite(move, price=60)
        yield
        self.assertEqual(self.assertSameDocument(move)["TotalAmt"], 60)
        if move.amount_residual:
            self.apply(payment, move)
        yield
        self.assertEqual((self.assertSameDocument(move)["Balance"], self.there(payment)["UnappliedAmt"]), (0, 40))

    def credit_lowered(self):
        move, credit = self.invoice(100), self.refund(30)
        self.apply(credit, move)
        yield
        self.receivable(credit).with_user(self.bookkeeper).remove_move_reconcile()
        self.rewrite(credit, price=20)
        self.apply(credit, move)
        yield
        self.assertEqual(
            (self.assertSameDocument(move)["Balance"], self.assertSameDocument(credit)["Balance"]), (80, 0))

    def payment_of_another(self):
        move = self.invoice(100, partner=self.roe)
        payment = self.pay(100, partner=self.acme)
        yield
        payment = payment.with_user(self.bookkeeper)
        payment.action_draft()
        payment.partner_id = self.roe
        payment.action_post()
        self.apply(payment.with_env(self.su), move)
        yield
        self.assertEqual((self.there(payment)["CustomerRef"]["name"], self.there(move)["Balance"]), ("Roe", 0))


@tagged("post_install", "-at_install")
class TestChangesInQuickBooks(ChangesCase):

    def test_documents(self):
        self.play(self.raised, self.lowered_below_paid, self.deleted_and_paid, self.to_another, self.moved, self.twin)

    def test_applications(self):
        self.play(self.applied_elsewhere, self.payment_lowered, self.credit_lowered, self.credit_deleted, self.bounced,
                  self.credit_applied_otherwise, self.both_to_another)

    def change(self, record, **data):
        """A person in QuickBooks edits the object of a record; ``price`` is that of the first line."""
        there = self.there(record)
        if "price" in data:
            price = data.pop("price")
            lines = [line for line in there["Line"] if line["DetailType"] == "SalesItemLineDetail"]
            lines[0].update(Amount=price)
            lines[0]["SalesItemLineDetail"].update(Qty=1, UnitPrice=price)
            data["Line"] = lines
        self.person("edit", self.binding(record).entity, id=there["Id"], data=data)

    def payment_line(self, move, amount):
        return {"Amount": amount, "LinkedTxn": [{"TxnId": self.there(move)["Id"], "TxnType": "Invoice"}]}

    def raised(self):
        move = self.invoice(self.line(100, taxed=True))
        payment = self.pay(50, move)
        yield
        self.change(move, price=200)
        yield
        self.assertEqual((move.amount_total, move.amount_residual), (216, 166))
        self.assertSameDocument(move)
        self.assertEqual(self.receivable(payment).amount_residual, 0)

    def lowered_below_paid(self):
        move = self.invoice(100)
        payment = self.pay(100, move)
        yield
        self.change(move, price=60)
        yield
        self.assertSameDocument(move)
        self.assertEqual((move.amount_residual, self.receivable(payment).amount_residual), (0, -40))

    def deleted_and_paid(self):
        move = self.invoice(100)
        payment = self.pay(100, move)
        yield
        self.person("delete", "Invoice", id=self.there(move)["Id"])
        yield
        self.assertEqual((move.state, self.status(move)), ("cancel", "missing"))
        self.assertEqual((payment.state, self.receivable(payment).amount_residual), ("in_process", -100))

    def to_another(self):
        move = self.invoice(100)
        self.invoice(1, partner=self.roe)
        yield
        self.change(move, CustomerRef={"value": self.binding(self.roe).qbo_id})
        yield
        self.assertEqual(move.partner_id, self.roe)
        self.assertSameDocument(move)

    def moved(self):
        move = self.invoice(100)
        yield
        self.change(move, TxnDate="2026-04-20", DueDate="2026-05-20")
        yield
        self.assertEqual([str(day) for day in (move.invoice_date, move.date, move.invoice_date_due)],
                         ["2026-04-20", "2026-04-20", "2026-05-20"])
        self.assertSameDocument(move)

    def twin(self):
        """A copy made in QuickBooks by hand is another document."""
        move = self.invoice(100)
        yield
        there = self.there(move)
        copy = self.person("create", "Invoice", data={
            name: there[name] for name in ("CustomerRef", "Line", "TxnDate")})
        yield
        other = self.here("Invoice", copy["Id"])
        self.assertNotEqual(other, move)
        self.assertEqual((other.amount_total, self.assertSameDocument(move)["Id"]), (100, there["Id"]))

    def applied_elsewhere(self):
        move, other = self.invoice(100), self.invoice(80)
        payment = self.pay(80, move)
        yield
        self.person("unapply", "Payment", id=self.there(payment)["Id"])
        yield
        self.assertEqual((move.amount_residual, self.receivable(payment).amount_residual), (100, -80))
        self.change(payment, Line=[self.payment_line(other, 80)])
        yield
        self.assertEqual((move.amount_residual, other.amount_residual), (100, 0))

    def payment_lowered(self):
        move = self.invoice(100)
        payment = self.pay(100, move)
        yield
        self.change(payment, TotalAmt=70, Line=[self.payment_line(move, 70)])
        yield
        self.assertEqual((payment.amount, move.amount_residual), (70, 30))

    def credit_lowered(self):
        move, credit = self.invoice(100), self.refund(30)
        self.apply(credit, move)
        yield
        self.change(credit, price=20)
        yield
        self.assertEqual((credit.amount_total, move.amount_residual, credit.amount_residual), (20, 80, 0))

    def credit_deleted(self):
        move, credit = self.invoice(100), self.refund(30)
        self.apply(credit, move)
        yield
        self.person("delete", "CreditMemo", id=self.there(credit)["Id"])
        yield
        self.assertEqual((credit.state, move.amount_residual), ("cancel", 100))

    def credit_applied_otherwise(self):
        """What Odoo applied of a credit is changed in QuickBooks, deleted there, and applied and undone again here."""
        move, other, credit = self.invoice(100), self.invoice(50), self.refund(30)
        moves = (move, other, credit)
        self.apply(credit, move)
        yield
        [row] = self.rows_that_apply(credit)
        self.person("edit", "Payment", id=row["Id"], data={"Line": [
            self.payment_line(move, 10), self.payment_line(other, 20),
            {"Amount": 30, "LinkedTxn": [{"TxnId": self.there(credit)["Id"], "TxnType": "CreditMemo"}]}]})
        yield
        self.assertEqual([cents(each.amount_residual) for each in moves], [90, 30, 0])
        self.person("delete", "Payment", id=row["Id"])
        yield
        for _turn in range(2):
            self.assertEqual([cents(each.amount_residual) for each in moves], [100, 50, 30])
            self.apply(credit, other)
            yield
            self.assertEqual([cents(each.amount_residual) for each in moves], [100, 20, 0])
            self.assertEqual([cents(self.there(each)["Balance"]) for each in moves], [100, 20, 0])
            self.receivable(credit).remove_move_reconcile()
            yield
            self.assertFalse(self.rows_that_apply(credit))

    def both_to_another(self):
        """Invoice and credit are another customer's: in QuickBooks they are taken apart for that."""
        move, credit = self.invoice(100), self.refund(30)
        self.apply(credit, move)
        other = self.invoice(1, partner=self.roe)
        yield
        [row] = self.rows_that_apply(credit)
        self.person("unapply", "Payment", id=row["Id"])
        for each in (move, credit):
            self.change(each, CustomerRef=self.there(other)["CustomerRef"])
        yield
        self.assertEqual([(each.partner_id, cents(each.amount_residual)) for each in (move, credit)],
                         [(self.roe, 100), (self.roe, 30)])

    def rows_that_apply(self, credit):
        """Return QuickBooks' payments that use a credit memo."""
        place = ("CreditMemo", self.there(credit)["Id"])
        return [row for row in self.qbo("Payment").values() if place in self.applied(row)]

    def bounced(self):
        move = self.invoice(100)
        payment = self.pay(100, move)
        yield
        self.person("bounce", "Payment", id=self.there(payment)["Id"])
        yield
        self.assertEqual((payment.state, move.amount_residual), ("in_process", 100))
        self.assertFalse(self.receivable(payment).amount_residual, "the returned cheque takes the place of the invoice")
