"""Where the key comes from, and that secrets are found nowhere but in their encrypted columns."""

import logging
import os
import stat
import tempfile
from pathlib import Path
from unittest.mock import patch

from cryptography.fernet import Fernet
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import config

from ..models.qbo_secret import KeyMissing
from ..qbo import errors
from .common import QboCommon
from .logs import Lines

NEW, OLD, OTHER = (Fernet.generate_key().decode() for _number in range(3))
PLACES = ("QBO_SYNC_KEY", "QBO_SYNC_KEY_FILE")


@tagged("post_install", "-at_install")
class TestKey(QboCommon):
    connected = False

    def setUp(self):
        super().setUp()
        self.secret = self.su["qbo.secret"]
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        environ = {name: value for name, value in os.environ.items() if name not in PLACES}
        self.startPatcher(patch.dict(os.environ, environ, clear=True))
        options = {"data_dir": str(self.folder), "config": str(self.folder / "odoo.conf")}
        self.startPatcher(patch.dict(config._runtime_options, options))
        # Rows of other tests' databases would count as ciphertext.
        self.su["qbo.token"].search([]).unlink()

    def key_file(self):
        return Path(self.secret._key_path())

    def test_order_of_places(self):
        self.key_file().parent.mkdir()
        self.key_file().write_text(Fernet.generate_key().decode())
        seen = [self.secret._fingerprint()]
        (self.folder / "odoo.conf").write_text(f"[options]\n[qbo_sync]\nkey = {OTHER}\n")
        seen.append(self.secret._fingerprint())
        (self.folder / "key").write_text(f"{OLD}\n")
        with patch.dict(os.environ, {"QBO_SYNC_KEY_FILE": str(self.folder / "key")}):
            seen.append(self.secret._fingerprint())
            with patch.dict(os.environ, {"QBO_SYNC_KEY": NEW}):
                seen.append(self.secret._fingerprint())
                self.assertEqual(Fernet(NEW).decrypt(self.secret._encrypt("text").encode()), b"text")
        self.assertEqual(len(set(seen)), 4)
        for fingerprint in seen:
            self.assertTrue(fingerprint)
            self.assertNotIn(fingerprint, NEW + OLD + OTHER)

    def test_key_file_is_made_once(self):
        self.assertFalse(self.key_file().exists())
        cipher = self.secret._encrypt("text")
        self.assertNotIn("text", cipher)
        self.assertEqual(stat.S_IMODE(self.key_file().stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(self.key_file().parent.stat().st_mode), 0o700)
        made = self.key_file().read_text()
        self.assertEqual(self.secret._decrypt(cipher), "text")
        self.secret._encrypt("more")
        self.assertEqual(self.key_file().read_text(), made)
        self.assertEqual([path.name for path in self.key_file().parent.iterdir()], [self.key_file().name])

    def test_reading_makes_no_key(self):
        self.assertEqual(self.secret._fingerprint(), "")
        with self.assertRaises(KeyMissing):
            self.secret._decrypt(Fernet(OTHER).encrypt(b"text").decode())
        self.assertFalse(self.key_file().exists())

    def test_never_made_anew_while_ciphertext_exists(self):
        self.backend.client_secret = "very-secret"
        self.key_file().unlink()
        text = self.refusal(KeyMissing, lambda: self.secret._encrypt("text"))
        self.assertIn(str(self.key_file()), text)
        self.assertIn("QBO_SYNC_KEY", text)
        self.assertFalse(self.key_file().exists())
        with self.own_cursors():
            self.backend.action_disconnect()
        self.secret._encrypt("text")
        self.assertTrue(self.key_file().exists(), "With nothing left to read a new key may be made.")

    def test_named_file_is_never_replaced_by_another_place(self):
        with patch.dict(os.environ, {"QBO_SYNC_KEY_FILE": str(self.folder / "nowhere")}):
            text = self.refusal(KeyMissing, lambda: self.secret._encrypt("text"))
        self.assertIn(str(self.folder / "nowhere"), text)
        self.assertFalse(self.key_file().exists())

    def test_rotation(self):
        with patch.dict(os.environ, {"QBO_SYNC_KEY": OLD}):
            cipher, old = self.secret._encrypt("text"), self.secret._fingerprint()
        with patch.dict(os.environ, {"QBO_SYNC_KEY": f"{NEW}, {OLD}"}):
            self.assertEqual(self.secret._decrypt(cipher), "text")
            self.assertTrue(self.secret._knows(old))
            self.assertNotEqual(self.secret._fingerprint(), old)
            fresh = self.secret._encrypt("text")
        with patch.dict(os.environ, {"QBO_SYNC_KEY": NEW}):
            self.assertEqual(self.secret._decrypt(fresh), "text")
            self.assertFalse(self.secret._knows(old))

    def test_what_is_no_key(self):
        with patch.dict(os.environ, {"QBO_SYNC_KEY": "a password"}):
            text = self.refusal(KeyMissing, lambda: self.secret._encrypt("text"))
        self.assertIn("QBO_SYNC_KEY", text)
        self.assertNotIn("a password", text)


@tagged("post_install", "-at_install")
class TestSecrecy(QboCommon):

    def test_lost_key(self):
        binding = self.su["qbo.binding"].create({
            "backend_id": self.backend.id, "company_id": self.company.id, "entity": "Customer", "model": "res.partner",
            "res_id": self.partner_a.id, "qbo_id": "1"})
        self.backend.state = "active"
        with patch.dict(os.environ, {"QBO_SYNC_KEY": OTHER}), self.own_cursors():
            text = self.refusal(UserError, self.backend._get_client)
        self.assertIn("connect to QuickBooks again", text)
        self.assertRecordValues(self.backend, [{"state": "key_missing", "state_message": text}])
        self.assertTrue(self.backend.activity_ids)
        self.assertTrue(binding.exists())
        with self.own_cursors():
            self.assertTrue(self.backend._get_client().company_info(), "With the key back it goes on.")
        self.assertEqual(self.backend.state, "active")

    def test_reconnect_with_a_new_key(self):
        self.startPatcher(patch.dict(os.environ, {"QBO_SYNC_KEY": OTHER}))
        with self.own_cursors():
            self.refusal(UserError, self.backend._get_client)
        self.assertEqual(self.backend.state, "key_missing")
        self.connect(self.backend, self.realm)
        self.assertEqual(self.backend.state, "connected")

    def test_begin_anew_without_the_key(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.su["qbo.token"].search([("backend_id", "!=", self.backend.id)]).unlink()
        environ = {name: value for name, value in os.environ.items() if name not in PLACES}
        self.startPatcher(patch.dict(os.environ, environ, clear=True))
        self.startPatcher(patch.dict(config._runtime_options, {"data_dir": folder.name}))
        with self.own_cursors():
            self.refusal(UserError, self.backend._get_client)
        self.assertEqual(self.backend.state, "key_missing")
        self.backend.with_user(self.qbo_admin).client_secret = "simulator-secret"
        self.assertTrue(Path(self.su["qbo.secret"]._key_path()).exists())
        self.connect(self.backend, self.realm)
        self.assertEqual(self.backend.state, "connected")

    def test_secrets_are_nowhere(self):
        lines = self.listen("", "werkzeug", "odoo.addons.qbo_sync", "urllib3")
        self.backend.client_secret = "simulator-secret"
        self.backend.webhook_verifier = "the-verifier-token"
        secrets = {"simulator-secret", "the-verifier-token"}
        with self.own_cursors():
            answer = self.simulator.query(
                self.simulator.consent(self.backend.with_user(self.qbo_admin).action_connect(), self.realm))
            self.backend.with_user(self.qbo_admin)._oauth_finish(answer["code"], answer["state"], answer["realmId"])
            secrets |= {answer["code"], answer["state"], *self.tokens()}
            client = self.backend._get_client()
            client.company_info()
            self.simulator.oauth(expire_access=True, realm=self.realm)
            client.company_info()
            secrets |= set(self.tokens())
            self.simulator.oauth(disconnect=True, realm=self.realm)
            self.refusal(errors.QboError, client.company_info)
        # Codes and states of the helper's own requests to the consent page are the browser's, not the addon's.
        text = "\n".join(line for line in lines.lines if "/connect/oauth2" not in line)
        self.assertIn("companyinfo", text)
        self.assertGreaterEqual(len(secrets), 6)
        rows = self.stored_text()
        self.assertIn(self.realm, rows)
        for secret in secrets:
            self.assertNotIn(secret, text)
            self.assertNotIn(secret, rows)

    def listen(self, *names):
        """Return what these loggers say from now on, down to the finest level; the console gets no more than before."""
        lines = Lines()
        for name in names:
            logger = logging.getLogger(name)
            self.startPatcher(patch.object(logger, "handlers", [*logger.handlers, lines]))
            if name in ("odoo.addons.qbo_sync", "urllib3"):
                self.startPatcher(patch.object(logger, "propagate", False))
                self.addCleanup(logger.setLevel, logger.level)
                logger.setLevel(logging.DEBUG)
        return lines

    def tokens(self):
        row = self.su["qbo.token"]._of(self.backend)
        row.invalidate_recordset()
        secret = self.su["qbo.secret"]
        return secret._decrypt(row.access_token_cipher), secret._decrypt(row.refresh_token_cipher)

    def stored_text(self):
        """Return every row of the addon's tables and of what a person can read about the connection."""
        self.env.flush_all()
        self.env.cr.execute("SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'qbo\\_%'")
        tables = [name for name, in self.env.cr.fetchall()]
        self.assertIn("qbo_token", tables)
        text = []
        tables += ["mail_message", "mail_activity", "mail_tracking_value", "ir_config_parameter", "ir_logging",
                   "res_config_settings"]
        for table in tables:
            self.env.cr.execute(f'SELECT t::text FROM "{table}" t')  # pylint: disable=sql-injection
            text += [row for row, in self.env.cr.fetchall()]
        return "\n".join(text)

    def test_secrets_are_not_read_back(self):
        self.backend.client_secret = "very-secret"
        backend = self.backend.with_user(self.qbo_admin)
        self.assertEqual(backend.read(["client_secret", "webhook_verifier", "has_client_secret"])[0] | {"id": 0}, {
            "id": 0, "client_secret": False, "webhook_verifier": False, "has_client_secret": True})
        self.assertNotIn("very-secret", str(backend.copy_data()))
        exported = backend.sudo().export_data(["name", "client_secret"])["datas"]
        self.assertNotIn("very-secret", str(exported))
