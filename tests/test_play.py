"""People of both sides do at random what they are allowed to; afterwards both books say the same, or why not."""

from odoo.tests import tagged

from ..play.books import Books, wish
from ..play.control import Control
from ..play.game import Game
from ..play.habits import CLOSES, ROUNDS, SECURED
from ..play.judge import Judge
from .common import QboCommon

STEPS = 30


@tagged("post_install", "-at_install")
class TestPlay(QboCommon):

    connected = False

    def play(self, kind, seed, *habits, steps=STEPS):
        """Play a game in a new company of this kind and habits; nothing may differ without a reason."""
        self.realm = self.new_realm(**wish(kind))
        self.connect(self.backend, self.realm)
        books = Books(self.su, self.backend, kind, Control(self.simulator.url), self.sync, set(habits))
        books.prepare()
        game = Game(books, seed, self.env.cr.flush)
        verdict = game.play(steps)
        self.assertGreater(game.played - game.refused, steps / 2, "Most of the steps must be possible")
        if verdict.unexplained:
            self.fail(f"{game.line(steps, verdict)}\n{game.report(steps, verdict)}")
        return books, game

    def test_us_company(self):
        books, _game = self.play("us_manual", 4)
        row = next(row for row in books.there()["Invoice"].values() if row["Balance"])
        books.person("late_fee", "Invoice", id=row["Id"], amount=15)
        # Nobody has heard of the fee yet: the judge must find it.
        self.assertTrue([text for text in Judge(books).verdict().unexplained if "UNEXPLAINED" in text])

    def test_us_company_with_automated_tax(self):
        self.play("us_automated", 1, SECURED)

    def test_british_company(self):
        self.play("uk", 2, ROUNDS)

    def test_canadian_company(self):
        self.play("canada", 5, CLOSES)

    def test_company_with_two_currencies(self):
        self.play("multi", 3)
