"""What a microversion changed as observed: call by call, in words and as a diff of bodies; and what wasn't seen.

Layer 2; pure.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from conformance.bump.drafting import Draft
from conformance.bump.guessing import kind
from conformance.bump.sighting import Asked, Sighting, Sightings
from conformance.delta import apply
from conformance.difference import Difference, differences
from conformance.document import VOLATILE, Document, Documents, Schema
from conformance.history import History
from conformance.template import property_schema

CONTEXT, LONGEST = 2, 40  # lines of a diff
_UNTOLD = (
    "what requests newly take, and which calls begin: this cloud doesn't tell. "
    "One that --source or --embedded boots does."
)
_BY_ITSELF = "which keys change by themselves from one read to the next (volatile): say it in the draft"
_UNSEEN = ("null in every body", "empty in every body", "in no body", "not seen", "could not see")


@attrs.frozen
class Observed:
    """What changed in some calls: in words, and as a diff of two bodies if there are two."""

    difference: Difference
    diff: tuple[str, ...]


def drafted_documents(before: Documents, draft: Draft) -> Documents:
    """The documents as they are with the draft in place of the edition that changes nothing."""
    *known, blank = before.history.editions
    edition = apply(blank.version, [("the draft", draft.delta)], known[-1])
    return Documents(History(before.history.service, (*known, edition)))


def observed(documents: Documents, sightings: Sightings) -> list[Observed]:
    """Every change of the draft, the calls that changed alike together."""
    found = differences(documents, sightings.version.before, sightings.version)
    return [Observed(one, tuple(_diff(documents, sightings, one.calls))) for one in found]


def _diff(documents: Documents, sightings: Sightings, calls: Iterable[str]) -> Iterator[str]:
    """A diff of two bodies of the first call that has two which differ."""
    for call in calls:
        for older, newer in (*sightings.pairs(call), *_written(sightings, call)):
            document = documents.at(call, newer.version) if newer.version in documents.life(call) else None
            lines = list(diff(older, newer, document))
            if lines:
                yield from lines[:LONGEST]
                yield from [f"... {len(lines) - LONGEST} more lines"] if len(lines) > LONGEST else []
                return


def _written(sightings: Sightings, call: str) -> Iterator[tuple[Sighting, Sighting]]:
    """What a write answered on either side, of two resources that were made alike."""
    below, at = ({one.case.step: one for one in side if one.succeeded} for side in sightings.of(call))
    yield from ((below[step], at[step]) for step in below.keys() & at.keys() if below[step].case.writes)


def diff(older: Sighting, newer: Sighting, document: Document | None) -> Iterator[str]:
    """The lines in which two bodies differ; of writes only the kinds of values, since their resources are two."""
    writes = older.case.writes
    one, other = (_lines(sighting.data, document.body if document else None, writes) for sighting in (older, newer))
    found = difflib.unified_diff(one, other, str(older.version), str(newer.version), n=CONTEXT, lineterm="")
    return iter(list(found))


def _lines(data: Any, schema: Schema | None, kinds: bool) -> list[str]:
    stable = _stable(data, schema or {})
    return json.dumps(_kinds(stable) if kinds else stable, indent=2, sort_keys=True).splitlines()


def _stable(value: Any, schema: Mapping[str, Any]) -> Any:
    """A body without what changes by itself."""
    if isinstance(value, Mapping):
        inner = {key: property_schema(schema, key) or {} for key in value}
        return {key: _stable(value[key], below) for key, below in inner.items() if not below.get(VOLATILE)}
    if isinstance(value, list):
        return [_stable(item, schema.get("items") or {}) for item in value]
    return value


def _kinds(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _kinds(inner) for key, inner in value.items()}
    return [_kinds(item) for item in value[:1]] if isinstance(value, list) else f"<{kind(value)}>"


def unseen(sightings: Sightings, asked: Asked, draft: Draft) -> list[str]:
    """What could not be seen of what was asked, in words."""
    found = [
        f"{' '.join(path[1:])}: {remark.removeprefix('a guess: ').removeprefix('could not see: ')}"
        for path, remarks in draft.remarks.items()
        for remark in remarks
        if any(word in remark for word in _UNSEEN)
    ]
    if not asked.told:
        found.append(_UNTOLD)
    if sightings.spared:
        found.append(
            f"stories of which all calls were seen already, without anything new: {', '.join(sightings.spared)}"
        )
    refused = [call for call in sightings.calls if not any(one.succeeded for one in _all(sightings, call))]
    return [*found, _BY_ITSELF, *(f"no answer of success: {call} ({_statuses(sightings, call)})" for call in refused)]


def unasked(documents: Documents, sightings: Sightings) -> list[str]:
    """The calls that no story asked."""
    alive = {call for call in documents.calls if sightings.version.before in documents.life(call)}
    return [f"no story asks {call}" for call in sorted(alive - set(sightings.calls))]


def _all(sightings: Sightings, call: str) -> list[Sighting]:
    below, at = sightings.of(call)
    return [*below, *at]


def _statuses(sightings: Sightings, call: str) -> str:
    return ", ".join(map(str, sorted({one.status for one in _all(sightings, call)})))
