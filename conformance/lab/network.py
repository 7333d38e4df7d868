"""Open vSwitch on every host and OVN over them, as tasks. Packets are switched in user space: no module is needed."""

from __future__ import annotations

from .tasks import Task, job, service, unless
from .topology import EXTERNAL, TUNNEL, hosts

DATABASE = "/etc/openvswitch/conf.db"
SOCKET = "unix:/run/openvswitch/db.sock"
PHYSICAL_NETWORK = "public"
DATABASES = {"nb": 6641, "sb": 6642}
QUIET = "-vconsole:warn -vsyslog:off -vfile:off"


def switch(number: int) -> list[Task]:
    """A switch with a bridge for the guests, one for tunnels, which has the host's address there, and one outwards."""
    create = f"ovsdb-tool create {DATABASE} /usr/share/openvswitch/vswitch.ovsschema"
    remotes = "--remote=punix:/run/openvswitch/db.sock --remote=ptcp:6640:127.0.0.1"
    server = f"ovsdb-server {remotes} {QUIET} --pidfile {DATABASE}"
    # Without segmentation offload in user space a guest's TCP hangs; it can only be set before the switch starts.
    settings = "ovs-vsctl --no-wait set Open_vSwitch . other_config:userspace-tso-enable=true"
    return [
        service(
            "ovsdb",
            f"rm -f {DATABASE}",
            "mkdir -p /run/openvswitch /etc/openvswitch",
            create,
            server,
            probe={"path": "/run/openvswitch/db.sock"},
        ),
        job("ovs-settings", "ovs-vsctl --no-wait init", settings, after=["ovsdb"]),
        service("ovs-vswitchd", f"ovs-vswitchd {QUIET} --pidfile {SOCKET}", after=["ovs-settings"]),
        job(
            "ovs-bridges",
            _bridges(),
            f"ip addr add {TUNNEL.address(number)}/24 dev br-phy",
            f"ip link set br-phy up mtu {TUNNEL.mtu}",
            "ip link set br-int up",
            "ip link set br-ex up",
            after=["ovs-vswitchd"],
        ),
    ]


def _bridges() -> str:
    """One command for all bridges; it ends when the switch has made them."""
    words = ["ovs-vsctl --timeout=30"]
    for bridge, card, mode in (
        ("br-int", "", "secure"),
        ("br-phy", TUNNEL.card, "standalone"),
        ("br-ex", EXTERNAL.card, "standalone"),
    ):
        words.append(f"-- --may-exist add-br {bridge} -- set bridge {bridge} datapath_type=netdev fail_mode={mode}")
        if card:
            words.append(f"-- --may-exist add-port {bridge} {card}")
    return " ".join(words)


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


OVN_CENTRAL = [
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
