"""Removal of secrets from any text that may reach a log, a history line, a test report or a person."""

import logging
import re

MASK = "***"

# Names under which a secret travels in JSON bodies, form bodies, query strings and headers of OAuth 2.0.
_NAMES = (
    "access_token|refresh_token|id_token|client_secret|code|token|authorization|verifier_token|"
    "intuit-signature|password"
)

_QUOTED = rf"""(["'](?:{_NAMES})["']\s*:\s*)(["'])(?!\d{{1,5}}\2)(?:\\.|(?!\2).)*(?:\2|$)"""
# A fault code ("code=5010") is a short number and no secret.
_ASSIGNED = rf"""(?<![\w-])((?:{_NAMES})\s*=\s*["']?)(?!\d{{1,6}}(?:[^\w.-]|$))[^&\s"'<>]+"""

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # "access_token": "..."  and  'code': '...'
    (re.compile(_QUOTED, re.IGNORECASE | re.DOTALL), rf"\1\2{MASK}\2"),
    # access_token=...&code=...
    (re.compile(_ASSIGNED, re.IGNORECASE), rf"\1{MASK}"),
    # The signed state of a sign-in; a short "state=done" is something else.
    (re.compile(r"""\b(state["']?\s*[:=]\s*["']?)[A-Za-z0-9_.%-]{20,}""", re.IGNORECASE), rf"\1{MASK}"),
    # Authorization: Bearer ..., and the two schemes wherever they stand
    (re.compile(r"(authorization\s*:\s*)[^\r\n]+", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9+/=._~-]{6,}", re.IGNORECASE), rf"\1 {MASK}"),
    # Bare values: access tokens are JWT or JWE, refresh tokens and OAuth codes begin with two letters and digits.
    (re.compile(r"\beyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)*"), MASK),
    (re.compile(r"\bAB\d{2}[A-Za-z0-9]{12,}"), MASK),
    (re.compile(r"(Token (?:expired|revoked|invalid)\w*\s*:\s*)\S+", re.IGNORECASE), rf"\1{MASK}"),
)


def redact(text: str) -> str:
    """Return ``text`` with tokens, codes, secrets and Authorization values replaced by ``***``.

    QuickBooks repeats a part of the dead token in the detail of a 401 fault ("Token expired: AB01..."), so even
    texts that came from the service pass through here. Fault codes (``"code": "5010"``) are short numbers and stay.
    """
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def one_line(text: str, limit: int = 200) -> str:
    """Return ``text`` redacted, without control characters and cut to ``limit`` characters: fit for one log line.

    Header values and paths come from outside; a line break in them would forge a second log line.
    """
    return re.sub(r"[^\x20-\x7e\xa0-\uffff]+", " ", redact(text)).strip()[:limit]


class RedactingFilter(logging.Filter):
    """A logging filter that redacts the finished message of every record it sees."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace message and arguments of ``record`` by the redacted text; always lets the record pass."""
        record.msg, record.args = redact(record.getMessage()), ()
        return True
