"""Encryption of tokens and secrets with a key that is not in the database."""

import configparser
import hashlib
import os
import socket
import tempfile
from contextlib import suppress

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL, config

CIPHER_COLUMNS = (
    "client_secret_cipher", "access_token_cipher", "refresh_token_cipher", "webhook_verifier_cipher")


class KeyMissing(UserError):
    """The key that encrypted the stored secrets is not there. Nothing can be read; links and history stay."""


class QboSecret(models.AbstractModel):
    """Where the key comes from, first hit wins: ``QBO_SYNC_KEY``, ``QBO_SYNC_KEY_FILE``, ``key`` in section
    ``[qbo_sync]`` of Odoo's configuration file, ``<data_dir>/qbo_sync/<database uuid>.key``.

    Several keys, separated by commas, newest first: the first encrypts, all decrypt, so that a key can be changed
    without connecting anew. Only the key file is ever made by the addon, once, and never while anything encrypted
    exists: a new key beside old ciphertext would hide that the old key is lost.
    """

    _name = "qbo.secret"
    _description = "QuickBooks Secrets"

    def _encrypt(self, text):
        """Return ``text`` encrypted with the newest key; makes the key file when no key and no ciphertext exists.

        :raise KeyMissing: when secrets exist but their key does not
        """
        return self._fernet(make=True).encrypt(text.encode()).decode()

    def _decrypt(self, cipher):
        """Return the text of ``cipher`` ('' for an empty one).

        :raise KeyMissing: when no key fits
        """
        if not cipher:
            return ""
        try:
            return self._fernet().decrypt(cipher.encode()).decode()
        except InvalidToken:
            raise KeyMissing(self._missing_text()) from None

    def _fingerprint(self):
        """Return a short hash of the newest key: tells keys apart without telling the key ('' when there is none)."""
        keys = self._keys()
        return _fingerprint(keys[0]) if keys else ""

    def _knows(self, fingerprint):
        """Tell whether one of the present keys has ``fingerprint``; True when nothing was encrypted yet."""
        return not fingerprint or fingerprint in {_fingerprint(key) for key in self._keys()}

    # === KEYS === #

    def _fernet(self, make=False):
        keys = self._keys() or ([self._make_key()] if make else [])
        if not keys:
            raise KeyMissing(self._missing_text())
        return MultiFernet([Fernet(key) for key in keys])

    def _keys(self):
        """Return the keys, newest first; [] when none is configured.

        :raise KeyMissing: when a place names something that is no key
        """
        for place, read in self._places():
            text = read()
            if text and text.strip():
                return [self._checked(part.strip(), place) for part in text.split(",") if part.strip()]
        return []

    def _places(self):
        """Return ``[(name of the place, function that reads it)]`` in the order in which they are asked."""
        named = os.environ.get("QBO_SYNC_KEY_FILE")
        places = [("QBO_SYNC_KEY", lambda: os.environ.get("QBO_SYNC_KEY"))]
        if named:
            places.append((named, lambda: _read_file(named)))
        places.append(("[qbo_sync] key", _read_config))
        places.append((self._key_path(), lambda: _read_file(self._key_path())))
        return places

    def _key_path(self):
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        return os.path.join(config["data_dir"], "qbo_sync", f"{uuid}.key")

    def _checked(self, text, place):
        try:
            Fernet(text)
        except ValueError:
            raise KeyMissing(self.env._(
                "The encryption key in %(place)s is not valid: it must be 32 bytes in URL-safe "
                "base64.", place=place)) from None
        return text

    def _make_key(self):
        """Make the key file and return its key; with two processes at it, both end up with the same one."""
        if self._ciphertext_exists() or os.environ.get("QBO_SYNC_KEY_FILE"):
            raise KeyMissing(self._missing_text())
        path = self._key_path()
        folder = os.path.dirname(path)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        # mkstemp makes the file readable for its owner only; the link appears whole or not at all and replaces nothing.
        handle, draft = tempfile.mkstemp(dir=folder, prefix=".key-")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(Fernet.generate_key())
            # Another process may have been quicker; then its key is the one.
            with suppress(FileExistsError):
                os.link(draft, path)
        finally:
            os.unlink(draft)
        return self._checked(_read_file(path).strip(), path)

    def _ciphertext_exists(self):
        self.env["qbo.token"].flush_model(CIPHER_COLUMNS)
        present = SQL(" OR ").join(SQL("%s IS NOT NULL", SQL.identifier(column)) for column in CIPHER_COLUMNS)
        return bool(self.env.execute_query(SQL("SELECT 1 FROM qbo_token WHERE %s LIMIT 1", present)))

    def _missing_text(self):
        return self.env._(
            "The key that encrypted this connection's tokens was not found on %(host)s. Looked at: %(places)s. Put the "
            "key back, or connect to QuickBooks again. All links and mappings are kept.",
            host=socket.gethostname(), places=", ".join(place for place, _read in self._places()))


def _fingerprint(key):
    return hashlib.sha256(f"qbo_sync key {key}".encode()).hexdigest()[:16]


def _read_file(path):
    try:
        with open(path, encoding="ascii") as stream:
            return stream.read()
    except (FileNotFoundError, PermissionError, UnicodeDecodeError):
        return ""


def _read_config():
    # Odoo ignores sections it does not know, and warns of options it does not know: hence a section of our own.
    parser = configparser.RawConfigParser()
    try:
        parser.read([config["config"]] if config["config"] else [])
        return parser.get("qbo_sync", "key", fallback="")
    except configparser.Error:
        return ""
