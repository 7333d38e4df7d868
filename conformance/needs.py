"""What a cloud must have for some stories: how to look for it, and how to get it. Layer 1."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from conformance import pointer
from conformance.exchange import Response
from conformance.reading import read


@attrs.frozen
class Need:
    """Something that a cloud may lack. It is there when ``finds``, a JMESPath, finds ``least`` different things.

    It is looked for in what ``service`` answers at ``path``.
    """

    name: str
    what: str
    how: str
    service: str
    path: str
    finds: str
    least: int = 1

    def found(self, response: Response) -> tuple[str, ...]:
        """What an answer shows of it, each thing once; nothing for an answer that isn't the one looked for."""
        seen = pointer.search(self.finds, response.shown if response.status == 200 else None)
        things = seen if isinstance(seen, list) else [seen]
        return tuple(dict.fromkeys(str(one) for one in things if one not in (None, "", [], {}, False)))

    def lacking(self, found: tuple[str, ...]) -> str:
        """Why it isn't met, in words; nothing if it is."""
        if len(found) >= self.least:
            return ""
        return f"found {', '.join(found) or 'nothing'}" + (f", {self.least} needed" if self.least > 1 else "")


def load(path: Path) -> dict[str, Need]:
    """The needs of a ``needs.yaml`` by name; none if there is no such file."""
    entries = read(path, "needs") if path.exists() else {}
    return {name: _need(name, entry, f"{path}: {name}") for name, entry in entries.items()}


def _need(name: str, entry: Mapping[str, Any], where: str) -> Need:
    probe = entry["probe"]
    pointer.check(probe["finds"], where)
    return Need(
        name, entry["what"], entry["how"], probe["service"], probe["GET"], probe["finds"], probe.get("least", 1)
    )
