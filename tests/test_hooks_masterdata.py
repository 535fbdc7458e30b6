"""Marks of changed partners and products: cheap, complete, and silent where nothing that is synced changed."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo import Command
from odoo.tests import new_test_user, tagged

from ..models.sync.session import Target
from .masterdata import MasterDataCase


@tagged("post_install", "-at_install")
class HookCase(MasterDataCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_clerk = new_test_user(
            cls.env,
            "qbo.clerk",
            groups="account.group_account_invoice,base.group_partner_manager,product.group_product_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.env = cls.env(user=cls.user_clerk, context={"allowed_company_ids": cls.company.ids})

    def handler(self, session):
        return session.handler("Customer")

    @contextmanager
    def marks(self, *expected, backend=None, statements=None):
        """Expect (model, record) marks, in any order and each as often as given, from the statements in the block."""
        cr = self.env.cr
        cr.flush()
        cr.execute("DELETE FROM qbo_change")
        inserts = []
        execute = type(cr).execute

        def counting(cursor, query, *args, **kwargs):
            if "INSERT INTO qbo_change" in str(getattr(query, "code", query)):
                inserts.append(query)
            return execute(cursor, query, *args, **kwargs)

        with patch.object(type(cr), "execute", counting):
            yield
            # Marks are appended just before the commit.
            cr.flush()
        cr.execute("SELECT model, res_id FROM qbo_change WHERE backend_id = %s", [(backend or self.backend).id])
        found = set(cr.fetchall())
        self.assertEqual(found, {(record._name, record.id) for records in expected for record in records})
        if statements is not None:
            self.assertEqual(len(inserts), statements)


class TestPartnerHooks(HookCase):
    def setUp(self):
        super().setUp()
        self.acme = self.env["res.partner"].create({"name": "Acme", "is_company": True, "street": "1 Main St"})

    def test_create_marks_all_in_one_statement(self):
        created = []
        with self.marks(created, statements=1):
            created += self.env["res.partner"].create([{"name": "One"}, {"name": "Two"}])

    def test_each_synced_field(self):
        values = {
            "name": "Apex",
            "email": "a@b.example",
            "phone": "1",
            "qbo_mobile": "2",
            "website": "http://a.example",
            "comment": "x",
            "street": "2",
            "street2": "3",
            "city": "4",
            "zip": "5",
            "is_company": False,
            "company_name": "Apex",
            "category_id": [Command.link(self.env["res.partner.category"].sudo().create({"name": "Key account"}).id)],
            "country_id": self.env.ref("base.us").id,
            "active": False,
        }
        for name, value in values.items():
            with self.subTest(name), self.marks(self.acme, statements=1):
                self.acme.write({name: value})

    def test_what_is_not_synced_marks_nothing(self):
        with self.marks(statements=0):
            self.acme.write({"ref": "K1", "color": 3, "lang": "en_US"})
            self.acme.message_post(body="Hello")
            self.acme.activity_schedule("mail.mail_activity_data_todo", user_id=self.user_clerk.id)

    def test_posting_marks_no_partner(self):
        invoice = self.invoice(self.acme, post=False)
        self.env.cr.flush()
        self.env.cr.execute("DELETE FROM qbo_change")
        invoice.action_post()
        self.env.cr.flush()
        self.assertGreater(self.acme.customer_rank, 0)
        self.env.cr.execute("SELECT count(*) FROM qbo_change WHERE model = 'res.partner'")
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_archive_and_restore(self):
        with self.marks(self.acme, statements=1):
            self.acme.action_archive()
        with self.marks(self.acme, statements=1):
            self.acme.action_unarchive()

    def test_terms_concern_one_company_only(self):
        other_company = (
            self.env["res.company"].sudo().create({"name": "Other", "currency_id": self.env.ref("base.USD").id})
        )
        other = self._make_backend(other_company, "1002")
        term = self.env.ref("account.account_payment_term_30days")
        with self.marks(self.acme):
            self.acme.with_company(self.company).property_payment_term_id = term
        with self.marks(backend=other):
            self.acme.with_company(self.company).property_payment_term_id = False
        with self.marks(self.acme, backend=other):
            self.acme.phone = "77"

    def test_applying_silences_its_own_backend_only(self):
        other_company = (
            self.env["res.company"].sudo().create({"name": "Other", "currency_id": self.env.ref("base.USD").id})
        )
        other = self._make_backend(other_company, "1002")
        with self.marks():
            self.acme.with_context(qbo_applying=self.backend.id).phone = "78"
        with self.marks(self.acme, backend=other):
            self.acme.with_context(qbo_applying=self.backend.id).phone = "79"

    def test_a_contact_that_follows_its_parents_address(self):
        ann = self.env["res.partner"].create({"name": "Ann", "parent_id": self.acme.id})
        with self.marks(self.acme, ann):
            self.acme.street = "9 New Street"
        self.assertEqual(ann.street, "9 New Street")

    def test_delete(self):
        gone = [self.env["res.partner"].browse(self.acme.id)]
        with self.marks(gone, statements=1):
            self.acme.unlink()

    def test_a_rolled_back_change_leaves_no_mark(self):
        with self.marks():
            savepoint = self.env.cr.savepoint()
            self.acme.phone = "80"
            self.env.flush_all()
            savepoint.rollback()
            savepoint.close()

    def test_without_a_connection_nothing_is_written(self):
        self.backend.state = "draft"
        with self.marks(statements=0):
            self.acme.phone = "81"


class TestMergeHook(HookCase):
    def merge(self, survivor, loser):
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo().create({})
        wizard._merge((survivor | loser).ids, survivor)

    def setUp(self):
        super().setUp()
        self.one = self.env["res.partner"].create({"name": "One"})
        self.two = self.env["res.partner"].create({"name": "Two"})
        self.work = self.session()

    def test_both_are_marked(self):
        loser = [self.env["res.partner"].browse(self.two.id)]
        with self.marks(self.one, loser):
            self.merge(self.one, self.two)

    def test_the_survivor_takes_over_the_link(self):
        link = self.link(self.work, self.two, "5")
        self.merge(self.one, self.two)
        self.assertEqual(link.res_id, self.one.id)

    def test_two_links_stay_two(self):
        kept, left = self.link(self.work, self.one, "4"), self.link(self.work, self.two, "5")
        loser_id = self.two.id
        self.merge(self.one, self.two)
        self.assertEqual(
            [(link.res_id, link.role) for link in (kept, left)], [(self.one.id, ""), (self.one.id, "merged::q5")])
        session = self.session()
        targets = self.handler(session)._targets(session, "res.partner", [self.one.id, loser_id])
        self.assertEqual(
            targets, [Target("Customer", "res.partner", self.one.id, role) for role in ("", "merged::q5")])
        self.assertEqual([session.record_id("Customer", key) for key in "45"], [("res.partner", self.one.id)] * 2)
        self.assertEqual(session.qbo_id("Customer", "res.partner", self.one.id), "4")

    def test_an_empty_row_of_the_survivor_gives_way(self):
        self.link(self.work, self.one, False)
        link = self.link(self.work, self.two, "5", role="")
        self.merge(self.one, self.two)
        self.assertEqual(link.exists().res_id, self.one.id)
        session = self.session()
        self.assertEqual(
            self.handler(session)._targets(session, "res.partner", self.one.ids),
            [Target("Customer", "res.partner", self.one.id)],
        )


class TestProductHooks(HookCase):
    def setUp(self):
        super().setUp()
        self.widget = self.env["product.product"].create({"name": "Widget", "default_code": "W"})
        self.template = self.widget.product_tmpl_id

    def test_create(self):
        created = []
        with self.marks(created):
            created += self.env["product.product"].create([{"name": "One"}, {"name": "Two"}])

    def test_create_through_the_template(self):
        created = []
        with self.marks(created, statements=1):
            created += self.env["product.template"].create({"name": "One"}).product_variant_ids

    def test_fields_of_the_variant(self):
        for name, value in {"default_code": "X", "active": False}.items():
            with self.subTest(name), self.marks(self.widget, statements=1):
                self.widget.write({name: value})

    def test_fields_of_the_template(self):
        for name, value in {
            "name": "Gadget",
            "description_sale": "x",
            "list_price": 7.5,
            "type": "service",
            "sale_ok": False,
        }.items():
            with self.subTest(name), self.marks(self.template, statements=1):
                self.template.write({name: value})
        with self.marks(self.widget, self.template):
            self.widget.lst_price = 8

    def test_what_is_not_synced_marks_nothing(self):
        with self.marks(statements=0):
            self.template.write({"color": 2, "sequence": 5, "weight": 3})
            self.template.message_post(body="Hello")
            self.widget.write({"barcode": "123"})

    def test_company_values_concern_one_company_only(self):
        other_company = (
            self.env["res.company"].sudo().create({"name": "Other", "currency_id": self.env.ref("base.USD").id})
        )
        other = self._make_backend(other_company, "1002")
        with self.marks(self.widget):
            self.widget.standard_price = 3
        with self.marks(backend=other):
            self.widget.standard_price = 4
        with self.marks(self.template):
            self.template.property_account_income_id = self.company_data["default_account_revenue"]

    def test_delete_through_either(self):
        template = self.env["product.template"].create({"name": "Gone"})
        gone = [self.env["product.product"].browse(template.product_variant_ids.id)]
        with self.marks(gone):
            template.unlink()
        gone = [self.env["product.product"].browse(self.widget.id)]
        with self.marks(gone):
            self.widget.unlink()
