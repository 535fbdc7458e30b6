"""What a script says to the person in front of it."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Missing(Exception):
    """Something the machine lacks. ``remedy`` says what the person can do about it."""

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


def line(text: str = "") -> None:
    print(text, flush=True)


def note(text: str) -> None:
    print(f"  {text}", flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Announce a step, and say how long it took once it is done."""
    print(f"» {title} ...", end="", flush=True)
    start = time.monotonic()
    try:
        yield
    except BaseException:
        print(" failed", flush=True)
        raise
    print(f" {time.monotonic() - start:.1f} s", flush=True)


def complain(error: Missing) -> int:
    """Print the problem and its remedy; the exit code."""
    print(f"\n✗ {error.problem}", file=sys.stderr, flush=True)
    for text in error.remedy.splitlines():
        print(f"  {text}", file=sys.stderr, flush=True)
    return 2
