"""The one way out, against a scripted server on loopback."""

import contextlib
import io
import json
import logging
import socket
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from local_server import Answer, LocalServer
from quickbooks.objects.customer import Customer

from qbo import errors, hosts
from qbo.errors import RateLimited
from qbo.transport import Transport

OK = Answer('{"Customer": {"Id": "1", "Balance": 10.10}, "time": "2026-01-01T00:00:00-08:00"}')
STALE = Answer('{"Fault":{"Error":[{"Message":"Stale Object Error","code":"5010"}],"type":"ValidationFault"}}', 400)
EXPIRED = Answer('{"fault":{"error":[{"message":"m","detail":"Token expired: AB01xyz","code":"3200"}],'
                 '"type":"AUTHENTICATION"}}', 401, {"WWW-Authenticate": 'Bearer realm="Intuit"'})  # fmt: skip
SECRET = "eyJsecret-access-token"


class Recorder:
    """Stands for the caller: gives tokens, counts sleeps and calls."""

    def __init__(self):
        self.tokens = 0
        self.slept = []
        self.calls = []
        self.lock = threading.Lock()

    def token(self, force):
        with self.lock:
            self.tokens += force
            return f"{SECRET}{self.tokens}"


class TransportCase(unittest.TestCase):
    def serve(self, *script, answer_for=None):
        # unittest before Python 3.11 has no enterContext.
        self.server = LocalServer(*script, answer_for=answer_for).__enter__()
        self.addCleanup(self.server.__exit__, None, None, None)
        return self.server

    def transport(self, url=None, **values):
        self.recorder = Recorder()
        url = url or self.server.url
        values = {
            "throttle": None,
            "on_call": self.recorder.calls.append,
            "timeout": (2, 2),
            "sleep": self.recorder.slept.append,
            "uniform": lambda low, high: high,
            **values,
        }
        transport = Transport("9130", url, self.recorder.token, hosts.allowed_hosts("simulator", url), **values)
        self.addCleanup(transport.close)
        return transport


class TestRequests(TransportCase):
    def test_what_is_sent_and_what_comes_back(self):
        self.serve(OK)
        answer = self.transport().request("POST", "customer", json={"Balance": Decimal("0.10")}, request_id="r-1")
        asked = self.server.asked[0]
        self.assertEqual((asked.method, asked.path), ("POST", "/v3/company/9130/customer"))
        self.assertEqual(asked.query, {"minorversion": "75", "requestid": "r-1"})
        self.assertEqual(asked.body, '{"Balance":0.10}')
        self.assertEqual(asked.headers["authorization"], f"Bearer {SECRET}0")
        self.assertEqual(asked.headers["accept"], "application/json")
        self.assertEqual(asked.headers["content-type"], "application/json")
        self.assertEqual(answer["Customer"]["Balance"], Decimal("10.10"))
        self.assertIsInstance(answer["Customer"]["Balance"], Decimal)

    def test_library_objects_take_the_same_way(self):
        self.serve(Answer("", cut=True), OK)
        transport = self.transport()
        self.assertEqual(Customer.get(1, qb=transport).Id, "1")
        self.assertEqual(self.server.asked[1].path, "/v3/company/9130/customer/1")
        self.serve(STALE)
        customer = Customer()
        customer.DisplayName = "x"
        with self.assertRaises(errors.StaleObject):
            customer.save(qb=self.transport())

    def test_two_companies_are_two_transports(self):
        self.serve(OK)
        first, second = self.transport(), self.transport()
        self.assertIsNot(first, second)
        self.assertIsNot(first.session, second.session)

    def test_throttle_is_asked_for_every_attempt(self):
        self.serve(Answer("", 503), OK)
        kinds = []

        class Asked:
            def acquire(self, kind):
                kinds.append(kind)

        self.transport(throttle=Asked()).request("GET", "customer/1", kind="metered")
        self.assertEqual(kinds, ["metered", "metered"])

    def test_cookies_and_netrc_change_nothing(self):
        self.serve(Answer(OK.body, headers={"Set-Cookie": "a=b"}), OK)
        transport = self.transport()
        transport.request("GET", "customer/1")
        transport.request("GET", "customer/1")
        self.assertNotIn("cookie", self.server.asked[1].headers)
        self.assertTrue(self.server.asked[1].headers["authorization"].startswith("Bearer"))

    def test_paths_stay_below_the_company(self):
        self.serve(OK)
        transport = self.transport()
        for path in (
            "",
            "/",
            "../../x",
            "a/../b",
            "http://evil.example",
            "customer?x=1",
            "customer/1#a",
            "a b",
            "a%2f",
        ):
            with self.subTest(path=path), self.assertRaises(ValueError):
                transport.request("GET", path)
        self.assertEqual(self.server.asked, [])

    def test_request_ids_are_measured_before_sending(self):
        self.serve(OK)
        transport = self.transport()
        with self.assertRaises(ValueError):
            transport.request("POST", "customer", json={}, request_id="x" * 51)
        with self.assertRaises(ValueError):
            transport.request("POST", "batch", json={}, request_id="x" * 37, kind="batch")
        self.assertEqual(self.server.asked, [])


