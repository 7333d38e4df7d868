"""What changed in answers, as seen: keys that came, went, or hold values of another kind. Layer 2; pure.

Every body at the microversion is held against the types of the microversion below. What departs from them there, and
did not below, is what the microversion changed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from conformance.bump.places import Follower, Holder, Met, Place
from conformance.bump.sighting import Sighting, Sightings
from conformance.document import Schema
from conformance.edition import Edition, Property, references
from conformance.template import property_schema

BELOW, AT = 0, 1
_KINDS: dict[str, type] = {"array": list, "object": dict}


@attrs.frozen
class Change:
    """One thing that changed at a holder: a verb of the history and a key, with all that was seen of it.

    ``values`` are those of the key at the microversion, ``declared`` what the service declares of it; ``seen`` counts
    the bodies by call. ``persona`` is the only one who sees the key. ``way`` leads to the holder in a request. ``bare``
    are the types of the keys of an answer about nothing, which lacks this one.
    """

    holder: Holder
    verb: str
    key: str
    values: tuple[Any, ...] = ()
    declared: tuple[Schema, ...] = ()
    seen: Mapping[str, int] = attrs.field(factory=dict)
    persona: str | None = None
    remarks: tuple[str, ...] = ()
    source: str = "seen"
    way: tuple[str, ...] = ()
    bare: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen
class Look:
    """One object that a holder stands for, as one body had it."""

    sighting: Sighting
    value: Mapping[str, Any]
    way: tuple[str, ...]

    def declared(self, key: str) -> Schema | None:
        """What the service declares of a key of it."""
        return declared_at(self.sighting.declared.get("answer"), (*self.way, key))


@attrs.define
class Answers:
    """All that was met in answers, by holder and by place, below and at the microversion."""

    edition: Edition
    follower: Follower
    objects: dict[Holder, tuple[list[Look], list[Look]]] = attrs.field(factory=dict)
    values: dict[Place, tuple[list[Met], list[Met]]] = attrs.field(factory=dict)
    sources: dict[Place, list[Sighting]] = attrs.field(factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, edition: Edition, sightings: Sightings) -> Answers:
        """What was met in every successful answer."""
        answers = cls(edition, Follower(edition))
        for one in sightings.listed:
            if one.succeeded and not one.case.stray and one.call in edition.calls and one.data is not None:
                answers._take(one, AT if one.version == sightings.version else BELOW)
        return answers

    def _take(self, sighting: Sighting, side: int) -> None:
        for met in self.follower.follow(sighting.call, "body", sighting.data):
            self.values.setdefault(met.place, ([], []))[side].append(met)
            if side == AT:
                self.sources[met.place].append(sighting)
            if met.holder:
                looks = self.objects.setdefault(met.holder, ([], []))
                looks[side].append(Look(sighting, met.value, met.way))

    def properties(self, holder: Holder) -> Mapping[str, Property]:
        """What a holder has by the history."""
        if holder.shape:
            return self.edition.properties(holder.shape)
        literal = getattr(self.edition.calls[holder.call], holder.part)
        return {key.removesuffix("?"): Property(type_, not key.endswith("?")) for key, type_ in literal.items()}

    def changes(self) -> Iterator[Change]:
        """All changes, holder by holder."""
        for holder, (below, at) in self.objects.items():
            known = self.properties(holder)
            yield from _come(holder, known, below, at)
            yield from _gone(holder, known, below, at)
        yield from self._replaced()

    def _replaced(self) -> Iterator[Change]:
        """Keys whose values are of another kind than below."""
        for place, (below, at) in self.values.items():
            strange = [met for met in at if not _sound(self.follower, met)]
            if strange and below and all(_sound(self.follower, met) for met in below):
                seen = Counter(one.call for one in self.sources[place])
                remarks = () if len(strange) == len(at) else ("a guess: some values are still of the old kind",)
                values = tuple(met.value for met in at)
                looks = self.objects.get(place.holder, ([], []))[AT]
                declared = _unique(look.declared(place.key) for look in looks if place.key in look.value)
                verb = "replace" if not place.below else "replace-within"
                yield Change(place.holder, verb, place.key, values, declared, seen, None, remarks)


def _sound(follower: Follower, met: Met) -> bool:
    """Whether a value is of its type; what it holds is looked at on its own."""
    if met.holder:
        return True
    if isinstance(met.type, list):
        return isinstance(met.value, list)
    if isinstance(met.type, str) and met.type in follower.edition.shapes:
        return False
    kind = _KINDS.get(str(met.type.get("type"))) if isinstance(met.type, Mapping) else None
    if kind and set(references(met.type)):
        return isinstance(met.value, kind)
    return follower.conforms(met.type, met.value)


def _come(holder: Holder, known: Mapping[str, Property], below: list[Look], at: list[Look]) -> Iterator[Change]:
    old = known.keys() | {key for look in below for key in look.value}
    for key in dict.fromkeys(key for look in at for key in look.value if key not in old):
        having = [look for look in at if key in look.value]
        seen = Counter(look.sighting.call for look in having)
        values = tuple(look.value[key] for look in having)
        declared = _unique(look.declared(key) for look in having)
        change = Change(holder, "add", key, values, declared, seen, remarks=_alone(known, at))
        yield change if len(having) == len(at) else _for_some(change, at)


def _alone(known: Mapping[str, Property], at: list[Look]) -> tuple[str, ...]:
    """Whether one persona alone looked, where the history knows keys that only one sees."""
    personas = {look.sighting.persona for look in at}
    told = len(personas) == 1 and any(own.persona for own in known.values())
    return (f"a guess: only {min(personas)} looked, so whether others see it was not seen",) if told else ()


def _for_some(change: Change, at: list[Look]) -> Change:
    """A key that not every body has: one persona's, or optional."""
    having, all_ = (Counter(look.sighting.persona for look in looks) for looks in (_with(at, change.key), at))
    if len(having) == 1 and all(all_[persona] == count for persona, count in having.items()):
        return attrs.evolve(change, persona=next(iter(having)))
    if bare := _bare(change.key, at):
        words = "a guess: every answer lacks it in which all else is empty"
        return attrs.evolve(change, bare=bare, remarks=(*change.remarks, words))
    without = Counter(look.sighting.call for look in at if change.key not in look.value)
    never = sorted(call for call in without if call not in change.seen)
    remark = f"a guess: {sum(without.values())} of {len(at)} bodies lack it"
    more = (f"never in {', '.join(never)}",) if never else ()
    return attrs.evolve(change, verb="allow", remarks=(*change.remarks, remark, *more))


