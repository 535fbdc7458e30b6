"""The threaded HTTP server round the application."""

import io
import socket
import threading
from contextlib import suppress
from typing import Any, ClassVar

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app

from simulator.app import Simulator

IDLE = 75
"""Seconds after which a connection without requests is closed."""


class Handler(WSGIRequestHandler):
    """Connections stay open, as those of the service do: clients reuse them and wait on one that closes late.

    Nothing is logged on the terminal: the log is at /_control/log.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    timeout = IDLE
    connections: ClassVar[dict[Any, set[socket.socket]]] = {}
    """Open connections by server: those of a stopped one are closed."""

    def run_wsgi(self) -> None:
        """Answer one request; its body is read to the end first, so that the next one begins where it ought to."""
        self.environ = environ = self.make_environ()
        length = self.headers.get("Content-Length") or "0"
        if not length.isdigit():
            self.send_error(400)
            return
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
            self.wfile.flush()
        chunked = environ.get("wsgi.input_terminated")
        environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(*(() if chunked else (int(length),))))
        chunks, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        body = b"".join(chunks)
        self.send_response(int(status[:3]), status[4:])
        for name, value in headers.items():
            self.send_header(name, value)
        if self.close_connection:  # as the client asked; one that is not told uses the connection again
            self.send_header("Connection", "close")
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)
        self.wfile.flush()

    def setup(self) -> None:
        """Remember the connection."""
        super().setup()
        self.connections.setdefault(self.server, set()).add(self.connection)

    def finish(self) -> None:
        """Forget the connection."""
        self.connections.get(self.server, set()).discard(self.connection)
        with suppress(OSError):  # a client that is gone takes no rest of an answer
            super().finish()

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
        self.wait = self._thread.join

    def start(self) -> "Running":
        """Serve in the background; ``wait()`` returns when that ends."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving, close what clients keep open, and close the simulator."""
        self.server.shutdown()
        self.server.server_close()
        for connection in list(Handler.connections.pop(self.server, ())):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.simulator.close()
