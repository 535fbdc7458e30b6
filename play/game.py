"""A game: steps of chance on both sides with syncs in between. The same seed plays the same steps."""

import random
from dataclasses import dataclass, field

from odoo.exceptions import AccessError, RedirectWarning, UserError

from . import bookkeeper, odoo_acts, odoo_bank, odoo_receipts, qbo_accountant, qbo_acts, qbo_settings
from .books import Refused
from .judge import Judge, Verdict
from .rules import LEFT_OUT

LOOK_EVERY = (2, 14)
"""A sync comes after at least and at most so many steps."""
IN_ODOO = (0, 0.5, 0.5, 1)
"""Part of the steps that are Odoo's, between two syncs: people of both sides seldom work at the same documents."""
TRIES = 5
"""So many acts are drawn for a step until there is something to do one with."""
ODOO = {**odoo_acts.ACTS, **odoo_bank.ACTS, **odoo_receipts.ACTS, **bookkeeper.ACTS}
QUICKBOOKS = {**qbo_acts.ACTS, **qbo_accountant.ACTS, **qbo_settings.ACTS}
REFUSALS = (UserError, AccessError, RedirectWarning, Refused)


@dataclass
class Game:
    """Plays ``steps`` steps and says what came of it.

    :param books: both companies, prepared
    :param seed: the same one plays the same steps; a shorter game is the beginning of a longer one
    :param commit: called after each step: outside tests a step is a transaction of its own
    """

    books: object
    seed: int
    commit: object
    log: list = field(default_factory=list)
    refused: int = 0
    syncs: int = 0
    played: int = 0

    def play(self, steps):
        """Play, sync, and return the :class:`~.judge.Verdict`."""
        until, share = 0, 0
        for number in range(1, steps + 1):
            chance = random.Random(f"{self.seed}/{number}")
            if not until:
                until, share = chance.randint(*LOOK_EVERY), chance.choice(IN_ODOO)
            self._step(number, chance, share)
            until -= 1
            if not until:
                self._sync()
        self._sync()
        odoo_acts.finish(self.books)
        self.commit()
        self._sync()
        before = self._worked_through("end")
        if not bookkeeper.make_room(self.books):
            return before
        self.commit()
        self._sync()
        after = self._worked_through("room")
        after.unexplained = before.unexplained + after.unexplained
        return after

    def _worked_through(self, name):
        """Work through the list of problems as often as a bookkeeper would, and return the verdict."""
        for turn in range(1, bookkeeper.TURNS + 1):
            if not bookkeeper.work_through(self.books, random.Random(f"{self.seed}/{name} {turn}")):
                break
            self.commit()
            self._sync()
        bookkeeper.refresh(self.books)
        self.commit()
        self._sync()
        return self.judge()

    def judge(self) -> Verdict:
        return Judge(self.books).verdict()

    def _sync(self):
        self.books.sync()
        self.syncs += 1
        self.log.append("      sync")

    def _step(self, number, chance, share):
        here = chance.random() < share
        acts = ODOO if here else QUICKBOOKS
        side = "odoo" if here else "qbo"
        names = [act for act in acts if f"{side}.{act.__name__}" not in LEFT_OUT]
        for _try in range(TRIES):
            act = chance.choices(names, [acts[name] for name in names])[0]
            text = self._act(here, act, chance)
            if text is not None:
                break
        self.commit()
        self.played += text is not None
        self.log.append(f"{number:5} {side}.{act.__name__}: {text or 'nothing to do it with'}")

    def _act(self, here, act, chance):
        """Return what was done in words; None when there was nothing to do it with."""
        try:
            return self._in_odoo(act, chance) if here else act(self.books, chance, self.books.there())
        except REFUSALS as refusal:
            self.refused += 1
            return f"refused: {' '.join(str(refusal).split())[:110]}"

    def _in_odoo(self, act, chance):
        with self.books.env.cr.savepoint():
            return act(self.books, chance)

    def figures(self, steps, verdict):
        """Return what a game comes to, in numbers."""
        return {"steps": steps, "done": self.played - self.refused, "documents": verdict.documents,
                "explained": len(verdict.explained), "unexplained": len(verdict.unexplained)}

    def line(self, steps, verdict):
        """Return the one line that says how it ended."""
        kind = " ".join((self.books.kind, *sorted(self.books.habits)))
        return (f"play: {steps} steps, seed {self.seed}, {kind}: {verdict.count} differences, "
                f"{len(verdict.explained)} explained, {len(verdict.unexplained)} unexplained "
                f"({verdict.documents} documents, {self.played - self.refused} done, {self.refused} refused, "
                f"{self.syncs} syncs)")

    def report(self, steps, verdict, last=40):
        """Return the last steps, the differences, and how to play it again."""
        return "\n".join([
            *self.log[-last:],
            *(f"{count:5} explained by {reason}" for reason, count in verdict.reasons.most_common()),
            *(f"explained    {text}" for text in verdict.explained),
            *(f"unexplained  {text}" for text in verdict.unexplained),
            f"again: make play SEED={self.seed} STEPS={steps} COMPANY={self.books.kind} "
            f"HABITS='{' '.join(sorted(self.books.habits))}'"])
