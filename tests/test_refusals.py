"""What the other side cannot take is said in words, with the way out."""

from odoo.tests import tagged

from ..qbo.mapping.errors import MappingError
from .documents import DocumentCase


@tagged("post_install", "-at_install")
class TestRefusals(DocumentCase):

    def test_refusals_name_the_place(self):
        code, sentence = self.env["qbo.error.guide"]._refusal(MappingError("too_long", "display_name", "Acme"))
        self.assertEqual((code, sentence), (
            "data_too_long", "A text is longer than QuickBooks allows. (name: Acme)"))
        _code, sentence = self.env["qbo.error.guide"]._refusal(MappingError("precision", "lines[2].quantity", "1.23"))
        self.assertIn("line 2 quantity: 1.23", sentence)

    def test_deleted_there_says_how_to_create_it_again(self):
        move = self.invoice(10)
        self.sync()
        self.person("delete", "Invoice", id=self.binding(move).qbo_id)
        self.sync()
        move.button_draft()
        move.action_post()
        self.sync()
        job = self.su["qbo.job"].search([("backend_id", "=", self.backend.id), ("state", "=", "failed")])
        self.assertIn("Mend the link", job.how_to_fix)
        self.assertEqual(job.fix, "link")
