"""The data as they were before a microversion: nothing that it, or any after it, changed is known. Layer 2; pure.

The history ends with an edition at the microversion that changes nothing, and each story is as it was written for the
one below. What is seen beyond that is what the microversion changed.
"""

from __future__ import annotations

import attrs

from conformance.bump.exploring import kept_by
from conformance.document import Documents
from conformance.errors import UsageError
from conformance.history import History
from conformance.library import READY, Library
from conformance.microversion import Microversion
from conformance.story import Step, Story
from conformance.suite import Suite
from conformance.template import settle


def prior(suite: Suite, service: str, version: Microversion) -> Suite:
    """The suite with one service as it was before ``version``, which is the first of which nothing is known.

    UsageError if there is nothing just below it.
    """
    before = _without(suite.services[service], version)
    stories = tuple(
        attrs.evolve(story, steps=steps)
        for story in suite.library.stories
        if story.service == service and (steps := _steps(story, suite.library, before, version.before))
    )
    library = attrs.evolve(suite.library, stories=stories)
    return attrs.evolve(suite, services={**suite.services, service: before}, library=library)


def _without(documents: Documents, version: Microversion) -> Documents:
    span = documents.history.span
    if not span.first < version <= span.last.after:
        remedy = f"Write the deltas between, or name one of {span.first.after} to {span.last.after}."
        raise UsageError(f"nothing is known of {documents.history.service} just below {version}", remedy=remedy)
    known = [edition for edition in documents.history.editions if edition.version < version]
    nothing: frozenset[str] = frozenset()
    blank = attrs.evolve(known[-1], version=version, source="", changed=nothing, touched=nothing, restated=nothing)
    return Documents(History(documents.history.service, (*known, blank)))


def _steps(story: Story, library: Library, documents: Documents, newest: Microversion) -> tuple[Step, ...]:
    """The steps that there would be at ``newest``; one that rests on what no other keeps is left out as well."""
    kept = READY | kept_by(story.given, library) | {name for step in story.prepare for name in step.keep}
    steps = []
    for step in story.steps:
        then = _then(step, newest)
        if _known(step, documents, newest) and then.variables <= kept:
            steps.append(then)
            kept = kept | step.keep.keys()
    return tuple(steps)


def _known(step: Step, documents: Documents, newest: Microversion) -> bool:
    """Whether a step was there at ``newest``: its call, and the span that it is said for."""
    if step.guest:
        return True
    if step.negotiates or step.call not in documents.calls or newest not in documents.life(step.call):
        return False
    return (step.since or newest) <= newest <= (step.last or newest)


def _then(step: Step, newest: Microversion) -> Step:
    """A step as it would have been written at ``newest``: asked from there on, and nothing said of what comes after."""
    return attrs.evolve(
        step,
        body=settle(step.body, newest),
        query=settle(step.query, newest),
        since=None,
        last=None,
        before=(),
        after=(),
        expect={},
        has=(),
        lacks=(),
    )
