"""``conformance schema`` and ``check``: the history in words and as JSON Schema, and bodies judged offline."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.conftest import Ended, command
from tests.wrong_server import TINY

SHOW = "GET /servers/{server}"


def tiny(*arguments: object) -> Ended:
    """A command over the tiny data."""
    return command(*arguments, "--data", TINY)


def body(**more: object) -> dict[str, Any]:
    """An answer of the tiny compute service at 2.3."""
    stamps = {"created": "2024-01-01T00:00:00Z", "updated": "2024-01-01T00:00:00Z"}
    plain = {"id": "6f2d0f5c-6d0e-4d6f-9d7c-0d5f3c9d2a11", "name": "a", "status": "ACTIVE", "description": None}
    return {"server": {**plain, **stamps, "tags": [], **more}}


def check(path: object, *arguments: object, microversion: str = "2.3", call: str = SHOW) -> Ended:
    """``conformance check`` of a file."""
    asked = ("--service", "compute", "--call", call, "--microversion", microversion)
    return tiny("check", *asked, *arguments, path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with a body that conforms."""
    path = tmp_path / "body.json"
    path.write_text(json.dumps(body()), encoding="utf-8")
    return path


def test_calls_are_listed() -> None:
    """Each call stands with its turning points."""
    ended = tiny("schema", "show", "compute")

    assert f"{SHOW}  2.1, 2.2, 2.3\n" in ended.out
    assert len(ended.out.splitlines()) == 8


def test_calls_are_listed_for_machines() -> None:
    """Each line of JSON is a call with its life and its turning points."""
    listed = [json.loads(line) for line in tiny("schema", "show", "compute", "--json").out.splitlines()]

    assert {"call": SHOW, "since": "2.1", "last": "2.4", "turns": ["2.1", "2.2", "2.3"]} in listed


def test_a_call_is_shown_as_json_schema() -> None:
    """What is printed is a schema that others can use, with no mark that only we know."""
    ended = tiny("schema", "show", "compute", SHOW, "2.3")

    schema = json.loads(ended.out)["body"]
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(body(), schema)
    assert "x-volatile" not in ended.out


def test_a_call_is_shown_as_it_was() -> None:
    """At an older microversion a key that came later isn't there."""
    older, newer = (json.loads(tiny("schema", "show", "compute", SHOW, at).out)["body"] for at in ("2.2", "2.3"))

    assert "tags" not in older["properties"]["server"]["properties"]
    assert "tags" in newer["properties"]["server"]["properties"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("show", "computer"), "unknown service 'computer'"),
        (("show", "placement"), "no history of placement"),
        (("show", "compute", "GET /nothing"), "unknown call 'GET /nothing' of compute"),
        (("show", "compute", SHOW, "2.9"), "unknown microversion compute 2.9"),
        (("show", "compute", "GET /servers/{server}/tags", "2.1"), "doesn't exist at 2.1"),
        (("diff", "compute", "2.3", "2.2"), "2.2 isn't above 2.3"),
        (("diff", "compute", "2.3", "2.9"), "unknown microversion compute 2.9"),
        (("diff", "compute", "2.3", "3.1"), "unknown microversion compute 3.1"),
        (("diff", "compute", "2.3", "latest"), "'latest' is not a microversion"),
        (("export", "there", "--span", "compute=2.3..2.9"), "unknown microversion compute 2.9"),
        (("export", "there", "--service", "placement"), "no data for placement"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], told: str) -> None:
    """What makes no sense ends with 2, and is told with a remedy and without a traceback."""
    ended = tiny("schema", *arguments)

    assert ended.code == 2
    assert told in ended.err
    assert len(ended.err.strip().splitlines()) == 2


def test_a_difference_in_words() -> None:
    """A difference says which calls changed, and what each change is."""
    ended = tiny("schema", "diff", "compute", "2.1", "2.3")

    assert "compute 2.2: A server can be described." in ended.out
    assert "+ answer /server/tags: array" in ended.out
    assert "+ body /server/description: string, may be absent" in ended.out
    assert "begins" in ended.out


def test_a_difference_for_machines() -> None:
    """The same as JSON: calls, and lines about them."""
    found = json.loads(tiny("schema", "diff", "compute", "2.3", "2.4", "--json").out)
    assert found == []

    found = json.loads(tiny("schema", "diff", "compute", "2.1", "2.2", "--json").out)
    assert {tuple(one["calls"]) for one in found} == {(SHOW,), ("POST /servers",)}


def test_tags_in_the_real_history() -> None:
    """Between 2.25 and 2.26 servers got tags, in what shows them and in calls of their own."""
    ended = command("schema", "diff", "compute", "2.25", "2.26")

    assert ended.code == 0
    assert "/server/tags" in ended.out
    assert "PUT /servers/{server}/tags/{tag}" in ended.out


def test_extended_attributes_in_the_real_history() -> None:
    """Between 2.2 and 2.3 a server got more attributes, most of them for administrators."""
    ended = command("schema", "diff", "compute", "2.2", "2.3")

    for name in (
        "hostname",
        "kernel_id",
        "launch_index",
        "ramdisk_id",
        "reservation_id",
        "root_device_name",
        "user_data",
    ):
        assert f"+ answer /server/OS-EXT-SRV-ATTR:{name}" in ended.out
    assert "delete_on_termination" in ended.out


