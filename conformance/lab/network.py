"""What guests can be on: networks of several kinds, each said as data, and which of them a gate is run on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import attrs

from . import agents, ovn
from .machine import MEETS
from .tasks import Task
from .topology import NETWORKS, RACKS, Host, Network

Files = Callable[[Host], Mapping[str, str]]


@attrs.frozen
class Profile:
    """A kind of network. ``tasks`` make it on a host and ``workers`` are beside neutron's API on the controller.

    Neutron's API comes after ``serving`` and a host's nova-compute after ``hosting``. ``everywhere`` and ``central``
    are the binaries of the agents that neutron has of every host and of the controller. With ``foretold`` nova hears
    that a port is there before the guest that moves to it is.
    """

    name: str
    drivers: str
    plugins: str
    tenants: str
    tasks: Callable[[Host], list[Task]]
    workers: tuple[Task, ...]
    hosting: tuple[str, ...]
    everywhere: tuple[str, ...]
    looks: Files
    serving: tuple[str, ...] = ()
    central: tuple[str, ...] = ()
    papers: Files = lambda _: {}
    mappings: Callable[[Host], str] = lambda _: ""
    foretold: bool = True
    racks: tuple[Network, ...] = ()
    own: frozenset[str] = frozenset()

    @property
    def meets(self) -> frozenset[str]:
        """What a lab with it has, of all that gates need."""
        return MEETS | self.own

    def networks(self, host: Host | None = None) -> tuple[Network, ...]:
        """All networks between hosts, or those that a host has a card on."""
        return (*NETWORKS, *(rack for rack in self.racks if host is None or rack == host.rack))

    def agents(self, hosts: Sequence[str]) -> dict[str, list[str]]:
        """The hosts of each agent, of a lab with these hosts; the first one is the controller."""
        return {**{one: list(hosts) for one in self.everywhere}, **{one: list(hosts[:1]) for one in self.central}}


OVN = Profile(
    name="ovn",
    drivers="ovn",
    plugins="ovn-router,qos,trunk",
    tenants="geneve",
    tasks=ovn.tasks,
    workers=(ovn.WORKER,),
    serving=("ovn-northd",),
    hosting=("ovn-controller",),
    everywhere=("ovn-controller",),
    looks=lambda host: ovn.LOOKS if host.is_controller else {},
)
OVS = Profile(
    name="ovs",
    drivers="openvswitch,l2population",
    plugins="router,qos,trunk,segments",
    tenants="vxlan",
    tasks=agents.tasks,
    workers=(agents.WORKER,),
    hosting=("neutron-openvswitch-agent",),
    everywhere=tuple(agents.EVERYWHERE),
    central=tuple(agents.CENTRAL),
    looks=lambda _: agents.LOOKS,
    papers=agents.papers,
    mappings=agents.mappings,
    foretold=False,
    racks=RACKS,
    own=frozenset({"distributed-routers", "racks"}),
)
PROFILES = {one.name: one for one in (OVN, OVS)}
USUAL = OVN.name


def fitting(needs: Collection[str], wishes: Collection[str]) -> Profile:
    """The network for a gate: one that has all it needs, if one has, and then most of what it wishes."""
    return max(PROFILES.values(), key=lambda one: (one.meets >= set(needs), len(one.meets & set(wishes))))
