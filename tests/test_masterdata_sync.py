"""Customers and items through the whole engine, against the simulator."""

from odoo.tests import tagged

from .common import QboCommon


@tagged("post_install", "-at_install")
class MasterDataSyncCase(QboCommon):
    def arrange(self):
        super().arrange()
        self.active_backend()
        self.backend.customer_scope = "all"

    def partner_of(self, qbo_id):
        return self.record_of("Customer", qbo_id)

    def record_of(self, entity, qbo_id):
        binding = self.binding_of(entity, qbo_id)
        return self.su[binding.model].browse(binding.res_id) if binding else None

    def binding_of(self, entity, qbo_id):
        return self.su["qbo.binding"].search(
            [("backend_id", "=", self.backend.id), ("entity", "=", entity), ("qbo_id", "=", qbo_id)]
        )

    def qbo_of(self, entity, record):
        """Return the object in the simulator that a record is linked to."""
        binding = self.su["qbo.binding"].search(
            [
                ("backend_id", "=", self.backend.id),
                ("entity", "=", entity),
                ("model", "=", record._name),
                ("res_id", "=", record.id),
            ]
        )
        return self.qbo(entity).get(binding.qbo_id)

    def jobs(self, **values):
        return self.su["qbo.job"].search(
            [("backend_id", "=", self.backend.id), *[(name, "=", value) for name, value in values.items()]]
        )

    def writes(self, requests):
        """Return the requests that changed something in QuickBooks."""
        return [entry for entry in requests if entry["method"] == "POST" and not entry["path"].endswith("/query")]

    def quiet_sync(self):
        """Sync; everything must cross without a problem. Return the requests that it took, token refreshes left out."""
        before = len(self.simulator.log())
        run = self.sync()
        problems = self.jobs().filtered(
            lambda job: job.state in ("failed", "blocked", "conflict", "pending", "approval")
        )
        self.assertFalse(problems, [(job.name, job.state, job.error) for job in problems])
        self.assertEqual(run.state, "done")
        return [entry for entry in self.requests_made(before) if "/v3/" in entry["path"]]


