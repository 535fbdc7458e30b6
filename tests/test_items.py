"""Items, both ways, without a network: payloads in, neutral forms out."""

from decimal import Decimal

from odoo import Command
from odoo.tests import tagged

from ..models.sync.session import Target
from ..qbo import decide, documents, mapping
from ..qbo.mapping.errors import MappingError
from .masterdata import MasterDataCase


def item(qbo_id, name, kind="Service", **values):
    """Return an Item as QuickBooks sends it."""
    return {
        "Id": qbo_id,
        "SyncToken": "0",
        "Name": name,
        "FullyQualifiedName": name,
        "Type": kind,
        "Active": True,
        "Taxable": False,
        "UnitPrice": 0,
        "IncomeAccountRef": {"value": "79"},
        **values,
    }


@tagged("post_install", "-at_install")
class ItemCase(MasterDataCase):
    def setUp(self):
        super().setUp()
        self.income = self.company_data["default_account_revenue"]
        self.map("Account", self.income, "79", "Sales")

    def handler(self, session):
        return session.handler("Item")

    def make_product(self, **values):
        return self.env["product.product"].create(
            {"name": "Widget", "type": "consu", "property_account_income_id": self.income.id, **values}
        )


class TestItemsIn(ItemCase):
    def test_an_item_arrives_whole(self):
        expense = self.company_data["default_account_expense"]
        self.map("Account", expense, "80", "Cost")
        taken = self.take_in(
            [
                item(
                    "1",
                    "Hours",
                    Sku="H-1",
                    Description="By the hour",
                    UnitPrice=80.125,
                    Taxable=True,
                    PurchaseDesc="Freelancer",
                    PurchaseCost=55.5,
                    ExpenseAccountRef={"value": "80"},
                ),
                item(
                    "2",
                    "Pump",
                    "Inventory",
                    UnitPrice=15,
                    QtyOnHand=25,
                    TrackQtyOnHand=True,
                    AssetAccountRef={"value": "81"},
                ),
                item("3", "Rock Fountain", "NonInventory"),
            ]
        )
        self.assertRecordValues(
            taken["1"].record.with_company(self.company),
            [
                {
                    "name": "Hours",
                    "default_code": "H-1",
                    "type": "service",
                    "description_sale": "By the hour",
                    "sale_ok": True,
                    "purchase_ok": True,
                    "description_purchase": "Freelancer",
                    "standard_price": 55.5,
                    "active": True,
                    "property_account_income_id": self.income.id,
                    "property_account_expense_id": expense.id,
                }
            ],
        )
        self.assertEqual(taken["2"].record.type, "consu")
        self.assertEqual(taken["2"].record.lst_price, 15)
        self.assertFalse(taken["3"].record.purchase_ok)

    def test_taxes(self):
        taken = self.take_in([item("1", "Taxed", Taxable=True), item("2", "Free")])
        taxed, free = (
            taken[qbo_id].record.taxes_id.filtered(lambda tax: tax.company_id == self.company) for qbo_id in ("1", "2")
        )
        self.assertEqual(taxed, self.company.account_sale_tax_id)
        self.assertFalse(free)

    def test_categories_and_bundles_stay(self):
        taken = self.take_in(
            [
                item("1", "Garden", "Category"),
                item("2", "Kit", "Group"),
                item("3", "Rake", ParentRef={"value": "1"}, SubItem=True),
            ]
        )
        self.assertIn("category", taken["1"].stay)
        self.assertIn("bundle", taken["2"].stay)
        self.assertFalse(taken["1"].record or taken["2"].record or taken["1"].problem)
        self.assertEqual(taken["3"].record.name, "Rake")

    def test_inactive_items_come_archived_under_their_name(self):
        taken = self.take_in([item("1", "Old (deleted)", Active=False)])
        self.assertRecordValues(taken["1"].record, [{"name": "Old", "active": False}])

    def test_what_was_read_at_import_stays_what_is_read(self):
        taken = self.take_in(
            [
                item("1", "Hours", Sku="H-1", Description="a\nb", UnitPrice=80.125),
                item("2", "Pump", "Inventory"),
                item("3", "Hours: extra"),
                item("4", "Pump", "NonInventory", Sku="P2", ParentRef={"value": "9"}, SubItem=True),
            ]
        )
        for arrival in taken.values():
            binding = (
                self.env["qbo.binding"]
                .sudo()
                .search(
                    [("qbo_id", "=", arrival.qbo_id), ("backend_id", "=", self.backend.id), ("entity", "=", "Item")]
                )
            )
            again = self.reading(arrival.record)
            self.assertFalse(again.problem or again.needs)
            self.assertEqual(again.document, decide.load_base("Item", binding.base).odoo, arrival.document.name)

    def test_an_inventory_item_stays_one(self):
        """Odoo's words about a product never turn the type of an item that is in QuickBooks already."""
        arrival = self.take_in([item("2", "Pump", "Inventory", AssetAccountRef={"value": "81"})])["2"]
        arrival.record.list_price = 20
        base = decide.Base(self.reading(arrival.record).document, arrival.document)
        binding = self.env["qbo.binding"].sudo().search([("qbo_id", "=", "2"), ("entity", "=", "Item")])
        stored = decide.load_base("Item", binding.base)
        wanted = decide.for_qbo(stored, base.odoo)
        self.assertEqual((wanted.kind, wanted.asset_account_id, wanted.unit_price), ("Inventory", "81", Decimal(20)))

    def match(self, *payloads):
        session = self.session()
        arrivals = self.arrivals(session, payloads)
        self.handler(session)._prepare(session, arrivals)
        return self.handler(session)._match(session, arrivals), {arrival.qbo_id: arrival for arrival in arrivals}

    def test_match_by_code_then_by_name(self):
        coded = self.make_product(name="Something else", default_code="W-1")
        named = self.make_product(name="Plain")
        self.make_product(name="Other", default_code="X")
        found, arrivals = self.match(
            item("1", "Widget", Sku="w-1"), item("2", "PLAIN"), item("3", "Other", Sku="Y"), item("4", "100%")
        )
        self.assertEqual(found, {"1": coded, "2": named})
        self.assertFalse([arrival.problem for arrival in arrivals.values() if arrival.problem])

    def test_doubts_are_not_guessed(self):
        self.make_product(name="Twin")
        self.make_product(name="twin")
        found, arrivals = self.match(item("1", "Twin"))
        self.assertFalse(found)
        self.assertEqual(arrivals["1"].problem[0], "ambiguous")

    def test_first_link_keeps_kind_and_accounts(self):
        session = self.session()
        ours = documents.Item(name="Widget", kind="NonInventory", income_account_id="79", unit_price=Decimal(5))
        theirs = documents.Item(
            name="WIDGET", kind="Service", income_account_id="80", taxable=True, unit_price=Decimal(6)
        )
        blank = documents.Item()
        ignore = self.handler(session)._link_ignore(session, ours, theirs)
        decision = decide.compare(decide.Base(blank, blank), ours, theirs, ignore=ignore)
        self.assertEqual((decision.action, decision.conflict_fields), ("conflict", ("unit_price",)))

    def test_only_changed_fields_are_written(self):
        product = self.take_in([item("1", "Hours", UnitPrice=80)])["1"].record
        product.description_sale = "ours"
        self.change(item("1", "Hours", UnitPrice=90, Description="theirs"), ("unit_price", "taxable"))
        self.assertEqual((product.lst_price, product.description_sale), (90, "ours"))
        self.change(item("1", "Working Hours", "NonInventory"), ("name", "kind"))
        self.assertEqual((product.name, product.type), ("Working Hours", "consu"))

    def test_archived_with_its_template(self):
        product = self.take_in([item("1", "Hours")])["1"].record
        self.change(item("1", "Hours (deleted)", Active=False), ("active",))
        self.assertFalse(product.active or product.product_tmpl_id.active)
        self.change(item("1", "Hours"), ("active",))
        self.assertTrue(product.active and product.product_tmpl_id.active)

    def test_the_name_of_a_variant_is_not_its_own(self):
        [red, blue] = self._variants()
        session = self.session()
        self.link(session, red, "7")
        arrival = self.change(item("7", "Crimson shirt"), ("name",), session)
        self.assertEqual((red.name, blue.name), ("Shirt", "Shirt"))
        self.assertIn("Crimson shirt", arrival.warning)

    def test_removed_in_quickbooks_keeps_the_product(self):
        session = self.session()
        product = self.make_product()
        binding = self.link(session, product, "5")
        self.assertIn("Widget", self.handler(session)._remove(session, binding, "delete"))
        self.assertTrue(product.active)

    def _variants(self):
        attribute = self.env["product.attribute"].create(
            {"name": "Colour", "value_ids": [Command.create({"name": "Red"}), Command.create({"name": "Blue"})]}
        )
        template = self.env["product.template"].create(
            {
                "name": "Shirt",
                "property_account_income_id": self.income.id,
                "attribute_line_ids": [
                    Command.create({"attribute_id": attribute.id, "value_ids": [Command.set(attribute.value_ids.ids)]})
                ],
            }
        )
        return list(template.product_variant_ids)


