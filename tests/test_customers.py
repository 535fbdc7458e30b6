"""Customers that come from QuickBooks, without a network: payloads in, partners out."""

import psycopg2
from odoo.tools import mute_logger

from ..qbo import decide, documents
from .customers import CustomerCase, customer, sub


class TestCustomersIn(CustomerCase):
    def test_a_customer_arrives_whole(self):
        payload = customer(
            "1",
            "Amy's Bird Sanctuary",
            CompanyName="Amy's Bird Sanctuary",
            GivenName="Amy",
            FamilyName="Lauterbach",
            PrimaryEmailAddr={"Address": "Birds@Intuit.com"},
            PrimaryPhone={"FreeFormNumber": "(650) 555-3311"},
            Mobile={"FreeFormNumber": "(650) 555-3399"},
            WebAddr={"URI": "http://birds.example.com"},
            Notes="Rings & <birds>",
            BillAddr={
                "Id": "2",
                "Line1": "4581 Finch St.",
                "City": "Bayshore",
                "CountrySubDivisionCode": "CA",
                "PostalCode": "94326",
                "Lat": "INVALID",
                "Long": "INVALID",
            },
        )
        partner = self.take_in([payload])["1"].record
        self.assertRecordValues(
            partner,
            [
                {
                    "name": "Amy's Bird Sanctuary",
                    "is_company": True,
                    "company_name": False,
                    "email": "Birds@Intuit.com",
                    "phone": "(650) 555-3311",
                    "qbo_mobile": "(650) 555-3399",
                    "street": "4581 Finch St.",
                    "street2": False,
                    "city": "Bayshore",
                    "zip": "94326",
                    "state_id": self.env.ref("base.state_us_5").id,
                    "country_id": self.env.ref("base.us").id,
                    "customer_rank": 1,
                    "user_id": self.backend.responsible_id.id,
                    "active": True,
                    "parent_id": False,
                }
            ],
        )
        self.assertIn("Rings &amp; &lt;birds&gt;", partner.comment)

    def test_persons_and_companies(self):
        taken = self.take_in(
            [
                customer("1", "Diego Rodriguez", GivenName="Diego", FamilyName="Rodriguez"),
                customer(
                    "2", "Geeta Kalapatapu", GivenName="Geeta", FamilyName="Kalapatapu", CompanyName="Kalapatapu Ltd"
                ),
                customer("3", "Cool Cars", CompanyName="Cool Cars Inc.", GivenName="Grace", FamilyName="Pariente"),
            ]
        )
        self.assertRecordValues(
            taken["1"].record + taken["2"].record + taken["3"].record,
            [
                {"name": "Diego Rodriguez", "is_company": False, "company_name": False},
                {"name": "Geeta Kalapatapu", "is_company": False, "company_name": "Kalapatapu Ltd"},
                {"name": "Cool Cars", "is_company": True, "company_name": "Cool Cars Inc."},
            ],
        )
        self.assertEqual(self.reading(taken["3"].record).document.company_name, "Cool Cars Inc.")

    def test_subcustomers_in_any_order(self):
        address = {"Line1": "1 Parent Road", "City": "Tucson"}
        taken = self.take_in(
            [
                sub("5", "Oven", "4"),
                sub("4", "Kitchen", "3", BillAddr={"Line1": "2 Kitchen Lane"}),
                customer("3", "Freeman", CompanyName="Freeman", BillAddr=address),
            ]
        )
        top, middle, low = (taken[qbo_id].record for qbo_id in ("3", "4", "5"))
        self.assertEqual((middle.parent_id, low.parent_id), (top, middle))
        self.assertEqual(low.commercial_partner_id, top)
        self.assertEqual((top.street, top.city), ("1 Parent Road", "Tucson"), "the parent keeps its own address")
        self.assertEqual(
            (middle.street, middle.city), ("2 Kitchen Lane", False), "the sub-customer keeps its own address"
        )
        self.assertFalse(low.street)
        self.assertEqual(self.reading(low).document.parent_id, "4")

    def test_a_subcustomer_waits_for_a_parent_that_is_not_there(self):
        taken = self.take_in([sub("5", "Oven", "4"), sub("6", "Door", "5")])
        self.assertEqual([need.key for need in taken["5"].needs], ["qbo:Customer:4"])
        self.assertEqual([need.key for need in taken["6"].needs], ["qbo:Customer:5"], "its parent cannot come either")
        self.assertFalse(taken["5"].record or taken["6"].record)
        session = self.session()
        self.take_in([customer("4", "Freeman")], session)
        self.assertTrue(self.take_in([sub("5", "Oven", "4"), sub("6", "Door", "5")], session)["6"].record)

    def test_what_was_read_at_import_stays_what_is_read(self):
        """An imported record must not look changed in Odoo afterwards."""
        session = self.session()
        taken = self.take_in(
            [
                customer(
                    "3",
                    "Freeman: Sons",
                    CompanyName="Freeman",
                    Notes="a\nb",
                    WebAddr={"URI": "freeman.example"},
                    BillAddr={f"Line{n}": f"Part {n}, right" for n in range(1, 6)},
                    ShipAddr={"Line1": "Harbour", "Country": "DEU"},
                ),
                sub("4", "Accounting", "3"),
                customer("6", "Roe"),
                sub("7", "Accounting", "6"),
                customer("8", "Euro Man", CurrencyRef={"value": "EUR"}),
            ],
            session,
        )
        for arrival in taken.values():
            binding = (
                self.env["qbo.binding"]
                .sudo()
                .search([("qbo_id", "=", arrival.qbo_id), ("backend_id", "=", self.backend.id)])
            )
            stored = decide.load_base("Customer", binding.base).odoo
            again = self.reading(arrival.record, arrival.role)
            self.assertFalse(again.problem or again.needs)
            self.assertEqual(again.document, stored, arrival.document.display_name)

    def test_inactive_customers_come_archived_unless_money_is_open(self):
        taken = self.take_in(
            [
                customer("1", "Gone (deleted)", Active=False),
                customer("2", "Owing (deleted)", Active=False, Balance=12.5),
            ]
        )
        self.assertRecordValues(
            taken["1"].record + taken["2"].record,
            [{"name": "Gone", "active": False}, {"name": "Owing", "active": True}],
        )
        self.assertIn("stays active", taken["2"].warning)
        self.assertFalse(taken["1"].warning)

    def test_bulk_creation_notifies_nobody(self):
        before = self.env["mail.mail"].search_count([])
        taken = self.take_in([customer(str(number), f"Customer {number}") for number in range(1, 41)])
        self.assertEqual(len({arrival.record.id for arrival in taken.values()}), 40)
        self.assertEqual(self.env["mail.mail"].search_count([]), before)
        ids = [arrival.record.id for arrival in taken.values()]
        self.assertFalse(
            self.env["mail.notification"].search_count(
                [("mail_message_id.model", "=", "res.partner"), ("mail_message_id.res_id", "in", ids)]
            )
        )

    def test_terms(self):
        term = self.env.ref("account.account_payment_term_30days")
        self.map("Term", term, "3", "Net 30")
        self.reference("Term", "9", "Net 77")
        taken = self.take_in(
            [customer("1", "A", SalesTermRef={"value": "3"}), customer("2", "B", SalesTermRef={"value": "9"})]
        )
        self.assertEqual(taken["1"].record.with_company(self.company).property_payment_term_id, term)
        self.assertFalse(taken["2"].record.with_company(self.company).property_payment_term_id)
        self.assertIn("Net 77", taken["2"].warning)
        self.assertEqual(self.reading(taken["1"].record).document.term_id, "3")