class TestCustomersSync(MasterDataSyncCase):
    def test_there_and_back(self):
        freeman = self.person(
            "create",
            "Customer",
            data={
                "DisplayName": "Freeman",
                "CompanyName": "Freeman",
                "PrimaryPhone": {"FreeFormNumber": "111"},
                "GivenName": "Kirby",
                "BillAddr": {
                    "Line1": "370 Easy St.",
                    "City": "Middlefield",
                    "CountrySubDivisionCode": "CA",
                    "PostalCode": "94482",
                },
            },
        )
        oven = self.person(
            "create", "Customer", data={"DisplayName": "Oven", "Job": True, "ParentRef": {"value": freeman["Id"]}}
        )
        acme = self.env["res.partner"].create(
            {"name": "Acme", "customer_rank": 1, "email": "a@acme.example", "phone": "222"}
        )
        self.quiet_sync()

        partner = self.partner_of(freeman["Id"])
        self.assertEqual((partner.name, partner.phone, partner.city), ("Freeman", "111", "Middlefield"))
        self.assertEqual(self.partner_of(oven["Id"]).parent_id, partner)
        self.assertEqual(self.qbo_of("Customer", acme)["PrimaryPhone"]["FreeFormNumber"], "222")

        # Each side changes one record; nothing else moves.
        self.person("edit", "Customer", id=freeman["Id"], data={"PrimaryPhone": {"FreeFormNumber": "333"}})
        acme.write({"phone": "444", "street": "1 Main St"})
        self.quiet_sync()
        self.assertEqual(partner.phone, "333")
        self.assertEqual(self.qbo_of("Customer", acme)["PrimaryPhone"]["FreeFormNumber"], "444")
        self.assertEqual(self.qbo_of("Customer", acme)["BillAddr"]["Line1"], "1 Main St")

        # A change of Odoo's does not clear what Odoo has no place for.
        partner.phone = "555"
        self.quiet_sync()
        there = self.qbo("Customer")[freeman["Id"]]
        self.assertEqual((there["PrimaryPhone"]["FreeFormNumber"], there["GivenName"]), ("555", "Kirby"))

        requests = self.quiet_sync()
        self.assertLessEqual(len(requests), 2, requests)

    def test_an_unchanged_customer_that_is_marked_makes_no_write(self):
        acme = self.env["res.partner"].create({"name": "Acme", "customer_rank": 1})
        self.assertEqual(len(self.writes(self.quiet_sync())), 1)
        acme.write({"name": "Acme", "phone": False})
        self.assertFalse(self.writes(self.quiet_sync()), "nothing changed")
        self.assertEqual(len(self.qbo("Customer")), 1)

    def test_an_imported_company_is_not_sent_back(self):
        for number in range(12):
            self.person(
                "create",
                "Customer",
                data={
                    "DisplayName": f"Customer {number}",
                    "Notes": "first\nsecond",
                    "WebAddr": {"URI": "www.example.com"},
                    "BillAddr": {
                        "Line1": "a",
                        "Line2": "b",
                        "Line3": "c",
                        "CountrySubDivisionCode": "Bavaria",
                        "Country": "Germany",
                    },
                },
            )
        self.quiet_sync()
        self.su["qbo.change"]._mark(
            "res.partner",
            self.su["qbo.binding"]
            .search([("backend_id", "=", self.backend.id), ("entity", "=", "Customer")])
            .mapped("res_id"),
        )
        self.assertFalse(self.writes(self.quiet_sync()))

    def test_the_same_customer_on_both_sides_becomes_one(self):
        acme = self.env["res.partner"].create(
            {"name": "ACME", "customer_rank": 1, "is_company": True, "phone": "650 555 1234"}
        )
        there = self.person(
            "create",
            "Customer",
            data={
                "DisplayName": "Acme",
                "PrimaryPhone": {"FreeFormNumber": "(650) 555-1234"},
                "PrimaryEmailAddr": {"Address": "x@acme.example"},
            },
        )
        self.quiet_sync()
        self.assertEqual(self.partner_of(there["Id"]), acme)
        self.assertEqual(acme.email, "x@acme.example")
        self.assertEqual(len(self.qbo("Customer")), 1)
        self.assertEqual((acme.name, self.qbo("Customer")[there["Id"]]["DisplayName"]), ("ACME", "Acme"))

    def test_an_employee_has_the_name(self):
        """Found before anything is sent: QuickBooks' own refusal does not say who has the name."""
        self.person("create", "Employee", data={"DisplayName": "Mary Roe", "GivenName": "Mary", "FamilyName": "Roe"})
        self.env["res.partner"].create({"name": "mary roe", "customer_rank": 1})
        self.sync()
        [job] = self.jobs(direction="out", entity="Customer")
        self.assertEqual((job.state, job.error_code), ("failed", "6240"))
        self.assertIn("employee", job.error)
        self.assertIn("'mary roe (C)'", job.error)
        self.assertFalse(self.qbo("Customer"))

    def test_a_vendor_has_the_name(self):
        self.person("create", "Vendor", data={"DisplayName": "O'Brien"})
        obrien = self.env["res.partner"].create({"name": "O'Brien", "customer_rank": 1})
        self.sync()
        [job] = self.jobs(direction="out", entity="Customer")
        self.assertEqual((job.state, job.error_code), ("failed", "6240"))
        self.assertIn("vendor", job.error)
        self.assertIn("'O'Brien (C)'", job.error)
        self.backend.rename_on_clash = True
        obrien.phone = "1"
        self.quiet_sync()
        self.assertEqual(self.qbo_of("Customer", obrien)["DisplayName"], "O'Brien (C)")
        self.assertEqual(obrien.name, "O'Brien")
        obrien.phone = "2"
        self.quiet_sync()
        self.assertEqual(self.qbo_of("Customer", obrien)["DisplayName"], "O'Brien (C)")

    def test_names_of_all_kinds(self):
        names = ["O'Brien & Søn", "Design: Build", "Tab\tbed", "Long " * 30, "日本 商店", "50% \\ done_"]
        partners = self.env["res.partner"].create([{"name": name, "customer_rank": 1} for name in names])
        self.quiet_sync()
        self.assertEqual(len(self.qbo("Customer")), len(names))
        self.assertEqual(self.qbo_of("Customer", partners[1])["DisplayName"], "Design - Build")
        self.assertLessEqual(len(self.qbo_of("Customer", partners[3])["DisplayName"]), 100)

    def test_inactive_and_archived(self):
        acme = self.env["res.partner"].create({"name": "Acme", "customer_rank": 1})
        self.quiet_sync()
        acme.active = False
        self.quiet_sync()
        self.assertFalse(self.qbo_of("Customer", acme)["Active"])
        acme.active = True
        self.quiet_sync()
        self.assertTrue(self.qbo_of("Customer", acme)["Active"])
        self.person("deactivate", "Customer", id=self.qbo_of("Customer", acme)["Id"])
        self.quiet_sync()
        self.assertFalse(acme.active)
        self.assertEqual(acme.name, "Acme")

    def test_a_deleted_partner_becomes_inactive(self):
        acme = self.env["res.partner"].create({"name": "Acme", "customer_rank": 1})
        self.quiet_sync()
        acme.unlink()
        self.quiet_sync()
        [there] = self.qbo("Customer").values()
        self.assertFalse(there["Active"])

    def test_excluded_stays_excluded(self):
        acme, roe = self.env["res.partner"].create([{"name": name, "customer_rank": 1} for name in ("Acme", "Roe")])
        acme.with_user(self.qbo_admin).qbo_exclude = True
        self.quiet_sync()
        self.assertEqual([row["DisplayName"] for row in self.qbo("Customer").values()], ["Roe"])
        acme.phone = roe.phone = "1"
        self.quiet_sync()
        self.assertEqual(len(self.qbo("Customer")), 1)
        self.assertTrue(acme.with_user(self.qbo_admin).qbo_exclude)
        self.assertFalse(roe.with_user(self.qbo_admin).qbo_exclude, "a success excludes nobody")

    def test_contacts_become_subcustomers_by_the_rule(self):
        self.backend.contacts_as_subcustomers = True
        acme, roe = self.env["res.partner"].create(
            [{"name": name, "is_company": True, "customer_rank": 1} for name in ("Acme", "Roe")]
        )
        contacts = self.env["res.partner"].create(
            [
                {"name": "Accounting", "parent_id": parent.id, "email": f"books@{parent.name.lower()}.example"}
                for parent in (acme, roe)
            ]
        )
        for contact in contacts:
            self.env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": contact.id,
                    "invoice_date": "2026-03-01",
                    "invoice_line_ids": [(0, 0, {"name": "Work", "price_unit": 10, "tax_ids": []})],
                }
            ).action_post()
        self.backend._policy("Invoice").direction = "off"
        self.quiet_sync()
        there = [self.qbo_of("Customer", contact) for contact in contacts]
        self.assertEqual(
            [row["ParentRef"]["value"] for row in there],
            [self.qbo_of("Customer", acme)["Id"], self.qbo_of("Customer", roe)["Id"]],
        )
        self.assertTrue(all(row["Job"] for row in there))
        self.assertEqual(len({row["DisplayName"] for row in there}), 2)
        self.assertFalse(self.writes(self.quiet_sync()))

    def test_partners_merged_in_odoo(self):
        one, two = self.env["res.partner"].create([{"name": name, "customer_rank": 1} for name in ("One", "Two")])
        self.quiet_sync()
        self.su["base.partner.merge.automatic.wizard"].create({})._merge((one | two).ids, one)
        self.quiet_sync()
        self.assertEqual(
            {row["DisplayName"].split()[0]: row["Active"] for row in self.qbo("Customer").values()},
            {"One": True, "Two": False},
        )

    def test_customers_merged_in_quickbooks(self):
        one, two = self.env["res.partner"].create([{"name": name, "customer_rank": 1} for name in ("One", "Two")])
        self.quiet_sync()
        self.person("merge", "Customer", id=self.qbo_of("Customer", two)["Id"], into=self.qbo_of("Customer", one)["Id"])
        self.sync()
        # The loser is not among the changes that QuickBooks tells; it is missed when something is to be said about it.
        for phone in ("9", "10"):
            two.phone = phone
            self.sync()
            self.assertEqual(two.with_user(self.qbo_admin).qbo_status, "missing")
            self.assertEqual(len(self.qbo("Customer")), 1, "it is not created again by itself")
        self.assertTrue(two.exists() and two.active, "a merge in QuickBooks deletes no partner in Odoo")

    def test_both_sides_change_one_customer(self):
        acme = self.env["res.partner"].create({"name": "Acme", "customer_rank": 1, "phone": "1"})
        self.quiet_sync()
        self.person("edit", "Customer", id=self.qbo_of("Customer", acme)["Id"], data={"Notes": "from there"})
        acme.phone = "2"
        self.quiet_sync()
        self.assertIn("from there", acme.comment)
        self.assertEqual(acme.phone, "2")
        self.assertEqual(self.qbo_of("Customer", acme)["PrimaryPhone"]["FreeFormNumber"], "2")


