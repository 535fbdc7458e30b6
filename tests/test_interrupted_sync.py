"""What a sync does when the connection fails under it: it says so, and loses nothing."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..qbo.transport import Transport
from .common import QboCommon


@tagged("post_install", "-at_install")
class TestInterruptedSync(QboCommon):

    def arrange(self):
        super().arrange()
        self.active_backend()
        self.sync()
        self.person("create", "Customer", data={"DisplayName": "Ines Weber"})

    def setUp(self):
        super().setUp()
        # The pauses between two attempts would only make the tests slow.
        self.startPatcher(patch("odoo.addons.qbo_sync.qbo.transport.SHORT_WAIT", 0))
        self.startPatcher(patch.object(Transport, "_pause", self.no_pause(Transport._pause)))

    @staticmethod
    def no_pause(original):
        def pause(transport, error, outgoing, state):
            found = original(transport, error, outgoing, state)
            return None if found is None else 0.0
        return pause

    def arrived(self):
        return bool(self.env["res.partner"].search([("name", "=", "Ines Weber")]))

    def said(self, run):
        return " ".join(run.message_ids.mapped("text"))

    def test_service_stopped(self):
        parameters = self.su["ir.config_parameter"]
        parameters.set_param("qbo_sync.simulator_url", "http://127.0.0.1:1")
        run = self.sync(until_done=False)
        self.assertEqual(run.state, "failed")
        self.assertTrue(self.said(run))
        self.assertEqual(self.backend.state, "connected", "A pause of the service needs nobody.")
        parameters.set_param("qbo_sync.simulator_url", self.simulator.url)
        self.assertEqual(self.sync().state, "done")
        self.assertTrue(self.arrived())

    def test_answers_that_pass(self):
        for kind in ("503", "malformed_json", "truncated_json", "cut_before", "cut_after"):
            with self.subTest(kind):
                self.simulator.faults(kind=kind, match={"operation": "cdc"}, count=1)
                self.assertEqual(self.sync().state, "done")
                self.assertEqual([fault["hits"] for fault in self.simulator.control("faults", "GET")["planned"]], [1])
                self.simulator.faults(clear=True)
        self.assertTrue(self.arrived())

    def test_throttled(self):
        for kind in ("429_json", "429_xml"):
            with self.subTest(kind):
                self.simulator.faults(kind=kind, match={"operation": "cdc"}, count=1)
                run = self.sync(until_done=False)
                self.assertNotEqual(run.state, "done")
                self.assertTrue(self.said(run))
        self.assertEqual(self.sync().state, "done")
        self.assertTrue(self.arrived())

    def test_expired_token(self):
        self.simulator.oauth(expire_access=True, realm=self.realm)
        self.assertEqual(self.sync().state, "done")
        self.assertTrue(self.arrived())

    def test_withdrawn_permission(self):
        self.simulator.oauth(disconnect=True, realm=self.realm)
        run = self.sync(until_done=False)
        self.assertEqual(run.state, "failed")
        self.assertEqual(self.backend.state, "reconnect")
        with self.assertRaises(UserError), self.work_env(self.biller) as env:
            env["qbo.backend"].browse(self.backend.id).sync()
        self.connect(self.backend, self.realm)
        self.assertEqual(self.sync().state, "done")
        self.assertTrue(self.arrived())

    def test_access_withdrawn_by_quickbooks(self):
        self.simulator.faults(kind="expired_token", match={"realm": self.realm}, count=20)
        self.sync(until_done=False)
        self.assertEqual(self.backend.state, "reconnect")
        self.assertTrue(self.backend.activity_ids)
        self.simulator.faults(clear=True)
        self.connect(self.backend, self.realm)
        self.assertEqual(self.sync().state, "done")
        self.assertTrue(self.arrived())

    def test_idle_sync_is_one_request(self):
        self.sync()
        before = len(self.simulator.log())
        self.assertEqual(self.sync().state, "done")
        self.assertEqual([entry["operation"] for entry in self.requests_made(before)], ["cdc"])
