"""The error guide as records: the same entries as the table, and found by code, text and class."""

from odoo.tests import TransactionCase, tagged

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
