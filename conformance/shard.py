"""A part of a plan: one of several that have no case in common and are the whole together. Layer 2; pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

import attrs

from conformance.errors import UsageError
from conformance.plan import Performance

_FORM = re.compile(r"([1-9]\d*)/([1-9]\d*)")


@attrs.frozen
class Shard:
    """The part ``number`` of ``count``, from 1 on."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read ``2/3``; UsageError for anything else."""
        found = _FORM.fullmatch(text)
        if not found or int(found[1]) > int(found[2]):
            remedy = "Write it as K/N, such as 1/3, 2/3 and 3/3 for three machines."
            raise UsageError(f"--shard {text!r} names no part", remedy=remedy)
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        """As ``parse`` reads it."""
        return f"{self.number}/{self.count}"

    def part(self, performances: Sequence[Performance], wanted: Collection[str]) -> frozenset[str]:
        """The ids of this part of the wanted cases; UsageError if it has none.

        A story stays whole, and so do the stories of one group with those that avoid it. The largest are dealt first,
        each to the part that has the least: every machine that plans the same deals the same.
        """
        sizes = Counter(_whole(each) for each in performances for case in each if case.id in wanted)
        if self.number > len(sizes):
            words = f"--shard {self} is empty: there are {len(sizes)} stories or groups of stories"
            raise UsageError(words, remedy=f"Share them out among {len(sizes)} at most.")
        loads = [0] * self.count
        own = set()
        for name, size in sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0])):
            least = loads.index(min(loads))
            loads[least] += size
            if least == self.number - 1:
                own.add(name)
        return frozenset(case.id for each in performances if _whole(each) in own for case in each if case.id in wanted)


def _whole(performance: Performance) -> str:
    """What is never taken apart: the stories of a group with those that avoid it, or a story."""
    story = performance.story
    return f"group {story.kept_together}" if story.kept_together else story.id
