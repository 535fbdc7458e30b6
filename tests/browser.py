"""What tours need beyond Odoo's own: the bookkeeper at QuickBooks' pages in the same browser, and pictures."""

import base64
import json
import os
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from odoo.tests.common import ChromeBrowser

PICTURE = "qbo picture "

# Runs in every page before its own scripts. In Odoo, links to QuickBooks open in the same tab, so that the tour can
# come back. In the pages of the simulator it is the person: agrees to the consent, types a phone number, receives a
# payment.
PERSON = """
(() => {
    const [odoo, quickbooks, realm, phone] = %s;
    if (location.origin === odoo) {
        window.open = (url) => location.assign(url);
        if (location.pathname === "/qbo_sync/oauth/result") {
            addEventListener("load", () => document.querySelector("a[href*='qbo.backend']").click());
        }
        return;
    }
    if (location.origin !== quickbooks) {
        return;
    }
    addEventListener("load", () => setTimeout(() => {
        console.log("qbo picture tour_simulator" + location.pathname.replace(/\\d+/g, "").replace(/\\/+/g, "_"));
        setTimeout(act, 600);
    }, 200));
    const back = () => location.assign(odoo + "/odoo/quickbooks");
    const press = (id) => document.getElementById(id).click();
    const act = () => {
        if (location.search.includes("saved")) {
            return back();
        }
        if (document.getElementById("connect")) {
            document.getElementById("realmId").value = realm;
            return press("connect");
        }
        if (location.pathname.includes("/customer/")) {
            document.getElementById("PrimaryPhone").value = phone;
            return press("save");
        }
        if (location.pathname.includes("/invoice/") && document.getElementById("receive")) {
            return press("receive");
        }
        console.error("The person does not know what to do on " + location.href);
    };
})();
"""


@contextmanager
def with_person(odoo, quickbooks, realm, phone):
    """Let a person work in QuickBooks' pages while a tour runs.

    :param realm: the company that the person chooses
    :param phone: the new phone number of a customer whose page is opened
    """
    source = PERSON % json.dumps([odoo, quickbooks, realm, phone])
    navigate = ChromeBrowser.navigate_to

    def navigate_to(browser, *args, **kwargs):
        browser._websocket_request("Page.addScriptToEvaluateOnNewDocument", params={"source": source})
        return navigate(browser, *args, **kwargs)

    with patch.object(ChromeBrowser, "navigate_to", navigate_to), pictures():
        yield


@contextmanager
def pictures(suffix=""):
    """Take a picture whenever a page logs ``qbo picture <name>``, into folder ``QBO_SYNC_SCREENSHOTS`` if given."""
    folder = os.environ.get("QBO_SYNC_SCREENSHOTS")
    handle = ChromeBrowser._handle_console

    def handle_console(browser, type, args=None, **kw):
        text = str(args[0].get("value", "")) if args else ""
        if folder and text.startswith(PICTURE):
            path = Path(folder) / f"{text.removeprefix(PICTURE).strip('_')}{suffix}.png"
            future = browser._websocket_send("Page.captureScreenshot", with_future=True)
            future.add_done_callback(lambda done: path.write_bytes(base64.b64decode(done.result()["data"])))
        return handle(browser, type, args, **kw)

    with patch.object(ChromeBrowser, "_handle_console", handle_console):
        yield
