"""What the caller asks of a cloud: name, services, sources, release, database."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import attrs

from conformance.errors import UsageError

from . import databases
from . import release as releases
from .release import SERVICES

NEEDS = {
    "placement": {"keystone"},
    "glance": {"keystone"},
    "neutron": {"keystone"},
    "cinder": {"keystone", "glance"},
    "nova": {"keystone", "placement", "glance", "neutron"},
}
"""Which services each can't work without."""


@attrs.frozen
class Settings:
    """Checked and complete; two clouds with equal settings are interchangeable."""

    name: str
    services: tuple[str, ...]
    sources: dict[str, str]
    release: str
    database: str = attrs.field(default="", repr=False)
    """Placement's own, as a URL with its password; empty for SQLite."""

    @classmethod
    def of(
        cls,
        name: str,
        services: Collection[str],
        sources: Mapping[str, Path],
        release: str | None,
        database: str = "",
    ) -> Settings:
        """From what the caller says: all services when it names none, and what those need."""
        _known(services, "service")
        found = checkouts(sources)
        wanted = _with_needs(services or SERVICES)
        ordered = tuple(service for service in SERVICES if service in wanted)
        if idle := sorted(set(found) - wanted):
            raise UsageError(f"a source for {', '.join(idle)}, which is not booted", remedy="Name it as a service too.")
        if database and "placement" not in wanted:
            raise UsageError("a database for placement, which is not booted", remedy="Name it as a service too.")
        return cls(name, ordered, found, releases.find(release).name, database and databases.check(database))

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Settings:
        """From what ``attrs.asdict`` made."""
        return cls(**{**document, "services": tuple(document["services"])})


def checkouts(sources: Mapping[str, Path]) -> dict[str, str]:
    """The folder of each checkout by service; UsageError for what is no service, or no checkout of it."""
    _known(sources, "source")
    return {service: _checkout(service, Path(path)) for service, path in sorted(sources.items())}


def _known(services: Collection[str], what: str) -> None:
    if unknown := sorted(set(services) - set(SERVICES)):
        raise UsageError(f"no {what} named {', '.join(unknown)}", remedy=f"Choose among {', '.join(SERVICES)}.")


def _with_needs(services: Collection[str]) -> set[str]:
    return set(services).union(*(NEEDS.get(service, set()) for service in services))


def _checkout(service: str, path: Path) -> str:
    """The checkout's folder, if it has the service's package."""
    folder = path.expanduser().resolve()
    if not (folder / service / "__init__.py").is_file():
        raise UsageError(f"no checkout of {service}: it has no package {service}/", str(folder))
    return str(folder)
