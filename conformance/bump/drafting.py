"""A delta drafted from what was seen and declared; a remark for each line says how it was come by. Layer 2."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from conformance.bump.answers import Answers, Change
from conformance.bump.drawing import Drawing, Drawn
from conformance.bump.existence import Turn, turns
from conformance.bump.guessing import Known, best
from conformance.bump.lifting import lifted
from conformance.bump.newcalls import drafted
from conformance.bump.places import Holder
from conformance.bump.rebinding import Rebinding, rebindings
from conformance.bump.requests import declared_changes, looked_at, unknown_keys
from conformance.bump.sighting import Asked, Sighting, Sightings
from conformance.delta import apply
from conformance.edition import Edition

Path = tuple[str, ...]


@attrs.define
class Draft:
    """A delta as it would be written, and remarks by the path of the entry that they are about."""

    delta: dict[str, Any]
    remarks: dict[Path, list[str]] = attrs.field(factory=dict)

    def remark(self, path: Path, *words: str) -> None:
        """Say something of an entry."""
        own = self.remarks.setdefault(path, [])
        own += [one for one in words if one not in own]


def draft(edition: Edition, sightings: Sightings, asked: Asked, summary: str) -> Draft:
    """The draft of the microversion that was sighted, over the edition just below it."""
    drawing = Drawing(edition)
    drafter = _Drafter(edition, drawing, Draft({"summary": summary, "new": drawing.new, "change": {}, "calls": {}}))
    all_ = attrs.evolve(sightings, listed=(*sightings.listed, *asked.more))
    found = list(turns(edition, all_, asked.absent, drawing))
    gone = {turn.call for turn in found if turn.gone}
    kept = attrs.evolve(all_, listed=tuple(one for one in all_.listed if one.call not in gone))
    for change in _of_requests(edition, kept):
        drafter.change(change, wanted=True)
    rebound = list(rebindings(edition, kept, drawing))
    for one in rebound:
        drafter.rebind(one)
    known = {one.call for one in rebound}
    rest = attrs.evolve(kept, listed=tuple(one for one in kept.listed if one.call not in known))
    for change in _of_answers(edition, rest):
        drafter.change(change, wanted=False)
    for turn in found:
        drafter.turn(turn)
    drafter.close()
    if asked.begun:
        changed = Drawing(apply(sightings.version, [("the draft", drafter.draft.delta)], edition), drawing.new)
        for call, sighted in asked.begun.items():
            drafter.begin(call, sighted, changed)
    return drafter.finished()


def _of_answers(edition: Edition, sightings: Sightings) -> Iterator[Change]:
    answers = Answers.of(edition, sightings)
    seen = list(answers.changes())
    about = {(change.holder, change.key) for change in seen}
    met = {holder for holder, (_, at) in answers.objects.items() if at}
    told = (change for change in declared_changes(edition, sightings, "answer") if change.verb in ("add", "allow"))
    unseen = [
        attrs.evolve(change, verb="allow", remarks=("a guess: declared by the service, and in no body",))
        for change in told
        if (change.holder, change.key) not in about and change.holder in met
    ]
    yield from lifted(edition, [*seen, *unseen], {holder.shape for holder in met if holder.shape})


def _of_requests(edition: Edition, sightings: Sightings) -> Iterator[Change]:
    told = [change for kind in ("takes", "query") for change in declared_changes(edition, sightings, kind)]
    yield from lifted(edition, [*told, *unknown_keys(edition, sightings)], looked_at(edition, sightings))


@attrs.define
class _Drafter:
    """Writes changes into a draft."""

    edition: Edition
    drawing: Drawing
    draft: Draft
    _taken: dict[str, Drawn] = attrs.field(factory=dict)
    _literals: dict[Holder, dict[str, Any]] = attrs.field(factory=dict)

    def change(self, change: Change, *, wanted: bool) -> None:
        """Write one change of a shape, or of the object that a call's part is written out as."""
        if change.verb == "unknown":
            self._verbs(change)["unknown"] = change.key
            self._remark(change, ("unknown",), ())
            return
        if not change.key:
            self._whole(change)
            return
        if change.verb in ("drop", "vary", "loosen"):
            self._verbs(change).setdefault("drop", []).append(change.key)
            self._remark(change, ("drop", change.key), ())
        if change.verb != "drop" and change.key not in self._verbs(change).get("replace", ()):
            verb = {"vary": "allow", "loosen": "allow", "replace-within": "replace"}.get(change.verb, change.verb)
            drawn = self._type(change, wanted=wanted)
            type_ = {"for": change.persona, "is": drawn.type} if change.persona else drawn.type
            self._verbs(change).setdefault(verb, {})[change.key] = type_
            self._remark(change, (verb, change.key), drawn.remarks)
        for call in change.seen if change.bare else ():
            self._bare(call, change)

    def _bare(self, call: str, change: Change) -> None:
        """Write that a call answers otherwise about nothing."""
        shape = change.holder.shape
        if self.edition.calls[call].body == shape:
            nothing = self.drawing.shape(f"no_{shape}", {"add": dict(change.bare)})
            self._call(call)["body"] = self.drawing.shape(f"{shape}_if_any", {"is": {"oneOf": [shape, nothing]}})
            self.draft.remark(("calls", call), "a guess: another form where all is empty")

    def _type(self, change: Change, *, wanted: bool) -> Drawn:
        if wanted and change.declared:
            drawn = self.drawing.of_schema(change.declared[0], change.key)
            self._taken[change.key] = drawn
            return drawn
        if wanted:
            return Drawn(self._was(change))
        holder = change.holder.shape
        known = Known(holder, self._was(change), self._taken.get(change.key))
        return best(self.drawing, change.key, change.values, change.declared, known)

    def _was(self, change: Change) -> Any:
        """The type of a key below the microversion, None if there was no such key."""
        holder = change.holder
        if holder.shape:
            own = self.edition.properties(holder.shape).get(change.key)
            return own.type if own else None
        literal = getattr(self.edition.calls[holder.call], holder.part)
        return literal.get(change.key, literal.get(f"{change.key}?"))

    def _verbs(self, change: Change) -> dict[str, Any]:
        """The verbs of a shape; those of an object written out are applied to it in the end."""
        if change.holder.call:
            return self._literals.setdefault(change.holder, {})
        found: dict[str, Any] = self.draft.delta["change"].setdefault(change.holder.shape, {})
        return found

    def _whole(self, change: Change) -> None:
        """A whole body of another kind."""
        holder = change.holder
        drawn = self.drawing.of_schema(change.declared[0], holder.part) if change.declared else Drawn("any")
        self._call(holder.call)[holder.part] = drawn.type
        self.draft.remark(("calls", holder.call), *drawn.remarks)

    def _call(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.draft.delta["calls"].setdefault(name, {})
        return found

    def _remark(self, change: Change, path: Path, more: Iterable[str]) -> None:
        calls = sorted(change.seen)
        named = ", ".join(calls[:3]) + (f" and {len(calls) - 3} more" if len(calls) > 3 else "")
        bodies = sum(change.seen.values())
        how = f"seen in {bodies} answers of" if change.source == "seen" else "declared for"
        holder = change.holder
        where = ("calls", holder.call, holder.part) if holder.call else ("change", holder.shape, *path)
        self.draft.remark(where, f"{how} {named}", *change.remarks, *more)

    def rebind(self, one: Rebinding) -> None:
        """Write that a call answers with another shape."""
        self._call(one.call)["body"] = one.body
        self.draft.remark(("calls", one.call, "body"), *one.remarks)

    def begin(self, call: str, sighted: list[Sighting], drawing: Drawing) -> None:
        """Write a call that begins."""
        entry, remarks = drafted(call, sighted, drawing)
        self._call(call).update(entry)
        self.draft.remark(("calls", call), *remarks)

    def turn(self, turn: Turn) -> None:
        """Write what became of a call."""
        if turn.gone:
            self.draft.delta.setdefault("gone", []).append(turn.call)
            self.draft.remark(("gone", turn.call), *turn.remarks)
        elif turn.parts:
            self._call(turn.call).update(turn.parts)
        if turn.remarks and not turn.gone:
            self.draft.remark(("calls", turn.call), *turn.remarks)

    def close(self) -> None:
        """Write the objects written out in calls as they are after their changes."""
        for holder, verbs in self._literals.items():
            literal = getattr(self.edition.calls[holder.call], holder.part)
            self._call(holder.call)[holder.part] = literal_changed(literal, verbs)

    def finished(self) -> Draft:
        """The draft without empty parts."""
        self.draft.delta = {key: value for key, value in self.draft.delta.items() if value}
        return self.draft


def literal_changed(literal: Mapping[str, Any], verbs: Mapping[str, Any]) -> dict[str, Any]:
    """An object written out, after the four verbs."""
    kept = {key: type_ for key, type_ in literal.items() if key.removesuffix("?") not in verbs.get("drop", ())}
    replaced = {key: verbs.get("replace", {}).get(key.removesuffix("?"), type_) for key, type_ in kept.items()}
    return {**replaced, **verbs.get("add", {}), **{f"{key}?": type_ for key, type_ in verbs.get("allow", {}).items()}}


__all__ = ["Draft", "Holder", "draft", "literal_changed"]
