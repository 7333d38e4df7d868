"""What is said over the wire, and what is found wrong with it: values without behaviour. Layer 0."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import attrs


@attrs.frozen
class Request:
    """A request as a story makes it: ``path`` is below the service's endpoint and carries its query."""

    service: str
    method: str
    path: str
    persona: str = "admin"
    headers: Mapping[str, str] = attrs.field(factory=dict)
    body: Any = None
    octets: bytes | None = None


@attrs.frozen(slots=False)
class Response:
    """What came back. ``failure`` says in words why nothing whole came; ``seconds`` is the time it took."""

    status: int
    headers: Mapping[str, str] = attrs.field(factory=dict)
    content: bytes = b""
    seconds: float = 0.0
    failure: str = ""

    @cached_property
    def data(self) -> Any:
        """The body as JSON; ValueError if it is none."""
        return json.loads(self.content, parse_constant=_refuse)

    @property
    def shown(self) -> Any:
        """The body of a success as JSON; None where nothing whole came, it was refused, or the body is no JSON."""
        try:
            return None if self.failure or self.status >= 400 else self.data
        except ValueError:
            return None

    @property
    def text(self) -> str:
        """The body as text, whatever it is."""
        return self.content.decode("utf-8", "replace")


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


@attrs.frozen
class Exchange:
    """A request and its response."""

    request: Request
    response: Response


@attrs.frozen
class Finding:
    """How an exchange departs from the history. ``code`` is stable; ``pointer`` is a JSON pointer into the body."""

    code: str
    service: str
    call: str
    microversion: str
    pointer: str
    expected: str
    seen: str
    remedy: str = ""

    def __str__(self) -> str:
        """For a person: where, what was expected, what was seen, and what to do."""
        where = f"{self.service} {self.call}" + (f" @{self.microversion}" if self.microversion else "")
        place = f" at {self.pointer}" if self.pointer else ""
        lines = [f"{self.code}: {where}{place}", f"  expected  {self.expected}", f"  seen      {self.seen}"]
        return "\n".join([*lines, f"  remedy    {self.remedy}"] if self.remedy else lines)
