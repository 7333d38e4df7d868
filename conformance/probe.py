"""Looks whether a cloud has what stories need. Layer 3."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from conformance.client import Client
from conformance.errors import CloudError
from conformance.exchange import Request
from conformance.microversion import Span, tongue
from conformance.needs import Need


@attrs.frozen
class Probed:
    """A need, what was ``found`` of it, and why it isn't met (``lacking``; nothing if it is)."""

    need: Need
    found: tuple[str, ...]
    lacking: str

    @property
    def reason(self) -> str:
        """Why a story that needs it can't be performed, and what to do."""
        return f"needs {self.need.name}: {self.lacking}. {self.need.what} {self.need.how}" if self.lacking else ""


def probe(client: Client, needs: Iterable[Need], bounds: Mapping[str, Span]) -> list[Probed]:
    """Look for each need as the administrator, at the newest microversion that its service has."""
    return [_look(client, need, bounds) for need in needs]


def _look(client: Client, need: Need, bounds: Mapping[str, Span]) -> Probed:
    known = bounds.get(need.service)
    headers = tongue(need.service).ask(known.last) if known else {}
    try:
        response = client.send(Request(need.service, "GET", need.path, headers=headers)).response
    except CloudError as error:
        return Probed(need, (), error.what)
    found = need.found(response)
    refused = f"{need.service} answers {response.failure or response.status}" if response.status != 200 else ""
    return Probed(need, found, refused or need.lacking(found))
