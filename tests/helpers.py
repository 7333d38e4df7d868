"""What several tests need: small histories and libraries written out as YAML, and answers made by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

from conformance.document import Documents
from conformance.exchange import Exchange, Request, Response
from conformance.history import History
from conformance.history import load as load_history
from conformance.library import Library
from conformance.library import load as load_stories
from conformance.microversion import Microversion
from conformance.suite import Suite
from conformance.suite import load as load_suite

REPOSITORY = Path(__file__).parents[1]
REQUEST_ID = "req-0f0e0d0c-1111-2222-3333-444455556666"
THINGS = """
    error: fault
    new:
      fault: {add: {message: string}}
      lenient: {unknown: ignored}
      thing: {add: {id: uuid, name: string}}
      thing_new: {add: {name: string}}
    calls:
      GET /things: {status: 200, query: lenient, body: {things: [thing]}}
      POST /things: {status: 201, takes: {thing: thing_new}, body: {thing: thing}}
      GET /things/{thing}: {status: 200, body: {thing: thing}}
      DELETE /things/{thing}: {status: 204}
      POST /things/{thing}/action stop: {status: 202, takes: {stop: "null"}}
"""


def v(text: str) -> Microversion:
    """A microversion, shortly."""
    return Microversion.parse(text)


def put(path: Path, text: str) -> Path:
    """Write a file with its folders; indented text is moved to the margin."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text), encoding="utf-8")
    return path


def history(data: Path, *deltas: str, service: str = "compute") -> History:
    """The history of deltas written one after another, from 2.1 on, each without its summary."""
    for number, delta in enumerate(deltas, 1):
        text = f"summary: Delta number {number} of a test.\n{dedent(delta)}"
        put(data / "schemas" / service / f"2.{number}.yaml", text)
    return load_history(service, data / "schemas")


def documents(data: Path, *deltas: str) -> Documents:
    """The documents of such a history."""
    return Documents(history(data, *deltas))


def library(data: Path, services: Documents, given: str = "", kinds: str = "", **stories: str) -> Library:
    """Stories of compute, each written without its summary."""
    for name, text in (("given", given), ("kinds", kinds)):
        if text:
            put(data / "scenarios" / f"{name}.yaml", text)
    for name, text in stories.items():
        path = data / "scenarios" / "compute" / f"{name.replace('_', '-')}.yaml"
        put(path, f"summary: A story of a test.\n{dedent(text)}")
    return load_stories(data / "scenarios", {"compute": services})


@cache
def real() -> Suite:
    """The project's own data, loaded once for all tests."""
    return load_suite(REPOSITORY)


def request(path: str = "/things/1", method: str = "GET") -> Request:
    """A request of compute."""
    return Request("compute", method, path)


def response(data: Any = None, status: int = 200, version: str = "2.1", **headers: str | None) -> Response:
    """A right answer of compute with ``data`` as its body; a header given as None is left out."""
    sound: dict[str, str | None] = {
        "openstack-api-version": f"compute {version}",
        "x-openstack-nova-api-version": version,
        "vary": "OpenStack-API-Version, X-OpenStack-Nova-API-Version",
        "x-openstack-request-id": REQUEST_ID,
        "content-type": "application/json",
    }
    sound |= {name.replace("_", "-"): value for name, value in headers.items()}
    content = b"" if data is None else data if isinstance(data, bytes) else json.dumps(data).encode()
    return Response(status, _present(sound), content)


def _present(headers: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if value is not None}


def exchange(data: Any = None, status: int = 200, version: str = "2.1", **headers: str | None) -> Exchange:
    """A request and such an answer."""
    return Exchange(request(), response(data, status, version, **headers))
