"""Each fault that a guest shows from outside is found by the story of its gate: from what is heard to the finding."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from conformance.conversation import compose
from conformance.exchange import Exchange
from conformance.lab import meter
from conformance.lab.life import Life, disks
from conformance.story import Step
from conformance.verdict import Critic
from tests.helpers import real, response, v

BOOT = "4f0c2a91"
SUMS = {"vda": "a" * 64, "vdb": "b" * 64}
MEMORY = {
    "mover": "f7c3",
    "address": "172.24.4.107",
    "boot": BOOT,
    "sums": SUMS,
    "source": "compute1",
    "here": "compute2",
}


def log(first: int, last: int, boot: str = BOOT, later: str = "") -> str:
    """A guest's log, from one count to another."""
    return "".join(f"{boot} {count} {count}{later}.07 good\n" for count in range(first, last + 1))


def life(*logs: str) -> Life:
    """What was heard of a guest."""
    heard = Life()
    for one in logs:
        heard.learn(one)
    return heard


def shown(sums: dict[str, str], wrote: Iterable[int], heard: Life) -> dict[str, Any]:
    """What a look tells of a guest whose disks hold that."""
    rows = [f"disk {name} {SUMS[name]} {read}" for name, read in sums.items()]
    rows += [f"wrote {BOOT} {count}" for count in wrote]
    return {**heard.told(), **disks("\n".join(rows), heard), "ports": {"8080": "silent"}, "host": "compute2"}


def step(story: str, name: str) -> Step:
    """A step of one of our stories."""
    [found] = [one for one in real().library.stories if one.id == story]
    return next(one for one in found.steps if one.name == name)


def found(story: str, name: str, seen: dict[str, Any]) -> set[str]:
    """The places at which a step finds something wrong with what the hand on guests answers."""
    asked = step(story, name)
    ask = compose(asked, v("0.0"), None, MEMORY)
    verdict = Critic(real().services).verdict(ask.claim, Exchange(ask.request, response(seen)), {}, _never)
    return {finding.pointer for finding in verdict.findings}


def _never(*_: Any) -> Exchange:
    raise AssertionError("nothing is asked again")


MOVED = "compute/guest-live-migration"
WELL = life(log(1, 20), log(1, 31))


@pytest.mark.parametrize("story", [MOVED, f"{MOVED}-volume", "compute/guest-volume-retype"])
def test_a_guest_that_is_well(story: str) -> None:
    """Nothing is found."""
    prefix = "retyped" if "retype" in story else "there"
    assert not found(story, f"{prefix}-guest-look", shown(SUMS, range(1, 32), WELL))
    assert not found(story, f"{prefix}-guest-watched", {**WELL.told(), "sent": 40, "lost": 1, "gap": 0.1})


def test_a_guest_that_was_started_again_instead_of_migrated() -> None:
    """The watch and the look after it see another boot, whatever else is as it was."""
    heard = life(log(1, 20), log(1, 3, boot="0b5d77e2"))
    assert found(MOVED, "there-guest-watched", {**heard.told(), "gap": 9.5}) == {"/boot"}
    assert "/boot" in found(MOVED, "there-guest-look", shown(SUMS, range(1, 21), life(log(1, 3, boot="0b5d77e2"))))
    assert "/boot" in found(f"{MOVED}-twenty", "hop-07-watched", {**heard.told(), "gap": 9.5})


def test_a_guest_that_fell_back_to_what_it_was_before_the_move() -> None:
    """It tells the same counts in another way."""
    heard = life(log(1, 20), log(1, 17) + log(18, 22, later="9"))
    assert found(MOVED, "there-guest-watched", {**heard.told(), "gap": 0.2}) == {"/repeated"}


def test_a_watch_that_measured_nothing() -> None:
    """A downtime that isn't told is a finding, and no evidence."""
    assert found(MOVED, "there-guest-watched", WELL.told()) == {"/gap"}


@pytest.mark.parametrize(("story", "name"), [(MOVED, "there"), ("compute/guest-volume-retype", "retyped")])
def test_a_block_of_data_that_is_lost(story: str, name: str) -> None:
    """A checksum of what is on a disk isn't the one of what was written there."""
    lost = {**SUMS, "vdb": "c" * 64}
    assert found(story, f"{name}-guest-look", shown(lost, range(1, 32), WELL)) == {"/read"}


def test_a_disk_that_was_emptied() -> None:
    """A guest that fills an empty disk anew says another checksum than before."""
    row = f"disk vda {'d' * 64} {'d' * 64}\ndisk vdb {SUMS['vdb']} {SUMS['vdb']}"
    heard = life(log(1, 5, boot="0b5d77e2"))
    seen = {**heard.told(), **disks(row, heard)}
    assert found("compute/guest-evacuate", "started-again", seen) == {"/said", "/read"}


def test_a_write_that_was_lost_while_the_guest_moved() -> None:
    """What it wrote last before it moved isn't on its disk."""
    seen = shown(SUMS, [*range(1, 28), *range(29, 32)], WELL)
    assert found(MOVED, "there-guest-look", seen) == {"/unwritten"}


def test_a_guest_that_was_not_started_again_where_it_should() -> None:
    """After an evacuation a boot that goes on means that its host never failed."""
    assert found("compute/guest-evacuate", "started-again", shown(SUMS, range(1, 32), WELL)) == {f"/boots/{BOOT}"}


def test_a_floating_ip_that_stays_with_the_old_host() -> None:
    """The MAC that answers is behind the cable of the host that the server left."""
    table = [{"mac": "fa:16:3e:00:00:01", "ifname": "external-11"}]
    seen = {**shown(SUMS, range(1, 32), WELL), "host": meter.behind(["fa:16:3e:00:00:01"], table)}
    assert found("compute/guest-floating-ip", "answered-there", seen) == {"/host"}
    assert not found("compute/guest-floating-ip", "answered-here", seen)


def test_a_security_group_that_holds_no_more() -> None:
    """A port that nobody lets anybody in by is open."""
    seen = {**shown(SUMS, range(1, 32), WELL), "ports": {"8080": "open"}}
    assert found("compute/guest-floating-ip", "answered-there", seen) == {"/ports/8080"}
