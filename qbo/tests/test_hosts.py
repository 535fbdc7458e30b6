"""Nothing is sent to an address that is not QuickBooks'."""

import unittest

from hypothesis import given, settings
from hypothesis import strategies as st

from qbo import hosts
from qbo.errors import HostNotAllowed

PRODUCTION = hosts.allowed_hosts("production")
SIMULATOR = hosts.allowed_hosts("simulator", "http://127.0.0.1:8090")


class TestHosts(unittest.TestCase):
    def test_environments_do_not_mix(self):
        self.assertEqual(hosts.base_url("production"), "https://quickbooks.api.intuit.com")
        self.assertEqual(hosts.base_url("sandbox"), "https://sandbox-quickbooks.api.intuit.com")
        self.assertEqual(hosts.base_url("simulator", "http://127.0.0.1:8090/v3/"), "http://127.0.0.1:8090")
        hosts.check("https://quickbooks.api.intuit.com/v3/company/1/query", PRODUCTION)
        hosts.check("https://quickbooks.api.intuit.com:443/", PRODUCTION)
        hosts.check("http://localhost:8090/v3", SIMULATOR)
        for url in ("https://sandbox-quickbooks.api.intuit.com/v3", "http://127.0.0.1:8090/v3"):
            with self.assertRaises(HostNotAllowed):
                hosts.check(url, PRODUCTION)
        for url in ("https://quickbooks.api.intuit.com/v3", "http://127.0.0.1:8091/", "https://127.0.0.1:8091/"):
            with self.assertRaises(HostNotAllowed):
                hosts.check(url, SIMULATOR)

    def test_tricks(self):
        for url in (
            "http://quickbooks.api.intuit.com/v3",
            "https://quickbooks.api.intuit.com.evil.example/v3",
            "https://quickbooks.api.intuit.com@evil.example/v3",
            "https://evil.example\\@quickbooks.api.intuit.com/v3",
            "https://evil.example#@quickbooks.api.intuit.com/v3",
            "https://quickbooks.api.intuit.com:8443/v3",
            "https://quickbooks.api.intuit.com:x/v3",
            "https:// quickbooks.api.intuit.com/v3",
            "ftp://quickbooks.api.intuit.com/v3",
            "//quickbooks.api.intuit.com/v3",
            "https://[::1/v3",
            "",
        ):
            with self.subTest(url=url), self.assertRaises(HostNotAllowed):
                hosts.check(url, PRODUCTION)

    def test_unknown_environment(self):
        for environment, url in (("staging", ""), ("simulator", ""), ("simulator", "file:///etc/passwd")):
            with self.assertRaises(HostNotAllowed):
                hosts.base_url(environment, url)

    @settings(max_examples=60, deadline=None)
    @given(st.text(max_size=60))
    def test_random_addresses_never_pass(self, text):
        for url in (text, f"https://{text}.example/", f"https://{text}@evil.example"):
            with self.assertRaises(HostNotAllowed):
                hosts.check(url, PRODUCTION)


if __name__ == "__main__":
    unittest.main()
