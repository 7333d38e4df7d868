"""What a booted service tells of itself: its routes, by what it judges, and what it tells apart. Layer 3."""

from __future__ import annotations

import json
from typing import Any

import attrs

from conformance.client import Sender
from conformance.exchange import Exchange, Request

DECLARE = "X-Conformance-Declare"
DECLARED, APART = "x-conformance-declared", "x-conformance-apart"
DECLARATIONS = "/conformance-declared"


@attrs.define
class Declarations:
    """What a service itself declares, if it is one that tells: its routes, and the schemas by which it judges."""

    client: Sender
    service: str
    _schemas: dict[str, Any] = attrs.field(factory=dict)

    def send(self, request: Request) -> Exchange:
        """Ask once, and have the answer say what it was held against."""
        return self.client.send(attrs.evolve(request, headers={**request.headers, DECLARE: "1"}))

    def of(self, exchange: Exchange) -> dict[str, Any]:
        """The schemas by their kind: ``takes``, ``query`` and ``answer``."""
        told = exchange.response.headers.get(DECLARED)
        return {kind: self._schema(digest) for kind, digest in json.loads(told).items()} if told else {}

    @staticmethod
    def apart(exchange: Exchange) -> bool:
        """Whether the service may answer otherwise just below: so of any that doesn't tell."""
        return exchange.response.headers.get(APART) != "no"

    def routes(self) -> list[str]:
        """Every call that the service routes, with its own names of parameters; nothing if it doesn't tell."""
        answer = self._get("routes").response
        try:
            return list(answer.data) if answer.status == 200 and isinstance(answer.data, list) else []
        except ValueError:
            return []

    def _schema(self, digest: str) -> Any:
        if digest not in self._schemas:
            self._schemas[digest] = self._get(digest).response.data
        return self._schemas[digest]

    def _get(self, what: str) -> Exchange:
        return self.client.send(Request(self.service, "GET", f"{DECLARATIONS}/{what}"))
