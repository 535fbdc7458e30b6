"""How quick the simulator is over a company of many invoices: ``python -m fidelity.speed --invoices 100000``.

Prints seconds for seeding, for a page of 1,000 by every filter and order that Invoice documents (first and last page),
counting, change data capture, a batch of 30 creates, and single reads and writes; a limit that is broken is marked.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import requests

from simulator.app import Simulator
from simulator.control import new_company
from simulator.schema import SCHEMA
from simulator.server import Running

LIMITS = {"query": 0.3, "count": 0.3, "cdc": 0.5, "batch": 0.15, "read": 0.02, "create": 0.03}
"""Seconds that a kind of request may take."""
ROUNDS = 3


class Bench:
    """A client of one company in a server of this process.

    Args:
        invoices: how many the company has.
    """

    def __init__(self, invoices: int) -> None:
        self.invoices = invoices
        self.broken = 0
        self.http = requests.Session()
        simulator = Simulator()
        started = time.perf_counter()
        made = new_company(simulator, {"size": invoices})
        self.tell("seed", f"{sum(made['counts'].values())} objects", time.perf_counter() - started)
        self.server = Running(simulator).start()
        grant = self.http.post(f"{self.server.url}/_control/oauth", json={"grant": True}, timeout=60).json()
        self.base = f"{self.server.url}/v3/company/{grant['realmId']}"
        self.http.headers.update({"Authorization": f"Bearer {grant['access_token']}", "Accept": "application/json"})

    def tell(self, kind: str, what: str, seconds: float) -> None:
        """Print a figure and count it if it breaks its limit."""
        slow = seconds > LIMITS.get(kind, seconds)
        self.broken += slow
        print(f"{seconds:9.3f} s  {kind:7} {what}{'   SLOW' if slow else ''}", flush=True)

    def best(self, kind: str, what: str, act: Callable[[], Any]) -> Any:
        """Run an act some times, tell its best time, return its last answer."""
        times, answer = [], None
        for _round in range(ROUNDS):
            started = time.perf_counter()
            answer = act()
            times.append(time.perf_counter() - started)
        self.tell(kind, what, min(times))
        return answer

    def get(self, path: str, **args: str) -> Any:
        """Send a GET and return the JSON; raises when it fails."""
        answer = self.http.get(f"{self.base}/{path}", params=args, timeout=600)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: Any) -> Any:
        """Send a POST and return the JSON; raises when it fails."""
        answer = self.http.post(f"{self.base}/{path}", json=body, timeout=600)
        answer.raise_for_status()
        return answer.json()

    def statements(self, sample: Any) -> Iterator[str]:
        """Yield pages of 1,000 by every order and by every filter, with values of a sample."""
        entity, deep = SCHEMA["Invoice"], max(self.invoices - 1500, 1)
        names = sorted({known for path in entity.filters for known in [entity.properties.get(path, path)]})
        for start in (1, deep):
            yield f"select * from Invoice startposition {start} maxresults 1000"
        for name in names:
            value: Any = sample
            for part in {
                "metadata.createtime": "MetaData.CreateTime",
                "metadata.lastupdatedtime": "MetaData.LastUpdatedTime",
            }.get(name, name).split("."):
                value = (value or {}).get(part)
            value = value["value"] if isinstance(value, dict) and "value" in value else value
            if name.lower() in entity.sortable:
                yield f"select * from Invoice orderby {name} desc startposition {deep} maxresults 1000"
            for operator in ("=",) if name == "Id" or name.endswith("Ref") else ("=", ">="):
                yield f"select * from Invoice where {name} {operator} '{value or 1}' maxresults 1000"
        yield f"select * from Invoice where Balance > '0' orderby Id startposition {deep // 8} maxresults 1000"
        yield f"select * from Invoice where DocNumber like '%9%' startposition {deep // 8} maxresults 999"

    def run(self) -> int:
        """Measure everything; returns how many limits broke."""
        sample = self.get("query", query="select * from Invoice orderby Id maxresults 1")["QueryResponse"]["Invoice"][0]
        for statement in self.statements(sample):
            self.best("query", statement, lambda text=statement: self.get("query", query=text))
        for where in ("", " where Balance > '0'"):
            text = f"select count(*) from Invoice{where}"
            self.best("count", text, lambda text=text: self.get("query", query=text))
        self.best(
            "cdc",
            "Invoice, Customer",
            lambda: self.get("cdc", entities="Invoice,Customer", changedSince=sample["MetaData"]["LastUpdatedTime"]),
        )
        body = {
            "CustomerRef": sample["CustomerRef"],
            "Line": [
                {"Amount": 10, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": "1"}}}
                for _line in range(3)
            ],
        }
        items = [{"bId": str(number), "operation": "create", "Invoice": body} for number in range(30)]
        self.best("batch", "30 invoices of 3 lines", lambda: self.post("batch", {"BatchItemRequest": items}))
        self.best("create", "an invoice of 3 lines", lambda: self.post("invoice", body))
        self.best("read", "an invoice", lambda: self.get(f"invoice/{sample['Id']}"))
        for report in ("AgedReceivables", "CustomerBalance", "ProfitAndLoss", "TrialBalance"):
            self.best("report", report, lambda report=report: self.get(f"reports/{report}"))
        self.server.stop()
        return self.broken


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; returns 1 when a limit is broken."""
    parser = argparse.ArgumentParser(prog="fidelity.speed", description=__doc__.split("\n")[0])
    parser.add_argument("--invoices", type=int, default=100_000)
    broken = Bench(parser.parse_args(arguments).invoices).run()
    print(f"{broken} limits broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
