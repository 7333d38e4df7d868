"""Neutron's own agents over the switches of all hosts, as tasks: routers are distributed over them, by ML2/OVS."""

from __future__ import annotations

from .switch import BRIDGES, PHYSICAL_NETWORK, RACK, switch
from .tasks import NEUTRON, Task, job, worker
from .topology import Host

EVERYWHERE = {"neutron-openvswitch-agent": "openvswitch_agent.ini", "neutron-l3-agent": "l3_agent.ini"}
"""The agents of every host, each with the file of its own."""
CENTRAL = {"neutron-dhcp-agent": "dhcp_agent.ini"}
"""Those that the controller has besides."""
CONFIG = "/etc/neutron"
HEARD = "q-plugin q-l3-plugin q-reports-plugin"
"""What neutron's server listens to; an agent that calls before it does waits a minute for an answer."""
WORKER = worker("neutron-rpc", f"neutron-rpc-server {NEUTRON}", "adopt", "rabbitmq")
LOOKS = {
    "switch.txt": "ovs-vsctl show",
    "namespaces.txt": "ip -all netns exec ip -brief address",
    "flows-br-int.txt": "ovs-ofctl dump-flows br-int",
    "flows-br-tun.txt": "ovs-ofctl dump-flows br-tun",
}
"""What is asked of every host, by the file in which the answer is kept."""


def of(host: Host) -> dict[str, str]:
    """The agents of a host, each with the file of its own."""
    return EVERYWHERE | (CENTRAL if host.is_controller else {})


def papers(host: Host) -> dict[str, str]:
    """The templates of the agents' files, with their places on a host."""
    own = {f"{file}.j2": f"{CONFIG}/{file}" for file in of(host).values()}
    return {"neutron.conf.j2": f"{CONFIG}/neutron.conf", **own}


def mappings(host: Host) -> str:
    """Which physical networks a host is on, and by which bridges, as its agent is told."""
    racks = [f"{host.rack.name}:{RACK[0]}"] if host.rack else []
    return ",".join([f"{PHYSICAL_NETWORK}:br-ex", *racks])


def tasks(host: Host) -> list[Task]:
    """All of a host's: a switch, and the agents when somebody hears them."""
    files = f"--config-file {CONFIG}/neutron.conf --config-file {CONFIG}"
    bridges = [*BRIDGES, *([RACK] if host.rack else [])]
    return [
        *switch(host.number, bridges),
        job("neutron-hears", f"python -m lab_host.hearing {CONFIG}/neutron.conf {HEARD}", within=200),
        *(
            worker(name, f"{name} {files}/{file}", "ovs-bridges", "neutron-hears", restarts=1)
            for name, file in of(host).items()
        ),
    ]