class TestCustomersMatch(CustomerCase):
    def match(self, *payloads):
        session = self.session()
        arrivals = self.arrivals(session, payloads)
        self.handler(session)._prepare(session, arrivals)
        return self.handler(session)._match(session, arrivals), {arrival.qbo_id: arrival for arrival in arrivals}

    def test_the_only_one_of_the_name(self):
        acme = self.make_partner(name="  ACME   Ltd", is_company=True)
        found, _arrivals = self.match(customer("1", "Acme Ltd"), customer("2", "Acme Limited"))
        self.assertEqual(found, {"1": acme})

    def test_namesakes_are_not_guessed(self):
        self.make_partner(name="John Smith")
        self.make_partner(name="john smith")
        found, arrivals = self.match(customer("1", "John Smith"))
        self.assertFalse(found)
        self.assertEqual(arrivals["1"].problem[0], "ambiguous")
        self.assertIn("2 partners are called 'John Smith'", arrivals["1"].problem[1])

    def test_an_email_tells_namesakes_apart(self):
        self.make_partner(name="John Smith", email="john@one.example")
        other = self.make_partner(name="John Smith", email="John <JOHN@two.example>")
        found, _arrivals = self.match(customer("1", "John Smith", PrimaryEmailAddr={"Address": "john@two.example"}))
        self.assertEqual(found, {"1": other})

    def test_a_person_with_another_email_may_be_another_person(self):
        self.make_partner(name="John Smith", email="john@one.example")
        found, arrivals = self.match(customer("1", "John Smith", PrimaryEmailAddr={"Address": "j@two.example"}))
        self.assertFalse(found)
        self.assertIn("j@two.example", arrivals["1"].problem[1])

    def test_a_company_is_one_company_whatever_its_email(self):
        acme = self.make_partner(is_company=True, email="a@acme.example")
        found, _arrivals = self.match(customer("1", "Acme", PrimaryEmailAddr={"Address": "b@acme.example"}))
        self.assertEqual(found, {"1": acme})

    def test_linked_partners_foreign_companies_and_ourselves_are_no_candidates(self):
        session = self.session()
        self.link(session, self.make_partner(name="Linked"), "77")
        other = self.env["res.company"].create({"name": "Other company"})
        self.make_partner(name="Elsewhere", company_id=other.id)
        found, arrivals = self.match(
            customer("1", "Linked"), customer("2", "Elsewhere"), customer("3", self.company.partner_id.name)
        )
        self.assertFalse(found)
        self.assertFalse([arrival.problem for arrival in arrivals.values() if arrival.problem])

    def test_a_contact_matches_below_its_own_parent_only(self):
        acme, roe = self.make_partner(is_company=True), self.make_partner(name="Roe", is_company=True)
        self.make_partner(name="Accounting", parent_id=roe.id)
        right = self.make_partner(name="Accounting", parent_id=acme.id)
        found, _arrivals = self.match(sub("2", "Accounting", "1"), customer("1", "Acme"))
        self.assertEqual(found, {"1": acme, "2": right})

    def test_first_link_asks_only_about_real_differences(self):
        session = self.session()
        ours = documents.Customer(
            display_name="ACME",
            company_name="ACME",
            phone="650-555 1234",
            email="A@b.example",
            website="http://acme.example",
            bill_address=documents.Address(("1 Main St",), "Reno", "NV", "89501", "US"),
            notes="ours",
            currency="USD",
        )
        theirs = documents.Customer(
            display_name="Acme",
            given_name="Amy",
            phone="(650) 555-1234",
            email="a@b.example",
            website="www.acme.example/",
            bill_address=documents.Address(("1 main st",), "Reno", "Nevada", "89501", ""),
            notes="theirs",
            taxable=True,
        )
        ignore = self.handler(session)._link_ignore(session, ours, theirs)
        blank = documents.Customer()
        decision = decide.compare(decide.Base(blank, blank), ours, theirs, ignore=ignore)
        self.assertEqual((decision.action, decision.conflict_fields), ("conflict", ("notes",)))


