"""Parts of a plan: nothing lost, nothing twice, stories whole, and about the same to do in each."""

from __future__ import annotations

from functools import cache

import pytest

from conformance.errors import UsageError
from conformance.plan import Performance, plan, select
from conformance.shard import Shard
from tests.conftest import Cloud, command
from tests.helpers import real
from tests.wrong_server import TINY


@cache
def performances() -> list[Performance]:
    """Our own default plan."""
    return plan(real().library.stories, real().services, {})


def parts(count: int, *patterns: str) -> list[frozenset[str]]:
    """All parts of a plan."""
    wanted = select(performances(), patterns)
    return [Shard(number, count).part(performances(), wanted) for number in range(1, count + 1)]


@pytest.mark.parametrize("count", [1, 2, 3, 7, 16])
def test_nothing_is_lost_and_nothing_is_twice(count: int) -> None:
    """The parts together are the plan, and no two have a case in common."""
    several = parts(count)
    assert frozenset().union(*several) == select(performances(), ())
    assert sum(map(len, several)) == len(select(performances(), ()))


def test_of_some_cases() -> None:
    """Parts of cases by pattern are parts of those cases, and share them out anew."""
    several = parts(3, "placement/*", "compute/server*@2.1")
    assert frozenset().union(*several) == select(performances(), ["placement/*", "compute/server*@2.1"])
    assert max(map(len, several)) < 1.5 * min(map(len, several))


@pytest.mark.parametrize("count", [2, 5])
def test_stories_and_groups_stay_whole(count: int) -> None:
    """All cases of a story are in one part, and so are those of the stories of one group with those that avoid it."""
    groups = {story.id: story.kept_together or story.id for story in real().library.stories}
    homes = [(groups[one.partition("::")[0]], number) for number, part in enumerate(parts(count)) for one in part]
    assert len(set(homes)) == len(dict(homes))
    assert len({groups[story] for story in groups}) < len(groups)


@pytest.mark.parametrize("count", [2, 4, 8])
def test_the_parts_are_about_the_same(count: int) -> None:
    """No part has much more to do than another one."""
    sizes = [len(part) for part in parts(count)]
    assert max(sizes) - min(sizes) < 0.05 * sum(sizes) / count


def test_everybody_deals_alike() -> None:
    """Machines that plan the same share it out alike, in whatever order the wanted cases come."""
    wanted = sorted(select(performances(), ()))
    assert Shard(2, 3).part(performances(), wanted) == Shard(2, 3).part(performances(), wanted[::-1])


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "1/0", "-1/2", "a/b", "1/2/3", "1.5/2", "01/2"])
def test_what_is_no_part(text: str) -> None:
    """Anything but K/N with K from 1 to N is refused, with how to write it."""
    with pytest.raises(UsageError) as caught:
        Shard.parse(text)
    assert "1/3" in caught.value.remedy


def test_a_part_reads_as_it_is_written() -> None:
    """A part is written as it is read."""
    assert str(Shard.parse("2/13")) == "2/13"


def test_more_parts_than_stories() -> None:
    """A part that nothing is left for is wrong usage: a run of nothing would look as one that passed."""
    ended = command("plan", "--data", TINY, "--shard", "5/5")
    assert (ended.code, "--shard 5/5 is empty: there are 4 stories" in ended.err) == (2, True)
    assert command("plan", "--data", TINY, "--shard", "4/5").code == 0


def test_the_plan_of_a_part() -> None:
    """``plan --shard`` lists the part, and the parts together list the plan."""
    whole = command("plan", "--data", TINY).out.splitlines()
    told = [command("plan", "--data", TINY, "--shard", f"{number}/2") for number in (1, 2)]
    assert sorted(line for one in told for line in one.out.splitlines()) == sorted(whole)
    assert all("performances" in one.err for one in told)


def test_the_run_of_a_part(cloud: Cloud) -> None:
    """``run --shard`` runs its part and no more, and conforms when that does."""
    codes, done = [], []
    for number in (1, 2):
        codes.append(cloud.run("--shard", f"{number}/2").code)
        done.append(set(cloud.records()))
    assert (codes, done[0] & done[1]) == ([0, 0], set())
    planned = {line.split()[0] for line in command("plan", "--data", TINY).out.splitlines()}
    assert done[0] | done[1] == planned


def test_a_run_of_no_part(cloud: Cloud) -> None:
    """A shard that makes no sense ends a run before anything is asked."""
    ended = cloud.run("--shard", "3/2")
    assert (ended.code, "names no part" in ended.err, cloud.server.log) == (2, True, [])
