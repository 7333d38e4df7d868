"""The lab as its users see it: up, down, and a hand on each of its hosts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType

import attrs
import yaml

from conformance.embedded import release as releases
from conformance.embedded.blueprint import write_private
from conformance.embedded.places import locked
from conformance.embedded.sources import fingerprints
from conformance.errors import CloudError, UsageError

from . import blueprint as blueprints
from . import disks, namespaces, plans, template, tree
from .blueprint import Blueprint
from .entries import clouds
from .machine import require, require_root
from .network import USUAL
from .places import lab_folder, trees
from .settings import Settings
from .status import status
from .topology import CONTROLLER
from .watch import watch

BOOT_SECONDS = 240
NO_SOURCES: Mapping[str, Path] = MappingProxyType({})
START_SECONDS = 90
RETURN_SECONDS = 200


@attrs.frozen
class Lab:
    """A running lab: ``entries`` are the names in its ``clouds.yaml``, the administrator's first."""

    name: str
    folder: Path
    clouds_yaml: Path
    entries: tuple[str, ...]


def up(
    name: str = "lab",
    *,
    computes: int = 2,
    release: str | None = None,
    sources: Mapping[str, Path] = NO_SOURCES,
    network: str = USUAL,
    say: Callable[[str], None] = lambda _: None,
) -> Lab:
    """Boot a lab and return when it is ready; one that already runs with these settings is returned as it is.

    ``sources`` puts checkouts in place of released services; ``network`` is the name of a profile.
    Progress goes to ``say``, a line at a time. CloudError says what failed, and why; the logs of what failed are kept
    until the lab is taken down or booted again.
    """
    settings = Settings.of(name, computes, release, sources, network)
    folder = lab_folder(name)
    require(folder)
    with locked(trees() / f"lab-{name}.lock", BOOT_SECONDS * 2, f"booting the lab {name!r}"):
        if (running := blueprints.read(name)) and namespaces.FLOOR in namespaces.inhabitants(folder):
            return _same(running, settings)
        _remove(folder)
        return _describe(_boot(settings, say))


def _same(running: Blueprint, settings: Settings) -> Lab:
    remedy = f"Take it down first, or choose another name than {settings.name!r}."
    if running.settings != settings:
        raise UsageError("the lab runs with other settings", str(running.folder), remedy)
    if running.fingerprints != fingerprints(settings.sources):
        raise UsageError("the lab runs, and its sources changed since it was booted", str(running.folder), remedy)
    if status(settings.name).state != "up":
        raise CloudError("the lab runs, but not all of it does", str(running.folder), "Take it down first.")
    return _describe(running)


def _describe(blueprint: Blueprint) -> Lab:
    return Lab(blueprint.settings.name, blueprint.folder, blueprint.clouds_yaml, tuple(clouds(blueprint)))


def _boot(settings: Settings, say: Callable[[str], None]) -> Blueprint:
    folder = lab_folder(settings.name)
    try:
        made = tree.prepare(releases.find(settings.release), say)
        blueprint = blueprints.draw(settings, made, template.prepare(settings, made, say))
        _write(blueprint)
        namespaces.start_floor(folder)
        for host in settings.hosts:
            namespaces.start_host(folder, host.name)
        watch(folder, [host.name for host in settings.hosts], BOOT_SECONDS, say)
    except CloudError:
        namespaces.kill_all(folder)
        raise
    except BaseException:
        _remove(folder)
        raise
    return blueprint


def _write(blueprint: Blueprint) -> None:
    """All files of a lab, in a folder that only root can enter."""
    blueprint.folder.mkdir(parents=True, exist_ok=True)
    blueprint.folder.chmod(0o700)
    blueprint.write()
    disks.write_floor(blueprint)
    disks.make_ssh_keys(blueprint)
    for host in blueprint.settings.hosts:
        disks.write_host(blueprint, host, plans.plan(host, blueprint.settings.network), disks.layers(blueprint, host))
    write_private(blueprint.clouds_yaml, yaml.safe_dump({"clouds": clouds(blueprint)}, sort_keys=False))


