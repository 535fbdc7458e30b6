"""Situations of lines, prices, terms and rounding: one table that every tax model of QuickBooks is tried with."""

import random

from odoo import Command

from .documents import DAY, DocumentCase, cents


def combined(*parts, country="US"):
    """Return the objects of a QuickBooks company that has one code for several rates: (name, percent)."""
    return {
        "TaxRate": [
            {"Name": name, "Description": name, "RateValue": percent, "AgencyRef": {"value": "1"},
             "SpecialTaxType": "NONE", "DisplayType": "ReadOnly"} for name, percent in parts],
        "TaxCode": [{
            "Name": "Combined", "Description": "Combined", "Taxable": True, "TaxGroup": True,
            "SalesTaxRateList": {"TaxRateDetail": [
                {"TaxRateRef": {"value": str(7 + number) if country != "US" else str(4 + number)},
                 "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": number} for number in range(len(parts))]},
            "PurchaseTaxRateList": {"TaxRateDetail": []}}]}


class LinesCase(DocumentCase):
    """Writes each situation as an invoice, most of them as a credit note too, and compares both ledgers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.su["decimal.precision"].search([("name", "=", "Product Price")]).digits = 6
        cls.included = cls.su["account.tax"].create({
            "name": "Included", "amount": cls.tax.amount, "type_tax_use": "sale", "company_id": cls.company.id,
            "price_include_override": "tax_included"})
        accounts = cls.su["account.account"].create([
            {"name": name, "code": code, "account_type": kind, "reconcile": kind == "asset_receivable"}
            for name, code, kind in (
                ("Customer Deposits", "251700", "liability_current"),
                ("Other Receivables", "121900", "asset_receivable"),
                ("Rounding", "998800", "expense"))])
        cls.deposits, cls.other_receivable, cls.rounding_account = accounts
        cls.roundings = cls.su["account.cash.rounding"].create([
            {
                "name": strategy, "strategy": strategy, "rounding": 0.05, "rounding_method": "HALF-UP",
                "profit_account_id": cls.rounding_account.id, "loss_account_id": cls.rounding_account.id,
            }
            for strategy in ("add_invoice_line", "biggest_tax")])
        cls.terms = cls.su["account.payment.term"].create([
            {"name": "30/70", "line_ids": [
                Command.create({"value": "percent", "value_amount": part, "nb_days": days})
                for part, days in ((30, 10), (70, 40))]},
            *({
                "name": f"2/10 {way}", "early_discount": True, "discount_percentage": 2, "discount_days": 10,
                "early_pay_discount_computation": way,
                "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 30})]}
              for way in ("included", "excluded", "mixed"))])
        cls.parts = cls.su["account.tax"].create([
            {"name": name, "amount": percent, "type_tax_use": "sale", "company_id": cls.company.id}
            for name, percent in (("GST", 5), ("PST", 7))])
        cls.group = cls.su["account.tax"].create({
            "name": "GST and PST", "amount_type": "group", "type_tax_use": "sale", "company_id": cls.company.id,
            "children_tax_ids": [Command.set(cls.parts.ids)]})
        cls.other_partner = cls.su["res.partner"].create({
            "name": "Elsewhere", "is_company": True, "property_account_receivable_id": cls.other_receivable.id})

    def map_lists(self):
        result = super().map_lists()
        self.map("Account", self.rounding_account, "Bank Charges")
        return result

    # === SITUATIONS === #

    def situations(self):
        """Return {name: (lines, values of the document)}; ``t`` stands for the taxes of a taxed line."""
        taxed, line = {"taxed": True}, self.line
        section = {"display_type": "line_section", "name": "Phase 1"}
        note = {"display_type": "line_note", "name": "Handle with care"}
        tiny = [line(price, **taxed) for price in (0.33, 0.33, 0.33, 7.77)]
        return {
            "price of four decimals": ([line(0.1234, 7, **taxed), line(0.123456, 1000)], {}),
            "discount in percent": ([line(33.33, 3, discount=7.5, **taxed), line(12.35, 0.3, discount=33.33)], {}),
            "a negative line": ([line(100, **taxed), line(-20.05, **taxed), line(-3)], {}),
            "a negative quantity": ([line(100, **taxed), line(20.05, -1, **taxed)], {}),
            "sections and notes": ([section, line(10, **taxed), note, line(5)], {}),
            "nothing to pay": ([line(80, discount=100, **taxed)], {}),
            "no quantity": ([line(80, 0, **taxed), line(10)], {}),
            "tax cents by line": (tiny, {}),
            "without product": ([line(40, product=False, account_id=self.income.id, **taxed)], {}),
            "a combo": ([
                {"display_type": "line_section", "name": "Lunch x 2"}, line(7.005, 2, **taxed), line(1.995, 2)], {}),
            "a rounding line": ([line(10.02, **taxed), line(1.01)],
                                {"invoice_cash_rounding_id": self.roundings[0].id}),
            "rounding in the tax": ([line(10.02, **taxed), line(1.01)],
                                    {"invoice_cash_rounding_id": self.roundings[1].id}),
            "instalments": ([line(33.35, **taxed)], {"invoice_payment_term_id": self.terms[0].id}),
            "early discount of all": ([line(50.05, **taxed)], {"invoice_payment_term_id": self.terms[1].id}),
            "early discount before tax": ([line(50.05, **taxed)], {"invoice_payment_term_id": self.terms[2].id}),
            "early discount lowers tax": ([line(50.05, **taxed)], {"invoice_payment_term_id": self.terms[3].id}),
            "another receivable account": ([line(19.99, **taxed)], {"partner": self.other_partner}),
            "a down payment": ([line(30, product=False, account_id=self.deposits.id)], {}),
            "the final invoice": ([
                line(100, **taxed), line(-30, product=False, account_id=self.deposits.id)], {}),
        }

    def write_all(self, *only, **values):
        """Return {name: document} of all situations, or of some."""
        wanted = {name: said for name, said in self.situations().items() if not only or name in only}
        return {" ".join((name, *map(str, values.values()))): self.invoice(*lines, **own, **values)
                for name, (lines, own) in wanted.items()}

    def by_chance(self, number, seed=1):
        """Return {name: document}: prices of up to six decimals, parts of pieces, discounts, taxes on top or included.

        Half of them is rounded by line and half over all lines of a document; both have the same numbers.
        """
        found, before = {}, self.company.tax_calculation_rounding_method
        for method in ("round_per_line", "round_globally"):
            self.company.tax_calculation_rounding_method = method
            chance = random.Random(seed)
            moves = self.env["account.move"].with_user(self.sales).create([{
                "move_type": chance.choice(("out_invoice", "out_invoice", "out_refund")),
                "partner_id": self.acme.id, "invoice_date": DAY,
                "invoice_line_ids": [Command.create(line) for line in self.chance_lines(chance)],
            } for _number in range(number // 2)])
            moves.action_post()
            found.update((f"{method} {place}", move) for place, move in enumerate(moves.with_env(self.su)))
        self.company.tax_calculation_rounding_method = before
        return found

    def chance_lines(self, chance):
        """Return lines that a document of this company can have: one tax, or none, where it takes one."""
        taxes = chance.choice((self.tax, self.included))
        return [
            self.line(
                round(chance.uniform(0.01, 500), chance.choice((2, 3, 4, 6))), chance.choice((1, 3, 7, 0.5, 1.25)),
                discount=chance.choice((0, 0, 7.5, 33.33)),
                **({"tax_ids": [Command.set(taxes.ids)]} if chance.random() < 0.75 else {}))
            for _line in range(chance.randint(1, 6))]

    def included_lines(self):
        return [self.line(9.99, 3, tax_ids=[Command.set(self.included.ids)]) for _number in range(3)]

    def combined_documents(self):
        """Return documents with two taxes at once: by the group of both, and by both of them."""
        return {f"combined {number}": self.invoice(
            *(self.line(price, tax_ids=[Command.set(taxes.ids)]) for price in (0.33, 0.33, 7.77)))
            for number, taxes in enumerate((self.group, self.parts))}

    def assertCombinedCross(self):
        """Without a mapping of the group the document says what to do; with it both forms cross and come back."""
        moves = self.combined_documents()
        self.sync()
        self.assertIn("Group of Taxes", moves["combined 1"].with_user(self.biller).qbo_error)
        self.map("TaxCode", self.group, "Combined")
        self.jobs(state="failed").with_user(self.bookkeeper).action_retry()
        self.assertAllCross(moves)
        self.freeman, rake = self.customer(), self.item()
        code = self.reference("TaxCode", "Combined").qbo_id
        line = self.qbo_line(rake, 10.07, taxed=True)
        if self.backend.qbo_tax_mode == "global":
            line["SalesItemLineDetail"]["TaxCodeRef"] = {"value": code}
        there = self.imported(line, line, TxnTaxDetail={"TxnTaxCodeRef": {"value": code}})
        self.quiet_sync()
        move = self.here("Invoice", there["Id"])
        self.assertSameDocument(move)
        self.assertEqual(move.invoice_line_ids.tax_ids, self.group)
        self.assertEqual(
            {line.tax_line_id: cents(-line.balance) for line in move.line_ids.filtered("tax_line_id")},
            {self.parts[0]: cents(1.01), self.parts[1]: cents(1.41)})
        self.assertRepostIsNoChange(move)

    # === EXPECTATIONS === #

    def assertAllCross(self, moves):
        """Every document is on both sides with the same total, tax and open balance, and the ledgers are equal."""
        run = self.sync()
        found = {**self.qbo("Invoice"), **self.qbo("CreditMemo")}
        for name, move in moves.items():
            with self.subTest(name):
                there = found.get(move.qbo_id, {})
                self.assertTrue(there, move.with_user(self.biller).qbo_error)
                self.assertEqual(
                    (cents(move.amount_total), cents(move.amount_tax), cents(move.amount_residual)),
                    (cents(there["TotalAmt"]), cents(there["TxnTaxDetail"]["TotalTax"]), cents(there["Balance"])))
        self.assertFalse(self.open_jobs())
        self.assertEqual((run.failed_count, run.warning_count), (0, 0), self.messages(run))
        self.assertSameLedgers()

    def assertRepostIsNoChange(self, *moves):
        """Draft and posting again changes no cent, and nothing is sent."""
        for move in moves:
            move.button_draft()
            move.action_post()
        self.assertFalse(self.writes(self.quiet_sync()))

    def assertSameLedgers(self):
        """Receivables by customer, the control accounts and the tax that is owed are equal."""
        self.assertSameReceivables()
        there = {}
        for row in self.qbo("Customer").values():
            record = self.here("Customer", row["Id"])
            there[record.id] = there.get(record.id, 0) + cents(row["Balance"])
        here = {partner.id: cents(balance) for partner, balance in self.su["account.move.line"]._read_group(
            [("company_id", "=", self.company.id), ("account_type", "=", "asset_receivable"),
             ("parent_state", "=", "posted")], ["partner_id"], ["amount_currency:sum"])}
        self.assertEqual({key: value for key, value in here.items() if value},
                         {key: value for key, value in there.items() if value})
        self.assertEqual(self.ar_here(), self.control("Accounts Receivable"))
        tax = self.su["account.move.line"].search([
            ("company_id", "=", self.company.id), ("tax_line_id", "!=", False), ("parent_state", "=", "posted")])
        self.assertEqual(-cents(sum(tax.mapped("balance"))), self.control("", "SalesTaxPayable", "GlobalTaxPayable"))

    def control(self, kind, *subtypes):
        """Return the balance of QuickBooks' accounts of a type, or of some subtypes."""
        return cents(sum(
            cents(row.get("CurrentBalance", 0)) for row in self.qbo("Account").values()
            if row["AccountType"] == kind or row.get("AccountSubType") in subtypes))

    def assertAllArrive(self, *documents):
        """Documents of QuickBooks are in Odoo to the cent, both ledgers are equal; posting again changes nothing."""
        self.quiet_sync()
        moves = [self.here("Invoice", there["Id"]) for there in documents]
        found = self.qbo("Invoice")
        for move, there in zip(moves, (found[there["Id"]] for there in documents), strict=True):
            with self.subTest(there["Line"]):
                self.assertTrue(move)
                self.assertEqual(
                    (cents(move.amount_total), cents(move.amount_tax), cents(move.amount_residual)),
                    (cents(there["TotalAmt"]), cents(there["TxnTaxDetail"]["TotalTax"]), cents(there["Balance"])))
        self.assertSameLedgers()
        self.assertRepostIsNoChange(*moves)
        self.assertSameLedgers()
        return moves

    def imported(self, *lines, entity="Invoice", **data):
        """Create a document in QuickBooks on the day of all."""
        return self.person("create", entity, data={
            "CustomerRef": {"value": self.freeman["Id"]}, "TxnDate": DAY, "Line": list(lines), **data})
