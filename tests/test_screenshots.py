"""The pictures of the documentation; run with ``make screenshots``."""

import os
from pathlib import Path

from odoo.tests import HttpCase, tagged

from .browser import pictures
from .screens_data import fill
from .test_tours import TestTours

NAMES = (
    "overview", "sync_center", "approval", "problems", "retry", "conflict", "history", "mappings", "connection",
    "invoices", "taxes", "bank", "not_brought_over")


@tagged("post_install", "-at_install", "-standard", "screenshots")
class TestScreenshots(HttpCase):
    def setUp(self):
        super().setUp()
        self.env.company.name = "Brook and Stone"
        self.env.ref("base.user_admin").name = "Ana Brook"
        fill(self.env)

    def _pictures(self, suffix):
        with pictures(suffix):
            self.start_tour("/odoo", "qbo_sync_pictures", login="admin", timeout=180)
        folder = Path(os.environ["QBO_SYNC_SCREENSHOTS"])
        missing = [name for name in NAMES if not (folder / f"{name}{suffix}.png").exists()]
        self.assertFalse(missing)

    def test_at_a_desk(self):
        self.browser_size = "1366,768"
        self._pictures("")

    def test_on_a_phone(self):
        self.browser_size = "390,844"
        self.touch_enabled = True
        self._pictures("_phone")


@tagged("post_install", "-at_install", "-standard", "screenshots")
class TestTourScreenshots(TestTours):
    """The tour again, with a picture of each stage."""

    allow_inherited_tests_method = True
