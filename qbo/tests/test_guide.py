"""Every error code has a cause and a way out in words."""

import re
import unittest

from qbo import errors
from qbo.guide import BUTTONS, GUIDES, guide_for, guide_for_error
from qbo.mapping.errors import MappingError

# Intuit's table of error codes, as far as it concerns the entities that are synced.
CODES = [
    "100", "120", "130", "140", "150", "500", "600", "610", "620", "700", "800", "1040", "2010", "2020", "2030",
    "2050", "2060", "2070", "2080", "2090", "2100", "2110", "2130", "2140", "2170", "2200", "2210", "2220", "2240",
    "2250", "2290", "2300", "2500", "3001", "3100", "3200", "4000", "4001", "5010", "5020", "6000", "6070", "6080",
    "6090", "6100", "6140", "6180", "6190", "6200", "6210", "6220", "6240", "6250", "6270", "6420", "6430", "6480",
    "6530", "6540", "10000",
]  # fmt: skip


def subclasses(cls):
    for child in cls.__subclasses__():
        yield child
        yield from subclasses(child)


class TestGuide(unittest.TestCase):
    def test_every_code_of_the_table(self):
        for code in CODES:
            with self.subTest(code=code):
                entry = guide_for(code)
                self.assertEqual(entry.code, code)
                self.assertEqual(entry.pattern, "")

    def test_every_class_of_our_own(self):
        for cls in subclasses(errors.QboError):
            with self.subTest(cls=cls.__name__):
                self.assertEqual(guide_for_error(cls("x")).code, cls.default_code)

    def test_every_refusal_of_the_mapping(self):
        words = re.findall(r"``(\w+)``", (MappingError.__doc__ or "").split("stood there.")[1])
        self.assertGreater(len(words), 15)
        for word in words:
            with self.subTest(word=word):
                self.assertEqual(guide_for(f"data_{word}").code, f"data_{word}")

    def test_entries_are_whole(self):
        seen = set()
        for entry in GUIDES:
            with self.subTest(code=entry.code, pattern=entry.pattern):
                self.assertIn(entry.button, BUTTONS)
                self.assertTrue(entry.cause.endswith(".") and entry.fix.endswith("."))
                self.assertNotIn((entry.code, entry.pattern), seen)
                for jargon in ("SyncToken", "HTTP", "JSON", "payload", "API", "null"):
                    self.assertNotIn(jargon, entry.cause + entry.fix)
                seen.add((entry.code, entry.pattern))

    def test_text_chooses_the_closer_entry(self):
        cases = (
            ("6000", "Business Validation Error: You must set a transaction amount", "no amount"),
            ("6000", "Unexpected Internal Error. (-30000)", "itself had a problem"),
            ("6000", "When you use Accounts Receivable, you must choose a customer in the Name field.", "needs a cust"),
            ("6000", "something else", "A rule of"),
            ("610", "Object Not Found : Another user has deleted this transaction.", "was deleted in QuickBooks"),
            ("610", "Something you're trying to use has been made inactive.", "made inactive"),
            (
                "invalid_grant",
                "Unauthorized Request: User is not a member of the specified Realm",
                "no longer a member",
            ),
            ("invalid_grant", "Invalid authorization code", "used twice"),
        )
        for code, text, expected in cases:
            self.assertIn(expected, guide_for(code, text).cause)

    def test_unknown_codes_fall_to_their_range(self):
        for code, expected in {"2999": "2000", "4500": "4001", "6999": "6000", "5999": "6000", "20000": "10000",
                               "9": "unknown", "": "unknown", "x": "unknown", "\u0663": "unknown"}.items():  # fmt: skip
            self.assertEqual(guide_for(code).code, expected, code)

    def test_policy_comes_from_the_class(self):
        self.assertIs(guide_for("3001").policy, errors.Policy.WAIT)
        self.assertIs(guide_for("2500").policy, errors.Policy.BLOCK)
        self.assertIs(guide_for("invalid_grant").policy, errors.Policy.STOP)
        self.assertIs(guide_for("unreachable").policy, errors.Policy.RETRY)


if __name__ == "__main__":
    unittest.main()
