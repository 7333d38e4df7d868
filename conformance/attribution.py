"""Which service, call and microversion an exchange of unknown origin is about: by url and headers. Layer 2; pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import attrs

from conformance.calls import find_call
from conformance.claim import Claim
from conformance.document import Documents
from conformance.errors import UsageError
from conformance.microversion import HEADER, Microversion, tongue

_ROOTS = {"compute": "v2.1", "volume": "v3", "placement": "placement"}  # the part of a path behind which calls begin
_PROJECT = re.compile(r"[0-9a-f-]{32,36}")
_OTHERS = re.compile(r"x-openstack-(?!nova)[\w-]+-api-version")
_REFUSALS = tuple(range(400, 500))


@attrs.frozen
class Seen:
    """An exchange as far as it tells what it is about: headers by lower-case names, the request's body as JSON."""

    method: str
    url: str
    asked: Mapping[str, str]
    body: Any
    status: int
    answered: Mapping[str, str]

    @property
    def path(self) -> str:
        """The path of the url."""
        return urlsplit(self.url).path or "/"


class UnknownError(Exception):
    """Why an exchange can't be held against a history, in words that many such exchanges have in common."""


@attrs.define(slots=False)
class Attribution:
    """Tells what exchanges are about. ``endpoints`` are services and their URLs, as far as they are given."""

    services: Mapping[str, Documents]
    endpoints: Sequence[tuple[str, str]] = ()

    def claim(self, seen: Seen) -> Claim:
        """What an exchange is held against; UnknownError if it can't be.

        Whoever asked may have asked for what there isn't: any refusal will do, if it has the shape of one.
        """
        if seen.status == 401:
            raise UnknownError("refused without a valid token (401), before a service saw it")
        if seen.status == 0 or 301 <= seen.status < 400:
            raise UnknownError("without an answer, redirected, or answered from a cache")
        service, call = self._call(seen)
        documents = self.services[service]
        span = documents.history.span
        version = _version(service, seen, span.first)
        if version is None:
            return Claim(service, call, span.first, (400, 406), None)
        if version not in span:
            raise UnknownError(f"at {service} {version}, of which the history ({span}) knows nothing")
        promised = documents.at(call, version).status if documents.exists(call, version) else ()
        return Claim(service, call, version, (*promised, *_REFUSALS), version)

    def _call(self, seen: Seen) -> tuple[str, str]:
        for service, url in self.endpoints:
            if re.match(re.escape(url.rstrip("/")) + r"(?=[/?]|$)", seen.url):
                return service, self._find(service, seen, urlsplit(seen.url[len(url.rstrip("/")) :]).path or "/")
        named = _named(seen.asked) or _named(seen.answered)
        ours = [service for service in self.services if service in named]
        if (named and not ours) or any(_OTHERS.fullmatch(name) for name in (*seen.asked, *seen.answered)):
            raise UnknownError("of another service")
        if len(ours) == 1:
            return ours[0], self._find(ours[0], seen)
        return self._guess(seen, ours or self.services)

    def _guess(self, seen: Seen, services: Collection[str]) -> tuple[str, str]:
        """By the path: that of a version document alone tells nothing."""
        found = []
        for service in services:
            try:
                found.append((service, self._find(service, seen)))
            except UnknownError:
                continue
        telling = [(service, call) for service, call in found if not call.endswith("/")]
        if len(telling) != 1:
            raise UnknownError(f"of no service that headers, path or an --endpoint tell ({', '.join(services)})")
        return telling[0]

    def _find(self, service: str, seen: Seen, below: str = "") -> str:
        """The call of a service; ``below`` is the path below its endpoint, if that is known."""
        actions = [""]
        if seen.path.endswith("/action"):
            actions = list(seen.body) if isinstance(seen.body, Mapping) else []
            if not actions:
                raise UnknownError("an action, and the capture lacks the request's body, which tells which one")
        for path in (*([below] if below else []), *_paths(service, below or seen.path)):
            few = self._calls[(service, seen.method, *_outline(path))]
            for action in actions:
                if call := find_call(few, seen.method, path, action):
                    return call
        raise UnknownError(f"no call of {service} in the history")

    @cached_property
    def _calls(self) -> Mapping[tuple[str, ...], list[str]]:
        """The calls by service, method and outline of the path, which are few enough to look through."""
        calls: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for service, documents in self.services.items():
            for call in documents.calls:
                method, path = call.split(" ")[:2]
                calls[(service, method, *_outline(path))].append(call)
        return calls


def _outline(path: str) -> tuple[str, str]:
    """The first part of a path, which is never a parameter, and how many there are."""
    parts = path.rstrip("/").split("/")
    return parts[min(1, len(parts) - 1)], str(len(parts))


def _paths(service: str, path: str) -> Iterator[str]:
    """What may be the path below the service's endpoint: all of it, or behind its root, or behind a project's id."""
    parts = path.strip("/").split("/")
    root = _ROOTS[service]
    if root in parts:
        at = parts.index(root)
        yield "/" + "/".join(parts[at:])
        yield "/" + "/".join(parts[at + 1 :])
        if len(parts) > at + 2 and _PROJECT.fullmatch(parts[at + 1]):
            yield "/" + "/".join(parts[at + 2 :])
    elif service == "placement":
        yield path
    if len(parts) == 1:
        yield "/"


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    """The microversions that headers name, by service."""
    found = {}
    for one in headers.get(HEADER.lower(), "").split(","):
        service, _, version = one.strip().partition(" ")
        if service:
            found[service] = version.strip()
    legacy = headers.get((tongue("compute").legacy or "").lower())
    return {"compute": legacy, **found} if legacy else found


def _version(service: str, seen: Seen, default: Microversion) -> Microversion | None:
    """The microversion that was asked for, or that a service takes unasked; None if none could be agreed on."""
    text = _named(seen.asked).get(service)
    if text == "latest" and seen.status != 406:
        text = _named(seen.answered).get(service)
        if not text:
            raise UnknownError("at the latest microversion, and the answer doesn't tell which that is")
    try:
        return None if seen.status == 406 else Microversion.parse(text) if text is not None else default
    except UsageError:
        return None
