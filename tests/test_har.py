"""Exchanges as entries of an HTTP archive, and entries that other tools wrote."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from conformance import har
from conformance.exchange import Exchange, Request, Response
from conformance.report.disguise import Disguise

NOW = datetime(2026, 1, 2, 3, 4, 5, 6, UTC)
UUID = "0f0e0d0c-1111-2222-3333-444455556666"
JSON = {"content-type": "application/json"}


def entry(response: Response, url: str = "http://c/v2.1/servers?a=b", **request: Any) -> har.Entry:
    """An exchange as an entry."""
    return har.entry(Exchange(Request("compute", "GET", "/", **request), response), url, NOW, Disguise())


def foreign(text: str | None, **more: Any) -> har.Entry:
    """An entry with a body as some other tool writes it."""
    content = {"size": len(text or "x"), "mimeType": "", **({"text": text} if text is not None else {})}
    headers = [{"name": name, "value": value} for name, value in more.pop("headers", {}).items()]
    answer = {"status": 200, "headers": headers, "content": {**content, **more}}
    return {"request": {"method": "GET", "url": "http://c/", "headers": []}, "response": answer}


def there_and_back(response: Response) -> Response:
    """An answer, read from the entry that was written of it."""
    found = har.response(json.loads(json.dumps(entry(response))))
    assert found is not None
    return found


def test_the_fields_of_an_entry() -> None:
    """An entry has what the format asks for, the time in milliseconds and the query taken apart."""
    written = entry(Response(200, JSON, b"{}", 0.25), body={"a": 1})
    assert written.keys() == {"startedDateTime", "time", "request", "response", "cache", "timings"}
    assert (written["startedDateTime"], written["time"]) == ("2026-01-02T03:04:05.000006+00:00", 250)
    request, response = written["request"], written["response"]
    message = {"httpVersion", "cookies", "headers", "headersSize", "bodySize"}
    assert request.keys() == message | {"method", "url", "queryString", "postData"}
    assert response.keys() == message | {"status", "statusText", "content", "redirectURL"}
    assert request["queryString"] == [{"name": "a", "value": "b"}]
    assert request["postData"] == {"mimeType": "application/json", "text": '{"a": 1}'}
    assert (response["statusText"], response["content"]["text"]) == ("OK", "{}")


@pytest.mark.parametrize(
    "response",
    [
        Response(200, {**JSON, "vary": "x"}, b'{ "a":1.0,\n"b": "\xc3\xa4"}', 0.5),
        Response(204),
        Response(200, JSON, b"<html>"),
        Response(200, JSON, b"\xff\xfe\x00"),
        Response(0, failure="ConnectError: refused"),
        Response(799, JSON, b"{}"),
    ],
    ids=["json", "empty", "html", "octets", "failure", "odd status"],
)
def test_an_answer_without_secrets_comes_back_as_it_was(response: Response) -> None:
    """What has no secret is written to the octet."""
    assert there_and_back(response) == response


def test_the_request_has_no_secret() -> None:
    """Token, password and the token in a URL are not written."""
    url = f"http://c/os-console-auth-tokens/{UUID}?token={UUID}"
    written = json.dumps(entry(Response(200), url, headers={"X-Auth-Token": "s3cret"}, body={"adminPass": "s3cret"}))
    assert ("s3cret" in written, UUID in written) == (False, False)


def test_octets_of_a_request() -> None:
    """A body that is no JSON is written as text, without secrets."""
    written = entry(Response(400), octets=b'{"adminPass": "s3cret", ')
    assert written["request"]["postData"]["text"].startswith('{"adminPass": "***')
    assert har.body(written) is None


@pytest.mark.parametrize(
    "content", [b'{"adminPass": "s3cret"}', b'{"adminPass": "s3cr', b'\xff{"adminPass": "s3cret"}']
)
def test_the_answer_has_no_secret(content: bytes) -> None:
    """A secret is replaced in JSON, in JSON that was cut, and among octets."""
    content_written = entry(Response(200, JSON, content))["response"]["content"]
    text = content_written["text"]
    if "encoding" in content_written:
        text = base64.b64decode(text).decode("latin-1")
    assert ("s3cr" in text, "adminPass" in text) == (False, True)


def test_headers_that_come_several_times() -> None:
    """Headers of one name in any case are one, with the values in order."""
    message = {"headers": [{"name": "Vary", "value": "a"}, {"name": "vary", "value": "b"}]}
    assert har.headers(message) == {"vary": "a, b"}


@pytest.mark.parametrize("text", ["", "{}", "[]", "nothing", None])
def test_the_body_of_a_request(text: str | None) -> None:
    """The body of a request is JSON, or none."""
    written = {"request": {"postData": {"mimeType": "", **({"text": text} if text is not None else {})}}}
    assert har.body(written) == (json.loads(text) if text in ("{}", "[]") else None)
    assert har.body({"request": {}}) is None


def test_text_is_decompressed_already() -> None:
    """Text is what it is, though the header still says that it came compressed."""
    found = har.response(foreign("{}", headers={"Content-Encoding": "gzip"}))
    assert found is not None
    assert found.content == b"{}"


@pytest.mark.parametrize("octets", [b"{}", gzip.compress(b"{}")], ids=["plain", "gzip"])
def test_base64(octets: bytes) -> None:
    """A body in base64 is decoded, and decompressed if the tool left that to us."""
    text = base64.b64encode(octets).decode()
    found = har.response(foreign(text, encoding="base64", headers={"content-encoding": "gzip"}))
    assert found is not None
    assert found.content == b"{}"


@pytest.mark.parametrize(
    ("text", "encoding", "words"),
    [
        ("###", "base64", "a body isn't base64"),
        (base64.b64encode(b"\x1f\x8bnothing").decode(), "base64", "a body isn't gzip"),
        ("{}", "rot13", "the encoding 'rot13' of a body isn't known"),
    ],
)
def test_a_body_that_is_not_what_it_says(text: str, encoding: str, words: str) -> None:
    """A body that isn't in the encoding that is named is told."""
    with pytest.raises(ValueError, match=words):
        har.response(foreign(text, encoding=encoding, headers={"content-encoding": "gzip"}))


def test_a_body_that_was_not_captured() -> None:
    """A body that is said to be there and isn't is missing; one of no size is empty."""
    assert har.response(foreign(None, size=17)) is None
    found = har.response(foreign(None, size=0))
    assert found is not None
    assert found.content == b""
