"""Gives the cloud its way out: the network ``public``, on which servers answer by floating IPs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .ready import Readiness

NETWORK = {"name": "public", "provider:network_type": "flat", "provider:physical_network": "public"}
FREE = {"start": 100, "end": 249}
"""The last parts of the addresses that may be given away."""


def subnet(number: str, prefix: str, gateway: int) -> dict[str, Any]:
    """What the network's subnet is made of."""
    pool = {end: f"{prefix}.{last}" for end, last in FREE.items()}
    own = {"network_id": number, "ip_version": 4, "cidr": f"{prefix}.0/24", "gateway_ip": f"{prefix}.{gateway}"}
    return {**own, "name": "public", "enable_dhcp": False, "allocation_pools": [pool]}


def main() -> None:
    """Make what is missing."""
    facts = json.loads(Path("/lab/facts.json").read_text())
    readiness = Readiness(facts)
    readiness.keystone()
    there = readiness.get("neutron", "/v2.0/networks?name=public")["networks"]
    body = {"network": {**NETWORK, "router:external": True}}
    network = there[0] if there else _make(readiness, "networks", body)["network"]
    if not network["subnets"]:
        _make(readiness, "subnets", {"subnet": subnet(network["id"], *facts["outwards"])})


def _make(readiness: Readiness, what: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = readiness.http.post(readiness.url("neutron", f"/v2.0/{what}"), json=body, timeout=30)
    answer.raise_for_status()
    made: dict[str, Any] = answer.json()
    return made


if __name__ == "__main__":
    main()
