"""Marks 'this record may have changed'."""

from odoo import api, fields, models
from odoo.tools import SQL


class QboChange(models.Model):
    """Append-only: users' transactions insert, the worker deletes what it folds into jobs.

    No unique index and no foreign key: under REPEATABLE READ an upsert or a locked parent row would make users'
    postings wait for, or fail because of, the worker.
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
        """Remember that records may have changed; they are appended in one statement just before the commit.

        A posting writes the same records many times; the transaction appends each of them once. A rollback forgets them
        with the change.

        :param company_ids: when given, only backends that serve one of these companies are concerned.
        """
        if not ids:
            return
        applying = self.env.context.get("qbo_applying")
        precommit = self.env.cr.precommit
        for backend_id, companies in self.env["qbo.backend"]._ids_marking():
            if backend_id != applying and (company_ids is None or companies.intersection(company_ids)):
                if "qbo_change" not in precommit.data:
                    precommit.data["qbo_change"] = set()
                    precommit.add(self._append)
                precommit.data["qbo_change"].update((backend_id, model, res_id) for res_id in ids)

    @api.model
    def _append(self):
        """Write the remembered marks: the one statement that the addon adds to a user's transaction."""
        marks = self.env.cr.precommit.data.pop("qbo_change", ())
        if marks:
            backend_ids, names, ids = zip(*sorted(marks), strict=True)
            self.env.cr.execute(SQL(
                "INSERT INTO qbo_change (backend_id, model, res_id, marked_at)"
                " SELECT b, m, i, now() AT TIME ZONE 'UTC' FROM unnest(%s, %s, %s) AS marks(b, m, i)",
                list(backend_ids), list(names), list(ids)))
