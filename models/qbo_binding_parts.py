"""One object that is two records: what the link of the document says, the link of its payment says too."""

from odoo import models

MIRRORED = ("qbo_id", "sync_token", "status", "error", "note", "missing", "synced_at", "qbo_total")


class QboBinding(models.Model):
    _inherit = "qbo.binding"

    def write(self, vals):
        told = {name: value for name, value in vals.items() if name in MIRRORED}
        parts = self._parts() if told else self.browse()
        result = super().write(vals)
        if parts:
            parts.write(told)
        return result

    def _parts(self):
        """Return the links of the payments that came with these documents."""
        documents = self.filtered(lambda binding: binding.role == "document" and binding.qbo_id)
        if not documents:
            return self.browse()
        return self.search([
            ("backend_id", "in", documents.backend_id.ids), ("entity", "in", documents.mapped("entity")),
            ("qbo_id", "in", documents.mapped("qbo_id")), ("role", "=", "settlement")]).filtered(
                lambda part: any((part.backend_id, part.entity, part.qbo_id) == (own.backend_id, own.entity, own.qbo_id)
                                 for own in documents))

    def _mirrored(self):
        """Return what the link of a payment takes over from this one."""
        self.ensure_one()
        return {name: self[name] for name in MIRRORED}
