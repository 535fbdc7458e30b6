"""Which list entry an Odoo record probably is."""

import unittest
from decimal import Decimal

from qbo import matching
from qbo.matching import Entry, Match

INCOME = frozenset({"Income"})
BANK = frozenset({"Bank"})


def account(key, name, code="", kind="income", used=False, currency="USD"):
    return Entry(key, (name,), code, matching.ACCOUNT_KINDS[kind], currency=currency, used=used)


def qbo_account(key, name, code="", kind="Income", currency="USD", full_name=""):
    return Entry(key, (name, full_name or name), code, frozenset({kind}), currency=currency)


def tax(key, name, rate, used=True):
    return Entry(key, (name,), rate=Decimal(rate), used=used)


def term(key, name, days, discount="0", discount_days=0, used=False):
    return Entry(key, (name,), terms=(days, Decimal(discount), discount_days), used=used)


class TestAccounts(unittest.TestCase):
    def test_same_number_and_type_is_certain(self):
        found = matching.match_accounts(
            [account(1, "Product Sales", "4000")], [qbo_account(7, "Sales of Product Income", "4000")])
        self.assertEqual(found, [Match(1, 7, "code", 100, True)])

    def test_same_number_of_another_type_is_no_match(self):
        found = matching.match_accounts(
            [account(1, "Product Sales", "4000", used=True)], [qbo_account(7, "Product Sales", "4000", kind="Bank")])
        self.assertEqual(found, [])

    def test_number_goes_before_name(self):
        found = matching.match_accounts(
            [account(1, "Sales", "4000")], [qbo_account(7, "Sales", "4100"), qbo_account(8, "Income", "4000")])
        self.assertEqual(found, [Match(1, 8, "code", 100, True)])

    def test_same_name_without_regard_to_case(self):
        found = matching.match_accounts([account(1, "consulting  Income")], [qbo_account(7, "Consulting Income")])
        self.assertEqual(found, [Match(1, 7, "name", 100, True)])

    def test_other_income_agrees_with_income(self):
        found = matching.match_accounts(
            [account(1, "Late fees", kind="income_other")], [qbo_account(7, "Late fees", kind="Income")])
        self.assertTrue(found[0].certain)

    def test_a_name_that_two_entries_have_decides_nothing(self):
        entries = [qbo_account(7, "Sales", full_name="East:Sales"), qbo_account(8, "Sales", full_name="West:Sales")]
        self.assertEqual(matching.match_accounts([account(1, "Sales", used=True)], entries), [])

    def test_similar_name_is_a_proposal_for_used_accounts_only(self):
        entries = [qbo_account(7, "Sales of Product Income"), qbo_account(8, "Discounts given")]
        self.assertEqual(matching.match_accounts([account(1, "Product Sales")], entries), [])
        (found,) = matching.match_accounts([account(1, "Product Sales", used=True)], entries)
        self.assertEqual((found.qbo, found.found_by, found.certain), (7, "similar", False))
        self.assertLess(found.confidence, 90)

    def test_other_names_are_not_proposed(self):
        found = matching.match_accounts([account(1, "Consulting", used=True)], [qbo_account(7, "Landscaping Services")])
        self.assertEqual(found, [])

    def test_receivable_is_proposed_when_there_is_only_one(self):
        odoo = [account(1, "Account Receivable", kind="asset_receivable", used=True),
                account(2, "Account Receivable (PoS)", kind="asset_receivable")]
        qbo = [qbo_account(7, "Debtors", kind="Accounts Receivable"),
               qbo_account(8, "Debtors - EUR", kind="Accounts Receivable", currency="EUR")]
        self.assertEqual(matching.match_accounts(odoo, qbo[:1]), [Match(1, 7, "type", matching.ONLY_ONE, False)])
        self.assertEqual([match for match in matching.match_accounts(odoo, qbo) if match.certain], [])

    def test_currencies_must_agree(self):
        found = matching.match_accounts(
            [account(1, "Bank EUR", kind="asset_cash", currency="EUR", used=True)],
            [qbo_account(7, "Bank EUR", kind="Bank", currency="USD")])
        self.assertEqual(found, [])


