"""From an error to the sentence that a bookkeeper reads."""

import re

from odoo import api, models


class QboErrorGuide(models.Model):
    _inherit = "qbo.error.guide"

    @api.model
    def _explain(self, code, text="", error_class=""):
        """Return ``(cause, how to fix, fix)`` of an error, in the language of the environment.

        An entry whose pattern matches ``text`` goes before the entry of the code alone, that before an entry of the class of
        error; what nobody has described yet is told as QuickBooks tells it.

        :param str code: QuickBooks' code or our own word
        :param str text: all that QuickBooks said
        :param str error_class: name of the class of error
        """
        guide = self._find(code, text, error_class)
        if guide:
            return guide.cause, guide.how_to_fix, guide.fix
        return (
            self.env._("QuickBooks refused this: %(text)s", text=text or code or self.env._("no reason given")),
            self.env._("Correct the record, then press Retry."),
            "check_data",
        )

    @api.model
    def _find(self, code, text, error_class):
        guides = self.sudo().search(["|", ("code", "=", code or ""), ("error_class", "=", error_class or "")])
        same_code = guides.filtered(lambda guide: guide.code == code)
        for guide in same_code:
            if guide.pattern and re.search(guide.pattern, text or "", re.IGNORECASE):
                return guide
        return next((guide for guide in same_code if not guide.pattern), None) or next(
            (guide for guide in guides - same_code if error_class and not guide.pattern), None)

    @api.model
    def _sentence(self, error):
        """Return the cause of a :class:`~odoo.addons.qbo_sync.qbo.errors.QboError` as one text."""
        cause, _how, _fix = self._explain(error.code, f"{error.message}\n{error.detail}", type(error).__name__)
        return cause
