"""Which entry of a QuickBooks list an Odoo record probably is: pure scoring, no database.

A match is *certain* when both sides say the same (code and type, exact name, rate and name, days) and nothing else
does. Everything less is a proposal for a person, because an account or a tax that was guessed wrongly is found at the
end of the year.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from rapidfuzz import fuzz

from .names import key as same_name

#: Below this likeness (percent) two names are not worth a person's look.
WORTH_A_LOOK = 75
#: A likeness of names alone is never more than this, so that it is never taken for certain.
MOST_OF_LIKENESS = 89
#: A rate that only one tax on each side has, with another name.
SAME_RATE = 80
#: The only account of a type on both sides.
ONLY_ONE = 70

#: Undeposited Funds, for money of a journal that can be no bank account: there QuickBooks puts a payment by itself.
UNDEPOSITED = 60

#: Marks a cash journal: QuickBooks keeps cash on hand in accounts of type Bank too, yet it is not "the bank".
CASH = "Cash on hand"

#: Types of Odoo accounts (``account_type``) and the QuickBooks account types (``AccountType``) that mean the same.
ACCOUNT_KINDS: dict[str, frozenset[str]] = {
    "asset_receivable": frozenset({"Accounts Receivable"}),
    "asset_cash": frozenset({"Bank"}),
    "asset_current": frozenset({"Other Current Asset"}),
    "asset_non_current": frozenset({"Other Asset", "Fixed Asset"}),
    "asset_prepayments": frozenset({"Other Current Asset"}),
    "asset_fixed": frozenset({"Fixed Asset"}),
    "liability_payable": frozenset({"Accounts Payable"}),
    "liability_credit_card": frozenset({"Credit Card"}),
    "liability_current": frozenset({"Other Current Liability"}),
    "liability_non_current": frozenset({"Long Term Liability"}),
    "equity": frozenset({"Equity"}),
    "equity_unaffected": frozenset({"Equity"}),
    "income": frozenset({"Income", "Other Income"}),
    "income_other": frozenset({"Other Income", "Income"}),
    "expense": frozenset({"Expense", "Other Expense"}),
    "expense_other": frozenset({"Other Expense", "Expense"}),
    "expense_depreciation": frozenset({"Expense", "Other Expense"}),
    "expense_direct_cost": frozenset({"Cost of Goods Sold"}),
    "off_balance": frozenset({"Non-Posting"}),
}


@dataclass(frozen=True)
class Entry:
    """A record on one side. ``key`` is its id there; ``names`` are what it may be called, the proper name first.

    ``kinds``: of a QuickBooks account its type, of an Odoo account the types that agree with it; ``currency`` is an ISO
    code. ``rate`` is in percent. ``terms`` is the meaning of a payment term: days, early discount in percent, days of
    the discount. ``used`` says that documents need the record: only those are worth a proposal that is less than
    certain.
    """

    key: Hashable
    names: tuple[str, ...] = ()
    code: str = ""
    kinds: frozenset[str] = frozenset()
    currency: str = ""
    rate: Decimal | None = None
    terms: tuple[int, Decimal, int] | None = None
    used: bool = False


@dataclass(frozen=True)
class Match:
    """``odoo`` and ``qbo`` are keys of entries, ``confidence`` is in percent.

    ``found_by`` is "code", "name", "rate", "days", "type" (only one of its type) or "similar".
    """

    odoo: Hashable
    qbo: Hashable
    found_by: str
    confidence: int
    certain: bool


Sign = Callable[[Entry], "Hashable | None"]
Agree = Callable[[Entry, Entry], bool]


def match_accounts(odoo: Sequence[Entry], qbo: Sequence[Entry]) -> list[Match]:
    """Match accounts whose types agree: by number, else by name, else by likeness or as the only one."""
    search = _Search(odoo, qbo, _accounts_agree)
    search.same("code", _code, 100, certain=True)
    search.same("name", _name, 100, certain=True)
    search.similar(_accounts_agree)
    search.only_one(lambda entry: "Accounts Receivable" in entry.kinds or "Accounts Payable" in entry.kinds)
    return search.found


def match_journals(odoo: Sequence[Entry], qbo: Sequence[Entry], *, banks: bool | None = None) -> list[Match]:
    """Match bank and cash journals with accounts where money lies: by name, by likeness, or as the only bank.

    Cash that is left is proposed for Undeposited Funds, which must be the only Other Current Asset of ``qbo``; a bank
    only where QuickBooks has no bank account, because else it is one of those. A cash journal has `CASH` among its
    kinds.

    :param banks: whether QuickBooks has bank accounts, when ``qbo`` leaves out those that are taken.
    """
    if banks is None:
        banks = has_banks(qbo)
    search = _Search(odoo, qbo, _accounts_agree)
    search.same("name", _name, 100, certain=True)
    search.similar(_accounts_agree)
    search.only_one(lambda entry: "Bank" in entry.kinds and CASH not in entry.kinds)
    search.rest(
        lambda entry: "Other Current Asset" in entry.kinds, UNDEPOSITED,
        lambda entry: CASH in entry.kinds or not banks)
    return search.found


def has_banks(qbo: Iterable[Entry]) -> bool:
    """Tell whether one of these accounts of QuickBooks is a bank account."""
    return any("Bank" in entry.kinds for entry in qbo)


def match_taxes(odoo: Sequence[Entry], qbo: Sequence[Entry]) -> list[Match]:
    """Match taxes with tax codes: same rate and name is certain, a rate that no other tax has is a proposal.

    So is the same rate with the same words beside it: "12% GST+PST BC" is "GST/PST BC", also where others have 12 %.
    """
    search = _Search(odoo, qbo, lambda left, right: left.rate == right.rate)
    search.same("rate", lambda entry: (entry.rate, _name(entry)) if _name(entry) else None, 100, certain=True)
    search.same("rate", _rate_and_words, SAME_RATE, certain=False)
    search.same("rate", lambda entry: entry.rate, SAME_RATE, certain=False)
    search.similar(lambda left, right: left.rate == right.rate)
    return search.found


def match_terms(odoo: Sequence[Entry], qbo: Sequence[Entry]) -> list[Match]:
    """Match payment terms that mean the same days and discount. Several Odoo terms may be one QuickBooks term."""
    search = _Search(odoo, qbo, lambda left, right: left.terms is not None and left.terms == right.terms, shared=True)
    search.same("name", lambda entry: (entry.terms, _name(entry)), 100, certain=True)
    search.same("days", lambda entry: entry.terms, 100, certain=True)
    search.similar(lambda left, right: left.terms is not None and left.terms == right.terms)
    return search.found


def match_methods(odoo: Sequence[Entry], qbo: Sequence[Entry]) -> list[Match]:
    """Match payment methods by name. The same method exists in several journals of Odoo, so that many may be one."""
    search = _Search(odoo, qbo, lambda left, right: True, shared=True)
    search.same("name", _name, 100, certain=True)
    search.similar(lambda left, right: True)
    return search.found


def match_names(odoo: Sequence[Entry], qbo: Sequence[Entry]) -> list[Match]:
    """Match what reports are split by: the same name is certain, a similar one is a proposal."""
    search = _Search(odoo, qbo, lambda left, right: True)
    search.same("name", _name, 100, certain=True)
    search.similar(lambda left, right: True)
    return search.found


def match_currencies(odoo: Sequence[Entry], qbo: Sequence[Entry]) -> list[Match]:
    """Match currencies by their ISO codes."""
    search = _Search(odoo, qbo, lambda left, right: True)
    search.same("code", _code, 100, certain=True)
    return search.found


def match_items(odoo: Sequence[Entry], qbo: Sequence[Entry]) -> list[Match]:
    """Match accounts with items that post to them: the item of the same name is certain, the only item is a proposal.

    ``code`` is, on both sides, the id of the QuickBooks account.
    """
    search = _Search(odoo, qbo, lambda left, right: bool(left.code) and left.code == right.code)
    search.same("name", lambda entry: (entry.code, _name(entry)), 100, certain=True)
    search.same("type", lambda entry: entry.code or None, ONLY_ONE, certain=False)
    return search.found


def candidates(left: Entry, qbo: Iterable[Entry]) -> list[Entry]:
    """Return the entries that a record could well be: the same rate, days or code, else a name that is like its own.

    Two of them are a question for a person, even where one is a little more alike.
    """
    return [right for right in qbo if _could_be(left, right)]


def _could_be(left: Entry, right: Entry) -> bool:
    if left.kinds and not _accounts_agree(left, right):
        return False
    if left.rate is not None:
        return left.rate == right.rate
    if left.terms is not None:
        return left.terms == right.terms
    return bool(left.code) and left.code == right.code or likeness(left, right) >= WORTH_A_LOOK


def likeness(left: Entry, right: Entry) -> int:
    """Return how alike the names of two entries are, 0 to :data:`MOST_OF_LIKENESS` percent; word order is ignored."""
    scores = [
        _score(one, other) for one in map(_plain, left.names) for other in map(_plain, right.names) if one and other]
    return min(int(max(scores, default=0)), MOST_OF_LIKENESS)


def _score(one: str, other: str) -> float:
    ratio: float = fuzz.token_sort_ratio(one, other)
    # One word is soon part of a longer name: "Expenses" is not "Office Expenses".
    if " " not in one or " " not in other:
        return ratio
    return (ratio + fuzz.token_set_ratio(one, other)) / 2


class _Search:
    """Matches found so far; each step looks only at what the steps before left over."""

    def __init__(self, odoo: Sequence[Entry], qbo: Sequence[Entry], agree: Agree, shared: bool = False) -> None:
        self._all_odoo, self._all_qbo = odoo, qbo
        self.odoo, self.qbo = list(odoo), list(qbo)
        self.agree = agree
        self.shared = shared
        self.found: list[Match] = []

    def same(self, found_by: str, sign: Sign, confidence: int, *, certain: bool) -> None:
        """Match entries whose ``sign`` is equal; a sign that two entries of a side have decides nothing.

        When several Odoo records may share an entry (``shared``), only QuickBooks' side must be unique. Proposals are
        made for used records only.
        """
        odoo, qbo = _by_sign(self.odoo, sign), _by_sign(self.qbo, sign)
        for value, lefts in odoo.items():
            rights = qbo.get(value, [])
            if len(rights) != 1 or (len(lefts) > 1 and not self.shared):
                continue
            for left in lefts:
                if self.agree(left, rights[0]) and (certain or left.used):
                    self._take(left, rights[0], found_by, confidence, certain)
        self._drop_found()

    def similar(self, agree: Agree) -> None:
        """Propose for each used record the entry with the most similar name, when no other is as similar."""
        for left in [entry for entry in self.odoo if entry.used]:
            ranked = sorted(
                ((likeness(left, right), index) for index, right in enumerate(self.qbo) if agree(left, right)),
                reverse=True)
            if ranked and ranked[0][0] >= WORTH_A_LOOK and (len(ranked) == 1 or ranked[0][0] > ranked[1][0]):
                self._take(left, self.qbo[ranked[0][1]], "similar", ranked[0][0], False)
        self._drop_found()

    def only_one(self, wanted: Callable[[Entry], bool]) -> None:
        """Propose the pair when exactly one used record and one entry are ``wanted``, those found before included."""
        lefts = [entry for entry in self._all_odoo if entry.used and wanted(entry)]
        rights = [entry for entry in self._all_qbo if wanted(entry)]
        if len(lefts) != 1 or len(rights) != 1 or lefts[0] not in self.odoo or rights[0] not in self.qbo:
            return
        if self.agree(lefts[0], rights[0]):
            self._take(lefts[0], rights[0], "type", ONLY_ONE, False)
        self._drop_found()

    def rest(self, wanted: Callable[[Entry], bool], confidence: int, needy: Callable[[Entry], bool]) -> None:
        """Propose for each used and ``needy`` record that is left the one entry that is ``wanted``."""
        rights = [entry for entry in self._all_qbo if wanted(entry)]
        if len(rights) == 1:
            for left in self.odoo:
                if left.used and needy(left) and self.agree(left, rights[0]):
                    self._take(left, rights[0], "type", confidence, False)
        self._drop_found()

    def _take(self, left: Entry, right: Entry, found_by: str, confidence: int, certain: bool) -> None:
        self.found.append(Match(left.key, right.key, found_by, confidence, certain))

    def _drop_found(self) -> None:
        odoo, qbo = {match.odoo for match in self.found}, {match.qbo for match in self.found}
        self.odoo = [entry for entry in self.odoo if entry.key not in odoo]
        if not self.shared:
            self.qbo = [entry for entry in self.qbo if entry.key not in qbo]


def _by_sign(entries: Iterable[Entry], sign: Sign) -> dict[Hashable, list[Entry]]:
    result: dict[Hashable, list[Entry]] = defaultdict(list)
    for entry in entries:
        value = sign(entry)
        if value is not None:
            result[value].append(entry)
    return result


def _accounts_agree(left: Entry, right: Entry) -> bool:
    return bool(left.kinds & right.kinds) and (left.currency or right.currency) == (right.currency or left.currency)


def _code(entry: Entry) -> Hashable | None:
    return entry.code or None


def _name(entry: Entry) -> Hashable | None:
    return same_name(entry.names[0]) if entry.names and entry.names[0] else None


def _rate_and_words(entry: Entry) -> Hashable | None:
    """Return the rate of a tax and the words of its name without figures; None for a name that is its rate only."""
    words = _plain(re.sub(r"\d+(?:[.,]\d+)?\s*%?", " ", entry.names[0])) if entry.names else ""
    return (entry.rate, words) if words else None


def _plain(name: str) -> str:
    """Return the words of a name: no punctuation, no case."""
    return " ".join(re.findall(r"\w+", same_name(name)))
