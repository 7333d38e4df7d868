"""The verdict on a microversion, for a review: what it declares, what was seen, and what older one moved. Layer 3."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

import attrs

from conformance.coverage import measure
from conformance.difference import differences
from conformance.document import Documents
from conformance.microversion import Microversion, Span
from conformance.plan import Performance
from conformance.report.results import RAN, Group, Record, grouped
from conformance.unreachable import Unreachable

WIDTH, MOST = 100, 8  # of a line; lines about one thing


@attrs.frozen
class Proof:
    """What was planned and what came of it, for one service up to one microversion."""

    documents: Documents
    version: Microversion
    performances: tuple[Performance, ...]
    records: tuple[Record, ...]
    wanted: Collection[str]
    unreachable: tuple[Unreachable, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether all that was planned was seen as declared, and something was."""
        good = [one for one in self.records if one["outcome"] in ("passed", "known")]
        return bool(good) and len(good) == len(self.wanted)

    def lines(self) -> Iterator[str]:
        """The verdict."""
        yield f"{self.documents.history.service} {self.version} is {'proved' if self.holds else 'NOT PROVED'}"
        yield from _titled("declares", self._declared())
        yield from _titled("boundaries", self._boundaries())
        yield from _titled("neighbours", [self._counted("cases at it and just below", self._near)])
        yield from _titled("older", [self._counted(f"cases at {self._older()}", self._old)])
        yield from _titled("moved", self._found(lambda at: at < self.version) or ["nothing older"])
        yield from _titled("at fault", self._found(lambda at: at == self.version))
        yield from _titled("not seen", self._missed())

    def _older(self) -> str:
        first, last = self.documents.history.span.first, self.version.before.before
        return f"{first} to {last} at default depth" if last > first else f"{first}"

    def _declared(self) -> Iterable[str]:
        for one in differences(self.documents, self.version.before, self.version):
            calls = one.calls[0] + (f" and {len(one.calls) - 1} more" if len(one.calls) > 1 else "")
            yield f"{calls}: {'; '.join(one.lines)}"

    def _boundaries(self) -> list[str]:
        ran = {one["id"] for one in self.records if one["outcome"] in RAN}
        span = Span(self.version.before, self.version)
        seen = measure(self.documents, self.performances, span, ran, self.unreachable)
        lines = [f"{len(seen.exercised_boundaries)} of {len(seen.boundaries)} shown on both sides"]
        missing = sorted(seen.boundaries - seen.exercised_boundaries)
        return [*lines, *(f"not shown: {call}" for call, _ in missing)]

    def _near(self, one: Record) -> bool:
        return _at(one) >= self.version.before

    def _old(self, one: Record) -> bool:
        return not self._near(one)

    def _counted(self, what: str, which: object) -> str:
        assert callable(which)
        counts = Counter(one["outcome"] for one in self.records if which(one))
        told = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
        return f"{sum(counts.values())} {what}: {told or 'none'}"

    def _found(self, where: object) -> list[str]:
        """The findings at some microversions, each once."""
        assert callable(where)
        failed = (one for one in self.records if one["outcome"] == "failed" and where(_at(one)))
        return [line for group in grouped(failed) for line in _told(group)]

    def _missed(self) -> list[str]:
        reasons = Counter(one["reason"] for one in self.records if one["outcome"] not in RAN)
        told = [f"{count} cases: {reason}" for reason, count in reasons.most_common()]
        absent = len(self.wanted) - len(self.records)
        return [*told, f"{absent} cases had no outcome"] if absent > 0 else told


def _at(one: Record) -> Microversion:
    return Microversion.parse(one["microversion"])


def _told(group: Group) -> Iterator[str]:
    one, versions = group.finding, group.microversions
    at = versions[0] if len(versions) == 1 else f"{versions[0]} to {versions[-1]}"
    place = f" at {one.pointer}" if one.pointer else ""
    yield f"{one.call} @{at}{place}: {one.code}; expected {one.expected}, seen {one.seen}"
    yield f"  {one.remedy} ({group.ids[0]}{f' and {len(group.ids) - 1} more' if len(group.ids) > 1 else ''})"


def _titled(title: str, lines: Iterable[str]) -> Iterator[str]:
    """Lines behind a title, so many and so long that all of it stays on a screen."""
    listed = list(lines)
    shown = listed if len(listed) <= MOST else [*listed[: MOST - 1], f"and {len(listed) - MOST + 1} more"]
    wrapped = [part for line in shown for part in textwrap.wrap(line, WIDTH, max_lines=3, subsequent_indent="  ")]
    yield from (f"  {title if number == 0 else '':<11} {line}" for number, line in enumerate(wrapped))
