"""Run the simulator: ``python -m simulator --port 8090``."""

import argparse
import sys

from simulator.app import Simulator
from simulator.control import new_company, steer_oauth
from simulator.seed import KINDS
from simulator.server import Running
from simulator.store import OldFileError


def main(arguments: list[str] | None = None) -> int:
    """Start the server and serve until interrupted; returns the exit status."""
    parser = argparse.ArgumentParser(prog="simulator", description="A stand-in for QuickBooks Online.")
    parser.add_argument("--host", default="127.0.0.1", help="address to bind to (loopback unless told otherwise)")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--db", default=":memory:", help="SQLite file that keeps everything over a restart")
    parser.add_argument("--company", default="demo",
                        help="demo, sandbox (the sample company), empty, or a name for the demo company")
    parser.add_argument("--size", type=int, default=120, help="number of invoices in the demo data")
    parser.add_argument("--seed", type=int, default=1, help="seed of the random choices in the demo data")
    parser.add_argument("--strict", action="store_true", help="enforce the throttle")
    parser.add_argument("--realm", help="id of the company; made up when left out")
    parser.add_argument("--client", metavar="ID:SECRET", default="simulator:simulator-secret", help="the accepted app")
    parser.add_argument("--access-token", help="an access token that is valid from the start, for an hour")
    parser.add_argument("--refresh-token", help="a refresh token that is valid from the start")
    given = parser.parse_args(arguments)
    try:
        simulator = Simulator(given.db, given.strict)
    except OldFileError as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 1
    if not simulator.companies:
        wish = {"size": given.size, "seed": given.seed, "realm": given.realm,
                "company" if given.company in KINDS else "name": given.company}
        new_company(simulator, wish)
        client, _, secret = given.client.partition(":")
        steer_oauth(simulator, {"clients": {client: secret}, "client": client, "grant": given.access_token
                                or given.refresh_token, "access_token": given.access_token,
                                "refresh_token": given.refresh_token})
    try:
        running = Running(simulator, given.host, given.port)
    except OSError as error:
        print(f"simulator: cannot listen on {given.host}:{given.port}: {error}", file=sys.stderr)
        return 1
    running.start()
    for realm, name in simulator.company_list():
        print(f"simulator: {name} (realm {realm}) on {running.url}", flush=True)
    try:
        running.wait()
    except KeyboardInterrupt:
        running.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
