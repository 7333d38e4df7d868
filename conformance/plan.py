"""Which cases there are: stories by microversions. Layer 2; no network, no cloud.

A performance is a story at one microversion of its writes. Its cases are the cells that it shows, the microversion just
outside a step's life (an *edge*), and a key just outside its own life (an *unknown key*).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import partial

import attrs
from testscenarios import multiply_scenarios

from conformance.document import Document, Documents
from conformance.errors import UsageError
from conformance.microversion import Microversion, Span
from conformance.story import Step, Story
from conformance.template import Path, knows, paths, refuses


@attrs.frozen
class Case:
    """One test. ``statuses`` is what must come; ``outside`` marks an edge, ``key`` a key that isn't known here."""

    id: str
    service: str
    story: str
    step: str
    call: str
    microversion: Microversion
    writes: bool
    statuses: tuple[int, ...]
    outside: bool = False
    key: Path = ()
    in_query: bool = False


@attrs.frozen
class Performance:
    """A story at the microversion of its writes, with its cases in the order in which they come, by step."""

    story: Story
    at: Microversion
    cases: Mapping[str, tuple[Case, ...]]

    @property
    def id(self) -> str:
        """``compute/server@2.26``: the story and the microversion of its writes."""
        return f"{self.story.id}@{self.at}"

    def __iter__(self) -> Iterator[Case]:
        """Every case, in order."""
        return (case for cases in self.cases.values() for case in cases)


@attrs.frozen
class Outline:
    """Where one step is asked: the microversions worth it, its whole life, and the edges with what must come there."""

    step: Step
    life: Span | None
    points: frozenset[Microversion]
    edges: Mapping[Microversion, tuple[int, ...]]
    keys: Mapping[Microversion, tuple[tuple[Path, bool], ...]]

    @property
    def moments(self) -> frozenset[Microversion]:
        """All microversions at which the step has something to show."""
        return self.points | self.edges.keys() | self.keys.keys()


def plan(
    stories: Iterable[Story], services: Mapping[str, Documents], spans: Mapping[str, Span], *, every: bool = False
) -> list[Performance]:
    """All performances of ``stories`` within ``spans`` (by service); those of one story stand together."""
    performances = []
    for story in stories:
        documents = services[story.service]
        span = documents.history.span.clip(spans.get(story.service, documents.history.span))
        if span is not None:
            performances += _perform(story, documents, span, every=every)
    return performances


def _perform(story: Story, documents: Documents, span: Span, *, every: bool) -> list[Performance]:
    outlines = [outline(step, documents, span, every=every) for step in story.steps]
    moments = sorted({moment for each in outlines if each.step.writes for moment in each.moments}) or [span.last]
    sweep = max(moments, key=lambda moment: (_alive(outlines, moment), moment))
    scenarios = [(str(moment), {"at": moment}) for moment in moments]
    performances = []
    for _, scenario in multiply_scenarios([(story.id, {"story": story})], scenarios):
        arrange = partial(_cases, documents=documents, span=span, at=scenario["at"], sweep=sweep)
        cases = {each.step.name: tuple(arrange(story, each)) for each in outlines}
        performances.append(Performance(scenario["story"], scenario["at"], cases))
    return [performance for performance in performances if any(performance)]


def _alive(outlines: Sequence[Outline], moment: Microversion) -> int:
    return sum(1 for each in outlines if each.step.writes and each.life and moment in each.life)


def outline(step: Step, documents: Documents, span: Span, *, every: bool = False) -> Outline:
    """Where a step is asked, at the default depth or at every microversion."""
    if step.negotiates:
        return Outline(step, span, frozenset(), {}, {})
    existence = documents.life(step.call)
    whole = Span(step.since or existence.first, step.last or existence.last)
    life = whole.clip(existence)
    life = life.clip(span) if life else None
    if life is None:
        return Outline(step, None, frozenset(), dict(_edges(step, documents, whole, span)), {})
    points = frozenset(life) if every else _points(step, documents, life)
    keys = {} if step.exact or step.status else _unknown_keys(step, documents, life)
    return Outline(step, life, points, dict(_edges(step, documents, whole, span)), keys)


def _points(step: Step, documents: Documents, life: Span) -> frozenset[Microversion]:
    boundaries = documents.boundaries(step.call)
    sides = {side for point in boundaries for side in (point.before, point)}
    return frozenset(side for side in sides | {life.first, life.last} if side in life)


