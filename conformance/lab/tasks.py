"""What runs on a host, as data: jobs that end and services that stay, and what each comes after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

import attrs

from conformance.errors import DataError

NOTHING: Mapping[str, str] = MappingProxyType({})
THREADS: Mapping[str, str] = {
    "OS_NOVA_DISABLE_EVENTLET_PATCHING": "true",
    "OS_CINDER_DISABLE_EVENTLET_PATCHING": "true",
    "ASGI_WORKERS": "1",
    "OS_PLACEMENT_CONFIG_DIR": "/etc/placement",
}
"""The environment of services, which run on native threads."""
NEUTRON = "--config-file /etc/neutron/neutron.conf --config-file /etc/neutron/plugins/ml2/ml2_conf.ini"
"""What neutron's server is told, and whatever belongs to it."""


@attrs.frozen
class Task:
    """Commands, each a list of words; of a service the last one stays. ``within`` is in seconds."""

    name: str
    kind: Literal["job", "service"]
    commands: tuple[tuple[str, ...], ...]
    after: tuple[str, ...] = ()
    probe: Mapping[str, Any] | None = None
    within: float = 90
    restarts: int = 0
    environment: Mapping[str, str] = NOTHING

    def document(self) -> dict[str, Any]:
        """As the steward of a host reads it."""
        return {**attrs.asdict(self), "environment": dict(self.environment), "probe": self.probe and dict(self.probe)}


def job(name: str, *commands: str | Sequence[str], after: Sequence[str] = (), **others: Any) -> Task:
    """Commands that end; a text is one that has no blank in any word."""
    return Task(name, "job", tuple(map(_words, commands)), tuple(after), **others)


def service(name: str, *commands: str | Sequence[str], after: Sequence[str] = (), **others: Any) -> Task:
    """A command that stays, after those that prepare it."""
    return Task(name, "service", tuple(map(_words, commands)), tuple(after), **others)


def worker(name: str, command: str, *after: str, restarts: int = 0) -> Task:
    """A service of OpenStack's."""
    return service(name, command, after=after, environment=THREADS, restarts=restarts)


def unless(path: str, command: str) -> tuple[str, ...]:
    """A command that is left out where that file is there: a host that comes back has what it made before."""
    return ("sh", "-c", f"test -e {path} || {command}")


def _words(command: str | Sequence[str]) -> tuple[str, ...]:
    return tuple(command.split() if isinstance(command, str) else command)


def checked(tasks: Sequence[Task]) -> list[Task]:
    """The same tasks; DataError if one comes twice, or after one that is not before it in the list."""
    known: set[str] = set()
    for task in tasks:
        if task.name in known:
            raise DataError("stands twice in a plan", task.name)
        if missing := sorted(set(task.after) - known):
            raise DataError(f"comes after {', '.join(missing)}, which stands later or nowhere", task.name)
        known.add(task.name)
    return list(tasks)
