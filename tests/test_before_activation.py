"""Between Connect and Activate: the lists are there to be mapped, and nothing crosses."""

from odoo.tests import tagged

from .common import QboCommon


@tagged("post_install", "-at_install")
class TestBeforeActivation(QboCommon):

    def care(self):
        """Do what the connection asked the daily care for."""
        with self.work_env() as env:
            env["qbo.backend"]._cron_daily_care()

    def test_lists_are_there_to_be_mapped(self):
        self.assertFalse(self.backend.last_run_id)
        self.person("create", "Customer", data={"DisplayName": "Ines Weber"})
        self.care()
        references = self.su["qbo.reference"].search([("backend_id", "=", self.backend.id)])
        self.assertGreaterEqual(
            set(references.mapped("entity")), {"Account", "TaxCode", "Term", "PaymentMethod"})
        self.assertTrue(self.su["qbo.mapping"].search([("backend_id", "=", self.backend.id)]))
        self.assertFalse(self.su["res.partner"].search([("name", "=", "Ines Weber")]), "nothing else crosses")
        self.assertFalse(self.backend.last_run_id)

    def test_refreshing_the_lists_lets_nothing_else_cross(self):
        self.care()
        self.person("create", "Customer", data={"DisplayName": "Ines Weber"})
        self.person("create", "Term", data={"Name": "Net 75", "DueDays": 75})
        self.su["qbo.mapping"].with_user(self.qbo_admin).action_refresh_lists()
        self.care()
        self.assertTrue(self.su["qbo.reference"].search([
            ("backend_id", "=", self.backend.id), ("entity", "=", "Term"), ("name", "=", "Net 75")]))
        self.assertFalse(self.su["res.partner"].search([("name", "=", "Ines Weber")]))
        self.assertFalse(self.backend.last_run_id)

    def test_unreachable_quickbooks_leaves_the_lists_for_later(self):
        self.su["ir.config_parameter"].set_param("qbo_sync.simulator_url", "http://127.0.0.1:1")
        self.care()
        self.assertEqual(self.backend.state, "connected")
        self.assertTrue(self.su["qbo.sync.reference"]._due(self.backend))
