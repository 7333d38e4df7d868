"""A delta applied to an edition gives the next one. Layer 1.

Four verbs change a shape: ``add`` (present from now on), ``allow`` (may be present), ``replace`` (present, of another
kind) and ``drop`` (absent from now on). A shape that extends another follows its changes. Nonsense is refused here,
each kind with its own error, so that a history that loads is one that makes sense.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from conformance.edition import BASIC, Call, Edition, Property, Shape, literal_types, references
from conformance.errors import DataError
from conformance.microversion import Microversion

Files = Sequence[tuple[str, Mapping[str, Any]]]
_VERBS = ("drop", "replace", "add", "allow")


def apply(version: Microversion, files: Files, before: Edition | None) -> Edition:
    """The edition at ``version``: what ``files`` (name and content of each) say, over the edition before."""
    edition = Edition(
        version=version,
        summary=" ".join(delta["summary"] for _, delta in files),
        source=files[0][0] if len(files) == 1 else str(Path(files[0][0]).parent),
        shapes=dict(before.shapes) if before else {},
        calls=dict(before.calls) if before else {},
        error=next((delta["error"] for _, delta in files if "error" in delta), before.error if before else None),
        changed=frozenset(name for _, delta in files for part in ("new", "change") for name in delta.get(part, {})),
        touched=frozenset(name for name, _ in _calls(files)),
        restated=frozenset(name for name, entry in _calls(files) if "body" in entry),
        unseen=" ".join(delta["unseen"] for _, delta in files if "unseen" in delta),
    )
    _Folding(edition, files).run()
    return edition


def _calls(files: Files) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return (pair for _, delta in files for pair in delta.get("calls", {}).items())


@attrs.define
class _Folding:
    """One edition in the making; its maps are filled in place and not changed after."""

    edition: Edition
    files: Files
    pending: dict[str, tuple[str, Mapping[str, Any]]] = attrs.field(factory=dict)

    def run(self) -> None:
        self._define()
        for name, changes in self._entries("change"):
            for shape, verbs in changes.items():
                self._change(shape, verbs, f"{name}: change/{shape}")
        for name, calls in self._entries("calls"):
            for call, entry in calls.items():
                self._bind(call, entry, f"{name}: calls/{call}")
        for name, gone in self._entries("gone"):
            for call in gone:
                self._end(call, f"{name}: gone")
        self._resolve()

    def _entries(self, part: str) -> Iterator[tuple[str, Any]]:
        return ((name, delta[part]) for name, delta in self.files if part in delta)

    def _define(self) -> None:
        for name, new in self._entries("new"):
            for shape, entry in new.items():
                where = f"{name}: new/{shape}"
                if shape in self.edition.shapes or shape in self.pending or shape in BASIC:
                    raise DataError(
                        f"the shape {shape!r} exists", where, "Change it under change:, or choose another name."
                    )
                self.pending[shape] = (where, entry)
        while self.pending:
            self._define_one(next(iter(self.pending)))

    def _define_one(self, name: str) -> None:
        where, entry = self.pending.pop(name)
        parent = entry.get("extends")
        if parent in self.pending:
            self._define_one(parent)
        if parent:
            self.edition.shape(parent, where)
        self._shapes[name] = Shape(name, literal=entry.get("is"), extends=parent)
        if "is" not in entry:
            self._change(name, {key: value for key, value in entry.items() if key != "extends"}, where)

    @property
    def _shapes(self) -> dict[str, Shape]:
        assert isinstance(self.edition.shapes, dict)
        return self.edition.shapes

    @property
    def _calls(self) -> dict[str, Call]:
        assert isinstance(self.edition.calls, dict)
        return self.edition.calls

    def _change(self, name: str, verbs: Mapping[str, Any], where: str) -> None:
        shape = self.edition.shape(name, where)
        if (shape.literal is not None) != ("is" in verbs) and verbs:
            remedy = "A shape that is a type changes by is:, one that has properties by add, allow, replace and drop."
            raise DataError(f"{name!r} is of the other kind", where, remedy)
        if "is" in verbs:
            self._shapes[name] = attrs.evolve(shape, literal=verbs["is"])
            return
        volatile = shape.volatile | frozenset(verbs.get("volatile", ()))
        self._shapes[name] = attrs.evolve(shape, unknown=verbs.get("unknown", shape.unknown), volatile=volatile)
        for verb in _VERBS:
            for key in verbs.get(verb, ()):
                self._apply(name, verb, key, verbs[verb], f"{where}/{verb}/{key}")
        for key in sorted(set(verbs.get("volatile", ())) - self.edition.properties(name).keys()):
            raise DataError(f"{name} has no {key!r}", f"{where}/volatile/{key}", "Check the spelling, or say add:.")

    def _apply(self, name: str, verb: str, key: str, entries: Any, where: str) -> None:
        exists = key in self.edition.properties(name)
        if exists and verb in ("add", "allow"):
            raise DataError(
                f"{name} has {key!r} already", where, "To change it say replace:; to make it optional, drop and allow."
            )
        if not exists and verb in ("drop", "replace"):
            raise DataError(f"{name} has no {key!r}", where, "Check the spelling, or say add:.")
        shape = self._shapes[name]
        own = dict(shape.own)
        own[key] = None if verb == "drop" else _property(entries[key], verb)
        self._shapes[name] = attrs.evolve(shape, own=own)
        self._refuse_twins(name, verb, key, where)

    def _refuse_twins(self, name: str, verb: str, key: str, where: str) -> None:
        """A shape that extends this one must not have said the same key for itself before."""
        for other in self._shapes.values():
            if verb != "drop" and other.own.get(key) is not None and name in self._above(other):
                remedy = f"Drop it there: {other.name} extends {name} and follows its changes."
                raise DataError(f"{other.name} has {key!r} of its own", where, remedy)

    def _above(self, shape: Shape) -> Iterator[str]:
        """The shapes that one extends."""
        while shape.extends:
            yield shape.extends
            shape = self._shapes[shape.extends]

    def _bind(self, name: str, entry: Mapping[str, Any], where: str) -> None:
        if name not in self._calls and "status" not in entry:
            raise DataError(
                "a new call without a status", where, "Say which status means success, such as status: 200."
            )
        values = dict(entry)
        if "status" in values:
            status = values["status"]
            values["status"] = tuple(status) if isinstance(status, list) else (status,)
        self._calls[name] = attrs.evolve(self._calls.get(name, Call(name)), **values)

    def _end(self, name: str, where: str) -> None:
        if name not in self._calls:
            raise DataError(
                f"no call {name!r} that could end", where, "Check the spelling against the call's first delta."
            )
        del self._calls[name]

    def _resolve(self) -> None:
        """Every name that this delta mentions must be a shape."""
        source = self.edition.source
        for name in self.edition.changed:
            self._known(self._shapes[name].types, f"{source}: {name}")
        for name in self.edition.touched & self._calls.keys():
            call = self._calls[name]
            parts = (call.body, call.takes, call.query, call.headers)
            self._known([type_ for part in parts for type_ in literal_types(part)], f"{source}: calls/{name}")
        self._known([self.edition.error or "any"], f"{source}: error")
        for name in sorted(self.edition.changed):
            if name in self._within(name):
                remedy = "It has no flat form: write the inner one as object."
                raise DataError(f"{name!r} contains itself", f"{source}: {name}", remedy)

    def _within(self, name: str) -> set[str]:
        """The shapes that a shape mentions or extends, at any depth."""
        reached: set[str] = set()
        waiting = [name]
        while waiting:
            shape = self._shapes[waiting.pop()]
            found = {ref for type_ in shape.types for ref in references(type_)} | set(self._above(shape))
            waiting += found - reached
            reached |= found
        return reached

    def _known(self, types: Sequence[Any], where: str) -> None:
        for type_ in types:
            for name in references(type_):
                self.edition.shape(name, where)


def _property(entry: Any, verb: str) -> Property:
    """A property from its entry: a type, or ``{for: persona, is: type}``."""
    if isinstance(entry, Mapping) and "for" in entry:
        return Property(entry["is"], verb != "allow", entry["for"])
    return Property(entry, verb != "allow")
