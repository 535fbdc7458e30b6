"""Faults as QuickBooks words them, and what is made of them."""

import json
import unittest
from datetime import datetime, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from qbo import errors, guide
from qbo.errors import Policy, QboError, error_from_item, fault_from_body, oauth_fault
from qbo.faults import retry_after_seconds


def fault(code, message, detail, kind="ValidationFault", element=""):
    entry = {"Message": message, "Detail": detail, "code": code, "element": element}
    return json.dumps({"Fault": {"Error": [entry], "type": kind}, "time": "2017-03-14T11:31:21.758-07:00"})


GATEWAY_401 = json.dumps(
    {
        "warnings": None,
        "intuitObject": None,
        "fault": {
            "error": [
                {
                    "message": "message=AuthenticationFailed; errorCode=003200; statusCode=401",
                    "detail": "Token expired: AB01abcdefghijklmnopqrstuvwxyz0123456789",
                    "code": "3200",
                    "element": None,
                }
            ],
            "type": "AUTHENTICATION",
        },
        "batchItemResponse": [],
        "time": 1601391072830,
    }
)
THROTTLE_XML = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<IntuitResponse time="2016-05-05T08:51:09.135-07:00" xmlns="http://schema.intuit.com/finance/v3">
<Fault type="SERVICE"><Error code="3001"><Message>message=ThrottleExceeded; errorCode=003001; statusCode=429</Message>
<Detail>The request limit was reached.  Try again later</Detail></Error></Fault></IntuitResponse>"""


class TestRecordedFaults(unittest.TestCase):
    """Bodies recorded from the service; each gets its own class (610, 6000 and 6210 are easily taken for one)."""

    CASES = (
        # HTTP, code, text, class, policy
        (401, "100", "General Authentication Error", errors.AuthExpired, Policy.STOP),
        (403, "120", "Authorization Failure", errors.Forbidden, Policy.STOP),
        (400, "500", "Unsupported Operation", errors.UnsupportedOperation, Policy.ASK),
        (400, "610", "Object Not Found", errors.ObjectNotFound, Policy.ASK),
        (400, "2010", "Request has invalid or unsupported property", errors.ValidationFault, Policy.ASK),
        (400, "2020", "Required param missing", errors.ValidationFault, Policy.ASK),
        (400, "2500", "Invalid Reference Id", errors.InvalidReference, Policy.BLOCK),
        (429, "3001", "message=ThrottleExceeded", errors.RateLimited, Policy.WAIT),
        (403, "3001", "message=ThrottleExceeded", errors.RateLimited, Policy.WAIT),
        (403, "3100", "message=ApplicationAuthorizationFailed", errors.Forbidden, Policy.STOP),
        (400, "4000", "Error parsing query", errors.QueryFault, Policy.ASK),
        (400, "4001", "Invalid query", errors.QueryFault, Policy.ASK),
        (400, "5010", "Stale Object Error", errors.StaleObject, Policy.ASK),
        (400, "6000", "A business validation error has occurred", errors.BusinessFault, Policy.ASK),
        (400, "6140", "Duplicate Document Number Error", errors.DuplicateNumber, Policy.ASK),
        (400, "6190", "Invalid Company Status", errors.SubscriptionLapsed, Policy.STOP),
        (400, "6200", "Account Period Closed", errors.PeriodClosed, Policy.ASK),
        (400, "6210", "Account Period Closed", errors.PeriodClosed, Policy.ASK),
        (400, "6240", "Duplicate Name Exists Error", errors.DuplicateName, Policy.ASK),
        (400, "6540", "Deposited Transaction cannot be changed", errors.Deposited, Policy.ASK),
        (500, "10000", "An application error has occurred", errors.ServerFault, Policy.RETRY),
    )

    def test_every_code_has_its_class_and_policy(self):
        for status, code, text, cls, policy in self.CASES:
            with self.subTest(code=code, status=status):
                error = fault_from_body(status, fault(code, text, f"{text} : more"), {"intuit_tid": "1-abc"})
                self.assertIs(type(error), cls)
                self.assertEqual((error.code, error.policy), (code, policy))
                self.assertEqual((error.message, error.detail), (text, f"{text} : more"))
                self.assertEqual((error.http_status, error.intuit_tid), (status, "1-abc"))

    def test_gateway_fault_in_lower_case_hides_the_token(self):
        error = fault_from_body(401, GATEWAY_401, {})
        self.assertIsInstance(error, errors.AuthExpired)
        self.assertEqual(error.code, "3200")
        self.assertIn("Token expired", error.detail)
        self.assertNotIn("AB01", error.detail + str(error) + repr(error))

    def test_throttle_in_xml(self):
        for status in (429, 403):
            error = fault_from_body(status, THROTTLE_XML, {"Content-Type": "text/xml"})
            self.assertIsInstance(error, errors.RateLimited)
            self.assertEqual(error.detail, "The request limit was reached.  Try again later")
            self.assertEqual(error.retry_after, 60.0)

    def test_throttle_without_known_body_goes_by_status(self):
        for body in ("", "Too many", fault("429", "Too Many Requests", ""), fault("10000", "m", "d", "SystemFault")):
            error = fault_from_body(429, body, {"Retry-After": "7"})
            self.assertIsInstance(error, errors.RateLimited)
            self.assertEqual(error.retry_after, 7.0)

    def test_outage_pages_leave_the_outcome_open(self):
        for status in (408, 502, 503, 504):
            error = fault_from_body(status, "<html><body>Bad Gateway</body></html>", {})
            self.assertIsInstance(error, errors.UnknownOutcome)
            self.assertTrue(error.outcome_unknown)

    def test_fault_behind_status_200(self):
        hidden = json.dumps({"AttachableResponse": [{"Fault": json.loads(fault("6000", "m", "d"))["Fault"]}]})
        for body in (fault("6190", "Invalid Company Status", ""), hidden):
            self.assertIsInstance(fault_from_body(200, body, {}), QboError)

    def test_good_answers_are_none(self):
        for body in ('{"Invoice":{"Id":"1"}}', '{"QueryResponse":{}}', b"%PDF-1.4", "", '{"Invoice":{"Memo":"Fault"}}'):
            self.assertIsNone(fault_from_body(200, body, {}))

    def test_not_found_page_is_no_missing_object(self):
        # A wrong address or a proxy answers 404; taking that for 610 would call every record missing.
        error = fault_from_body(404, "<html>Not Found</html>", {})
        self.assertIsInstance(error, errors.UnsupportedOperation)
        self.assertEqual(error.code, "http_404")

    def test_all_errors_of_a_fault_are_kept(self):
        body = {"Fault": {"Error": [
            {"Message": "Required param missing", "Detail": "Required parameter AccountRef", "code": "2020"},
            {"Message": "Required param missing", "Detail": "Required parameter Line", "code": "2020"},
        ], "type": "ValidationFault"}}  # fmt: skip
        error = fault_from_body(400, json.dumps(body), {})
        self.assertEqual(error.detail, "Required parameter AccountRef\nRequired parameter Line")
        self.assertEqual(len(error.items), 2)

    def test_unknown_code_keeps_its_number(self):
        error = fault_from_body(400, fault("6999", "New rule", "Something new"), {})
        self.assertIs(type(error), errors.BusinessFault)
        self.assertEqual(error.code, "6999")

    def test_policy_of_code_agrees_with_the_error(self):
        for _status, code, _text, _cls, policy in self.CASES:
            self.assertIs(errors.policy_of(code), policy)
        self.assertIs(errors.policy_of("nonsense"), Policy.ASK)


class TestDuplicates(unittest.TestCase):
    def test_name_with_and_without_id(self):
        texts = {
            "The name supplied already exists. : Id=58": "58",
            "The name supplied already exists. : null": "",
            "The name supplied already exists. : Another customer, vendor or employee is already using this name.": "",
        }
        for detail, expected in texts.items():
            error = fault_from_body(400, fault("6240", "Duplicate Name Exists Error", detail), {})
            self.assertEqual(error.existing_id, expected)

    def test_number_names_the_other_document(self):
        start = "Duplicate Document Number Error : You must specify a different number. This number has already been"
        texts = {
            f"{start} used. DocNumber=X-1 is assigned to TxnType=Invoice with TxnId=1109": ("Invoice", "1109", "X-1"),
            f"{start} used. DocNumber=AA_2025-07_7676ce is assigned to TxnType=Journal Entry with TxnId=3632": (
                "JournalEntry", "3632", "AA_2025-07_7676ce",
            ),
            "Numéro en double. DocNumber=7 est attribué à TxnType=Facture avec TxnId=12": ("Facture", "12", "7"),
            "Duplicate Document Number Error : no more is known": ("", "", ""),
        }  # fmt: skip
        for detail, expected in texts.items():
            error = fault_from_body(400, fault("6140", "Duplicate Document Number Error", detail), {})
            self.assertEqual((error.existing_type, error.existing_id, error.existing_number), expected)


class TestBatchItem(unittest.TestCase):
    def test_item_with_and_without_fault(self):
        stale = json.loads(fault("5010", "Stale Object Error", "Stale Object Error : You and X were working"))
        self.assertIsInstance(error_from_item({**stale, "bId": "bid3"}), errors.StaleObject)
        self.assertIsNone(error_from_item({"Vendor": {"Id": "71"}, "bId": "bid1"}))

    def test_fault_without_entries_is_still_a_fault(self):
        self.assertIsInstance(error_from_item({"Fault": {"type": "ValidationFault"}, "bId": "1"}), QboError)


class TestOAuthFaults(unittest.TestCase):
    def test_words_of_the_token_endpoint(self):
        cases = (
            (400, {"error": "invalid_grant"}, errors.AuthRevoked, "invalid_grant"),
            (400, {"error": "invalid_grant", "error_description": "Incorrect or invalid refresh token"},
             errors.AuthRevoked, "invalid_grant"),
            (401, {"error": "invalid_client"}, errors.BadClient, "invalid_client"),
            (400, {"error": "invalid_client"}, errors.BadClient, "invalid_client"),
            (400, {"error": "invalid_scope"}, errors.OAuthRefused, "invalid_scope"),
            (400, {"error": "something_new"}, errors.OAuthRefused, "access_denied"),
            (401, {}, errors.BadClient, "invalid_client"),
            (503, {}, errors.UnknownOutcome, "unknown_outcome"),
            (429, {}, errors.RateLimited, "3001"),
        )  # fmt: skip
        for status, body, cls, code in cases:
            with self.subTest(status=status, body=body):
                error = oauth_fault(status, json.dumps(body), {})
                self.assertIs(type(error), cls)
                self.assertEqual(error.code, code)
        self.assertIsNone(oauth_fault(200, '{"access_token": "x"}', {}))

    def test_error_behind_status_200_is_an_error(self):
        self.assertIsInstance(oauth_fault(200, '{"error": "invalid_grant"}', {}), errors.AuthRevoked)


class TestRetryAfter(unittest.TestCase):
    def test_seconds_dates_and_rubbish(self):
        now = datetime(2026, 9, 1, 12, 0, 0, tzinfo=timezone.utc)
        cases = {
            "30": 30.0,
            "1.5": 1.5,
            "Tue, 01 Sep 2026 12:01:00 GMT": 60.0,
            "Tue, 01 Sep 2026 11:00:00 GMT": 0.0,
            "soon": 0.0,
            "-5": 0.0,
            "": 0.0,
        }
        for value, expected in cases.items():
            self.assertEqual(retry_after_seconds({"retry-after": value}, now), expected, value)


class TestNothingCrashes(unittest.TestCase):
    @settings(max_examples=60, deadline=None)
    @given(st.integers(100, 599), st.binary(max_size=200))
    def test_random_bytes(self, status, body):
        error = fault_from_body(status, body, {})
        if error is None:
            self.assertLess(status, 300)
        else:
            self.assertIn(error.policy, list(Policy))
            self.assertIsInstance(guide.guide_for_error(error), guide.Guide)

    json_values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
            st.sampled_from(["Fault", "fault", "Error", "error", "code", "Detail", "type", "AttachableResponse", "x"]),
            inner, max_size=4),
        max_leaves=12,
    )  # fmt: skip

    @settings(max_examples=80, deadline=None)
    @given(st.integers(200, 599), json_values)
    def test_random_faults(self, status, value):
        for error in (
            fault_from_body(status, json.dumps(value), {}),
            oauth_fault(status, json.dumps(value), {}),
            error_from_item(value) if isinstance(value, dict) else None,
        ):
            if error is not None:
                self.assertTrue(error.code)
                self.assertIn(error.policy, list(Policy))
                self.assertIsInstance(str(error), str)

    def test_deep_nesting(self):
        body = '{"Fault":' * 100_000
        self.assertIsInstance(fault_from_body(400, body, {}), QboError)


if __name__ == "__main__":
    unittest.main()
