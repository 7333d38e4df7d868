"""From which stories something may still be learnt of a microversion. Layer 2; values, no I/O.

A call that was seen to succeed, and that the service does not tell apart from the same just below, has told all that
there is. One that it tells apart is looked at until some stories on end had nothing of it that was not seen before.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

import attrs

from conformance.bump.guessing import kind
from conformance.bump.places import Follower
from conformance.bump.sighting import Sighting
from conformance.edition import Edition
from conformance.story import Story

ENOUGH = 2  # stories on end in which a call had nothing new
WAITING = 10  # so many steps are done in the time of one that waits
Key = tuple[str, str]
"""A call, and who asked."""


@attrs.define
class Interest:
    """What is known so far, by call and persona: what its answers had, and how many stories on end brought nothing.

    Of two answers to one question, just below and at the microversion, only that in which they differ is looked at.
    """

    edition: Edition
    _had: dict[Key, set[object]] = attrs.field(factory=dict)
    _quiet: dict[Key, int] = attrs.field(factory=dict)
    _apart: set[Key] = attrs.field(factory=set)

    def take(self, seen: Iterable[Sighting]) -> None:
        """Learn from what was seen in a story."""
        follower, had, succeeded = Follower(self.edition), dict[Key, dict[str, set[object]]](), set[Key]()
        for one in seen:
            if not one.case.stray:
                key = (one.call, one.persona)
                self._apart |= {key} if one.apart else set()
                succeeded |= {key} if one.succeeded else set()
                scenes = had.setdefault(key, {})
                scenes[one.scene] = scenes.get(one.scene, set()) ^ set(_features(follower, one))
        for key in succeeded:
            features = set[object]().union(*had[key].values())
            news = features - self._had.get(key, set())
            self._quiet[key] = 0 if news or key not in self._had else self._quiet[key] + 1
            self._had[key] = self._had.get(key, set()) | features

    def wants(self, story: Story) -> bool:
        """Whether a story asks something of which not all was seen."""
        return any(self._wants(key) for key in asked(story))

    def _wants(self, key: Key) -> bool:
        return key not in self._had or (key in self._apart and self._quiet[key] < ENOUGH)


def asked(story: Story) -> set[Key]:
    """What a story asks of its own service."""
    return {(step.call, step.persona) for step in story.steps if not (step.guest or step.negotiates)}


@attrs.define
class Agenda:
    """The stories that wait for somebody to perform them; ``spared`` are those that were not wanted at their turn.

    Those of one group, and those that avoid it, are never given out at the same time: whoever performs one goes on with
    the next.
    """

    interest: Interest
    waiting: list[Story]
    spared: list[Story] = attrs.field(factory=list)
    _busy: set[str] = attrs.field(factory=set)
    _lock: threading.Lock = attrs.field(factory=threading.Lock)

    @classmethod
    def of(cls, interest: Interest, stories: Iterable[Story]) -> Agenda:
        """The stories in the order in which they are worth most."""
        return cls(interest, ordered(stories))

    def turns(self) -> Iterator[Story]:
        """Story after story for one worker, until there is none for it."""
        group = ""
        while story := self._next(group):
            group = story.kept_together
            yield story

    def _next(self, done: str) -> Story | None:
        with self._lock:
            self._busy.discard(done)
            while story := next((one for one in self.waiting if one.kept_together not in self._busy), None):
                self.waiting.remove(story)
                if self.interest.wants(story):
                    self._busy |= {story.kept_together} - {""}
                    return story
                self.spared.append(story)
            return None


def ordered(stories: Iterable[Story]) -> list[Story]:
    """The stories, always the one first that asks most of what none before it does, for what it costs."""
    left, found, known = list(stories), list[Story](), set[Key]()
    while left:
        found.append(max(left, key=lambda story: len(asked(story) - known) / _cost(story)))
        known |= asked(found[-1])
        left.remove(found[-1])
    return found


def _cost(story: Story) -> int:
    """About how long it takes, in steps: waiting takes longest."""
    return 1 + sum(WAITING if step.until is not None else 1 for step in story.steps)


def _features(follower: Follower, one: Sighting) -> Iterator[object]:
    """The status, and each place in an answer with the kind of what stands there; of a map not the keys."""
    yield one.status
    for met in follower.follow(one.call, "body", one.data) if one.call in follower.edition.calls else ():
        yield met.place, kind(met.value), bool(met.value)
        yield from ((met.holder, key, kind(value)) for key, value in (met.value.items() if met.holder else ()))