def _edges(step: Step, documents: Documents, whole: Span, span: Span) -> Iterator[tuple[Microversion, tuple[int, ...]]]:
    """The microversions just outside a step's life, and the status that must come there."""
    existence = documents.life(step.call)
    default = (400,) if " " in step.call.partition(" ")[2] else (404,)
    before = step.before or (default if whole.first == existence.first else ())
    if before and whole.first > documents.history.span.first and whole.first.before in span:
        yield whole.first.before, before
    after = step.after or (default if whole.last == existence.last else ())
    if after and whole.last < documents.history.span.last and whole.last.after in span:
        yield whole.last.after, after


def _unknown_keys(step: Step, documents: Documents, life: Span) -> dict[Microversion, tuple[tuple[Path, bool], ...]]:
    """Each key that a step says, at the microversions next to those at which the call knows it."""
    said = [(path, False) for path in paths(step.body)] + [((key.partition("@")[0],), True) for key in step.query]
    found: dict[Microversion, tuple[tuple[Path, bool], ...]] = {}
    for point in documents.boundaries(step.call):
        if point in life and point.before in life:
            older, newer = documents.at(step.call, point.before), documents.at(step.call, point)
            for path, in_query in dict.fromkeys(said):
                for version in _strangers(older, newer, path, in_query=in_query, sides=(point.before, point)):
                    found[version] = (*found.get(version, ()), (path, in_query))
    return found


def _strangers(
    older: Document, newer: Document, path: Path, *, in_query: bool, sides: tuple[Microversion, Microversion]
) -> Iterator[Microversion]:
    one, other = (older.query, newer.query) if in_query else (older.takes, newer.takes)
    if knows(other, path) and not knows(one, path) and knows(one, path[:-1]):
        yield sides[0]
    if knows(one, path) and not knows(other, path) and knows(other, path[:-1]):
        yield sides[1]


def _cases(
    story: Story, each: Outline, *, documents: Documents, span: Span, at: Microversion, sweep: Microversion
) -> Iterator[Case]:
    """The cases of one step within the performance ``at``."""
    step = each.step
    make = partial(_case, story, step, documents)
    if step.negotiates:
        if at == sweep:
            yield make(_negotiated(step, span), statuses=step.status or (200,))
        return
    moments: Iterable[Microversion] = sorted(each.moments) if step.swept and at == sweep else ()
    if not step.swept:
        moments = [at] if at in each.edges or (each.life and at in each.life) else []
    for moment in moments:
        for path, in_query in each.keys.get(moment, ()):
            yield _stranger(story, step, documents, moment, path, in_query=in_query)
        if moment in each.edges:
            yield make(moment, statuses=each.edges[moment], outside=True)
        elif moment in each.points or not step.swept:
            yield make(moment, statuses=promised(step, documents.at(step.call, moment)))


def promised(step: Step, document: Document) -> tuple[int, ...]:
    """The statuses that a step wants: its own, a 404 where it waits for that, or those of the history."""
    return step.status or ((404,) if step.until == "gone" else document.status)


def _negotiated(step: Step, span: Span) -> Microversion:
    """The microversion under which a step of negotiation counts: the one that must answer, or else the newest."""
    if step.answered == "$min":
        return span.first
    answered = step.answered if step.answered and not step.answered.startswith("$") else str(span.last)
    return Microversion.parse(answered, step.where)


def _case(
    story: Story,
    step: Step,
    documents: Documents,
    moment: Microversion,
    *,
    statuses: tuple[int, ...],
    outside: bool = False,
) -> Case:
    identity = f"{story.id}::{step.name}@{moment}"
    return Case(identity, story.service, story.name, step.name, step.call, moment, step.writes, statuses, outside)


def _stranger(
    story: Story, step: Step, documents: Documents, moment: Microversion, path: Path, *, in_query: bool
) -> Case:
    folded = documents.at(step.call, moment)
    statuses = (400,) if refuses(folded.query if in_query else folded.takes, path) else folded.status
    shown = path if in_query or len(path) == 1 or "$" in path[0] else path[1:]  # an envelope tells nothing
    identity = f"{story.id}::{step.name}+{'.'.join(shown)}@{moment}"
    return Case(
        identity,
        story.service,
        story.name,
        step.name,
        step.call,
        moment,
        step.writes,
        statuses,
        key=path,
        in_query=in_query,
    )


def select(performances: Iterable[Performance], wanted: Sequence[str]) -> frozenset[str]:
    """The ids that match any of the patterns, such as ``compute/server::*@2.26``; all of them for no pattern."""
    ids = [case.id for performance in performances for case in performance]
    if not wanted:
        return frozenset(ids)
    patterns = [pattern for pattern in wanted if "*" in pattern or "?" in pattern]
    chosen = frozenset(wanted).intersection(ids) | {
        one for one in ids if any(fnmatchcase(one, pattern) for pattern in patterns)
    }
    if not chosen:
        raise UsageError(f"no case matches {', '.join(wanted)}", remedy="'conformance plan' lists every case.")
    return chosen