class TestItemsOut(ItemCase):
    def targets(self, products, session=None):
        session = session or self.session()
        return [target.res_id for target in self.handler(session)._targets(session, products._name, products.ids)]

    def test_scope(self):
        used, unused, unsold = (
            self.make_product(),
            self.make_product(name="Unused"),
            self.make_product(name="Unsold", sale_ok=False),
        )
        combo = self.make_product(
            name="Combo",
            type="combo",
            combo_ids=[Command.create({"name": "Choice", "combo_item_ids": [Command.create({"product_id": used.id})]})],
        )
        self.invoice(self.partner_a, product=used)
        everything = used + unused + unsold + combo
        self.assertEqual(self.targets(everything), [used.id])
        self.assertEqual(self.targets(used.product_tmpl_id), [used.id])
        self.backend.item_scope = "all"
        self.assertEqual(self.targets(everything), [used.id, unused.id])
        self.assertEqual(self.targets(self.partner_a), [])

    def test_a_reading_says_what_the_product_says(self):
        product = self.make_product(default_code="W-1", description_sale=" For sale ", list_price=12.34, type="service")
        reading = self.reading(product)
        self.assertEqual(
            reading.document,
            documents.Item(
                name="Widget",
                sku="W-1",
                kind="Service",
                description="For sale",
                unit_price=Decimal("12.34"),
                income_account_id="79",
            ),
        )
        self.assertFalse(reading.needs or reading.problem)

    def test_goods_never_become_inventory(self):
        document = self.reading(self.make_product()).document
        self.assertEqual(document.kind, "NonInventory")
        payload = mapping.to_qbo(document, profile=self.session().profile)
        self.assertNotIn("TrackQtyOnHand", payload)
        with self.assertRaises(MappingError):
            mapping.to_qbo(documents.Item(name="Pump", kind="Inventory", income_account_id="79"))

    def test_an_income_account_is_needed_to_create(self):
        account = self.income.copy({"name": "Unmapped", "code": "409999"})
        product = self.make_product(property_account_income_id=account.id)
        self.assertEqual(
            [need.key for need in self.reading(product).needs], [f"map:Account:account.account:{account.id}"]
        )
        session = self.session()
        self.link(session, product, "5")
        self.assertFalse(
            self.reading(product, session=session).needs, "an item that exists has its account in QuickBooks"
        )

    def test_no_account_at_all(self):
        self.company.income_account_id = False
        product = self.make_product(property_account_income_id=False)
        product.categ_id.with_company(self.company).property_account_income_categ_id = False
        self.assertEqual(self.reading(product).problem[0], "no_income_account")

    def test_purchase_side_only_with_its_account(self):
        expense = self.company_data["default_account_expense"]
        product = self.make_product(
            standard_price=4.5, description_purchase="Buy", property_account_expense_id=expense.id, purchase_ok=True
        )
        document = self.reading(product).document
        self.assertEqual((document.purchase_cost, document.purchase_description), (0, ""))
        self.map("Account", expense, "80", "Cost")
        document = self.reading(product).document
        self.assertEqual(
            (document.purchase_cost, document.purchase_description, document.expense_account_id),
            (Decimal("4.5"), "Buy", "80"),
        )

    def test_names(self):
        self.reference("Item", "33", "Taken")
        self.reference("Item", "34", "Free", active=False)
        cases = [
            ({"name": "Valve: 3/4\" O'Ring"}, "Valve - 3/4\" O'Ring"),
            ({"name": "taken", "default_code": "T-1"}, "[T-1] taken"),
            ({"name": "Taken"}, "Taken"),
            ({"name": "Free", "default_code": "F-1"}, "Free"),
            ({"name": "Word " * 30, "default_code": "L"}, None),
        ]
        for values, expected in cases:
            reading = self.reading(self.make_product(**values))
            self.assertEqual(reading.document.name, expected or reading.document.name)
            self.assertLessEqual(len(reading.document.name), 100)
            self.assertEqual("in QuickBooks" in reading.name, reading.document.name != values["name"])

    def test_two_products_of_one_name(self):
        first = self.make_product(name="Same", default_code="A")
        second = self.make_product(name="same", default_code="B")
        self.assertEqual(self.reading(first).document.name, "Same")
        self.assertEqual(self.reading(second).document.name, "[B] same")

    def test_own_item_takes_no_name(self):
        self.reference("Item", "33", "Widget")
        product = self.make_product(default_code="W")
        session = self.session()
        self.link(session, product, "33")
        self.assertEqual(self.reading(product, session=session).document.name, "Widget")

    def test_a_name_after_a_clash(self):
        session = self.session()
        product = self.make_product()
        renamed = self.handler(session)._renamed(session, self.reading(product).document)
        self.assertEqual(renamed.name, "Widget (C)")
        self.link(session, product, False, alias="Widget (C)")
        self.assertEqual(self.reading(product).document.name, "Widget (C)")

    def test_variants_are_items_of_their_own(self):
        red, blue = TestItemsIn._variants(self)
        self.assertEqual(
            [self.reading(variant).document.name for variant in (red, blue)], ["Shirt (Red)", "Shirt (Blue)"]
        )
        self.backend.item_scope = "all"
        self.assertEqual(self.targets(red.product_tmpl_id), [red.id, blue.id])

    def test_deleted_archived_and_combos(self):
        session = self.session()
        product = self.make_product()
        document = self.reading(product).document
        self.link(session, product, "5", base=decide.Base(document, document))
        target = Target("Item", "product.product", product.id)
        product.unlink()
        self.assertEqual(self.handler(session)._targets(session, "product.product", [target.res_id]), [target])
        self.assertFalse(self.handler(session)._read(session, [target])[target].document.active)
        self.assertEqual(self.reading(self.make_product(active=False)).problem[0], "archived")
        combo = self.make_product(
            name="Combo",
            type="combo",
            combo_ids=[
                Command.create(
                    {
                        "name": "Choice",
                        "combo_item_ids": [Command.create({"product_id": self.make_product(name="Part").id})],
                    }
                )
            ],
        )
        self.assertEqual(self.reading(combo).problem[0], "combo")

    def test_scan_sees_changes_of_the_template(self):
        session = self.session()
        product = self.make_product()
        [(model, ids)] = self.handler(session)._scan_ids(session, None)
        self.assertEqual(model, "product.product")
        self.assertIn(product.id, ids)
