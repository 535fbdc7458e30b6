"""Customers on their way in: QuickBooks' customers and sub-customers become partners and contacts."""

import re

from odoo import models, tools

from ...qbo import names
from ..merged_role import stands_for
from .customer import ENTITY, MODEL
from .session import Need, qbo_key

# Fields of a customer that Odoo has no place for, or that each side spells in its own way: no reason to ask a person at
# the first link.
ONE_SIDED = frozenset(
    {
        "display_name",
        "company_name",
        "given_name",
        "middle_name",
        "family_name",
        "taxable",
        "exemption_reason",
        "currency",
        "bill_with_parent",
    }
)
QUIET = {"mail_create_nosubscribe": True, "mail_auto_subscribe_no_notify": True, "mail_create_nolog": True}


class QboSyncCustomerIn(models.AbstractModel):
    _inherit = "qbo.sync.customer"

    # === PREPARE === #

    def _prepare(self, session, arrivals):
        """Set roles, and let sub-customers wait for a parent that is neither linked nor among the arrivals."""
        session.preload_records(ENTITY, {arrival.document.parent_id for arrival in arrivals} - {""})
        batch = {arrival.qbo_id: arrival for arrival in arrivals}
        home = session.profile.home_currency
        for arrival in arrivals:
            currency = arrival.document.currency
            arrival.role = currency if session.profile.multicurrency and currency and currency != home else ""
        for arrival in sorted(arrivals, key=lambda arrival: len(self._line(batch, arrival))):
            parent_id = arrival.document.parent_id
            if not parent_id or session.record_id(ENTITY, parent_id):
                continue
            parent = batch.get(parent_id)
            if parent is None or parent.needs or parent.problem:
                arrival.needs.append(self._parent_need(arrival))

    def _parent_need(self, arrival):
        return Need(
            qbo_key(ENTITY, arrival.document.parent_id),
            self.env._("Waits for the customer above %(name)s in QuickBooks.", name=arrival.document.display_name),
        )

    def _line(self, batch, arrival):
        """Return the QuickBooks ids above an arrival, as far as they are in the same batch."""
        above = []
        while arrival and arrival.document.parent_id and arrival.document.parent_id not in above:
            above.append(arrival.document.parent_id)
            arrival = batch.get(above[-1])
        return above

    # === MATCH === #

    def _match(self, session, arrivals):
        """Find the partner that an unlinked customer is: the only one of that name, in its place, without a link.

        Namesakes are told apart by their e-mail address. Where that leaves a doubt the arrival gets a problem; nothing
        is guessed.
        """
        batch = {arrival.qbo_id: arrival for arrival in arrivals}
        candidates = self._candidates(session, arrivals)
        own = self._own_partner_ids({partner.id for namesakes in candidates.values() for partner in namesakes})
        used, found = set(), {}
        for arrival in sorted(arrivals, key=lambda arrival: len(self._line(batch, arrival))):
            parent = self._parent_partner(session, arrival, found)
            if arrival.document.parent_id and not parent:
                continue
            namesakes = [
                partner
                for key in self._keys(session, arrival)
                for partner in candidates.get(key, [])
                if partner.id not in own and (partner.id, arrival.role) not in used and self._in_place(partner, parent)
            ]
            match = self._choose(session, arrival, namesakes)
            if match:
                used.add((match.id, arrival.role))
                found[arrival.qbo_id] = match
                self._arriving(session)[match.id, arrival.role] = arrival.qbo_id
        return found

    def _parent_partner(self, session, arrival, found):
        """Return the partner of the parent customer, if it is linked or was just found."""
        parent_id = arrival.document.parent_id
        known = parent_id and session.record_id(ENTITY, parent_id)
        return found.get(parent_id) or session.env[MODEL].browse(known[1] if known else [])

    def _in_place(self, partner, parent):
        """A sub-customer is a contact somewhere below its parent; a customer is a commercial entity."""
        if parent:
            return partner.parent_id == parent
        return partner.commercial_partner_id == partner

    def _keys(self, session, arrival):
        """Return the names under which Odoo may know an arrival: with a currency, also without it in brackets."""
        name = arrival.document.display_name
        keys = [names.key(name)]
        if arrival.role and name.endswith(f"({arrival.role})"):
            keys.append(names.key(name[: -len(arrival.role) - 2]))
        return keys

    def _candidates(self, session, arrivals):
        """Return {name key: partners} of this company's unlinked partners with the names of the arrivals."""
        keys = {key for arrival in arrivals for key in self._keys(session, arrival)}
        session.env[MODEL].flush_model(["name", "company_id"])
        ids = [
            row[0]
            for row in session.env.execute_query(
                tools.SQL(
                    "SELECT id FROM res_partner WHERE (regexp_replace(lower(btrim(name)), '\\s+', ' ', 'g') = ANY(%s)"
                    # Names that QuickBooks has only as the naming rule writes them.
                    " OR name LIKE '%%:%%' OR length(name) > %s)"
                    " AND (company_id IS NULL OR company_id = ANY(%s)) ORDER BY id",
                    list(keys),
                    names.MAXIMUM // 2,
                    session.backend._companies().ids,
                )
            )
        ]
        linked = {(link["res_id"], stands_for(link["role"])) for link in self._links(session, ids) if link["qbo_id"]}
        roles = {key: {arrival.role for arrival in arrivals if key in self._keys(session, arrival)} for key in keys}
        result = {}
        for partner in session.env[MODEL].browse(ids):
            for key in {names.key(partner.name), names.key(names.clean(partner.name))}:
                if any((partner.id, role) not in linked for role in roles.get(key, ())):
                    result.setdefault(key, []).append(partner)
        return result

    def _choose(self, session, arrival, namesakes):
        """Return the one partner that an arrival is, or nothing; give the arrival a problem when there is a doubt."""
        email = names.key(self._email(arrival.document.email))
        same = [partner for partner in namesakes if email and names.key(self._email(partner.email)) == email]
        if len(same) == 1:
            return same[0]
        if len(namesakes) > 1:
            active = [partner for partner in namesakes if partner.active]
            if len(active) == 1 and not same:
                namesakes = active
            else:
                arrival.problem = (
                    "ambiguous",
                    self.env._(
                        "%(count)s partners are called '%(name)s' in Odoo. Link the right one by hand.",
                        count=len(namesakes),
                        name=arrival.document.display_name,
                    ),
                )
                return None
        if not namesakes:
            return None
        partner = namesakes[0]
        if email and partner.email and not partner.is_company:
            # Companies of one name are one company; persons of one name and two addresses may be two persons.
            arrival.problem = (
                "ambiguous",
                self.env._(
                    "'%(name)s' is in Odoo with another e-mail address (%(odoo)s; QuickBooks: %(qbo)s). Link it by "
                    "hand if it is the same person.",
                    name=partner.name,
                    odoo=partner.email,
                    qbo=arrival.document.email,
                ),
            )
            return None
        return partner

    def _link_ignore(self, session, ours, theirs):
        """Return the fields in which the two sides say the same in other words, at their first link."""
        ignore = set(ONE_SIDED)
        for name in ("phone", "mobile"):
            if re.sub(r"\D", "", getattr(ours, name)) == re.sub(r"\D", "", getattr(theirs, name)):
                ignore.add(name)
        if names.key(ours.email) == names.key(self._email(theirs.email)):
            ignore.add("email")
        if _bare_url(ours.website) == _bare_url(theirs.website):
            ignore.add("website")
        for name in ("bill_address", "ship_address"):
            if self._postal(session).same(getattr(ours, name), getattr(theirs, name)):
                ignore.add(name)
        return frozenset(ignore)

    # === CREATE === #

    def _create_records(self, session, arrivals):
        """Create partners level by level, so that parents in the same call come first."""
        batch = {arrival.qbo_id: arrival for arrival in arrivals}
        levels = {}
        for arrival in arrivals:
            levels.setdefault(len(self._line(batch, arrival)), []).append(arrival)
        for _level, members in sorted(levels.items()):
            self._create_level(session, batch, members)
        self._create_deliveries(session, [arrival for arrival in arrivals if arrival.record])

    def _create_level(self, session, batch, arrivals):
        ready, values = [], []
        for arrival in arrivals:
            parent = self._known_parent(session, batch, arrival)
            if arrival.document.parent_id and not parent:
                arrival.needs.append(self._parent_need(arrival))
                continue
            ready.append(arrival)
            values.append(self._create_values(session, arrival, parent))
        partners = self._quietly(session).create(values)
        for arrival, partner in zip(ready, partners, strict=True):
            arrival.record = partner
            self._arriving(session)[partner.id, arrival.role] = arrival.qbo_id

    def _known_parent(self, session, batch, arrival):
        """Return the partner above a sub-customer: from the same call, linked, or linked in this slice."""
        parent_id = arrival.document.parent_id
        if parent_id in batch and batch[parent_id].record:
            return batch[parent_id].record
        known = parent_id and session.record_id(ENTITY, parent_id)
        ids = (
            [known[1]]
            if known
            else [
                partner_id
                for (partner_id, _role), qbo_id in self._arriving(session).items()
                if parent_id and qbo_id == parent_id
            ]
        )
        return session.env[MODEL].browse(ids).exists()[:1]

    def _create_values(self, session, arrival, parent):
        """Return the values of a new partner.

        A contact below a customer gets the type 'other': one of type 'contact' would take over the address of its
        parent, and give it its own. It is no company, so that its documents count for the commercial entity above it.
        """
        document = arrival.document
        values = {
            "name": document.display_name or document.company_name,
            "customer_rank": 1,
            "user_id": session.backend.responsible_id.id,
            **self._plain_values(
                session, arrival, (
                    "email", "phone", "mobile", "website", "notes", "bill_address", "term_id", "customer_type_id")
            ),
        }
        if parent:
            values.update(parent_id=parent.id, type="other", is_company=False)
        else:
            values.update(self._company_values(document))
        if not document.active and not document.balance:
            values["active"] = False
        elif not document.active:
            arrival.warning = self._join(arrival.warning, self._kept_active(document.display_name))
        return values

    def _company_values(self, document):
        """Return what tells companies from persons: those have no company name, or are called by their own names."""
        company = document.company_name
        person = " ".join(filter(None, (document.given_name, document.middle_name, document.family_name)))
        is_person = not company or names.key(person) == names.key(document.display_name)
        same = names.key(company) == names.key(document.display_name)
        return {"is_company": not is_person, "company_name": False if same else company or False}

    def _create_deliveries(self, session, arrivals):
        """A shipping address of its own becomes a delivery contact."""
        self._quietly(session).create(
            [self._delivery_values(session, arrival) for arrival in arrivals if self._ships_elsewhere(arrival.document)]
        )

    def _ships_elsewhere(self, document):
        empty = type(document.ship_address)()
        return document.ship_address not in (empty, document.bill_address)

    def _delivery_values(self, session, arrival):
        return {
            "parent_id": arrival.record.id,
            "type": "delivery",
            "name": False,
            **self._postal(session).into(arrival.document.ship_address),
        }

    def _quietly(self, session):
        """Return the partner model for bulk creation: nobody is notified; an audit trail keeps its log."""
        context = dict(QUIET, tracking_disable=not session.backend.company_id.restrictive_audit_trail)
        return session.env[MODEL].with_context(**context)

    # === UPDATE === #

    def _update(self, session, arrival):
        """Write the fields that QuickBooks changed; a partner of type 'contact' gets an address of its own first."""
        partner, fields = arrival.record, set(arrival.fields)
        values = self._plain_values(session, arrival, arrival.fields)
        if "display_name" in fields:
            values["name"] = self._odoo_name(arrival)
        if "company_name" in fields and not partner.parent_id:
            values.update(self._company_values(arrival.document))
        if "bill_address" in fields and partner.parent_id and partner.type == "contact":
            values["type"] = "other"
        if "parent_id" in fields:
            parent = self._known_parent(session, {}, arrival)
            values.update(
                parent_id=parent.id or False, **({"type": "other"} if parent and partner.type == "contact" else {})
            )
        if "active" in fields:
            self._activate(session, arrival, values)
        if partner.customer_rank <= 0:
            values["customer_rank"] = 1
        partner.with_context(mail_auto_subscribe_no_notify=True).write(values)
        if "ship_address" in fields:
            self._update_delivery(session, arrival)

    def _odoo_name(self, arrival):
        """Return QuickBooks' name without the suffix or brackets that only QuickBooks needs."""
        name, old = arrival.document.display_name, arrival.record.name
        base = arrival.binding.base if arrival.binding else None
        known = ((base or {}).get("qbo") or {}).get("display_name", "")
        cleaned = names.clean(old or "")
        decoration = known[len(cleaned) :] if cleaned and known.startswith(f"{cleaned} (") else ""
        return (
            name[: -len(decoration)]
            if decoration and name.endswith(decoration) and name != decoration.strip()
            else name
        )

    def _activate(self, session, arrival, values):
        """Inactive becomes archived, unless that would hide money that is still owed, or a user's own contact."""
        partner = arrival.record
        if arrival.document.active:
            values["active"] = True
            return
        if self._balances(session, [partner.id]) or arrival.document.balance:
            arrival.warning = self._join(arrival.warning, self._kept_active(partner.name))
        elif partner.with_context(active_test=True).sudo().user_ids:
            arrival.warning = self._join(
                arrival.warning,
                self.env._(
                    "%(name)s is inactive in QuickBooks, but stays active in Odoo, because a user has this contact.",
                    name=partner.name,
                ),
            )
        else:
            values["active"] = False

    def _kept_active(self, name):
        return self.env._(
            "%(name)s is inactive in QuickBooks, but stays active in Odoo, because the balance is not zero.", name=name
        )

    def _update_delivery(self, session, arrival):
        delivery = session.env[MODEL].search(
            [("parent_id", "=", arrival.record.id), ("type", "=", "delivery")], order="id", limit=1
        )
        if not self._ships_elsewhere(arrival.document):
            if delivery:
                delivery.active = False
                arrival.warning = self._join(
                    arrival.warning,
                    self.env._(
                        "QuickBooks has no separate shipping address any more; the delivery address was archived."
                    ),
                )
        elif delivery:
            delivery.write(self._postal(session).into(arrival.document.ship_address))
        else:
            self._quietly(session).create([self._delivery_values(session, arrival)])

    def _plain_values(self, session, arrival, fields):
        """Return the values of those of ``fields`` that are one field, or one address, of a partner."""
        document, values = arrival.document, {}
        for name, column in (("email", "email"), ("phone", "phone"), ("mobile", "qbo_mobile"), ("website", "website")):
            if name in fields:
                values[column] = getattr(document, name) or False
        if "notes" in fields:
            values["comment"] = tools.plaintext2html(document.notes) if document.notes else False
        if "bill_address" in fields:
            values.update(self._postal(session).into(document.bill_address))
        if "term_id" in fields:
            values.update(self._term_values(session, arrival))
        if "customer_type_id" in fields:
            tags, warning = session.env["qbo.sync.customertype"]._in(session, document.customer_type_id, arrival.record)
            values.update(tags)
            arrival.warning = self._join(arrival.warning, warning)
        return values

    def _term_values(self, session, arrival):
        """A payment term without a counterpart holds nobody up: the customer comes without it, and that is said."""
        term_id = arrival.document.term_id
        term = session.resolver.inn("Term", term_id, "account.payment.term", required=False)
        if term_id and not term:
            reference = (
                session.env["qbo.reference"]
                .with_context(active_test=False)
                .search(
                    [("backend_id", "=", session.backend.id), ("entity", "=", "Term"), ("qbo_id", "=", term_id)],
                    limit=1,
                )
            )
            arrival.warning = self._join(
                arrival.warning,
                self.env._(
                    "The payment term '%(term)s' of QuickBooks is not mapped, so the customer has none in Odoo.",
                    term=reference.name or term_id,
                ),
            )
            return {}
        return {"property_payment_term_id": term.id}

    def _join(self, *sentences):
        return " ".join(filter(None, sentences))

    # === REMOVE === #

    def _remove(self, session, binding, operation):
        """QuickBooks deletes no customers but merges them: the partner stays, with its documents."""
        partner = binding._record()
        return self.env._(
            "The customer %(name)s is gone from QuickBooks (deleted, or merged with another). The partner stays in "
            "Odoo; relink it to the customer that took its place, or clear its ID to create it again.",
            name=partner.display_name or binding.qbo_id,
        )


def _bare_url(url):
    """Return an address of a website without what browsers add: scheme, 'www.' and a closing slash."""
    return re.sub(r"^(https?://)?(www\.)?", "", url.strip().lower()).rstrip("/")
