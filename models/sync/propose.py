"""Proposes mappings: collects what could correspond, asks the pure scoring, and writes rows for a person to see."""

from decimal import Decimal

from odoo import api, models

from ...qbo import matching
from ...qbo.matching import Entry
from ..const import PSEUDO_TAX_CODES

# Accounts before items: an item is found through the account that it posts to.
PAIRS = (
    ("Account", "account.account"),
    ("Account", "account.journal"),
    ("TaxCode", "account.tax"),
    ("Term", "account.payment.term"),
    ("PaymentMethod", "account.payment.method.line"),
    ("Item", "account.account"),
    ("Class", "account.analytic.account"),
    ("Department", "account.analytic.account"),
    ("Department", "res.company"),
    ("CustomerType", "res.partner.category"),
    ("CompanyCurrency", "res.currency"),
)
MATCHERS = {
    ("Account", "account.account"): matching.match_accounts,
    ("Account", "account.journal"): matching.match_journals,
    ("TaxCode", "account.tax"): matching.match_taxes,
    ("Term", "account.payment.term"): matching.match_terms,
    ("PaymentMethod", "account.payment.method.line"): matching.match_methods,
    ("Item", "account.account"): matching.match_items,
    ("Class", "account.analytic.account"): matching.match_names,
    ("Department", "account.analytic.account"): matching.match_names,
    ("Department", "res.company"): matching.match_names,
    ("CustomerType", "res.partner.category"): matching.match_names,
    ("CompanyCurrency", "res.currency"): matching.match_currencies,
}
# Several Odoo records may well be one of these; of the others, a mapped entry is not proposed again.
SHARED = ("Term", "PaymentMethod")
# What books nothing is used without a yes where it is certain.
AT_ONCE = (*SHARED, "CompanyCurrency")
JOURNAL_KINDS = {
    "bank": frozenset({"Bank", "Other Current Asset"}),
    "cash": frozenset({"Bank", "Other Current Asset", matching.CASH}),
    "credit": frozenset({"Credit Card"}),
}
SALES = ("out_invoice", "out_refund", "out_receipt")
DUE_ON_RECEIPT = (0, Decimal(0), 0)


