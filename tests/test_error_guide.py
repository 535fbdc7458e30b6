"""The error guide as records: the same entries as the table, and found by code, text and class."""

from unittest.mock import patch

from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools.convert import convert_file

from ..qbo import errors
from ..qbo.guide import GUIDES


@tagged("post_install", "-at_install")
class TestErrorGuide(TransactionCase):
    def test_records_say_what_the_table_says(self):
        """When this fails, run dev/error_guide."""
        ids = self.env["ir.model.data"].search(
            [("module", "=", "qbo_sync"), ("model", "=", "qbo.error.guide")]).mapped("res_id")
        records = self.env["qbo.error.guide"].with_context(lang="en_US").browse(ids)
        self.assertCountEqual(
            [(record.code, record.pattern or "", record.cause, record.how_to_fix, record.fix) for record in records],
            [(guide.code, guide.pattern, guide.cause, guide.fix, guide.button) for guide in GUIDES])

    def test_every_entry_is_found(self):
        guides = self.env["qbo.error.guide"]
        for guide in GUIDES:
            with self.subTest(code=guide.code, pattern=guide.pattern):
                if not guide.pattern:
                    self.assertEqual(guides._explain(guide.code)[2], guide.button)

    def test_pattern_goes_before_the_general_entry(self):
        entry = self.env["qbo.error.guide"].create({
            "code": "6000", "pattern": r"you must set a\s+transaction amount", "cause": "No amount.",
            "how_to_fix": "Enter one.", "fix": "check_data", "sequence": 1})
        text = "A business validation error\nBusiness Validation Error: You must set a transaction amount"
        self.assertEqual(entry._explain("6000", text)[0], "No amount.")
        self.assertNotEqual(entry._explain("6000", "something else")[0], "No amount.")

    def test_broken_pattern_hides_nothing(self):
        self.env["qbo.error.guide"].create({
            "code": "6000", "pattern": "(", "cause": "Broken.", "how_to_fix": "-", "fix": "none", "sequence": 0})
        self.assertNotEqual(self.env["qbo.error.guide"]._explain("6000", "(")[0], "Broken.")

    def test_unknown_code_is_told_by_its_class(self):
        guide = self.env["qbo.error.guide"]
        of_class = guide._explain(errors.PeriodClosed.default_code)
        self.assertEqual(guide._explain("99999999", "", "PeriodClosed"), of_class)
        self.assertTrue(all(guide._explain("no such word", "strange text")))

    def test_sentence(self):
        sentence = self.env["qbo.error.guide"]._sentence(errors.RateLimited("throttled"))
        self.assertEqual(sentence, self.env["qbo.error.guide"]._explain("3001")[0])

    def test_sentence_of_a_rule_without_a_code(self):
        """QuickBooks' own words say which rule it is, and what to do stands behind them."""
        guide, text = self.env["qbo.error.guide"], "Business Validation Error: The moon is full."
        sentence = guide._sentence(errors.BusinessFault("Failed", code="6000", detail=text))
        self.assertIn('"The moon is full."', sentence)
        self.assertIn(guide._explain("6000", text)[1], sentence)
        text = "A journal entry must have at least two detail lines"
        known = errors.BusinessFault("Failed", code="6000", detail=text)
        self.assertEqual(guide._sentence(known), guide._explain("6000", known.detail)[0])

    def test_translation(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        record = self.env.ref("qbo_sync.error_guide_3001")
        record.with_context(lang="fr_FR").cause = "Trop de demandes."
        self.assertEqual(record.with_context(lang="fr_FR")._explain("3001")[0], "Trop de demandes.")

    # === UPGRADES === #

    def upgrade(self):
        """Load the data file as an upgrade does."""
        convert_file(self.env, "qbo_sync", "data/error_guide.xml", {}, mode="update", noupdate=False)

    def older(self, guide, **values):
        """Let an entry be as an older version of the addon wrote it."""
        guide.with_context(install_mode=True).write(values)
        self.env["ir.model.data"].search(
            [("model", "=", guide._name), ("res_id", "=", guide.id)]).noupdate = True

    def test_sentences_follow_the_version_and_own_words_stay(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        admin = new_test_user(self.env, "guide_admin", groups="base.group_user,qbo_sync.group_admin")
        old, changed, dragged, translated = (
            self.env.ref(f"qbo_sync.error_guide_{code}") for code in ("3001", "6140", "6240", "6210"))
        shipped = {guide: guide.cause for guide in (old, changed, dragged, translated)}
        old.with_context(install_mode=True, lang="fr_FR").cause = "Une vieille phrase."
        self.older(old, cause="An older sentence.")
        self.assertEqual(old.with_context(lang="fr_FR").cause, "An older sentence.", "its translation went with it")
        self.older(dragged, cause="An older sentence.")
        changed.with_user(admin).how_to_fix = "Call Jane of accounting."
        dragged.with_user(admin).sequence = 1
        translated.with_user(admin).update_field_translations("cause", {"fr_FR": "Cloture."})
        own = self.env["qbo.error.guide"].with_user(admin).create(
            {"code": "6000", "pattern": "moon", "cause": "Full moon.", "how_to_fix": "Wait.", "fix": "wait"})
        self.upgrade()
        self.assertEqual({guide: guide.cause for guide in shipped}, shipped)
        self.assertEqual((changed.how_to_fix, own.cause), ("Call Jane of accounting.", "Full moon."))
        self.assertEqual(translated.with_context(lang="fr_FR").cause, "Cloture.")
        self.assertEqual(
            (changed | dragged | translated | own | old).filtered("own_words"), changed | translated | own)
        changed.with_user(admin).own_words = False
        self.upgrade()
        self.assertNotIn("Jane", changed.how_to_fix)

    def test_entries_that_a_version_no_longer_has(self):
        """They go with the upgrade, unless somebody wrote them himself."""
        entries = self.env["qbo.error.guide"].with_context(install_mode=True).create([
            {"code": code, "cause": "Gone.", "how_to_fix": "-", "fix": "none"} for code in ("gone", "kept")])
        self.env["ir.model.data"].create([
            {"module": "qbo_sync", "name": f"error_guide_{entry.code}", "model": entry._name, "res_id": entry.id}
            for entry in entries])
        entries.with_context(install_mode=False)[1].cause = "Ours."
        names = self.env["ir.model.data"].search([("module", "=", "qbo_sync")]).mapped("complete_name")
        loaded = {name for name in names if name not in ("qbo_sync.error_guide_gone", "qbo_sync.error_guide_kept")}
        self.upgrade()
        with patch.object(self.registry, "loaded_xmlids", loaded):
            self.env["ir.model.data"]._process_end(["qbo_sync"])
        self.assertEqual(entries.exists(), entries[1])
