"""All that one boot of a lab is made of, chosen before its first process starts and kept in ``lab.json``."""

from __future__ import annotations

import base64
import json
import os
import secrets
import struct
import time
from pathlib import Path

import attrs

from conformance.embedded.blueprint import PEOPLE, write_private
from conformance.embedded.release import SERVICES
from conformance.embedded.sources import fingerprints

from .places import lab_folder
from .settings import Settings

OWN = ("database", "bus", "cookie")
"""Secrets besides passwords: the services' accounts at the database and the bus, and the bus's own."""
KEYS = ("mon.", "client.admin", "client.cinder", "mgr.x", "osd.0")
"""Who has a key of Ceph's."""


@attrs.frozen
class Blueprint:
    """The facts of a boot. Every secret is new each time."""

    settings: Settings
    folder: Path
    tree: Path
    template: Path
    passwords: dict[str, str]
    secrets: dict[str, str]
    keys: dict[str, str]
    fingerprints: dict[str, str]

    @property
    def clouds_yaml(self) -> Path:
        """Credentials, as OpenStack clients read them."""
        return self.folder / "clouds.yaml"

    def host(self, name: str) -> Path:
        """The folder of a host: its disk, and what it shares with us."""
        return self.folder / "hosts" / name

    def write(self) -> None:
        """Keep it for later commands."""
        document = attrs.asdict(self, value_serializer=lambda *value: str(value[2]) if _is_path(value[2]) else value[2])
        write_private(self.folder / "lab.json", json.dumps(document, indent=2))


def _is_path(value: object) -> bool:
    return isinstance(value, Path)


def read(name: str) -> Blueprint | None:
    """The blueprint of a lab that was booted; None when there is none, or only half of one."""
    try:
        document = json.loads((lab_folder(name) / "lab.json").read_text())
        settings = Settings.from_json(document.pop("settings"))
        folder, tree, template = (Path(document.pop(place)) for place in ("folder", "tree", "template"))
        return Blueprint(settings, folder, tree, template, **document)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def draw(settings: Settings, tree: Path, template: Path) -> Blueprint:
    """A blueprint with secrets of its own."""
    users = [*PEOPLE, *(service for service in SERVICES if service != "keystone")]
    return Blueprint(
        settings=settings,
        folder=lab_folder(settings.name),
        tree=tree,
        template=template,
        passwords={user: secrets.token_urlsafe(24) for user in users},
        secrets={name: secrets.token_hex(24) for name in OWN},
        keys={name: _ceph_key() for name in KEYS},
        fingerprints=fingerprints(settings.sources),
    )


def _ceph_key() -> str:
    """A key as Ceph makes them: its kind, its age, its length, itself."""
    key = os.urandom(16)
    return base64.b64encode(struct.pack("<HIIH", 1, int(time.time()), 0, len(key)) + key).decode()
