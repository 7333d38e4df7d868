"""All that one boot of a cloud is made of, chosen before the first process starts and kept in ``boot.json``."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import socket
from pathlib import Path
from typing import Any

import attrs

from . import databases, sources
from . import release as releases
from .places import cloud_folder, home
from .release import SERVICES
from .settings import Settings

INSIDE = Path(__file__).with_name("inside")
PEOPLE = ("admin", "member", "reader", "manager", "service")
"""Users with an entry in ``clouds.yaml``; each service has one of its own besides."""


@attrs.frozen
class Blueprint:
    """The facts of a boot. Ports and passwords are new each time."""

    settings: Settings
    folder: Path
    environment: Path
    ports: dict[str, int]
    passwords: dict[str, str]
    control_secret: str
    etc: dict[str, str]
    templates: dict[str, str]
    fingerprints: dict[str, str]

    @property
    def urls(self) -> dict[str, str]:
        """Where each service answers."""
        return {service: f"http://127.0.0.1:{self.ports[service]}" for service in self.settings.services}

    @property
    def drivers(self) -> list[Path]:
        """What goes on the services' path for a database of placement's own."""
        url = self.settings.database
        return [databases.driver(self.environment, url)] if url else []

    @property
    def clouds_yaml(self) -> Path:
        """Credentials, as OpenStack clients read them."""
        return self.folder / "clouds.yaml"

    def log(self, service: str) -> Path:
        """All that a service prints and logs."""
        return self.folder / "log" / f"{service}.log"

    def write(self) -> None:
        """Keep it in ``boot.json``, for the services' interpreter and for later commands."""
        document = attrs.asdict(self, value_serializer=lambda *value: str(value[2]) if _is_path(value) else value[2])
        write_private(self.folder / "boot.json", json.dumps(document | document.pop("settings"), indent=2))


def _is_path(value: tuple[Any, ...]) -> bool:
    return isinstance(value[2], Path)


def read(name: str) -> Blueprint | None:
    """The blueprint of a cloud that was booted; None when there is none, or only half of one."""
    try:
        document = json.loads((cloud_folder(name) / "boot.json").read_text())
        own = document.keys() & attrs.fields_dict(Settings).keys()
        settings = Settings.from_json({name: document.pop(name) for name in own})
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    folder, environment = Path(document.pop("folder")), Path(document.pop("environment"))
    return Blueprint(settings, folder, environment, **document)


def draw(settings: Settings, environment: Path, ports: dict[str, int]) -> Blueprint:
    """A blueprint with passwords of its own."""
    users = [*PEOPLE, *(service for service in SERVICES if service != "keystone")]
    return Blueprint(
        settings=settings,
        folder=cloud_folder(settings.name),
        environment=environment,
        ports=ports,
        passwords={user: secrets.token_urlsafe(24) for user in users},
        control_secret=secrets.token_urlsafe(24),
        etc={name: str(sources.etc(name, environment, settings.sources.get(name))) for name in settings.services},
        templates={name: str(home() / "templates" / template_key(name, settings)) for name in _on_sqlite(settings)},
        fingerprints=sources.fingerprints(settings.sources),
    )


def _on_sqlite(settings: Settings) -> list[str]:
    return [name for name in settings.services if not (name == "placement" and settings.database)]


def template_key(service: str, settings: Settings) -> str:
    """Names a service's template after all that goes into it, so that a stale one is never found."""
    digest = hashlib.sha256(releases.find(settings.release).digest.encode())
    for module in ("schemas.py", "keystone_content.py"):
        digest.update((INSIDE / "embedded_cloud" / module).read_bytes())
    if checkout := settings.sources.get(service):
        digest.update(sources.schema_digest(service, checkout).encode())
    return f"{service}-{digest.hexdigest()[:16]}"


def reserve(names: list[str]) -> dict[str, socket.socket]:
    """A bound socket on a free port of loopback for each: the services inherit them, so nobody can take a port."""
    sockets = {name: socket.socket() for name in names}
    for reserved in sockets.values():
        reserved.bind(("127.0.0.1", 0))
    return sockets


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, all of it or nothing."""
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)
    draft.rename(file)
