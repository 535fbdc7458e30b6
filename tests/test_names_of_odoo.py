"""Names that changed in Odoo 19, on which connectors of older series stumble."""

from odoo.tests import tagged

from .documents import DocumentCase


@tagged("post_install", "-at_install")
class TestNamesOfOdoo(DocumentCase):

    def test_a_mobile_number_has_a_place_although_partners_have_none(self):
        self.assertNotIn("mobile", self.env["res.partner"]._fields)
        self.person("create", "Customer", data={
            "DisplayName": "Mobile Joe", "Mobile": {"FreeFormNumber": "555-0123"}})
        self.quiet_sync()
        partner = self.su["res.partner"].search([("name", "=", "Mobile Joe")])
        self.assertEqual((partner.name, partner.qbo_mobile), ("Mobile Joe", "555-0123"))

    def test_a_payment_crosses_by_its_memo_and_its_new_states(self):
        move = self.invoice(40)
        payment = self.pay(40, move)
        payment.sudo().memo = "CHK 77"
        self.assertIn(payment.state, ("in_process", "paid"))
        self.quiet_sync()
        self.assertEqual(self.there(payment)["PaymentRefNum"], "CHK 77")
        payment.sudo().action_draft()
        payment.sudo().action_cancel()
        self.assertEqual(payment.state, "canceled")
        self.quiet_sync()
        self.assertEqual(float(self.there(payment)["TotalAmt"]), 0)

    def test_the_groups_form_one_privilege(self):
        groups = self.su["res.groups"].union(*[
            self.env.ref(f"qbo_sync.group_{name}").sudo() for name in ("user", "approver", "admin")])
        self.assertEqual(groups.privilege_id, self.env.ref("qbo_sync.privilege_qbo_sync").sudo())
        self.assertTrue(groups.privilege_id.category_id)
