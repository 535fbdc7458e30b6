"""QuickBooks' lists: read into ``qbo.reference``, and looked up through the mappings."""

import logging
from decimal import Decimal

from odoo import api, fields, models

from ...qbo import mapping
from ...qbo.as_json import dump
from ...qbo.errors import Policy, QboError
from ...qbo.mapping.errors import MappingError
from ...qbo.names import strip_deleted
from .resolver import Missing, Resolver

_logger = logging.getLogger(__name__)

# Rates come before the codes that add them up.
LISTS = ("TaxRate", "TaxCode", "Account", "Term", "PaymentMethod", "Item")
# Lists that are read where the company uses them.
FURTHER_LISTS = ("Class", "Department", "CustomerType", "CompanyCurrency")
CURSOR = "lists"
MAX_AGE_HOURS = 24


class QboSyncReference(models.AbstractModel):
    """Keeps the cached lists up to date and answers what an Odoo record, or a QuickBooks id, corresponds to."""

    _name = "qbo.sync.reference"
    _description = "QuickBooks Lists"

    # === REFRESH === #

    @api.model
    def _due(self, backend):
        """Tell whether the lists must be read: never read, asked for by a person, or older than a day."""
        cursor = self._cursor(backend)
        if not cursor.done or not cursor.moment:
            return True
        age = fields.Datetime.now() - fields.Datetime.from_string(cursor.moment)
        return age.total_seconds() > MAX_AGE_HOURS * 3600

    @api.model
    def _ask(self, backend):
        """Have the next run read the lists."""
        cursor = self._cursor(backend)
        if cursor:
            cursor.done = False
        else:
            cursor.create({"backend_id": backend.id, "source": CURSOR, "done": False})

    @api.model
    def _cursor(self, backend):
        return self.env["qbo.cursor"].sudo().search([("backend_id", "=", backend.id), ("source", "=", CURSOR)], limit=1)

    @api.model
    def _refresh(self, backend, client):
        """Read all lists, inactive entries included, and propose mappings: a request for each 1,000 entries of a list.

        :raises odoo.addons.qbo_sync.qbo.errors.QboError: what the client raises; nothing is stored then.
        """
        lists = self._lists(backend)
        payloads = {entity: self._query(client, entity) for entity in lists}
        preferences = None
        if not backend.default_item_id:
            preferences = mapping.from_qbo("Preferences", client.preferences())
        for entity in lists:
            if payloads[entity] is not None:
                self._store(backend, entity, payloads[entity], complete=True)
        if preferences:
            self._set_default_item(backend, preferences.default_item_id)
        self.env["qbo.sync.propose"]._propose(backend)
        self.env["qbo.target"]._ensure(backend)
        self._ask(backend)
        self._cursor(backend).write({"done": True, "moment": fields.Datetime.to_string(fields.Datetime.now())})

    @api.model
    def _query(self, client, entity):
        """Return all entries of a list; None where this company does not answer for one that it may do without."""
        try:
            return list(client.query(entity, where="Active IN (true,false)"))
        except QboError as error:
            if entity not in FURTHER_LISTS or error.policy in (Policy.RETRY, Policy.WAIT, Policy.STOP):
                raise
            _logger.info("QuickBooks does not list %s: %s", entity, type(error).__name__)
            return None

    @api.model
    def _lists(self, backend):
        """Return the lists that are read: those that every company has, and those that this one uses."""
        further = {
            "Class": bool(backend.qbo_class_tracking), "Department": backend.qbo_department_tracking,
            "CustomerType": True, "CompanyCurrency": backend.qbo_multicurrency}
        return [*LISTS, *(entity for entity in FURTHER_LISTS if further[entity])]

    @api.model
    def _refresh_one(self, backend, entity, payloads):
        """Store entries of one list that a change feed brought, and propose mappings for them.

        :return: the changed or new ``qbo.reference`` rows.
        """
        if entity not in (*LISTS, *FURTHER_LISTS):
            return self.env["qbo.reference"]
        changed = self._store(backend, entity, payloads)
        if changed:
            self.env["qbo.sync.propose"]._propose(backend, entity)
        return changed

    # === STORE === #

    @api.model
    def _store(self, backend, entity, payloads, complete=False):
        """Create and update rows of one list; with ``complete``, rows that are not in ``payloads`` become inactive."""
        values, unreadable = self._read_all(backend, entity, payloads)
        known = self._rows(backend, entity)
        changed = self._create_rows(backend, entity, [row for qbo_id, row in values.items() if qbo_id not in known])
        for qbo_id, reference in known.items():
            if qbo_id in unreadable:
                continue
            changed |= self._update_row(reference, values.get(qbo_id), complete)
        if entity == "Account":
            home = backend.company_id.currency_id.name
            self.env["qbo.job"]._release(backend, [
                f"receivable:{(account.document or {}).get('currency') or home}" for account in changed
                if account.kind == "Accounts Receivable"])
        return changed

    def _read_all(self, backend, entity, payloads):
        """Return {QuickBooks id: column values}, and the ids of entries that cannot be read.

        One such entry must not stop the sync of everything else; its row, if there is one, stays as it is.
        """
        rates = self._rates(backend) if entity == "TaxCode" else {}
        values, unreadable = {}, set()
        for payload in payloads:
            row = self._read_entry(entity, payload, rates)
            if row:
                values[row["qbo_id"]] = row
            else:
                unreadable.add(str(payload.get("Id")))
        return values, unreadable

    def _read_entry(self, entity, payload, rates):
        try:
            return self._values(entity, payload, rates)
        except MappingError as error:
            _logger.warning("QuickBooks %s %s cannot be read: %s", entity, payload.get("Id"), error)
            return None

    def _rows(self, backend, entity):
        references = self.env["qbo.reference"].with_context(active_test=False).search(
            [("backend_id", "=", backend.id), ("entity", "=", entity)])
        return {reference.qbo_id: reference for reference in references}

    def _create_rows(self, backend, entity, rows):
        return self.env["qbo.reference"].create([{"backend_id": backend.id, "entity": entity, **row} for row in rows])

    def _update_row(self, reference, row, complete):
        """Write what differs; returns the row when something did."""
        if row is None:
            row = {"active": False} if complete else {}
        difference = {name: value for name, value in row.items() if not _same(reference[name], value)}
        if not difference:
            return reference.browse()
        reference.write(difference)
        if difference.get("active"):
            # Jobs that waited for an inactive entry can go on now that it is active again.
            reference.mapping_ids._release_jobs()
        return reference

    @api.model
    def _values(self, entity, payload, rates):
        """Return the column values of one payload. ``rates`` holds percent by tax rate id, for tax codes."""
        document, meta = mapping.from_qbo(entity, payload), mapping.meta(payload)
        name = getattr(document, "full_name", "") or document.name
        return {
            "qbo_id": meta.qbo_id,
            "sync_token": meta.sync_token or False,
            "active": meta.active,
            "name": name if meta.active else strip_deleted(name),
            "code": getattr(document, "number", "") or getattr(document, "sku", "") or getattr(
                document, "code", "") or False,
            "kind": getattr(document, "kind", "") or False,
            "rate": float(_percent(document, rates)),
            "document": dump(document),
        }

    def _rates(self, backend):
        return {qbo_id: Decimal(str(row.rate)) for qbo_id, row in self._rows(backend, "TaxRate").items()}

    @api.model
    def _set_default_item(self, backend, preferred_id):
        """Choose the item of lines without a product: QuickBooks' own default, else one that is named like one."""
        if backend.default_item_id:
            return
        items = self.env["qbo.reference"].search(
            [("backend_id", "=", backend.id), ("entity", "=", "Item"), ("kind", "in", ("Service", "NonInventory"))])
        preferred = items.filtered(lambda item: preferred_id and item.qbo_id == preferred_id)
        named = [items.filtered(lambda item, name=name: item.name.casefold() == name) for name in ("services", "sales")]
        chosen = next((found[0] for found in (preferred, *named) if found), None)
        if chosen:
            backend.default_item_id = chosen
            backend.message_post(body=self.env._(
                "Lines without a product go to QuickBooks as the item '%(item)s', until another one is chosen.",
                item=chosen.name))

    # === LOOK UP === #

    @api.model
    def _resolver(self, backend):
        """Return the :class:`~.resolver.Resolver` of a backend; ask for a new one in each slice of work."""
        return Resolver(backend)

    @api.model
    def _out(self, backend, entity, record):
        """Return the QuickBooks id that ``record`` is mapped to, or a :class:`~.resolver.Missing` (which is false).

        A record that was never asked for gets its row on the mapping screen. For many records use :meth:`_resolver`.
        """
        resolver = self._resolver(backend)
        qbo_id = resolver.out(entity, record)
        resolver.save_missing()
        return qbo_id or next(iter(resolver.take_missing()), "")

    @api.model
    def _out_many(self, backend, entity, records):
        """Return {record id: QuickBooks id or ""}; records without one get their row on the mapping screen."""
        resolver = self._resolver(backend)
        result = {record.id: resolver.out(entity, record) for record in records}
        resolver.save_missing()
        return result

    @api.model
    def _in(self, backend, entity, qbo_id, model):
        """Return the record of ``model`` that imports use for the entry ``qbo_id``; empty when there is none."""
        return self._resolver(backend).inn(entity, qbo_id, model)


def _percent(document, rates):
    if document.entity == "TaxRate":
        return document.rate
    return sum((rates.get(detail.rate_id, Decimal(0)) for detail in getattr(document, "sales_rates", ())), Decimal(0))


def _same(stored, value):
    if isinstance(value, float):
        return abs((stored or 0.0) - value) < 0.0000005
    return (stored or False) == (value or False)


__all__ = ["Missing", "QboSyncReference", "Resolver"]
