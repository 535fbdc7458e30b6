"""The two addresses that Intuit calls: the way back from the consent page, and the webhook."""

import logging

import werkzeug.exceptions
from odoo import SUPERUSER_ID, http
from odoo.exceptions import AccessError, UserError
from odoo.http import request

from ..qbo import errors, webhook
from ..qbo.redact import one_line
from . import access_log

_logger = logging.getLogger(__name__)

MAX_BODY = 1024 * 1024
RESULT = "/qbo_sync/oauth/result"
SESSION_KEY = "qbo_sync_result"

access_log.install()


class QboSyncController(http.Controller):

    # === CONSENT === #

    @http.route("/qbo_sync/oauth/callback", type="http", auth="user", methods=["GET"], readonly=False)
    def oauth_callback(self, code="", state="", realmId="", error="", **_other):
        """Finish the connection, then lead to a page whose address holds nothing secret."""
        try:
            backend = request.env["qbo.backend"]._from_state(state)
            if error:
                raise UserError(self._refusal(error))
            backend._oauth_finish(code, state, realmId)
            result = {"backend_id": backend.id, "problem": ""}
        except (UserError, AccessError) as problem:
            # What was half done is undone; the consent request itself was struck out in a transaction of its own.
            request.env.cr.rollback()
            result = {"backend_id": self._known_backend(state), "problem": problem.args[0]}
        request.session[SESSION_KEY] = result
        response = request.redirect(RESULT, code=303)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    @http.route(RESULT, type="http", auth="user", methods=["GET"], readonly=False)
    def oauth_result(self, **_other):
        """Say whether the company is connected, and lead back to the connection."""
        result = request.session.pop(SESSION_KEY, None)
        if not result:
            return request.redirect("/odoo")
        backend = request.env["qbo.backend"].browse(result["backend_id"]).exists()
        return request.render("qbo_sync.oauth_result", {
            "backend": backend, "problem": result["problem"],
            "back_url": f"/odoo/qbo.backend/{backend.id}" if backend else "/odoo"})

    def _known_backend(self, state):
        try:
            return request.env["qbo.backend"]._from_state(state).id or 0
        except UserError:
            return 0

    def _refusal(self, error):
        if error == "access_denied":
            return request.env._(
                "The connection was not allowed on Intuit's page. Nothing was changed; you can connect again.")
        return request.env._(
            "Intuit did not allow the connection (%(error)s). Nothing was changed.", error=one_line(error, 60))

    # === WEBHOOK === #

    @http.route("/qbo_sync/webhook", type="http", auth="none", methods=["POST"], csrf=False, save_session=False,
                readonly=False, max_content_length=MAX_BODY)
    def webhook(self, **_other):
        """Verify, note, wake the worker, answer: Intuit waits three seconds."""
        raw = request.httprequest.get_data()
        env = request.env(user=SUPERUSER_ID)
        realms = env["qbo.backend"]._webhook_realms(raw, request.httprequest.headers.get("intuit-signature"))
        if realms is None:
            raise werkzeug.exceptions.Unauthorized()
        try:
            events = webhook.parse(raw)
        except errors.MalformedAnswer:
            _logger.info("A notification with a good signature could not be read (%s bytes)", len(raw))
            raise werkzeug.exceptions.BadRequest() from None
        env["qbo.webhook.event"]._append(events, {realm: backend.id for realm, backend in realms.items()})
        for realm in {event.realm_id for event in events} & realms.keys():
            realms[realm]._wake()
        # Also for companies that are unknown here: Intuit would only repeat it.
        return request.make_response("", status=200)
