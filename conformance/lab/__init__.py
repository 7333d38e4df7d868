"""Several hosts on one machine: real hypervisors, networks and storage, each host in namespaces of its own.

A wing of its own: of the engine it imports the errors only, and of the embedded cloud what both clouds share.
"""

from __future__ import annotations

from .keepsakes import belongings, keep
from .lab import Lab, down, execute, kill, look_at, on_network, shell, start, up
from .machine import Fact, check
from .network import PROFILES, USUAL, Profile, fitting
from .status import HostStatus, Status, status

__all__ = [
    "PROFILES",
    "USUAL",
    "Fact",
    "HostStatus",
    "Lab",
    "Profile",
    "Status",
    "belongings",
    "check",
    "down",
    "execute",
    "fitting",
    "keep",
    "kill",
    "look_at",
    "on_network",
    "shell",
    "start",
    "status",
    "up",
]
