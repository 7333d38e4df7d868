"""Several hosts on one machine: real hypervisors, networks and storage, each host in namespaces of its own.

A wing of its own: of the engine it imports the errors only, and of the embedded cloud what both clouds share.
"""

from __future__ import annotations

from .keepsakes import keep, papers
from .lab import Lab, down, execute, kill, network, shell, start, up
from .machine import Fact, check
from .status import HostStatus, Status, status

__all__ = [
    "Fact",
    "HostStatus",
    "Lab",
    "Status",
    "check",
    "down",
    "execute",
    "keep",
    "kill",
    "network",
    "papers",
    "shell",
    "start",
    "status",
    "up",
]
