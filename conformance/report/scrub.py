"""Secrets out of files of any kind: logs, configuration, what a command printed. Layer 1; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote

import attrs

from conformance.report import redaction
from conformance.report.redaction import HIDDEN

SHORTEST = 6  # what is shorter is a word like others, and hidden only where its name tells that it is secret
_NAMES = "passwo?r?d|adminpass|secret|private_?key|auth_?key|api_?key|token|credential|connection_info|user_data|cookie"
_OPEN = r"""(?!['"]\*{3}['"])"""  # what was hidden as a quoted text stays one
_PRIVATE = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_USER = re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]+(?=@)")
_HEADER = re.compile(r"(?i)\b(authorization\s*[:=]\s*)(\w+\s+)?\S+")
_NAMED = re.compile(
    rf"""(?i)((?<![\w-])[\w.-]*({_NAMES})[\w.-]*["']?\s*[=:]\s*){_OPEN}(["'][^"']*["']?|[^\s,;&"'\[{{}}\])]+)"""
)
_LINE = re.compile(rf"""(?i)^(\s*[\w.-]*({_NAMES})[\w.-]*\s*[=:][ \t]*){_OPEN}(?![\s\[{{])\S.*$""")


@attrs.frozen(slots=False)
class Scrub:
    """Takes secrets out: those that are ``known``, wherever they stand, and what looks like one by its name or form."""

    known: frozenset[str] = frozenset()

    @classmethod
    def of(cls, secrets: Iterable[str]) -> Scrub:
        """One that knows these secrets; those too short to be told from other words are left to their names."""
        return cls(frozenset(secret for secret in secrets if len(secret) >= SHORTEST))

    def text(self, value: str) -> str:
        """A text without secrets, line by line: what is cut short in one takes nothing of the next."""
        whole = _PRIVATE.sub(HIDDEN, self.literal(value))
        return "".join(map(self._line, whole.splitlines(keepends=True)))

    def literal(self, value: str) -> str:
        """A text without the known secrets, for what has been through ``redaction`` already."""
        return self._literals.sub(HIDDEN, value) if self.known else value

    def data(self, value: Any) -> Any:
        """JSON without secrets; its shape stays."""
        if isinstance(value, Mapping):
            return {key: HIDDEN if redaction.secret(key, one) else self.data(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.data(one) for one in value]
        return self.text(value) if isinstance(value, str) else value

    def _line(self, line: str) -> str:
        text, ending = line.rstrip("\r\n"), line[len(line.rstrip("\r\n")) :]
        text = _USER.sub(HIDDEN, _LINE.sub(rf"\1{HIDDEN}", text))
        text = _NAMED.sub(rf"\1{HIDDEN}", _HEADER.sub(rf"\1{HIDDEN}", redaction.text(text)))
        return text + ending

    @cached_property
    def _literals(self) -> re.Pattern[str]:
        forms = {form for secret in self.known for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1])}
        words = "|".join(re.escape(one) for one in sorted(forms, key=len, reverse=True))
        return re.compile(rf"(?<![A-Za-z0-9])(?:{words})(?![A-Za-z0-9])")


def secrets_in(value: Any, *, secret: bool = False) -> set[str]:
    """The texts in data that stand below a key that tells of a secret."""
    if isinstance(value, Mapping):
        return set[str]().union(
            *(secrets_in(one, secret=secret or redaction.secret(key, one)) for key, one in value.items())
        )
    if isinstance(value, list | tuple):
        return set[str]().union(*(secrets_in(one, secret=secret) for one in value))
    return {value} if secret and isinstance(value, str) and value else set()
