"""Signing in, against a scripted server on loopback."""

import json
import logging
import unittest
from datetime import datetime, timedelta, timezone
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from local_server import Answer, LocalServer

from qbo import errors, oauth
from qbo.oauth import OAuth, new_state, read_state

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=timezone.utc)
TOKENS = {
    "token_type": "bearer",
    "expires_in": 3600,
    "x_refresh_token_expires_in": 8640000,
    "x_refresh_token_hard_expires_in": 157680000,
    "access_token": "eyJaccess-value",
    "refresh_token": "AB11refresh-value",
}


class TestSignIn(unittest.TestCase):
    def setUp(self):
        oauth.forget_endpoints()
        self.addCleanup(oauth.forget_endpoints)
        self.answers = [Answer(json.dumps(TOKENS))]
        self.server = LocalServer(answer_for=self.answer_for).__enter__()
        self.addCleanup(self.server.__exit__, None, None, None)
        self.hosts = {}

    def answer_for(self, asked):
        if asked.path.startswith("/.well-known/"):
            root = self.server.url
            return Answer(json.dumps({
                "issuer": root, "jwks_uri": f"{root}/jwks", "authorization_endpoint": f"{root}/connect/oauth2",
                "token_endpoint": f"{root}/token", "revocation_endpoint": f"{root}/revoke",
                "userinfo_endpoint": f"{root}/userinfo", **self.hosts,
            }))  # fmt: skip
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def oauth(self, **values):
        values = {"environment": "simulator", "discovery_url": self.server.url, "timeout": (1, 1), **values}
        return OAuth("client-1", "s3cret", "https://odoo.example/cb", now=lambda: NOW, **values)

    def asked(self, path):
        return [asked for asked in self.server.asked if asked.path == path]

    def test_consent_page(self):
        url = urlsplit(self.oauth().authorize_url("state-1"))
        self.assertEqual(f"{url.scheme}://{url.netloc}{url.path}", f"{self.server.url}/connect/oauth2")
        self.assertEqual(
            {key: values[0] for key, values in parse_qs(url.query).items()},
            {
                "client_id": "client-1",
                "response_type": "code",
                "scope": "com.intuit.quickbooks.accounting",
                "redirect_uri": "https://odoo.example/cb",
                "state": "state-1",
            },
        )

    def test_code_becomes_tokens(self):
        tokens = self.oauth().exchange("code-1", "9130")
        asked = self.asked("/token")[0]
        self.assertEqual(
            parse_qs(asked.body),
            {"grant_type": ["authorization_code"], "code": ["code-1"], "redirect_uri": ["https://odoo.example/cb"]},
        )
        self.assertEqual(asked.headers["authorization"], requests.auth._basic_auth_str("client-1", "s3cret"))
        self.assertEqual(asked.headers["x-include-refresh-token-hard-expires-in"], "true")
        self.assertEqual((tokens.access_token, tokens.refresh_token), ("eyJaccess-value", "AB11refresh-value"))
        self.assertEqual(tokens.access_expires_at, NOW + timedelta(hours=1))
        self.assertEqual(tokens.refresh_expires_at, NOW + timedelta(days=100))
        self.assertEqual(tokens.hard_expires_at, NOW + timedelta(days=1825))
        self.assertNotIn("value", repr(tokens) + str(tokens))

    def test_refresh_returns_the_rotated_token(self):
        rotated = {**TOKENS, "refresh_token": "AB12other", "x_refresh_token_hard_expires_in": None}
        self.answers = [Answer(json.dumps(rotated))]
        tokens = self.oauth().refresh("AB11old")
        self.assertEqual(parse_qs(self.asked("/token")[0].body)["refresh_token"], ["AB11old"])
        self.assertEqual((tokens.refresh_token, tokens.hard_expires_at), ("AB12other", None))

    def test_revoke(self):
        self.answers = [Answer("")]
        self.oauth().revoke("AB11old")
        self.assertEqual(json.loads(self.asked("/revoke")[0].body), {"token": "AB11old"})

    def test_discovery_is_asked_once_for_all_objects(self):
        for _number in range(3):
            self.oauth().refresh("AB11old")
        self.assertEqual(len([asked for asked in self.server.asked if "well-known" in asked.path]), 1)
        self.assertEqual(len(self.asked("/token")), 3)

    def test_refusals_have_their_class(self):
        cases = (
            (
                400,
                {"error": "invalid_grant", "error_description": "Incorrect or invalid refresh token"},
                errors.AuthRevoked,
            ),
            (401, {"error": "invalid_client"}, errors.BadClient),
            (400, {"error": "invalid_scope"}, errors.OAuthRefused),
            (503, {}, errors.UnknownOutcome),
            (429, {}, errors.RateLimited),
        )
        for status, body, cls in cases:
            self.answers = [Answer(json.dumps(body), status, {"intuit_tid": "1-t"})]
            with self.subTest(status=status), self.assertRaises(cls) as caught:
                self.oauth().refresh("AB11secretsecretsecret")
            self.assertEqual((caught.exception.http_status, caught.exception.intuit_tid), (status, "1-t"))
            self.assertNotIn("AB11", str(caught.exception))
            self.assertTrue(caught.exception.__suppress_context__)

    def test_a_good_status_without_tokens_is_no_success(self):
        for body in ("{}", '{"error": "invalid_grant"}', '{"access_token": "x"}',
                     '{"access_token": "", "refresh_token": "y"}',
                     "<html>", '{"access_token": 1, "refresh_token": 2}'):  # fmt: skip
            self.answers = [Answer(body)]
            with self.subTest(body=body), self.assertRaises(errors.MalformedAnswer):
                self.oauth().refresh("AB11old")

    def test_lost_answer_is_an_unknown_outcome(self):
        self.answers = [Answer("", cut=True)]
        with self.assertRaises(errors.UnknownOutcome):
            self.oauth().refresh("AB11old")

    def test_the_secret_never_goes_to_a_foreign_host(self):
        self.hosts = {"token_endpoint": "http://127.0.0.1:9/token"}
        with self.assertRaises(errors.HostNotAllowed):
            self.oauth().refresh("AB11old")
        # Nobody may be led to a foreign page of consent either.
        self.hosts = {"authorization_endpoint": "http://evil.example/connect"}
        with self.assertRaises(errors.HostNotAllowed):
            self.oauth().authorize_url("state")
        self.hosts = {}
        oauth.forget_endpoints()
        with LocalServer(Answer(json.dumps(TOKENS))) as other:
            self.answers = [Answer("", 307, {"Location": f"{other.url}/token"})]
            with self.assertRaises(errors.QboError):
                self.oauth().refresh("AB11old")
            self.assertEqual(other.asked, [])
        self.assertEqual(len(self.asked("/token")), 1)

    def test_incomplete_discovery(self):
        self.hosts = {"token_endpoint": None}
        with self.assertRaises(errors.MalformedAnswer):
            self.oauth().authorize_url("s")

    def test_intuit_without_discovery_uses_the_published_addresses(self):
        with mock.patch.object(oauth.requests, "get", side_effect=requests.exceptions.ReadTimeout()) as get:
            url = self.oauth(environment="production", discovery_url=None).authorize_url("s")
        self.assertTrue(url.startswith("https://appcenter.intuit.com/connect/oauth2?"))
        self.assertEqual(get.call_args.kwargs["timeout"], (1, 1))
        with self.assertRaises(errors.HostNotAllowed):
            self.oauth(environment="production", discovery_url=self.server.url)
        with self.assertRaises(errors.HostNotAllowed):
            self.oauth(environment="simulator", discovery_url=None)

    def test_a_simulator_that_is_down_is_said_to_be(self):
        with (
            mock.patch.object(oauth.requests, "get", side_effect=requests.exceptions.ConnectTimeout()),
            self.assertRaises(errors.Unreachable),
        ):
            self.oauth().authorize_url("s")

    def test_nothing_secret_in_the_log(self):
        with self.assertLogs(level=logging.DEBUG) as logs:
            logging.getLogger("qbo").debug("start")
            client = self.oauth()
            client.exchange("AB11code", "9130")
        text = "\n".join(logs.output) + repr(client)
        for secret in ("AB11", "eyJ", "s3cret", "Basic"):
            self.assertNotIn(secret, text)