class QboSyncPropose(models.AbstractModel):
    """Finds counterparts. What decides an account or a tax waits for a person's yes, unless it is certain and the rule
    of the connection says that certain matches are used at once; a certain term or payment method, which books nothing,
    is used at once.

    A person's word is never touched.
    """

    _name = "qbo.sync.propose"
    _description = "QuickBooks Mapping Proposals"

    @api.model
    def _pairs(self):
        """Return the (entity, model) that are mapped, in the order in which proposals are made."""
        return PAIRS

    @api.model
    def _propose(self, backend, entity=None):
        """Propose mappings for all lists, or for one; returns the rows that were written."""
        backend = backend._for_work()
        proposer = self.with_env(backend.env)
        written = self.env["qbo.mapping"]
        for pair in self._pairs():
            # A new account may be what an item was waiting for.
            if entity in (None, pair[0]) or entity == "Account" and pair[0] == "Item":
                written |= proposer._propose_pair(backend, *pair)
        return written

    def _propose_pair(self, backend, entity, model):
        rows = self._living_rows(backend, entity, model)
        settled = {res_id for res_id, row in rows.items() if row.state == "mapped" or row.found_by == "person"}
        odoo = [entry for entry in self._odoo_entries(backend, entity, model) if entry.key not in settled]
        taken = {row.reference_id.id for row in rows.values() if row.state == "mapped" and entity not in SHARED}
        listed = self._qbo_entries(backend, entity, model)
        qbo = [entry for entry in listed if entry.key not in taken]
        facts = {"banks": matching.has_banks(listed)} if model == "account.journal" else {}
        matches = MATCHERS[entity, model](odoo, qbo, **facts)
        written = self._write_matches(backend, entity, model, rows, matches)
        found = {match.odoo for match in matches}
        return written | self._write_questions(
            backend, entity, model, rows, [entry for entry in odoo if entry.key not in found], qbo)

    def _write_questions(self, backend, entity, model, rows, odoo, qbo):
        """Give each used record that could be several entries its row: a person chooses, nothing is guessed."""
        new = []
        for entry in odoo:
            if not entry.used or len(matching.candidates(entry, qbo)) < 2:
                continue
            row = rows.get(entry.key)
            values = {"reference_id": False, "state": "missing", "found_by": "several", "confidence": 0}
            if row is None:
                new.append({"backend_id": backend.id, "entity": entity, "model": model, "res_id": entry.key, **values})
            elif row.found_by != "several":
                row.write(values)
        return self.env["qbo.mapping"].create(new)

    def _living_rows(self, backend, entity, model):
        """Return {record id: row}; the rows of records that were deleted in Odoo go away."""
        rows = self.env["qbo.mapping"].search([
            ("backend_id", "=", backend.id), ("entity", "=", entity), ("model", "=", model)])
        living = set(self.env[model].browse(rows.mapped("res_id")).exists().ids)
        gone = rows.filtered(lambda row: row.res_id not in living)
        kept = {row.res_id: row for row in rows - gone}
        gone.unlink()
        return kept

    @api.model
    def _offer(self, backend, entity, model):
        """Give every record that an entry of QuickBooks could be a row to choose; returns the new rows."""
        backend = backend._for_work()
        proposer = self.with_env(backend.env)
        rows = proposer._living_rows(backend, entity, model)
        return backend.env["qbo.mapping"].create([
            {"backend_id": backend.id, "entity": entity, "model": model, "res_id": entry.key, "state": "missing"}
            for entry in proposer._odoo_entries(backend, entity, model) if entry.key not in rows])

    def _write_matches(self, backend, entity, model, rows, matches):
        new, written = [], self.env["qbo.mapping"]
        # What decides an account or a tax is accepted by a person, or by the rule that a person chose.
        at_once = entity in AT_ONCE or backend.accept_certain
        for match in matches:
            values = {
                "reference_id": match.qbo, "state": "mapped" if match.certain and at_once else "proposed",
                "found_by": match.found_by, "confidence": match.confidence,
            }
            row = rows.get(match.odoo)
            if row is None:
                new.append({"backend_id": backend.id, "entity": entity, "model": model, "res_id": match.odoo, **values})
            elif row.reference_id.id != match.qbo or row.state != values["state"]:
                row.write(values)
                written |= row
        return written | self.env["qbo.mapping"].create(new)

    # === ODOO'S SIDE === #

    def _odoo_entries(self, backend, entity, model):
        readers = {
            ("Account", "account.account"): self._account_entries,
            ("Account", "account.journal"): self._journal_entries,
            ("TaxCode", "account.tax"): self._tax_entries,
            ("Term", "account.payment.term"): self._term_entries,
            ("PaymentMethod", "account.payment.method.line"): self._method_entries,
            ("Item", "account.account"): self._item_entries,
        }
        return readers[entity, model](backend) if (entity, model) in readers else []

    def _records(self, backend, model, domain=()):
        """Return the active records of the companies that the backend serves."""
        Model = self.env[model]
        return Model.search([*Model._check_company_domain(backend._companies()), *domain])

    def _account_entries(self, backend):
        used = self._used_accounts(backend)
        home = backend.company_id.currency_id
        return [
            Entry(
                account.id, names=(account.name,), code=account.code or "",
                kinds=matching.ACCOUNT_KINDS.get(account.account_type, frozenset()),
                currency=(account.currency_id or home).name, used=account in used)
            for account in self._records(backend, "account.account")
        ]

    def _used_accounts(self, backend):
        """Return the accounts of sales lines, and those that new sales lines and customers get."""
        company = backend.company_id
        used = company.income_account_id | company.expense_account_id
        used |= company.partner_id.property_account_receivable_id
        used |= self._records(backend, "account.journal", [("type", "=", "sale")]).default_account_id
        return used | self._accounts_of_sales(backend)

    def _accounts_of_sales(self, backend, domain=()):
        groups = self.env["account.move.line"]._read_group(
            [("company_id", "in", backend._companies().ids), ("display_type", "=", "product"),
             ("move_id.move_type", "in", SALES), ("parent_state", "!=", "cancel"), *domain], ["account_id"])
        return self.env["account.account"].union(*(account for (account,) in groups))

    def _journal_entries(self, backend):
        home = backend.company_id.currency_id
        return [
            Entry(
                journal.id, names=tuple(name for name in (journal.name, journal.default_account_id.name) if name),
                kinds=JOURNAL_KINDS[journal.type],
                currency=(journal.currency_id or home).name, used=True)
            for journal in self._records(backend, "account.journal", [("type", "in", tuple(JOURNAL_KINDS))])
        ]

    def _tax_entries(self, backend):
        taxes = self._records(backend, "account.tax", [
            ("type_tax_use", "=", "sale"), ("amount_type", "in", ("percent", "group"))])
        taxes = taxes.browse(self.env["qbo.sync.invoice"]._on_documents(taxes.ids))
        used = self._used_taxes(backend, taxes)
        return [
            Entry(tax.id, names=(tax.name,), rate=rate, used=tax in used)
            for tax in taxes if (rate := tax_rate(tax)) is not None
        ]

    def _used_taxes(self, backend, taxes):
        used = backend.company_id.account_sale_tax_id
        groups = self.env["account.move.line"]._read_group(
            [("company_id", "in", backend._companies().ids), ("move_id.move_type", "in", SALES),
             ("parent_state", "!=", "cancel"), ("tax_ids", "in", taxes.ids)], ["tax_ids"])
        return used.union(*(tax for (tax,) in groups), *self._product_taxes(taxes))

    def _product_taxes(self, taxes):
        groups = self.env["product.template"]._read_group([("taxes_id", "in", taxes.ids)], ["taxes_id"])
        return [tax for (tax,) in groups]

    def _term_entries(self, backend):
        terms = self._records(backend, "account.payment.term")
        groups = self.env["account.move"]._read_group(
            [("company_id", "in", backend._companies().ids), ("move_type", "in", SALES),
             ("invoice_payment_term_id", "in", terms.ids)], ["invoice_payment_term_id"])
        used = terms.browse().union(*(term for (term,) in groups))
        return [Entry(term.id, names=(term.name,), terms=term_meaning(term), used=term in used) for term in terms]

    def _method_entries(self, backend):
        journals = self._records(backend, "account.journal", [("type", "in", tuple(JOURNAL_KINDS))])
        lines = self.env["account.payment.method.line"].search([
            ("payment_type", "=", "inbound"), ("journal_id", "in", journals.ids)])
        return [
            Entry(line.id, names=tuple(name for name in (line.name, line.journal_id.name) if name), used=True)
            for line in lines
        ]

    def _item_entries(self, backend):
        """Return the accounts of lines without a product, by the QuickBooks account that they are mapped to."""
        accounts = self._accounts_of_sales(backend, [("product_id", "=", False)])
        mapped = {row.res_id: row.reference_id.qbo_id for row in self.env["qbo.mapping"].search([
            ("backend_id", "=", backend.id), ("entity", "=", "Account"), ("model", "=", "account.account"),
            ("state", "=", "mapped"), ("res_id", "in", accounts.ids)])}
        return [
            Entry(account.id, names=(account.name,), code=mapped[account.id], used=True)
            for account in accounts if account.id in mapped
        ]

    # === QUICKBOOKS' SIDE === #

    def _qbo_entries(self, backend, entity, model):
        references = self.env["qbo.reference"].search([("backend_id", "=", backend.id), ("entity", "=", entity)])
        if entity == "TaxCode":
            references = references.filtered(
                lambda code: code.qbo_id not in PSEUDO_TAX_CODES and not (code.document or {}).get("hidden"))
        if entity == "Item":
            references = references.filtered(lambda reference: reference.kind in ("Service", "NonInventory"))
        if model == "account.journal":
            references = references.filtered(is_money)
        return [self._qbo_entry(backend, reference) for reference in references]

    def _qbo_entry(self, backend, reference):
        said, home = reference.document or {}, backend.company_id.currency_id
        names = tuple(dict.fromkeys(name for name in (said.get("name"), reference.name) if name))
        code = said.get("income_account_id", "") if reference.entity == "Item" else reference.code or ""
        return Entry(
            reference.id, names=names, code=code, kinds=frozenset([reference.kind or ""]),
            currency=said.get("currency") or home.name,
            rate=exact(reference.rate) if reference.entity == "TaxCode" else None,
            terms=qbo_term_meaning(said) if reference.entity == "Term" else None)


