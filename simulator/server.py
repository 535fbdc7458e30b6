"""The threaded HTTP server round the application."""

import threading

from werkzeug.serving import WSGIRequestHandler, make_server

from simulator.app import Simulator


class Handler(WSGIRequestHandler):
    """Keep-alive connections, no log on the terminal: the log is at /_control/log."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    """Head and body leave in one piece: a client that sees the head alone may take the connection for reusable."""

    def version_string(self) -> str:
        """Return what the Server header says."""
        return "nginx"

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


class Running:
    """A simulator that serves in a thread; port 0 picks a free one, *url* tells which."""

    def __init__(self, simulator: Simulator, host: str = "127.0.0.1", port: int = 0) -> None:
        self.simulator = simulator
        self.server = make_server(host, port, simulator, threaded=True, request_handler=Handler)
        self.url = f"http://{host}:{self.server.server_port}"
        self._thread = threading.Thread(target=self.server.serve_forever, name="simulator", daemon=True)

    def start(self) -> "Running":
        """Serve in the background."""
        self._thread.start()
        return self

    def wait(self) -> None:
        """Serve until the process is interrupted."""
        self._thread.join()

    def stop(self) -> None:
        """Stop serving and close the simulator."""
        self.server.shutdown()
        self.server.server_close()
        self.simulator.close()
