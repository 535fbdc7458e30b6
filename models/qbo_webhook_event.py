"""What QuickBooks said changed, before anybody looked."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

KEEP_DAYS = 7


class QboWebhookEvent(models.Model):
    """Append-only record of what the webhook announced; the worker is woken and asks for all changes itself.

    An event carries no data and may come twice, late, or in any order; it only says that asking is worth while.
    Events of companies that are connected nowhere in this database have no backend: they are counted, not followed.
    """

    _name = "qbo.webhook.event"
    _description = "QuickBooks Notification"
    _log_access = False
    _order = "id"
    _rec_name = "entity"

    backend_id = fields.Integer(index=True)
    realm_id = fields.Char("QuickBooks company ID", required=True)
    entity = fields.Char(required=True)
    qbo_id = fields.Char("QuickBooks ID", required=True)
    operation = fields.Char(required=True)
    deleted_id = fields.Char(help="The record that a merge did away with.")
    event_at = fields.Datetime()
    received_at = fields.Datetime(required=True)

    @api.model
    def _append(self, events, backend_ids):
        """Append one row for each event in one statement.

        :param events: list of :class:`~..qbo.webhook.Event`
        :param dict backend_ids: {realm id: backend id} of the companies that are connected here
        """
        now = fields.Datetime.now()
        rows = [SQL(
            "(%s, %s, %s, %s, %s, %s, %s, %s)",
            backend_ids.get(event.realm_id), event.realm_id, event.entity, event.qbo_id, event.operation,
            event.deleted_id or None, event.at.replace(tzinfo=None) if event.at else None, now,
        ) for event in events]
        if rows:
            self.env.cr.execute(SQL(
                "INSERT INTO qbo_webhook_event"
                " (backend_id, realm_id, entity, qbo_id, operation, deleted_id, event_at, received_at) VALUES %s",
                SQL(", ").join(rows)))

    @api.autovacuum
    def _gc_old(self):
        limit = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.env.cr.execute(SQL("DELETE FROM qbo_webhook_event WHERE received_at < %s", limit))
