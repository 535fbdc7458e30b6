"""One piece of work, and its history."""

from odoo import fields, models

from .const import DIRECTIONS, ENTITIES, JOB_STATES, OPERATIONS


class QboJob(models.Model):
    """A record or a payload on its way, from the moment it was noticed until it is settled.

    What is ``sending`` is frozen: request id and payload were committed before they were sent, and a resend repeats them. A change that
    arrives meanwhile makes a second, pending job, which is why the unique indexes leave ``sending`` out.
    """

    _name = "qbo.job"
    _description = "QuickBooks Job"
    _order = "sequence, id"

    backend_id = fields.Many2one("qbo.backend", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one("res.company", required=True, index=True)
    run_id = fields.Many2one("qbo.run", "Last run", index=True, ondelete="set null")
    direction = fields.Selection(DIRECTIONS, required=True)
    entity = fields.Selection(ENTITIES, required=True)
    operation = fields.Selection(OPERATIONS, required=True, default="sync")
    sequence = fields.Integer(required=True, default=0, help="Order in which entities must cross.")
    model = fields.Char(required=True, default="")
    res_id = fields.Many2oneReference(model_field="model", required=True, default=0, string="Odoo record")
    role = fields.Char(required=True, default="")
    qbo_id = fields.Char("QuickBooks ID", required=True, default="")
    state = fields.Selection(JOB_STATES, required=True, default="pending")

    # === WHAT A PERSON SEES === #
    name = fields.Char(help="What this is, in words: 'Invoice INV/2026/00043'.")
    partner_name = fields.Char("Customer")
    amount = fields.Monetary(currency_field="currency_id")
    currency_id = fields.Many2one("res.currency")
    document_date = fields.Date("Date")
    difference = fields.Text(help="Old -> new, one field a line; of a new record, what it says.")
    error_code = fields.Char()
    error = fields.Text("Problem")
    error_detail = fields.Text("QuickBooks' own text")
    blocked_key = fields.Char(index="btree_not_null", help="What must happen first; that event releases the job.")

    # === WHAT THE WORKER NEEDS === #
    payload = fields.Json(help="Out: the frozen request. In: the object as QuickBooks sent it.")
    payload_hash = fields.Char()
    approved_hash = fields.Char(help="Content that a person approved; other content asks again.")
    approved_by_id = fields.Many2one("res.users", "Approved by")
    approved_at = fields.Datetime()
    request_id = fields.Char(help="Idempotency key of the batch or request that carries the frozen payload.")
    batch_item = fields.Char(help="Key of this job inside its batch.")
    attempts = fields.Integer()
    next_try = fields.Datetime()
    lease_until = fields.Datetime()
    worker = fields.Char()
    done_at = fields.Datetime()
    kept_by_id = fields.Many2one("res.users", "Kept by", help="Who left it unticked in the approval.")
    kept_at = fields.Datetime()

    _open_out_uniq = models.UniqueIndex(
        "(backend_id, direction, entity, model, res_id, role) WHERE direction = 'out'"
        " AND state IN ('approval', 'pending', 'failed', 'blocked', 'conflict')")
    _open_in_uniq = models.UniqueIndex(
        "(backend_id, entity, qbo_id) WHERE direction = 'in'"
        " AND state IN ('approval', 'pending', 'failed', 'blocked', 'conflict')")
    _claim_idx = models.Index(
        "(backend_id, direction, sequence, id) WHERE state IN ('pending', 'sending')")
    _state_idx = models.Index("(backend_id, state) WHERE state IN ('approval', 'failed', 'blocked', 'conflict')")
    _record_idx = models.Index("(model, res_id)")
