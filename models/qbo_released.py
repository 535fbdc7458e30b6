"""What lets waiting jobs go on by itself: a setting of the connection, or a document that a payment settles."""

from odoo import api, models
from odoo.tools import SQL

from .const import REST

# What jobs wait for while a setting is empty that would do in place of a mapping.
ANSWERS = {
    "default_item_id": ("map:Item:account.account:",),
    "payment_journal_id": ("ref:Account:account.journal:",),
    "receivable_clearing_account_id": ("map:Account:account.account:", "ref:Account:account.account:"),
}


class QboJob(models.Model):
    _inherit = "qbo.job"

    @api.model
    def _release_all(self, backend, starts):
        """Let the jobs go that wait for something whose key begins with one of ``starts``."""
        waiting = self.sudo()._read_group(
            [("backend_id", "=", backend.id), ("state", "=", "blocked")], ["blocked_key"])
        return self._release(backend, [key for (key,) in waiting if key and key.startswith(tuple(starts))])

    @api.model
    def _release(self, backend, keys):
        """Let also payments go on that came over in part, because a document that they settle was not here."""
        keys = [key for key in keys if key]
        if keys:
            for job in self._partly(backend, keys):
                job._settle_the_rest()
        return super()._release(backend, keys)

    def _partly(self, backend, keys):
        """Return the jobs that ended with a part only, and can do more after one of the events ``keys``."""
        self.flush_model(["state", "blocked_key"])
        rows = self.env.execute_query(SQL(
            "SELECT id FROM qbo_job WHERE backend_id = %s AND state = 'warning' AND blocked_key IS NOT NULL"
            "   AND string_to_array(blocked_key, ' ') && %s", backend.id, keys))
        return self.sudo().browse([job_id for (job_id,) in rows])

    def _settle_the_rest(self):
        """Read a payment anew, unless something of it is open already: that takes the rest along."""
        self.blocked_key = False
        link = self.env["qbo.binding"].sudo()._by_qbo_id(self.backend_id, self.entity, [self.qbo_id]).get(
            self.qbo_id, self.env["qbo.binding"])
        policy = self.backend_id._policy(self.entity)
        stays = link.missing or link.excluded or link.skipped or not policy._allows("in")
        if link.base and not stays and "in" not in link._open_jobs().mapped("direction"):
            self._arrival_of(link, {
                "state": "pending", "resolution": REST, "name": self.name, "partner_name": self.partner_name,
                "amount": self.amount, "currency_id": self.currency_id.id, "document_date": self.document_date,
                "model": self.model, "res_id": self.res_id})


class QboBackend(models.Model):
    _inherit = "qbo.backend"

    def write(self, vals):
        result = super().write(vals)
        starts = [start for name, found in ANSWERS.items() if vals.get(name) for start in found]
        if starts:
            for backend in self:
                self.env["qbo.job"]._release_all(backend, starts)
        return result


class QboBankRule(models.Model):
    _inherit = "qbo.bank.rule"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"keeper", "clearing_id"}:
            for rule in self:
                self.env["qbo.job"]._release_all(rule.backend_id, (
                    f"map:Account:account.journal:{rule.journal_id.id}",
                    *(f"ref:Account:account.journal:{account.qbo_id}" for account in rule.clearing_id)))
        return result