def down(name: str = "lab") -> None:
    """End a lab and remove all of it, and whatever was begun and not finished; no error when it is down already."""
    folder = lab_folder(name)
    require_root()
    _remove(folder)
    tree.remove_unfinished()


def _remove(folder: Path) -> None:
    namespaces.kill_all(folder)
    if folder.is_dir():
        shutil.rmtree(folder)
    with suppress(OSError):  # another lab is there
        folder.parent.rmdir()


def kill(name: str, host: str) -> None:
    """Switch a host off as a power cut would: all that runs on it is gone at once. No error when it is off."""
    blueprint = _running(name, host)
    if process := namespaces.inhabitants(blueprint.folder).get(host):
        namespaces.kill(process)


def start(name: str, host: str, say: Callable[[str], None] = lambda _: None) -> None:
    """Switch a host on again, with the disk that it had; return when all on it is ready. No error when it is on."""
    blueprint = _running(name, host)
    if host in namespaces.inhabitants(blueprint.folder):
        return
    since = time.time()
    namespaces.start_host(blueprint.folder, host)
    watch(blueprint.folder, [host], START_SECONDS, say)
    if host != CONTROLLER:
        _await_return(blueprint, host, since)


def _await_return(blueprint: Blueprint, host: str, since: float) -> None:
    """Until the cloud has heard of a host again; CloudError if it doesn't."""
    command = ["python", "-m", "lab_host.ready", host, str(since)]
    words = namespaces.command_in(blueprint.folder, CONTROLLER, command)
    done = subprocess.run(words, capture_output=True, text=True, timeout=RETURN_SECONDS, check=False)  # noqa: S603
    if done.returncode:
        log = blueprint.host(host) / "lab" / "log" / "nova-compute.log"
        raise CloudError(f"{host} is on, and the cloud doesn't see it: {done.stdout[-300:]}", str(log), "Read the log.")


@contextmanager
def on_network(name: str) -> Iterator[None]:
    """Within, this thread and all that it starts are on the lab's network."""
    floor = namespaces.inhabitants(_running(name, CONTROLLER).folder)[namespaces.FLOOR]
    with namespaces.joined(floor.pid):
        yield


def _running(name: str, host: str) -> Blueprint:
    """The blueprint of a lab that is up and has that host."""
    require_root()
    blueprint = blueprints.read(name)
    if blueprint is None or namespaces.FLOOR not in namespaces.inhabitants(blueprint.folder):
        raise UsageError(f"no lab {name!r} is up", remedy="Boot one with 'conformance lab up'.")
    names = [one.name for one in blueprint.settings.hosts]
    if host not in names:
        raise UsageError(f"the lab has no host {host!r}", str(blueprint.folder), f"It has {', '.join(names)}.")
    return blueprint


def shell(name: str, host: str, command: Sequence[str]) -> int:
    """Run a command on a host, a shell without one, with this terminal; what it ended with."""
    blueprint = _running(name, host)
    words = namespaces.command_in(blueprint.folder, host, command or ["bash", "-l"])
    return subprocess.run(words, check=False).returncode  # noqa: S603 - the user's own


def execute(name: str, command: Sequence[str]) -> int:
    """Run a command of this machine's on the lab's network, with its ``clouds.yaml``; what it ended with."""
    blueprint = _running(name, CONTROLLER)
    floor = namespaces.inhabitants(blueprint.folder)[namespaces.FLOOR]
    own = {"OS_CLIENT_CONFIG_FILE": str(blueprint.clouds_yaml), "OS_CLOUD": name}
    words = ["nsenter", f"--target={floor.pid}", "--net", "--", *command]
    return subprocess.run(words, env={**os.environ, **own}, check=False).returncode  # noqa: S603 - the user's own


def look_at(name: str, action: str, address: str) -> int:
    """Look at a guest once, or watch it until this process's input is closed, and print what was seen."""
    tree = str(_running(name, CONTROLLER).tree)
    return execute(name, [sys.executable, "-m", "conformance.lab.meter", action, address, tree])
