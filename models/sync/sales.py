"""Invoices and credit memos, Odoo to neutral form: what the two entities share."""

import dataclasses
from decimal import Decimal

from odoo import models
from odoo.tools import html2plaintext

from ...qbo import documents
from ...qbo.mapping.lines import match
from .representation import SALES_ENTITIES
from .session import Need, Reading, Target

MOVE_FIELDS = [
    "move_type", "state", "name", "partner_id", "commercial_partner_id", "invoice_date", "invoice_date_due",
    "currency_id", "company_id", "invoice_payment_term_id", "ref", "narration", "amount_total", "amount_tax",
    "amount_residual",
    "invoice_currency_rate", "display_name", "is_move_sent",
]
LINE_FIELDS = [
    "move_id", "display_type", "name", "product_id", "quantity", "price_unit", "discount", "amount_currency", "tax_ids",
    "account_id", "tax_line_id", "group_tax_id", "tax_repartition_line_id", "analytic_distribution", "price_total",
]
NOTES = ("line_section", "line_subsection", "line_note")
AMOUNTS = ("product", "rounding")


class QboSyncSales(models.AbstractModel):
    """Reads posted customer invoices and credit notes in bulk: two queries for the documents, whatever their number.

    Amounts are taken from the journal items, because those add up to the receivable to the cent; the rounded subtotals
    of a document need not.
    """

    _name = "qbo.sync.sales"
    _inherit = "qbo.sync.entity"
    _description = "QuickBooks Sync of Sales Documents"

    _move_type = ""
    # Role of the link: a receipt is two records of Odoo.
    _role = ""
    # Amounts of Odoo's items that are positive in QuickBooks: of income (-1) or of what is given back (1).
    _sign = -1

    # === WHAT IS CONCERNED === #

    def _targets(self, session, model, ids):
        if model != "account.move":
            return []
        moves = self.env["account.move"].browse(ids).exists()
        entities = self.env["qbo.sync.representation"]._entities(session, moves)
        own = moves.filtered(
            lambda move: entities.get(move.id) == self._qbo_entity and self._in_scope(session, move))
        gone = set(ids) - set(moves.ids)
        return [Target(self._qbo_entity, "account.move", move.id, self._role) for move in own] \
            + self._deleted(session, gone)

    def _deleted(self, session, ids):
        """Return targets of linked documents that were deleted in Odoo."""
        bindings = self.env["qbo.binding"]._by_record(session.backend, self._qbo_entity, "account.move", ids)
        return [Target(self._qbo_entity, "account.move", res_id, role) for res_id, role in bindings]

    def _in_scope(self, session, move):
        """Tell whether a document may cross: posted now or linked already, of our companies, not before the cut-off."""
        if move.company_id.id not in session.company_ids:
            return False
        cutoff = session.policies[self._qbo_entity].cutoff_date
        if cutoff and move.invoice_date and move.invoice_date < cutoff:
            return False
        return move.state == "posted" or bool(
            session.qbo_id(self._qbo_entity, "account.move", move.id, self._role))

    def _scan_ids(self, session, since):
        domain = [("move_type", "in", self._scanned_types()), ("state", "in", ("posted", "cancel")),
                  ("company_id", "in", list(session.company_ids))]
        if since:
            domain.append(("write_date", ">=", since))
        cutoff = session.policies[self._qbo_entity].cutoff_date
        if cutoff:
            domain.append(("invoice_date", ">=", cutoff))
        return [("account.move", self._unsynced(session, self.env["account.move"].search(domain).ids, since))]

    def _scanned_types(self):
        """Return the types of Odoo documents that may be this entity."""
        return [self._move_type]

    def _unsynced(self, session, ids, since):
        """At the first scan, what is linked already needs no look."""
        if since:
            return ids
        linked = self.env["qbo.binding"]._by_record(session.backend, self._qbo_entity, "account.move", ids)
        known = {res_id for (res_id, _role), binding in linked.items() if binding.qbo_id}
        return [res_id for res_id in ids if res_id not in known]

    # === READING === #

    def _read(self, session, targets):
        moves = self.env["account.move"].browse([target.res_id for target in targets]).exists()
        rows = {row["id"]: row for row in moves.read(MOVE_FIELDS, load=None)}
        lines = self._lines(moves.ids)
        self._preload(session, rows, lines)
        self._note_entities(session, moves, rows)
        return {target: self._reading(session, target, rows.get(target.res_id), lines.get(target.res_id, []))
                for target in targets}

    def _note_entities(self, session, moves, rows):
        for move_id, entity in self.env["qbo.sync.representation"]._entities(session, moves).items():
            rows[move_id]["entity"] = entity

    def _lines(self, move_ids):
        grouped = {}
        for line in self.env["account.move.line"].search_read(
                [("move_id", "in", move_ids), ("display_type", "in", (*AMOUNTS, *NOTES, "tax"))], LINE_FIELDS,
                order="sequence, id", load=None):
            line["tax_ids"] = self._on_documents(line["tax_ids"])
            grouped.setdefault(line["move_id"], []).append(line)
        return grouped

    def _preload(self, session, rows, lines):
        """Ask for all links at once instead of document by document."""
        partners = {row[name] for row in rows.values() for name in ("partner_id", "commercial_partner_id") if row[name]}
        session.preload_links("Customer", "res.partner", partners)
        self.env["res.partner"].browse(partners).mapped("display_name")
        products = {line["product_id"] for group in lines.values() for line in group if line["product_id"]}
        session.preload_links("Item", "product.product", products)
        session.preload_links(self._qbo_entity, "account.move", list(rows))

    def _reading(self, session, target, row, lines):
        if row is None:
            return Reading(target, gone="delete")
        reading = Reading(
            target, name=self._name_of(row), partner_name=self._partner(row["commercial_partner_id"]).display_name,
            amount=row["amount_total"], currency_id=row["currency_id"], date=row["invoice_date"])
        if row["state"] == "cancel":
            reading.gone = self._cancel_operation
        elif row["state"] == "draft":
            reading.stay = self.env._("It is a draft in Odoo.")
        elif row.get("entity") != self._qbo_entity:
            reading.stay = self.env._("It goes to QuickBooks as another type of document.")
        else:
            self._fill(session, reading, row, lines)
        return reading

    def _name_of(self, row):
        return row["display_name"] or row["name"]

    def _partner(self, partner_id):
        return self.env["res.partner"].browse(partner_id)

    def _fill(self, session, reading, row, lines):
        """Build the neutral form, or collect what is in the way."""
        currency = self.env["res.currency"].browse(row["currency_id"])
        reading.problem = self._currency_problem(session, currency)
        if reading.problem:
            return
        session.resolver.take_missing()
        taxes, lines = lines, [line for line in lines if not self._is_tax(line)]
        customer_id = self._customer(session, reading, row, currency)
        tax_code_id, problem = self._tax_code(session, lines)
        classes, class_id, department_id, shared = self.env["qbo.sync.dimensions"]._of_lines(session, row, lines)
        for line in lines:
            line["class_id"] = classes.get(line["id"], "")
        neutral = tuple(filter(None, (self._line(session, reading, line, currency, row) for line in lines)))
        sign = self._turned(row)
        odoo_numbers = session.profile.custom_txn_numbers and session.backend.number_rule == "odoo"
        term = self.env["account.payment.term"].browse(row["invoice_payment_term_id"] or [])
        values = {
            "doc_number": row["name"] if odoo_numbers else "",
            "txn_date": row["invoice_date"], "customer_id": customer_id, "currency": currency.name,
            "exchange_rate": self._rate(session, row, currency),
            "term_id": session.resolver.out("Term", term, required=False) if self._has_due_date else "",
            "class_id": class_id, "department_id": department_id,
            "lines": neutral, "tax_code_id": tax_code_id,
            "total_tax": money(sign * row["amount_tax"], currency),
            "total": money(sign * row["amount_total"], currency),
            "global_tax": "TaxExcluded" if session.profile.tax_mode == "global" else "",
            "private_note": (row["ref"] or "").strip(), "customer_memo": html2plaintext(row["narration"] or "").strip(),
            "balance": money(sign * row["amount_residual"], currency),
            "mail_to": self._mail_to(session, reading, row),
        }
        values = self._rounded(session, reading, values)
        values["lines"] = self._priced(session, values)
        values["tax_lines"] = self._own_tax(session, values, taxes, currency)
        reading.needs += [*session.resolver.take_needs(), *self._untaxed_needs(session, lines)]
        reading.identity = (row["partner_id"], *(line["product_id"] or 0 for line in lines))
        reading.problem = problem or shared or self.env["qbo.sync.stock"]._too_early(session, row, lines)
        if not reading.problem:
            reading.document = self._document(values, row)

    def _currency_problem(self, session, currency):
        """Return the problem of a foreign document in a company of QuickBooks that has one currency only, else None."""
        if session.profile.multicurrency or not session.currency_role(currency):
            return None
        return ("currency_not_enabled", self.env._(
            "It is in %(currency)s, and the QuickBooks company has its home currency only. Switch on multicurrency "
            "there (it cannot be switched off again), or exclude the document.", currency=currency.name))

    def _customer(self, session, reading, row, currency):
        """Return the QuickBooks customer: the contact where it is one itself, else the company that it belongs to."""
        role = session.currency_role(currency)
        contact, company = row["partner_id"], row["commercial_partner_id"]
        kept = self.env["qbo.sync.merged"]._kept_customer
        if contact != company:
            qbo_id = session.qbo_id("Customer", "res.partner", contact, role)
            if qbo_id:
                return kept(session, reading.target, {contact}, qbo_id)
            if session.backend.contacts_as_subcustomers:
                company = contact
        qbo_id = session.qbo_id("Customer", "res.partner", company, role)
        if not qbo_id:
            target = Target("Customer", "res.partner", company, role)
            reading.needs.append(Need(target.key(), self.env._(
                "Customer %(name)s is not in QuickBooks yet.", name=self._partner(company).display_name), target,
                self.env._("customer %(name)s", name=self._partner(company).display_name)))
        return kept(session, reading.target, {contact, company}, qbo_id)

    def _turned(self, row):
        """Return -1 for a document below zero, which is the opposite one in QuickBooks; else 1."""
        return 1 if (row["move_type"] == "out_refund") == (self._sign > 0) else -1

    def _line(self, session, reading, line, currency, row):
        """Return the neutral form of one line; amounts of credit notes are positive, as QuickBooks has them."""
        if line["display_type"] in NOTES:
            return documents.Line(kind="note", description=(line["name"] or "").strip())
        quantity, price = self._price(line, currency, self._turned(row))
        amount = money(self._sign * line["amount_currency"], currency)
        return documents.Line(
            kind="item", amount=amount, tax_inclusive_amount=self._paid(
                session, line, amount, currency, self._turned(row)),
            item_id=self._item(session, reading, line), description=(line["name"] or "").strip(),
            quantity=quantity, unit_price=price, tax_code_id=self._line_tax_code(session, line),
            class_id=line["class_id"])

    def _price(self, line, currency, sign):
        if line["display_type"] == "rounding":
            return None, None
        return Decimal(repr(line["quantity"])).normalize() + 0, sign * Decimal(repr(line["price_unit"])).normalize() + 0

    def _item(self, session, reading, line):
        """Return the item of a line: that of its product, else the one for its account."""
        special = self.env["qbo.sync.targets"]._item(session, line)
        if special is not None:
            return special
        if not line["product_id"]:
            return session.resolver.out("Item", self.env["account.account"].browse(line["account_id"]))
        qbo_id = session.qbo_id("Item", "product.product", line["product_id"])
        if not qbo_id:
            target = Target("Item", "product.product", line["product_id"])
            product = self.env["product.product"].browse(line["product_id"])
            reading.needs.append(Need(target.key(), self.env._(
                "Product %(name)s is not in QuickBooks yet.", name=product.display_name), target,
                self.env._("product %(name)s", name=product.display_name)))
        return qbo_id

    # === LINKS === #

    def _settled(self, session, binding):
        """Drop what was noted of the document when it was another one: a question about it, a refusal."""
        result = super()._settled(session, binding)
        if self._qbo_entity != "Invoice":
            self.env["qbo.binding"].search([
                ("backend_id", "=", session.backend.id), ("entity", "in", SALES_ENTITIES), ("excluded", "=", False),
                ("model", "=", "account.move"), ("res_id", "=", binding.res_id), ("qbo_id", "=", False)]).unlink()
        return result

    # === PARTS === #

    def _complete(self, wanted, theirs, ours=None):
        """Keep the service date of lines that go on, and classes and location where Odoo does not decide them."""
        wanted, classes = self.env["qbo.sync.dimensions"]._kept(wanted, theirs, ours)
        if wanted.lines == theirs.lines:
            return wanted
        kept = match(wanted.lines, theirs.lines)
        return dataclasses.replace(wanted, lines=tuple(
            dataclasses.replace(
                line, class_id=line.class_id or (old.class_id if classes else ""),
                service_date=line.service_date or old.service_date)
            if old else line for line, old in zip(wanted.lines, kept, strict=True)))

    _has_due_date = False
    _cancel_operation = "delete"

    def _rate(self, session, row, currency):
        """Return home units for one foreign unit, None for a document in home currency."""
        if currency == session.backend.company_id.currency_id or not row["invoice_currency_rate"]:
            return None
        return (1 / Decimal(repr(row["invoice_currency_rate"]))).quantize(Decimal("0.00000001")).normalize()

    def _document(self, values, row):
        raise NotImplementedError

    def _totals(self, document):
        return {self.env._("Total"): document.total, self.env._("Tax"): document.total_tax}

    def _link_ignore(self, session, ours, theirs):
        """Two documents of the same total and tax are the same; how each side words its lines is no conflict."""
        same = (ours.total, ours.total_tax, ours.customer_id) == (theirs.total, theirs.total_tax, theirs.customer_id)
        return frozenset(field.name for field in dataclasses.fields(ours)) if same else frozenset()


def money(value, currency):
    """Return a float of Odoo as exact money of ``currency``."""
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-currency.decimal_places))


class QboSyncInvoice(models.AbstractModel):
    _name = "qbo.sync.invoice"
    _inherit = "qbo.sync.sales"
    _description = "QuickBooks Sync of Invoices"

    _qbo_entity = "Invoice"
    _move_type = "out_invoice"
    _has_due_date = True

    def _scanned_types(self):
        return ["out_invoice", "out_receipt"]

    # A void keeps the number, as a cancelled invoice of Odoo does.
    _cancel_operation = "void"

    def _document(self, values, row):
        return documents.Invoice(due_date=row["invoice_date_due"], **values)

    def _label(self, session, document):
        return self.env._("Invoice %(number)s", number=document.doc_number or "")


class QboSyncCreditMemo(models.AbstractModel):
    _name = "qbo.sync.creditmemo"
    _inherit = "qbo.sync.sales"
    _description = "QuickBooks Sync of Credit Memos"

    _qbo_entity = "CreditMemo"
    _move_type = "out_refund"
    _sign = 1

    def _document(self, values, row):
        return documents.CreditMemo(**values)

    def _label(self, session, document):
        return self.env._("Credit memo %(number)s", number=document.doc_number or "")
