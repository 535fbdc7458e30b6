"""The simulator's control routes and its API, for one who plays and judges."""

import requests

from .books import Refused

TIMEOUT = 60


class Control:
    """Calls the routes of the simulator at ``url``."""

    def __init__(self, url):
        self.url = url
        self.session = requests.Session()

    def __call__(self, route, method, **values):
        """Return the JSON answer.

        :param route: below ``/_control/``, or a path that begins with ``../``
        :param values: the body, or the query of a GET; ``token`` is the access token of the API
        :raise Refused: when QuickBooks says no
        """
        headers = {"Accept": "application/json"}
        if "token" in values:
            headers["Authorization"] = f"Bearer {values.pop('token')}"
        path = route[2:] if route.startswith("../") else f"/_control/{route}"
        sent = {"params": values} if method == "GET" else {"json": values}
        answer = self.session.request(method, self.url + path, headers=headers, timeout=TIMEOUT, **sent)
        if answer.status_code == 400 and "Fault" in answer.json():
            fault = answer.json()["Fault"]["Error"][0]
            raise Refused(f"{fault.get('code')} {fault.get('Detail') or fault.get('Message')}")
        answer.raise_for_status()
        return answer.json()
