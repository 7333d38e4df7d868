"""What a service declares of one request, told by what serves it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.embedded.inside.embedded_cloud import declarations

WANTED = {"type": "object", "properties": {"name": {"type": "string"}}, "additionalProperties": False}
QUERY = {"type": "object", "properties": {"limit": {"type": "string"}}}
ANSWER = {"type": "object", "properties": {"id": {"type": "string"}}}


def service(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Validates what it gets and what it gives, as placement does: with the library's own function."""
    if environ["CONTENT_LENGTH"]:
        jsonschema.validate(json.loads(environ["wsgi.input"].read()), WANTED)
    jsonschema.validate({"limit": "1"}, QUERY)
    jsonschema.validate("a name of its own", {"type": "string"})
    jsonschema.validate({"id": "1"}, ANSWER)
    start_response("200 OK", [("Content-Type", "application/json")])
    return [b'{"id": "1"}']


@pytest.fixture(autouse=True)
def unwatched(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library as it was, before and after."""
    monkeypatch.setattr(jsonschema, "validate", jsonschema.validate)
    monkeypatch.setattr(declarations, "_watched", [])


def ask(folder: Path, path: str = "/things", body: Any = None, **headers: str) -> tuple[str, dict[str, str], bytes]:
    """Status, headers and body of an answer."""
    sent = b"" if body is None else json.dumps(body).encode()
    environ = {
        "PATH_INFO": path,
        "QUERY_STRING": "limit=1",
        "CONTENT_LENGTH": len(sent) or "",
        "wsgi.input": io.BytesIO(sent),
    }
    begun: list[Any] = []
    declaring = declarations.declaring(service, folder)
    content = b"".join(declaring({**environ, **headers}, lambda *said: begun.append(said)))
    return begun[-1][0], dict(begun[-1][1]), content


def test_a_usual_request_is_left_alone(tmp_path: Path) -> None:
    """Nothing is watched, and nothing is added to its answer."""
    before = jsonschema.validate
    status, headers, content = ask(tmp_path)
    assert (status, headers, content) == ("200 OK", {"Content-Type": "application/json"}, b'{"id": "1"}')
    assert jsonschema.validate is before


def test_what_it_was_held_against_is_told(tmp_path: Path) -> None:
    """A schema each for the body, the query and the answer; what else the service checks is its own matter."""
    _, headers, content = ask(tmp_path, body={"name": "n"}, HTTP_X_CONFORMANCE_DECLARE="1")
    told = json.loads(headers["X-Conformance-Declared"])
    assert content == b'{"id": "1"}'
    assert {
        kind: json.loads(ask(tmp_path, f"/v2.1/conformance-declared/{digest}")[2]) for kind, digest in told.items()
    } == {
        "takes": WANTED,
        "query": QUERY,
        "answer": ANSWER,
    }


@pytest.mark.parametrize("name", ["0123", "0123456789abcdef", "../secret", ".."])
def test_a_schema_that_nobody_knows_is_not_found(name: str, tmp_path: Path) -> None:
    """By its digest; nothing else in the machine's files is one."""
    (tmp_path / "secret").write_text("{}")
    assert ask(tmp_path / "declared", f"/conformance-declared/{name}")[0] == "404 Not Found"
