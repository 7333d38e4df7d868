"""Captures of other clients, judged by their own headers; what can't be judged is counted and named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ended, command
from tests.helpers import REQUEST_ID
from tests.wrong_server import TINY

SERVERS = "http://c/compute/v2.1/servers"
BRIEF = {"id": "0f0e0d0c-1111-2222-3333-444455556666", "name": "a"}


def pairs(headers: dict[str, str]) -> list[dict[str, str]]:
    """Headers as an archive has them."""
    return [{"name": name, "value": value} for name, value in headers.items()]


def entry(data: Any, url: str = SERVERS, status: int = 200, version: str = "2.3", **changed: Any) -> dict[str, Any]:
    """An exchange as a browser writes it, right in all its headers; of no service at all without a version."""
    told = {"OpenStack-API-Version": f"compute {version}", "X-OpenStack-Nova-API-Version": version} if version else {}
    sound = {**told, "Vary": "OpenStack-API-Version", "X-OpenStack-Request-Id": REQUEST_ID}
    answer = {"status": status, "headers": pairs({**sound, "Content-Type": "application/json"})}
    content = {"size": 1, "mimeType": "application/json", "text": json.dumps(data)}
    request = {
        "method": "GET",
        "url": url,
        "headers": pairs({name: value for name, value in told.items() if name[0] == "O"}),
    }
    return {"request": request, "response": {**answer, "content": content}, **changed}


RIGHT = entry({"servers": [BRIEF]})
WRONG = entry({"servers": [{**BRIEF, "colour": "blue"}]})
STRANGE = entry({}, "http://c/identity/v3/projects", version="")


def written(folder: Path, *entries: Any) -> Path:
    """A capture of these exchanges."""
    path = folder / "browser.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": list(entries)}}), encoding="utf-8")
    return path


def check(path: Path, *arguments: object) -> Ended:
    """``conformance check --har`` with the tiny data."""
    return command("check", "--har", path, "--data", TINY, *arguments)


def test_a_right_capture(tmp_path: Path) -> None:
    """Exchanges as the history has them end with 0, and are counted."""
    ended = check(written(tmp_path, RIGHT, RIGHT))
    assert (ended.code, ended.out) == (0, "2 exchanges: 2 judged, 2 passed; 0 not judged\n")


def test_a_wrong_exchange(tmp_path: Path) -> None:
    """A finding names the exchange by its number, its method and its URL."""
    ended = check(written(tmp_path, RIGHT, WRONG))
    assert ended.code == 1
    assert "unexpected: compute GET /servers @2.3 at /servers/0/colour" in ended.out
    assert f"case      exchange 1: GET {SERVERS}" in ended.out


def test_what_is_not_judged_is_named(tmp_path: Path) -> None:
    """What is no service's call is counted by its reason, with its URL."""
    ended = check(written(tmp_path, RIGHT, STRANGE, STRANGE))
    assert ended.code == 0
    assert "not judged (2 exchanges), of no service that headers, path or an --endpoint tell" in ended.out
    assert "GET http://c/identity/v3/projects\n3 exchanges: 1 judged, 1 passed; 2 not judged" in ended.out


def test_nothing_that_could_be_judged(tmp_path: Path) -> None:
    """A capture in which nothing could be judged doesn't conform: it tells nothing."""
    ended = check(written(tmp_path, STRANGE))
    assert (ended.code, "nothing in it could be judged" in ended.err) == (2, True)
    assert check(written(tmp_path)).code == 2


def test_an_endpoint(tmp_path: Path) -> None:
    """``--endpoint`` says where a service is that nothing else tells."""
    path = written(tmp_path, entry({"servers": [BRIEF]}, "http://c/nova/servers", version=""))
    assert check(path).code == 2
    ended = check(path, "--endpoint", "compute=http://c/nova")
    assert "version-header-missing: compute GET /servers @2.1" in ended.out


def test_what_the_capture_lacks(tmp_path: Path) -> None:
    """An answer whose body wasn't saved isn't judged, and that is said."""
    content = {"response": {**RIGHT["response"], "content": {"size": 9, "mimeType": ""}}}
    ended = check(written(tmp_path, RIGHT, {**RIGHT, **content}))
    assert "not judged (1 exchanges), whose answer's body the capture lacks" in ended.out


