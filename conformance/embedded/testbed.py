"""A project's tests: the source distribution that has them, and an environment with all that they need."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from conformance.errors import UsageError

from . import environment
from . import release as releases
from .places import home, locked
from .release import DISTRIBUTIONS, SERVICES, Release
from .sources import write_metadata

REQUIREMENTS = "test-requirements.txt"


def tree(project: str, release: str | None, say: Callable[[str], None]) -> Path:
    """A project's source distribution of the version that a release has, unpacked; fetched unless it was before."""
    found = releases.find(release)
    name = DISTRIBUTIONS.get(project, project)
    version = found.pins().get(name)
    if version is None:
        remedy = "Name the project's tree with --tree."
        raise UsageError(f"the release {found.name} has no {project}", str(found.lock), remedy)
    folder = home() / "trees" / f"{name}-{version}"
    with locked(folder.with_name(f"{folder.name}.lock"), environment.INSTALL_SECONDS, f"fetching {name} {version}"):
        if not folder.exists():
            say(f"fetching the source of {name} {version} into {folder}")
            _fetch(name, version, folder)
    return folder


def _fetch(name: str, version: str, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent) as draft:
        command = [*_pip(), "download", "--quiet", "--no-deps", "--no-binary", name, "--dest", draft]
        environment.run([*command, f"{name}=={version}"], folder.with_name(f"{folder.name}.log"))
        [archive] = Path(draft).glob("*.tar.gz")
        with tarfile.open(archive) as packed:
            packed.extractall(Path(draft, "unpacked"), filter="data")
        [unpacked] = Path(draft, "unpacked").iterdir()
        unpacked.rename(folder)


def _pip() -> list[str]:
    """How to call pip, which alone can download: uv fetches it where it is there."""
    uv = environment.uv()
    if not uv:
        return [sys.executable, "-m", "pip"]
    return [*uv, "run", "--no-project", "--python", sys.executable, "--with", "pip", "python", "-m", "pip"]


def testbed(project: str, folder: Path, release: str | None, say: Callable[[str], None]) -> Path:
    """A Python with a release's packages and what the tests in a tree require, kept for each lock and requirements."""
    found = releases.find(release)
    requirements = folder / REQUIREMENTS
    if not requirements.is_file():
        raise UsageError(f"has no {REQUIREMENTS}", str(folder), f"Name the root of a tree of {project} with --tree.")
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    installed = home() / "venvs" / f"{found.digest}-tests-{digest}"
    with locked(installed.with_name(f"{installed.name}.lock"), environment.INSTALL_SECONDS, f"installing {project}"):
        if not (installed / environment.DONE).exists():
            say(f"installing what the tests of {project} require into {installed}")
            _install(found, requirements, installed)
    return installed / "bin" / "python"


def metadata(project: str, folder: Path, release: str | None, beside: Path) -> list[Path]:
    """What goes on the path for a tree: its entry points, made in ``beside`` for a project of ours, and itself."""
    if project not in SERVICES:
        return [folder]
    write_metadata(project, str(folder), releases.find(release), beside)
    return [beside, folder]


def _install(release: Release, requirements: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    log, python = folder.with_name(f"{folder.name}.log"), str(folder / "bin" / "python")
    log.unlink(missing_ok=True)
    uv = environment.uv()
    for command in environment.commands(release, folder, uv):
        environment.run(command, log)
    install = [*uv, "pip", "install", "--python", python] if uv else [python, "-m", "pip", "install"]
    environment.run([*install, "--quiet", "-c", str(release.lock), "-r", str(requirements)], log)
    (folder / environment.DONE).touch()
