"""Releases of OpenStack: lock files that name every distribution the services need."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import attrs

from conformance.errors import UsageError

FOLDER = Path(__file__).with_name("releases")

SERVICES = ("keystone", "placement", "glance", "neutron", "cinder", "nova")
"""Every service of an embedded cloud, in the order in which they are of use to each other."""

DISTRIBUTIONS = {service: "openstack-placement" if service == "placement" else service for service in SERVICES}


@attrs.frozen
class Release:
    """A release by name and lock file."""

    name: str
    lock: Path

    @property
    def digest(self) -> str:
        """Names what the lock installs with this Python: another lock or Python, another digest."""
        python = f"{sys.implementation.name} {sys.version_info.major}.{sys.version_info.minor}"
        return hashlib.sha256(python.encode() + self.lock.read_bytes()).hexdigest()[:16]

    def version(self, service: str) -> str:
        """The locked version of a service."""
        return self.pins()[DISTRIBUTIONS[service]]

    def pins(self) -> dict[str, str]:
        """Every locked distribution and its version; some are for some Pythons only."""
        lines = (line.partition(";")[0].strip() for line in self.lock.read_text().splitlines())
        return dict(line.split("==") for line in lines)


def names() -> list[str]:
    """Releases that can be booted, oldest first."""
    return sorted(file.stem for file in FOLDER.glob("*.txt"))


def find(name: str | None) -> Release:
    """A release by name; the newest without one."""
    known = names()
    wanted = known[-1] if name is None else name
    if wanted not in known:
        raise UsageError(f"no release {wanted!r}", str(FOLDER), f"Choose one of {', '.join(known)}.")
    return Release(wanted, FOLDER / f"{wanted}.txt")
