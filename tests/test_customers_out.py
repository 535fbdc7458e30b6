"""Customers that go to QuickBooks, without a network: partners in, neutral forms out."""

from odoo import Command

from ..models.sync.session import Target
from ..qbo import decide, documents, mapping
from .customers import CustomerCase


class TestCustomersOut(CustomerCase):
    def targets(self, partners, session=None):
        session = session or self.session()
        return self.handler(session)._targets(session, "res.partner", partners.ids)

    def test_scope(self):
        used, unused, vendor = (
            self.make_partner(),
            self.make_partner(name="Unused"),
            self.make_partner(name="Vendor", customer_rank=0, supplier_rank=1),
        )
        contact = self.make_partner(name="Ann", parent_id=used.id)
        self.invoice(contact)
        everybody = used + unused + vendor + contact + self.company.partner_id
        self.assertEqual(self.targets(everybody), [Target("Customer", "res.partner", used.id)])
        self.backend.customer_scope = "all"
        self.assertEqual({target.res_id for target in self.targets(everybody)}, {used.id, unused.id})
        self.backend.contacts_as_subcustomers = True
        self.assertEqual({target.res_id for target in self.targets(everybody)}, {used.id, unused.id, contact.id})

    def test_drafts_and_documents_before_the_start_do_not_count(self):
        self.invoice(self.make_partner(name="Draft"), post=False)
        acme = self.make_partner()
        self.invoice(acme)
        self.backend._policy("Invoice").cutoff_date = "2026-03-02"
        self.assertFalse(self.targets(self.env["res.partner"].search([("name", "in", ("Draft", "Acme"))])))
        self.backend._policy("Invoice").cutoff_date = "2026-03-01"
        self.assertEqual([target.res_id for target in self.targets(acme)], [acme.id])

    def test_linked_and_deleted_partners_stay_in_scope(self):
        session = self.session()
        acme = self.make_partner()
        self.link(session, acme, "5", base=decide.Base(documents.Customer(display_name="Acme", phone="1"), None))
        partner_id = acme.id
        acme.unlink()
        target = Target("Customer", "res.partner", partner_id)
        self.assertEqual(self.handler(session)._targets(session, "res.partner", [partner_id]), [target])
        reading = self.handler(session)._read(session, [target])[target]
        self.assertEqual(reading.document, documents.Customer(display_name="Acme", phone="1", active=False))

    def test_a_delivery_address_concerns_its_owner(self):
        acme = self.make_partner()
        self.invoice(acme)
        dock = self.make_partner(name="Dock", parent_id=acme.id, type="delivery", street="Dock 4")
        self.assertEqual([target.res_id for target in self.targets(dock)], [acme.id])

    def test_scan_finds_everybody_once(self):
        session = self.session()
        acme = self.make_partner()
        linked = self.make_partner(name="Linked", customer_rank=0)
        self.link(session, linked, "5")
        [(model, ids)] = self.handler(session)._scan_ids(session, None)
        self.assertEqual(model, "res.partner")
        self.assertIn(acme.id, ids)
        self.assertEqual(ids.count(linked.id), 1)

    def test_a_reading_says_what_the_partner_says(self):
        acme = self.make_partner(
            is_company=True,
            email="Acme <A@b.example>",
            phone=" 555 ",
            qbo_mobile="666",
            website="http://acme.example",
            comment="<p>Line one<br/>two</p>",
            street="1 Main St",
            street2="Suite 4, Building B",
            city="Reno",
            zip="89501",
            state_id=self.env.ref("base.state_us_23").id,
            country_id=self.env.ref("base.us").id,
        )
        reading = self.reading(acme)
        self.assertEqual(
            reading.document,
            documents.Customer(
                display_name="Acme",
                company_name="Acme",
                email="a@b.example",
                phone="555",
                mobile="666",
                website="http://acme.example",
                notes="Line one\ntwo",
                currency="USD",
                bill_address=documents.Address(
                    ("1 Main St", "Suite 4, Building B"), "Reno", self.env.ref("base.state_us_23").code, "89501", "US"
                ),
            ),
        )
        self.assertFalse(reading.needs or reading.problem or reading.stay)
        self.assertEqual(reading.name, "Customer Acme")

    def test_names_that_quickbooks_does_not_take_are_cleaned_visibly(self):
        long = "Very long name " * 8
        cases = {"O'Brien & Söhne": "O'Brien & Söhne", "Design: Build": "Design - Build", "Tab\tbed": "Tab bed"}
        for name, cleaned in cases.items():
            reading = self.reading(self.make_partner(name=name))
            self.assertEqual(reading.document.display_name, cleaned)
            self.assertEqual(reading.name == f"Customer {name}", name == cleaned)
            self.assertIn(cleaned, reading.name)
        reading = self.reading(self.make_partner(name=long.strip()))
        self.assertLessEqual(len(reading.document.display_name), 100)
        self.assertEqual(
            mapping.to_qbo(reading.document, profile=self.session().profile)["DisplayName"],
            reading.document.display_name,
        )

    def test_contacts(self):
        acme = self.make_partner(is_company=True)
        ann = self.make_partner(name="Ann", parent_id=acme.id)
        self.assertEqual(self.reading(ann).problem[0], "contact")
        self.backend.contacts_as_subcustomers = True
        reading = self.reading(ann)
        self.assertEqual([need.target for need in reading.needs], [Target("Customer", "res.partner", acme.id)])
        session = self.session()
        self.link(session, acme, "10")
        reading = self.reading(ann, session=session)
        self.assertEqual((reading.needs, reading.document.parent_id, reading.document.company_name), ([], "10", ""))

    def test_contacts_of_one_name_get_their_company_in_brackets(self):
        self.backend.contacts_as_subcustomers = True
        session = self.session()
        acme, roe = self.make_partner(is_company=True), self.make_partner(name="Roe", is_company=True)
        self.link(session, acme, "10")
        self.link(session, roe, "11")
        first = self.make_partner(name="Accounting", parent_id=acme.id)
        second = self.make_partner(name="accounting", parent_id=roe.id)
        self.assertEqual(self.reading(first, session=session).document.display_name, "Accounting")
        document = self.reading(first, session=session).document
        self.link(session, first, "12", base=decide.Base(document, document))
        self.assertEqual(self.reading(second, session=session).document.display_name, "accounting (Roe)")
        self.assertEqual(
            self.reading(first, session=session).document.display_name, "Accounting", "an agreed name stays"
        )

    def test_currencies_are_customers_of_their_own(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        acme = self.make_partner()
        self.invoice(acme)
        self.invoice(acme, euro)
        home, foreign = self.targets(acme)
        self.assertEqual((home.role, foreign.role), ("", "EUR"))
        session = self.session()
        readings = self.handler(session)._read(session, [home, foreign])
        self.assertEqual((readings[home].document.currency, readings[foreign].document.currency), ("USD", "EUR"))
        self.link(session, acme, "10")
        readings = self.handler(session)._read(session, [home, foreign])
        self.assertEqual([readings[target].document.display_name for target in (home, foreign)], ["Acme", "Acme (EUR)"])
        pairs = [(acme.id, euro.id), (acme.id, self.company.currency_id.id)]
        self.assertEqual(list(self.handler(session)._document_targets(session, pairs).values()), [foreign, home])

    def test_foreign_currency_needs_multicurrency(self):
        self.backend.qbo_multicurrency = False
        euro = self.env.ref("base.EUR")
        euro.active = True
        acme = self.make_partner()
        self.invoice(acme, euro)
        self.assertFalse(self.targets(acme))

    def test_documents_of_contacts_go_to_the_commercial_entity(self):
        acme = self.make_partner(is_company=True)
        ann = self.make_partner(name="Ann", parent_id=acme.id)
        pair = (ann.id, self.company.currency_id.id)
        session = self.session()
        self.assertEqual(self.handler(session)._document_targets(session, [pair])[pair].res_id, acme.id)
        self.link(session, ann, "4")
        self.assertEqual(self.handler(session)._document_targets(session, [pair])[pair].res_id, ann.id)

    def test_a_name_after_a_clash(self):
        session = self.session()
        acme = self.make_partner()
        document = self.reading(acme).document
        renamed = self.handler(session)._renamed(session, document)
        self.assertEqual(renamed.display_name, "Acme (C)")
        self.link(session, acme, False, alias="Acme (C)")
        self.assertEqual(self.reading(acme).document.display_name, "Acme (C)")
        acme.name = "Apex"
        self.assertEqual(self.reading(acme).document.display_name, "Apex", "a new name is not tied to the old clash")

    def test_problems_before_anything_is_sent(self):
        self.assertEqual(self.reading(self.company.partner_id).problem[0], "own_company")
        self.assertEqual(self.reading(self.make_partner(active=False)).problem[0], "archived")
        self.assertEqual(self.reading(self.make_partner(email="nonsense")).problem[0], "2210")
        session = self.session()
        acme = self.make_partner()
        self.invoice(acme)
        self.link(session, acme, "5")
        acme.active = False
        self.assertEqual(self.reading(acme, session=session).problem[0], "6220")

    def test_an_unmapped_term_is_asked_for(self):
        term = self.env["account.payment.term"].create(
            {"name": "Never", "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 999})]}
        )
        acme = self.make_partner()
        acme.with_company(self.company).property_payment_term_id = term
        reading = self.reading(acme)
        self.assertEqual([need.key for need in reading.needs], [f"map:Term:account.payment.term:{term.id}"])
