"""Watches hosts boot: reads what their stewards write, tells what is ready, and raises when something fails."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.embedded.launcher import last_words
from conformance.errors import CloudError

from .namespaces import inhabitants

States = Mapping[str, Mapping[str, Any]]


def states(folder: Path, host: str) -> States:
    """The state of each task of a host; none of one that is off, or has just been started."""
    try:
        found: States = json.loads((folder / "hosts" / host / "lab" / "state.json").read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return found


def watch(
    folder: Path,
    hosts: Sequence[str],
    seconds: float,
    say: Callable[[str], None],
    enough: Collection[str] = (),
) -> None:
    """Return when every task is ready, or those that are ``enough``; CloudError with a log's end if one fails."""
    deadline = time.monotonic() + seconds
    told: set[tuple[str, str]] = set()
    while True:
        now = {host: states(folder, host) for host in hosts}
        for host, tasks in now.items():
            _look(folder, host, tasks)
            for name, state in tasks.items():
                if state["state"] == "ready" and (host, name) not in told:
                    told.add((host, name))
                    say(f"{host}: {name} ready after {state['seconds']:.1f} s")
        if all(_ready(tasks, enough) for tasks in now.values()):
            return
        _patiently(folder, now, deadline, seconds)


def _ready(tasks: States, enough: Collection[str]) -> bool:
    return bool(tasks) and all(tasks[name]["state"] == "ready" for name in enough or tasks)


def _look(folder: Path, host: str, tasks: States) -> None:
    """CloudError if a task failed, or ended to stay so."""
    for name, state in tasks.items():
        if state["state"] == "failed":
            log = folder / "hosts" / host / "lab" / "log" / f"{name}.log"
            what = f"{name} failed on {host} ({state['words']}):\n{last_words(log)}"
            raise CloudError(what, str(log), "Read the log; the release or the machine may be at fault.")


def _patiently(folder: Path, now: Mapping[str, States], deadline: float, seconds: float) -> None:
    """Wait a little; CloudError after the deadline, or when a host went off."""
    if off := sorted(set(now) - inhabitants(folder).keys()):
        raise CloudError(f"{', '.join(off)} went off while booting", str(folder), "See boot.log in the host's folder.")
    if time.monotonic() > deadline:
        late = [
            f"{host}: {name}" for host, tasks in now.items() for name, one in tasks.items() if one["state"] != "ready"
        ]
        raise CloudError(f"not ready after {seconds:.0f} s: {', '.join(late)}", str(folder), "Read their logs there.")
    time.sleep(0.2)
