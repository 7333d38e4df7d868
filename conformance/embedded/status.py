"""How a cloud is: each of its services by state, process and memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal

import attrs

from . import blueprint as blueprints
from . import launcher
from .blueprint import Blueprint
from .processes import Process


@attrs.frozen
class ServiceStatus:
    """One service: ``up``, ``ended`` (it ran, and does no more) or ``down``."""

    name: str
    state: Literal["up", "ended", "down"]
    url: str = ""
    pid: int | None = None
    memory_mib: int = 0
    uptime_seconds: int = 0


@attrs.frozen
class Status:
    """A cloud: ``up`` when all its services are; what it was booted from."""

    name: str
    state: Literal["up", "degraded", "down"]
    services: tuple[ServiceStatus, ...] = ()
    release: str = ""
    sources: Mapping[str, str] = attrs.field(factory=dict)


def status(name: str = "embedded") -> Status:
    """How a cloud and each of its services are."""
    blueprint = blueprints.read(name)
    if blueprint is None:
        return Status(name, "down")
    alive = launcher.of(blueprint.folder) is not None
    services = tuple(_service(blueprint, service, alive) for service in blueprint.settings.services)
    state: Literal["up", "degraded"] = "up" if all(service.state == "up" for service in services) else "degraded"
    settings = blueprint.settings
    return Status(name, state if alive else "down", services, settings.release, settings.sources)


def _service(blueprint: Blueprint, service: str, alive: bool) -> ServiceStatus:
    url = blueprint.urls[service]
    if not alive:
        return ServiceStatus(service, "down", url)
    try:
        process = Process(*json.loads((blueprint.folder / "processes.json").read_text())[service])
    except FileNotFoundError:
        return ServiceStatus(service, "down", url)
    if not process.alive:
        return ServiceStatus(service, "ended", url)
    return ServiceStatus(service, "up", url, process.pid, process.memory_mib, process.uptime_seconds)