class TestRetries(TransportCase):
    def test_same_request_id_until_it_works(self):
        self.serve(Answer("<html>", 502), Answer("", cut=True), Answer("{}", 500), OK)
        answer = self.transport().request("POST", "customer", json={"a": 1}, request_id="r-7")
        self.assertEqual(answer["Customer"]["Id"], "1")
        self.assertEqual([asked.query["requestid"] for asked in self.server.asked], ["r-7"] * 4)
        self.assertEqual(len({asked.body for asked in self.server.asked}), 1)
        self.assertEqual(self.recorder.slept, [0.5, 1.0, 2.0])

    def test_gives_up_after_four(self):
        self.serve(Answer("", 504))
        with self.assertRaises(errors.UnknownOutcome):
            self.transport().request("POST", "customer", json={}, request_id="r")
        self.assertEqual(len(self.server.asked), 4)

    def test_write_without_request_id_is_not_repeated(self):
        for answer, cls in (
            (Answer("", 503), errors.UnknownOutcome),
            (Answer("", cut=True), errors.UnknownOutcome),
            (Answer("{}", 500), errors.ServerFault),
            (Answer("not json"), errors.MalformedAnswer),
            (Answer('{"Customer": ', length=500), errors.UnknownOutcome),
        ):
            self.serve(answer)
            with self.subTest(cls=cls), self.assertRaises(cls):
                self.transport().request("POST", "customer", json={})
            self.assertEqual(len(self.server.asked), 1)

    def test_truncated_and_garbled_answers_are_asked_again(self):
        self.serve(Answer('{"Customer": {"Id"', length=400), Answer('{"Customer": {"Id"'), Answer("[1]"), OK)
        self.assertEqual(self.transport().request("GET", "customer/1")["Customer"]["Id"], "1")

    def test_time_out_is_an_unknown_outcome(self):
        release = threading.Event()
        self.addCleanup(release.set)
        self.serve(answer_for=lambda asked: OK if release.wait(0.5) else OK)
        with self.assertRaises(errors.UnknownOutcome):
            self.transport(timeout=(1, 0.05)).request("POST", "customer", json={})

    def test_nobody_listens(self):
        with contextlib.closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with self.assertRaises(errors.Unreachable) as caught:
            self.transport(url).request("POST", "customer", json={"x": 1})
        # Nothing was sent, so even a write without request id was tried again.
        self.assertEqual(len(self.recorder.slept), 3)
        self.assertNotIn(url, str(caught.exception))

    def test_business_errors_are_not_repeated(self):
        self.serve(STALE)
        with self.assertRaises(errors.StaleObject):
            self.transport().request("POST", "customer", json={}, request_id="r")
        self.assertEqual(len(self.server.asked), 1)

    def test_throttled_for_long_is_raised_at_once(self):
        self.serve(Answer("<html/>", 429))
        with self.assertRaises(RateLimited) as caught:
            self.transport().request("GET", "customer/1")
        self.assertEqual((caught.exception.retry_after, len(self.server.asked)), (60.0, 1))

    def test_throttled_for_a_moment_is_waited_for_once(self):
        self.serve(Answer("", 429, {"Retry-After": "2"}), OK)
        self.transport().request("POST", "customer", json={})
        self.assertEqual(self.recorder.slept, [2.0])
        self.serve(Answer("", 429, {"Retry-After": "2"}))
        with self.assertRaises(RateLimited):
            self.transport().request("GET", "customer/1")
        self.assertEqual(len(self.server.asked), 2)

    def test_retry_after_is_honoured(self):
        self.serve(Answer("", 503, {"Retry-After": "9"}), OK)
        self.transport().request("GET", "customer/1")
        self.assertEqual(self.recorder.slept, [9.0])
        self.serve(Answer("", 503, {"Retry-After": "300"}))
        with self.assertRaises(errors.UnknownOutcome) as caught:
            self.transport().request("GET", "customer/1")
        self.assertEqual((caught.exception.retry_after, self.recorder.slept), (300.0, []))


