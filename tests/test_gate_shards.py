"""Parts of a gate: its cases shared out, with nothing lost and nothing twice."""

from __future__ import annotations

import pytest

from conformance.gate import Gate
from conformance.plan import plan, select
from conformance.shard import Shard
from tests.helpers import real


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("gate", [gate for gate in real().gates.values() if gate.stories], ids=lambda gate: gate.name)
def test_nothing_is_lost_and_nothing_is_twice(gate: Gate, count: int) -> None:
    """The parts of a gate together are the gate, and no two have a case in common."""
    stories = [story for story in real().library.stories if gate.has(story)]
    performances = plan(stories, real().services, {})
    whole = select(performances, ())
    parts = [Shard(number, count).part(performances, whole) for number in range(1, count + 1)]
    assert frozenset().union(*parts) == whole
    assert sum(map(len, parts)) == len(whole) > 0
