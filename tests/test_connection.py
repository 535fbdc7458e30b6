"""Connecting, what can go wrong with it, and who may do it."""

import logging
from datetime import timedelta
from unittest.mock import patch
from urllib.parse import urlsplit

import psycopg2
from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import QboCommon, QboHttpCommon
from .logs import Lines


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
