"""Stand-ins for secrets, of which a judge thinks the same as of what they stand for. Layer 1; pure."""

from __future__ import annotations

import hmac
import re
import secrets
import uuid
from typing import Any

import attrs

from conformance import pointer
from conformance.report import redaction

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@attrs.frozen
class Disguise:
    """Replaces secrets by texts and numbers that nobody can turn back, equal where the secrets were.

    Types stay, and so do keys, the length of lists and what is empty: only the values below a secret's key are others.
    """

    key: bytes = attrs.field(factory=lambda: secrets.token_bytes(16), repr=False)

    def data(self, value: Any, *, secret: bool = False) -> Any:
        """A body with stand-ins; all of it is ``secret``, or what its keys say."""
        if isinstance(value, dict):
            return {name: self.data(one, secret=secret or redaction.secret(name, one)) for name, one in value.items()}
        if isinstance(value, list):
            return [self.data(one, secret=secret) for one in value]
        if isinstance(value, str):
            return self.word(value) if secret and value else redaction.text(value, self.word)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return self._number(value) if secret and number else value

    def at(self, place: str, value: Any) -> Any:
        """What is expected at a place (a JSON pointer) of a body, as it stands in the disguised body."""
        return self.data(value, secret=any(redaction.secret(part, value) for part in pointer.parts(place)))

    def word(self, secret: str) -> str:
        """The stand-in of a text: a uuid for a uuid, anything else for anything else."""
        digest = self._digest(secret)
        return str(uuid.UUID(bytes=digest[:16])) if _UUID.fullmatch(secret) else f"{redaction.HIDDEN}{digest[:6].hex()}"

    def _number(self, secret: float) -> float:
        return type(secret)(int.from_bytes(self._digest(repr(secret))[:3]))

    def _digest(self, secret: str) -> bytes:
        return hmac.digest(self.key, secret.encode("utf-8", "surrogatepass"), "sha256")
