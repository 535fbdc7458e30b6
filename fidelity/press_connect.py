"""Opens a consent page, presses Connect, prints where the browser is sent: ``python press_connect.py ADDRESS``."""

import sys
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).parents[1] / "dev"))
from room.consent import agree

if __name__ == "__main__":
    print(agree(requests.Session(), sys.argv[1], follow=False).headers["Location"])
