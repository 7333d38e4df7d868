"""The gate of live migrations names what a move leaves behind, and isn't green on a cloud that can't move servers."""

from __future__ import annotations

from typing import Any

import pytest

from conformance import embedded
from tests.embedded.gates import GateCloud
from tests.faulty_proxy import Fault, in_turn, meanwhile
from tests.wrong_server import Answer, Asked

pytestmark = pytest.mark.cloud

STORY = "compute/live-migration-round-trip"


def test_without_a_fault_it_is_green(gate: GateCloud) -> None:
    """A server goes to another host and back with all that it has."""
    ended = gate.perform(STORY)

    assert ended.code == 0, ended.out


def test_an_allocation_that_is_left_behind(gate: GateCloud) -> None:
    """A server that still holds a place on the host that it left is found there from both sides."""
    leaked = Fault("GET", r"/allocations/", meanwhile(lambda: leak(gate.admin)))
    ended = gate.perform(STORY, placement=[leaked])

    left = gate.admin.placement.get("/resource_providers?name=host1").json()["resource_providers"][0]["uuid"]
    found = gate.findings()
    assert ended.code == 1
    assert found["after-allocations"]["pointer"] == f"/allocations/{left}"
    assert found["after-left-allocations"]["seen"] != "nothing there"
    assert f"/allocations/{left}" in ended.out


def leak(admin: Any) -> None:
    """Give the server that moved its place on the first host back, beside the one that it has on the second."""
    [server] = [one for one in admin.compute.servers() if one.metadata == {"kept": "yes"}]
    version = {"microversion": "1.28"}
    held = admin.placement.get(f"/allocations/{server.id}", **version).json()
    [place] = held["allocations"].values()
    left = admin.placement.get("/resource_providers?name=host1").json()["resource_providers"][0]["uuid"]
    held["allocations"][left] = place
    assert admin.placement.put(f"/allocations/{server.id}", json=held, **version).status_code == 204


def test_a_migration_that_goes_back_to_an_earlier_state(gate: GateCloud) -> None:
    """A record that is queued again after it ran is named with both states."""
    states = in_turn("/migrations/0/status", "running", "queued")
    ended = gate.perform(STORY, compute=[Fault("GET", r"/os-migrations\?.*limit=1", states)])

    found = gate.findings()["there-moved"]
    assert (ended.code, found["code"], found["pointer"]) == (1, "transition", "/migrations/0/status")
    assert (found["expected"].endswith("after running"), found["seen"]) == (True, "queued")


def test_a_port_that_stays_bound_to_the_old_host(gate: GateCloud) -> None:
    """The port that the network service shows on the host that the server left is named with both hosts."""
    ended = gate.perform(STORY, network=[Fault("GET", r"/ports/[^/?]+$", on_the_old_host)])

    found = gate.findings()["after-baggage-port"]
    assert (ended.code, found["pointer"]) == (1, "/port/binding:host_id")
    assert (found["expected"], found["seen"]) == ("host2", "host1")


def on_the_old_host(world: Any, asked: Asked, answer: Answer) -> Answer:
    """The port as if it were bound to the other host."""
    port = answer.body["port"]
    port["binding:host_id"] = {"host1": "host2", "host2": "host1"}[port["binding:host_id"]]
    return answer


def test_a_host_that_is_stopped_while_a_server_moves_to_it(gate: GateCloud) -> None:
    """The migration that can't end is named with what became of it; nothing that rests on it passes for done."""

    def cut_off(world: Any, asked: Asked, answer: Answer) -> Answer:
        if not gate.stopped and [one for one in answer.body["migrations"] if one["status"] == "running"]:
            gate.stopped.append("host2")
            embedded.compute(gate.cloud.name, "host2", "stop")
        return answer

    ended = gate.perform(STORY, compute=[Fault("GET", r"/servers/[^/]+/migrations$", cut_off)])

    found = gate.findings()
    assert (ended.code, list(found)) == (1, ["there-moved"])
    assert "/migrations/0/status" in found["there-moved"]["expected"] + found["there-moved"]["seen"]
    assert "not reached" in ended.out


def test_a_cloud_where_one_host_is_down(gate: GateCloud) -> None:
    """Where the host to move to is down the move is a finding; where only one is left the gate ends with 3."""
    gate.stop("host2")
    ended = gate.perform(STORY)
    assert (ended.code, list(gate.findings())) == (1, ["there-moving"])

    gate.stop("host3")
    gate.refuses("live-migration", "two-computes         host1", "Start nova-compute on a second host")
