"""Requests with one thing wrong: a key from another microversion, or what the history refuses. Layer 2; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from conformance.document import Document
from conformance.microversion import Microversion
from conformance.rules import ABSENT, STRANGE_TEXTS, Rule, broken, places, required
from conformance.story import Step
from conformance.template import Path, alternatives, knows, refuses, settle, trim
from conformance.validation import compiled

STRANGER = "conformance_unknown"
_OF_KEYS = ("key", "unknown", "untimely")


@attrs.frozen
class Odd:
    """The one thing: its kind, where it is, and the value put there.

    A key: ``key``, said by a step and known at another microversion; ``untimely``, known there and not said;
    ``unknown`` at any; ``missing``; a ``name`` that no key may have. A value: of another ``type``; ``least`` and
    ``most``, just outside of a number's bound; ``short`` and ``long`` of a text, ``few`` and ``many`` of what has items
    or keys; an item ``twice``; or a ``value`` that isn't allowed.
    """

    kind: str
    path: Path
    in_query: bool = False
    value: Any = None

    @property
    def name(self) -> str:
        """As it stands in a case's id; of a key that a step says itself the envelope tells nothing."""
        if self.kind != "key":
            return f"{'.'.join(self.path)}:{self.kind}"
        shown = self.path if self.in_query or len(self.path) == 1 or "$" in self.path[0] else self.path[1:]
        return ".".join(shown)


def refused(odd: Odd, document: Document) -> bool:
    """Whether a refusal must come of it; otherwise the history says that the thing is ignored."""
    schema = document.query if odd.in_query else document.takes
    return odd.kind not in _OF_KEYS or refuses(schema, odd.path)


def spoil(request: Any, odd: Odd, path: Path) -> Any:
    """A body or query with the odd thing at ``path``; a key that the step says itself is there already."""
    if odd.kind == "key":
        return request
    if not path:
        return odd.value
    if path[0] == "0":
        items = request if isinstance(request, list) else []
        return [spoil(items[0] if items else None, odd, path[1:]), *items[1:]]
    inside = request if isinstance(request, Mapping) else {}
    rest = {key: value for key, value in inside.items() if key != path[0]}
    if odd.kind == "missing" and len(path) == 1:
        return rest
    return {**rest, path[0]: spoil(inside.get(path[0]), odd, path[1:])}


def negatives(step: Step, version: Microversion, document: Document) -> Iterator[Odd]:
    """What the history refuses of a step's request at a microversion, one thing at a time."""
    if document.takes is not None and step.body is not None:
        yield from _in_body(trim(settle(step.body, version), document.takes), document.takes)
    if document.query is not None:
        if not step.writes or refuses(document.query, (STRANGER,)):
            yield Odd("unknown", (STRANGER,), in_query=True, value="1")
        yield from _in_query(document.query)


def untimely(step: Step, document: Document, neighbour: Document, version: Microversion) -> Iterator[Odd]:
    """The keys that a document doesn't know and its neighbour at ``version`` does, but for those that the step says.

    What would be ignored is asked of reads alone.
    """
    body, query = settle(step.body, version), settle(step.query, version)
    for path in _foreign(document.takes, neighbour.takes, body):
        if refuses(document.takes, path):
            yield Odd("untimely", path, value="1")
    for path in _foreign(document.query, neighbour.query, query):
        if len(path) == 1 and (not step.writes or refuses(document.query, path)):
            yield Odd("untimely", path, in_query=True, value="1")


def _foreign(here: Rule | None, there: Rule | None, said: Any) -> Iterator[Path]:
    """The paths that one schema knows and the other doesn't, within what both know, but for those that are said."""
    for place in places(there, said) if here and there else ():
        plainly_said = place.value is not ABSENT and "0" not in place.path
        if not plainly_said and knows(here, place.path[:-1]) and not knows(here, place.path):
            yield place.path


def _in_query(query: Rule) -> Iterator[Odd]:
    """Of a query every value is a text."""
    for place in (one for one in places(query, {}) if len(one.path) == 1):
        strange = [text for text in STRANGE_TEXTS if not compiled(place.schema).conforms(text)]
        if strange:
            yield Odd("value", place.path, in_query=True, value=strange[0])
        for kind, value in broken(place):
            if kind in ("short", "long"):
                yield Odd(kind, place.path, in_query=True, value=value)
    yield from (Odd("missing", (name,), in_query=True) for name in sorted(required(query)))


def _in_body(body: Any, schema: Rule) -> Iterator[Odd]:
    yield from _in_object((), schema, body)
    for place in places(schema, body):
        if place.schema.get("type") != "null":  # of an action without parameters the value is never looked at
            yield from (Odd(kind, place.path, value=value) for kind, value in broken(place))
        yield from _in_object(place.path, place.schema, place.value)


def _in_object(path: Path, schema: Rule, value: Any) -> Iterator[Odd]:
    """What may be wrong with the keys of an object."""
    if not any("properties" in each for each in alternatives(schema)) or (value is ABSENT and required(schema)):
        return
    if refuses(schema, (STRANGER,)):
        yield Odd("unknown", (*path, STRANGER), value=True)
    if isinstance(value, Mapping):
        yield from (Odd("missing", (*path, name)) for name in sorted(required(schema)) if name in value)
