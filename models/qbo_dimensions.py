"""Rules of a connection for classes and locations, and what the QuickBooks company does with them."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache


class QboBackend(models.Model):
    _inherit = "qbo.backend"

    qbo_class_tracking = fields.Selection(
        [("line", "On each line"), ("txn", "One for each document")], "Classes in QuickBooks", readonly=True,
        copy=False)
    qbo_department_tracking = fields.Boolean("Locations in QuickBooks", readonly=True, copy=False)
    class_plan_id = fields.Many2one(
        "account.analytic.plan", "Analytic plan of classes", tracking=True, domain="[('parent_id', '=', False)]",
        help="The analytic accounts of this plan on invoice lines are QuickBooks' classes. Without a plan, classes "
             "stay as they are on each side.")
    department_rule = fields.Selection(
        [("no", "Stay as they are"), ("branch", "The branch that issues the document"), ("plan", "An analytic plan")],
        "Locations", required=True, default="no", tracking=True,
        help="What decides the location of a document in QuickBooks. With branches, each branch that has no connection "
             "of its own is mapped to one location, and an imported document belongs to the branch of its location.")
    department_plan_id = fields.Many2one(
        "account.analytic.plan", "Analytic plan of locations", tracking=True, domain="[('parent_id', '=', False)]",
        help="The analytic accounts of this plan are QuickBooks' locations; all lines of a document need the same one.")
    dimension_split = fields.Selection(
        [("ask", "Waits for a person"), ("largest", "The largest share counts")], "Several analytic accounts",
        required=True, default="ask", tracking=True,
        help="QuickBooks takes one class for a line and one location for a document. What to do where Odoo shares an "
             "amount out to several analytic accounts of the plan.")

    @api.constrains("department_rule", "department_plan_id", "class_plan_id")
    def _check_dimension_plans(self):
        for backend in self:
            if backend.department_rule == "plan" and not backend.department_plan_id:
                raise ValidationError(self.env._("Choose the analytic plan whose accounts are QuickBooks' locations."))
            if backend.department_rule == "plan" and backend.department_plan_id == backend.class_plan_id:
                raise ValidationError(self.env._(
                    "One analytic plan cannot be QuickBooks' classes and its locations. Choose two plans."))

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"class_plan_id", "department_plan_id"}:
            self.env.registry.clear_cache()
        return result

    @api.model
    @ormcache()
    def _reads_analytics(self):
        """Tell whether analytic accounts mean anything in QuickBooks; most firms change them all day for nothing."""
        return bool(self.sudo().search_count(
            ["|", ("class_plan_id", "!=", False), ("department_plan_id", "!=", False)], limit=1))

    def _class_plan(self):
        """Return the plan whose accounts are classes; empty where QuickBooks keeps none."""
        return self.class_plan_id if self.qbo_class_tracking else self.class_plan_id.browse()

    def _department_plan(self):
        """Return the plan whose accounts are locations; empty where something else decides, or nothing."""
        used = self.qbo_department_tracking and self.department_rule == "plan"
        return self.department_plan_id if used else self.department_plan_id.browse()

    def _by_branch(self):
        """Tell whether the branch of a document is its location."""
        return self.qbo_department_tracking and self.department_rule == "branch"
