"""Changes seen at several shapes, said once at the shape from which they all follow. Layer 2; pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

import attrs

from conformance.bump.answers import Change
from conformance.bump.places import Holder
from conformance.edition import Edition

Group = tuple[str, str, str | None]


def lifted(edition: Edition, changes: Iterable[Change], looked_at: Collection[str]) -> Iterator[Change]:
    """The changes, those that shapes of one family share said at the lowest shape that they all extend.

    ``looked_at`` are the shapes of which something was seen: one of them that did not change keeps a change below it.
    """
    groups: dict[Group, dict[Holder, list[Change]]] = defaultdict(lambda: defaultdict(list))
    for change in changes:
        groups[change.verb, change.key, change.persona][change.holder].append(change)
    for by_holder in groups.values():
        merged = {holder.shape: _merged(own) for holder, own in by_holder.items() if holder.shape}
        yield from (_merged(own) for holder, own in by_holder.items() if not holder.shape)
        for family in _families(edition, merged):
            yield from _lift(edition, family, looked_at)


def _merged(changes: list[Change]) -> Change:
    """All that was seen of one change."""
    seen: Counter[str] = Counter()
    for change in changes:
        seen.update(change.seen)
    return attrs.evolve(
        changes[0],
        values=tuple(value for change in changes for value in change.values),
        declared=tuple(schema for change in changes for schema in change.declared),
        seen=dict(seen),
        remarks=tuple(dict.fromkeys(remark for change in changes for remark in change.remarks)),
    )


def _families(edition: Edition, merged: Mapping[str, Change]) -> Iterator[dict[str, Change]]:
    roots: dict[str, dict[str, Change]] = defaultdict(dict)
    for name, change in merged.items():
        roots[above(edition, name)[-1]][name] = change
    yield from roots.values()


def above(edition: Edition, name: str) -> list[str]:
    """A shape, what it extends, and so on."""
    chain = [name]
    while parent := edition.shapes[chain[-1]].extends:
        chain.append(parent)
    return chain


def _lift(edition: Edition, family: Mapping[str, Change], looked_at: Collection[str]) -> Iterator[Change]:
    """One change for as many shapes of a family as can share it."""
    left = dict(family)
    while left:
        chosen = _highest(edition, left, looked_at)
        covered = [name for name in left if chosen in above(edition, name)]
        change = _merged([left.pop(name) for name in covered])
        unseen = sorted(
            name
            for name in edition.shapes
            if chosen in above(edition, name)[1:] and name not in covered and name not in looked_at
        )
        more = (f"not seen: {', '.join(unseen)}, which follow",) if unseen and chosen not in covered else ()
        yield attrs.evolve(change, holder=Holder(shape=chosen), remarks=(*change.remarks, *more))


def _highest(edition: Edition, left: Mapping[str, Change], looked_at: Collection[str]) -> str:
    """The lowest shape above as many as possible, below which nothing stands still."""
    chains = {name: above(edition, name) for name in left}
    candidates = {one for chain in chains.values() for one in chain}
    verb, key = next(iter((change.verb, change.key) for change in left.values()))

    def rank(one: str) -> tuple[int, int]:
        return sum(1 for chain in chains.values() if one in chain), len(above(edition, one))

    for one in sorted(candidates, key=rank, reverse=True):
        below = {name for name in looked_at if one in above(edition, name)}
        if below <= left.keys() and _legal(edition, one, verb, key):
            return one
    return next(iter(left))


def _legal(edition: Edition, name: str, verb: str, key: str) -> bool:
    """Whether the verb makes sense there."""
    if verb == "unknown":
        return True
    if verb not in ("add", "allow"):
        return key in edition.properties(name)
    family = (shape for shape in edition.shapes.values() if name in above(edition, shape.name))
    return key not in edition.properties(name) and all(shape.own.get(key) is None for shape in family)
