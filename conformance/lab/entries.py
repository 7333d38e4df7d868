"""The lab's ``clouds.yaml``: an entry for each persona, and the hands on its hosts and guests."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

from conformance.embedded.render import people

from .blueprint import Blueprint
from .switch import PHYSICAL_NETWORK
from .topology import BOOTS, urls

KNOWN = Path(__file__).with_name("known.yaml")
"""How released services depart from what we know of them where guests are real."""

GUEST = "guest"
"""The image that the cloud of a lab has."""


def clouds(blueprint: Blueprint) -> dict[str, Any]:
    """The entries; all else is found through keystone's catalogue."""
    name = blueprint.settings.name
    found = people(name, urls()["keystone"], blueprint.passwords)
    hands = {"hosts": hosts_command(name), "guests": guests(name)}
    told = {**hands, "disks": "local", "image": dict(BOOTS), "known": [str(KNOWN)]}
    found[name]["conformance"] = told
    return found


def hosts_command(name: str) -> str:
    """How the compute hosts are stopped and started."""
    return f"{shlex.quote(sys.executable)} -m conformance lab {{action}} --name {shlex.quote(name)} {{host}}"


def guests(name: str) -> dict[str, Any]:
    """How guests are looked at, which image they are of, and the network on which they answer."""
    command = (
        f"{shlex.quote(sys.executable)} -m conformance lab guest {{action}} --name {shlex.quote(name)} {{address}}"
    )
    return {"command": command, "image": GUEST, "network": PHYSICAL_NETWORK, "wire": True}
