"""Where adjustments, write-offs, late fees, roundings and the migration are booked, chosen in one place."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

KINDS = [
    ("adjust_up", "Adjustment up"), ("adjust_down", "Adjustment down"), ("write_off", "Write-off"),
    ("late_fee", "Late fee"), ("rounding", "Rounding"), ("migration", "Opening balances"),
]


class QboTarget(models.Model):
    """One row for each kind. What is chosen here is kept as ordinary mappings and links, so that there is one truth.

    Account with account and account with item are mappings; product with item is a link. Rounding lines have neither
    product nor an account that says what they are: their item is looked up here.
    """

    _name = "qbo.target"
    _description = "QuickBooks Booking Target"
    _inherit = ["mail.thread"]
    _order = "backend_id, id"
    _rec_name = "kind"
    _check_company_auto = True

    backend_id = fields.Many2one("qbo.backend", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="backend_id.company_id", store=True)
    kind = fields.Selection(KINDS, "Used for", required=True, readonly=True)
    meaning = fields.Char("What it does", compute="_compute_meaning")
    missing = fields.Char("What is missing", compute="_compute_missing")
    state = fields.Selection(
        [("empty", "Not chosen"), ("half", "Incomplete"), ("ready", "Ready")], compute="_compute_missing")
    odoo_account_id = fields.Many2one("account.account", "Account in Odoo", check_company=True, tracking=True)
    account_id = fields.Many2one(
        "qbo.reference", "Account in QuickBooks", ondelete="restrict", tracking=True,
        domain="[('backend_id', '=', backend_id), ('entity', '=', 'Account')]")
    product_id = fields.Many2one("product.product", "Product in Odoo", check_company=True, tracking=True)
    item_id = fields.Many2one(
        "qbo.reference", "Item in QuickBooks", ondelete="restrict", tracking=True,
        domain="[('backend_id', '=', backend_id), ('entity', '=', 'Item'), "
               "('kind', 'in', ('Service', 'NonInventory'))]")

    _kind_uniq = models.UniqueIndex("(backend_id, kind)")

    def _compute_meaning(self):
        texts = {
            "adjust_up": self.env._("Raises what a customer owes, without a sale: lines on this account, or with this "
                                    "product, go to QuickBooks as this item, and entries to this account."),
            "adjust_down": self.env._("Lowers what a customer owes, without a return of goods; as above."),
            "write_off": self.env._("What is given up as bad debt: entries on the account in Odoo go to the account in "
                                    "QuickBooks, and back."),
            "late_fee": self.env._("Finance charges: QuickBooks' late fees come over as lines with this product, and "
                                   "invoices of Odoo with it go out as this item."),
            "rounding": self.env._("Cash rounding lines of Odoo go to QuickBooks as this item."),
            "migration": self.env._("Opening balances that are brought over at the start."),
        }
        for target in self:
            target.meaning = texts.get(target.kind, "")

    @api.depends_context("lang")
    @api.depends("kind", "odoo_account_id", "account_id", "product_id", "item_id", "account_id.active",
                 "item_id.active")
    def _compute_missing(self):
        for target in self:
            words = target._what_is_missing()
            chosen = target.odoo_account_id or target.account_id or target.product_id or target.item_id
            target.missing = " ".join(words) or (False if chosen else target._without())
            target.state = "half" if words else "ready" if chosen else "empty"

    def _what_is_missing(self):
        """Return in words what keeps that which was chosen from taking effect."""
        self.ensure_one()
        words = [self.env._("%(entry)s is not active in QuickBooks.", entry=entry.name)
                 for entry in (self.account_id, self.item_id) if entry and not entry.active]
        if self.odoo_account_id and not (self.account_id or self.item_id):
            words.append(self.env._("Choose the account or the item in QuickBooks."))
        if self.account_id and not self.odoo_account_id:
            words.append(self.env._("Choose the account in Odoo."))
        if self.product_id and not self.item_id:
            words.append(self.env._("Choose the item in QuickBooks."))
        if self.item_id and not (self.product_id or self.odoo_account_id or self.kind == "rounding"):
            words.append(self.env._("Choose the product or the account in Odoo."))
        return words + self._mapped_otherwise()

    def _mapped_otherwise(self):
        """Return in words which mapping was changed since, so that it does not say what is chosen here."""
        rows = self.env["qbo.mapping"].sudo().search([
            ("backend_id", "=", self.backend_id.id), ("model", "=", "account.account"),
            ("res_id", "=", self.odoo_account_id.id)]) if self.odoo_account_id else ()
        chosen = {"Account": self.account_id, "Item": self.item_id}
        return [self.env._(
            "The mapping of %(account)s says %(other)s: choose again here, or there.",
            account=self.odoo_account_id.display_name, other=row.reference_id.name or "-")
            for row in rows if chosen.get(row.entity) and row.reference_id != chosen[row.entity]]

    def _without(self):
        """Return what happens as long as nothing is chosen."""
        texts = {
            "adjust_up": self.env._("Nothing chosen: lines and entries go by the mapping of their account."),
            "adjust_down": self.env._("Nothing chosen: lines and entries go by the mapping of their account."),
            "write_off": self.env._("Nothing chosen: a write-off waits until its account is mapped, or goes to the "
                                    "clearing account."),
            "late_fee": self.env._("Nothing chosen: a late fee of QuickBooks comes with the product of its item, or "
                                   "the product for lines without an item."),
            "rounding": self.env._("Nothing chosen: roundings go as the item for lines without a product."),
            "migration": self.env._("Nothing chosen: opening balances wait until their account is mapped, or go to "
                                    "the clearing account."),
        }
        return texts.get(self.kind, "")

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        targets = super().create(vals_list)
        targets._take_effect()
        return targets

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"odoo_account_id", "account_id", "product_id", "item_id"}:
            self._take_effect()
        return result

    @api.constrains("account_id", "item_id", "backend_id")
    def _check_entries(self):
        for target in self:
            for entry, entity in ((target.account_id, "Account"), (target.item_id, "Item")):
                if entry and (entry.backend_id != target.backend_id or entry.entity != entity):
                    raise ValidationError(self.env._(
                        "%(entry)s belongs to another QuickBooks company or list.", entry=entry.display_name))

    @api.model
    def _ensure(self, backends):
        """Give each connection one row of each kind."""
        known = {(target.backend_id.id, target.kind) for target in self.search([("backend_id", "in", backends.ids)])}
        self.create([{"backend_id": backend.id, "kind": kind}
                     for backend in backends for kind, _label in KINDS if (backend.id, kind) not in known])

    # === EFFECT === #

    def _take_effect(self):
        """Write the mappings and the link that follow from what was chosen.

        :raise UserError: the product or the item is linked with something else
        """
        for target in self:
            if target.odoo_account_id and target.account_id:
                target._map("Account", target.account_id)
            if target.odoo_account_id and target.item_id:
                target._map("Item", target.item_id)
            if target.product_id and target.item_id:
                target._link()

    def _map(self, entity, reference):
        mappings, account = self.env["qbo.mapping"].sudo(), self.odoo_account_id
        row = mappings.search([
            ("backend_id", "=", self.backend_id.id), ("entity", "=", entity), ("model", "=", account._name),
            ("res_id", "=", account.id)])
        if row:
            row.write({"reference_id": reference.id})
        else:
            mappings.create({"backend_id": self.backend_id.id, "entity": entity, "model": account._name,
                             "res_id": account.id, "reference_id": reference.id})

    def _link(self):
        """Link product and item, if neither is linked with something else."""
        links = self.env["qbo.binding"].sudo()
        row = links._by_record(self.backend_id, "Item", "product.product", self.product_id.ids).get(
            (self.product_id.id, ""), links)
        if row.qbo_id == self.item_id.qbo_id:
            return
        holder = links._by_qbo_id(self.backend_id, "Item", [self.item_id.qbo_id]).get(self.item_id.qbo_id)
        if row.qbo_id or holder and holder._record():
            raise UserError(self.env._(
                "%(item)s of QuickBooks and %(product)s of Odoo cannot be one: %(taken)s is linked with something else "
                "already. Choose its counterpart, or clear its QuickBooks ID first.",
                item=self.item_id.name, product=self.product_id.display_name,
                taken=self.product_id.display_name if row.qbo_id else self.item_id.name))
        row = row or links.create({
            "backend_id": self.backend_id.id, "company_id": self.company_id.id, "entity": "Item",
            "model": "product.product", "res_id": self.product_id.id})
        row.with_env(self.env)._relink(self.item_id.qbo_id, self.env._("Chosen for: %(kind)s", kind=dict(
            self._fields["kind"]._description_selection(self.env))[self.kind]))


class QboBackend(models.Model):
    _inherit = "qbo.backend"

    target_ids = fields.One2many("qbo.target", "backend_id")

    @api.model_create_multi
    def create(self, vals_list):
        backends = super().create(vals_list)
        self.env["qbo.target"].sudo()._ensure(backends)
        return backends

    def _target(self, kind):
        """Return the row for one of :data:`KINDS`; empty when there is none yet."""
        return self.target_ids.filtered(lambda target: target.kind == kind)[:1]


class ProductTemplate(models.Model):
    _inherit = "product.template"

    qbo_by_account = fields.Boolean(
        "Only by its account", groups="qbo_sync.group_user",
        help="In QuickBooks this product has no item of its own: its lines go there as the item of their account, "
             "which Mappings > Items shows and creates on request. Its text, quantity and price go along.")
