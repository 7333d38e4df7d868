"""The network's agents, as far as neutron sees them: they report, and ask for what they would plug, but plug nothing.

They live in neutron's process. What neutron tells an agent comes over its bus; what an agent would say over it, is said
to the very handlers that listen there.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import Any

import oslo_messaging
from neutron.api.rpc.handlers.l3_rpc import L3RpcCallback
from neutron.db.agents_db import AgentExtRpcCallback
from neutron_lib import constants, context, rpc
from neutron_lib.agent import topics
from neutron_lib.plugins import directory
from oslo_utils import timeutils

LOG = logging.getLogger(__name__)
MAPPINGS = {
    "network1": ("physnet1",),
    "network2": ("physnet1",),
    "host1": ("physnet1", "rack1"),
    "host2": ("physnet1", "rack1"),
    "host3": ("physnet1", "rack2"),
}
"""The hosts, and the physical networks that reach them. The first two route what isn't routed where servers are."""
CENTRAL = ("network1", "network2")
REPORT_SECONDS = 30


def start() -> None:
    """Report all agents once, and go on doing so; listen for what they are told."""
    _report(beginning=True)
    threading.Thread(target=_report_on, daemon=True).start()
    for host in MAPPINGS:
        _listen(topics.L3_AGENT, host, RouterAgent(host))
    _listen(topics.get_topic_name(topics.AGENT, topics.PORT_BINDING, topics.ACTIVATE), "every host", SwitchAgents())


def _listen(topic: str, host: str, agent: Any) -> None:
    rpc.get_server(oslo_messaging.Target(topic=topic, server=host), [agent]).start()


def _report_on() -> None:
    pause = threading.Event()
    while not pause.wait(REPORT_SECONDS):
        try:
            _report(beginning=False)
        except Exception:
            LOG.exception("the agents' report was lost")


def _report(*, beginning: bool) -> None:
    handler = AgentExtRpcCallback()
    for state in _states():
        if beginning:
            state["start_flag"] = True
        time = timeutils.utcnow().isoformat(timespec="microseconds")
        handler.report_state(context.get_admin_context(), agent_state={"agent_state": state}, time=time)


def _states() -> Iterator[dict[str, Any]]:
    for host, networks in MAPPINGS.items():
        mappings = {network: f"br-{network}" for network in networks}
        switch = {"bridge_mappings": mappings, "tunnel_types": ["vxlan"], "enable_distributed_routing": True}
        yield _state(host, constants.AGENT_TYPE_OVS, "neutron-openvswitch-agent", switch)
        mode = constants.L3_AGENT_MODE_DVR_SNAT if host in CENTRAL else constants.L3_AGENT_MODE_DVR
        router = {"agent_mode": mode, "handle_internal_only_routers": True}
        yield _state(host, constants.AGENT_TYPE_L3, "neutron-l3-agent", router)


def _state(host: str, kind: str, binary: str, configurations: dict[str, Any]) -> dict[str, Any]:
    topic = topics.L3_AGENT if kind == constants.AGENT_TYPE_L3 else constants.L2_AGENT_TOPIC
    return {
        "agent_type": kind,
        "availability_zone": "nova",
        "binary": binary,
        "configurations": configurations,
        "host": host,
        "topic": topic,
    }


class SwitchAgents:
    """What the L2 agents do when a port's binding to another host comes into force: say that the port is up there."""

    target = oslo_messaging.Target(version="1.5")

    def binding_activate(self, _context: Any, port_id: str, host: str) -> None:
        """Say so."""
        directory.get_plugin().update_port_status(
            context.get_admin_context(), port_id, constants.PORT_STATUS_ACTIVE, host
        )


class RouterAgent:
    """What a host's L3 agent does when it is told of routers, short of plugging them: ask for all it needs to do so.

    Asking is what makes neutron bind the routers' ports to the host.
    """

    target = oslo_messaging.Target(version="1.5")

    def __init__(self, host: str) -> None:
        self._host = host
        self._server = L3RpcCallback()

    def routers_updated(self, _context: Any, routers: list[str], **_: Any) -> None:
        """Ask for these routers, and for the gateway of the floating addresses that are here."""
        for router in self._server.sync_routers(context.get_admin_context(), router_ids=routers, host=self._host):
            here = [one["id"] for one in router.get(constants.FLOATINGIP_KEY, ()) if self._serves(router, one)]
            if here and router["distributed"]:
                network = router["external_gateway_info"]["network_id"]
                self._server.get_agent_gateway_port(context.get_admin_context(), network_id=network, host=self._host)
            states = dict.fromkeys(here, constants.FLOATINGIP_STATUS_ACTIVE)
            self._server.update_floatingip_statuses(context.get_admin_context(), router["id"], states)

    def _serves(self, router: dict[str, Any], address: dict[str, Any]) -> bool:
        """A floating address is where its server is; a central router's, where the router is."""
        return not router["distributed"] or self._host in (address.get("host"), address.get("dest_host"))

    def router_added_to_agent(self, _context: Any, payload: list[str]) -> None:
        """The same."""
        self.routers_updated(_context, payload)

    def _nothing(self, _context: Any, **_: Any) -> None:
        """Undo nothing, as nothing was done."""

    router_removed_from_agent = router_deleted = _nothing
    add_arp_entry = del_arp_entry = fipnamespace_delete_on_ext_net = agent_updated = network_update = _nothing
