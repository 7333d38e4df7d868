"""An ML2 mechanism driver that binds every port on every host that its network reaches, straight to ACTIVE."""

from __future__ import annotations

from typing import Any

from neutron_lib import constants
from neutron_lib.api.definitions import portbindings
from neutron_lib.plugins.ml2 import api

DETAILS = {
    portbindings.CAP_PORT_FILTER: True,
    portbindings.OVS_HYBRID_PLUG: False,
    portbindings.VIF_DETAILS_CONNECTIVITY: portbindings.CONNECTIVITY_L2,
}


class EveryHostMechanismDriver(api.MechanismDriver):
    """Binds as Open vSwitch would; a host named ``fail-...`` is left unbound, as one without a network would be."""

    def initialize(self) -> None:
        """Need nothing."""

    @property
    def connectivity(self) -> str:
        """The kind of network that ports get."""
        return str(portbindings.CONNECTIVITY_L2)

    def bind_port(self, context: Any) -> None:
        """Take the first segment that reaches the host."""
        offered = () if context.host.startswith("fail-") else context.segments_to_bind
        if segment := next((segment for segment in offered if _reaches(segment, context)), None):
            status = constants.PORT_STATUS_ACTIVE
            context.set_binding(segment[api.ID], portbindings.VIF_TYPE_OVS, DETAILS, status=status)


def _reaches(segment: Any, context: Any) -> bool:
    """A physical network reaches the hosts whose agent says so, and those that have no agent."""
    physical = segment[api.PHYSICAL_NETWORK]
    agents = context.host_agents(constants.AGENT_TYPE_OVS) if physical else []
    return not agents or any(physical in agent["configurations"]["bridge_mappings"] for agent in agents)