def _bare(key: str, at: list[Look]) -> dict[str, Any]:
    """What whole answers have that lack a key, if these are the ones in which all is empty."""
    lacking = [look for look in at if key not in look.value]
    if any(look.way for look in at) or any(_empty(look) is (key in look.value) for look in at):
        return {}
    return {
        name: {"type": "object", "maxProperties": 0} if value == {} else {"type": "array", "maxItems": 0}
        for look in lacking
        for name, value in look.value.items()
    }


def _empty(look: Look) -> bool:
    return bool(look.value) and all(value in ([], {}) for value in look.value.values())


def _with(looks: Iterable[Look], key: str) -> list[Look]:
    return [look for look in looks if key in look.value]


def _gone(holder: Holder, known: Mapping[str, Property], below: list[Look], at: list[Look]) -> Iterator[Change]:
    for key, own in known.items():
        had, has = _with(below, key), _with(at, key)
        mine = [look for look in at if own.persona in (None, look.sighting.persona)]
        if not had or not mine or len(has) == len(mine):
            continue
        paired = {look.sighting.scene for look in had} & {look.sighting.scene for look in mine if key not in look.value}
        seen = Counter(look.sighting.call for look in mine)
        if not has and (own.required or paired):
            yield Change(holder, "drop", key, seen=seen)
        elif has and own.required and len(_with(below, key)) == len(below):
            remark = f"a guess: {len(mine) - len(has)} of {len(mine)} bodies lack it"
            yield Change(holder, "loosen", key, seen=seen, remarks=(remark,))


def _unique(schemas: Iterable[Schema | None]) -> tuple[Schema, ...]:
    found: list[Schema] = []
    for schema in schemas:
        if schema is not None and schema not in found:
            found.append(schema)
    return tuple(found)


def declared_at(schema: Any, way: Iterable[str]) -> Schema | None:
    """What a schema says of the place at a way; None where it says nothing."""
    for step in way:
        if not isinstance(schema, Mapping):
            return None
        schema = _items(schema) if step == "*" else property_schema(schema, step)
    return dict(schema) if isinstance(schema, Mapping) and schema else None


def _items(schema: Mapping[str, Any]) -> Any:
    for one in (schema, *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        if "items" in one:
            return one["items"]
        if patterns := one.get("patternProperties"):
            return next(iter(patterns.values()))
        if isinstance(one.get("additionalProperties"), Mapping):
            return one["additionalProperties"]
    return None
