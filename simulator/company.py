"""One company: references, preferences, SyncTokens, balances, and the create, update, delete and void verbs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar, cast

from simulator import ledger
from simulator.clock import Clock, stamp
from simulator.errors import OTHER_USER, Fault, business, need, not_found
from simulator.money import ZERO, Json, dec, plain
from simulator.schema import FACTS, SCHEMA, TYPE_FIELDS, Entity, defaults, is_id
from simulator.store import Store
from simulator.validate import clean, require

T = TypeVar("T")
Rule = Callable[["Company", Entity, Json, Json | None], None]
AfterRule = Callable[["Company", Entity, Json, Json | None], bool]
RULES: dict[str, Rule] = {}
AFTER: dict[str, AfterRule] = {}
BEFORE_REMOVE: dict[str, Callable[["Company", Entity, Json], None]] = {}
VOID: dict[str, Callable[["Company", Entity, Json], None]] = {}
"""Behaviour by the name of an entity, or else by its kind: see ``behaviour``."""
NAMELESS = {("SalesTermRef", ""), ("TermRef", ""), ("ParentRef", ""), ("PaymentMethodRef", "Payment"),
            ("DepositToAccountRef", "Payment")}
TOKENLESS = ("Attachable",)
"""What a change may name without a SyncToken."""


def behaviour(table: dict[str, Callable[..., T]], entity: Entity) -> Callable[..., T | None]:
    """Return what a table of behaviours has for an entity, by its name or else by its kind, or what does nothing."""
    return table.get(entity.name) or table.get(entity.kind) or (lambda *_args: None)


def opened(body: Json) -> Json:
    """Return an object, or the one inside of the wrapping that a recurring transaction has."""
    return body if "Id" in body else next((item for item in body.values() if isinstance(item, dict) and "Id" in item),
                                          body)


@dataclass
class Event:
    """Something that a webhook tells: entity, id and operation."""

    realm: str
    entity: str
    key: str
    operation: str
    deleted_id: str | None = None


@dataclass(frozen=True)
class Options:
    """What a request asks beside its body, and who asks."""

    include: frozenset[str] = frozenset()
    person: bool = False
    """True for acts in the web pages: closed periods and read-only lists do not stop a person."""


API = Options()
PERSON = Options(person=True)


@dataclass(frozen=True)
class Request:
    """A change on its way through the rules: who asks, and which properties the caller sent."""

    options: Options = API
    names: frozenset[str] = frozenset()
    sent: Json = field(default_factory=dict)


@dataclass
class Company:
    """A company file with its own realm."""

    realm: str
    store: Store
    clock: Clock
    switches: dict[str, Any]
    notify: Callable[[list[Event]], None]
    events: list[Event] = field(default_factory=list)
    dirty: set[int] = field(default_factory=set)
    dirty_accounts: set[int] = field(default_factory=set)
    dirty_items: set[int] = field(default_factory=set)
    request: Request = Request()
    """What the rule that runs now was called for."""
    _cache: Json = field(default_factory=dict)
    _depth: int = 0

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return all rows of a select whose first parameter is the realm."""
        return self.store.all(sql, self.realm, *values)

    def row(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        """Return the first row of a select whose first parameter is the realm."""
        return self.store.one(sql, self.realm, *values)

    def value(self, sql: str, *values: Any) -> Any:
        """Return the first column of the first row; the first parameter is the realm."""
        return self.store.value(sql, self.realm, *values)

    def run(self, sql: str, *values: Any) -> None:
        """Execute a statement whose first parameter is the realm."""
        self.store.run(sql, self.realm, *values)

    def get(self, entity: str, key: int | str) -> Json | None:
        """Return an object as stored, freshly parsed, or None."""
        return self.store.read(self.realm, entity, key)

    @contextmanager
    def work(self) -> Iterator[None]:
        """Run one unit: all or nothing; balances are brought up to date before the commit, webhooks told after it."""
        count = len(self.events)
        try:
            with self.store.transaction():
                self._depth += 1
                try:
                    yield
                    if self._depth == 1:
                        ledger.flush(self)
                finally:
                    self._depth -= 1
        except BaseException:
            del self.events[count:]
            self._cache.clear()
            raise
        if not self._depth and self.events:
            told, self.events = self.events, []
            self.notify(told)

    def descendants(self, entity: str, key: int) -> list[int]:
        """Return the ids of all sub-records of a list row."""
        top = "(select fqn || '{}' from object where realm = ?1 and entity = ?2 and id = ?3)"
        rows = self.rows("select id from object where realm = ?1 and entity = ?2 and active in (0, 1) and "
                         f"fqn >= {top.format(':')} and fqn < {top.format(';')}", entity, key)
        return [row[0] for row in rows]

    def cached(self, name: str, make: Callable[[], T]) -> T:
        """Return a value remembered until a list or the preferences change."""
        if name not in self._cache:
            self._cache[name] = make()
        return cast(T, self._cache[name])

    @property
    def preferences(self) -> Json:
        """The Preferences object."""
        return self.cached("preferences", lambda: self.get("Preferences", 1) or {})

    def preference(self, group: str, name: str, default: Any = None) -> Any:
        """Return one preference."""
        return self.preferences.get(group, {}).get(name, default)

    @property
    def info(self) -> Json:
        """The CompanyInfo object."""
        return self.cached("info", lambda: self.get("CompanyInfo", 1) or {})

    @property
    def home(self) -> str:
        """ISO code of the home currency."""
        return str(self.preference("CurrencyPrefs", "HomeCurrency", {"value": "USD"})["value"])

    @property
    def multicurrency(self) -> bool:
        """True when other currencies are switched on."""
        return bool(self.preference("CurrencyPrefs", "MultiCurrencyEnabled", False))

    @property
    def tax_mode(self) -> str:
        """none, automated (US), manual (US) or global (a code on each line)."""
        if not self.preference("TaxPrefs", "UsingSalesTax", False):
            return "none"
        if self.preference("TaxPrefs", "PartnerTaxEnabled", False):
            return "automated"
        return "manual" if self.info.get("Country") in ("US", "USA") else "global"

    def currency(self, code: str) -> Json:
        """Return a currency reference.

        Raises:
            Fault: 6000 for what is no currency, or not the home currency where there is only that.
        """
        if code not in FACTS["currencies"] or (code != self.home and not self.multicurrency):
            raise business(f"The currency {code} is not switched on for this company.")
        return {"value": code, "name": FACTS["currencies"][code]}

    def rate(self, code: str, day: str = "9999") -> Decimal:
        """Return home units for one unit of a currency: the latest rate up to a day, else the usual one, else 1."""
        if code == self.home:
            return Decimal(1)
        found = self.value("select json_extract(body, '$.Rate') from object where realm = ? and entity = "
                           "'ExchangeRate' and name = ? and date <= ? order by date desc", code, day)
        return dec(self.store.setting(f"rate:{self.realm}:{code}", 1) if found is None else found)

    def set_currency(self, body: Json, party: Json) -> None:
        """Set date, currency and rate: today, the currency of the party, the caller's rate or the company's list.

        Raises:
            Fault: 6000 for another currency than the party's.
        """
        body.setdefault("TxnDate", self.clock.today().isoformat())
        code = party.get("CurrencyRef", {}).get("value", self.home)
        asked = body.get("CurrencyRef", {}).get("value", code)
        if asked != self.home and not self.multicurrency:
            raise business("Multi Currency should be enabled to perform this operation.")
        if asked != code:
            raise business(f"The transaction currency {asked} must be the currency of the customer, {code}.")
        body["CurrencyRef"] = self.currency(code)
        if code == self.home:
            body.pop("ExchangeRate", None)
            if self.multicurrency:
                body["ExchangeRate"] = 1
        elif dec(body.get("ExchangeRate")) <= ZERO:
            body["ExchangeRate"] = plain(self.rate(code, body["TxnDate"]))

    def account(self, subtype: str, currency: str | None = None) -> int:
        """Return the id of the active account of a subtype (and currency); made when it does not exist yet."""
        code = currency or self.home
        return self.cached(f"account:{subtype}:{code}", lambda: self._find_account(subtype, code))

    def _find_account(self, subtype: str, code: str) -> int:
        found = self.value(
            "select id from object where realm = ? and entity = 'Account' and active = 1 and "
            "json_extract(body, '$.AccountSubType') = ? and json_extract(body, '$.CurrencyRef.value') = ? order by id",
            subtype, code)
        if found is not None:
            return int(found)
        name, kind = FACTS["made_when_needed"][subtype]
        if code != self.home:
            name = f"{name} - {code}"
        made = self.create(SCHEMA["Account"], {"Name": name, "AccountType": kind, "AccountSubType": subtype,
                                               "CurrencyRef": {"value": code}}, PERSON)
        return int(made["Id"])

    def resolve(self, target: str, reference: Json, element: str = "") -> Json:
        """Return the reference with the name of what it points to: with its parents, but for a customer.

        Raises:
            Fault: 2500 when nothing is there, 610 when it is inactive.
        """
        value, name = str(reference.get("value", "")), "name" if target == "Customer" else "fqn"
        label = self.row(f"select {name}, active from object where realm = ? and entity = ? and id = ?", target,
                         int(value)) if is_id(value) else None
        if label is None:
            raise Fault("2500", SCHEMA[target].ref_kind, value, element=element)
        if not label[1]:
            raise not_found()
        return {"value": value, "name": label[0]}

    def create(self, entity: Entity, payload: Json, options: Options = API) -> Json:
        """Create an object and return it as stored.

        Raises:
            Fault: the request is refused; nothing is written.
        """
        sent = clean(entity, payload)
        with self.work():
            body = defaults(entity) | self._writable(entity, sent, None)
            require(entity, body)
            return self._save(entity, body, None, sent, options)

    def update(self, entity: Entity, payload: Json, options: Options = API) -> Json:
        """Change an object, sparse or full; one that changes nothing keeps its SyncToken.

        Raises:
            Fault: the request is refused; nothing is written.
        """
        sent = clean(entity, payload)
        with self.work():
            old = self.current(entity, sent)
            self.check_deposited(entity, old)
            blank = {name for name, value in payload.items() if value == "" and options.person}
            body = self._merge(entity, old, sent, blank)
            require(entity, sent if entity.kind == "payment" else body)
            return self._save(entity, body, old, sent, options)

    def _save(self, entity: Entity, body: Json, old: Json | None, sent: Json, options: Options) -> Json:
        """Let the rules complete and check an object, and write it unless nothing changes."""
        self.resolve_all(entity, body, sent)
        self._check_period(entity, body, old, options)
        if old is None:
            body["Id"] = str(self.store.next_id(self.realm, entity.sequence))
        before, self.request = self.request, Request(options, frozenset(sent), sent)
        try:
            behaviour(RULES, entity)(self, entity, body, old)
            self._number_addresses(entity, body, old or {})
            if old is None:
                body.update({"domain": "QBO", "sparse": False})
            elif {**body, "MetaData": 0, "SyncToken": 0} == {**old, "MetaData": 0, "SyncToken": 0}:
                return self.get(entity.name, body["Id"]) or old
            self.put(entity, body)
            return self._settle(entity, body, old)
        finally:
            self.request = before

    def put(self, entity: Entity, body: Json, bump: bool = True) -> None:
        """Write an object with a new LastUpdatedTime and the next SyncToken."""
        now = int(self.clock.now())
        if bump:
            body["SyncToken"] = str(int(body.get("SyncToken", -1)) + 1)
        body["MetaData"] = {"CreateTime": stamp(now), **body.get("MetaData", {}), "LastUpdatedTime": stamp(now)}
        self.store.write(self.realm, entity, body, now, now)

    def rewrite(self, entity: Entity, body: Json) -> None:
        """Write an object whose change is none to the outside: SyncToken and times stay."""
        updated = self.value("select updated from object where realm = ? and entity = ? and id = ?", entity.name,
                             body["Id"])
        self.store.write(self.realm, entity, body, updated, updated)

    def _settle(self, entity: Entity, body: Json, old: Json | None) -> Json:
        """Bring the ledger and what depends on the object up to date; returns the object as it is then."""
        self.tell(entity, body["Id"], "Update" if old else "Create")
        if entity.is_txn:
            ledger.post(self, entity, body)
        else:
            self._cache.clear()
        if behaviour(AFTER, entity)(self, entity, body, old):
            return self.get(entity.name, body["Id"]) or body
        return body

    def tell(self, entity: Entity, key: str, operation: str, deleted_id: str | None = None) -> None:
        """Remember an event for the webhooks."""
        self.events.append(Event(self.realm, entity.name, key, operation, deleted_id))

    def delete(self, entity: Entity, payload: Json, options: Options = API) -> Json:
        """Delete an object and return the stub.

        Raises:
            Fault: 610, 5010, 6210, 6480 or 6540.
        """
        with self.work():
            old = self.current(entity, clean(entity, payload))
            self._check_period(entity, None, old, options)
            matched = self.store.setting(f"ui:{self.realm}", {}).get("matched", [])
            if entity.is_txn and not options.person and int(old["Id"]) in matched:
                raise Fault("6480", element="")
            behaviour(BEFORE_REMOVE, entity)(self, entity, old)
            if entity.is_txn:
                ledger.unpost(self, int(old["Id"]))
            now = int(self.clock.now())
            stub = {"domain": "QBO", "status": "Deleted", "Id": old["Id"]}
            self.store.remove(self.realm, entity.name, old["Id"], now,
                              {**stub, "MetaData": {"LastUpdatedTime": stamp(now)}})
            self.tell(entity, old["Id"], "Delete")
            return stub

    def void(self, entity: Entity, payload: Json, options: Options = API) -> Json:
        """Void a transaction: amounts to zero, applications undone, number kept.

        Raises:
            Fault: 610, 5010, 6210 or 6540.
        """
        with self.work():
            body = self.current(entity, clean(entity, payload))
            self._check_period(entity, body, body, options)
            if dec(body.get("TotalAmt")) == ZERO and str(body.get("PrivateNote", "")).startswith("Voided"):
                return body
            behaviour(BEFORE_REMOVE, entity)(self, entity, body)
            behaviour(VOID, entity)(self, entity, body)
            body["PrivateNote"] = " - ".join(filter(None, ("Voided", body.get("PrivateNote"))))
            self.put(entity, body)
            ledger.post(self, entity, body)
            self.tell(entity, body["Id"], "Void")
            return body

    def current(self, entity: Entity, sent: Json) -> Json:
        """Return the stored object that a change is about.

        Raises:
            Fault: 2020 without Id or SyncToken, 610 when it is gone, 5010 when the SyncToken is another.
        """
        sent = opened(sent)
        need(sent, "Id", *(["SyncToken"] if entity.name not in TOKENLESS else []))
        found = self.get(entity.name, sent["Id"])
        if found is None:
            gone = self.row("select 1 from gone where realm = ? and entity = ? and id = ?", entity.name, sent["Id"])
            raise not_found("Another user has deleted this transaction.") if gone and entity.is_txn else not_found()
        old = opened(found)
        if sent.get("SyncToken", old["SyncToken"]) != old["SyncToken"]:
            raise Fault("5010", OTHER_USER, element="")
        return old

    def _writable(self, entity: Entity, sent: Json, old: Json | None) -> Json:
        """Return what the caller may set; what is read-only or fixed is left as it is."""
        return {name: value for name, value in sent.items() for rule in [entity.fields[name]]
                if not (rule.read_only or (rule.fixed and old)) and (value != {} or rule.kind == "any")}

    def _merge(self, entity: Entity, old: Json, sent: Json, blank: set[str]) -> Json:
        """Return the object after the change; *blank* are the fields that a person emptied."""
        body = self._writable(entity, sent, old)
        if entity.kind == "single":
            return _deep(old, body)
        sparse = str(sent.get("sparse")).lower() == "true"
        cleared = blank | {name for name, value in sent.items() if value == {}}
        return {name: value for name, value in old.items() if name not in cleared
                and (sparse or name not in entity.fields or entity.fields[name].keep)} | body

    def resolve_all(self, entity: Entity, body: Json, sent: Json, type_name: str = "") -> None:
        """Check the references that the caller sent and give them their names; those of lines are left to the rules."""
        fields = TYPE_FIELDS[type_name] if type_name else entity.fields
        for name in list(sent):
            rule, value = fields[name], body.get(name)
            if not value:
                continue
            if rule.kind == "ref":
                found = self.resolve(rule.target, value, name)
                nameless = (name, "") in NAMELESS or (name, entity.name) in NAMELESS
                body[name] = {"value": found["value"]} if nameless else found
            elif rule.kind == "object" or (rule.kind == "list" and entity.kind == "plain"):
                for item in value if rule.kind == "list" else [value]:
                    self.resolve_all(entity, item, item, rule.target)

    def _number_addresses(self, entity: Entity, body: Json, old: Json) -> None:
        """A new or changed address gets an Id of its own; one that stays as it was keeps it."""
        for name, value in body.items():
            rule = entity.fields.get(name)
            if rule and rule.target == "Address" and value and "Id" not in value:
                before = old.get(name, {})
                same = before == {**value, "Id": before.get("Id")}
                value["Id"] = before["Id"] if same else str(self.store.next_id(self.realm, "Address"))

    def _check_period(self, entity: Entity, body: Json | None, old: Json | None, options: Options) -> None:
        closed = self.preference("AccountingInfoPrefs", "BookCloseDate")
        if not closed or not entity.is_txn or options.person:
            return
        today = self.clock.today().isoformat()
        dates = [item.get("TxnDate", today) for item in (body, old) if item is not None]
        if min(dates) <= closed:
            raise Fault("6210", element="")

    def check_deposited(self, entity: Entity, body: Json) -> None:
        """Refuse to change what is on a bank deposit.

        Raises:
            Fault: 6540.
        """
        if any(item["TxnType"] == "Deposit" for item in body.get("LinkedTxn", [])):
            raise Fault("6540", element="")

    def check_total(self, total: Decimal) -> None:
        """Refuse a negative total.

        Raises:
            Fault: 6000.
        """
        if total < ZERO:
            raise business("The transaction amount must be 0 or greater.")


def _deep(old: Json, new: Json) -> Json:
    """Return *old* with *new* laid over it, nested objects merged."""
    both = [name for name in new if isinstance(new[name], dict) and isinstance(old.get(name), dict)]
    return old | new | {name: _deep(old[name], new[name]) for name in both}
