"""One connection of one Odoo company to one QuickBooks Online company."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import ormcache

from .const import (
    BACKEND_STATES,
    ENVIRONMENTS,
    POLICY_ENTITIES,
    POLICY_OF,
    PROBLEM_DOMAIN,
    PROBLEM_JOB_STATES,
    TAX_MODES,
    UNTAXED_KEY,
)


class QboBackend(models.Model):
    """What people edit about a connection: who is connected, what it can do, and the rules.

    Tokens, cursors and throttle counts are written by other transactions and live in tables of their own
    (``qbo.token``, ``qbo.cursor``, ``qbo.call.bucket``).
    """

    _name = "qbo.backend"
    _description = "QuickBooks Connection"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _check_company_auto = True
    _order = "company_id, id"

    # === WHO === #
    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, tracking=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    environment = fields.Selection(ENVIRONMENTS, required=True, default="sandbox", tracking=True)
    state = fields.Selection(BACKEND_STATES, required=True, default="draft", readonly=True, copy=False, tracking=True)
    state_message = fields.Text(readonly=True, copy=False, help="Why the connection is in this state, in words.")
    realm_id = fields.Char("QuickBooks company ID", readonly=True, copy=False, tracking=True)

    # === WHAT THE QUICKBOOKS COMPANY CAN DO (read at connect and by the daily care) === #
    qbo_company_name = fields.Char("QuickBooks company", readonly=True, copy=False)
    qbo_country = fields.Char(readonly=True, copy=False)
    qbo_home_currency = fields.Char(readonly=True, copy=False)
    qbo_multicurrency = fields.Boolean("Multicurrency", readonly=True, copy=False)
    qbo_tax_mode = fields.Selection(TAX_MODES, "Tax on sales", readonly=True, copy=False, default="none")
    qbo_custom_txn_numbers = fields.Boolean("Custom transaction numbers", readonly=True, copy=False)
    qbo_closing_date = fields.Date("Closing date in QuickBooks", readonly=True, copy=False)
    qbo_plan = fields.Char("Plan", readonly=True, copy=False)
    qbo_allow_discount = fields.Boolean(readonly=True, copy=False, default=True)
    qbo_auto_apply_credit = fields.Boolean(readonly=True, copy=False)

    # === RULES === #
    policy_ids = fields.One2many("qbo.policy", "backend_id", "What is synced")
    responsible_id = fields.Many2one(
        "res.users", default=lambda self: self.env.user, required=True,
        help="Salesperson of imported documents, and who is told when the connection needs a person.")
    customer_scope = fields.Selection(
        [("used", "Customers with documents"), ("all", "All customers")], "Customers that go to QuickBooks",
        required=True, default="used", tracking=True,
        help="Which customers of Odoo are created in QuickBooks.")
    contacts_as_subcustomers = fields.Boolean(
        "Invoiced contacts become sub-customers", tracking=True,
        help="Off: documents of a contact go to the company it belongs to.")
    item_scope = fields.Selection(
        [("used", "Products on documents"), ("all", "All products that are sold")], "Products that go to QuickBooks",
        required=True, default="used", tracking=True, help="Which products of Odoo are created in QuickBooks.")
    name_clash_suffix = fields.Char(
        "Suffix for taken names", default="(C)", required=True, tracking=True,
        help="QuickBooks wants each name once among customers, vendors and employees. When a vendor has the name "
             "already, the customer is named with this suffix, if the rule above says so; the history says it too.")
    rename_on_clash = fields.Boolean(
        "Add the suffix without asking", tracking=True,
        help="Off: a taken name waits under Problems until a person links or renames.")
    number_rule = fields.Selection(
        [("odoo", "Odoo's number"), ("qbo", "QuickBooks numbers by itself")], "Numbers in QuickBooks",
        required=True, default="odoo", tracking=True,
        help="Odoo's numbers need 'Custom transaction numbers' switched on in QuickBooks.")
    sale_journal_id = fields.Many2one(
        "account.journal", "Journal for imported invoices", domain="[('type', '=', 'sale')]", check_company=True)
    payment_journal_id = fields.Many2one(
        "account.journal", "Journal for imported payments", domain="[('type', 'in', ('bank', 'cash'))]",
        check_company=True, help="Used when the deposit account in QuickBooks is not mapped to a journal.")
    receivable_journal_id = fields.Many2one(
        "account.journal", "Journal for receivable entries", domain="[('type', '=', 'general')]", check_company=True,
        help="Journal entries, deposits and expenses of QuickBooks that move what customers owe are booked here. When "
             "empty, a journal 'QuickBooks receivables' is made with the first of them.")
    receivable_clearing_account_id = fields.Many2one(
        "account.account", "Clearing account for receivable entries", check_company=True,
        domain="[('account_type', 'not in', ('asset_receivable', 'liability_payable', 'off_balance'))]",
        help="Stands against the receivables where the account of the other side is not mapped, or is not clear.")
    default_product_id = fields.Many2one(
        "product.product", "Product for lines without an item", check_company=True,
        help="Imported lines that name no item get this product.")
    default_item_id = fields.Many2one(
        "qbo.reference", "Item for lines without a product",
        domain="[('backend_id', '=', id), ('entity', '=', 'Item')]",
        help="Odoo lines without a product, whose account is not mapped to an item, use this item.")

    untaxed_code_id = fields.Many2one(
        "qbo.reference", "Tax code of lines without a tax",
        domain="[('backend_id', '=', id), ('entity', '=', 'TaxCode')]",
        help="Outside the US QuickBooks wants a tax code on each line. This one goes with lines that have no tax in "
             "Odoo, and comes back as no tax.")
    included_prices = fields.Selection(
        [("net", "Net amounts"), ("paid", "Prices with tax")], "Prices that include tax", required=True,
        default="net", tracking=True,
        help="How new documents go to QuickBooks whose prices include tax in Odoo. With net amounts QuickBooks adds "
             "the tax; with prices it shows the same prices as Odoo. Totals are the same. A document that has prices "
             "of both kinds, or whose cents would differ by line, goes with net amounts.")

    # === RESULTS (written by the run that owns the backend) === #
    run_ids = fields.One2many("qbo.run", "backend_id")
    last_run_id = fields.Many2one("qbo.run", compute="_compute_last_run")
    approval_count = fields.Integer(compute="_compute_counts")
    problem_count = fields.Integer(compute="_compute_counts")
    pending_count = fields.Integer(compute="_compute_counts")

    _realm_uniq = models.UniqueIndex(
        "(environment, realm_id) WHERE realm_id IS NOT NULL AND active",
        "This QuickBooks company is already connected to a company of this database. Two Odoo companies cannot share "
        "one QuickBooks company, because each would overwrite the other's receivables.")
    _company_uniq = models.UniqueIndex(
        "(company_id) WHERE active AND state IN ('connected', 'active', 'reconnect')",
        "This company has a QuickBooks connection already. Archive it before you connect another one.")

    # === COMPUTE METHODS === #

    def _compute_last_run(self):
        runs = self.env["qbo.run"]
        for backend in self:
            backend.last_run_id = runs.search([("backend_id", "=", backend.id)], order="id desc", limit=1)

    def _compute_counts(self):
        groups = self.env["qbo.job"]._read_group(
            Domain("backend_id", "in", self.ids)
            & (Domain("state", "in", ("approval", "pending", "sending")) | Domain(PROBLEM_DOMAIN)),
            ["backend_id", "state"], ["__count"])
        counts = {}
        for backend, state, count in groups:
            counts.setdefault(backend.id, {})[state] = count
        for backend in self:
            own = counts.get(backend.id, {})
            backend.approval_count = own.get("approval", 0)
            backend.problem_count = sum(own.get(state, 0) for state in PROBLEM_JOB_STATES)
            backend.pending_count = own.get("pending", 0) + own.get("sending", 0)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        backends = super().create(vals_list)
        backends._create_policies()
        self.env.registry.clear_cache()
        return backends

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"state", "active", "company_id"}:
            self.env.registry.clear_cache()
        if vals.get("untaxed_code_id"):
            for backend in self:
                self.env["qbo.job"]._release(backend, [UNTAXED_KEY])
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_connected(self):
        if any(backend.state in ("connected", "active") for backend in self):
            raise UserError(self.env._("Disconnect from QuickBooks before you delete the connection."))

    @api.constrains("company_id")
    def _check_company_unchanged(self):
        for backend in self:
            if self.env["qbo.binding"].sudo().search_count(
                    [("backend_id", "=", backend.id), ("company_id", "!=", backend.company_id.id)], limit=1):
                raise ValidationError(self.env._(
                    "Records of %(company)s are linked through this connection; it cannot move to another company.",
                    company=backend.company_id.display_name))

    def _create_policies(self):
        """Give each backend one rule for each entity: both ways, a person approves what goes out."""
        existing = {(policy.backend_id.id, policy.entity) for policy in self.policy_ids}
        self.env["qbo.policy"].create([
            {"backend_id": backend.id, "entity": entity}
            for backend in self for entity, _label in POLICY_ENTITIES if (backend.id, entity) not in existing
        ])

    @api.model
    def _complete_policies(self):
        """Give connections of an older version the rules that they lack."""
        # There are as many as companies.
        self.search([])._create_policies()  # pylint: disable=no-search-all

    # === LOOKUP === #

    @api.model
    @ormcache("company_id")
    def _id_for_company(self, company_id):
        """Return the id of the connected backend that serves a company: its own, its nearest parent's, else False."""
        company = self.env["res.company"].sudo().browse(company_id)
        backends = {
            backend.company_id.id: backend.id
            for backend in self.sudo().search([
                ("company_id", "in", company.parent_ids.ids), ("state", "in", ("connected", "active", "reconnect"))])
        }
        return next((backends[parent.id] for parent in reversed(company.parent_ids) if parent.id in backends), False)

    @api.model
    @ormcache()
    def _ids_marking(self):
        """Return the backends for which changes are recorded, as a tuple of ``(id, company ids)``."""
        backends = self.sudo().search([("state", "in", ("connected", "active", "reconnect"))])
        return tuple((backend.id, frozenset(backend._companies().ids)) for backend in backends)

    def _companies(self):
        """Return the companies that this backend serves: its own and the branches that have no backend of their own."""
        self.ensure_one()
        branches = self.env["res.company"].sudo().search([("id", "child_of", self.company_id.id)])
        return branches.filtered(lambda company: self._id_for_company(company.id) == self.id) | self.company_id

    def _policy(self, entity):
        """Return the rule of this backend for ``entity`` (empty when the entity has none)."""
        return self.policy_ids.filtered(lambda policy: policy.entity == POLICY_OF.get(entity, entity))[:1]

    def _for_work(self):
        """Return this backend as the worker sees it: superuser, its company, and only the companies that it serves."""
        self.ensure_one()
        backend = self.sudo()
        companies = backend._companies()
        ordered = backend.company_id | companies
        return backend.with_context(
            allowed_company_ids=ordered.ids, lang=backend.responsible_id.lang or self.env.lang, tz="UTC",
        ).with_company(backend.company_id)