class TestCustomersUpdate(CustomerCase):
    def setUp(self):
        super().setUp()
        self.payload = customer("1", "Freeman", PrimaryPhone={"FreeFormNumber": "1"}, Notes="kept")
        self.freeman = self.take_in([self.payload])["1"].record

    def test_only_changed_fields_are_written(self):
        self.freeman.email = "ours@example.com"
        payload = {
            **self.payload,
            "PrimaryPhone": {"FreeFormNumber": "555-9999"},
            "PrimaryEmailAddr": {"Address": "x@y.example"},
        }
        self.change(payload, ("phone", "given_name"))
        self.assertEqual((self.freeman.phone, self.freeman.email), ("555-9999", "ours@example.com"))

    def test_cleared_fields(self):
        self.change(customer("1", "Freeman"), ("phone", "notes"))
        self.assertFalse(self.freeman.phone or self.freeman.comment)

    def test_rename_and_move(self):
        taken = self.take_in([customer("2", "Roe"), sub("3", "Kitchen", "1")])
        self.change(sub("3", "Bath", "2"), ("display_name", "parent_id"))
        kitchen = taken["3"].record
        self.assertEqual((kitchen.name, kitchen.parent_id), ("Bath", taken["2"].record))
        self.change(customer("3", "Bath"), ("parent_id",))
        self.assertFalse(kitchen.parent_id)

    def test_a_contacts_address_does_not_reach_its_parent(self):
        self.freeman.write({"street": "1 Parent Road"})
        contact = self.make_partner(name="Ann", parent_id=self.freeman.id, type="contact")
        session = self.session()
        self.link(session, contact, "9")
        self.change(sub("9", "Ann", "1", BillAddr={"Line1": "2 Own Road"}), ("bill_address",), session)
        self.assertEqual((contact.street, self.freeman.street), ("2 Own Road", "1 Parent Road"))

    def test_archived_only_without_open_money(self):
        gone = customer("1", "Freeman (deleted)", Active=False)
        invoice = self.invoice(self.freeman)
        arrival = self.change(gone, ("active",))
        self.assertTrue(self.freeman.active)
        self.assertIn("balance is not zero", arrival.warning)
        self.assertEqual(arrival.document.display_name, "Freeman")
        invoice.button_draft()
        invoice.button_cancel()
        self.change(gone, ("active",))
        self.assertFalse(self.freeman.active)
        self.change(self.payload, ("active",))
        self.assertTrue(self.freeman.active)

    def test_the_contact_of_a_user_stays_active(self):
        user = self.env["res.users"].create({"name": "Ulla", "login": "ulla.qbo"})
        session = self.session()
        self.link(session, user.partner_id, "8")
        arrival = self.change(customer("8", "Ulla (deleted)", Active=False), ("active",), session)
        self.assertTrue(user.partner_id.active)
        self.assertIn("a user has this contact", arrival.warning)

    def test_shipping_address_comes_changes_and_goes(self):
        bill = {"Line1": "Office"}
        self.change({**self.payload, "BillAddr": bill, "ShipAddr": bill}, ("bill_address", "ship_address"))
        self.assertFalse(self.freeman.child_ids, "a copy of the billing address is no second address")
        self.change(
            {**self.payload, "BillAddr": bill, "ShipAddr": {"Line1": "Dock 4", "City": "Reno"}}, ("ship_address",)
        )
        self.assertRecordValues(self.freeman.child_ids, [{"type": "delivery", "street": "Dock 4", "city": "Reno"}])
        self.assertEqual(self.reading(self.freeman).document.ship_address, documents.Address(("Dock 4",), "Reno"))
        self.change({**self.payload, "ShipAddr": {"Line1": "Dock 5"}}, ("ship_address",))
        self.assertRecordValues(self.freeman.child_ids, [{"street": "Dock 5", "city": False}])
        arrival = self.change(self.payload, ("ship_address",))
        self.assertFalse(self.freeman.child_ids)
        self.assertIn("archived", arrival.warning)

    def test_removed_in_quickbooks_keeps_the_partner(self):
        session = self.session()
        binding = self.env["qbo.binding"].sudo().search([("qbo_id", "=", "1"), ("backend_id", "=", self.backend.id)])
        sentence = self.handler(session)._remove(session, binding, "delete")
        self.assertTrue(self.freeman.exists() and self.freeman.active)
        self.assertIn("Freeman", sentence)

    def test_suffix_for_quickbooks_stays_there(self):
        session = self.session()
        acme = self.make_partner(name="Acme")
        base = decide.Base(documents.Customer(display_name="Acme"), documents.Customer(display_name="Acme (C)"))
        self.link(session, acme, "50", base=base, alias="Acme (C)")
        self.change(customer("50", "Acme Steel (C)"), ("display_name",), session)
        self.assertEqual(acme.name, "Acme Steel")