def test_an_export(tmp_path: Path) -> None:
    """Other tools get a file a microversion, whose schemas are whole and standard."""
    ended = tiny("schema", "export", tmp_path)

    assert ended.out == f"compute: 4 files in {tmp_path / 'compute'}\n"
    exported = json.loads((tmp_path / "compute" / "2.3.json").read_text(encoding="utf-8"))
    assert exported.keys() == {"calls", "error"}
    assert exported["calls"][SHOW].keys() == {"status", "body", "takes", "query"}
    jsonschema.validate(body(), exported["calls"][SHOW]["body"])


def test_an_export_as_openapi(tmp_path: Path) -> None:
    """The same for the tools that read OpenAPI, and only the microversions that are asked for."""
    ended = tiny("schema", "export", "--openapi", "--span", "compute=2.2..2.3", tmp_path)

    assert (ended.code, ended.out) == (0, f"compute: 2 files in {tmp_path / 'compute'}\n")
    assert sorted(path.name for path in (tmp_path / "compute").iterdir()) == ["2.2.openapi.json", "2.3.openapi.json"]
    document = json.loads((tmp_path / "compute" / "2.3.openapi.json").read_text(encoding="utf-8"))
    assert (document["openapi"], document["info"]["version"]) == ("3.1.0", "2.3")


def test_an_export_of_one_service(tmp_path: Path) -> None:
    """A service and a microversion can be named, and nothing else is written."""
    ended = command("schema", "export", "--service", "placement", "--span", "placement=1.39", tmp_path)

    assert ended.out == f"placement: 1 file in {tmp_path / 'placement'}\n"
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.json")] == ["placement/1.39.json"]


def test_sound_data() -> None:
    """Our own data and the tiny data make sense."""
    assert tiny("schema", "lint").out == "compute: 2.1..2.4, 8 calls, 4 stories: sound\n"
    assert command("schema", "lint").code == 0


def test_unsound_data(tmp_path: Path) -> None:
    """Data that makes no sense ends with 2, and the file is named."""
    delta = tmp_path / "schemas" / "compute" / "2.1.yaml"
    delta.parent.mkdir(parents=True)
    delta.write_text("summary: Nothing is right here.\ncolor: red\n", encoding="utf-8")

    ended = command("schema", "lint", "--data", tmp_path)

    assert (ended.code, ended.err.startswith(f"error: {delta}")) == (2, True)


def test_a_body_that_conforms(file: Path) -> None:
    """A body as the history has it ends with 0."""
    ended = check(file)

    assert (ended.code, ended.out) == (0, f"conforms to compute 2.3 {SHOW}\n")


def test_a_body_that_does_not_conform(file: Path) -> None:
    """A body of a later microversion ends with 1, and what is early is named."""
    ended = check(file, microversion="2.2")

    assert ended.code == 1
    assert f"unexpected: compute {SHOW} @2.2 at /server/tags" in ended.out
    assert "begins at 2.3" in ended.out


def test_findings_for_machines(file: Path) -> None:
    """``--json`` prints a list of findings, empty for a body that conforms."""
    (one,) = json.loads(check(file, "--json", microversion="2.2").out)

    assert (one["code"], one["pointer"]) == ("unexpected", "/server/tags")
    assert json.loads(check(file, "--json").out) == []


def test_a_body_on_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """``-`` reads the body from standard input."""
    octets = io.BytesIO(json.dumps(body(status="Active")).encode())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(octets))

    ended = check("-")

    assert (ended.code, "value: compute" in ended.out) == (1, True)


@pytest.mark.parametrize(
    ("microversion", "call", "told"),
    [
        ("2.9", SHOW, "unknown microversion compute 2.9"),
        ("2", SHOW, "'2' is not a microversion"),
        ("2.3", "GET /nothing", "unknown call 'GET /nothing'"),
        ("2.2", "GET /servers/{server}/tags", "doesn't exist at 2.2"),
    ],
)
def test_what_there_is_not(file: Path, microversion: str, call: str, told: str) -> None:
    """A call or microversion that the history hasn't ends with 2, and says what there is."""
    ended = check(file, microversion=microversion, call=call)

    assert (ended.code, told in ended.err) == (2, True)


@pytest.mark.parametrize("text", ["<html>", "", '{"server": ', '{"a": NaN}'])
def test_what_is_no_json(tmp_path: Path, text: str) -> None:
    """A file that isn't JSON ends with 2: nothing can be said of the body."""
    path = tmp_path / "page.html"
    path.write_text(text, encoding="utf-8")

    ended = check(path)

    assert (ended.code, ended.out) == (2, "")
    assert f"{path}: is not JSON" in ended.err


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A file that isn't there ends with 2."""
    assert check(tmp_path / "nothing.json").code == 2


def test_no_answer_is_promised(file: Path) -> None:
    """Where no body is promised, any is a finding."""
    ended = check(file, call="DELETE /servers/{server}")

    assert (ended.code, "unexpected-body" in ended.out) == (1, True)
