"""Remembers the whole simulator, and takes it back to what it was: every test of a row begins with the same books."""

import sqlite3
from copy import deepcopy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.app import Simulator

TRAFFIC = ("counts", "planned", "written", "_recent")


class Memory:
    """What a simulator was at a moment: its database, clock, switches, webhooks, mails, log, metrics and faults.

    It lies in the memory of the process, also when the database is a file.
    """

    def __init__(self, simulator: "Simulator") -> None:
        self.database = sqlite3.connect(":memory:", check_same_thread=False)
        simulator.store.db.backup(self.database)
        self.indexes = set(simulator.store.indexes)
        self.offset = simulator.clock.offset
        self.switches, self.webhooks = dict(simulator.switches), deepcopy(simulator.webhooks.config)
        self.log, self.mails = [*simulator.traffic.log], [*simulator.mails]
        self.traffic: dict[str, Any] = {name: deepcopy(getattr(simulator.traffic, name)) for name in TRAFFIC}

    def restore(self, simulator: "Simulator") -> None:
        """Take a simulator back; its clock goes on from the real time, by the offset of then."""
        self.database.backup(simulator.store.db)
        simulator.store.indexes = set(self.indexes)
        simulator.clock.offset = self.offset
        simulator.switches.update(self.switches)
        simulator.webhooks.config.update(deepcopy(self.webhooks))
        simulator.webhooks.deliveries.clear()
        simulator.traffic.log.clear()
        simulator.traffic.log.extend(self.log)
        simulator.mails[:] = self.mails
        for name, value in self.traffic.items():
            setattr(simulator.traffic, name, deepcopy(value))
        # They keep what they read once.
        simulator.companies = {realm: simulator.open(realm) for realm, _name in simulator.company_list()}

    def close(self) -> None:
        """Forget it."""
        self.database.close()