class TestLinks(CustomerCase):
    def test_the_database_refuses_a_second_link(self):
        session = self.session()
        acme, roe = self.make_partner(), self.make_partner(name="Roe")
        self.link(session, acme, "5")
        for partner, qbo_id in ((roe, "5"), (acme, "6")):
            with (
                self.assertRaises(psycopg2.errors.UniqueViolation),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.link(session, partner, qbo_id)
        self.link(session, acme, "6", role="EUR")


class TestAddresses(CustomerCase):
    def setUp(self):
        super().setUp()
        session = self.session()
        self.postal = self.handler(session)._postal(session)

    def back(self, address):
        values = self.postal.into(address)
        partner = self.make_partner(**values)
        row = partner.read(list(values), load=None)[0]
        return self.postal.out(row)

    def test_five_lines_survive(self):
        address = documents.Address(
            ("c/o Ann", "Suite 4, Building B", "1 Main St,", "Box 7", "Gate"), "Reno", "NV", "1", "US"
        )
        self.assertEqual(self.back(address), address)

    def test_countries_in_every_spelling(self):
        germany = self.env.ref("base.de")
        for text in ("DE", "de", "DEU", "Germany"):
            self.assertEqual(self.postal.into(documents.Address(country=text))["country_id"], germany.id, text)
        for text in ("USA", "US", "U.S.A.", "United States"):
            self.assertEqual(
                self.postal.into(documents.Address(country=text))["country_id"], self.env.ref("base.us").id, text
            )
        self.assertEqual(self.postal.into(documents.Address(country="UK"))["country_id"], self.env.ref("base.uk").id)

    def test_states_by_code_and_by_name(self):
        nevada = self.postal.into(documents.Address(region="NV"))
        self.assertEqual(
            nevada["state_id"], self.postal.into(documents.Address(region="nevada", country="USA"))["state_id"]
        )
        self.assertEqual(nevada["country_id"], self.env.ref("base.us").id)
        self.assertFalse(self.postal.into(documents.Address(region="NV", country="Germany"))["state_id"])

    def test_unknown_places_are_not_lost(self):
        values = self.postal.into(documents.Address(city="Gotham", region="Arkham", country="Ruritania"))
        self.assertEqual(values["city"], "Gotham, Arkham, Ruritania")
        self.assertFalse(values["state_id"] or values["country_id"])

    def test_empty(self):
        self.assertEqual(self.back(documents.Address()), documents.Address())
