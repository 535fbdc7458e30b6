"""What the tests of customers and items share: a connection, and a way through a handler without a network."""

from odoo import fields
from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from ..models.sync.session import Arrival, Session, Target
from ..qbo import decide, mapping


class MasterDataCase(AccountTestInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.company.country_id = cls.env.ref("base.us")
        cls.backend = cls._make_backend(cls.company, "1001")

    @classmethod
    def _make_backend(cls, company, realm):
        backend = (
            cls.env["qbo.backend"]
            .sudo()
            .create(
                {
                    "name": f"Books of {company.name}",
                    "company_id": company.id,
                    "environment": "simulator",
                    "realm_id": realm,
                    "responsible_id": cls.env.user.id,
                }
            )
        )
        backend.write(
            {
                "state": "active",
                "qbo_home_currency": company.currency_id.name,
                "qbo_multicurrency": True,
                "qbo_tax_mode": "us_manual",
                "qbo_country": "US",
            }
        )
        return backend

    def session(self, backend=None):
        backend = (backend or self.backend)._for_work()
        return Session(
            backend, self.env["qbo.run"].sudo().create({"backend_id": backend.id, "company_id": backend.company_id.id})
        )

    def handler(self, session):
        raise NotImplementedError

    def arrivals(self, session, payloads):
        """Return arrivals of payloads, with the links that exist."""
        entity = self.handler(session)._qbo_entity
        result = []
        for payload in payloads:
            binding = (
                self.env["qbo.binding"]
                .sudo()
                .search(
                    [("backend_id", "=", session.backend.id), ("entity", "=", entity), ("qbo_id", "=", payload["Id"])]
                )
            )
            result.append(
                Arrival(
                    None,
                    entity,
                    payload["Id"],
                    payload,
                    mapping.from_qbo(entity, payload),
                    payload.get("SyncToken", "0"),
                    binding,
                    session.env[binding.model].browse(binding.res_id) if binding else None,
                )
            )
        return result

    def take_in(self, payloads, session=None):
        """Import payloads as the engine does: prepare, match, create, read back, link; return {id: arrival}."""
        session = session or self.session()
        handler = self.handler(session)
        arrivals = self.arrivals(session, payloads)
        handler._prepare(session, arrivals)
        ready = [arrival for arrival in arrivals if not (arrival.needs or arrival.problem or arrival.stay)]
        for qbo_id, record in handler._match(session, ready).items():
            next(arrival for arrival in ready if arrival.qbo_id == qbo_id).record = record
        handler._create_records(session, [arrival for arrival in ready if not arrival.record and not arrival.problem])
        taken = [arrival for arrival in ready if arrival.record]
        for arrival, reading in zip(taken, self.readings(session, taken), strict=True):
            self.link(
                session,
                arrival.record,
                arrival.qbo_id,
                role=arrival.role,
                base=decide.Base(reading.document, arrival.document),
            )
        return {arrival.qbo_id: arrival for arrival in arrivals}

    def readings(self, session, arrivals):
        targets = [
            Target(arrival.entity, arrival.record._name, arrival.record.id, arrival.role) for arrival in arrivals
        ]
        readings = self.handler(session)._read(session, targets)
        return [readings[target] for target in targets]

    def reading(self, record, role="", session=None):
        session = session or self.session()
        target = Target(self.handler(session)._qbo_entity, record._name, record.id, role)
        return self.handler(session)._read(session, [target])[target]

    def change(self, payload, names, session=None):
        """Apply a changed payload of a linked record; return the arrival."""
        session = session or self.session()
        [arrival] = self.arrivals(session, [payload])
        self.handler(session)._prepare(session, [arrival])
        self.assertFalse(arrival.needs or arrival.problem or arrival.stay)
        arrival.fields = names
        self.handler(session)._update(session, arrival)
        return arrival

    def link(self, session, record, qbo_id, role="", base=None, **values):
        binding = (
            self.env["qbo.binding"]
            .sudo()
            .create(
                {
                    "backend_id": session.backend.id,
                    "company_id": session.backend.company_id.id,
                    "entity": self.handler(session)._qbo_entity,
                    "model": record._name,
                    "res_id": record.id,
                    "role": role,
                    "qbo_id": qbo_id,
                    "sync_token": "0",
                    "status": "synced",
                    "base": decide.dump_base(base) if base else False,
                    **values,
                }
            )
        )
        session.linked(binding.entity, record._name, record.id, role, qbo_id)
        return binding

    def reference(self, entity, qbo_id, name, **values):
        return (
            self.env["qbo.reference"]
            .sudo()
            .create({"backend_id": self.backend.id, "entity": entity, "qbo_id": qbo_id, "name": name, **values})
        )

    def map(self, entity, record, qbo_id, name="entry"):
        """Map a record of Odoo to a list entry of QuickBooks."""
        reference = (
            self.env["qbo.reference"]
            .sudo()
            .search([("backend_id", "=", self.backend.id), ("entity", "=", entity), ("qbo_id", "=", qbo_id)])
        )
        return (
            self.env["qbo.mapping"]
            .sudo()
            .create(
                {
                    "backend_id": self.backend.id,
                    "entity": entity,
                    "model": record._name,
                    "res_id": record.id,
                    "state": "mapped",
                    "reference_id": (reference or self.reference(entity, qbo_id, name)).id,
                }
            )
        )

    def invoice(self, partner, currency=None, post=True, product=None):
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": fields.Date.to_date("2026-03-01"),
                "currency_id": (currency or self.company.currency_id).id,
                "invoice_line_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": product.id if product else False,
                            "name": "Work",
                            "quantity": 1,
                            "price_unit": 100.0,
                            "tax_ids": [],
                        },
                    )
                ],
            }
        )
        if post:
            move.action_post()
        return move
