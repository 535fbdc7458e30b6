"""Classes, locations and types of customers: analytic accounts, branches and tags of Odoo."""

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .documents import DocumentCase, cents


class DimensionCase(DocumentCase):
    sim_wish = {"empty": True, "features": {"custom_txn_numbers": True, "classes": True, "departments": True}}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        plans = cls.su["account.analytic.plan"]
        cls.divisions, cls.shops, cls.projects = plans.create(
            [{"name": name} for name in ("Divisions", "Shops", "Projects")])
        accounts = cls.su["account.analytic.account"]
        cls.garden, cls.house = accounts.create(
            [{"name": name, "plan_id": cls.divisions.id} for name in ("Garden", "House")])
        cls.north, cls.south = accounts.create(
            [{"name": name, "plan_id": cls.shops.id} for name in ("North", "South")])
        cls.project = accounts.create({"name": "Roses", "plan_id": cls.projects.id})

    def use(self, *names, **rules):
        """Let classes and locations of these names exist in QuickBooks, set the rules, and map what is certain."""
        for name in names:
            entity = "Department" if name in ("North", "South", "Branch") else "Class"
            self.person("create", entity, data={"Name": name})
        self.backend.with_user(self.qbo_admin).write(rules)
        self.su["qbo.mapping"].with_user(self.bookkeeper).action_refresh_lists()
        self.sync()
        self.su["qbo.mapping"].with_user(self.bookkeeper).action_accept_all_certain()

    def shares(self, *accounts):
        return {"analytic_distribution": {",".join(str(account.id) for account in accounts): 100}}

    def classes(self, document):
        """Return the names of the classes of a document's lines."""
        return [line["SalesItemLineDetail"].get("ClassRef", {}).get("name", "")
                for line in document["Line"] if line["DetailType"] == "SalesItemLineDetail"]

    def accounts(self, move):
        return [line.distribution_analytic_account_ids.sorted("id").mapped("name") for line in move.invoice_line_ids]


