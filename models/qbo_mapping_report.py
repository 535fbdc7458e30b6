"""What a list of mappings says at a glance: where each record is used, and how many are mapped, proposed or missing."""

from odoo import api, fields, models

SALES = ("out_invoice", "out_refund", "out_receipt")
REPORT_STATES = ("mapped", "proposed", "ambiguous", "missing")


class QboMapping(models.Model):
    _inherit = "qbo.mapping"

    found_by = fields.Selection(selection_add=[("several", "Several could be it"), ("similar",)])
    used_count = fields.Integer(
        "Used in", compute="_compute_used_count",
        help="Posted documents of Odoo that use the record: invoices and credit notes, of journals and payment methods "
             "the payments of customers; of tags the customers that have it.")

    # === WHERE IT IS USED === #

    @api.depends("entity", "model", "res_id", "backend_id")
    def _compute_used_count(self):
        """Count documents: one query for each kind of record and connection, however many rows are shown."""
        self.used_count = 0
        for (backend, entity, model), rows in self.grouped(
                lambda row: (row.backend_id, row.entity, row.model)).items():
            counts = self._used_counts(backend, entity, model, rows.mapped("res_id"))
            for row in rows:
                row.used_count = counts.get(row.res_id, 0)

    @api.model
    def _used_counts(self, backend, entity, model, ids):
        """Return {record id: number of documents that use it} for one kind of record."""
        table, domain, field, count = self._usage(backend, entity, model)
        # A person who maps need not be allowed to read every invoice to see how many there are.
        groups = self.env[table].sudo()._read_group([*domain, (field, "in", ids)], [field], [count])
        return {record if isinstance(record, int) else record.id: number for record, number in groups}

    @api.model
    def _usage(self, backend, entity, model):
        """Return where records of a kind are used: (model, domain, field, aggregate that counts documents)."""
        companies = [("company_id", "in", backend.sudo()._companies().ids)]
        lines = [*companies, ("parent_state", "=", "posted"), ("move_id.move_type", "in", SALES),
                 ("display_type", "=", "product")]
        if entity == "Item":
            lines.append(("product_id", "=", False))
        payments = [*companies, ("state", "in", ("in_process", "paid")), ("partner_type", "=", "customer")]
        moves = [*companies, ("state", "=", "posted"), ("move_type", "in", SALES)]
        return {
            "account.account": ("account.move.line", lines, "account_id", "move_id:count_distinct"),
            "account.tax": ("account.move.line", lines, "tax_ids", "move_id:count_distinct"),
            "account.payment.term": ("account.move", moves, "invoice_payment_term_id", "__count"),
            "account.journal": ("account.payment", payments, "journal_id", "__count"),
            "account.payment.method.line": ("account.payment", payments, "payment_method_line_id", "__count"),
        }[model]

    # === THE REPORT ABOVE THE LIST === #

    @api.model
    def get_report(self, domain):
        """Return how the mappings of a list stand, for the line above it.

        :param domain: the domain of the list
        :return: ``{"total", "mapped", "proposed", "ambiguous", "missing", "blocked"}``: rows, and the documents that
            wait for rows that are not mapped
        """
        rows = self.search_fetch(domain, ["backend_id", "entity", "model", "res_id", "state", "found_by"])
        report = dict.fromkeys(REPORT_STATES, 0)
        for row in rows:
            report["ambiguous" if row.state == "missing" and row.found_by == "several" else row.state] += 1
        waiting = rows.filtered(lambda row: row.state != "mapped")
        blocked = self.env["qbo.job"]._read_group(
            [("state", "=", "blocked"), ("backend_id", "in", waiting.backend_id.ids),
             ("blocked_key", "in", [row._blocking_key() for row in waiting])], [], ["__count"])
        return {**report, "total": len(rows), "blocked": blocked[0][0]}
