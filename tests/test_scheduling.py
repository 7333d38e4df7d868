"""Workers spread over the services."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import attrs
import pytest

from conformance.scheduling import Scheduling, best
from conformance.story import Story

SERVICES = {"compute/server": "compute", "hosts": "compute", "volume/volume": "volume", "placement/root": "placement"}
SIZES = {"compute/server": 8, "hosts": 4, "volume/volume": 7, "placement/root": 3}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ([], "compute/server"),
        (["compute/server"], "volume/volume"),
        (["compute/server", "volume/volume"], "placement/root"),
        (["compute/server", "volume/volume", "placement/root"], "hosts"),
        (["volume/volume", "volume/volume"], "compute/server"),
    ],
    ids=["first", "second", "third", "fourth", "uneven"],
)
def test_most_is_left_for_whom_least_is_done(given: list[str], wanted: str) -> None:
    """The service that has the most cases left for each worker that asks it is next, and of its scopes the largest."""
    waiting = {scope: range(size) for scope, size in SIZES.items() if scope not in given}
    assert best(waiting, given, SERVICES) == wanted


CASES = [f"compute/{story}::show@2.{minor}" for story in ("server", "flavors", "limits") for minor in range(1, 9)]


@attrs.define(eq=False)
class Worker:
    """What a scheduler sees of a worker; ``waiting`` are the places of the cases that it was sent."""

    waiting: deque[int] = attrs.field(factory=deque)
    shutting_down: bool = False
    gateway: Any = attrs.field(factory=lambda: SimpleNamespace(id="worker"))

    def send_runtest_some(self, places: list[int]) -> None:
        """Take cases."""
        self.waiting.extend(places)

    def shutdown(self) -> None:
        """End after what it has."""
        self.shutting_down = True


def given_to(workers: Sequence[Worker], stories: Sequence[Story]) -> Scheduling:
    """Stories of eight cases each, given to workers."""
    config = SimpleNamespace(
        option=SimpleNamespace(loadscopereorder=False), getvalue=lambda _: ["popen"] * len(workers)
    )
    made = Scheduling.of(stories, cast("Any", config), SimpleNamespace(loadscopesched=lambda *_: None))
    for worker in workers:
        made.add_node(cast("Any", worker))
        made.add_node_collection(
            cast("Any", worker), [f"{one.id}::show@2.{minor}" for one in stories for minor in range(1, 9)]
        )
    made.schedule()
    return made


@pytest.fixture
def workers() -> list[Worker]:
    """Two of them."""
    return [Worker(), Worker()]


@pytest.fixture
def scheduling(workers: list[Worker]) -> Scheduling:
    """Three stories, given to the workers."""
    return given_to(workers, [Story("compute", name, "", "", (), (), ()) for name in ("server", "flavors", "limits")])


def _end_one(scheduling: Scheduling, worker: Worker) -> str:
    place = worker.waiting.popleft()
    scheduling.mark_test_complete(cast("Any", worker), place)
    return CASES[place]


def test_every_case_runs_once(scheduling: Scheduling, workers: list[Worker]) -> None:
    """Each case goes to one worker, in the order of its story, and when all have ended nothing is remembered."""
    ended: list[str] = []
    while any(worker.waiting for worker in workers):
        ended += [_end_one(scheduling, worker) for worker in workers if worker.waiting]
    assert sorted(ended) == sorted(CASES)
    assert [case for case in ended if "limits" in case] == CASES[16:]
    assert scheduling.tests_finished
    assert not any(scheduling.assigned_work.values())


def test_what_a_dead_worker_had_is_done_by_another(scheduling: Scheduling, workers: list[Worker]) -> None:
    """A worker that dies is blamed on the case that it was at; those that had ended don't run again."""
    dead, other = workers
    ended = [_end_one(scheduling, dead) for _ in range(3)]
    crashed = scheduling.remove_node(cast("Any", dead))
    while other.waiting:
        ended.append(_end_one(scheduling, other))
    assert crashed == CASES[3]
    assert sorted(ended) == sorted(CASES)


HOSTS = [Story("compute", name, "", "", (), (), (), group="hosts") for name in ("evacuate", "drain")]
LIVE = [Story("compute", name, "", "", (), (), (), group="live", avoids="hosts") for name in ("live", "paused")]
RESIZE = [Story("compute", name, "", "", (), (), (), avoids="hosts") for name in ("resize", "migrate", "confirm")]
OTHERS = [Story("volume", name, "", "", (), (), ()) for name in ("volume", "types")]


def _busy(worker: Worker) -> bool:
    """Whether a worker is at a case: it waits with the last that it has until it knows what follows."""
    return len(worker.waiting) > (0 if worker.shutting_down else 1)


@pytest.mark.parametrize("seed", range(12))
def test_nothing_runs_beside_what_it_avoids(seed: int) -> None:
    """Stories that move servers run beside each other, but not while another worker fells hosts; and all run."""
    dice = random.Random(seed)
    stories = dice.sample([*HOSTS, *LIVE, *RESIZE, *OTHERS], 9)
    some = [Worker() for _ in range(2 + seed % 3)]
    scheduling, ended, beside = given_to(some, stories), 0, 0
    while busy := [worker for worker in some if _busy(worker)]:
        worker = dice.choice(busy)
        scheduling.mark_test_complete(cast("Any", worker), worker.waiting.popleft())
        ended += 1
        at_work = {number: set(scheduling.assigned_work[cast("Any", one)]) for number, one in enumerate(some)}
        felling = [number for number, scopes in at_work.items() if "hosts" in scopes]
        moving = {number for number, scopes in at_work.items() if scopes & set(scheduling.avoided)}
        assert not felling or moving <= set(felling)
        beside = max(beside, len(moving))
    assert (ended, scheduling.tests_finished) == (72, True)
    assert beside > 1


def test_what_a_dead_worker_felled_with_is_done_after_all() -> None:
    """What avoids it waits for that too, and all else runs."""
    dead, *left = some = [Worker(), Worker(), Worker()]
    scheduling = given_to(some, [*HOSTS, *RESIZE])
    ended = 0
    while _busy(dead):
        scheduling.mark_test_complete(cast("Any", dead), dead.waiting.popleft())
        ended += 1
        if ended == 13:
            scheduling.remove_node(cast("Any", dead))
            break
    while busy := [worker for worker in left if _busy(worker)]:
        scheduling.mark_test_complete(cast("Any", busy[0]), busy[0].waiting.popleft())
        ended += 1
    assert ended == 40
