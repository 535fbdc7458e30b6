"""Customers: partners of Odoo and their contacts, customers and sub-customers of QuickBooks."""

import dataclasses

from odoo import models, tools

from ...qbo import decide, documents, names
from ..merged_role import is_merged
from .postal import FIELDS as ADDRESS_FIELDS
from .postal import Postal
from .session import Need, Reading, Target

ENTITY, MODEL = "Customer", "res.partner"
SALES_TYPES = ("out_invoice", "out_refund", "out_receipt")
PARTNER_FIELDS = [
    "name",
    "parent_id",
    "commercial_partner_id",
    "type",
    "is_company",
    "company_name",
    "email",
    "phone",
    "qbo_mobile",
    "website",
    "comment",
    "active",
    "customer_rank",
    "property_payment_term_id",
    "property_account_position_id",
    "category_id",
    *ADDRESS_FIELDS,
]


def agreed(entity, link):
    """Return what Odoo said of the record of a link row when both sides last agreed, or None."""
    return decide.load_base(entity, link["base"]).odoo if link and link["base"] else None


class QboSyncCustomer(models.AbstractModel):
    """A customer of QuickBooks is a commercial entity; a sub-customer is a contact below it.

    A reading depends on the Odoo record alone: what Odoo has no place for (given and family name, whether taxable) is
    left at its default here, and stays in QuickBooks as it is. The *role* of a link is the currency of the customer,
    empty for the company's own currency, because a customer of QuickBooks has one currency for ever (Intuit: Accounting
    API reference, Customer.CurrencyRef).
    """

    _name = "qbo.sync.customer"
    _inherit = "qbo.sync.entity"
    _description = "QuickBooks Sync of Customers"

    _qbo_entity = ENTITY

    # === SCOPE === #

    def _targets(self, session, model, ids):
        """Return linked partners, and others that the backend's rule puts in scope; an address concerns its owner."""
        if model != MODEL:
            return []
        rows = self._rows(session, ids, ["parent_id", "type", "commercial_partner_id", "customer_rank", "active"])
        ids = set(ids) | {row["parent_id"] for row in rows.values() if row["type"] == "delivery" and row["parent_id"]}
        rows.update(
            self._rows(
                session, ids - rows.keys(), ["parent_id", "type", "commercial_partner_id", "customer_rank", "active"]
            )
        )
        linked = {
            Target(ENTITY, MODEL, link["res_id"], link["role"]) for link in self._links(session, ids) if link["qbo_id"]
        }
        own = self._own_partner_ids(rows)
        fresh = [partner_id for partner_id, row in rows.items() if row["active"] and partner_id not in own]
        wanted = self._wanted(session, fresh, rows)
        return sorted(linked | wanted)

    def _wanted(self, session, ids, rows):
        """Return the targets of active partners that are in scope although nothing links them yet."""
        commercial = [partner_id for partner_id in ids if rows[partner_id]["commercial_partner_id"] == partner_id]
        wanted = {
            Target(ENTITY, MODEL, partner_id, role)
            for partner_id, role in self._used_roles(session, "commercial_partner_id", commercial)
        }
        if session.backend.customer_scope == "all":
            wanted |= {
                Target(ENTITY, MODEL, partner_id) for partner_id in commercial if rows[partner_id]["customer_rank"] > 0
            }
        if session.backend.contacts_as_subcustomers:
            contacts = set(ids) - set(commercial)
            wanted |= {
                Target(ENTITY, MODEL, partner_id, role)
                for partner_id, role in self._used_roles(session, "partner_id", contacts)
            }
        return wanted

    def _used_roles(self, session, field, ids):
        """Return (partner id, role) of the partners on posted sales documents, from the start date of invoices on."""
        if not ids:
            return []
        domain = [
            (field, "in", list(ids)),
            ("state", "=", "posted"),
            ("move_type", "in", SALES_TYPES),
            ("company_id", "in", session.backend._companies().ids),
        ]
        cutoff = session.policies["Invoice"].cutoff_date if "Invoice" in session.policies else False
        if cutoff:
            domain.append(("invoice_date", ">=", cutoff))
        groups = session.env["account.move"]._read_group(domain, [field, "currency_id"])
        return [
            (partner.id, self._role(session, currency))
            for partner, currency in groups
            if session.profile.multicurrency or not self._role(session, currency)
        ]

    def _scan_ids(self, session, since):
        domain = [("customer_rank", ">", 0)]
        if since:
            domain.append(("write_date", ">=", since))
        ids = set(session.env[MODEL].with_context(active_test=False)._search(domain))
        linked = {link["res_id"] for link in self._links(session, None) if link["qbo_id"]}
        if since:
            linked = set(
                session.env[MODEL]
                .with_context(active_test=False)
                ._search([("id", "in", list(linked)), ("write_date", ">=", since)])
            )
        return [(MODEL, sorted(ids | linked))]

    def _role(self, session, currency):
        """Return the role of a customer that trades in ``currency``: '' for the company's own."""
        return "" if not currency or currency == session.backend.company_id.currency_id else currency.name

    def _document_targets(self, session, pairs):
        """Tell the customer of documents: the commercial entity, unless the contact is, or shall be, a sub-customer.

        :param pairs: (partner id, currency id) of documents
        :return: {pair: Target}
        """
        ids = {partner_id for partner_id, _currency_id in pairs}
        rows = self._rows(session, ids, ["commercial_partner_id"])
        session.preload_links(ENTITY, MODEL, ids)
        result = {}
        for partner_id, currency_id in pairs:
            role = self._role(session, session.env["res.currency"].browse(currency_id))
            own = session.backend.contacts_as_subcustomers or session.qbo_id(ENTITY, MODEL, partner_id, role)
            customer_id = partner_id if own else rows[partner_id]["commercial_partner_id"]
            result[partner_id, currency_id] = Target(ENTITY, MODEL, customer_id, role)
        return result

    # === OUT === #

    def _read(self, session, targets):
        ids = {target.res_id for target in targets}
        rows = self._rows(session, ids)
        facts = {
            "links": [link for link in self._links(session, ids) if not is_merged(link["role"])],
            "own": self._own_partner_ids(ids),
            "ship": self._delivery_rows(session, ids),
            "parents": self._ancestors(session, rows),
            "balances": self._balances(session, [row["id"] for row in rows.values() if not row["active"]]),
        }
        facts["taken"] = self._taken_names(session, rows)
        facts["first_roles"] = {}
        for target in sorted(targets, reverse=True):
            facts["first_roles"][target.res_id] = target.role
        session.preload_links(ENTITY, MODEL, ids | facts["parents"].keys())
        return {target: self._read_one(session, target, rows.get(target.res_id), facts) for target in targets}

    def _read_one(self, session, target, row, facts):
        link = next(
            (link for link in facts["links"] if (link["res_id"], link["role"]) == (target.res_id, target.role)), None
        )
        if row is None:
            return self._read_deleted(target, link)
        reading = Reading(
            target, name=self.env._("Customer %(name)s", name=row["name"] or ""), partner_name=row["name"] or ""
        )
        reading.problem = self._hindrance(session, target, row, link, facts)
        if reading.problem and not self._linked_id(session, target):
            return reading
        # A linked customer says what it says also when it may not be sent: changes of QuickBooks are compared with it.
        needs, parent_id = self._parent(session, target, row, facts)
        reading.needs += needs
        name = self._display_name(session, target, row, link, facts)
        if name != row["name"]:
            reading.name = self.env._("Customer %(name)s (in QuickBooks: %(cleaned)s)", name=row["name"], cleaned=name)
        base = agreed(ENTITY, link)
        type_id, reading.note = session.env["qbo.sync.customertype"]._out(
            session, row["category_id"], base.customer_type_id if base else "")
        reading.document = self._document(session, target, row, facts, name, parent_id, type_id)
        reading.needs += session.resolver.take_needs()
        return reading

    def _read_deleted(self, target, link):
        """A partner that was deleted becomes an inactive customer: QuickBooks deletes no names."""
        base = agreed(ENTITY, link)
        if not link or not link["qbo_id"] or base is None:
            return (
                Reading(target, gone="delete")
                if not link or not link["qbo_id"]
                else Reading(target, stay=self.env._("The partner was deleted in Odoo."))
            )
        return Reading(
            target,
            document=dataclasses.replace(base, active=False),
            partner_name=base.display_name,
            name=self.env._("Customer %(name)s, deleted in Odoo", name=base.display_name),
        )

    def _hindrance(self, session, target, row, link, facts):
        """Return (code, sentence) of what keeps this partner from being a customer in QuickBooks, or None."""
        linked = self._linked_id(session, target)
        if target.res_id in facts["own"]:
            return "own_company", self.env._(
                "%(name)s is a company of this database and cannot be its own customer.", name=row["name"]
            )
        if not row["name"]:
            return "6080", self.env._("The contact has no name. Give it one: QuickBooks takes no customer without.")
        if not linked and not row["active"]:
            return "archived", self.env._(
                "%(name)s is archived and has never been in QuickBooks. Restore it if its documents are to go there.",
                name=row["name"],
            )
        base = agreed(ENTITY, link)
        if linked and not row["active"] and (base is None or base.active) and facts["balances"].get(target.res_id):
            return "6220", self.env._(
                "%(name)s is archived in Odoo but owes, or is owed, %(amount).2f. QuickBooks makes nobody inactive who "
                "has a balance: settle it, or restore the customer.",
                name=row["name"],
                amount=facts["balances"][target.res_id],
            )
        if not linked and row["commercial_partner_id"] != row["id"] and not session.backend.contacts_as_subcustomers:
            return "contact", self.env._(
                "%(name)s is a contact. By the rules of the connection only companies and persons become customers.",
                name=row["name"],
            )
        return self._email_problem(row)

    def _email_problem(self, row):
        email = self._email(row["email"])
        if email and ("@" not in email or "." not in email.rpartition("@")[2]):
            return "2210", self.env._(
                "The e-mail address '%(email)s' of %(name)s is not one that QuickBooks takes. Correct it.",
                email=email,
                name=row["name"],
            )
        return None

    def _parent(self, session, target, row, facts):
        """Return (needs, QuickBooks id) of the customer above a contact: the nearest linked one, else the topmost."""
        if row["commercial_partner_id"] == row["id"]:
            return [], ""
        above, current = [], row["parent_id"]
        while current and current not in above:
            above.append(current)
            current = facts["parents"].get(current, {}).get("parent_id")
        for partner_id in above:
            qbo_id = self._linked_id(session, Target(ENTITY, MODEL, partner_id, target.role))
            if qbo_id:
                return [], qbo_id
        parent = Target(ENTITY, MODEL, row["commercial_partner_id"], target.role)
        name = facts["parents"].get(parent.res_id, {}).get("name") or ""
        return [Need(parent.key(), self.env._("Waits for customer %(name)s.", name=name), parent)], ""

    def _display_name(self, session, target, row, link, facts):
        """Return the name in QuickBooks by the visible naming rule.

        The cleaned name; of a contact whose name another linked customer has, with its company in brackets; of a
        partner who trades in several currencies, from the second link on with the currency in brackets. A name that was
        agreed once stays as long as the partner's own name does, and a suffix that was added after a clash wins.
        """
        plain = names.clean(row["name"] or "")
        forms = [plain]
        if row["commercial_partner_id"] != row["id"]:
            above = facts["parents"].get(row["commercial_partner_id"], {}).get("name") or ""
            forms.append(names.with_suffix(plain, f"({above})"))
        forms += [
            names.with_suffix(form, f"({target.role or session.backend.company_id.currency_id.name})")
            for form in list(forms)
        ]
        alias = link and link["alias"]
        if alias and any(alias.startswith(f"{form} ") for form in forms):
            return alias
        base = agreed(ENTITY, link)
        if base is not None and base.display_name in forms:
            return base.display_name
        # Of several currencies in one slice, the first keeps the plain name.
        elder = facts["first_roles"].get(target.res_id, target.role) != target.role or any(
            other["res_id"] == target.res_id
            and other["role"] != target.role
            and (link is None or other["id"] < link["id"])
            for other in facts["links"]
        )
        taken = target.res_id in facts["taken"] and row["commercial_partner_id"] != row["id"]
        return forms[(1 if taken else 0) + (len(forms) // 2 if elder else 0)]

    def _document(self, session, target, row, facts, name, parent_id, type_id):
        postal = self._postal(session)
        top = row["commercial_partner_id"] == row["id"]
        term = session.env["account.payment.term"].browse(row["property_payment_term_id"] or [])
        ship = facts["ship"].get(row["id"])
        return documents.Customer(
            display_name=name,
            company_name=names.clean(row["company_name"] or (row["name"] if row["is_company"] else "")) if top else "",
            email=self._email(row["email"]),
            phone=(row["phone"] or "").strip(),
            mobile=(row["qbo_mobile"] or "").strip(),
            website=(row["website"] or "").strip(),
            notes=tools.html2plaintext(row["comment"] or "", include_references=False).strip(),
            bill_address=postal.out(row),
            ship_address=postal.out(ship) if ship else documents.Address(),
            parent_id=parent_id,
            term_id=session.resolver.out("Term", term),
            customer_type_id=type_id,
            currency=target.role or session.backend.company_id.currency_id.name,
            active=row["active"],
        )

    def _email(self, email):
        """Return addresses as QuickBooks takes them: bare, several separated by a comma."""
        return ", ".join(tools.email_normalize_all(email)) or (email or "").strip() if email else ""

    # === FACTS ABOUT PARTNERS === #

    def _rows(self, session, ids, fields=None):
        """Return {id: values} of the partners that exist, archived ones included."""
        partners = (
            session.env[MODEL].with_context(active_test=False).search([("id", "in", list(ids))], order="id")
            if ids
            else []
        )
        return {row["id"]: row for row in partners.read(fields or PARTNER_FIELDS, load=None)} if partners else {}

    def _links(self, session, ids):
        """Return the link rows of partners (all when None) with what a reading needs of them."""
        domain = [("backend_id", "=", session.backend.id), ("entity", "=", ENTITY), ("model", "=", MODEL)]
        if ids is None:
            return session.env["qbo.binding"].search_read(domain, ["res_id", "qbo_id"], load=None)
        return session.env["qbo.binding"].search_read(
            [*domain, ("res_id", "in", list(ids))], ["res_id", "role", "qbo_id", "alias", "base"], load=None
        )

    def _linked_id(self, session, target):
        """Return the QuickBooks id of a target that is linked, or is being linked in this call, else ''."""
        return session.qbo_id(ENTITY, MODEL, target.res_id, target.role) or self._arriving(session).get(
            (target.res_id, target.role), ""
        )

    def _arriving(self, session):
        """Return {(partner id, role): QuickBooks id} of records of this slice whose link rows are yet to be written."""
        return session.__dict__.setdefault("arriving_customers", {})

    def _own_partner_ids(self, ids):
        """Return those of the partners that are companies of this database."""
        return set(self.env["res.company"].sudo().search([("partner_id", "in", list(ids))]).partner_id.ids)

    def _delivery_rows(self, session, ids):
        """Return {partner id: address fields of its first delivery address}."""
        found = session.env[MODEL].search_read(
            [("parent_id", "in", list(ids)), ("type", "=", "delivery")],
            ["parent_id", *ADDRESS_FIELDS],
            order="id desc",
            load=None,
        )
        return {row["parent_id"]: row for row in found}

    def _ancestors(self, session, rows):
        """Return {id: name and parent} of everybody above the given contacts."""
        known = {}
        asked = {
            row[field]
            for row in rows.values()
            for field in ("parent_id", "commercial_partner_id")
            if row[field] and row["commercial_partner_id"] != row["id"]
        }
        while asked:
            known.update(self._rows(session, asked, ["name", "parent_id"]))
            asked = {row["parent_id"] for row in known.values() if row["parent_id"]} - known.keys()
        return known

    def _taken_names(self, session, rows):
        """Return the ids of contacts whose name another partner that is linked, or another company, has."""
        contacts = {
            row["id"]: names.key(row["name"] or "")
            for row in rows.values()
            if row["commercial_partner_id"] != row["id"]
        }
        if not contacts:
            return set()
        holders = {}
        for partner_id, name, top in self._namesakes(session, contacts.values()):
            holders.setdefault(names.key(name), []).append((partner_id, top))
        linked = {
            link["res_id"]
            for link in self._links(session, [holder for found in holders.values() for holder, _top in found])
        }
        return {
            contact_id
            for contact_id, key in contacts.items()
            if any(holder != contact_id and (top or holder in linked) for holder, top in holders.get(key, []))
        }

    def _namesakes(self, session, keys):
        """Return (id, name, is a customer of its own) of partners with one of these names, without regard to case."""
        session.env[MODEL].flush_model(["name", "commercial_partner_id", "active"])
        return session.env.execute_query(
            tools.SQL(
                "SELECT id, name, commercial_partner_id = id AND customer_rank > 0 FROM res_partner"
                " WHERE lower(btrim(name)) = ANY(%s) AND active",
                list(keys),
            )
        )

    def _balances(self, session, ids):
        """Return {partner id: open receivable in company currency}; a contact's is that of its own documents."""
        if not ids:
            return {}
        company_ids = session.backend._companies().ids
        result = dict.fromkeys(ids, 0.0)
        for partner, amount in session.env["account.move.line"]._read_group(
            [
                ("partner_id", "in", ids),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("company_id", "in", company_ids),
            ],
            ["partner_id"],
            ["amount_residual:sum"],
        ):
            result[partner.id] += amount
        for partner, amount in session.env["account.move"]._read_group(
            [
                ("partner_id", "in", ids),
                ("commercial_partner_id", "not in", ids),
                ("state", "=", "posted"),
                ("move_type", "in", SALES_TYPES),
                ("company_id", "in", company_ids),
            ],
            ["partner_id"],
            ["amount_residual_signed:sum"],
        ):
            result[partner.id] += amount
        digits = session.backend.company_id.currency_id
        return {partner_id: amount for partner_id, amount in result.items() if not digits.is_zero(amount)}

    def _postal(self, session):
        """Return the address book of this slice: countries and states are read once."""
        if "postal" not in session.__dict__:
            session.postal = Postal(session.env, session.backend.company_id.country_id)
        return session.postal

    # === BOTH === #

    def _label(self, session, document):
        return self.env._("Customer %(name)s", name=document.display_name)

    def _renamed(self, session, document):
        """Return the customer with the backend's suffix: in QuickBooks, vendors and employees share the name space."""
        return dataclasses.replace(
            document, display_name=names.with_suffix(document.display_name, session.backend.name_clash_suffix)
        )
