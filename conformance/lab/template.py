"""The databases as a new lab has them, made once by the services' own migrations, and laid under every controller."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from conformance.embedded.blueprint import INSIDE as EMBEDDED
from conformance.embedded.environment import DONE
from conformance.embedded.places import locked
from conformance.embedded.sources import schema_digest

from . import blueprint as blueprints
from . import disks, plans
from .namespaces import INSIDE, kill_all, start_floor, start_host
from .places import trees
from .settings import Settings
from .watch import watch

MAKING_SECONDS = 400
MADE_BY = (INSIDE / "lab_host" / "schemas.py", EMBEDDED / "embedded_cloud" / "keystone_content.py")


def key(settings: Settings, tree: Path) -> str:
    """Names a template after all that goes into it."""
    digest = hashlib.sha256(str(tree).encode())
    for file in MADE_BY:
        digest.update(file.read_bytes())
    digest.update(repr(plans.template()).encode())
    for service, checkout in settings.sources.items():
        digest.update(schema_digest(service, checkout).encode())
    return digest.hexdigest()[:16]


def prepare(settings: Settings, tree: Path, say: Callable[[str], None]) -> Path:
    """The template for a tree, made unless it is there."""
    folder = trees() / f"databases-{key(settings, tree)}"
    with locked(folder.with_suffix(".lock"), MAKING_SECONDS, "making the databases of a lab"):
        if not (folder / DONE).exists():
            say("making the databases, once")
            shutil.rmtree(folder, ignore_errors=True)
            _make(settings, tree, folder, say)
            (folder / DONE).touch()
    return folder / "disk"


def _make(settings: Settings, tree: Path, folder: Path, say: Callable[[str], None]) -> None:
    """Boot a controller that has nothing but the database server, and keep what that leaves."""
    blueprint = blueprints.draw(settings, tree, folder)
    controller = settings.hosts[0]
    blueprint.folder.mkdir(parents=True, exist_ok=True)
    blueprint.folder.chmod(0o700)
    disks.write_floor(blueprint)
    disks.write_host(blueprint, controller, plans.template(), [tree])
    start_floor(blueprint.folder)
    start_host(blueprint.folder, controller.name)
    watch(blueprint.folder, [controller.name], MAKING_SECONDS, say, enough={"kept"})
    kill_all(blueprint.folder)
    kept = folder / "disk" / "var" / "lib"
    kept.mkdir(parents=True)
    (blueprint.host(controller.name) / "upper" / "var" / "lib" / "mysql").rename(kept / "mysql")
    shutil.rmtree(blueprint.folder)