def test_no_secret_is_told(tmp_path: Path) -> None:
    """A token in a URL, and what stands at a secret's place, are hidden."""
    url = f"{SERVERS}?token=s3cret"
    bad = entry({"servers": [{**BRIEF, "adminPass": "s3cret"}]}, url)
    path = written(tmp_path, bad, entry({}, "http://c/auth-tokens/s3cret", version=""))
    assert "s3cret" not in check(path).out + check(path, "--json").out


def test_for_machines(tmp_path: Path) -> None:
    """``--json`` prints a record for each exchange that was judged, and the reasons for those that weren't."""
    told = json.loads(check(written(tmp_path, RIGHT, WRONG, STRANGE), "--json").out)
    assert [one["outcome"] for one in told["records"]] == ["passed", "failed"]
    assert [len(titles) for titles in told["unjudged"].values()] == [1]


def test_reads_of_others_are_not_compared(tmp_path: Path) -> None:
    """Nobody says that a resource stayed as it was between two reads of somebody else."""
    other = entry({"servers": [{**BRIEF, "name": "b"}]}, version="2.4")
    assert check(written(tmp_path, RIGHT, other)).code == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not JSON"),
        ('{"log": {"entries": [', "is not JSON"),
        ("[]", "is not of type 'object'"),
        ("{}", "'log' is a required property"),
        ('{"log": {}}', "log: 'entries' is a required property"),
        ('{"log": {"entries": {}}}', "log/entries: {} is not of type 'array'"),
        ('{"log": {"entries": [7]}}', "entries/0: 7 is not of type 'object'"),
        ('{"log": {"entries": [{"request": {}}]}}', "entries/0"),
    ],
)
def test_what_is_no_capture(tmp_path: Path, text: str, words: str) -> None:
    """A file that is no archive, or was cut short, ends with 2, and its place is named."""
    path = tmp_path / "broken.har"
    path.write_text(text, encoding="utf-8")
    ended = check(path)
    assert (ended.code, words in ended.err) == (2, True)
    assert ended.err.startswith(f"error: {path}")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("request", "url"), "nowhere"),
        (("request", "method"), None),
        (("request", "headers"), {}),
        (("response", "status"), "200"),
        (("response", "headers"), [{"name": "a"}]),
        (("response", "content"), None),
        (("_conformance",), {"claim": {}}),
        (("_conformance",), {"case": "a", "claim": {"service": "compute", "call": "GET /", "version": "2"}}),
    ],
)
def test_an_entry_that_lacks_something(tmp_path: Path, place: tuple[str, ...], value: Any) -> None:
    """A wrong field of an entry is named with the entry's number, and what should be there."""
    broken = json.loads(json.dumps(RIGHT))
    holder = broken
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = value
    ended = check(written(tmp_path, RIGHT, broken))
    assert (ended.code, f"entries/1: {'/'.join(place)}" in ended.err) == (2, True)


def test_a_body_in_a_wrong_encoding(tmp_path: Path) -> None:
    """A body that can't be decoded is told with the number of its entry."""
    content = {"size": 3, "mimeType": "", "text": "###", "encoding": "base64"}
    path = written(tmp_path, RIGHT, {**RIGHT, "response": {**RIGHT["response"], "content": content}})
    ended = check(path)
    assert (ended.code, f"{path}: entries/1: a body isn't base64" in ended.err) == (2, True)


def test_a_mark_at_the_beginning(tmp_path: Path) -> None:
    """Some tools write a byte order mark."""
    path = written(tmp_path, RIGHT)
    path.write_text("\ufeff" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert check(path).code == 0


def test_what_is_no_text(tmp_path: Path) -> None:
    """A file that isn't text is no capture."""
    path = tmp_path / "picture.har"
    path.write_bytes(b"\x89PNG\xff")
    assert (check(path).code, "is no text in UTF-8" in check(path).err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--har", "{har}", "--service", "compute"), "--har tells of itself"),
        (("--har", "{har}", "{har}"), "--har tells of itself"),
        (("--har", "{har}", "--endpoint", "compute"), "names no URL"),
        (("--har", "{har}", "--endpoint", "nothing=http://c"), "unknown service 'nothing'"),
        (("--service", "compute", "{har}"), "--call and --microversion missing"),
        ((), "--service and --call and --microversion and FILE missing"),
    ],
)
def test_wrong_usage(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    """What doesn't go together, and what is missing, is told."""
    path = written(tmp_path, RIGHT)
    ended = command("check", *(one.replace("{har}", str(path)) for one in arguments), "--data", TINY)
    assert (ended.code, words in ended.err) == (2, True)
