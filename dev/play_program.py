"""Plays one game in Odoo's shell (``env`` is given): run by ``dev/play``.

Environment: ``QBO_SYNC_SIMULATOR`` (address), ``QBO_SYNC_PLAY`` (JSON: seed, steps, kind), ``QBO_SYNC_RESULT`` (file
for the last line and what to tell).
"""

import json
import os
from urllib.parse import parse_qs, urlparse

import requests
from odoo.addons.qbo_sync.play import books as play_books
from odoo.addons.qbo_sync.play.control import Control
from odoo.addons.qbo_sync.play.game import Game
from odoo.addons.qbo_sync.play.habits import habits_of

SIMULATOR = os.environ["QBO_SYNC_SIMULATOR"]
TIMEOUT = 60
asked = json.loads(os.environ["QBO_SYNC_PLAY"])
control = Control(SIMULATOR)


def connect(realm):
    """Go through the consent page, and return the active connection."""
    env["ir.config_parameter"].sudo().set_param("qbo_sync.simulator_url", SIMULATOR)  # noqa: F821
    backend = env["qbo.backend"].create({"name": "Play", "environment": "simulator"})  # noqa: F821
    env.cr.commit()  # noqa: F821
    query = {name: values[0] for name, values in parse_qs(urlparse(backend.action_connect()).query).items()}
    env.cr.commit()  # noqa: F821
    page = requests.post(f"{SIMULATOR}/connect/oauth2", data={**query, "realmId": realm, "action": "connect"},
                         allow_redirects=False, timeout=TIMEOUT)
    answer = parse_qs(urlparse(page.headers["Location"]).query)
    backend._oauth_finish(answer["code"][0], answer["state"][0], answer["realmId"][0])
    env.cr.commit()  # noqa: F821
    return backend


def sync():
    """Sync until nothing is left to do."""
    env.cr.commit()  # noqa: F821
    runs = env["qbo.run"]  # noqa: F821
    while (run := runs.browse(backend.sync("play"))).state == "partial":
        env.cr.commit()  # noqa: F821
        if run.message_ids.filtered(lambda message: message.level == "error"):
            break
    env.cr.commit()  # noqa: F821


backend = connect(str(control("company", "POST", **play_books.wish(asked["kind"]))["realmId"]))
habits = set(asked["habits"]) if "habits" in asked else habits_of(asked["seed"])
both = play_books.Books(env, backend, asked["kind"], control, sync, habits)  # noqa: F821
both.prepare()
game = Game(both, asked["seed"], env.cr.commit)  # noqa: F821
verdict = game.play(asked["steps"])
with open(os.environ["QBO_SYNC_RESULT"], "w") as file:
    json.dump({**game.figures(asked["steps"], verdict), "line": game.line(asked["steps"], verdict),
               "report": game.report(asked["steps"], verdict, last=len(game.log) if asked.get("all") else 40)}, file)
