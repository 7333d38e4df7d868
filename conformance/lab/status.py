"""How a lab is: each of its hosts, what runs there, and the memory that it takes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import attrs

from conformance.embedded.processes import Process

from . import blueprint as blueprints
from .machine import require_root
from .namespaces import FLOOR, inhabitants
from .watch import states

State = Literal["up", "degraded", "down"]


@attrs.frozen
class HostStatus:
    """One host: ``up`` when every task of it is ready, ``degraded`` when one isn't; ``tasks`` has each one's state."""

    name: str
    state: State
    address: str
    pid: int | None = None
    memory_mib: int = 0
    tasks: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class Status:
    """A lab: ``up`` when all its hosts are."""

    name: str
    state: State
    hosts: tuple[HostStatus, ...] = ()
    release: str = ""

    @property
    def memory_mib(self) -> int:
        """What all hosts take."""
        return sum(host.memory_mib for host in self.hosts)


def status(name: str = "lab") -> Status:
    """How a lab and each of its hosts are."""
    require_root()
    blueprint = blueprints.read(name)
    if blueprint is None:
        return Status(name, "down")
    there = inhabitants(blueprint.folder)
    memory = memory_by_namespace() if there else {}
    found = []
    for host in blueprint.settings.hosts:
        process = there.get(host.name)
        tasks = states(blueprint.folder, host.name) if process else {}
        taken = memory.get(namespace(process.pid), 0) >> 10 if process else 0
        words = {one: str(state["state"]) for one, state in tasks.items()}
        pid = process.pid if process else None
        found.append(HostStatus(host.name, _state(process, words), host.address, pid, taken, words))
    whole: State = "up" if all(host.state == "up" for host in found) else "degraded"
    return Status(name, whole if FLOOR in there else "down", tuple(found), blueprint.settings.release)


def _state(process: Process | None, tasks: Mapping[str, str]) -> State:
    if process is None:
        return "down"
    return "up" if tasks and set(tasks.values()) == {"ready"} else "degraded"


def namespace(pid: int | str) -> str:
    """What a process's namespace of processes is called; empty when it is gone or not ours to see."""
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return ""


def memory_by_namespace() -> dict[str, int]:
    """The memory in KiB of all processes of each namespace; what several share is counted in parts."""
    found: dict[str, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (name := namespace(entry.name)) and name != namespace("self"):
            found[name] = found.get(name, 0) + _share(entry)
    return found


def _share(process: Path) -> int:
    try:
        lines = (process / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
