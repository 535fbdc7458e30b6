"""What a record says about its QuickBooks counterpart: status, id, link, problem, and the actions on it."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

from .const import OPEN_JOB_STATES, PROBLEM_DOMAIN, STATUSES

# The worst first: a record with several links (currencies, variants) shows the one that needs a person most.
WORST_FIRST = ["failed", "conflict", "missing", "approval", "syncing", "not_synced", "excluded", "skipped", "synced"]

STATUS_FIELDS = ("qbo_id", "qbo_status", "qbo_url", "qbo_error", "qbo_synced_at", "qbo_exclude", "qbo_tooltip")
CACHED_FIELDS = (*STATUS_FIELDS, "qbo_panel", "qbo_caution")

# Pages of QuickBooks' web client.
PAGES = {
    "Customer": "customerdetail?nameId=%s",
    "Vendor": "vendordetail?nameId=%s",
    "Item": "items?itemId=%s",
    "Invoice": "invoice?txnId=%s",
    "CreditMemo": "creditmemo?txnId=%s",
    "SalesReceipt": "salesreceipt?txnId=%s",
    "RefundReceipt": "refundreceipt?txnId=%s",
    "Payment": "recvpayment?txnId=%s",
    "JournalEntry": "journal?txnId=%s",
    "Deposit": "deposit?txnId=%s",
    "Purchase": "expense?txnId=%s",
}
WEB_CLIENTS = {"production": "https://app.qbo.intuit.com/app/", "sandbox": "https://app.sandbox.qbo.intuit.com/app/"}


class QboStatusMixin(models.AbstractModel):
    """Status fields for the QuickBooks connection of the current company (of a document: of its own company).

    Nothing is stored on the record: a write on a posted invoice would recompute it, move its write date and collide
    with users. The fields read ``qbo.binding`` by one statement for a recordset, and translate themselves to SQL for
    searching, grouping and sorting.
    """

    _name = "qbo.status.mixin"
    _description = "QuickBooks Status"

    qbo_id = fields.Char(
        "QuickBooks ID",
        compute="_compute_qbo_fields",
        search="_search_qbo_id",
        copy=False,
        groups="qbo_sync.group_user",
    )
    qbo_status = fields.Selection(
        STATUSES,
        "QuickBooks",
        compute="_compute_qbo_fields",
        search="_search_qbo_status",
        copy=False,
        groups="qbo_sync.group_user",
        help="What the sync with QuickBooks Online says about this record.",
    )
    qbo_url = fields.Char("QuickBooks page", compute="_compute_qbo_fields", groups="qbo_sync.group_user", copy=False)
    qbo_error = fields.Text(
        "QuickBooks problem", compute="_compute_qbo_fields", groups="qbo_sync.group_user", copy=False
    )
    qbo_synced_at = fields.Datetime(
        "Synced with QuickBooks at", compute="_compute_qbo_fields", groups="qbo_sync.group_user", copy=False
    )
    qbo_tooltip = fields.Char(
        "QuickBooks status in words", compute="_compute_qbo_fields", groups="qbo_sync.group_user", copy=False
    )
    qbo_exclude = fields.Boolean(
        "Exclude from QuickBooks sync",
        compute="_compute_qbo_fields",
        inverse="_inverse_qbo_exclude",
        copy=False,
        groups="qbo_sync.group_user",
        help="This record never crosses, in either direction, between Odoo and the QuickBooks company "
        "of the current company.",
    )

    # === WHAT MODELS DECIDE FOR THEMSELVES === #

    def _qbo_linked(self):
        """Return the records that hold the links of these records (a product template: its variants)."""
        return self

    def _qbo_backend_sql(self, alias):
        """Return the SQL of the id of the backend that serves a row; NULL when none does."""
        backend_id = self.env["qbo.backend"]._id_for_company(self.env.company.id)
        return SQL("%s::int4", backend_id or None)

    def _qbo_backend_ids(self):
        """Return {record id: backend id}, without the records that no backend serves."""
        backend_id = self.env["qbo.backend"]._id_for_company(self.env.company.id)
        return dict.fromkeys(self._origin.ids, backend_id) if backend_id else {}

    def _qbo_links_sql(self, record_id, backend_id):
        """Return ``FROM ... WHERE ...`` that selects the links ``b`` of one record."""
        return SQL(
            "FROM qbo_binding b WHERE b.model = %s AND b.res_id = %s AND b.backend_id = %s",
            self._name,
            record_id,
            backend_id,
        )

    def _qbo_eligible_sql(self, alias):
        """Return the SQL condition under which a row without a link is called 'Not synced' (else it has no status)."""
        return SQL("TRUE")

    def _qbo_eligible(self):
        """Tell the same of one record."""
        return True

    def _qbo_entity(self):
        """Return the entity of QuickBooks that this record is or would be."""
        raise NotImplementedError

    # === COMPUTE === #

    @api.depends_context("company", "lang", "tz", "uid")
    def _compute_qbo_fields(self):
        links = self._qbo_links()
        backends = {backend.id: backend for backend in self._qbo_backends()}
        served = self._qbo_backend_ids()
        for record in self:
            backend = backends.get(served.get(record._origin.id))
            record.update(record._qbo_values(backend, links.get(record._origin.id, [])))

    def _qbo_values(self, backend, links):
        """Return the values of the status fields of one record, from its links (the worst first)."""
        if not backend:
            return dict.fromkeys(STATUS_FIELDS, False)
        worst = links[0] if links else {"status": self._qbo_eligible() and "not_synced"}
        known = min((link for link in links if link["qbo_id"]), key=_as_shown, default={})
        return {
            "qbo_id": known.get("qbo_id"),
            "qbo_status": worst["status"],
            "qbo_url": backend._qbo_page_url(known["entity"], known["qbo_id"]) if known else False,
            "qbo_error": worst.get("error"),
            "qbo_synced_at": max((link["synced_at"] for link in links if link["synced_at"]), default=False),
            "qbo_exclude": any(link["excluded"] for link in links),
            "qbo_tooltip": worst["status"] and self._qbo_sentence(worst),
        }

    def _qbo_links(self):
        """Return {record id: [link as a dict, the worst first]}, read in one statement."""
        served = self._qbo_backend_ids()
        if not served:
            return {}
        self.env["qbo.binding"].flush_model()
        rows = self.env.execute_query_dict(
            SQL(
                "SELECT t.id AS record_id, l.* FROM unnest(%s, %s) t(id, backend_id) CROSS JOIN LATERAL"
                " (SELECT b.entity, b.role, b.qbo_id, coalesce(b.status, 'not_synced') AS status, b.error, b.note,"
                " b.synced_at, coalesce(b.excluded, FALSE) AS excluded, b.write_date %s) l"
                " ORDER BY t.id, array_position(%s, l.status::text), l.role, l.qbo_id",
                list(served),
                list(served.values()),
                self._qbo_links_sql(SQL("t.id"), SQL("t.backend_id")),
                WORST_FIRST,
            )
        )
        links = {}
        for row in rows:
            links.setdefault(row["record_id"], []).append(row)
        return links

    def _qbo_sentence(self, link):
        """Return what a person reads on hovering: what, since when, what happens next."""
        env = self.env
        moment = link.get("synced_at") if link["status"] == "synced" else link.get("write_date")
        when = format_datetime(env, moment, dt_format="short") if moment else ""
        label = dict(self._fields["qbo_status"]._description_selection(env))[link["status"]]
        following = {
            "synced": "",
            "syncing": env._("On its way; nothing to do."),
            "approval": env._("An approver decides in QuickBooks > Sync Center."),
            "not_synced": env._("It crosses with one of the next syncs if the rules let it."),
            "failed": env._("See QuickBooks > Problems; once mended, it goes by itself or by Retry."),
            "conflict": env._("Both sides changed: decide in QuickBooks > Problems."),
            "missing": env._("It stays out of QuickBooks unless a person clears its ID or links it again."),
            "skipped": env._("A person skipped it; it crosses again when it changes."),
            "excluded": env._("A person excluded it; it never crosses."),
        }[link["status"]]
        head = env._("%(status)s %(time)s", status=label, time=when).strip()
        middle = (link.get("error") or link.get("note") or "").strip()
        if not middle:
            return f"{head}. {following}".strip()
        return f"{head}: {middle.rstrip('.')}. {following}".strip()

    # === SEARCH, GROUP, SORT === #

    def _qbo_status_sql(self, alias):
        backend_id = self._qbo_backend_sql(alias)
        record_id = SQL.identifier(alias, "id")
        return SQL(
            "(CASE WHEN %(backend)s IS NULL THEN NULL ELSE coalesce("
            "(SELECT coalesce(b.status, 'not_synced') %(links)s ORDER BY array_position(%(order)s,"
            " coalesce(b.status, 'not_synced')::text) LIMIT 1),"
            " CASE WHEN %(eligible)s THEN 'not_synced' END) END)",
            backend=backend_id,
            links=self._qbo_links_sql(record_id, backend_id),
            order=WORST_FIRST,
            eligible=self._qbo_eligible_sql(alias),
        )

    def _qbo_id_sql(self, alias):
        return SQL(
            "(SELECT b.qbo_id %s AND b.qbo_id IS NOT NULL ORDER BY (b.entity = 'Vendor'), b.role, b.qbo_id LIMIT 1)",
            self._qbo_links_sql(SQL.identifier(alias, "id"), self._qbo_backend_sql(alias)),
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "qbo_status" or field_expr == "qbo_id":
            self._check_field_access(self._fields[field_expr], "read")
            self.env["qbo.binding"].flush_model()
            return self._qbo_status_sql(alias) if field_expr == "qbo_status" else self._qbo_id_sql(alias)
        return super()._field_to_sql(alias, field_expr, query)

    @api.model
    def _search_qbo_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._qbo_in_domain("qbo_status", value)

    @api.model
    def _search_qbo_id(self, operator, value):
        if operator == "in":
            return self._qbo_in_domain("qbo_id", value)
        if operator in ("ilike", "like"):
            pattern = f"%{value}%"
            return Domain.custom(
                to_sql=lambda model, alias, query: SQL(
                    "%s ILIKE %s", model._field_to_sql(alias, "qbo_id", query), pattern
                )
            )
        return NotImplemented

    @api.model
    def _qbo_in_domain(self, fname, values):
        """Return the domain of the rows whose ``fname`` is one of ``values``; a false value stands for "none"."""
        texts = [str(value) for value in values if value]
        with_none = any(not value for value in values)

        def to_sql(model, alias, query):
            sql = model._field_to_sql(alias, fname, query)
            if with_none:
                return SQL("(%s = ANY(%s) OR %s IS NULL)", sql, texts, sql)
            condition = SQL("%s = ANY(%s)", sql, texts)
            if "not_synced" in texts:
                return condition
            # Few rows have such a link, and an index finds them: the condition itself is then judged for those only.
            return SQL("(%s IN %s AND %s)", SQL.identifier(alias, "id"), model._qbo_linked_ids(fname, texts), condition)

        return Domain.custom(to_sql=to_sql)

    @api.model
    def _qbo_linked_ids(self, fname, values):
        """Return the query of the ids of records with a link whose column has one of ``values``."""
        column = SQL.identifier("b", "status" if fname == "qbo_status" else "qbo_id")
        return SQL(
            "(SELECT b.res_id FROM qbo_binding b WHERE b.model = %s AND %s = ANY(%s))", self._name, column, values
        )

    # === EXCLUDE === #

    def _inverse_qbo_exclude(self):
        """Store what changed only: forms send the value of every new record, and saying nothing needs no right."""
        links = self._qbo_links()
        changed = self.filtered(
            lambda record: record.qbo_exclude is not any(link["excluded"] for link in links.get(record.id, ()))
        )
        for excluded, records in changed.grouped("qbo_exclude").items():
            records._qbo_set_excluded(excluded)

    def _qbo_set_excluded(self, excluded):
        """Keep these records out of the sync, or let them in again, for the backend that serves each.

        :raise AccessError: when the user is no approver
        :raise UserError: when no QuickBooks company is connected
        """
        self._qbo_check_approver()
        served = self._qbo_backend_ids()
        if not served and self:
            raise UserError(self.env._("No QuickBooks company is connected to this company."))
        for backend in self._qbo_backends():
            records = self.browse([record_id for record_id, own in served.items() if own == backend.id])
            records._qbo_linked()._qbo_write_excluded(backend, excluded)
        self.env.invalidate_all()

    def _qbo_write_excluded(self, backend, excluded):
        bindings = (
            self.env["qbo.binding"]
            .sudo()
            .search([("backend_id", "=", backend.id), ("model", "=", self._name), ("res_id", "in", self.ids)])
        )
        for binding in bindings.filtered(lambda binding: binding.excluded != excluded):
            status = "excluded" if excluded else _status_without_exclusion(binding)
            binding.write({"excluded": excluded, "status": status})
        unlinked = self.browse(set(self.ids) - set(bindings.mapped("res_id")))
        if excluded:
            bindings.create([record._qbo_exclusion_values(backend) for record in unlinked])
            self._qbo_cancel_jobs(backend)
        else:
            self.env["qbo.change"]._mark(self._name, self.ids, backend.company_id.ids)

    def _qbo_exclusion_values(self, backend):
        return {
            "backend_id": backend.id,
            "company_id": backend.company_id.id,
            "entity": self._qbo_entity(),
            "model": self._name,
            "res_id": self.id,
            "excluded": True,
            "status": "excluded",
        }

    def _qbo_cancel_jobs(self, backend):
        """Take what waits about these records off the lists: an excluded record has no open question."""
        self.env["qbo.job"].sudo().search(
            [
                ("backend_id", "=", backend.id),
                ("model", "=", self._name),
                ("res_id", "in", self.ids),
                ("state", "in", OPEN_JOB_STATES),
            ]
        )._cancel()

    # === ACTIONS === #

    def _qbo_backends(self):
        """Return the backends that serve these records, as superuser."""
        return self.env["qbo.backend"].sudo().browse(sorted(set(self._qbo_backend_ids().values())))

    def _qbo_check_approver(self):
        if not self.env.su and not self.env.user.has_group("qbo_sync.group_approver"):
            raise AccessError(self.env._("Only an approver of the QuickBooks sync can do this."))

    def action_qbo_sync_now(self):
        """Mark these records as changed and start a sync of their company."""
        backends = self._qbo_backends()
        if not backends:
            raise UserError(self.env._("No QuickBooks company is connected to this company."))
        for backend in backends:
            linked = self._qbo_linked()
            self.env["qbo.change"]._mark(linked._name, linked.ids, backend.company_id.ids)
        names = ", ".join(self[:3].mapped("display_name"))
        description = self.env._("Sync now: %(records)s", records=names)
        for backend in backends:
            backend.with_env(self.env).action_sync_now(description)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("The sync starts. The status changes when it is done."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_qbo_open(self):
        """Open the page of this record in QuickBooks."""
        self.ensure_one()
        if not self.qbo_url:
            raise UserError(self.env._("This record is not in QuickBooks yet."))
        return {"type": "ir.actions.act_url", "url": self.qbo_url, "target": "new"}

    def action_qbo_problem(self):
        """Open what keeps this record from crossing: its problem, else (deleted in QuickBooks) the link dialog."""
        self.ensure_one()
        linked = self._qbo_linked()
        job = self.env["qbo.job"].search(
            [("model", "=", linked._name), ("res_id", "in", linked.ids), *PROBLEM_DOMAIN], limit=1)
        if not job and self.qbo_id:
            job = self.env["qbo.job"].search([
                ("backend_id", "in", self._qbo_backends().ids), ("entity", "=", self._qbo_entity()),
                ("qbo_id", "=", self.qbo_id), *PROBLEM_DOMAIN], limit=1)
        return job.get_formview_action() if job else self.action_qbo_relink()

    def action_qbo_relink(self):
        """Open the dialog that clears or changes the link of this record."""
        self._qbo_check_approver()
        linked = self._qbo_linked()
        if len(linked) != 1:
            raise UserError(self.env._("Choose one record: links are mended one at a time."))
        return self.env["qbo.relink.wizard"]._action_for(linked)

    def action_qbo_clear_id(self):
        """Open the same dialog with "Clear the ID" chosen."""
        action = self.action_qbo_relink()
        self.env["qbo.relink.wizard"].browse(action["res_id"]).choice = "clear"
        return action

    def action_qbo_exclude(self):
        self._qbo_set_excluded(True)

    def action_qbo_include(self):
        self._qbo_set_excluded(False)

    def action_qbo_history(self):
        """Show every crossing of these records."""
        linked = self._qbo_linked()
        action = self.env["ir.actions.act_window"]._for_xml_id("qbo_sync.action_qbo_job_history")
        action["domain"] = [("model", "=", linked._name), ("res_id", "in", linked.ids)]
        action["context"] = {}
        return action


def _as_shown(link):
    return (link["entity"] == "Vendor", link["role"] or "", link["qbo_id"])


def _status_without_exclusion(binding):
    if binding.missing:
        return "missing"
    if binding.skipped:
        return "skipped"
    return "synced" if binding.qbo_id else "not_synced"
