"""What a cloud can show of itself: its configuration, its logs, and the secrets that may stand in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs

from . import blueprint as blueprints


@attrs.frozen
class Papers:
    """The texts of the ``configuration`` and the files of the ``logs`` by their names; the logs outlive the cloud."""

    configuration: Mapping[str, str] = attrs.field(factory=dict)
    logs: Mapping[str, Path] = attrs.field(factory=dict)
    secrets: frozenset[str] = frozenset()


def papers(name: str) -> Papers:
    """Those of a cloud that was booted and not taken down; nothing of another."""
    blueprint = blueprints.read(name)
    if blueprint is None:
        return Papers()
    files = sorted((blueprint.folder / "config").glob("*.conf"))
    return Papers(
        {path.name: path.read_text(encoding="utf-8") for path in files},
        {path.name: path for path in map(blueprint.log, (*blueprint.settings.services, "launcher"))},
        frozenset({*blueprint.passwords.values(), blueprint.control_secret}),
    )
