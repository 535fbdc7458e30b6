"""Creates list entries of QuickBooks that a person asked for on the mapping screen, and maps them."""

import json
import uuid

from odoo import models

from ...qbo import documents, mapping, wire
from ...qbo.errors import Policy, QboError
from ...qbo.names import clean
from .propose import qbo_percent, tax_rate, term_meaning

AT_ONCE = 30
# Of a rate that is made with its code; Intuit: Accounting API reference, TaxService.
RATE_NAME = 10


class CannotCreate(Exception):
    """The record cannot become an entry of QuickBooks; the message is a sentence for a person."""


class QboSyncCreation(models.AbstractModel):
    """Exactly once, as documents: request id and payload are committed before they are sent, and repeated as they are.

    Nothing is created that nobody asked for, and what would need a guess (an account, a tax agency) is refused with
    the way out.
    """

    _name = "qbo.sync.creation"
    _description = "QuickBooks List Entries on Request"

    def _create_asked(self, session, client):
        """Create what was asked for in this connection; return True when there was something to do.

        :raise QboError: when QuickBooks cannot be reached or refuses the connection; the wishes stay
        """
        rows = session.env["qbo.mapping"].sudo().search(
            [("backend_id", "=", session.backend.id), ("creation", "=", "asked")], order="id", limit=AT_ONCE)
        for row in rows:
            if not row.creation_request_id:
                self._freeze(session, row)
        self.env["qbo.sync"]._commit_progress(session)
        for row in rows.filtered(lambda row: row.creation == "asked"):
            self._send(session, client, row)
            self.env["qbo.sync"]._commit_progress(session)
        return bool(rows)

    def _freeze(self, session, row):
        try:
            payload = self._payload(session, row)
        except CannotCreate as problem:
            self._fail(session, row, str(problem))
        except mapping.MappingError as error:
            self._fail(session, row, self.env["qbo.error.guide"]._refusal(error)[1])
        else:
            row.write({"creation_request_id": str(uuid.uuid4()), "creation_payload": json.dumps(payload)})

    def _send(self, session, client, row):
        payload = wire.loads(row.creation_payload)
        try:
            if row.entity == "TaxCode":
                qbo_id = client.create_tax_code(payload, row.creation_request_id)
            else:
                qbo_id = client.create(row.entity, payload, row.creation_request_id)["Id"]
        except QboError as error:
            if error.policy in (Policy.RETRY, Policy.WAIT, Policy.STOP):
                raise
            self._fail(session, row, self.env["qbo.error.guide"]._sentence(error))
        else:
            self._settle(session, client, row, str(qbo_id))

    def _settle(self, session, client, row, qbo_id):
        """Keep the new entry in the lists and map the record to it, which releases what waited for it."""
        lists = self.env["qbo.sync.reference"].with_env(session.env)
        if row.entity == "TaxCode":
            # The rates were made with the code, and its percentage is theirs.
            lists._store(session.backend, "TaxRate", list(client.query("TaxRate", where="Active IN (true,false)")))
        lists._store(session.backend, row.entity, client.query_ids(row.entity, [qbo_id]))
        reference = session.env["qbo.reference"].search([
            ("backend_id", "=", session.backend.id), ("entity", "=", row.entity), ("qbo_id", "=", qbo_id)])
        row.write({
            "reference_id": reference.id, "creation": False, "creation_request_id": False, "creation_payload": False})
        session.say("success", self.env._(
            "%(name)s was created in QuickBooks and mapped.", name=row.record_name), direction="out",
            model=row.model, res_id=row.res_id)

    def _fail(self, session, row, sentence):
        row.write({"creation": "failed", "creation_error": sentence, "creation_request_id": False,
                   "creation_payload": False})
        session.say("error", self.env._(
            "%(name)s was not created in QuickBooks: %(reason)s", name=row.record_name, reason=sentence),
            direction="out", model=row.model, res_id=row.res_id)

    # === PAYLOADS === #

    def _payload(self, session, row):
        """Return what creates the entry.

        :raise CannotCreate: with a sentence that says what to do instead
        """
        record = session.env[row.model].browse(row.res_id).exists()
        if not record:
            raise CannotCreate(self.env._("The record was deleted in Odoo."))
        if row.entity == "TaxCode":
            return self._tax_code(session, row, record)
        make = {"Term": self._term, "PaymentMethod": self._method, "Item": self._item,
                "Class": self._class, "Department": self._department, "CompanyCurrency": self._currency}[row.entity]
        return mapping.to_qbo(make(session, record), profile=session.profile)

    def _term(self, session, term):
        meaning = term_meaning(term)
        if meaning is None:
            raise CannotCreate(self.env._(
                "%(term)s is paid in parts, or counts from the end of a month. Create a term in QuickBooks that comes "
                "closest, refresh the lists and choose it.", term=term.name))
        days, percent, discount_days = meaning
        return documents.Term(
            name=term.name, due_days=days, discount_percent=percent, discount_days=discount_days or None)

    def _method(self, session, line):
        return documents.PaymentMethod(name=line.name)

    def _item(self, session, account):
        """Return a service that posts to the account's counterpart, for lines without a product."""
        income_id = session.resolver.out("Account", account, required=False)
        if not income_id:
            raise CannotCreate(self.env._(
                "Map the account %(account)s to an account of QuickBooks first: the item posts to it.",
                account=account.display_name))
        return documents.Item(name=clean(account.name), kind="Service", income_account_id=income_id)

    def _class(self, session, account):
        return documents.Class(name=clean(account.name))

    def _department(self, session, record):
        return documents.Department(name=clean(record.name))

    def _currency(self, session, currency):
        """Return a further currency of the company, which QuickBooks takes once multicurrency is on."""
        return documents.CompanyCurrency(code=currency.name, name=currency.full_name or currency.name)

    def _tax_code(self, session, row, tax):
        """Return a code with one rate for each part of the tax."""
        if session.profile.tax_mode not in ("us_manual", "global"):
            raise CannotCreate(self.env._(
                "This QuickBooks company computes sales tax by itself, or has it switched off; there is no code to "
                "create."))
        parts = tax.children_tax_ids if tax.amount_type == "group" else tax
        if tax_rate(tax) is None:
            raise CannotCreate(self.env._("%(tax)s is no fixed percentage.", tax=tax.name))
        agency_id = self._agency(session, row)
        return {"TaxCode": tax.name, "TaxRateDetails": [
            {"TaxRateName": self._rate_name(part), "RateValue": str(qbo_percent(part)), "TaxAgencyId": agency_id,
             "TaxApplicableOn": "Sales"} for part in parts]}

    def _rate_name(self, tax):
        """Return a short name that no other tax has: the beginning of its own and its number."""
        number = str(tax.id)
        return f"{tax.name[:RATE_NAME - len(number) - 1].strip()} {number}"

    def _agency(self, session, row):
        """Return the id of the agency of the rate that a person named, else of the only agency that has rates."""
        rates = row.creation_like_id or session.env["qbo.reference"].search(
            [("backend_id", "=", session.backend.id), ("entity", "=", "TaxRate")])
        agencies = {(rate.document or {}).get("agency_id") for rate in rates} - {None, ""}
        if len(agencies) != 1:
            raise CannotCreate(self.env._(
                "QuickBooks has %(count)s tax agencies with rates. Open this mapping and choose under 'Same tax agency "
                "as' a rate that is paid to the same one, then create it again.", count=len(agencies)))
        return agencies.pop()
