"""Open vSwitch on every host, as tasks. Packets are switched in user space: no module is needed."""

from __future__ import annotations

from collections.abc import Sequence

from .tasks import Task, job, service
from .topology import EXTERNAL, RACK_CARD, TUNNEL

DATABASE = "/etc/openvswitch/conf.db"
SOCKET = "unix:/run/openvswitch/db.sock"
PHYSICAL_NETWORK = "public"
QUIET = "-vconsole:warn -vsyslog:off -vfile:off"
Bridge = tuple[str, str, str]
"""A name, the card that is on it, if one is, and what it does while nobody says what to do."""
BRIDGES: tuple[Bridge, ...] = (
    ("br-int", "", "secure"),
    ("br-phy", TUNNEL.card, "standalone"),
    ("br-ex", EXTERNAL.card, "standalone"),
)
RACK: Bridge = ("br-rack", RACK_CARD, "standalone")


def switch(number: int, bridges: Sequence[Bridge] = BRIDGES) -> list[Task]:
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
            _bridges(bridges),
            f"ip addr add {TUNNEL.address(number)}/24 dev br-phy",
            f"ip link set br-phy up mtu {TUNNEL.mtu}",
            *(f"ip link set {name} up" for name, _, _ in bridges if name != "br-phy"),
            after=["ovs-vswitchd"],
        ),
    ]


def _bridges(bridges: Sequence[Bridge]) -> str:
    """One command for all bridges; it ends when the switch has made them."""
    words = ["ovs-vsctl --timeout=30"]
    for bridge, card, mode in bridges:
        words.append(f"-- --may-exist add-br {bridge} -- set bridge {bridge} datapath_type=netdev fail_mode={mode}")
        if card:
            words.append(f"-- --may-exist add-port {bridge} {card}")
    return " ".join(words)
