"""The lists of a whole company, read over the wire."""

from odoo.tests import tagged

from .common import QboCommon


@tagged("post_install", "-at_install")
class TestSimulatedLists(QboCommon):
    """QuickBooks' lists as the simulator tells them."""

    sim_wish = {"empty": True, "features": {"tax": "manual"}}

    def test_refresh(self):
        backend = self.backend._for_work()
        with self.own_cursors():
            client = backend._get_client()
            backend.env["qbo.sync.reference"]._refresh(backend, client)
        references = backend.env["qbo.reference"].search([("backend_id", "=", backend.id)])
        self.assertLessEqual(
            {"Account", "TaxCode", "TaxRate", "Term", "PaymentMethod"}, set(references.mapped("entity")))
        self.assertTrue(references.filtered(lambda row: row.entity == "Account" and row.kind == "Accounts Receivable"))
        self.assertTrue(references.filtered(lambda row: row.entity == "TaxCode" and row.rate > 0))
        for row in backend.env["qbo.mapping"].search([("backend_id", "=", backend.id), ("state", "=", "mapped")]):
            self.assertEqual(row.confidence, 100, row.record_name)

    def test_second_refresh_changes_nothing(self):
        backend = self.backend._for_work()
        lists = backend.env["qbo.sync.reference"]
        with self.own_cursors():
            client = backend._get_client()
            lists._refresh(backend, client)
            rows = {
                entity: list(client.query(entity, where="Active IN (true,false)")) for entity in ("Account", "TaxCode")}
        for entity, payloads in rows.items():
            self.assertFalse(lists._store(backend, entity, payloads, complete=True))
