"""Removing what is in a ledger, and nothing else. Layer 3."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_exponential

from conformance import pointer
from conformance.client import Client
from conformance.exchange import Request, Response
from conformance.ledger import Entry, Ledger
from conformance.microversion import Span, tongue

CLEARED = (200, 202, 204, 404)
CONFLICT_PASSES = 20.0  # seconds


@attrs.frozen
class Sweeper:
    """Removes entries of a ledger as the administrator, each service at its newest microversion."""

    client: Client
    bounds: Mapping[str, Span]

    def sweep(self, ledger: Ledger, since: int = 0) -> list[str]:
        """Remove what is open since a mark, newest first; what couldn't be removed is told and stays in the ledger."""
        return [words for entry in ledger.open_since(since) if (words := self._remove(ledger, entry))]

    def _remove(self, ledger: Ledger, entry: Entry) -> str:
        try:
            paths = [entry.path] if entry.path else self._find(entry)
        except (ValueError, KeyError, AttributeError):
            return f"{entry.service} {entry.name}: whether it is there can't be told from {entry.find['list']}"
        problems = [problem for path in paths if (problem := self._delete(entry, path))]
        if not problems:
            ledger.gone(entry.number)
        return "; ".join(problems)

    def _delete(self, entry: Entry, path: str) -> str:
        """A conflict (409) may pass: what was removed before is still going away."""
        request = _request(entry, path, entry.remove)
        response = self._until(CONFLICT_PASSES, lambda answer: answer.status != 409, request)
        if response.status == 400 and entry.release:
            self._ask(_request(entry, path, entry.release))
            response = self._ask(request)
        if response.status not in CLEARED:
            answer = f"{response.failure or response.status} {response.text[:120]}"
            return f"{entry.service} {request.method} {request.path}: {answer}"
        if entry.within:
            look = Request(entry.service, "GET", path)
            response = self._until(entry.within, lambda answer: answer.status == 404, look)
            if response.status != 404:
                return f"{entry.service} {path}: still there after {entry.within:g} s"
        return ""

    def _until(self, seconds: float, done: Callable[[Response], bool], request: Request) -> Response:
        """Ask again and again until ``done``, or until the time is up; the last answer either way."""
        retrying = Retrying(
            stop=stop_after_delay(seconds),
            wait=wait_exponential(multiplier=0.05, max=1),
            retry=retry_if_result(lambda response: not done(response)),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        )
        response: Response = retrying(self._ask, request)
        return response

    def _find(self, entry: Entry) -> list[str]:
        """The paths of what bears the entry's name: it was asked for, and nobody saw the answer.

        ValueError, KeyError or AttributeError if the list isn't to be had or is no such list.
        """
        if not entry.find:
            return []
        response = self._ask(Request(entry.service, "GET", entry.find["list"].replace("$name", entry.name)))
        if response.status != 200:
            raise ValueError(response.status)
        items = (pointer.look(response.data, entry.find["items"]) or ([],))[0]
        named = [item for item in items if item.get(entry.find["name"]) == entry.name]
        return [entry.template.replace("$id", str(item[entry.find["id"]])) for item in named]

    def _ask(self, request: Request) -> Response:
        known = self.bounds.get(request.service)
        headers = tongue(request.service).ask(known.last) if known else {}
        return self.client.send(attrs.evolve(request, headers=headers)).response


def _request(entry: Entry, path: str, said: Mapping[str, Any]) -> Request:
    """What its kind says, or a DELETE of its path."""
    method = next((name for name in ("POST", "PUT") if name in said), "")
    if not method:
        return Request(entry.service, "DELETE", path)
    return Request(entry.service, method, said[method].replace("$path", path), body=said.get("body"))
