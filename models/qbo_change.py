"""Marks 'this record may have changed'."""

from odoo import api, fields, models
from odoo.tools import SQL


class QboChange(models.Model):
    """Append-only: users' transactions insert, the worker deletes what it folds into jobs.

    No unique index and no foreign key: under REPEATABLE READ an upsert or a locked parent row would make users' postings wait for, or fail
    because of, the worker.
    """

    _name = "qbo.change"
    _description = "QuickBooks Change Mark"
    _log_access = False

    backend_id = fields.Integer(required=True, index=True)
    model = fields.Char(required=True)
    res_id = fields.Integer(required=True)
    marked_at = fields.Datetime(required=True)

    @api.model
    def _mark(self, model, ids, company_ids=None):
        """Append one mark for each id and each backend concerned, in one statement.

        :param company_ids: when given, only backends that serve one of these companies are concerned.
        """
        if not ids:
            return
        applying = self.env.context.get("qbo_applying")
        backend_ids = [
            backend_id for backend_id, companies in self.env["qbo.backend"]._ids_marking()
            if backend_id != applying and (company_ids is None or companies.intersection(company_ids))
        ]
        if backend_ids:
            self.env.cr.execute(SQL(
                "INSERT INTO qbo_change (backend_id, model, res_id, marked_at)"
                " SELECT b, %s, i, now() AT TIME ZONE 'UTC' FROM unnest(%s) b, unnest(%s) i",
                model, backend_ids, list(ids)))