@tagged("post_install", "-at_install")
class TestClassesAndLocations(DimensionCase):

    def test_out(self):
        """Classes of lines and the location of the document go along, as does a change of an analytic account alone."""
        self.use("Garden", "House", "North", class_plan_id=self.divisions.id, department_rule="plan",
                 department_plan_id=self.shops.id)
        move = self.invoice(
            self.line(100, **self.shares(self.garden, self.north, self.project)),
            self.line(50, **self.shares(self.house, self.north)), {"display_type": "line_note", "name": "Thanks"})
        self.quiet_sync()
        there = self.assertSameDocument(move)
        self.assertEqual((self.classes(there), there["DepartmentRef"]["name"]), (["Garden", "House"], "North"))
        self.assertSameReceivables()
        # A bookkeeper corrects the class of a posted line, and takes that of the other one away.
        lines = move.invoice_line_ids.filtered(lambda line: line.display_type == "product").with_user(self.bookkeeper)
        lines[0].analytic_distribution = self.shares(self.house, self.north)["analytic_distribution"]
        lines[1].analytic_distribution = self.shares(self.north)["analytic_distribution"]
        self.quiet_sync()
        self.assertEqual(self.classes(self.there(move)), ["House", ""])
        self.assertSameDocument(move)

    def test_sales_receipts_with_cash_rounding(self):
        """The class of a line and the rounding to five cents go along on a receipt, and come back as changed there."""
        self.use("Garden", "House", class_plan_id=self.divisions.id)
        rounding = self.su["account.cash.rounding"].create({
            "name": "0.05", "rounding": 0.05, "strategy": "add_invoice_line", "rounding_method": "HALF-UP",
            "profit_account_id": self.income.id, "loss_account_id": self.income.id})
        sale = self.invoice(
            self.line(10.02, **self.shares(self.garden, self.project)), self.line(5.01, **self.shares(self.house)),
            move_type="out_receipt", invoice_cash_rounding_id=rounding.id)
        money = self.pay(15.05, sale, journal=self.cash)
        self.assertEqual((sale.amount_total, sale.amount_residual), (15.05, 0))
        self.quiet_sync()
        [there] = self.qbo("SalesReceipt").values()
        self.assertEqual(
            (cents(there["TotalAmt"]), cents(there["Balance"]), self.classes(there)),
            (cents(15.05), 0, ["Garden", "House", ""]))
        self.assertEqual(
            [cents(line["Amount"]) for line in there["Line"][:3]], [cents(10.02), cents(5.01), cents(0.02)])
        lines = [line for line in there["Line"] if line["DetailType"] == "SalesItemLineDetail"]
        lines[0]["SalesItemLineDetail"]["ClassRef"] = {"value": self.reference("Class", "House").qbo_id}
        self.person("edit", "SalesReceipt", id=there["Id"], data={"Line": lines})
        self.quiet_sync()
        self.assertEqual(self.accounts(sale)[:2], [["House", "Roses"], ["House"]])
        self.assertEqual((sale.amount_total, sale.amount_residual, money.amount), (15.05, 0, 15.05))
        self.assertEqual(self.ar_here(), 0)
        self.assertFalse(self.qbo("Invoice") or self.qbo("Payment"))

    def test_what_needs_a_person(self):
        """A line that is shared out waits, as does an account without a class; the rule or the button lets them go."""
        self.use("Garden", "Attic", class_plan_id=self.divisions.id)
        shared = self.invoice(self.line(100, analytic_distribution={str(self.garden.id): 60, str(self.house.id): 40}))
        unmapped = self.invoice(self.line(70, **self.shares(self.house)))
        self.sync()
        self.assertIn("shared out to several analytic accounts of Divisions", self.jobs(res_id=shared.id).error)
        self.assertIn("'House' is not mapped", self.jobs(res_id=unmapped.id).error)
        row = self.su["qbo.mapping"].search([("entity", "=", "Class"), ("res_id", "=", self.house.id)])
        self.assertEqual((row.state, row.blocked_count), ("missing", 1))
        self.backend.state = "active"
        row.with_user(self.bookkeeper).action_create_in_quickbooks()
        self.sync()
        self.assertEqual((row.state, self.classes(self.there(unmapped))), ("mapped", ["House"]))
        self.backend.with_user(self.qbo_admin).dimension_split = "largest"
        self.jobs(res_id=shared.id).with_user(self.bookkeeper).action_retry()
        self.quiet_sync()
        self.assertEqual(self.classes(self.there(shared)), ["Garden"])
        self.assertEqual((row.used_count, row.linked_count), (2, 2))
        # Another class is for what is sent from now on; what is there changes when a person says so.
        row.with_user(self.bookkeeper).reference_id = self.reference("Class", "Attic")
        self.assertEqual(self.writes(self.quiet_sync()), [])
        row.with_user(self.bookkeeper).action_send_again()
        self.quiet_sync()
        self.assertEqual([self.classes(self.there(move)) for move in (unmapped, shared)], [["Attic"], ["Garden"]])
        self.assertSameReceivables()

    def test_in(self):
        """Imported lines get the accounts; a class that changes there touches neither the entry nor Odoo's projects."""
        self.use("Garden", "House", "North", "South", class_plan_id=self.divisions.id, department_rule="plan",
                 department_plan_id=self.shops.id)
        rake, north = self.item(), self.reference("Department", "North")
        line = self.qbo_line(rake, 40)
        line["SalesItemLineDetail"]["ClassRef"] = {"value": self.reference("Class", "Garden").qbo_id}
        bare = self.qbo_line(rake, 20, text="Bare")
        sale = self.qbo_sale("Invoice", self.customer(), line, bare, DepartmentRef={"value": north.qbo_id})
        self.quiet_sync()
        move = self.here("Invoice", sale["Id"])
        self.assertEqual(self.accounts(move), [["Garden", "North"], ["North"]])
        # Odoo adds a project of its own, and is paid in part.
        move.invoice_line_ids[0].analytic_distribution = self.shares(
            self.garden, self.north, self.project)["analytic_distribution"]
        payment, number = self.pay(10, move), move.name
        self.quiet_sync()
        there = self.there(move)
        there["Line"][0]["SalesItemLineDetail"]["ClassRef"] = {"value": self.reference("Class", "House").qbo_id}
        self.person("edit", "Invoice", id=there["Id"], data={
            "Line": there["Line"], "DepartmentRef": {"value": self.reference("Department", "South").qbo_id}})
        partials = self.receivable(payment).matched_debit_ids
        # Nor does a locked period mind.
        self.company.fiscalyear_lock_date = "2026-03-31"
        self.quiet_sync()
        self.company.fiscalyear_lock_date = False
        self.assertEqual(self.accounts(move), [["House", "South", "Roses"], ["South"]])
        self.assertEqual(
            (move.name, move.state, self.receivable(payment).matched_debit_ids), (number, "posted", partials))
        # Another amount rewrites the lines; the project stays on its own.
        there = self.there(move)
        there["Line"][0].update(Amount=44)
        there["Line"][0]["SalesItemLineDetail"]["UnitPrice"] = 44
        self.person("edit", "Invoice", id=there["Id"], data={"Line": there["Line"]})
        self.quiet_sync()
        self.assertEqual(self.accounts(move), [["House", "South", "Roses"], ["South"]])
        self.assertSameDocument(move)
        self.assertSameReceivables()

    def test_an_unmapped_class_of_quickbooks_waits(self):
        self.use("Garden", class_plan_id=self.divisions.id)
        strange = self.person("create", "Class", data={"Name": "Strange"})
        line = self.qbo_line(self.item(), 40)
        line["SalesItemLineDetail"]["ClassRef"] = {"value": strange["Id"]}
        sale = self.qbo_sale("Invoice", self.customer(), line)
        self.sync()
        job = self.jobs(qbo_id=sale["Id"], entity="Invoice")
        self.assertEqual(job.state, "blocked")
        self.assertIn("QuickBooks' class 'Strange' is not mapped", job.error)
        row = self.su["qbo.mapping"].search([("entity", "=", "Class"), ("res_id", "=", self.house.id)])
        row.with_user(self.bookkeeper).reference_id = self.reference("Class", "Strange")
        self.quiet_sync()
        self.assertEqual(self.accounts(self.here("Invoice", sale["Id"])), [["House"]])
        self.assertSameReceivables()

    def test_whatever_is_mapped_lets_go_all_that_waited_for_it(self):
        """Every list, both ways, by the mapping screen alone: nobody retries anything, and both books are equal."""
        self.use("Garden", class_plan_id=self.divisions.id, department_rule="plan", department_plan_id=self.shops.id)
        for entity, name in (("Class", "Attic"), ("Department", "East"), ("Term", "Net 77")):
            self.person("create", entity, data={"Name": name, **({"DueDays": 77} if entity == "Term" else {})})
        self.su["qbo.mapping"].with_user(self.bookkeeper).action_refresh_lists()
        self.sync()
        self.su["qbo.mapping"].search([("entity", "in", ["Account", "TaxCode"]), ("backend_id", "=", self.backend.id),
                                       ("res_id", "in", [self.tax.id, self.bank.id, self.cash.id])]).unlink()
        self.backend.default_item_id = False
        expense = self.company_data["default_account_expense"]
        term = self.su["account.payment.term"].create({"name": "Seventy-seven", "line_ids": [
            Command.create({"value": "percent", "value_amount": 100, "nb_days": 77})]})
        self.roe.property_payment_term_id = term
        mine = {
            "tax": self.invoice(self.line(10, taxed=True)), "term of a customer": self.invoice(11, partner=self.roe),
            "class": self.invoice(self.line(12, **self.shares(self.house))),
            "location": self.invoice(self.line(13, **self.shares(self.south))),
            "item of an account": self.invoice(self.line(14, product=False)),
            "account of a journal": self.pay(15), "account of an entry": self.su["account.move"].create({
                "move_type": "entry", "date": "2026-03-10", "journal_id": self.company_data[
                    "default_journal_misc"].id, "line_ids": [
                        Command.create({"account_id": account.id, "balance": amount, "partner_id": self.acme.id})
                        for account, amount in ((self.acme.property_account_receivable_id, 16), (expense, -16))]})}
        mine["account of an entry"].action_post()
        freeman, rake = self.customer(), self.item()
        lines = {name: self.qbo_line(rake, amount) for name, amount in (("class", 20), ("location", 21), ("tax", 22))}
        lines["class"]["SalesItemLineDetail"]["ClassRef"] = {"value": self.reference("Class", "Attic").qbo_id}
        lines["tax"]["SalesItemLineDetail"]["TaxCodeRef"] = {"value": "TAX"}
        theirs = {
            "class": self.qbo_sale("Invoice", freeman, lines["class"]),
            "location": self.qbo_sale("Invoice", freeman, lines["location"], DepartmentRef={
                "value": self.reference("Department", "East").qbo_id}),
            "tax": self.qbo_sale("Invoice", freeman, lines["tax"], code="California"),
            "account of a journal": self.qbo_payment(freeman, 23, DepositToAccountRef={
                "value": self.reference("Account", "Savings").qbo_id}),
            "account of an entry": self.person("write_off", "Invoice", id=self.qbo_sale(
                "Invoice", freeman, self.qbo_line(rake, 24))["Id"], how="journal")}
        self.sync()
        for name, record in mine.items():
            job = self.jobs(direction="out", model=record._name, res_id=record.id, state="blocked")
            self.assertTrue(job, name)
        for name, row in theirs.items():
            waiting = self.jobs(direction="in", state="blocked", entity=self.entity_of(row), qbo_id=row["Id"])
            self.assertTrue(waiting, name)

        def chosen(entity, record, name):
            row = self.su["qbo.mapping"].search([
                ("backend_id", "=", self.backend.id), ("entity", "=", entity), ("res_id", "=", record.id),
                ("model", "=", record._name)])
            self.assertEqual(len(row), 1, (entity, record))
            row.with_user(self.bookkeeper).reference_id = self.reference(entity, name)
            return row.with_user(self.bookkeeper)

        for entity, record, name in (
                ("TaxCode", self.tax, "California"), ("Term", term, "Net 77"), ("Class", self.house, "Attic"),
                ("Department", self.south, "East"), ("Account", self.bank, "Savings"),
                ("Account", expense, "Bad Debts")):
            chosen(entity, record, name)
        # A setting that does in place of a mapping is one, too.
        self.backend.with_user(self.qbo_admin).default_item_id = self.reference("Item", "Services")
        self.quiet_sync()
        for record in (move for name, move in mine.items() if not name.startswith("account")):
            self.assertSameDocument(record)
        for row in theirs.values():
            self.assertTrue(self.here(self.entity_of(row), row["Id"]), row)
        self.assertEqual(cents(self.backend.ar_odoo), cents(self.backend.ar_qbo))
        self.assertEqual(self.ar_here(), cents(self.backend.ar_qbo))

        # Another choice lists what is there with the old one, and nothing of it changes without a person's word.
        line = self.bank_line(12, mine["class"])
        self.quiet_sync()
        for entity, record, name, used in (
                ("Account", self.bank, "Checking", (
                    mine["account of a journal"] | self.here("Payment", theirs["account of a journal"]["Id"])
                ).move_id | line.move_id),
                ("Account", expense, "Bank Charges", mine["account of an entry"])):
            row = chosen(entity, record, name)
            self.assertEqual(row.action_open_documents()["domain"], [("id", "in", used.sorted("id").ids)], name)
            self.assertEqual(row.linked_count, len(used))
            self.assertFalse(self.writes(self.quiet_sync()), "without a word nothing is sent again")
            row.action_send_again()
            self.quiet_sync()
        accounts = {self.there(record)["DepositToAccountRef"]["value"]
                    for record in (mine["account of a journal"], line.move_id)}
        booked = [row["JournalEntryLineDetail"]["AccountRef"]["name"]
                  for row in self.there(mine["account of an entry"])["Line"]]
        self.assertEqual(
            (accounts, "Bank Charges" in booked), ({self.reference("Account", "Checking").qbo_id}, True))
        self.assertEqual(self.ar_here(), cents(self.backend.ar_qbo))

    def entity_of(self, row):
        return "Payment" if "UnappliedAmt" in row else "Invoice" if "DueDate" in row else "JournalEntry"

    def test_without_a_rule_both_sides_keep_their_own(self):
        """Also a document that was sent before the rule was made keeps the class that QuickBooks gave it."""
        self.person("create", "Class", data={"Name": "Garden"})
        move = self.invoice(self.line(100, **self.shares(self.garden)), self.line(10))
        self.quiet_sync()
        there = self.there(move)
        self.assertEqual(self.classes(there), ["", ""])
        garden = next(iter(self.qbo("Class").values()))["Id"]
        there["Line"][1]["SalesItemLineDetail"]["ClassRef"] = {"value": garden}
        self.person("edit", "Invoice", id=there["Id"], data={"Line": there["Line"]})
        self.quiet_sync()
        move.invoice_line_ids[0].with_user(self.bookkeeper).name = "Advice, spoken"
        self.quiet_sync()
        self.assertEqual(self.classes(self.there(move)), ["", "Garden"])
        self.assertSameDocument(move)

    def test_branches(self):
        """A branch's documents carry its location, and a document of that location becomes the branch's."""
        branch = self.su["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.registry.clear_cache()
        self.sales.company_ids |= branch
        self.use("Branch", department_rule="branch")
        rows = self.su["qbo.mapping"].search([("entity", "=", "Department")]).with_user(self.bookkeeper)
        self.assertIn("Branch", rows.mapped("record_name"))
        own = self.invoice(10)
        moves = self.env["account.move"].with_user(self.sales).with_context(
            allowed_company_ids=[branch.id, self.company.id])
        move = moves.create({
            "move_type": "out_invoice", "partner_id": self.acme.id, "invoice_date": "2026-03-10",
            "company_id": branch.id, "invoice_line_ids": [Command.create(self.line(25))]})
        move.action_post()
        move = move.with_env(self.su)
        self.assertEqual(move.company_id, branch)
        self.quiet_sync()
        self.assertEqual(self.there(move)["DepartmentRef"]["name"], "Branch")
        self.assertNotIn("DepartmentRef", self.there(own))
        sale = self.qbo_sale("Invoice", self.customer(), self.qbo_line(self.item(), 40), DepartmentRef={
            "value": self.reference("Department", "Branch").qbo_id})
        self.quiet_sync()
        self.assertEqual(self.here("Invoice", sale["Id"]).company_id, branch)

    def test_rules_that_contradict_each_other(self):
        admin = self.backend.with_user(self.qbo_admin)
        with self.assertRaises(ValidationError):
            admin.department_rule = "plan"
        with self.assertRaises(ValidationError):
            admin.write({"class_plan_id": self.shops.id, "department_plan_id": self.shops.id,
                         "department_rule": "plan"})


@tagged("post_install", "-at_install")
class TestOneClassForADocument(DimensionCase):
    sim_wish = {"empty": True, "features": {"custom_txn_numbers": True, "classes_per_txn": True}}

    def test_class_of_the_document(self):
        self.use("Garden", "House", class_plan_id=self.divisions.id)
        move = self.invoice(*(self.line(price, **self.shares(self.garden)) for price in (10, 20)))
        mixed = self.invoice(self.line(10, **self.shares(self.garden)), self.line(20, **self.shares(self.house)))
        sale = self.qbo_sale("CreditMemo", self.customer(), self.qbo_line(self.item(), 40), ClassRef={
            "value": self.reference("Class", "House").qbo_id})
        self.sync()
        self.assertEqual(self.there(move)["ClassRef"]["name"], "Garden")
        self.assertIn("The document is shared out", self.jobs(res_id=mixed.id).error)
        self.assertEqual(self.accounts(self.here("CreditMemo", sale["Id"])), [["House"]])


@tagged("post_install", "-at_install")
class TestTypesAndCurrencies(DocumentCase):
    sim_wish = {"empty": True, "features": {"custom_txn_numbers": True, "multicurrency": True}}

    def test_types_of_customers(self):
        """The tag that is mapped is the type, both ways; other tags stay, and two types are said, not guessed."""
        retail, whole, vip = self.su["res.partner.category"].create(
            [{"name": name} for name in ("Retail", "Wholesale", "VIP")])
        for name in ("Retail", "Wholesale"):
            self.person("create", "CustomerType", data={"Name": name})
        self.acme.category_id = retail | vip
        self.acme.customer_rank = 1
        self.invoice(10)
        self.su["qbo.mapping"].with_user(self.bookkeeper).action_refresh_lists()
        self.sync()
        rows = self.su["qbo.mapping"].search([("entity", "=", "CustomerType")])
        self.assertEqual({row.record_name: row.state for row in rows},
                         {"Retail": "proposed", "Wholesale": "proposed", "VIP": "missing"})
        self.su["qbo.mapping"].with_user(self.bookkeeper).action_accept_all_certain()
        self.acme.write({"category_id": [Command.link(vip.id)], "phone": "123"})
        self.quiet_sync()
        types = {entry["Name"]: entry["Id"] for entry in self.qbo("CustomerType").values()}
        self.assertEqual(self.there(self.acme)["CustomerTypeRef"]["value"], types["Retail"])
        # QuickBooks chooses the other one.
        self.person("edit", "Customer", id=self.there(self.acme)["Id"], data={
            "CustomerTypeRef": {"value": types["Wholesale"]}})
        self.quiet_sync()
        self.assertEqual(self.acme.category_id, whole | vip)
        # Two tags could be it: the type stays, and the record says why.
        self.acme.category_id |= retail
        run = self.sync()
        self.assertEqual(self.there(self.acme)["CustomerTypeRef"]["value"], types["Wholesale"])
        self.acme.phone = "456"
        run = self.sync()
        self.assertIn("Several tags are types of customers in QuickBooks (Retail, Wholesale)", self.messages(run))

    def test_currencies(self):
        """Each side's currencies stand on the screen; what is missing is switched on here or created there."""
        for code in ("EUR", "CAD"):
            self.person("create", "CompanyCurrency", data={"Code": code})
        self.su["qbo.mapping"].with_user(self.bookkeeper).action_refresh_lists()
        self.sync()
        rows = self.su["qbo.mapping"].search([("entity", "=", "CompanyCurrency")]).with_user(self.bookkeeper)
        theirs = {entry["Code"] for entry in self.qbo("CompanyCurrency").values()}
        self.assertEqual({row.reference_id.code for row in rows if row.state == "mapped"}, theirs)
        canada = self.su["res.currency"].with_context(active_test=False).search([("name", "=", "CAD")])
        canada.active = False
        row = rows.filtered(lambda row: row.res_id == canada.id)
        self.assertTrue(row.can_activate)
        self.refusal(AccessError, row.action_activate_currency)
        row.with_user(self.env.ref("base.user_admin")).action_activate_currency()
        self.assertEqual((canada.active, row.can_activate), (True, False))
        # A currency that only Odoo uses.
        self.su.ref("base.CHF").active = True
        self.backend.state = "active"
        rows.action_refresh_lists()
        self.sync()
        swiss = self.su["qbo.mapping"].search([
            ("entity", "=", "CompanyCurrency"), ("res_id", "=", self.su.ref("base.CHF").id)])
        self.assertEqual(swiss.state, "missing")
        swiss.with_user(self.bookkeeper).action_create_in_quickbooks()
        self.quiet_sync()
        self.assertEqual(swiss.state, "mapped")
        self.assertIn("CHF", {entry["Code"] for entry in self.qbo("CompanyCurrency").values()})
