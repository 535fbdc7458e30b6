"""What the demo's accountant has done in QuickBooks before the first sync, beside writing documents.

Classes, locations and customer types are kept; money was brought to the bank, except what the list *Bank* is to show:
cheques that nobody deposited, and a deposit that the bank feed added beside the payment.
"""

import json
import urllib.request
from datetime import date, timedelta
from itertools import groupby
from typing import Any

LISTS = {
    "Class": ("Residential", "Commercial", "Municipal"),
    "Department": ("Bayshore", "Half Moon Bay"),
    "CustomerType": ("Homeowner", "Homeowners association", "Restaurant"),
}
TYPES = {
    "Hillcrest Homeowners": "Homeowners association", "Foxglove Restaurant": "Restaurant", "Zinnia Café": "Restaurant"}
FORGOTTEN = 3  # the youngest of the cheques that are older than this:
PATIENCE = timedelta(days=14)
FEED_DAYS = timedelta(days=60)


def write(simulator: str) -> None:
    """Do it all in the only company of the simulator at this address."""
    Accountant(simulator).work()


class Accountant:
    """A person at QuickBooks' own pages."""

    def __init__(self, simulator: str) -> None:
        self.simulator = simulator

    def work(self) -> None:
        self.act("edit", "Preferences", id="1", data={
            "AccountingInfoPrefs": {"ClassTrackingPerTxnLine": True, "TrackDepartments": True}})
        made = {(entity, name): self.act("create", entity, data={"Name": name})["Id"]
                for entity, names in LISTS.items() for name in names}
        objects = self.call("dump")["objects"]
        for customer in objects["Customer"]:
            if kind := TYPES.get(customer.get("DisplayName", "")):
                self.act("edit", "Customer", id=customer["Id"], data={
                    "CustomerTypeRef": {"value": made["CustomerType", kind]}})
        self.bank(objects["Payment"], objects["Account"])

    def bank(self, payments: list[dict[str, Any]], accounts: list[dict[str, Any]]) -> None:
        """Deposit the cheques but for a few; one deposit of the bank feed books what a payment has booked already."""
        ids = {account["Name"]: account["Id"] for account in accounts}
        today = date.today()
        paid = sorted((each for each in payments if each.get("TotalAmt")), key=lambda each: each["TxnDate"])
        old = [each for each in paid if each.get("DepositToAccountRef", {}).get("value") == ids["Undeposited Funds"]
               and date.fromisoformat(each["TxnDate"]) < today - PATIENCE]
        for _month, group in groupby(old[:-FORGOTTEN], key=lambda each: each["TxnDate"][:7]):
            cheques = list(group)
            made = self.act("deposit", "Payment", ids=[each["Id"] for each in cheques], account=ids["Checking"])
            self.act("edit", "Deposit", id=made["Id"], data={"TxnDate": cheques[-1]["TxnDate"]})
        straight = [each for each in paid if each.get("DepositToAccountRef", {}).get("value") == ids["Checking"]
                    and date.fromisoformat(each["TxnDate"]) > today - FEED_DAYS]
        for each in straight[-1:]:
            made = self.act("bank_deposit", "Deposit", amount=each["TotalAmt"], account=ids["Checking"],
                            category=ids["Sales of Product Income"])
            self.act("edit", "Deposit", id=made["Id"], data={"TxnDate": each["TxnDate"]})

    def act(self, action: str, entity: str, **values: Any) -> dict[str, Any]:
        return self.call("ui", action=action, entity=entity, **values)

    def call(self, route: str, **values: Any) -> dict[str, Any]:
        request = urllib.request.Request(f"{self.simulator}/_control/{route}")
        if values:
            request.data = json.dumps(values).encode()
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)