def is_money(reference):
    """Tell whether the money of a bank or cash journal can lie in this account."""
    return reference.kind in ("Bank", "Credit Card") or (reference.document or {}).get("subkind") == "UndepositedFunds"


def exact(rate):
    """Return a rate in percent with Odoo's four digits."""
    return round(Decimal(str(rate)), 4)


def tax_rate(tax):
    """Return the percentage of a tax; of a group the sum of its taxes; None when there is no fixed percentage."""
    parts = tax.children_tax_ids if tax.amount_type == "group" else tax
    if any(part.amount_type != "percent" for part in parts):
        return None
    return sum((exact(part.amount) for part in parts), Decimal(0))


def qbo_percent(tax):
    """Return the percentage of a single tax without padding zeros."""
    return exact(tax.amount).normalize() + 0


def term_meaning(term):
    """Return (days, early discount in percent, its days) of a term of one part that counts days; else None."""
    line = term.line_ids
    if len(line) != 1 or line.value != "percent" or line.value_amount != 100.0 or line.delay_type != "days_after":
        return None
    discount = (exact(term.discount_percentage), term.discount_days) if term.early_discount else (Decimal(0), 0)
    return (line.nb_days, *discount)


def qbo_term_meaning(said):
    """Return the same of a stored QuickBooks term; one that is due on a day of the month is something else: None."""
    if said.get("day_of_month_due") is not None:
        return None
    if said.get("due_days") is None:
        return DUE_ON_RECEIPT if not said.get("discount_percent") else None
    discount = exact(said.get("discount_percent") or 0)
    return (said["due_days"], discount, said.get("discount_days") or 0 if discount else 0)
