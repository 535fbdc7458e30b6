"""The webhook: verified, noted, the worker woken, answered."""

import base64
import hashlib
import hmac
import json

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..controllers.main import MAX_BODY
from .common import QboHttpCommon

VERIFIER = "verifier-of-our-app"


def old_form(*changes):
    """Return a notification in the older shape: changes are (realm, entity, id, operation)."""
    return {"eventNotifications": [
        {"realmId": realm, "dataChangeEvent": {"entities": [
            {"name": entity, "id": qbo_id, "operation": operation, "lastUpdated": "2026-03-02T10:00:00.000Z"}]}}
        for realm, entity, qbo_id, operation in changes]}


def cloud_events(*changes):
    """Return a notification in the newer shape."""
    return [{
        "specversion": "1.0", "id": f"event-{number}", "source": "intuit.x",
        "type": f"qbo.{entity.lower()}.{operation}.v1",
        "time": "2026-03-02T10:00:00.179851517Z", "intuitentityid": qbo_id, "intuitaccountid": realm, "data": {}}
        for number, (realm, entity, qbo_id, operation) in enumerate(changes)]


@tagged("post_install", "-at_install")
class TestWebhook(QboHttpCommon):
    def setUp(self):
        super().setUp()
        self.backend.webhook_verifier = VERIFIER
        self.env.flush_all()

    def post(self, body, verifier=VERIFIER, signature=None):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        if signature is None:
            signature = base64.b64encode(hmac.new(verifier.encode(), raw, hashlib.sha256).digest()).decode()
        response = self.url_open(
            "/qbo_sync/webhook", data=raw, headers={"Content-Type": "application/json", "intuit-signature": signature})
        self.env.invalidate_all()
        return response.status_code

    def marks(self, backend=None):
        self.env.cr.execute(
            "SELECT entity, qbo_id, operation FROM qbo_webhook_event WHERE backend_id = %s ORDER BY id",
            [(backend or self.backend).id])
        return self.env.cr.fetchall()

    def test_both_forms(self):
        self.assertEqual(self.post(old_form((self.realm, "CreditMemo", "7", "Update"))), 200)
        self.assertEqual(self.post(cloud_events((self.realm, "CreditMemo", "8", "voided"))), 200)
        self.assertEqual(self.marks(), [("CreditMemo", "7", "Update"), ("CreditMemo", "8", "Void")])

    def test_bad_signature(self):
        body = old_form((self.realm, "Invoice", "7", "Update"))
        self.assertEqual(self.post(body, "another verifier"), 401)
        self.assertEqual(self.post(body, signature=""), 401)
        self.assertEqual(self.post(body, signature="no base64 \u00e9".encode("latin-1")), 401)
        self.assertEqual(self.marks(), [])

    def test_changed_body(self):
        raw = json.dumps(old_form((self.realm, "Invoice", "7", "Update"))).encode()
        signature = base64.b64encode(hmac.new(VERIFIER.encode(), raw, hashlib.sha256).digest()).decode()
        self.assertEqual(self.post(raw.replace(b'"7"', b'"8"'), signature=signature), 401)
        self.assertEqual(self.post(raw, signature=signature), 200)

    def test_without_any_verifier(self):
        self.su["qbo.token"]._of(self.backend).webhook_verifier_cipher = False
        self.env.flush_all()
        body = old_form((self.realm, "Invoice", "7", "Update"))
        self.assertEqual(self.post(body), 401)
        self.assertEqual(self.post(body, ""), 401, "An empty verifier signs nothing.")

    def test_two_realms_and_a_foreign_one(self):
        second = self.new_backend(self._create_company(name="Second firm"), webhook_verifier=VERIFIER)
        second.realm_id = "77"
        self.env.flush_all()
        body = old_form(
            (self.realm, "Invoice", "1", "Create"), ("77", "Customer", "2", "Update"), ("4711", "Item", "3", "Update"))
        self.assertEqual(self.post(body), 200)
        self.assertEqual(self.marks(), [("Invoice", "1", "Create")])
        self.assertEqual(self.marks(second), [("Customer", "2", "Update")])
        self.env.cr.execute("SELECT backend_id, realm_id FROM qbo_webhook_event WHERE realm_id = '4711'")
        self.assertEqual(self.env.cr.fetchall(), [(None, "4711")], "A company that is unknown here is counted.")

    def test_verifier_of_another_app(self):
        second = self.new_backend(self._create_company(name="Second firm"), webhook_verifier="verifier of another app")
        second.realm_id = "77"
        self.env.flush_all()
        self.assertEqual(self.post(old_form(("77", "Customer", "2", "Update"))), 200)
        self.assertEqual(self.marks(second), [], "Our app's verifier proves nothing about another app's company.")

    def test_replay_and_disorder(self):
        late, early = (cloud_events((self.realm, "Invoice", "5", operation)) for operation in ("deleted", "created"))
        for body in (late, early, late):
            self.assertEqual(self.post(body), 200)
        events = self.su["qbo.webhook.event"].search([("backend_id", "=", self.backend.id)])
        self.assertEqual(events.mapped(lambda event: (event.qbo_id, event.operation)), [
            ("5", "Delete"), ("5", "Create"), ("5", "Delete")])

    def test_merge_names_what_is_gone(self):
        body = old_form((self.realm, "Customer", "43", "Merge"))
        body["eventNotifications"][0]["dataChangeEvent"]["entities"][0]["deletedId"] = "42"
        self.assertEqual(self.post(body), 200)
        event = self.su["qbo.webhook.event"].search([("backend_id", "=", self.backend.id)])
        self.assertEqual(
            (event.entity, event.qbo_id, event.operation, event.deleted_id), ("Customer", "43", "Merge", "42"))

    @mute_logger("odoo.http")
    def test_unreadable(self):
        self.assertEqual(self.post(b"<html>"), 400)
        self.assertEqual(self.post({"hello": "world"}), 400)

    @mute_logger("odoo.http")
    def test_too_large(self):
        self.assertEqual(self.post(b" " * (MAX_BODY + 1)), 413)

    def test_wakes_the_worker(self):
        with self.own_cursors():
            self.backend.with_user(self.qbo_admin).action_activate()
        self.su["ir.cron.trigger"].search([("cron_id", "=", self.backend.cron_id.id)]).unlink()
        self.env.flush_all()
        self.post(old_form((self.realm, "Invoice", "7", "Update")))
        self.assertTrue(self.su["ir.cron.trigger"].search([("cron_id", "=", self.backend.cron_id.id)]))