class TestTokens(TransportCase):
    def test_one_refresh_then_the_same_request(self):
        self.serve(EXPIRED, OK)
        self.transport().request("POST", "customer", json={"a": 1})
        self.assertEqual(
            [asked.headers["authorization"] for asked in self.server.asked],
            [f"Bearer {SECRET}0", f"Bearer {SECRET}1"],
        )
        self.assertEqual(self.recorder.slept, [])

    def test_a_second_401_stops(self):
        self.serve(EXPIRED)
        with self.assertRaises(errors.AuthExpired) as caught:
            self.transport().request("GET", "customer/1")
        self.assertIs(caught.exception.policy, errors.Policy.STOP)
        self.assertEqual((len(self.server.asked), self.recorder.tokens), (2, 1))

    def test_threads_refresh_once_together(self):
        barrier = threading.Barrier(4)

        def answer_for(asked):
            if asked.headers["authorization"].endswith("0"):
                barrier.wait(5)
                return EXPIRED
            return OK

        self.serve(answer_for=answer_for)
        transport = self.transport()
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda number: transport.request("GET", f"customer/{number}"), range(4)))
        self.assertEqual([answer["Customer"]["Id"] for answer in answers], ["1"] * 4)
        self.assertEqual(self.recorder.tokens, 1)


class TestHostsAndRedirects(TransportCase):
    def test_foreign_base_is_refused(self):
        with self.assertRaises(errors.HostNotAllowed):
            Transport("1", "https://evil.example", lambda force: "t", hosts.allowed_hosts("production"))

    def test_redirects_are_not_followed(self):
        with LocalServer(OK) as other:
            self.serve(Answer("", 307, {"Location": f"{other.url}/v3/company/9130/customer/1"}))
            with self.assertRaises(errors.HostNotAllowed):
                self.transport().request("GET", "customer/1")
            self.assertEqual(other.asked, [])
        self.assertEqual(len(self.server.asked), 1)

    def test_library_calls_cannot_leave_either(self):
        self.serve(OK)
        transport = self.transport()
        with self.assertRaises(errors.HostNotAllowed):
            transport.get_current_user()
        with self.assertRaises(errors.HostNotAllowed):
            transport.process_request("GET", "https://evil.example/x", headers={}, params={}, data="")
        self.assertEqual(self.server.asked, [])


class TestLog(TransportCase):
    def test_one_line_a_call_without_secrets(self):
        self.serve(Answer(STALE.body, 400, {"intuit_tid": "1-5f733be9-abc"}))
        with self.assertLogs("qbo.transport", logging.INFO) as logs, self.assertRaises(errors.StaleObject):
            self.transport().request("POST", "customer", json={"Notes": "private"}, request_id="r-1")
        self.assertEqual(len(logs.output), 1)
        self.assertRegex(
            logs.output[0],
            r"^INFO:qbo\.transport:qbo POST customer 400 \d+ms tid=1-5f733be9-abc rid=r-1 items=0$",
        )

    def test_nothing_secret_anywhere(self):
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        root = logging.getLogger()
        level = root.level
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        self.addCleanup(root.setLevel, level)
        self.addCleanup(root.removeHandler, handler)
        self.serve(EXPIRED, Answer("", 503), Answer("garbled"), Answer("", cut=True), EXPIRED)
        transport = self.transport()
        with self.assertRaises(errors.QboError) as caught:
            transport.request("POST", "query", data="select * from Customer where DisplayName = 'Amy'", kind="metered")
        text = stream.getvalue() + repr(caught.exception) + str(caught.exception) + repr(transport)
        text += repr(self.recorder.calls)
        for secret in (SECRET, "Bearer", "AB01", "Amy"):
            self.assertNotIn(secret, text)
        self.assertIn("qbo POST query 401", text)

    def test_every_exchange_is_told(self):
        rows = json.dumps({"QueryResponse": {"Customer": [{"Id": "1"}, {"Id": "2"}, {"Id": "3"}]}})
        self.serve(Answer("", 503, {"intuit_tid": "1-a\tb"}), Answer(rows))
        self.transport().request("POST", "query", data="x", content_type="application/text", kind="metered")
        first, second = self.recorder.calls
        self.assertEqual((first.status, first.kind, first.path, first.intuit_tid), (503, "metered", "query", "1-a b"))
        self.assertEqual((second.status, second.items), (200, 3))
        self.serve(Answer("", cut=True))
        with self.assertRaises(errors.UnknownOutcome):
            self.transport().request("POST", "customer", json={})
        self.assertEqual([(call.status, call.items) for call in self.recorder.calls], [(0, 0)])


if __name__ == "__main__":
    unittest.main()