@tagged("post_install", "-at_install")
class TestCurrenciesSync(MasterDataSyncCase):
    """A QuickBooks company that trades in several currencies."""

    sim_wish = {"empty": True, "features": {"custom_txn_numbers": True, "multicurrency": True, "rates": {"EUR": "1.1"}}}

    def test_one_partner_in_two_currencies(self):
        euro = self.env.ref("base.EUR")
        euro.sudo().active = True
        acme = self.env["res.partner"].create({"name": "Acme", "customer_rank": 1})
        self.quiet_sync()
        self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": acme.id,
                "invoice_date": "2026-03-01",
                "currency_id": euro.id,
                "invoice_line_ids": [(0, 0, {"name": "Work", "price_unit": 10, "tax_ids": []})],
            }
        ).action_post()
        self.backend._policy("Invoice").direction = "off"
        acme.phone = "7"
        self.quiet_sync()
        self.assertEqual(
            {row["DisplayName"]: row["CurrencyRef"]["value"] for row in self.qbo("Customer").values()},
            {"Acme": "USD", "Acme (EUR)": "EUR"},
        )

    def test_a_foreign_customer_arrives_with_its_currency(self):
        there = self.person("create", "Customer", data={"DisplayName": "Müller GmbH", "CurrencyRef": {"value": "EUR"}})
        self.quiet_sync()
        binding = self.binding_of("Customer", there["Id"])
        self.assertEqual((binding.role, self.partner_of(there["Id"]).name), ("EUR", "Müller GmbH"))
        self.partner_of(there["Id"]).phone = "1"
        self.quiet_sync()
        self.assertEqual(self.qbo("Customer")[there["Id"]]["DisplayName"], "Müller GmbH")


