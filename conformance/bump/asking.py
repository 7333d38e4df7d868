"""What has to be asked besides the stories: calls that may begin, calls known by other ids, and what no call answers.

Calls are looked for only in a service that tells its routes, which is one that was booted to be tried. Layer 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from conformance.bump import exploring
from conformance.bump.declarations import Declarations
from conformance.bump.examples import examples
from conformance.bump.existence import plain
from conformance.bump.performing import Attempt
from conformance.bump.sighting import Asked, Sighting, Sightings
from conformance.exchange import Request
from conformance.microversion import tongue
from conformance.plan import Case
from conformance.story import Story

NO_PATH, NO_ACTION = "/conformance-no-such-path", "conformance_no_such_action"
MADE_UP = "00000000-0000-0000-0000-0000000c0f0e"
TRIES = 3


def explore(attempt: Attempt, sightings: Sightings) -> Asked:
    """Ask all this, after the stories were performed."""
    declarations = Declarations(attempt.settings.client(), attempt.service)
    routes = declarations.routes()
    wanted = exploring.candidates(routes, attempt.documents)
    begun, story = _begun(attempt, sightings, wanted) if wanted else ({}, None)
    return Asked(
        more=tuple(_by_other_ids(attempt, declarations, sightings)),
        begun=begun,
        absent=frozenset(_absent(attempt, declarations)),
        told=bool(routes),
        story=story,
    )


def _begun(attempt: Attempt, sightings: Sightings, wanted: list[str]) -> tuple[dict[str, list[Sighting]], Story | None]:
    """The calls that begin, with what was seen when they were asked in earnest, and before; and how they were asked."""
    ways = exploring.Ways.of(attempt.before.library, attempt.service, sightings)
    first = _ask(attempt, exploring.story(attempt.service, wanted, ways, {}), wanted)
    begun = exploring.begun(first)
    if not begun:
        return {}, None
    bodies = {call: examples(call, first.of(call)[1]) for call in begun if _sends(call)}
    story = exploring.story(attempt.service, begun, ways, bodies)
    then = _ask(attempt, story, begun)
    return {call: [*then.of(call)[1], *first.of(call)[1]] for call in begun}, story


def _sends(call: str) -> bool:
    return call.partition(" ")[0] in ("POST", "PUT", "PATCH")


def _ask(attempt: Attempt, story: Story, calls: Iterable[str]) -> Sightings:
    """Ask calls on both sides, as a story says that was written for them."""
    known = exploring.added(attempt.before, attempt.service, calls)
    suite = attrs.evolve(known, library=attrs.evolve(known.library, stories=(story,)))
    return attrs.evolve(attempt, before=suite, workers=1, cases=()).observe()


def _absent(attempt: Attempt, declarations: Declarations) -> Iterator[str]:
    """What a service says of a path, an action and a call that it doesn't have at a microversion."""
    documents, version = attempt.documents, attempt.version
    ended = [call for call in documents.calls if documents.life(call).last < version.before]
    acting = dict.fromkeys(_filled(call) for call in documents.calls if len(call.split(" ")) > 2)
    headers = {"Accept": "application/json", **tongue(attempt.service).ask(version)}
    paths: list[tuple[str, str, Any]] = [("GET", NO_PATH, None)]
    paths += [("POST", path, {NO_ACTION: None}) for path in acting]
    paths += [("GET", _filled(call), None) for call in ended if call.startswith("GET ")]
    for method, path, body in paths:
        request = Request(attempt.service, method, path, headers=headers, body=body)
        answer = declarations.client.send(request).response
        if answer.status >= 400:
            yield plain(answer.text)


def _filled(call: str) -> str:
    return exploring.nameless(call.split(" ")[1]).replace("{}", MADE_UP)


def _by_other_ids(attempt: Attempt, declarations: Declarations, sightings: Sightings) -> Iterator[Sighting]:
    """Reads of one thing that fail at the microversion, by the ids that its list has there."""
    for call in sightings.calls:
        below, at = sightings.of(call)
        path = call.split(" ")[1]
        failing = at and any(one.succeeded for one in below) and not any(one.succeeded for one in at)
        if call.startswith("GET ") and failing and path.count("{") == 1:
            collection, _, rest = path.partition("/{")
            for one in list(_ids(sightings, f"GET {collection}"))[:TRIES]:
                yield _read(attempt, declarations, at[0], f"{collection}/{one}{rest.partition('}')[2]}")


def _ids(sightings: Sightings, collection: str) -> Iterable[str]:
    found = [item for one in sightings.of(collection)[1] if one.succeeded for item in _items(one.data)]
    return dict.fromkeys(str(item["id"]) for item in found if "id" in item)


def _items(data: Any) -> list[dict[str, Any]]:
    lists = [value for value in data.values() if isinstance(value, list)] if isinstance(data, dict) else []
    return [item for each in lists for item in each if isinstance(item, dict)]


def _read(attempt: Attempt, declarations: Declarations, like: Sighting, path: str) -> Sighting:
    headers = {"Accept": "application/json", **tongue(attempt.service).ask(attempt.version)}
    exchange = declarations.send(Request(attempt.service, "GET", path, like.persona, headers=headers))
    case: Case = attrs.evolve(like.case, odd=None)
    return Sighting(case, like.persona, f"by another id: {path}", exchange, declarations.of(exchange))
