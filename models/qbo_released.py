"""Settings of a connection that answer what jobs wait for: those go on by themselves, as after a mapping."""

from odoo import api, models

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