@tagged("post_install", "-at_install")
class TestSeededCompany(MasterDataSyncCase):
    """The company that the demonstration starts with."""

    sim_wish = {"features": {"custom_txn_numbers": True}}

    def test_all_customers_and_items_arrive_and_nothing_goes_back(self):
        for entity in ("Invoice", "CreditMemo", "Payment"):
            self.backend._policy(entity).direction = "off"
        self.backend._policy("Item").direction = "in"
        own = set(self.su["res.partner"].search([]).ids)
        self.backend.customer_scope = "used"
        self.sync()
        there = self.qbo("Customer")
        self.assertGreaterEqual(len(there), 40)
        links = self.su["qbo.binding"].search([("backend_id", "=", self.backend.id), ("entity", "=", "Customer")])
        self.assertEqual(set(links.mapped("qbo_id")), set(there))
        for row in there.values():
            partner = self.partner_of(row["Id"])
            self.assertNotIn(partner.id, own)
            self.assertEqual(
                partner.parent_id, self.partner_of(row["ParentRef"]["value"]) if row.get("Job") else partner.browse()
            )
            self.assertEqual(partner.street or "", row.get("BillAddr", {}).get("Line1", ""), partner.name)
            self.assertEqual(partner.phone or "", row.get("PrimaryPhone", {}).get("FreeFormNumber", ""))
        sold = {row["Id"] for row in self.qbo("Item").values() if row["Type"] not in ("Category", "Group")}
        items = self.su["qbo.binding"].search([("backend_id", "=", self.backend.id), ("entity", "=", "Item")])
        self.assertEqual(set(items.mapped("qbo_id")), sold)
        failed = self.jobs().filtered(lambda job: job.state in ("failed", "blocked", "conflict"))
        self.assertFalse(failed, [(job.name, job.error) for job in failed])
        self.su["qbo.change"]._mark("res.partner", links.mapped("res_id"))
        self.assertFalse(self.writes(self.quiet_sync()))
        self.assertLessEqual(len(self.quiet_sync()), 1)


