"""Connecting, what can go wrong with it, and who may do it."""

import logging
import os
import threading
from datetime import timedelta
from unittest.mock import patch
from urllib.parse import urlsplit

import psycopg2
from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.modules.registry import DummyRLock, Registry
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open, mute_logger

from ..models import qbo_throttle
from ..models.qbo_lock import lock_key
from ..qbo import errors, oauth
from .common import KEY, LocalRequests, QboCommon, QboHttpCommon
from .simulator import simulator

TOKEN_PATH = "/oauth2/v1/tokens/bearer"


class Lines(logging.Handler):
    """Keeps what is logged."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


@tagged("post_install", "-at_install")
class TestConnect(QboCommon):
    connected = False

    def begin(self, user=None):
        """Return what Intuit sends back after consent: code, state, realmId."""
        with self.own_cursors():
            url = self.backend.with_user(user or self.qbo_admin).action_connect()
        return self.simulator.query(self.simulator.consent(url, self.realm))

    def finish(self, answer, user=None, **changes):
        answer = {**answer, **changes}
        with self.own_cursors():
            self.backend.with_user(user or self.qbo_admin)._oauth_finish(
                answer["code"], answer["state"], answer["realmId"])

    def refused(self, answer, user=None, **changes):
        return self.refusal(UserError, lambda: self.finish(answer, user, **changes))

    def test_connected(self):
        self.finish(self.begin())
        self.assertRecordValues(self.backend, [{
            "state": "connected", "realm_id": self.realm, "qbo_home_currency": "USD", "qbo_tax_mode": "us_manual",
            "qbo_custom_txn_numbers": True, "qbo_multicurrency": False, "state_message": False}])
        self.assertTrue(self.backend.qbo_company_name)
        self.assertIn(self.backend.qbo_company_name, self.backend.message_ids[0].body)
        with self.own_cursors():
            self.assertEqual(self.backend._get_client().company_info()["CompanyName"], self.backend.qbo_company_name)

    def test_automated_sales_tax_is_seen(self):
        self.realm = self.new_realm(empty=True, features={"tax": "automated", "multicurrency": True})
        self.finish(self.begin())
        self.assertEqual(self.backend._profile().tax_mode, "us_automated")
        self.assertTrue(self.backend._profile().multicurrency)

    def test_client_id_is_needed(self):
        self.backend.environment = "sandbox"
        self.backend.redirect_uri = "https://books.example.com/qbo_sync/oauth/callback"
        with self.assertRaisesRegex(UserError, "client ID"):
            self.backend.with_user(self.qbo_admin).action_connect()

    def test_wrong_client_secret(self):
        self.backend.client_secret = "not-the-secret"
        self.assertIn("client ID or the client secret", self.refused(self.begin()))
        self.assertEqual(self.backend.state, "draft")
        self.assertFalse(self.backend.realm_id)

    def test_state_works_once(self):
        answer = self.begin()
        self.finish(answer)
        self.assertIn("not valid any more", self.refused(answer))
        self.assertEqual(self.backend.state, "connected")

    def test_failed_attempt_uses_up_the_state(self):
        answer = self.begin()
        self.assertIn("sign-in code", self.refused(answer, code="AB11wrong"))
        self.assertIn("not valid any more", self.refused(answer))
        self.assertEqual(self.backend.state, "draft")

    def test_expired_state(self):
        answer = self.begin()
        self.su["qbo.oauth.state"].search([]).expires_at = fields.Datetime.now() - timedelta(seconds=1)
        self.assertIn("not valid any more", self.refused(answer))

    def test_old_signature(self):
        answer = self.begin()
        later = fields.Datetime.now() + timedelta(minutes=11)
        with patch.object(fields.Datetime, "now", lambda: later):
            self.assertIn("not valid any more", self.refused(answer))

    def test_changed_state(self):
        answer = self.begin()
        changed = ("A" if answer["state"][0] != "A" else "B") + answer["state"][1:]
        self.assertIn("not valid any more", self.refused(answer, state=changed))
        self.assertIn("not valid any more", self.refused(answer, state=""))

    def test_state_of_another_backend(self):
        answer = self.begin()
        self.backend.active = False
        self.backend = self.new_backend()
        self.assertIn("not valid any more", self.refused(answer))
        self.assertEqual(self.backend.state, "draft")

    def test_state_of_another_user(self):
        answer = self.begin()
        other = self.new_user("second_admin", "base.group_user,qbo_sync.group_admin")
        self.assertIn("Another user", self.refused(answer, other))
        self.assertEqual(self.backend.state, "draft")

    def test_another_realm_than_before(self):
        self.finish(self.begin())
        known, self.realm = self.realm, self.new_realm(**self.sim_wish)
        answer = self.begin()
        calls = len(self.simulator.log())
        text = self.refused(answer)
        self.assertIn(known, text)
        self.assertIn(self.realm, text)
        self.assertEqual(self.simulator.log()[calls:], [], "Nothing may be asked of Intuit for the wrong company.")
        self.assertEqual(self.backend.realm_id, known)
        with self.own_cursors():
            self.assertTrue(self.backend._get_client().company_info(), "The old connection still works.")

    def test_realm_that_is_no_number(self):
        for realm in ("", "12; drop", "../1"):
            self.assertIn("which company", self.refused(self.begin(), realmId=realm))

    def test_realm_of_another_company(self):
        self.finish(self.begin())
        other_company = self._create_company(name="Second firm")
        self.backend = self.new_backend(other_company)
        other_admin = self.new_user("other_admin", "base.group_user,qbo_sync.group_admin", other_company)
        text = self.refused(self.begin(other_admin), other_admin)
        self.assertIn(self.company.name, text)
        self.assertIn("receivables", text)
        self.assertEqual(self.backend.state, "draft")

    @mute_logger("odoo.sql_db")
    def test_database_refuses_a_shared_realm(self):
        self.finish(self.begin())
        backend = self.new_backend(self._create_company(name="Second firm"))
        with self.assertRaises(psycopg2.errors.UniqueViolation), self.env.cr.savepoint():
            backend.write({"realm_id": self.realm})
            backend.flush_recordset()

    def test_another_home_currency(self):
        self.realm = self.new_realm(
            empty=True, name="Maple Books", features={"currency": "CAD", "country": "CA", "tax": "global"})
        answer = self.begin()
        calls = len(self.simulator.log())
        text = self.refused(answer)
        for word in ("Maple Books", "CAD", "USD"):
            self.assertIn(word, text)
        self.assertRecordValues(self.backend, [{"state": "draft", "realm_id": False, "qbo_home_currency": False}])
        self.assertFalse(self.su["qbo.token"]._of(self.backend).refresh_token_cipher)
        self.assertIn("/v2/oauth2/tokens/revoke", [entry["path"] for entry in self.simulator.log()[calls:]],
                      "A permission that is not used is given back.")

    def test_second_backend_of_a_company(self):
        self.finish(self.begin())
        second = self.new_backend()
        with self.assertRaisesRegex(UserError, "already"):
            second.with_user(self.qbo_admin).action_connect()

    def test_redirect_uri_wants_https(self):
        self.backend.environment = "sandbox"
        self.backend.redirect_uri = "http://localhost:8069/qbo_sync/oauth/callback"
        with self.assertRaises(ValidationError):
            self.backend.redirect_uri = "http://books.example.com/qbo_sync/oauth/callback"

    def test_rights(self):
        for user in (self.biller, self.bookkeeper):
            backend = self.backend.with_user(user)
            for action in ("action_connect", "action_disconnect", "action_test_connection"):
                with self.assertRaises(AccessError, msg=f"{user.login} {action}"):
                    getattr(backend, action)()
            with self.assertRaises(AccessError):
                backend.read(["client_id"])
            with self.assertRaises(AccessError):
                self.env["qbo.token"].with_user(user).search([])
        with self.assertRaises(AccessError):
            self.env["qbo.token"].with_user(self.qbo_admin).search([])


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


@tagged("post_install", "-at_install")
class TestCallback(QboHttpCommon):
    connected = False

    def consent(self, action="connect"):
        """Return the path to which Intuit sends the browser."""
        with self.own_cursors():
            url = self.backend.with_user(self.qbo_admin).action_connect()
        parts = urlsplit(self.simulator.consent(url, self.realm, action))
        return f"{parts.path}?{parts.query}"

    def open(self, path):
        response = self.url_open(path)
        self.env.invalidate_all()
        return response

    def test_connected_in_the_browser(self):
        path = self.consent()
        self.authenticate(self.qbo_admin.login, self.qbo_admin.login)
        log = Lines()
        logging.getLogger("werkzeug").addHandler(log)
        self.addCleanup(logging.getLogger("werkzeug").removeHandler, log)
        response = self.open(path)
        self.assertEqual(self.backend.state, "connected")
        self.assertEqual(urlsplit(response.url).path, "/qbo_sync/oauth/result")
        self.assertFalse(urlsplit(response.url).query)
        self.assertIn(f"Connected to {self.backend.qbo_company_name}", response.text)
        self.assertIn(f"/odoo/qbo.backend/{self.backend.id}", response.text)
        callback = response.history[0]
        self.assertEqual((callback.status_code, callback.headers["Referrer-Policy"]), (303, "no-referrer"))
        secret = self.simulator.query(path)
        text = "\n".join(log.lines)
        self.assertIn("/qbo_sync/oauth/callback?", text)
        for name in ("code", "state"):
            self.assertNotIn(secret[name], text)

    def test_refused_consent(self):
        path = self.consent("cancel")
        self.authenticate(self.qbo_admin.login, self.qbo_admin.login)
        response = self.open(path)
        self.assertEqual(self.backend.state, "draft")
        self.assertIn("not allowed on Intuit", response.text)
        self.assertIn("Not connected", response.text)

    def test_wrong_state_in_the_browser(self):
        self.authenticate(self.qbo_admin.login, self.qbo_admin.login)
        response = self.open(f"/qbo_sync/oauth/callback?code=AB11x&realmId={self.realm}&state=made.up")
        self.assertIn("not valid any more", response.text)
        self.assertEqual(self.backend.state, "draft")

    def test_user_without_rights(self):
        path = self.consent()
        self.authenticate(self.biller.login, self.biller.login)
        self.assertIn("Not connected", self.open(path).text)
        self.assertEqual(self.backend.state, "draft")

    def test_login_first(self):
        log = Lines()
        logging.getLogger("werkzeug").addHandler(log)
        self.addCleanup(logging.getLogger("werkzeug").removeHandler, log)
        path = self.consent()
        response = self.open(path)
        self.assertEqual(urlsplit(response.url).path, "/web/login")
        text = "\n".join(log.lines)
        for name in ("code", "state"):
            self.assertNotIn(self.simulator.query(path)[name], text)
        self.assertEqual(self.backend.state, "draft")


@tagged("post_install", "-at_install")
class TestSettings(QboCommon):
    connected = False

    def settings(self, **values):
        return self.env["res.config.settings"].with_user(self.qbo_admin).sudo().create(values)

    def test_first_values_make_the_connection(self):
        self.backend.unlink()
        settings = self.settings(
            qbo_environment="sandbox", qbo_client_id="ABclient", qbo_client_secret="very-secret",
            qbo_redirect_uri="https://books.example.com/qbo_sync/oauth/callback")
        settings.set_values()
        backend = self.su["qbo.backend"].search([("company_id", "=", self.company.id)])
        self.assertRecordValues(backend, [{
            "environment": "sandbox", "client_id": "ABclient", "client_secret": False, "has_client_secret": True,
            "redirect_uri": "https://books.example.com/qbo_sync/oauth/callback"}])
        row = self.su["qbo.token"]._of(backend)
        self.assertEqual(self.su["qbo.secret"]._decrypt(row.client_secret_cipher), "very-secret")

    def test_nothing_entered_nothing_made(self):
        self.backend.unlink()
        self.settings().set_values()
        self.assertFalse(self.su["qbo.backend"].search([("company_id", "=", self.company.id)]))

    def test_connect_button(self):
        action = self.settings(qbo_environment="simulator").action_qbo_connect()
        self.assertEqual(action["type"], "ir.actions.act_url")
        self.assertTrue(action["url"].startswith(f"{self.simulator.url}/connect/oauth2?"))

    def test_secret_is_kept_when_left_empty(self):
        self.settings(qbo_client_secret="very-secret")
        self.settings(qbo_client_id="other").set_values()
        row = self.su["qbo.token"]._of(self.backend)
        self.assertEqual(self.su["qbo.secret"]._decrypt(row.client_secret_cipher), "very-secret")
        self.assertEqual(self.backend.client_id, "other")


@tagged("post_install", "-at_install")
class TestTwoWorkers(LocalRequests, TransactionCase):
    """Two real connections to the database and two threads: what that needs is committed, and removed at the end."""

    def setUp(self):
        super().setUp()
        self.simulator = simulator()
        self.simulator.faults(clear=True)
        self.startPatcher(patch.dict(os.environ, {"QBO_SYNC_KEY": KEY}))
        realm = str(self.simulator.company(empty=True)["realmId"])
        tokens = self.simulator.oauth(grant=True, realm=realm)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            self.parameter = env["ir.config_parameter"].get_param("qbo_sync.simulator_url")
            env["ir.config_parameter"].set_param("qbo_sync.simulator_url", self.simulator.url)
            backend = env["qbo.backend"].create({"name": "Two workers", "environment": "simulator", "active": True})
            backend.write({"realm_id": realm, "state": "draft"})
            secret = env["qbo.secret"]
            env["qbo.token"]._ensure(backend).write({
                "access_token_cipher": secret._encrypt(tokens["access_token"]),
                "refresh_token_cipher": secret._encrypt(tokens["refresh_token"]),
                ""
                "key_fingerprint": secret._fingerprint(), "access_expires_at": fields.Datetime.now(),
                **backend._identity()})
            self.backend_id = backend.id
        self.addCleanup(self.remove)

    def remove(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["qbo.backend"].browse(self.backend_id).unlink()
            env["ir.config_parameter"].set_param("qbo_sync.simulator_url", self.parameter)

    def ask(self, results):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            results.append(env["qbo.token"]._access_token(env["qbo.backend"].browse(self.backend_id))[0])

    def test_one_refresh_for_two_workers(self):
        self.simulator.switches(rotate_every_time=True, refresh_reuse="family_revoked")
        self.addCleanup(self.simulator.switches, rotate_every_time=False, refresh_reuse="refused")
        self.simulator.faults(kind="latency", seconds=0.5, match={"path": TOKEN_PATH}, count=5)
        before = len(self.simulator.log())
        results = []
        threads = [threading.Thread(target=self.ask, args=(results,)) for _number in range(2)]
        # While tests run, the main thread holds the lock of the registries.
        with patch.object(Registry, "_lock", DummyRLock()):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
        asked = [entry for entry in self.simulator.log()[before:] if entry["path"] == TOKEN_PATH]
        self.assertEqual(len(asked), 1)
        self.assertEqual(len(results), 2)
        self.assertEqual(len(set(results)), 1)

    def test_lock_keeps_others_out(self):
        with db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SELECT pg_advisory_lock(%s)", (lock_key("test"),))
            other.commit()
            with self.env["qbo.lock"]._hold("test", wait=0.2) as held:
                self.assertFalse(held)
            other.execute("SELECT pg_advisory_unlock(%s)", (lock_key("test"),))
        with self.env["qbo.lock"]._hold("test", wait=0.2) as held:
            self.assertTrue(held)
            with db_connect(self.env.cr.dbname).cursor() as other:
                other.execute("SELECT pg_try_advisory_lock(%s)", (lock_key("test"),))
                self.assertFalse(other.fetchone()[0])
        with db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SELECT pg_try_advisory_xact_lock(%s)", (lock_key("test"),))
            self.assertTrue(other.fetchone()[0], "The lock is let go at the end of the block.")

    def test_lock_leaves_no_transaction_open(self):
        with self.env["qbo.lock"]._hold("test"):
            with db_connect(self.env.cr.dbname).cursor() as other:
                other.execute(
                    "SELECT a.state FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory'"
                    " AND (l.classid::bigint << 32 | l.objid::bigint) = %s", (lock_key("test"),))
                self.assertEqual(other.fetchall(), [("idle",)])

    def test_two_processes_share_the_budget(self):
        def ask():
            throttle = qbo_throttle.CompanyThrottle(self.env.cr.dbname, self.backend_id)
            for _turn in range(9):
                throttle.acquire("metered")
        threads = [threading.Thread(target=ask) for _number in range(2)]
        moments = []
        original = qbo_throttle.CompanyThrottle._count

        def count(throttle, cr, kind, minute, recent):
            moments.append(recent[-1])
            original(throttle, cr, kind, minute, recent)
        with patch.object(qbo_throttle.CompanyThrottle, "_count", count):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
        self.assertEqual(len(moments), 18)
        spans = [later - earlier for earlier, later in zip(moments, moments[8:], strict=False)]
        self.assertGreaterEqual(min(spans), 1, "No nine requests within one second.")
        with db_connect(self.env.cr.dbname).cursor() as other:
            other.execute("SELECT sum(metered) FROM qbo_call_bucket WHERE backend_id = %s", (self.backend_id,))
            self.assertEqual(other.fetchone()[0], 18)

    def test_full_minute_is_not_slept_through(self):
        throttle = qbo_throttle.CompanyThrottle(self.env.cr.dbname, self.backend_id, sleep=lambda seconds: None)
        with patch.object(qbo_throttle, "BATCHES_PER_MINUTE", 2), patch.object(qbo_throttle, "MAX_WAIT", 0.5):
            throttle.acquire("batch")
            throttle.acquire("batch")
            with self.assertRaises(errors.RateLimited) as caught:
                throttle.acquire("batch")
        self.assertGreater(caught.exception.retry_after, 0.5)
        throttle.acquire("core")
