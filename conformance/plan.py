"""Which cases there are: stories by microversions. Layer 2; no network, no cloud.

A performance is a story at one microversion of its writes. Its cases are the cells that it shows, the microversion just
outside a step's life (an *edge*), and requests with one thing wrong (an *odd* one).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import partial

import attrs
from testscenarios import multiply_scenarios

from conformance.document import Documents
from conformance.errors import UsageError
from conformance.microversion import Microversion, Span
from conformance.oddity import Odd, refused
from conformance.outline import Depth, Outline, outline, succeeds
from conformance.story import Step, Story


@attrs.frozen
class Case:
    """One test. ``statuses`` is what must come; ``outside`` marks an edge, ``odd`` the one thing that isn't right.

    A ``guest`` is no cell: it is asked at another microversion, the newest of its own service.
    """

    id: str
    service: str
    story: str
    step: str
    call: str
    microversion: Microversion
    writes: bool
    statuses: tuple[int, ...]
    outside: bool = False
    odd: Odd | None = None
    guest: bool = False

    @property
    def stray(self) -> bool:
        """Whether it asks what the history doesn't know at this microversion: nothing later rests on it."""
        return self.outside or self.odd is not None


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


def plan(
    stories: Iterable[Story],
    services: Mapping[str, Documents],
    spans: Mapping[str, Span],
    *,
    depth: Depth | None = None,
    bounds: Mapping[str, Span] | None = None,
) -> list[Performance]:
    """All performances of ``stories`` within ``spans`` (by service); those of one story stand together.

    ``depth`` None is the default one. Where a span is less than the cloud's ``bounds``, nothing is negotiated: that is
    about the bounds.
    """
    performances = []
    stories, depth = list(stories), depth or Depth()
    succeeding = {step.call for story in stories for step in story.steps if succeeds(step, services[story.service])}
    depth = attrs.evolve(depth, succeeding=frozenset(succeeding))
    for story in stories:
        documents = services[story.service]
        span = documents.history.span.clip(spans.get(story.service, documents.history.span))
        if span is not None:
            whole = documents.history.span.clip((bounds or {}).get(story.service, documents.history.span))
            steps = [step for step in story.steps if span == whole or not step.negotiates]
            performances += _perform(story, steps, documents, span, depth)
    return performances


def _perform(story: Story, steps: Sequence[Step], documents: Documents, span: Span, depth: Depth) -> list[Performance]:
    outlines = [outline(step, documents, span, depth) for step in steps]
    if depth.every:
        outlines = list(_everywhere(outlines, documents, depth))
    asking = [each for each in outlines if each.step.writes or (depth.every and not each.step.swept)]
    moments = sorted({moment for each in asking for moment in each.moments}) or [span.last]
    sweep = max(moments, key=lambda moment: (_alive(outlines, moment), moment))
    scenarios = [(str(moment), {"at": moment}) for moment in moments]
    performances = []
    for _, scenario in multiply_scenarios([(story.id, {"story": story})], scenarios):
        arrange = partial(_cases, documents=documents, span=span, at=scenario["at"], sweep=sweep)
        cases = {each.step.name: tuple(arrange(story, each)) for each in outlines}
        performances.append(Performance(scenario["story"], scenario["at"], cases))
    return [performance for performance in performances if any(performance)]


def _everywhere(outlines: Sequence[Outline], documents: Documents, depth: Depth) -> Iterator[Outline]:
    """The outlines with every cell that no step before them shows: one success, of reads one for each persona."""
    written = {moment for each in outlines if each.step.writes for moment in each.life or ()}
    for each in outlines:
        step = each.step
        cells = {
            (step.call, "" if step.writes else step.persona, moment)
            for moment in (() if step.guest or step.negotiates else each.life or ())
            if (step.writes or step.swept or moment in written) and _shows(step, documents, moment)
        }
        fresh = {moment for *_, moment in cells - depth.shown}
        depth.shown.update(cells)
        asked = each.points if step.writes or step.swept else frozenset()
        yield attrs.evolve(each, points=asked | fresh)


def _shows(step: Step, documents: Documents, moment: Microversion) -> bool:
    """Whether what must come of a step at a microversion is a success."""
    return bool(set(_promised(step, documents, moment)) & set(documents.at(step.call, moment).status))


def _alive(outlines: Sequence[Outline], moment: Microversion) -> int:
    return sum(1 for each in outlines if each.step.writes and each.life and moment in each.life)


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
        for odd in each.odds.get(moment, ()):
            yield _odd_case(story, step, documents, moment, odd)
        if moment in each.edges:
            yield make(moment, statuses=each.edges[moment], outside=True)
        elif moment in each.points or not step.swept:
            yield make(moment, statuses=_promised(step, documents, moment))


def _promised(step: Step, documents: Documents, moment: Microversion) -> tuple[int, ...]:
    """The statuses that a step wants: its own, a 404 where it waits for one, or the history's; of a guest, its own."""
    own = step.status or ((404,) if step.until == "gone" else ())
    return own or (() if step.guest else documents.at(step.call, moment).status)


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
    call = step.call or f"{step.method} {step.path}"
    return Case(
        identity,
        *(step.service, story.name, step.name, call),
        *(moment, step.writes, statuses, outside),
        guest=step.guest,
    )


def _odd_case(story: Story, step: Step, documents: Documents, moment: Microversion, odd: Odd) -> Case:
    identity = f"{story.id}::{step.name}+{odd.name}@{moment}"
    wanted = (400,) if refused(odd, documents.at(step.call, moment)) else _promised(step, documents, moment)
    return Case(
        identity, story.service, story.name, step.name, step.call, moment, step.writes, wanted, outside=False, odd=odd
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