class TestJournals(unittest.TestCase):
    def journal(self, key, *names):
        return Entry(key, names, kinds=frozenset({"Bank", "Other Current Asset"}), currency="USD", used=True)

    def test_name(self):
        found = matching.match_journals(
            [self.journal(1, "Checking"), self.journal(2, "Till")],
            [qbo_account(7, "Checking", kind="Bank"), qbo_account(8, "Savings", kind="Bank")])
        self.assertEqual(found, [Match(1, 7, "name", 100, True)])

    def test_only_bank_is_a_proposal(self):
        found = matching.match_journals([self.journal(1, "Bank")], [
            qbo_account(7, "Mastercheck 8831", kind="Bank"),
            qbo_account(8, "Undeposited Funds", kind="Other Current Asset")])
        self.assertEqual(found, [Match(1, 7, "type", matching.ONLY_ONE, False)])

    def test_cash_is_not_the_bank(self):
        cash = Entry(1, ("Petty cash",), kinds=frozenset({"Bank", matching.CASH}), currency="USD", used=True)
        self.assertEqual(matching.match_journals([cash], [qbo_account(7, "Mastercheck", kind="Bank")]), [])

    def test_two_banks_are_a_question(self):
        found = matching.match_journals([self.journal(1, "Bank")], [
            qbo_account(7, "Mastercheck", kind="Bank"), qbo_account(8, "Sparbuch", kind="Bank")])
        self.assertEqual(found, [])

    def test_a_bank_is_never_proposed_for_undeposited_funds_where_there_are_bank_accounts(self):
        funds = qbo_account(9, "Undeposited Funds", kind="Other Current Asset")
        banks = [qbo_account(7, "Mastercheck", kind="Bank"), qbo_account(8, "Sparbuch", kind="Bank")]
        self.assertEqual(matching.match_journals([self.journal(1, "Bank")], [*banks, funds]), [])
        # Both are taken by other journals: still the bank is none of the funds.
        self.assertEqual(matching.match_journals([self.journal(1, "Bank")], [funds], banks=True), [])

    def test_what_is_left_may_go_to_undeposited_funds(self):
        funds = qbo_account(9, "Undeposited Funds", kind="Other Current Asset")
        euros = Entry(3, ("Euro bank",), kinds=frozenset({"Bank", "Other Current Asset"}), currency="EUR", used=True)
        found = matching.match_journals([self.journal(1, "North"), self.journal(2, "South"), euros], [funds])
        self.assertEqual(found, [Match(1, 9, "type", matching.UNDEPOSITED, False),
                                 Match(2, 9, "type", matching.UNDEPOSITED, False)])

    def test_cash_may_go_to_undeposited_funds_beside_bank_accounts(self):
        cash = Entry(1, ("Till",), kinds=frozenset({"Bank", "Other Current Asset", matching.CASH}), currency="USD",
                     used=True)
        found = matching.match_journals([cash], [
            qbo_account(7, "Mastercheck", kind="Bank"),
            qbo_account(9, "Undeposited Funds", kind="Other Current Asset")])
        self.assertEqual(found, [Match(1, 9, "type", matching.UNDEPOSITED, False)])


class TestCandidates(unittest.TestCase):
    def keys(self, left, *qbo):
        return [entry.key for entry in matching.candidates(left, qbo)]

    def test_names_that_are_alike(self):
        left = account(1, "Product Sales", used=True)
        found = self.keys(left, qbo_account(7, "Sales of Products"), qbo_account(8, "Product Sales EU"),
                          qbo_account(9, "Rent"), qbo_account(10, "Product Sales", kind="Bank"))
        self.assertEqual(found, [7, 8])

    def test_rate_alone_decides_a_tax(self):
        rates = [Entry(number, (name,), rate=Decimal(rate)) for number, name, rate in (
            (7, "Austin", "8.25"), (8, "Dallas", "8.25"), (9, "Texas", "5"))]
        self.assertEqual(self.keys(Entry(1, ("Texas",), rate=Decimal("8.25")), *rates), [7, 8])


class TestTaxes(unittest.TestCase):
    def test_rate_and_name_is_certain(self):
        found = matching.match_taxes(
            [tax(1, "California", "8.2500")], [tax(7, "california", "8.25"), tax(8, "Tucson", "8.25")])
        self.assertEqual(found, [Match(1, 7, "rate", 100, True)])

    def test_only_tax_of_a_rate_is_a_proposal(self):
        found = matching.match_taxes(
            [tax(1, "15%", "15"), tax(2, "7%", "7")], [tax(7, "Standard", "15"), tax(8, "Reduced", "5")])
        self.assertEqual(found, [Match(1, 7, "rate", matching.SAME_RATE, False)])

    def test_a_rate_twice_is_no_guess(self):
        taxes = [tax(1, "15% G", "15"), tax(2, "15% S", "15")]
        self.assertEqual(matching.match_taxes(taxes, [tax(7, "Standard", "15")]), [])

    def test_words_beside_the_rate_tell_taxes_of_one_rate(self):
        taxes = [tax(1, "12% GST+PST BC", "12"), tax(2, "12% GST+PST MB", "12"), tax(3, "0% Exempt", "0"),
                 tax(4, "0% GST", "0"), tax(5, "20%", "20")]
        codes = [tax(7, "GST/PST BC", "12"), tax(8, "Exempt", "0"), tax(9, "Zero", "0"), tax(10, "20.0%", "20")]
        found = {(match.odoo, match.qbo): (match.confidence, match.certain)
                 for match in matching.match_taxes(taxes, codes)}
        proposal = (matching.SAME_RATE, False)
        self.assertEqual({pair: found.pop(pair) for pair in ((1, 7), (3, 8), (5, 10))}, dict.fromkeys(
            ((1, 7), (3, 8), (5, 10)), proposal))
        self.assertNotIn(2, [odoo for odoo, _code in found])

    def test_same_name_with_another_rate_is_never_matched(self):
        self.assertEqual(matching.match_taxes([tax(1, "Sales tax", "8.00")], [tax(7, "Sales tax", "8.25")]), [])

    def test_an_unused_tax_is_not_proposed(self):
        self.assertEqual(matching.match_taxes([tax(1, "15%", "15", used=False)], [tax(7, "Standard", "15")]), [])


