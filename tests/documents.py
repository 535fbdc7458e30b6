"""What the tests of documents and payments share.

A connected company whose lists are mapped, and short words for what people do.
"""

from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from unittest.mock import patch

from odoo import Command

from ..qbo.transport import Transport
from .common import QboCommon

OPEN_STATES = ("approval", "pending", "failed", "blocked", "conflict", "sending")
DAY = "2026-03-10"


def cents(value):
    """Return an amount of either side as exact money."""
    return Decimal(str(value)).quantize(Decimal("0.01"))


class DocumentCase(QboCommon):
    """Everything is synced once and mapped; what a test does then is noticed by the hooks or by QuickBooks' changes.

    ``self.sales`` is a person who writes invoices and has no right on QuickBooks at all.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sales = cls.new_user("sales", "account.group_account_invoice")
        cls.income = cls.company_data["default_account_revenue"]
        cls.bank = cls.company_data["default_journal_bank"]
        cls.cash = cls.company_data["default_journal_cash"]
        outstanding = cls.su["account.account"].create({
            "name": "Outstanding Receipts", "code": "101499", "account_type": "asset_current", "reconcile": True})
        (cls.bank | cls.cash).inbound_payment_method_line_ids.payment_account_id = outstanding
        cls.tax, cls.other_tax = cls.su["account.tax"].create([
            {"name": name, "amount": rate, "type_tax_use": "sale", "company_id": cls.company.id}
            for name, rate in (("California", 8), ("Tucson", 9.1))])
        cls.widget, cls.advice = cls.su["product.product"].create([
            {
                "name": name, "type": kind, "list_price": price, "property_account_income_id": cls.income.id,
                "taxes_id": [],
            }
            for name, kind, price in (("Widget", "consu", 12.35), ("Advice", "service", 80))])
        cls.acme, cls.roe = cls.su["res.partner"].create([
            {"name": name, "is_company": True, "email": f"{name.lower()}@example.com"} for name in ("Acme", "Roe")])

    def arrange(self):
        super().arrange()
        self.active_backend()
        self.sync()
        self.map_lists()

    # === MAPPING === #

    def map_lists(self):
        self.map("Account", self.income, "Services")
        self.map("Account", self.bank, "Checking")
        self.map("Account", self.cash, "Undeposited Funds")
        self.map("TaxCode", self.tax, "California")
        self.map("TaxCode", self.other_tax, "Tucson")
        self.backend.default_item_id = self.reference("Item", "Services")

    def reference(self, entity, name):
        """Return the list entry of QuickBooks with this name."""
        return self.su["qbo.reference"].search(
            [("backend_id", "=", self.backend.id), ("entity", "=", entity), ("name", "=", name)], limit=1)

    def map(self, entity, record, name):
        """Map a record to the list entry ``name``, as a person does on the mapping screen."""
        reference = self.reference(entity, name)
        self.assertTrue(reference, f"QuickBooks has no {entity} {name}")
        mapping = self.su["qbo.mapping"].search([
            ("backend_id", "=", self.backend.id), ("entity", "=", entity), ("model", "=", record._name),
            ("res_id", "=", record.id)])
        values = {"reference_id": reference.id, "state": "mapped", "found_by": "person"}
        if mapping:
            mapping.write(values)
        else:
            mapping.create({
                "backend_id": self.backend.id, "entity": entity, "model": record._name, "res_id": record.id, **values})

    # === WHAT PEOPLE DO IN ODOO === #

    def line(self, price, quantity=1, taxed=False, product=None, **values):
        """Return the values of an invoice line; ``product=False`` makes one without a product."""
        product = self.advice if product is None else product
        return {
            "product_id": product.id if product else False, "name": product.name if product else "Without product",
            "quantity": quantity, "price_unit": price, "tax_ids": [Command.set(self.tax.ids if taxed else [])],
            **values}

    def invoice(self, *lines, partner=None, post=True, user=None, **values):
        """Write (and post) an invoice as the person who sells; a bare number is an untaxed line of that price."""
        moves = self.env["account.move"].with_user(user or self.sales)
        move = moves.create({
            "move_type": "out_invoice", "partner_id": (partner or self.acme).id, "invoice_date": DAY,
            "invoice_line_ids": [
                Command.create(line if isinstance(line, dict) else self.line(line)) for line in lines], **values})
        if post:
            move.action_post()
        return move.with_env(self.su)

    def refund(self, *lines, **values):
        return self.invoice(*lines, move_type="out_refund", **values)

    def receivable(self, *records):
        """Return the receivable items of moves or payments."""
        moves = self.su["account.move"]
        for record in records:
            moves |= record.move_id if record._name == "account.payment" else record
        return moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    def apply(self, *records, user=None):
        """Reconcile the receivable items of all records, as the reconciliation button does."""
        self.receivable(*records).with_user(user or self.bookkeeper).reconcile()

    def pay(self, amount, *moves, partner=None, journal=None, date=DAY, user=None, **values):
        """Register a payment and apply it to invoices in their order."""
        payment = self.env["account.payment"].with_user(user or self.sales).create({
            "payment_type": "inbound", "partner_type": "customer", "amount": amount, "date": date,
            "partner_id": (partner or (moves[0].partner_id if moves else self.acme)).id,
            "journal_id": (journal or self.bank).id, **values})
        payment.action_post()
        payment = payment.with_env(self.su)
        for move in moves:
            self.apply(payment, move)
        return payment

    def bank_line(self, amount, *moves, label="Transfer", date=DAY):
        """Enter a line of a bank statement and match it with invoices; no payment exists then."""
        line = self.su["account.bank.statement.line"].create({
            "journal_id": self.bank.id, "amount": amount, "date": date, "payment_ref": label,
            "partner_id": moves[0].partner_id.id if moves else False})
        if moves:
            self.match_bank_line(line, *moves)
        return line

    def match_bank_line(self, line, *moves):
        """Replace the suspense item by receivable items for what is open on each invoice, and reconcile them."""
        _liquidity, suspense, _other = line._seek_for_lines()
        left, values = line.amount, []
        for move in moves:
            part = min(left, move.amount_residual)
            left -= part
            values.append((self.receivable(move), part))
        items = [Command.create({
            "account_id": item[:1].account_id.id, "partner_id": item[:1].partner_id.id, "balance": -part,
            "amount_currency": -part, "currency_id": line.currency_id.id, "name": line.payment_ref})
            for item, part in values]
        line.move_id.with_context(skip_readonly_check=True, force_delete=True).write(
            {"line_ids": [Command.delete(suspense.id), *items]})
        made = line.move_id.line_ids.filtered(lambda item: item.account_type == "asset_receivable").sorted("id")
        for mine, (item, _part) in zip(made, values, strict=True):
            (mine | item).reconcile()

    def entry(self, *credits, debit_account=None, date=DAY):
        """Post an entry that credits the receivables of invoices, and reconcile it.

        :param credits: ``(move, amount)``
        :param debit_account: the other side; some expense by default
        """
        account = debit_account or self.company_data["default_account_expense"]
        total = sum(amount for _move, amount in credits)
        entry = self.su["account.move"].create({
            "move_type": "entry", "date": date, "journal_id": self.company_data["default_journal_misc"].id,
            "line_ids": [
                Command.create({"account_id": account.id, "debit": total, "name": "Settled otherwise"}),
                *(Command.create({
                    "account_id": self.receivable(move)[:1].account_id.id, "partner_id": move.commercial_partner_id.id,
                    "credit": amount, "name": "Settled otherwise"}) for move, amount in credits)]})
        entry.action_post()
        made = entry.line_ids.filtered(lambda item: item.account_type == "asset_receivable").sorted("id")
        for mine, (move, _amount) in zip(made, credits, strict=True):
            (mine | self.receivable(move)).reconcile()
        return entry

    # === LINKS AND JOBS === #

    def binding(self, record, role=""):
        return self.su["qbo.binding"].search([
            ("backend_id", "=", self.backend.id), ("model", "=", record._name), ("res_id", "=", record.id),
            ("role", "=", role)])

    def there(self, record, role=""):
        """Return the QuickBooks object of a record, None when it has none."""
        binding = self.binding(record, role)
        return self.qbo(binding.entity).get(binding.qbo_id) if binding.qbo_id else None

    def here(self, entity, qbo_id):
        """Return the Odoo record of a QuickBooks object (None when it has none)."""
        binding = self.su["qbo.binding"].search([
            ("backend_id", "=", self.backend.id), ("entity", "=", entity), ("qbo_id", "=", qbo_id)],
            order="role", limit=1)
        return self.su[binding.model].browse(binding.res_id).exists() if binding else None

    def status(self, record):
        return record.with_user(self.biller).qbo_status

    def jobs(self, **values):
        return self.su["qbo.job"].search([
            ("backend_id", "=", self.backend.id), *[(name, "=", value) for name, value in values.items()]], order="id")

    def open_jobs(self):
        return self.jobs().filtered(lambda job: job.state in OPEN_STATES)

    def messages(self, run):
        return "\n".join(run.message_ids.mapped("text"))

    # === QUICKBOOKS === #

    def customer(self, name="Freeman", **data):
        return self.person("create", "Customer", data={"DisplayName": name, **data})

    def item(self, name="Rake", price=10):
        return self.person("create", "Item", data={
            "Name": name, "Type": "Service", "UnitPrice": price, "Taxable": True,
            "IncomeAccountRef": {"value": self.reference("Account", "Services").qbo_id}})

    def qbo_line(self, item, amount, quantity=1, taxed=False, text=None):
        detail = {"ItemRef": {"value": item["Id"]}, "Qty": quantity, "UnitPrice": float(cents(amount) / quantity),
                  "TaxCodeRef": {"value": "TAX" if taxed else "NON"}}
        line = {"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
        return {**line, "Description": text} if text else line

    def qbo_sale(self, entity, customer, *lines, code=None, **data):
        """Create an invoice or credit memo in QuickBooks; ``code`` names the document's tax code."""
        tax = {"TxnTaxDetail": {"TxnTaxCodeRef": {"value": self.reference("TaxCode", code).qbo_id}}} if code else {}
        return self.person("create", entity, data={
            "CustomerRef": {"value": customer["Id"]}, "TxnDate": DAY, "Line": list(lines), **tax, **data})

    def qbo_payment(self, customer, total, *applied, **data):
        """Receive ``total`` in QuickBooks; ``applied`` are (type, object, amount)."""
        lines = [
            {"Amount": amount, "LinkedTxn": [{"TxnId": txn["Id"], "TxnType": kind}]} for kind, txn, amount in applied]
        return self.person("create", "Payment", data={
            "CustomerRef": {"value": customer["Id"]}, "TotalAmt": total, "TxnDate": DAY,
            **({"Line": lines} if lines else {}), **data})

    def applied(self, payment):
        """Return what a payment of QuickBooks settles: {(type, id): amount}."""
        return {(link["TxnType"], link["TxnId"]): cents(line["Amount"])
                for line in payment.get("Line", []) for link in line["LinkedTxn"]}

    @contextmanager
    def counting(self):
        """Yield a list that holds, afterwards, the requests made inside to QuickBooks' API."""
        before, made = len(self.simulator.log()), []
        yield made
        made += [entry for entry in self.requests_made(before) if "/v3/" in entry["path"]]

    def writes(self, made):
        """Return the requests that write, out of those that were made."""
        return [entry for entry in made if entry["operation"] not in ("read", "query", "cdc", "report")]

    def no_pauses(self):
        """Let the connection try again at once."""
        original = Transport._pause

        def pause(transport, error, outgoing, state):
            return None if original(transport, error, outgoing, state) is None else 0.0
        self.startPatcher(patch.object(Transport, "_pause", pause))

    def time_passes(self):
        """Let the waiting time of what was sent without an answer run out."""
        self.jobs(state="sending").write({"lease_until": datetime(2026, 1, 1)})

    def numbers_there(self, entity="Invoice"):
        """Return the numbers of all documents of QuickBooks: what was sent twice is there twice."""
        return sorted(row.get("DocNumber") or "" for row in self.qbo(entity).values())

    # === EXPECTATIONS === #

    def quiet_sync(self):
        """Sync; everything crosses and no problem, warning or open work stays. Return the requests that it took."""
        with self.counting() as made:
            run = self.sync()
        left = self.open_jobs()
        self.assertFalse(left, [(job.direction, job.entity, job.name, job.state, job.error) for job in left])
        self.assertEqual((run.state, run.failed_count, run.warning_count), ("done", 0, 0), self.messages(run))
        return made

    def ar_here(self):
        lines = self.su["account.move.line"].search([
            ("company_id", "=", self.company.id), ("account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted")])
        return cents(sum(lines.mapped("balance")))

    def ar_there(self):
        """Return receivables by QuickBooks' documents: open invoices less open credit and unapplied money."""
        total = sum(cents(row["Balance"]) for row in self.qbo("Invoice").values())
        total -= sum(cents(row["Balance"]) for row in self.qbo("CreditMemo").values())
        return total - sum(cents(row.get("UnappliedAmt", 0)) for row in self.qbo("Payment").values())

    def assertSameReceivables(self):
        """The receivables of both books are equal, by documents and by the comparison that the product itself shows."""
        self.assertEqual(self.ar_here(), self.ar_there())

    def assertSameDocument(self, move):
        """Total, tax, open balance and number of a document are equal on both sides, to the cent."""
        there = self.there(move)
        self.assertTrue(there, f"{move.name} is not in QuickBooks: {move.with_user(self.biller).qbo_error}")
        ours = (move.name, cents(move.amount_total), cents(move.amount_tax), cents(move.amount_residual))
        # QuickBooks leaves documents without number when the caller numbers and gives none.
        self.assertEqual(ours, (
            there.get("DocNumber") or move.name, cents(there["TotalAmt"]), cents(there["TxnTaxDetail"]["TotalTax"]),
            cents(there["Balance"])))
        return there