class TestItemsSync(MasterDataSyncCase):
    def arrange(self):
        super().arrange()
        self.backend.item_scope = "all"
        self.sync()
        [self.sales] = [
            row for row in self.qbo("Account").values() if row["AccountType"] == "Income" and row["Active"]
        ][:1]
        reference = self.su["qbo.reference"].search(
            [("backend_id", "=", self.backend.id), ("entity", "=", "Account"), ("qbo_id", "=", self.sales["Id"])]
        )
        self.income = self.company_data["default_account_revenue"]
        mapping = self.su["qbo.mapping"].search(
            [("backend_id", "=", self.backend.id), ("model", "=", "account.account"), ("res_id", "=", self.income.id)]
        )
        values = {"reference_id": reference.id, "state": "mapped"}
        if mapping:
            mapping.write(values)
        else:
            mapping.create(
                {
                    "backend_id": self.backend.id,
                    "entity": "Account",
                    "model": "account.account",
                    "res_id": self.income.id,
                    **values,
                }
            )

    def new_product(self, **values):
        return self.env["product.product"].create(
            {"name": "Widget", "type": "consu", "property_account_income_id": self.income.id, **values}
        )

    def test_there_and_back(self):
        hours = self.person(
            "create",
            "Item",
            data={
                "Name": "Hours of work",
                "Type": "Service",
                "UnitPrice": 80,
                "IncomeAccountRef": {"value": self.sales["Id"]},
            },
        )
        widget = self.new_product(default_code="W-1", list_price=12.5)
        self.sync()
        product = self.record_of("Item", hours["Id"])
        self.assertEqual((product.name, product.type, product.lst_price), ("Hours of work", "service", 80))
        there = self.qbo_of("Item", widget)
        self.assertEqual(
            (there["Name"], there["Sku"], there["Type"], there["UnitPrice"]), ("Widget", "W-1", "NonInventory", 12.5)
        )

        self.person("edit", "Item", id=hours["Id"], data={"UnitPrice": 90})
        widget.list_price = 13
        self.sync()
        self.assertEqual(product.lst_price, 90)
        self.assertEqual(self.qbo_of("Item", widget)["UnitPrice"], 13)

        self.su["qbo.change"]._mark("product.product", (product | widget).ids)
        before = len(self.simulator.log())
        self.sync()
        self.assertFalse(self.writes(entry for entry in self.requests_made(before) if "/v3/" in entry["path"]))

    def test_a_missing_account_holds_the_item_and_its_mapping_lets_it_go(self):
        account = self.income.copy({"name": "Quite another income", "code": "409990"})
        widget = self.new_product(property_account_income_id=account.id)
        self.sync()
        job = self.jobs(entity="Item", res_id=widget.id)
        self.assertEqual(job.state, "blocked")
        self.assertIn("Quite another income", job.error)
        mapping = self.su["qbo.mapping"].search([("res_id", "=", account.id), ("model", "=", "account.account")])
        reference = self.su["qbo.reference"].search(
            [("backend_id", "=", self.backend.id), ("entity", "=", "Account"), ("qbo_id", "=", self.sales["Id"])]
        )
        mapping.write({"reference_id": reference.id, "state": "mapped"})
        self.sync()
        self.assertEqual(self.qbo_of("Item", widget)["IncomeAccountRef"]["value"], self.sales["Id"])

    def test_another_item_has_the_name(self):
        self.backend._policy("Item").direction = "out"
        self.person("create", "Item", data={
            "Name": "Widget", "Type": "Service", "IncomeAccountRef": {"value": self.sales["Id"]}})
        widget = self.new_product()
        self.sync()
        job = self.jobs(entity="Item", res_id=widget.id)
        self.assertEqual((job.state, job.error_code), ("failed", "6240"))
        self.assertIn("'Widget (C)'", job.error)
        self.backend.rename_on_clash = True
        widget.list_price = 3
        self.sync()
        self.assertEqual(self.qbo_of("Item", widget)["Name"], "Widget (C)")
        self.assertEqual(widget.name, "Widget")

    def test_categories_and_bundles_are_listed_and_left(self):
        category = self.person("create", "Item", data={"Name": "Garden", "Type": "Category"})
        self.sync()
        self.assertFalse(self.binding_of("Item", category["Id"]))
        job = self.jobs(entity="Item", qbo_id=category["Id"])
        self.assertEqual(job.state, "cancelled")
        self.assertIn("category", job.error)

    def test_archived(self):
        widget = self.new_product()
        self.sync()
        widget.action_archive()
        self.sync()
        self.assertFalse(self.qbo_of("Item", widget)["Active"])
        widget.action_unarchive()
        self.sync()
        self.assertTrue(self.qbo_of("Item", widget)["Active"])