class TestState(unittest.TestCase):
    SECRET = b"0123456789abcdef"

    def test_there_and_back(self):
        state = new_state(self.SECRET, {"b": 7, "u": 2}, NOW)
        claims = read_state(self.SECRET, state, NOW + timedelta(seconds=599))
        self.assertEqual((claims["b"], claims["u"]), (7, 2))
        self.assertRegex(state, r"^[A-Za-z0-9_.-]+$")
        self.assertGreaterEqual(len(claims["n"]), 32)
        self.assertNotEqual(state, new_state(self.SECRET, {"b": 7, "u": 2}, NOW))

    def test_old_future_foreign_and_changed_ones(self):
        state = new_state(self.SECRET, {"b": 7}, NOW)
        with self.assertRaises(errors.StateRefused) as caught:
            read_state(self.SECRET, state, NOW + timedelta(seconds=601))
        self.assertEqual(caught.exception.code, "state_expired")
        with self.assertRaises(errors.StateRefused):
            read_state(self.SECRET, state, NOW - timedelta(seconds=120))
        with self.assertRaises(errors.StateRefused):
            read_state(b"another secret, long", state, NOW)
        body, _dot, signature = state.partition(".")
        for bad in (
            "",
            ".",
            body,
            f"{body}.",
            f"x{body}.{signature}",
            f"{body}.{signature}x",
            state[:-1],
            "\u00e4.\ud800",
        ):
            with self.subTest(bad=bad), self.assertRaises(errors.StateRefused):
                read_state(self.SECRET, bad, NOW)

    def test_careless_use_is_refused(self):
        with self.assertRaises(ValueError):
            new_state(b"short", {}, NOW)
        with self.assertRaises(ValueError):
            new_state(self.SECRET, {}, NOW.replace(tzinfo=None))

    def test_claims_cannot_replace_the_time(self):
        state = new_state(self.SECRET, {"t": 9999999999, "n": "x"}, NOW)
        self.assertNotEqual(read_state(self.SECRET, state, NOW)["n"], "x")
        with self.assertRaises(errors.StateRefused):
            read_state(self.SECRET, state, NOW + timedelta(hours=1))

    @settings(max_examples=60, deadline=None)
    @given(st.text(max_size=80))
    def test_random_states(self, text):
        with self.assertRaises(errors.StateRefused):
            read_state(self.SECRET, text, NOW)


if __name__ == "__main__":
    unittest.main()
