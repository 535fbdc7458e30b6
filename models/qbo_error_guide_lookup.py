"""From an error to the sentence that a bookkeeper reads."""

import re

from odoo import api, models

from ..qbo import errors
from ..qbo.guide import guide_for


class QboErrorGuide(models.Model):
    _inherit = "qbo.error.guide"

    @api.model
    def _explain(self, code, text="", error_class=""):
        """Return ``(cause, how to fix, fix)`` of an error, in the language of the environment.

        First the entries of the code are asked, those with a pattern before the others, then that of the class of error
        or of the range of codes (Intuit groups them: validation, query, business rule, system).

        :param str code: QuickBooks' code or our own word
        :param str text: all that QuickBooks said
        :param str error_class: name of a class of ``qbo.errors``
        """
        guide = self._find(code or "", text or "", error_class)
        if guide:
            return guide.cause, guide.how_to_fix, guide.fix
        return (
            self.env._("QuickBooks refused this: %(text)s", text=text or code or self.env._("no reason given")),
            self.env._("Correct the record, then press Retry."),
            "check_data",
        )

    @api.model
    def _refusal(self, error):
        """Return ``(code, sentence)`` of a :class:`~odoo.addons.qbo_sync.qbo.mapping.errors.MappingError`."""
        code = f"data_{error.code}"
        labels = self.env["qbo.sync.wording"]._labels()
        place, _dot, name = error.field.rpartition(".")
        words = [labels.get(name, name.replace("_", " "))]
        if found := re.fullmatch(r"lines\[(\d+)\]", place or name):
            words = [labels["line"], found[1], *(words if place else [])]
        value = str(error.value or "")
        told = f"{' '.join(words)}: {value}" if value else " ".join(words)
        return code, f"{self._explain(code)[0]} ({told})"

    @api.model
    def _find(self, code, text, error_class):
        general = guide_for(code, text).code
        default = getattr(getattr(errors, error_class or "", None), "default_code", "")
        codes = [code, general, default] if general != "unknown" else [code, default, general]
        guides = self.sudo().search([("code", "in", codes)])
        return next((guide for asked in codes if (guide := guides._choose(asked, text))), self.browse())

    def _choose(self, code, text):
        """Return the first entry of ``code`` that holds for ``text``; one with a pattern goes before one without."""
        same = self.filtered(lambda guide: guide.code == code)
        matching = same.filtered(lambda guide: guide.pattern and guide._matches(text))
        return (matching or same.filtered(lambda guide: not guide.pattern))[:1]

    def _matches(self, text):
        self.ensure_one()
        try:
            return bool(re.search(self.pattern, text, re.IGNORECASE | re.DOTALL))
        except re.error:
            # An administrator's entry with a broken expression must not hide the error that it wants to explain.
            return False

    @api.model
    def _sentence(self, error):
        """Return the cause of a :class:`~odoo.addons.qbo_sync.qbo.errors.QboError` as one text.

        Under 6000 QuickBooks keeps all rules that have no code of their own: only its own words say which one it is.
        """
        text = f"{error.message}\n{error.detail}"
        cause, how, _fix = self._explain(error.code, text, type(error).__name__)
        guide = self._find(error.code or "", text, type(error).__name__)
        if guide.code != "6000" or guide.pattern or not error.detail:
            return cause
        own = re.sub(r"^Business Validation Error:\s*", "", " ".join(error.detail.split()))
        return self.env._("%(cause)s QuickBooks says: \"%(own)s\" %(how)s", cause=cause, own=own, how=how)
