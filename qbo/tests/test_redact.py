"""No token, code, secret or Authorization value survives redaction."""

import logging
import unittest

from hypothesis import given, settings
from hypothesis import strategies as st

from qbo.redact import RedactingFilter, one_line, redact

ACCESS = "eyJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiYWxnIjoiZGlyIn0..abcDEF123_-.ghi"
REFRESH = "AB11735912345qwertyuiopASDFGHJKL"


class TestRedact(unittest.TestCase):
    def test_every_place_a_secret_travels_in(self):
        texts = (
            f"Authorization: Bearer {ACCESS}",
            f"headers={{'Authorization': 'Bearer {ACCESS}', 'Accept': 'x'}}",
            f'{{"access_token": "{ACCESS}", "refresh_token":"{REFRESH}", "expires_in": 3600}}',
            f"grant_type=refresh_token&refresh_token={REFRESH}",
            f"/qbo_sync/oauth/callback?code=AB117&state=abc.def.xxxxxxxxxxxxxxxxxxxx&realmId=123&token={REFRESH}",
            f"Token expired: {REFRESH}",
            f"Token expired: {REFRESH[:4]}",
            "Authorization: Basic Y2xpZW50OnNlY3JldA==",
            'client_secret: "s3cr3t-value", "client_secret": "s3cr3t-value"'.replace(
                "client_secret: ", "client_secret="
            ),
        )
        for text in texts:
            clean = redact(text)
            for secret in (ACCESS, REFRESH, REFRESH[:4], "eyJ", "AB117", "abc.def", "Y2xpZW50", "s3cr3t"):
                self.assertNotIn(secret, clean, text)

    def test_the_rest_stays(self):
        text = '{"Fault":{"Error":[{"Message":"Stale","code":"5010"}]},"realmId":"123","expires_in":3600}'
        self.assertEqual(redact(text), text)
        self.assertIn("realmId=123", redact("x?code=AB11&realmId=123"))
        self.assertNotIn("abcdef", redact("x?code=123456-abcdef"))
        for text in ("errorCode=003200; statusCode=401", "code=5010", "job 7 state=pending"):
            self.assertEqual(redact(text), text)

    def test_one_line_cannot_forge_a_second(self):
        self.assertEqual(one_line("a\r\nqbo GET /forged\x1b[0m\x00b"), "a qbo GET /forged [0m b")
        self.assertEqual(len(one_line("x" * 500)), 200)

    def test_filter_redacts_message_and_arguments(self):
        record = logging.LogRecord("x", logging.INFO, "f", 1, "sent %s", (f"Bearer {ACCESS}",), None)
        self.assertTrue(RedactingFilter().filter(record))
        self.assertEqual(record.getMessage(), "sent Bearer ***")

    @settings(max_examples=60, deadline=None)
    @given(
        st.text(max_size=80), st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCDEF0123456789", min_size=12, max_size=60)
    )
    def test_a_bearer_value_never_survives(self, around, secret):
        self.assertNotIn(f"Bearer {secret}", redact(f"{around} Bearer {secret}"))


if __name__ == "__main__":
    unittest.main()
