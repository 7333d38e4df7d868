"""A developer's checkout in place of the released service.

The checkout goes first on the services' path, beside metadata made for it: version and entry points. Nothing is
built, and nothing is written into the checkout; an edit shows at the next boot.
"""

from __future__ import annotations

import configparser
import hashlib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .release import DISTRIBUTIONS, Release

SCHEMA_FOLDERS = {"db", "sql", "migrations", "migration"}


def etc(service: str, environment: Path, checkout: str | None) -> Path:
    """Where a service's shipped configuration is: paste files and the like."""
    if checkout is None:
        return environment / "etc" / service
    own = Path(checkout, "etc", service)
    return own if own.is_dir() else own.parent


def schema_digest(service: str, checkout: str) -> str:
    """Names what a checkout makes of its databases: edits elsewhere in it leave a template valid."""
    digest = hashlib.sha256()
    root = Path(checkout, service)
    for file in sorted(root.rglob("*.py")):
        parts = file.relative_to(root).parts
        if "tests" not in parts and (SCHEMA_FOLDERS.intersection(parts) or file.name == "models.py"):
            digest.update(str(file).encode() + file.read_bytes())
    return digest.hexdigest()


def fingerprint(service: str, checkout: str) -> str:
    """Tells whether a checkout is as it was: a cloud that runs has the code of the time when it was booted."""
    digest = hashlib.sha256()
    for file in sorted(Path(checkout, service).rglob("*.py")):
        facts = file.stat()
        digest.update(f"{file} {facts.st_mtime_ns} {facts.st_size}\n".encode())
    return digest.hexdigest()


def fingerprints(checkouts: Mapping[str, str]) -> dict[str, str]:
    """The fingerprint of each checkout by service."""
    return {service: fingerprint(service, checkout) for service, checkout in checkouts.items()}


def write_metadata(service: str, checkout: str, release: Release, folder: Path) -> None:
    """Make the metadata of a checkout in ``folder``, under the released version: a version needs git to be known."""
    name, version = DISTRIBUTIONS[service], release.version(service)
    metadata = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = []
    for group, entries in entry_points(Path(checkout)).items():
        lines += [f"[{group}]", *entries]
    (metadata / "entry_points.txt").write_text("\n".join(lines) + "\n")


def entry_points(checkout: Path) -> dict[str, list[str]]:
    """The entry points that a checkout declares, in ``setup.cfg`` or ``pyproject.toml``."""
    groups: dict[str, list[str]] = {}
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(checkout / "setup.cfg")
    if parser.has_section("entry_points"):
        groups |= {group: lines.split("\n") for group, lines in parser.items("entry_points")}
    for group, entries in _in_pyproject(checkout / "pyproject.toml").items():
        groups[group] = [f"{name} = {target}" for name, target in entries.items()]
    return groups


def _in_pyproject(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    project = tomllib.loads(file.read_text()).get("project", {})
    scripts = {"console_scripts": project["scripts"]} if "scripts" in project else {}
    return {**scripts, **project.get("entry-points", {})}
