"""What lets waiting jobs go on by itself: a setting of the connection, or a document that a payment settles."""

from odoo import api, models

from ..qbo import decide

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
        partly = self.sudo().search([
            ("backend_id", "=", backend.id), ("state", "=", "warning"), ("blocked_key", "in", keys)]) if keys else ()
        for job in partly:
            job._settle_the_rest()
        return super()._release(backend, keys)

    def _settle_the_rest(self):
        """Read a payment anew, compared with what Odoo could apply of it: the rest looks like a change of QuickBooks'.

        What Odoo changed of it since stays a change of Odoo's.
        """
        self.blocked_key = False
        link = self.env["qbo.binding"].sudo()._by_qbo_id(self.backend_id, self.entity, [self.qbo_id]).get(self.qbo_id)
        base = decide.load_base(self.entity, link.base) if link and link.base and not link.missing else None
        if base and base.qbo and not base.qbo.voided:
            applied = decide.apply_fields(base.qbo, base.odoo or type(base.qbo)(), ("lines",))
            link.base = decide.dump_base(decide.Base(base.odoo, applied))
            self._arrival_of(link, {
                "state": "pending", "name": self.name, "partner_name": self.partner_name, "amount": self.amount,
                "currency_id": self.currency_id.id, "document_date": self.document_date,
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
