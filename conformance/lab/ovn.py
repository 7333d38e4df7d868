"""OVN over the switches of all hosts, as tasks: its databases, and what makes a host's switch a part of it."""

from __future__ import annotations

from .switch import PHYSICAL_NETWORK, QUIET, SOCKET, switch
from .tasks import NEUTRON, Task, job, service, unless, worker
from .topology import TUNNEL, Host, hosts

DATABASES = {"nb": 6641, "sb": 6642}
WORKER = worker("neutron-ovn", f"neutron-ovn-maintenance-worker {NEUTRON}", "adopt", "ovn-northd")
LOOKS = {
    "ovn-nb.txt": "ovn-nbctl show",
    "ovn-sb.txt": "ovn-sbctl show",
    "ovn-nb-history.txt": "ovsdb-tool -mm show-log /var/lib/ovn/ovnnb_db.db",
}
"""What is asked of OVN, by the file in which the answer is kept."""


def _database(name: str) -> Task:
    file, socket = f"/var/lib/ovn/ovn{name}_db.db", f"/run/ovn/ovn{name}_db.sock"
    remotes = f"--remote=punix:{socket} --remote=ptcp:{DATABASES[name]}:0.0.0.0"
    own = f"--unixctl=/run/ovn/ovn{name}_db.ctl --pidfile=/run/ovn/ovn{name}_db.pid"
    return service(
        f"ovn-{name}",
        "mkdir -p /run/ovn /var/lib/ovn",
        unless(file, f"ovsdb-tool create {file} /usr/share/ovn/ovn-{name}.ovsschema"),
        f"ovsdb-server {remotes} {own} {QUIET} {file}",
        probe={"path": socket},
    )


CENTRAL = [
    _database("nb"),
    _database("sb"),
    job("ovn-begin", "ovn-nbctl init", "ovn-sbctl init", after=["ovn-nb", "ovn-sb"]),
    service(
        "ovn-northd",
        f"ovn-northd --ovnnb-db=unix:/run/ovn/ovnnb_db.sock --ovnsb-db=unix:/run/ovn/ovnsb_db.sock --pidfile {QUIET}",
        after=["ovn-begin"],
    ),
]


def chassis(number: int, *, gateway: bool) -> list[Task]:
    """What makes a host's switch a part of the lab's; a gateway carries what has no floating IP."""
    central = hosts(0)[0].address
    own = {
        "system-id": f"host-{number}",
        "ovn-remote": f"tcp:{central}:{DATABASES['sb']}",
        "ovn-encap-type": "geneve",
        "ovn-encap-ip": TUNNEL.address(number),
        "ovn-bridge-datapath-type": "netdev",
        "ovn-bridge": "br-int",
        "ovn-bridge-mappings": f"{PHYSICAL_NETWORK}:br-ex",
        "ovn-monitor-all": "true",
        **({"ovn-cms-options": "enable-chassis-as-gw"} if gateway else {}),
    }
    facts = " ".join(f'external-ids:{key}="{value}"' for key, value in own.items())
    return [
        job(
            "ovn-settings",
            f"ovs-vsctl --timeout=30 set Open_vSwitch . {facts}",
            "mkdir -p /run/ovn",
            after=["ovs-bridges"],
        ),
        service("ovn-controller", f"ovn-controller --pidfile {SOCKET} {QUIET}", after=["ovn-settings"]),
    ]


def tasks(host: Host) -> list[Task]:
    """All of a host's; the controller has the databases, and is the gateway."""
    central = CENTRAL if host.is_controller else []
    return [*switch(host.number), *central, *chassis(host.number, gateway=host.is_controller)]
