"""Thousands of random acts on both sides of the books; what must hold is checked after each of them."""

import random
from collections import Counter
from decimal import Decimal

import pytest

from simulator import ledger
from simulator.api import Api, Call
from simulator.app import Simulator
from simulator.control import new_company
from simulator.errors import Fault
from simulator.money import ZERO, cents, dec, loads
from simulator.schema import SCHEMA

SIMULATOR = Simulator()
TXNS = (
    "Invoice",
    "CreditMemo",
    "SalesReceipt",
    "RefundReceipt",
    "Payment",
    "Bill",
    "VendorCredit",
    "BillPayment",
    "Purchase",
    "PurchaseOrder",
    "JournalEntry",
    "Deposit",
    "Transfer",
    "CreditCardPaymentTxn",
    "InventoryAdjustment",
)
VOIDABLE = ("Invoice", "SalesReceipt", "Payment", "BillPayment")
REFUSED = {"6000", "610", "5010", "6540", "2020", "2240", "2500", "6270", "2300", "6070", "6140", "6210"}


def ref(key, **more):
    return {"value": str(key), **more}


def link(body, name, amount):
    return {"Amount": amount, "LinkedTxn": [{"TxnId": body["Id"], "TxnType": name}]}


class Books:
    """A company with customers and vendors in two currencies, a stocked item, and random acts."""

    def __init__(self, seed, **features):
        self.chance = random.Random(seed)
        realm = new_company(SIMULATOR, {"empty": True, "realm": "97", "features": {"multicurrency": True, **features}})[
            "realmId"
        ]
        self.company = SIMULATOR.companies[realm]
        self.done = Counter()
        self.seen = {}
        self.vat = {"TaxCodeRef": ref(2)} if self.company.tax_mode == "global" else {}
        self.lists()

    def make(self, entity, **body):
        return self.company.create(SCHEMA[entity], body)

    def lists(self):
        def account(name, kind, subtype):
            return self.make("Account", Name=name, AccountType=kind, AccountSubType=subtype)["Id"]

        self.bank = account("Bank", "Bank", "Checking")
        self.card = account("Card", "Credit Card", "CreditCard")
        self.rent = account("Space", "Expense", "RentOrLeaseOfBuildings")
        accounts = {
            "IncomeAccountRef": ref(account("Goods", "Income", "SalesOfProductIncome")),
            "ExpenseAccountRef": ref(self.company.account("SuppliesMaterialsCogs")),
            "AssetAccountRef": ref(self.company.account("Inventory")),
        }
        self.item = self.make(
            "Item", Name="Pump", Type="Inventory", QtyOnHand=5, InvStartDate="2026-05-01", PurchaseCost=7, **accounts
        )["Id"]
        self.service = self.company.value("select id from object where realm = ? and entity = 'Item'")
        euro = {"CurrencyRef": ref("EUR")}
        self.customers = [
            self.make("Customer", DisplayName=f"C{n}", **(euro if n == 3 else {}))["Id"] for n in range(3)
        ]
        self.customers += [
            self.make("Customer", DisplayName="Job", ParentRef=ref(self.customers[0]), Job=True)["Id"],
            self.make("Customer", DisplayName="Euro", **euro)["Id"],
        ]
        self.vendors = [self.make("Vendor", DisplayName=f"V{n}", **(euro if n == 2 else {}))["Id"] for n in range(3)]

    def pick(self, *entities):
        rows = self.company.rows(
            "select entity, id from object where realm = ? and entity in "
            f"({','.join('?' * len(entities))}) order by id",
            *entities,
        )
        return self.company.get(*self.chance.choice(rows)) | {"entity": ""} if rows else None

    def pair(self, *entities):
        name = self.chance.choice(entities)
        rows = self.company.rows("select id from object where realm = ? and entity = ?", name)
        return (name, self.company.get(name, self.chance.choice(rows)[0])) if rows else None

    def amount(self):
        return Decimal(self.chance.randint(1, 20000)) / 100

    def head(self):
        day = {"TxnDate": f"2026-06-{self.chance.randint(1, 28):02d}"}
        return day | (
            {"ExchangeRate": Decimal(self.chance.randint(90, 130)) / 100} if self.chance.random() < 0.3 else {}
        )

    def goods(self, kind):
        quantity = self.chance.randint(1, 4)
        key, quantity = (self.item, quantity) if self.chance.random() < 0.3 else (self.service, 1)
        price = self.amount()
        return {
            "Amount": price * quantity,
            "DetailType": kind,
            kind: {"ItemRef": ref(key), "Qty": quantity, "UnitPrice": price, **self.vat},
        }

    def expense(self, account=None, **more):
        return {
            "Amount": self.amount(),
            "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": ref(account or self.rent), **more, **self.vat},
        }

    def sales_lines(self):
        return [self.goods("SalesItemLineDetail") for _ in range(self.chance.randint(1, 2))]

    def purchase_lines(self):
        return [
            self.chance.choice((self.expense(), self.goods("ItemBasedExpenseLineDetail")))
            for _ in range(self.chance.randint(1, 2))
        ]

    # -- acts ------------------------------------------------------------------------------------------------------

    def sale(self):
        name = self.chance.choice(("Invoice", "Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt"))
        more = {"DepositToAccountRef": ref(self.bank)} if name == "RefundReceipt" else {}
        self.make(
            name, CustomerRef=ref(self.chance.choice(self.customers)), Line=self.sales_lines(), **more, **self.head()
        )

    def purchase(self):
        name = self.chance.choice(("Bill", "Bill", "VendorCredit", "PurchaseOrder"))
        order = self.pick("PurchaseOrder") if name == "Bill" and self.chance.random() < 0.3 else None
        links = {"LinkedTxn": [{"TxnId": order["Id"], "TxnType": "PurchaseOrder"}]} if order else {}
        self.make(
            name, VendorRef=ref(self.chance.choice(self.vendors)), Line=self.purchase_lines(), **links, **self.head()
        )

    def spend(self):
        kind = self.chance.choice(("Cash", "Check", "CreditCard"))
        credit = {"Credit": True} if kind == "CreditCard" and self.chance.random() < 0.5 else {}
        who = self.chance.choice(self.customers[:4])
        line = self.chance.choice(
            (
                self.expense(),
                self.goods("ItemBasedExpenseLineDetail"),
                self.expense(self.company.account("AccountsReceivable"), CustomerRef=ref(who)),
                self.expense(self.company.account("AccountsPayable")),
            )
        )
        self.make(
            "Purchase",
            PaymentType=kind,
            AccountRef=ref(self.card if kind == "CreditCard" else self.bank),
            EntityRef=ref(self.chance.choice(self.vendors[:2]), type="Vendor"),
            Line=[line],
            **credit,
            **self.head(),
        )

    def applied(self, who, subtype, paid):
        """Lines for what is open with somebody, sometimes for something odd, and a total that mostly does."""
        slots = ",".join("?" * len(ledger.controls(self.company, subtype)))
        rows = self.company.rows(
            f"select distinct entity, txn from posting where realm = ? and party = ? and account in ({slots}) "
            "and entity <> ? order by txn",
            int(who),
            *ledger.controls(self.company, subtype),
            paid,
        )
        lines, total = [], 0
        for name, key in self.chance.sample(rows, min(len(rows), self.chance.randint(1, 3))):
            whole = sum(part.cur for part in ledger.open_parts(self.company, key, subtype)) / Decimal(100)
            amount = self.chance.choice((abs(whole), self.amount()))
            total += whole * (1 if paid == "Payment" else -1)
            lines.append(link({"Id": str(key)}, name, amount))
        odd = self.pair("Invoice", "Bill", "JournalEntry", "Purchase", "Deposit")
        if odd and self.chance.random() < 0.1:
            lines.append(link(odd[1], odd[0], self.amount()))
        return {"TotalAmt": self.chance.choice((max(total, 0), max(total, 0), 0, self.amount() * 2)), "Line": lines}

    def payment(self):
        who = self.chance.choice(self.customers)
        family = self.customers[0] if who == self.customers[3] and self.chance.random() < 0.5 else who
        self.write(
            "Payment", {"CustomerRef": ref(family), **self.applied(who, "AccountsReceivable", "Payment"), **self.head()}
        )

    def bill_payment(self):
        who = self.chance.choice(self.vendors)
        way = self.chance.choice(
            (
                {"PayType": "Check", "CheckPayment": {"BankAccountRef": ref(self.bank)}},
                {"PayType": "CreditCard", "CreditCardPayment": {"CCAccountRef": ref(self.card)}},
            )
        )
        self.write(
            "BillPayment",
            {"VendorRef": ref(who), **self.applied(who, "AccountsPayable", "BillPayment"), **way, **self.head()},
        )

    def write(self, name, body):
        """Create, or write one that exists anew."""
        old = self.pick(name) if self.chance.random() < 0.3 else None
        if old:
            self.company.update(SCHEMA[name], {**body, "Id": old["Id"], "SyncToken": old["SyncToken"]})
        else:
            self.make(name, **body)

    def journal(self):
        receivable = self.chance.random() < 0.5
        who = self.chance.choice(self.customers if receivable else self.vendors)
        kind = "Customer" if receivable else "Vendor"
        money = self.company.get(kind, who)["CurrencyRef"]
        control = self.company.account("AccountsReceivable" if receivable else "AccountsPayable", money["value"])
        sides, amount = self.chance.sample(("Debit", "Credit"), 2), self.amount()
        person = {"Entity": {"Type": kind, "EntityRef": ref(who)}}
        lines = [
            {
                "Amount": amount,
                "DetailType": "JournalEntryLineDetail",
                "JournalEntryLineDetail": {"PostingType": side, "AccountRef": ref(account), **more},
            }
            for side, account, more in zip(sides, (control, self.rent), (person, {}), strict=True)
        ]
        self.make("JournalEntry", Line=lines, CurrencyRef=money, **self.head())

    def deposit(self):
        paid = self.pair("Payment", "SalesReceipt")
        lines = [{"LinkedTxn": [{"TxnId": paid[1]["Id"], "TxnType": paid[0]}]}] if paid else []
        for who, kind, control in (
            (self.chance.choice(self.customers[:4]), "CUSTOMER", "AccountsReceivable"),
            (self.chance.choice(self.vendors[:2]), "VENDOR", "AccountsPayable"),
        ):
            if self.chance.random() < 0.5:
                lines.append(
                    {
                        "Amount": self.amount(),
                        "DepositLineDetail": {
                            "AccountRef": ref(self.company.account(control)),
                            "Entity": ref(who, type=kind),
                        },
                    }
                )
        back = {"CashBack": {"AccountRef": ref(self.card), "Amount": 1}} if self.chance.random() < 0.3 else {}
        self.make("Deposit", DepositToAccountRef=ref(self.bank), Line=lines, **back, **self.head())

    def transfer(self):
        day = {"TxnDate": self.head()["TxnDate"]}
        self.make("Transfer", FromAccountRef=ref(self.bank), ToAccountRef=ref(self.card), Amount=self.amount(), **day)
        self.make(
            "CreditCardPaymentTxn",
            BankAccountRef=ref(self.bank),
            CreditCardAccountRef=ref(self.card),
            Amount=self.amount(),
            **day,
        )

    def adjust(self):
        detail = {"ItemRef": ref(self.item), "QtyDiff": self.chance.randint(-5, 5)}
        self.make(
            "InventoryAdjustment",
            AdjustAccountRef=ref(self.rent),
            TxnDate=self.head()["TxnDate"],
            Line=[{"DetailType": "ItemAdjustmentLineDetail", "ItemAdjustmentLineDetail": detail}],
        )

    def edit(self):
        name, body = self.pair(*TXNS) or ("", None)
        if body is None:
            return
        changes = {"PrivateNote": str(self.chance.random()), **self.head()}
        if name in ("Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt"):
            changes |= {"Line": self.sales_lines()}
        elif name in ("Bill", "VendorCredit", "PurchaseOrder"):
            changes |= {"Line": self.purchase_lines()}
        elif name in ("Payment", "BillPayment"):
            changes = {**body, **changes}
        if name in ("Invoice", "CreditMemo") and self.chance.random() < 0.3:
            changes |= {"CustomerRef": ref(self.chance.choice(self.customers))}
        if name == "Bill" and self.chance.random() < 0.3:
            changes |= {"VendorRef": ref(self.chance.choice(self.vendors))}
        if name in ("Purchase", "Deposit", "JournalEntry") and self.chance.random() < 0.7:
            changes |= {"Line": self.other_lines(body)}
        self.company.update(SCHEMA[name], {"sparse": True, **changes, "Id": body["Id"], "SyncToken": body["SyncToken"]})

    def other_lines(self, body):
        """The same lines with all amounts doubled."""
        return [
            {**line, "Amount": dec(line["Amount"]) * 2} if "Amount" in line and "Qty" not in str(line) else line
            for line in body["Line"]
        ]

    def remove(self):
        name, body = self.pair(*TXNS, *VOIDABLE) or ("", None)
        if body is None:
            return
        key = {"Id": body["Id"], "SyncToken": body["SyncToken"]}
        if name in VOIDABLE and self.chance.random() < 0.6:
            self.company.void(SCHEMA[name], key)
        else:
            self.company.delete(SCHEMA[name], key)

    def act(self):
        kind = self.chance.choice(
            (
                self.sale,
                self.sale,
                self.purchase,
                self.purchase,
                self.spend,
                self.payment,
                self.payment,
                self.payment,
                self.bill_payment,
                self.bill_payment,
                self.journal,
                self.deposit,
                self.transfer,
                self.adjust,
                self.edit,
                self.edit,
                self.remove,
            )
        )
        try:
            kind()
            self.done[kind.__name__] += 1
        except Fault as fault:
            assert fault.code in REFUSED, (kind.__name__, fault.errors)
            self.done[f"{kind.__name__} refused"] += 1

    # -- what must hold ----------------------------------------------------------------------------------------------

    def check(self):
        company = self.company
        self.objects = {
            (name, key): company.get(name, key)
            for name, key in company.rows(
                f"select entity, id from object where realm = ? and entity in ({','.join('?' * len(TXNS))})", *TXNS
            )
        }
        assert not company.rows("select txn from posting where realm = ? group by txn having sum(home) <> 0")
        live = {int(body["Id"]) for body in self.objects.values() if not self.void(body)}
        for table, column in (("posting", "txn"), ("link", "source"), ("link", "target"), ("stock", "txn")):
            assert {row[0] for row in company.rows(f"select distinct {column} from {table} where realm = ?")} <= live
        self.check_side("AccountsReceivable", 1, "Invoice", "CreditMemo", "Payment")
        self.check_side("AccountsPayable", -1, "Bill", "VendorCredit", "BillPayment")
        self.check_balances()
        self.check_stock()
        self.check_tokens()

    @staticmethod
    def void(body):
        return str(body.get("PrivateNote", "")).startswith("Voided") and not dec(body.get("TotalAmt"))

    def check_side(self, subtype, sign, charge, credit, paid):
        """The control accounts hold what is open: documents, credits, unapplied payments, other entries."""
        found = Counter()
        for (name, _key), body in self.objects.items():
            key, money = int(body["Id"]), body["CurrencyRef"]["value"]
            parts = ledger.open_parts(self.company, key, subtype)
            if name in (charge, credit):
                open_cur = sum(part.cur for part in parts) * (1 if (name == charge) == (sign > 0) else -1)
                assert cents(body["Balance"]) == open_cur >= 0, body
                assert cents(body["Balance"]) <= cents(body["TotalAmt"])
                found[money] += sum(part.cur for part in parts)
            elif name == paid:
                found[money] -= sign * self.unapplied(body, credit)
            else:
                found[money] += sum(part.cur for part in parts)
            assert name == paid or not [part for part in parts if part.home and not part.cur], (name, body, parts)
        for account in ledger.controls(self.company, subtype):
            money = self.company.get("Account", account)["CurrencyRef"]["value"]
            total = self.company.value(
                "select coalesce(sum(cur), 0) from posting where realm = ? and account = ?", account
            )
            assert total == found[money], (subtype, money)

    def unapplied(self, body, credit):
        rest = cents(body["TotalAmt"])
        for line in body.get("Line", []):
            target = line["LinkedTxn"][0]
            cur = self.company.value(
                "select sum(cur) from link where realm = ? and source = ? and target = ?",
                int(body["Id"]),
                int(target["TxnId"]),
            )
            assert abs(cur) == cents(line["Amount"])
            rest -= cur if credit == "CreditMemo" else -cur
        assert rest >= 0
        assert "UnappliedAmt" not in body or cents(body["UnappliedAmt"]) == rest
        return rest

    def check_balances(self):
        company = self.company
        for name, subtype, sign in (("Customer", "AccountsReceivable", 1), ("Vendor", "AccountsPayable", -1)):
            for (key,) in company.rows("select id from object where realm = ? and entity = ?", name):
                assert dec(company.get(name, key)["Balance"]) == sign * ledger.party_balance(company, [key], subtype)
        top = company.get("Customer", self.customers[0])
        assert dec(top["BalanceWithJobs"]) == sum(
            dec(company.get("Customer", self.customers[n])["Balance"]) for n in (0, 3)
        )
        for account in (self.bank, self.card):
            sign = 1 if account == self.bank else -1
            assert cents(company.get("Account", account)["CurrentBalance"]) == sign * ledger.account_balance(
                company, int(account)
            )

    def check_stock(self):
        moves = self.company.rows("select qty, value from stock where realm = ?")
        assert dec(self.company.get("Item", self.item)["QtyOnHand"]) == sum((Decimal(row[0]) for row in moves), ZERO)
        asset = ledger.account_balance(self.company, self.company.account("Inventory"))
        assert asset == sum(row[1] for row in moves)

    def report_total(self, name):
        """Return the grand total of a report in hundredths."""
        answer = Api(self.company).handle(Call("GET", ["reports", name], {}, b"", f"/reports/{name}"))
        rows = loads(answer.text)["Rows"].get("Row", [])
        return cents(rows[-1]["Summary"]["ColData"][-1]["value"]) if rows else 0

    def check_tokens(self):
        """An object never has different contents under one SyncToken, and tokens only rise."""
        for key, body in self.objects.items():
            token, before = self.seen.get(key, (-1, None))
            if before != body:
                assert int(body["SyncToken"]) > token, (key, before, body)
                self.seen[key] = (int(body["SyncToken"]), body)


@pytest.mark.parametrize("seed", range(24))
def test_both_sides_of_the_books_hold_whatever_is_done(seed):
    books = Books(seed, **({"tax": "global"} if seed % 6 == 5 else {}))
    for _ in range(80):
        books.act()
        books.check()
    assert sum(count for name, count in books.done.items() if "refused" not in name) > 30
    aged = (("AgedReceivables", "AccountsReceivable", 1), ("AgedPayables", "AccountsPayable", -1))
    for report, subtype, sign in aged:
        assert books.report_total(report) == sign * ledger.account_balance(
            books.company, *ledger.controls(books.company, subtype)
        )
