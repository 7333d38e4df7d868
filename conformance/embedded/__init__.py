"""A real OpenStack in one command: keystone, placement, glance, neutron, cinder and nova, without root, on loopback.

A wing of its own: of the rest of the package it imports the errors only.
"""

from __future__ import annotations

from .cloud import Cloud, code, compute, down, names, up
from .papers import Papers, papers
from .release import SERVICES
from .release import names as releases
from .status import ServiceStatus, Status, status
from .testbed import metadata, testbed, tree

__all__ = [
    "SERVICES",
    "Cloud",
    "Papers",
    "ServiceStatus",
    "Status",
    "code",
    "compute",
    "down",
    "metadata",
    "names",
    "papers",
    "releases",
    "status",
    "testbed",
    "tree",
    "up",
]
