"""A connection in use: its tokens, its end, and copies of its database."""

import threading
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import file_open

from ..qbo import errors, oauth
from .common import QboCommon
from .simulator import TOKEN_PATH


@tagged("post_install", "-at_install")
class TestConnected(QboCommon):
    def token_requests(self):
        return len([entry for entry in self.simulator.log() if entry["path"] == TOKEN_PATH])

    def client(self, **values):
        with self.own_cursors():
            return self.backend._get_client(**values)

    def failure(self, kind, work):
        def in_own_cursors():
            with self.own_cursors():
                work()
        return self.refusal(kind, in_own_cursors)

    def make_due(self):
        self.su["qbo.token"]._of(self.backend).access_expires_at = fields.Datetime.now() + timedelta(minutes=1)

    # === REFRESH === #

    def test_no_refresh_while_the_token_lives(self):
        before = self.token_requests()
        self.client()
        self.client()
        self.assertEqual(self.token_requests(), before)

    def test_refresh_before_it_runs_out(self):
        self.make_due()
        before = self.token_requests()
        self.client().company_info()
        self.client().company_info()
        self.assertEqual(self.token_requests(), before + 1)

    def test_refused_token_is_refreshed_once(self):
        client = self.client()
        self.simulator.oauth(expire_access=True, realm=self.realm)
        before = self.token_requests()
        with self.own_cursors():
            self.assertTrue(client.company_info())
            self.assertTrue(client.company_info())
        self.assertEqual(self.token_requests(), before + 1)

    def test_refused_token_in_a_thread(self):
        client = self.client()
        self.simulator.oauth(expire_access=True, realm=self.realm)
        found = []

        def work():
            try:
                client.company_info()
            except errors.QboError as error:
                found.append(error)
        thread = threading.Thread(target=work)
        thread.start()
        thread.join(60)
        self.assertEqual([type(error) for error in found], [errors.AuthExpired])
        before = self.token_requests()
        self.assertTrue(self.client().company_info(), "The next client begins with a new token.")
        self.assertEqual(self.token_requests(), before + 1)

    def test_rotated_token_is_kept(self):
        self.simulator.switches(rotate_every_time=True)
        self.addCleanup(self.simulator.switches, rotate_every_time=False)
        for _turn in range(3):
            self.make_due()
            self.client().company_info()
        self.assertEqual(self.backend.state, "connected")

    def test_lost_answer_of_a_refresh(self):
        self.make_due()
        self.simulator.faults(kind="cut_after", match={"path": TOKEN_PATH}, count=1)
        self.assertTrue(self.client().company_info())
        self.assertEqual(self.backend.state, "connected")

    def test_lost_answer_of_a_refresh_that_rotated(self):
        self.simulator.switches(rotate_every_time=True)
        self.addCleanup(self.simulator.switches, rotate_every_time=False)
        self.make_due()
        self.simulator.faults(kind="cut_after", match={"path": TOKEN_PATH}, count=1)
        self.failure(errors.AuthRevoked, self.backend._get_client)
        self.assertEqual(self.backend.state, "reconnect")
        self.connect(self.backend, self.realm)
        self.assertEqual(self.backend.state, "connected")

    def test_unreachable_refresh_changes_nothing(self):
        self.make_due()
        self.simulator.faults(kind="503", match={"path": TOKEN_PATH}, count=2)
        self.failure(errors.UnknownOutcome, self.backend._get_client)
        self.assertEqual(self.backend.state, "connected")
        self.assertTrue(self.client().company_info())

    def test_withdrawn_permission(self):
        self.backend.state = "active"
        self.make_due()
        self.simulator.oauth(disconnect=True, realm=self.realm)
        self.failure(errors.AuthRevoked, self.backend._get_client)
        self.assertEqual(self.backend.state, "reconnect")
        self.assertIn("Connect again", self.backend.state_message)
        activity = self.backend.activity_ids
        self.assertEqual(activity.user_id, self.bookkeeper)
        self.assertIn("Connect again", activity.note)
        text = self.failure(UserError, self.backend._get_client)
        self.assertEqual(text, self.backend.state_message)
        self.assertEqual(len(self.backend.activity_ids), 1, "The responsible is told once.")
        self.connect(self.backend, self.realm)
        self.assertEqual(self.backend.state, "active", "The scheduled sync goes on after the reconnect.")
        self.assertFalse(self.backend.activity_ids)

    def test_changed_client_secret(self):
        self.backend.client_secret = "not-the-secret"
        self.make_due()
        self.failure(errors.BadClient, self.backend._get_client)
        self.assertEqual(self.backend.state, "reconnect")
        self.assertIn("client secret", self.backend.state_message)

    # === COMPANY === #

    def test_connection_test(self):
        result = self.run_as_admin("action_test_connection")
        self.assertIn(self.backend.qbo_company_name, result["params"]["message"])

    def run_as_admin(self, method):
        with self.own_cursors():
            return getattr(self.backend.with_user(self.qbo_admin), method)()

    def test_simulator_stopped(self):
        # Nobody listens on the port of "tcpmux".
        self.su["ir.config_parameter"].set_param("qbo_sync.simulator_url", "http://127.0.0.1:1")
        with patch("odoo.addons.qbo_sync.qbo.transport.time.sleep"), \
                patch.object(oauth, "_endpoints", {}):
            text = self.failure(UserError, lambda: self.backend.with_user(self.qbo_admin).action_test_connection())
        self.assertIn("cannot be reached", text)
        self.assertEqual(self.backend.state, "connected")

    def test_settings_that_changed(self):
        self.simulator.company(realm=self.realm, empty=True, features={"closing_date": "2026-03-31"})
        self.run_as_admin("action_test_connection")
        self.assertEqual(str(self.backend.qbo_closing_date), "2026-03-31")
        self.assertFalse(self.backend.qbo_custom_txn_numbers)

    def test_disconnect(self):
        client = self.client()
        self.run_as_admin("action_disconnect")
        row = self.su["qbo.token"]._of(self.backend)
        self.assertFalse(row.refresh_token_cipher or row.access_token_cipher)
        self.assertRecordValues(self.backend, [{"state": "draft", "realm_id": self.realm}])
        self.failure(errors.QboError, client.company_info)
        self.assertIn("not connected", self.failure(UserError, self.backend._get_client))
        self.connect(self.backend, self.realm)
        self.assertEqual(self.backend.state, "connected")

    def test_disconnect_without_intuit(self):
        self.simulator.faults(kind="503", match={"path": "/v2/oauth2/tokens/revoke"}, count=5)
        self.run_as_admin("action_disconnect")
        self.assertEqual(self.backend.state, "draft")
        self.assertIn("could not be given back", self.backend.message_ids[0].body)

    def test_environment_stays_with_linked_records(self):
        self.su["qbo.binding"].create({
            "backend_id": self.backend.id, "company_id": self.company.id, "entity": "Customer", "model": "res.partner",
            "res_id": self.partner_a.id, "qbo_id": "1"})
        with self.assertRaisesRegex(ValidationError, "environment"):
            self.backend.environment = "sandbox"

    # === COPIES === #

    def test_copied_database(self):
        binding = self.su["qbo.binding"].create({
            "backend_id": self.backend.id, "company_id": self.company.id, "entity": "Customer", "model": "res.partner",
            "res_id": self.partner_a.id, "qbo_id": "1"})
        self.backend.state = "active"
        self.make_due()
        self.su["ir.config_parameter"].set_param("database.uuid", "another-uuid")
        calls = len(self.simulator.log())
        self.assertIn("copy", self.failure(UserError, self.backend._get_client))
        self.assertEqual(self.backend.state, "copied")
        self.failure(UserError, self.backend._get_client)
        self.failure(UserError, lambda: self.backend.with_user(self.qbo_admin).action_connect())
        self.assertEqual(self.simulator.log()[calls:], [], "A copy makes no call and no refresh.")
        self.run_as_admin("action_this_is_the_original")
        self.assertEqual(self.backend.state, "active")
        self.assertTrue(self.client().company_info())
        self.assertTrue(binding.exists())

    def test_other_marks_of_a_copy(self):
        row = self.su["qbo.token"]._of(self.backend)
        for name, value in (("database_name", "production"), ("base_url", "books.example.com")):
            with self.subTest(name):
                kept = row[name]
                row[name] = value
                self.assertIn(value, self.failure(UserError, self.backend._get_client))
                self.backend.state = "connected"
                row[name] = kept
        self.su["ir.config_parameter"].set_param("web.base.url", "http://127.0.0.1:9999")
        self.assertTrue(self.client(), "Names of the own machine are one place.")

    def test_copy_lets_go_without_a_word(self):
        client = self.client()
        self.su["ir.config_parameter"].set_param("database.uuid", "another-uuid")
        self.failure(UserError, self.backend._get_client)
        self.run_as_admin("action_this_is_a_copy")
        self.assertEqual(self.backend.state, "draft")
        self.assertFalse(self.su["qbo.token"]._of(self.backend).refresh_token_cipher)
        self.assertTrue(client.company_info(), "The original's token still works.")

    def test_neutralized(self):
        binding = self.su["qbo.binding"].create({
            "backend_id": self.backend.id, "company_id": self.company.id, "entity": "Customer", "model": "res.partner",
            "res_id": self.partner_a.id, "qbo_id": "1"})
        self.backend.webhook_verifier = "verifier"
        self.env.flush_all()
        with file_open("qbo_sync/data/neutralize.sql") as script:
            self.env.cr.execute(script.read())
        self.env.invalidate_all()
        self.assertRecordValues(self.backend, [{"state": "draft", "environment": "sandbox", "realm_id": self.realm}])
        self.env.cr.execute("SELECT * FROM qbo_token WHERE backend_id = %s", [self.backend.id])
        kept = {name for name, value in self.env.cr.dictfetchone().items() if value is not None}
        self.assertEqual(kept - {"id", "backend_id", "create_uid", "create_date", "write_uid", "write_date"}, set())
        self.assertEqual(binding.exists().qbo_id, "1")
        self.assertIn("not connected", self.failure(UserError, self.backend._get_client))
