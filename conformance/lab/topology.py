"""The hosts of a lab and the networks between them: who has which address."""

from __future__ import annotations

import attrs

CONTROLLER = "controller"
BACKENDS = ("backend-a", "backend-b")
"""Cinder's, each a pool of Ceph."""
IMAGES = {
    "guest-kernel": "60e57000-0000-4000-8000-000000000001",
    "guest-root": "60e57000-0000-4000-8000-000000000002",
    "guest": "60e57000-0000-4000-8000-000000000003",
}
"""The images that the cloud has from the first, by name."""
BOOTS = {
    "kernel_id": IMAGES["guest-kernel"],
    "ramdisk_id": IMAGES["guest-root"],
    "os_command_line": "console=ttyS0 quiet panic=-1",
}
"""What makes any image boot the lab's guest: nova starts this kernel whatever is on the disk."""


@attrs.frozen
class Network:
    """A network between all hosts; ``floor`` says whether what is beneath them, and with it the caller, is on it."""

    name: str
    prefix: str
    card: str
    mtu: int
    floor: bool

    def address(self, number: int) -> str:
        """The address of a host on it."""
        return f"{self.prefix}.{number}"


MANAGEMENT = Network("management", "10.77.0", "eth0", 1500, floor=True)
TUNNEL = Network("tunnel", "10.78.0", "eth1", 1600, floor=False)
EXTERNAL = Network("external", "172.24.4", "eth2", 1500, floor=True)
NETWORKS = (MANAGEMENT, TUNNEL, EXTERNAL)
RACK_CARD = "eth3"
RACKS = tuple(Network(f"rack{n}", f"10.79.{n}", RACK_CARD, 1500, floor=False) for n in (1, 2))
"""Physical networks that reach some of the computes only, each host one; nothing else is on them."""
FLOOR = 1
"""The number of the floor on the networks that it is on."""


@attrs.frozen
class Host:
    """A host; its number is the last part of its addresses."""

    name: str
    number: int

    @property
    def address(self) -> str:
        """Where the other hosts reach it."""
        return MANAGEMENT.address(self.number)

    @property
    def is_controller(self) -> bool:
        """Whether it has the databases and the APIs, and no guests."""
        return self.name == CONTROLLER

    @property
    def rack(self) -> Network | None:
        """The one of the racks' networks that reaches it: the computes take turns."""
        return None if self.is_controller else RACKS[(self.number + 1) % len(RACKS)]


def hosts(computes: int) -> list[Host]:
    """The controller and so many computes."""
    return [Host(CONTROLLER, 10), *(Host(f"compute{number}", 10 + number) for number in range(1, computes + 1))]


PORTS = {"keystone": 5000, "placement": 8778, "glance": 9292, "neutron": 9696, "cinder": 8776, "nova": 8774}


def urls() -> dict[str, str]:
    """Where each service answers, on the lab's own network."""
    address = hosts(0)[0].address
    return {service: f"http://{address}:{port}" for service, port in PORTS.items()}
