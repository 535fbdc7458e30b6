"""What one entry of the error guide says."""

from dataclasses import dataclass

from .errors import Policy, policy_of

BUTTONS = frozenset(
    {
        "map", "link", "rename", "renumber", "open_period", "reconnect", "retry", "wait", "undeposit", "reactivate",
        "check_data", "difference", "merge", "credit_note", "none",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Guide:
    """One entry: ``cause`` and ``fix`` are sentences, ``button`` one of `BUTTONS`.

    With a ``pattern`` (a regular expression, case ignored) the entry holds only for errors of the code whose text it
    matches; the entry without one is for all others.
    """

    code: str
    cause: str
    fix: str
    button: str
    pattern: str = ""

    @property
    def policy(self) -> Policy:
        """What the engine does with an error of this code before anybody reads about it."""
        return policy_of(self.code)


def same(codes: tuple[str, ...], cause: str, fix: str, button: str) -> tuple[Guide, ...]:
    """Return the same entry for several codes."""
    return tuple(Guide(code, cause, fix, button) for code in codes)
