"""Links tell the records that they belong to when their status changes."""

from odoo import api, models

from .qbo_status_mixin import CACHED_FIELDS


class QboBinding(models.Model):
    _inherit = "qbo.binding"

    @api.model_create_multi
    def create(self, vals_list):
        bindings = super().create(vals_list)
        bindings._forget_status()
        return bindings

    def write(self, vals):
        result = super().write(vals)
        self._forget_status()
        return result

    def unlink(self):
        self._forget_status()
        return super().unlink()

    def _forget_status(self):
        """Drop cached status fields of the linked records: they are computed from links that just changed."""
        for model in set(self.mapped("model")):
            for name in (model, "product.template") if model == "product.product" else (model,):
                if name in self.env and "qbo_status" in self.env[name]._fields:
                    self.env[name].invalidate_model(CACHED_FIELDS, flush=False)
