"""The gate of two volume backends names a volume that is where it shouldn't be, or that has lost something."""

from __future__ import annotations

from typing import Any

import pytest

from tests.embedded.gates import GateCloud
from tests.faulty_proxy import Fault
from tests.wrong_server import Answer, Asked

pytestmark = pytest.mark.cloud

RETYPED = "volume/backends-retype"
SWAPPED = "compute/volume-retype"
SHOWN = r"/volumes/[0-9a-f-]+$"


def elsewhere(world: Any, asked: Asked, answer: Answer) -> Answer:
    """The volume as if it were on the other backend, once it has moved."""
    volume = answer.body["volume"]
    if volume["migration_status"] == "success":
        place = volume["os-vol-host-attr:host"]
        there, other = ("backend-a", "backend-b") if "backend-a" in place else ("backend-b", "backend-a")
        volume["os-vol-host-attr:host"] = place.replace(there, other)
    return answer


def held_twice(world: Any, asked: Asked, answer: Answer) -> Answer:
    """The volume as if the attachment of before were there still, once it has moved."""
    volume = answer.body["volume"]
    if volume["migration_status"] == "success":
        volume["attachments"] *= 2
    return answer


@pytest.mark.parametrize(("story", "step"), [(RETYPED, "wait-moved"), (SWAPPED, "wait-retyped")])
def test_a_volume_that_is_left_on_the_wrong_backend(gate: GateCloud, story: str, step: str) -> None:
    """A volume with the new type that is where it was before is named with both places."""
    ended = gate.perform(story, volume=[Fault("GET", SHOWN, elsewhere)])

    found = gate.findings()[step]
    assert (ended.code, found["pointer"]) == (1, "/volume/os-vol-host-attr:host")
    assert found["expected"] != found["seen"]


def test_data_that_a_move_loses(gate: GateCloud) -> None:
    """A volume in which a byte is another one after it moved is found by its checksum."""

    def spoil(world: Any, asked: Asked, answer: Answer) -> Answer:
        if answer.body["volume"]["migration_status"] == "success":
            for path in gate.cloud.folder.glob("state/cinder/**/*volume*"):
                if path.is_file() and path.stat().st_size >= 1 << 30:
                    with path.open("r+b") as data:
                        data.seek(4096)
                        data.write(b"lost")
        return answer

    ended = gate.perform(RETYPED, volume=[Fault("GET", SHOWN, spoil)])

    found = gate.findings()
    assert (ended.code, list(found)) == (1, ["unchanged-sum"])
    assert found["unchanged-sum"]["pointer"] == "/os_hash_value"


def test_a_migration_that_goes_back_to_an_earlier_state(gate: GateCloud) -> None:
    """A volume that migrates again after it was done is named with both states."""
    states = ["completing", "starting"]

    def spoil(world: Any, asked: Asked, answer: Answer) -> Answer:
        volume = answer.body["volume"]
        if volume["migration_status"] == "success" and states:
            volume["migration_status"] = states.pop(0)
        return answer

    ended = gate.perform(RETYPED, volume=[Fault("GET", SHOWN, spoil)])

    found = gate.findings()["wait-moved"]
    assert (ended.code, found["code"], found["seen"]) == (1, "transition", "starting")


def test_an_attachment_that_is_left_behind(gate: GateCloud) -> None:
    """A volume that has two attachments after it was swapped is found."""
    ended = gate.perform(SWAPPED, volume=[Fault("GET", SHOWN, held_twice)])

    found = gate.findings()["wait-retyped"]
    assert (ended.code, found["pointer"]) == (1, "/volume/attachments/1")


def one_backend(world: Any, asked: Asked, answer: Answer) -> Answer:
    """The pools of a cloud whose second backend was taken away."""
    del answer.body["pools"][1:]
    return answer


def test_a_backend_that_is_taken_away(gate: GateCloud) -> None:
    """With one backend the gate ends with 3, and says which need is missing and how to meet it."""
    taken = [Fault("GET", r"/get_pools\?", one_backend)]
    gate.refuses("cinder-multibackend", "two-backends", "List two in enabled_backends", volume=taken)
