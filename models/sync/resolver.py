"""Answers "which QuickBooks entry is this Odoo record?" for a whole run, from two queries."""

from dataclasses import dataclass

from ..const import PSEUDO_TAX_CODES
from .session import Need


@dataclass(frozen=True)
class Missing:
    """A record of Odoo, or with ``res_id`` 0 an entry of QuickBooks, that has no usable counterpart yet.

    ``reason`` is "unmapped", "proposed" (waits for a person's yes) or "inactive" (made inactive in QuickBooks).
    It is false, so that ``_out(...) or ...`` reads naturally.
    """

    entity: str
    model: str
    res_id: int = 0
    qbo_id: str = ""
    name: str = ""
    reason: str = "unmapped"

    @property
    def key(self):
        """What a job that waits for this carries as ``blocked_key``."""
        if self.res_id:
            return f"map:{self.entity}:{self.model}:{self.res_id}"
        return f"ref:{self.entity}:{self.model}:{self.qbo_id}"

    def __bool__(self):
        return False


class Resolver:
    """The mappings of one backend, read once.

    A resolver lives for one slice of work: what a person maps meanwhile is seen by the next one. Questions that had no
    answer are collected; :meth:`take_missing` hands them over for one document, :meth:`save_missing` puts them on the
    mapping screen.
    """

    def __init__(self, backend):
        self.env = backend.env
        self.backend = backend
        self._to_save = {}
        self._to_offer = set()
        self._missing = {}
        self._alive = {}
        self._load()

    def _load(self):
        mappings = self.env["qbo.mapping"].search_fetch(
            [("backend_id", "=", self.backend.id)],
            ["entity", "model", "res_id", "reference_id", "state", "default_in"], order="default_in desc, id")
        references = mappings.reference_id
        references.fetch(["qbo_id", "active", "name"])
        self._out, self._in, self._all_in = {}, {}, {}
        for mapping in mappings:
            reference = mapping.reference_id
            self._out[mapping.entity, mapping.model, mapping.res_id] = (
                reference.qbo_id or "", mapping.state, reference.active)
            # An old document may well name an entry that is inactive by now.
            if reference and mapping.state == "mapped":
                key = mapping.entity, mapping.model, reference.qbo_id
                self._all_in.setdefault(key, []).append(mapping.res_id)
                if mapping.default_in:
                    self._in.setdefault(key, mapping.res_id)

    # === OUT === #

    def out(self, entity, record, required=True):
        """Return the QuickBooks id that ``record`` is mapped to, "" when it has none (or ``record`` is empty).

        An account that is asked for an Item falls back on the backend's default item.

        :param required: when set, a record without a counterpart is collected for :meth:`take_missing`.
        """
        if not record:
            return ""
        qbo_id, state, active = self._out.get((entity, record._name, record.id), ("", "missing", True))
        if qbo_id and state == "mapped" and active:
            return qbo_id
        default_item = self.backend.default_item_id
        if entity == "Item" and record._name == "account.account" and default_item.active:
            return default_item.qbo_id
        self._note(entity, record, qbo_id, state, required)
        return ""

    def item_of(self, account):
        """Return the item that an account is mapped to, without falling back on the backend's default item.

        An account without one is collected for :meth:`take_missing`.
        """
        qbo_id, state, active = self._out.get(("Item", account._name, account.id), ("", "missing", True))
        if qbo_id and state == "mapped" and active:
            return qbo_id
        self._note("Item", account, qbo_id, state, required=True)
        return ""

    def settled(self, entity, record):
        """Return the QuickBooks id that a person's or a certain mapping gives ``record``, "" when none; asks nobody."""
        qbo_id, state, active = self._out.get((entity, record._name, record.id), ("", "missing", True))
        return qbo_id if state == "mapped" and active else ""

    def mapped_ids(self, entity, model):
        """Return the ids of all records of ``model`` that are mapped to entries of ``entity``."""
        return {res_id for key, ids in self._all_in.items() if key[:2] == (entity, model) for res_id in ids}

    def missing_for(self, entity, record):
        """Return why ``record`` has no counterpart, as :class:`Missing`, or None when it has one."""
        kept, self._missing = self._missing, {}
        found = self.out(entity, record) or not record
        missing, self._missing = self._missing, kept
        return None if found else next(iter(missing.values()))

    def _note(self, entity, record, qbo_id, state, required):
        reason = "unmapped" if not qbo_id else "proposed" if state != "mapped" else "inactive"
        missing = Missing(entity, record._name, record.id, qbo_id, record.display_name, reason)
        if (entity, record._name, record.id) not in self._out:
            self._to_save[missing.key] = missing
        if required:
            self._missing[missing.key] = missing

    # === IN === #

    def inn(self, entity, qbo_id, model, required=True):
        """Return the record of ``model`` that imports use for the entry ``qbo_id``; empty when there is none.

        TAX and NON are no taxes: they answer an empty record and are not missing.

        :param required: when set, an entry without a counterpart is collected for :meth:`take_missing`.
        """
        records = self.env[model]
        if not qbo_id or entity == "TaxCode" and qbo_id in PSEUDO_TAX_CODES:
            return records
        res_id = self._in.get((entity, model, qbo_id))
        if res_id and res_id in self._living(model):
            return records.browse(res_id)
        if required:
            missing = Missing(entity, model, qbo_id=qbo_id, name=self._reference_name(entity, qbo_id))
            self._missing[missing.key] = missing
            self._to_offer.add((entity, model))
        return records

    def inn_all(self, entity, qbo_id, model):
        """Return all records of ``model`` that are mapped to the entry, the one that imports prefer first.

        A payment method, for instance, exists in several journals.
        """
        ids = self._all_in.get((entity, model, qbo_id), [])
        return self.env[model].browse([res_id for res_id in ids if res_id in self._living(model)])

    def _living(self, model):
        """Return the ids of the mapped records of ``model`` that were not deleted (one query a model)."""
        if model not in self._alive:
            ids = {res_id for key, found in self._all_in.items() if key[1] == model for res_id in found}
            self._alive[model] = set(self.env[model].browse(ids).exists().ids)
        return self._alive[model]

    def _reference_name(self, entity, qbo_id):
        reference = self.env["qbo.reference"].with_context(active_test=False).search(
            [("backend_id", "=", self.backend.id), ("entity", "=", entity), ("qbo_id", "=", qbo_id)], limit=1)
        return reference.name or qbo_id

    # === WHAT WAS NOT FOUND === #

    @property
    def missing(self):
        """The required questions without an answer since the last :meth:`take_missing`, as {key: Missing}."""
        return self._missing

    def take_missing(self):
        """Return what :attr:`missing` holds as a tuple, and forget it: the next document asks questions of its own."""
        missing, self._missing = tuple(self._missing.values()), {}
        return missing

    def take_needs(self):
        """Return :meth:`take_missing` as what a reading or an arrival waits for."""
        return [Need(missing.key, self.explain(missing)) for missing in self.take_missing()]

    def save_missing(self):
        """Give every unmapped record that was asked for its row on the mapping screen; returns the new rows.

        Where an entry of QuickBooks had no record, all records that it could be get theirs: a person chooses one.
        """
        rows = [
            {"backend_id": self.backend.id, "entity": missing.entity, "model": missing.model, "res_id": missing.res_id,
             "state": "missing"}
            for missing in self._to_save.values()
        ]
        self._to_save = {}
        for values in rows:
            self._out[values["entity"], values["model"], values["res_id"]] = ("", "missing", True)
        created = self.env["qbo.mapping"].create(rows)
        offers, self._to_offer = self._to_offer, set()
        for entity, model in sorted(offers):
            offered = self.env["qbo.sync.propose"]._offer(self.backend, entity, model)
            self._out.update({(entity, model, row.res_id): ("", "missing", True) for row in offered})
            created |= offered
        return created

    def explain(self, missing):
        """Return one sentence for a bookkeeper: what has no counterpart, and what to do."""
        env = self.env
        kind, name = _kind(env, missing), missing.name
        if missing.reason == "inactive":
            return env._(
                "The QuickBooks entry that %(kind)s '%(name)s' is mapped to is inactive. Make it active again in "
                "QuickBooks, or map another one.", kind=kind, name=name)
        if missing.reason == "proposed":
            return env._("The proposed mapping of %(kind)s '%(name)s' waits to be accepted.", kind=kind, name=name)
        if not missing.res_id:
            return env._(
                "QuickBooks' %(kind)s '%(name)s' is not mapped to anything in Odoo. Map it, then this goes on by "
                "itself.", kind=kind, name=name)
        return env._(
            "The %(kind)s '%(name)s' is not mapped to anything in QuickBooks. Map it, then this goes on by itself.",
            kind=kind, name=name)


def _kind(env, missing):
    """Return what sort of record is meant, as a word in the middle of a sentence."""
    lists = {"Class": env._("class"), "Department": env._("location"), "CustomerType": env._("type of customer")}
    if not missing.res_id and missing.entity in lists:
        return lists[missing.entity]
    return {
        "account.analytic.account": env._("analytic account"),
        "res.company": env._("branch"),
        "account.account": env._("account"),
        "account.journal": env._("journal"),
        "account.tax": env._("tax"),
        "account.payment.term": env._("payment term"),
        "account.payment.method.line": env._("payment method"),
    }.get(missing.model, missing.entity)
