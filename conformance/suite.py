"""All data together: histories and stories, loaded once. Layer 2."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import attrs

from conformance.document import Documents
from conformance.errors import DataError
from conformance.gate import Gate
from conformance.gate import load as load_gates
from conformance.history import load as load_history
from conformance.library import Library
from conformance.library import load as load_stories
from conformance.microversion import SERVICES
from conformance.unreachable import Unreachable
from conformance.unreachable import load as load_unreachable


@attrs.frozen
class Suite:
    """The histories by service, the stories, what is known to be out of their reach, and the gates."""

    services: Mapping[str, Documents]
    library: Library
    unreachable: Mapping[str, tuple[Unreachable, ...]]
    gates: Mapping[str, Gate]


@cache
def load(data: Path) -> Suite:
    """Everything below ``data`` (schemas/, scenarios/, gates/); DataError for anything that makes no sense."""
    services = histories(data)
    unreachable = {name: load_unreachable(documents, data / "schemas") for name, documents in services.items()}
    library = load_stories(data / "scenarios", services)
    return Suite(services, library, unreachable, load_gates(data / "gates", library))


def histories(data: Path) -> dict[str, Documents]:
    """The histories alone; a service without a folder has none."""
    folder = data / "schemas"
    found = {name: Documents(load_history(name, folder)) for name in SERVICES if (folder / name).is_dir()}
    if not found:
        remedy = "Name with --data a folder that has schemas/ and scenarios/, or leave it out for our own."
        raise DataError("no schemas here", str(folder), remedy)
    return found
