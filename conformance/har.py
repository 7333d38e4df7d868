"""An exchange as an entry of an HTTP archive (HAR 1.2), and back. Layer 2; pure.

Entries that a run wrote carry a field of their own, ``_conformance``: what the exchange was held against.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from conformance.exchange import Exchange, Request, Response
from conformance.report import redaction
from conformance.report.disguise import Disguise

Entry = dict[str, Any]
OURS = "_conformance"
LARGEST = 64 * 1024 * 1024  # octets of a body that came compressed
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


def entry(exchange: Exchange, url: str, begun: datetime, disguise: Disguise) -> Entry:
    """An exchange as an entry, with stand-ins for its secrets; ``url`` is what was asked, secrets and all."""
    milliseconds = round(exchange.response.seconds * 1000, 3)
    return {
        "startedDateTime": begun.isoformat(timespec="microseconds"),
        "time": milliseconds,
        "request": _request(exchange.request, redaction.text(url, disguise.word), disguise),
        "response": _response(exchange.response, disguise),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
    }


def _request(request: Request, url: str, disguise: Disguise) -> Entry:
    headers = redaction.headers({**request.headers, "X-Auth-Token": ""}, disguise.word)
    plain = {**_message(headers), "method": request.method, "url": url, "queryString": _pairs(_query(url))}
    text = request.octets.decode("utf-8", "replace") if request.octets is not None else None
    if text is None and request.body is not None:
        text = json.dumps(disguise.data(request.body))
    if text is None:
        return {**plain, "bodySize": 0}
    said = redaction.text(text, disguise.word) if request.octets is not None else text
    kind = request.headers.get("Content-Type", "application/json")
    return {**plain, "bodySize": len(text), "postData": {"mimeType": kind, "text": said}}


def _response(response: Response, disguise: Disguise) -> Entry:
    headers = redaction.headers(response.headers, disguise.word)
    size = len(response.content)
    content = {"size": size, "mimeType": headers.get("content-type", ""), **_content(response, disguise)}
    plain = {**_message(headers), "status": response.status, "statusText": _PHRASES.get(response.status, "")}
    plain |= {"content": content, "redirectURL": headers.get("location", ""), "bodySize": size}
    return {**plain, "_error": redaction.text(response.failure, disguise.word)} if response.failure else plain


def _message(headers: Mapping[str, str]) -> Entry:
    return {"httpVersion": "HTTP/1.1", "cookies": [], "headers": _pairs(headers.items()), "headersSize": -1}


def _pairs(values: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values]


def _query(url: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(url).query, keep_blank_values=True)


def _content(response: Response, disguise: Disguise) -> dict[str, str]:
    """A body as it came, octet for octet, unless it has a secret."""
    try:
        data = response.data
        if (disguised := disguise.data(data)) != data:
            return {"text": json.dumps(disguised)}
        octets = response.content
    except ValueError:
        octets = redaction.text(response.content.decode("latin-1"), disguise.word).encode("latin-1")
    try:
        return {"text": octets.decode("utf-8")}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(octets).decode("ascii"), "encoding": "base64"}


def headers(message: Mapping[str, Any]) -> dict[str, str]:
    """The headers of a request or response by their names in lower case; of several alike the values together."""
    found: dict[str, str] = {}
    for one in message["headers"]:
        name = one["name"].lower()
        found[name] = f"{found[name]}, {one['value']}" if name in found else one["value"]
    return found


def body(entry: Entry) -> Any:
    """The body of the request as JSON; None if there is none, or if it isn't JSON."""
    try:
        return json.loads((entry["request"].get("postData") or {}).get("text") or "null")
    except ValueError:
        return None


def response(entry: Entry) -> Response | None:
    """The answer; None if its body wasn't captured. ValueError if that isn't what the entry says of it."""
    answer = entry["response"]
    content, found = answer["content"], headers(answer)
    text = content.get("text")
    if text is None and (content.get("size") or 0) > 0:
        return None
    octets = _octets(text or "", content.get("encoding") or "", found.get("content-encoding", ""))
    failure = "" if answer["status"] else answer.get("_error") or "no answer was captured"
    return Response(answer["status"], found, octets, (entry.get("time") or 0) / 1000, failure)


def _octets(text: str, encoding: str, compression: str) -> bytes:
    """The octets of a body; text is decompressed already, whatever the headers say."""
    if not encoding:
        return text.encode("utf-8", "surrogatepass")
    if encoding != "base64":
        raise ValueError(f"the encoding {encoding!r} of a body isn't known")
    try:
        octets = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"a body isn't base64: {error}") from None
    return _unzipped(octets) if octets[:2] == b"\x1f\x8b" and "gzip" in compression else octets


def _unzipped(octets: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(octets, LARGEST)
    except zlib.error as error:
        raise ValueError(f"a body isn't gzip: {error}") from None
