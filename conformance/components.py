"""Shapes as components: each is written out once, and referred to by its name everywhere else. Layer 2."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from conformance.document import Schema, fold, fold_literal
from conformance.edition import Edition, Shape

PREFIX = "#/components/schemas/"


@attrs.frozen
class Components:
    """The shapes of an edition, and the same edition with a reference in the place of each."""

    edition: Edition
    _referring: Edition = attrs.field(init=False)

    @_referring.default
    def _refer(self) -> Edition:
        shapes = {name: Shape(name, literal={"$ref": PREFIX + name}) for name in self.edition.shapes}
        return attrs.evolve(self.edition, shapes=shapes)

    def schema(self, literal: Any) -> Schema | None:
        """The schema of a body, takes, query or headers; None for nothing."""
        return fold_literal(self._referring, literal)

    def written_out(self, literal: Any) -> Schema | None:
        """The same, but no reference itself; within it there may be some."""
        schema = self.schema(literal)
        while schema and "$ref" in schema:
            schema = self.component(schema["$ref"].removeprefix(PREFIX))
        return schema

    def component(self, name: str) -> Schema:
        """A shape written out."""
        edition, shape = self.edition, self.edition.shape(name)
        own, unknown = edition.properties(name), edition.unknown(name)
        whole = attrs.evolve(shape, extends=None, own=own, unknown=unknown, volatile=frozenset())
        shapes = ChainMap({name: whole}, self._referring.shapes)  # type: ignore[arg-type]
        return fold(attrs.evolve(self.edition, shapes=shapes), name)

    def needed(self, written: Any) -> dict[str, Schema]:
        """Every shape that is referred to from what is written, or from another that is; in order."""
        found: dict[str, Schema] = {}
        waiting = set(references(written))
        while waiting:
            name = waiting.pop()
            found[name] = self.component(name)
            waiting |= set(references(found[name])) - found.keys()
        return dict(sorted(found.items()))


def references(written: Any) -> Iterator[str]:
    """The names of the shapes that are referred to, however deep."""
    if isinstance(written, Mapping):
        target = written.get("$ref")
        if isinstance(target, str) and target.startswith(PREFIX):
            yield target.removeprefix(PREFIX)
        for inner in written.values():
            yield from references(inner)
    elif isinstance(written, list):
        for inner in written:
            yield from references(inner)
