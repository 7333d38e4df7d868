"""The gate of distributed routers names what stays behind when a server moves, and needs distributed routers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.embedded.gates import GateCloud
from tests.faulty_proxy import Fault
from tests.wrong_server import Answer, Asked, put

pytestmark = pytest.mark.cloud

STORY = "compute/dvr-floating-ip"


def test_a_port_that_stays_bound_to_the_old_host(gate: GateCloud) -> None:
    """The port of a server that moved is on the host where the server is, or it is named with both."""
    ended = gate.perform(STORY, network=[Fault("GET", r"/ports/[^/?]+$", put("/port/binding:host_id", "host1"))])

    found = gate.findings()["port-moved"]
    assert (ended.code, found["pointer"], found["seen"]) == (1, "/port/binding:host_id", "host1")


def test_a_binding_that_is_left_behind(gate: GateCloud) -> None:
    """A second binding of the port, on the host that the server left, is found."""

    def kept(world: Any, asked: Asked, answer: Answer) -> Answer:
        answer.body["bindings"] *= 2
        return answer

    ended = gate.perform(STORY, network=[Fault("GET", r"/ports/[^/?]+/bindings$", kept)])

    found = gate.findings()["binding-moved"]
    assert (ended.code, found["pointer"]) == (1, "/bindings/1")


def test_a_floating_ip_that_stops_serving(gate: GateCloud) -> None:
    """A floating IP that goes to another address while the server moves is found."""
    other = put("/floatingip/fixed_ip_address", "192.0.2.254")
    ended = gate.perform(STORY, network=[Fault("GET", r"/floatingips/[^/?]+$", other)])

    found = gate.findings()["still-serving"]
    assert (ended.code, found["pointer"], found["seen"]) == (1, "/floatingip/fixed_ip_address", "192.0.2.254")


def test_a_router_that_is_central_after_all(gate: GateCloud) -> None:
    """A router that is shown as central though it was made distributed is found."""
    central = Fault("GET", r"/routers/[^/?]+$", put("/router/distributed", value=False))
    ended = gate.perform("compute/dvr-router", network=[central])

    found = gate.findings()
    assert (ended.code, found["show"]["pointer"]) == (1, "/router/distributed")


def legacy(world: Any, asked: Asked, answer: Answer) -> Answer:
    """Agents as they are where routers are central."""
    for agent in answer.body["agents"]:
        agent["configurations"].pop("agent_mode", None)
    return answer


def test_a_cloud_whose_routers_are_central(gate: GateCloud) -> None:
    """Without agents for distributed routers the gate ends with 3, and says what is missing and how to get it."""
    gate.refuses("dvr", "distributed-routers", "agent_mode = dvr", network=[Fault("GET", r"/agents", legacy)])


def test_a_cloud_with_one_host(gate: GateCloud) -> None:
    """Where a server can't move anywhere the gate ends with 3."""
    for host in ("host2", "host3"):
        gate.stop(host)

    gate.refuses("dvr", "two-computes", "Start nova-compute on a second host")