class TestTerms(unittest.TestCase):
    def test_same_days_whatever_the_name(self):
        found = matching.match_terms([term(1, "30 Days", 30), term(2, "Immediate Payment", 0)],
                                     [term(7, "Net 30", 30), term(8, "Due on receipt", 0), term(9, "Net 60", 60)])
        self.assertEqual(found, [Match(1, 7, "days", 100, True), Match(2, 8, "days", 100, True)])

    def test_several_odoo_terms_may_be_one(self):
        found = matching.match_terms([term(1, "Net 30", 30), term(2, "30 Days", 30)], [term(7, "Net 30", 30)])
        self.assertEqual({(match.odoo, match.qbo, match.certain) for match in found}, {(1, 7, True), (2, 7, True)})

    def test_early_discount_is_part_of_the_meaning(self):
        found = matching.match_terms(
            [term(1, "2/10 Net 30", 30, "2", 10)], [term(7, "Net 30", 30), term(8, "2% 10 Net 30", 30, "2", 10)])
        self.assertEqual(found, [Match(1, 8, "days", 100, True)])

    def test_two_terms_of_the_same_days_are_decided_by_name_or_not_at_all(self):
        qbo = [term(7, "Net 30", 30), term(8, "30 EOM", 30)]
        self.assertEqual(matching.match_terms([term(1, "Net 30", 30)], qbo), [Match(1, 7, "name", 100, True)])
        self.assertEqual(matching.match_terms([term(1, "Thirty", 30)], qbo), [])

    def test_terms_without_a_simple_meaning_stay_open(self):
        odd = Entry(1, ("30% now, rest in 60 days",), used=True)
        self.assertEqual(matching.match_terms([odd], [Entry(7, ("30% now, rest in 60 days",))]), [])


class TestMethodsAndItems(unittest.TestCase):
    def test_one_method_in_several_journals(self):
        odoo = [Entry(1, ("Check", "Bank"), used=True), Entry(2, ("Check", "Savings"), used=True)]
        found = matching.match_methods(odoo, [Entry(7, ("Check",)), Entry(8, ("Visa",))])
        self.assertEqual(found, [Match(1, 7, "name", 100, True), Match(2, 7, "name", 100, True)])

    def test_a_cash_journal_with_a_manual_method_is_proposed_as_cash(self):
        (found,) = matching.match_methods([Entry(1, ("Manual Payment", "Cash"), used=True)], [Entry(7, ("Cash",))])
        self.assertEqual((found.qbo, found.found_by, found.certain), (7, "similar", False))

    def test_item_of_the_account(self):
        items = [Entry(7, ("Hours",), code="79"), Entry(8, ("Consulting",), code="79"), Entry(9, ("Rent",), code="80")]
        odoo = [Entry(1, ("Consulting",), code="79", used=True), Entry(2, ("Rental income",), code="80", used=True)]
        self.assertEqual(matching.match_items(odoo, items),
                         [Match(1, 8, "name", 100, True), Match(2, 9, "type", matching.ONLY_ONE, False)])


class TestLikeness(unittest.TestCase):
    def test_never_certain(self):
        found = matching.likeness(Entry(1, ("Sales - Products",)), Entry(2, ("Products, Sales",)))
        self.assertEqual(found, matching.MOST_OF_LIKENESS)

    def test_nothing_in_common(self):
        self.assertLess(matching.likeness(Entry(1, ("Consulting",)), Entry(2, ("Rent",))), matching.WORTH_A_LOOK)

    def test_one_word_is_not_a_part(self):
        found = matching.likeness(Entry(1, ("Expenses",)), Entry(2, ("Office Expenses",)))
        self.assertLess(found, matching.WORTH_A_LOOK)

    def test_names_without_words(self):
        self.assertEqual(matching.likeness(Entry(1, ("---",)), Entry(2, ("---",))), 0)


if __name__ == "__main__":
    unittest.main()
