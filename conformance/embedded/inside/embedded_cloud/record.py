"""The boot record as the services' interpreter reads it, and the way it reports back."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any, TypedDict

EVENTS = os.dup(1)
"""Where events go: standard output as it was at the start. Afterwards that becomes a log."""


class Record(TypedDict):
    """The keys of ``boot.json`` that matter in here; the outer side writes it."""

    name: str
    folder: str
    services: list[str]
    ports: dict[str, int]
    sockets: dict[str, int]
    passwords: dict[str, str]
    control_secret: str
    etc: dict[str, str]
    database: str
    templates: dict[str, str]


def read(folder: Path, sockets: dict[str, int]) -> Record:
    """The record of the cloud in ``folder``, with the bound sockets that this process inherited."""
    record: Record = json.loads((folder / "boot.json").read_text()) | {"sockets": sockets}
    return record


def config_file(record: Record, service: str) -> str:
    """The one configuration file of a service."""
    name = "glance-api" if service == "glance" else service
    return str(Path(record["folder"], "config", f"{name}.conf"))


def database(record: Record, name: str) -> Path:
    """The file of a database, e.g. ``nova_cell1``."""
    return Path(record["folder"], "db", f"{name}.sqlite")


def database_url(record: Record, name: str) -> str:
    """The URL of a database, with time for writers to queue."""
    return f"sqlite:///{database(record, name)}?timeout=60"


def tell(event: str, **facts: Any) -> None:
    """Write one line for whoever boots the cloud; afterwards nobody listens, which is no error."""
    with contextlib.suppress(OSError):
        os.write(EVENTS, json.dumps({"event": event, **facts}).encode() + b"\n")
