"""Sales receipts and refund receipts of QuickBooks in Odoo: a document, the payment that settles it, one link each."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .documents import DAY, DocumentCase, cents


@tagged("post_install", "-at_install")
class TestReceiptsIn(DocumentCase):
    def receipt(self, entity, customer, *lines, account="Undeposited Funds", **data):
        """Enter a receipt in QuickBooks whose money went to, or comes from, ``account``."""
        return self.qbo_sale(
            entity, customer, *lines,
            DepositToAccountRef={"value": self.reference("Account", account).qbo_id}, **data)

    def money(self, move):
        """Return the payment that settles a document, which must be linked like the document."""
        binding = self.binding(move, "document")
        links = self.su["qbo.binding"].search([
            ("qbo_id", "=", binding.qbo_id), ("entity", "=", binding.entity), ("role", "=", "settlement"),
            ("backend_id", "=", self.backend.id)])
        self.assertEqual(links.mapped("model"), ["account.payment"])
        return self.su["account.payment"].browse(links.res_id)

    def assertReceipt(self, entity, made, total, tax=0, journal=None):
        """Both books say the same of a receipt: figures, customer, date, money, nothing open. Returns the document."""
        there = self.qbo(entity)[made["Id"]]
        move = self.here(entity, made["Id"])
        self.assertTrue(move, f"{entity} {made['Id']} is not in Odoo")
        self.assertEqual(
            (cents(there["TotalAmt"]), cents(there["TxnTaxDetail"]["TotalTax"])), (cents(total), cents(tax)))
        self.assertEqual(
            (move.move_type, move.state, cents(move.amount_total), cents(move.amount_tax), cents(move.amount_residual)),
            ("out_receipt" if entity == "SalesReceipt" else "out_refund", "posted", cents(total), cents(tax), cents(0)))
        self.assertEqual(move.payment_state, "paid")
        self.assertEqual(str(move.invoice_date), there["TxnDate"])
        if total:
            payment = self.money(move)
            self.assertEqual(
                (payment.payment_type, payment.partner_type, cents(payment.amount), payment.date, payment.journal_id),
                ("inbound" if entity == "SalesReceipt" else "outbound", "customer", cents(total), move.invoice_date,
                 journal or self.cash))
            self.assertEqual((self.status(move), self.status(payment)), ("synced", "synced"))
            self.assertEqual(payment.with_user(self.biller).qbo_id, made["Id"])
        return move

    def test_life(self):
        """They come over with their money, follow every change, and never move the receivables."""
        freeman, item = self.customer(), self.item()
        code = {"code": "California"}
        discount = {"Amount": 10, "DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": False}}
        made = {
            "plain": self.receipt("SalesReceipt", freeman, self.qbo_line(item, 40), DocNumber="S-1"),
            "taxed": self.receipt(
                "SalesReceipt", freeman, self.qbo_line(item, 19.99, taxed=True), self.qbo_line(item, 5), **code,
                DocNumber="S-2", PaymentRefNum="77", account="Checking", PrivateNote="Counter"),
            "discount": self.receipt(
                "SalesReceipt", freeman, self.qbo_line(item, 100, 4), discount, DocNumber="S-3"),
            "nothing": self.receipt("SalesReceipt", freeman, self.qbo_line(item, 0), DocNumber="S-4"),
            "refund": self.receipt(
                "RefundReceipt", freeman, self.qbo_line(item, 50, taxed=True), **code, DocNumber="R-1",
                account="Checking"),
        }
        self.quiet_sync()
        expected = {
            "plain": (40, 0, self.cash), "taxed": (26.59, 1.6, self.bank), "discount": (90, 0, self.cash),
            "nothing": (0, 0, None), "refund": (54, 4, self.bank)}
        moves = {}
        for name, (total, tax, journal) in expected.items():
            with self.subTest(name):
                entity = "RefundReceipt" if name == "refund" else "SalesReceipt"
                moves[name] = self.assertReceipt(entity, made[name], total, tax, journal)
                self.assertEqual(moves[name].name, made[name]["DocNumber"])
        self.assertEqual(self.money(moves["taxed"]).memo, "77")
        self.assertEqual((self.ar_here(), self.ar_there()), (cents(0), cents(0)))
        partner = self.here("Customer", freeman["Id"])
        self.assertFalse(self.su["account.payment"].search([("partner_id", "=", partner.id)]).filtered(
            lambda payment: payment not in [self.money(moves[name]) for name in moves if name != "nothing"]))
        self.assertFalse(self.writes(self.quiet_sync()))

        with self.subTest("changed in QuickBooks"):
            self.person("edit", "SalesReceipt", id=made["plain"]["Id"], data={"Line": [self.qbo_line(item, 45)]})
            self.person("edit", "SalesReceipt", id=made["taxed"]["Id"], data={
                "TxnDate": "2026-03-12", "PaymentRefNum": "78"})
            self.person("edit", "RefundReceipt", id=made["refund"]["Id"], data={
                "DepositToAccountRef": {"value": self.reference("Account", "Undeposited Funds").qbo_id}})
            self.person("edit", "SalesReceipt", id=made["discount"]["Id"], data={"PrivateNote": "Of the fair"})
            self.quiet_sync()
            self.assertEqual(self.assertReceipt("SalesReceipt", made["plain"], 45), moves["plain"])
            self.assertReceipt("SalesReceipt", made["taxed"], 26.59, 1.6, self.bank)
            self.assertEqual(self.money(moves["taxed"]).memo, "78")
            self.assertReceipt("RefundReceipt", made["refund"], 54, 4, self.cash)
            self.assertReceipt("SalesReceipt", made["discount"], 90)
            self.assertEqual(moves["discount"].ref, "Of the fair")
        with self.subTest("void and deleted in QuickBooks"):
            money = self.money(moves["plain"]), self.money(moves["taxed"]), self.money(moves["refund"])
            self.person("void", "SalesReceipt", id=made["plain"]["Id"])
            self.person("delete", "SalesReceipt", id=made["taxed"]["Id"])
            self.person("delete", "RefundReceipt", id=made["refund"]["Id"])
            self.sync()
            for name, payment in zip(("plain", "taxed", "refund"), money, strict=True):
                self.assertEqual((moves[name].state, payment.state), ("cancel", "canceled"), name)
            self.assertEqual(self.status(money[1]), "missing")
            self.assertEqual((self.ar_here(), self.ar_there()), (cents(0), cents(0)))
            self.assertFalse(self.open_jobs())

    def test_what_waits(self):
        """No customer, no journal for the account: each waits with a sentence, and goes on when that is mended."""
        freeman, item = self.customer(), self.item()
        nobody = self.person("create", "SalesReceipt", data={
            "TxnDate": DAY, "DocNumber": "N-1", "Line": [self.qbo_line(item, 8)]})
        savings = self.receipt("SalesReceipt", freeman, self.qbo_line(item, 9), account="Savings")
        self.sync()
        jobs = {job.qbo_id: job for job in self.open_jobs()}
        self.assertEqual(
            {job.qbo_id: job.state for job in self.open_jobs()}, {nobody["Id"]: "failed", savings["Id"]: "blocked"})
        self.assertIn("It names no customer", jobs[nobody["Id"]].error)
        self.assertIn("Savings", jobs[savings["Id"]].error)
        self.map("Account", self.bank, "Savings")
        self.person("edit", "SalesReceipt", id=nobody["Id"], data={
            "CustomerRef": {"value": freeman["Id"]},
            "DepositToAccountRef": {"value": self.reference("Account", "Undeposited Funds").qbo_id}})
        self.quiet_sync()
        self.assertReceipt("SalesReceipt", nobody, 8)
        self.assertReceipt("SalesReceipt", savings, 9, journal=self.bank)

        # The link is mended on the document, and that of its money goes with it.
        move = self.here("SalesReceipt", nobody["Id"])
        money = self.money(move)
        sentence = self.refusal(UserError, money.with_user(self.qbo_admin).action_qbo_relink)
        self.assertIn(f"is the money of {move.display_name}", sentence)
        action = move.with_user(self.qbo_admin).action_qbo_clear_id()
        wizard = self.env["qbo.relink.wizard"].with_user(self.qbo_admin).browse(action["res_id"])
        self.assertEqual(
            (wizard.entity, wizard.role, wizard.current_qbo_id), ("SalesReceipt", "document", nobody["Id"]))
        wizard.search_text = move.name
        with self.own_cursors():
            wizard.action_search()
        self.assertIn(nobody["Id"], wizard.candidate_ids.mapped("qbo_id"))
        wizard.action_apply()
        self.assertFalse(move.with_user(self.biller).qbo_id or money.with_user(self.biller).qbo_id)
