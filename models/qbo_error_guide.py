"""The error catalogue: what a code means and how to mend it."""

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

FIXES = [
    ("none", "Nothing to do"),
    ("map", "Map it"),
    ("link", "Link to the existing record"),
    ("rename", "Rename"),
    ("renumber", "Change the number"),
    ("open_period", "Open the period"),
    ("reconnect", "Reconnect"),
    ("retry", "Retry"),
    ("wait", "Wait"),
    ("undeposit", "Remove it from the deposit"),
    ("difference", "Book the difference"),
    ("credit_note", "Credit note in the open period"),
    ("reactivate", "Make it active again"),
    ("check_data", "Correct the record"),
    ("merge", "Merge"),
]

WORDS = frozenset({"code", "pattern", "error_class", "cause", "how_to_fix", "fix"})
"""Fields that make an entry a person's own when a person writes them."""


class QboErrorGuide(models.Model):
    """One cause of failure in a bookkeeper's words.

    Entries of the addon follow its version with each upgrade; what a person wrote stays.
    """

    _name = "qbo.error.guide"
    _description = "QuickBooks Error Guide"
    _order = "sequence, code"
    _rec_name = "code"

    sequence = fields.Integer(default=10)
    code = fields.Char(required=True, index=True, help="Code of QuickBooks, or our own word.")
    pattern = fields.Char(help="Regular expression that the text must match, when one code has several causes.")
    error_class = fields.Char("Class")
    cause = fields.Text(required=True, translate=True)
    how_to_fix = fields.Text("How to fix", required=True, translate=True)
    fix = fields.Selection(FIXES, required=True, default="none")
    own_words = fields.Boolean(
        "Own words", copy=False,
        help="Somebody of yours wrote this, so that an upgrade of the addon keeps it. Take the tick off to have the "
             "addon's own sentence with the next upgrade.")

    @api.model_create_multi
    def create(self, vals_list):
        own = not self._loading()
        return super().create([{"own_words": own, **vals} for vals in vals_list])

    def write(self, vals):
        if self._loading():
            self._drop_translations(vals)
        elif WORDS.intersection(vals):
            vals = {"own_words": True, **vals}
        return super().write(vals)

    def update_field_translations(self, field_name, translations, source_lang=""):
        result = super().update_field_translations(field_name, translations, source_lang)
        self.own_words = True
        return result

    def _loading(self):
        """Tell whether the addon's data file is being loaded."""
        return bool(self.env.context.get("install_mode"))

    def _drop_translations(self, vals):
        """Translations of a sentence go with it; those of the new one are loaded behind the data files."""
        others = [code for code, _name in self.env["res.lang"].get_installed() if code != "en_US"]
        for guide in self.with_context(lang="en_US") if others else ():
            for name in ("cause", "how_to_fix"):
                if name in vals and guide[name] != vals[name]:
                    guide._update_field_translations(name, dict.fromkeys(others, False))

    @api.model
    def _follow_version(self):
        """Let an upgrade write, or take away, the addon's own entries and no others. The data file begins with it."""
        rows = self.env["ir.model.data"].sudo().search([("module", "=", "qbo_sync"), ("model", "=", self._name)])
        own = set(self.search([("own_words", "=", True)]).ids)
        for row in rows:
            if row.noupdate != (row.res_id in own):
                row.noupdate = row.res_id in own
        # The loading reads it by SQL.
        rows.flush_recordset()

    def _init_column(self, column_name):
        """Entries of a version that did not tell: what a person wrote last is his."""
        if column_name != "own_words":
            return super()._init_column(column_name)
        return self.env.cr.execute(SQL(
            "UPDATE qbo_error_guide SET own_words = COALESCE(write_uid, %s) != %s", SUPERUSER_ID, SUPERUSER_ID))
