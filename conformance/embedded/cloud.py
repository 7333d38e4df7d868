"""The embedded cloud as its users see it: up, down, status, and a hand on its compute hosts."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import attrs
import httpx

from conformance.errors import CloudError, UsageError

from . import blueprint as blueprints
from . import environment, launcher, render
from . import release as releases
from . import sources as checkouts
from .blueprint import Blueprint
from .launcher import Launcher, failure, until
from .places import cloud_folder, home, locked
from .ready import Readiness
from .settings import Settings
from .status import status

BOOT_SECONDS = 600
NO_SOURCES: Mapping[str, Path] = MappingProxyType({})


@attrs.frozen
class Cloud:
    """A running cloud: ``entries`` are the names in its ``clouds.yaml``, the administrator's first."""

    name: str
    folder: Path
    clouds_yaml: Path
    entries: tuple[str, ...]
    urls: Mapping[str, str]


def up(
    name: str = "embedded",
    *,
    services: Collection[str] = (),
    sources: Mapping[str, Path] = NO_SOURCES,
    release: str | None = None,
    database: str = "",
    say: Callable[[str], None] = lambda _: None,
) -> Cloud:
    """Boot a cloud and return when it is ready; one that already runs with these settings is returned as it is.

    Without ``services`` all are booted, else those and what they need. ``sources`` puts checkouts in place of released
    services. Progress goes to ``say``, a line at a time. CloudError says which service failed, and why.

    ``database`` is the URL of one for placement in place of SQLite. It must be empty or placement's already, and keeps
    what the cloud leaves in it.
    """
    settings = Settings.of(name, services, sources, release, database)
    folder = cloud_folder(name)
    with locked(folder.with_suffix(".lock"), BOOT_SECONDS * 2, f"booting the cloud {name!r}"):
        if launcher.of(folder) and (running := blueprints.read(name)):
            return _same(running, settings)
        down(name)
        return _describe(_boot(settings, say))


def _same(running: Blueprint, settings: Settings) -> Cloud:
    remedy = f"Take it down first, or choose another name than {settings.name!r}."
    if running.settings != settings:
        raise UsageError("the cloud runs with other settings", str(running.folder), remedy)
    if running.fingerprints != checkouts.fingerprints(settings.sources):
        raise UsageError("the cloud runs, and its sources changed since it was booted", str(running.folder), remedy)
    if status(settings.name).state != "up":
        raise CloudError("the cloud runs, but not all of its services do", str(running.folder), "Take it down first.")
    return _describe(running)


def _describe(blueprint: Blueprint) -> Cloud:
    entries = tuple(render.clouds(blueprint))
    return Cloud(blueprint.settings.name, blueprint.folder, blueprint.clouds_yaml, entries, blueprint.urls)


def _boot(settings: Settings, say: Callable[[str], None]) -> Blueprint:
    installed = environment.prepare(releases.find(settings.release), say)
    if settings.database:
        environment.prepare_driver(installed, settings.database, say)
    sockets = blueprints.reserve([*settings.services, "control"])
    try:
        ports = {name: reserved.getsockname()[1] for name, reserved in sockets.items()}
        blueprint = blueprints.draw(settings, installed, ports)
        shutil.rmtree(blueprint.folder / "log", ignore_errors=True)
        render.write(blueprint)
        launched = Launcher(blueprint, sockets)
        _await_ready(blueprint, launched, say)
        launched.release()
    except BaseException:
        down(settings.name)
        raise
    finally:
        for reserved in sockets.values():
            reserved.close()
    return blueprint


def _await_ready(blueprint: Blueprint, launched: Launcher, say: Callable[[str], None]) -> None:
    deadline = time.monotonic() + BOOT_SECONDS
    _await_serving(blueprint, launched, deadline, say)
    readiness = Readiness(blueprint)
    for service in blueprint.settings.services:
        complaint = until(partial(readiness.check, service), deadline, launched)
        if complaint:
            raise failure(blueprint, service, f"{service} was not ready after {BOOT_SECONDS} s: {complaint}")
    say(f"ready: {', '.join(blueprint.settings.services)}")


def _await_serving(blueprint: Blueprint, launched: Launcher, deadline: float, say: Callable[[str], None]) -> None:
    missing = set(blueprint.settings.services)
    while missing:
        if time.monotonic() > deadline:
            service = next(service for service in blueprint.settings.services if service in missing)
            raise failure(blueprint, service, f"{service} did not serve within {BOOT_SECONDS} s")
        for event in launched.hear(0.5):
            say(SENTENCES[event["event"]].format(**event))
            if event["event"] == "serving":
                missing.discard(event["service"])


SENTENCES = {
    "schema": "{service}: making its databases (once per release and source)",
    "synchronising": "{service}: synchronising the schema of its database",
    "started": "{service}: {part} started",
    "serving": "{service}: serving",
}


def down(name: str = "embedded") -> None:
    """End a cloud and remove all of it but its logs; no error when it is down already."""
    folder = cloud_folder(name)
    launcher.end(folder)
    _clear(folder)


def _clear(folder: Path) -> None:
    """Remove everything in a cloud's folder but the logs, which tell why it failed."""
    for entry in folder.iterdir() if folder.is_dir() else ():
        if entry.is_dir() and entry.name != "log":
            shutil.rmtree(entry, ignore_errors=True)
        elif entry.is_file():
            entry.unlink(missing_ok=True)


def names() -> list[str]:
    """The clouds that were booted and not taken down."""
    return sorted(record.parent.name for record in (home() / "clouds").glob("*/boot.json"))


def code(name: str, project: str) -> Path | None:
    """Where the packages of a booted cloud's service lie: its checkout, or the released code; None without a cloud."""
    blueprint = blueprints.read(name)
    if blueprint is None:
        return None
    checkout = blueprint.settings.sources.get(project)
    return Path(checkout) if checkout else next(blueprint.environment.glob("lib/python3*/site-packages"), None)


def compute(name: str, host: str, action: Literal["stop", "start"]) -> None:
    """Stop a compute host, as a power cut would, or start it again with the guests that it had."""
    blueprint = blueprints.read(name)
    if blueprint is None or "nova" not in blueprint.settings.services:
        raise UsageError(f"no cloud {name!r} with compute hosts is up", remedy="Boot one.")
    url = f"http://127.0.0.1:{blueprint.ports['control']}/{host}/{action}"
    headers = {"Authorization": f"Bearer {blueprint.control_secret}"}
    try:
        response = httpx.post(url, headers=headers, timeout=60, trust_env=False)
    except httpx.TransportError as error:
        raise CloudError(f"nova's control port does not answer: {error}", url, "Is the cloud up?") from None
    if response.is_client_error:
        raise UsageError(response.text, f"{name}: {host} {action}", "Hosts are host1, host2 and host3.")
    if response.is_error:
        raise CloudError(response.text, f"{name}: {host} {action}", str(blueprint.log("nova")))
