"""Processes, locks, installations and the words of a boot that failed, all without a service."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

from conformance import embedded
from conformance.embedded import environment, launcher, render
from conformance.embedded import release as releases
from conformance.embedded.blueprint import Blueprint
from conformance.embedded.launcher import Launcher
from conformance.embedded.places import locked
from conformance.embedded.processes import Process
from conformance.errors import CloudError, UsageError


def fake_launcher(blueprint: Blueprint, script: str) -> Launcher:
    """The launcher of a cloud whose interpreter is a shell script."""
    render.write(blueprint)
    python = blueprint.environment / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    return Launcher(blueprint, {})


def heard_until_the_end(launched: Launcher) -> CloudError:
    """The error in which hearing ends."""
    try:
        while True:
            launched.hear(1)
    except CloudError as error:
        launched.process.wait()
        return error


def test_a_service_that_ends_is_named_with_its_last_words(blueprint: Blueprint) -> None:
    """The error has the service, how it ended, the last traceback and the log to read."""
    event = '{"event": "ended", "service": "nova", "status": 1}'
    log = blueprint.log("nova")
    words = "Traceback (most recent call last):\\nImportError: nothing"
    launched = fake_launcher(blueprint, f"printf 'old\\n{words}\\n' > {log}; echo '{event}'; sleep 1")
    error = heard_until_the_end(launched)
    expected = "nova ended with status 1 while the cloud booted:\n" + words.replace("\\n", "\n")
    assert (error.what, error.where) == (expected, str(log))


def test_a_launcher_that_ends_is_named_itself(blueprint: Blueprint) -> None:
    """What the launcher printed is in the error, as no service can be blamed."""
    error = heard_until_the_end(fake_launcher(blueprint, "echo no such module >&2; exit 7"))
    assert error.what == "launcher ended with status 7 while the cloud booted:\nno such module"


def test_events_come_whole(blueprint: Blueprint) -> None:
    """A line that arrives in two parts is one event."""
    script = """printf '{"event": "ser'; sleep 0.2; echo 'ving", "service": "nova"}'; sleep 60"""
    launched = fake_launcher(blueprint, script)
    assert launched.hear(10) == []
    assert launched.hear(10) == [{"event": "serving", "service": "nova"}]
    launcher.end(blueprint.folder)


def test_services_see_little_of_the_callers_environment(blueprint: Blueprint, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither credentials nor a proxy reach them."""
    monkeypatch.setenv("OS_PASSWORD", "secret")
    monkeypatch.setenv("http_proxy", "http://proxy.invalid")
    assert not {"OS_PASSWORD", "http_proxy"} & set(launcher.environment(blueprint))


def test_down_never_ends_a_stranger(blueprint: Blueprint) -> None:
    """A process that got the launcher's old id is left alone: it started at another time."""
    render.write(blueprint)
    stranger = subprocess.Popen(["sleep", "60"])
    (blueprint.folder / "launcher.json").write_text(f"[{stranger.pid}, 1]")
    embedded.down("blue")
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_down_ends_a_launcher_that_does_not_listen(blueprint: Blueprint) -> None:
    """Asked in vain, it is killed with its whole group."""
    deaf = "trap '' TERM; echo '{\"event\": \"deaf\"}'; while :; do sleep 0.1; done"
    launched = fake_launcher(blueprint, deaf)
    assert launched.hear(10) == [{"event": "deaf"}]
    launcher.end(blueprint.folder, patience=0.5)
    assert launched.process.wait(5) == -signal.SIGKILL


def test_down_twice_is_no_error(blueprint: Blueprint) -> None:
    """Down means down; only the logs stay."""
    render.write(blueprint)
    embedded.down("blue")
    embedded.down("blue")
    assert [entry.name for entry in blueprint.folder.iterdir()] == ["log"]
    assert embedded.names() == []


def test_a_cloud_that_is_down_has_a_status() -> None:
    """Asking is no error."""
    assert embedded.status("never") == embedded.Status("never", "down")


def test_a_compute_host_of_no_cloud_cannot_be_stopped() -> None:
    """The error says that there is no such cloud."""
    with pytest.raises(UsageError) as caught:
        embedded.compute("never", "host1", "stop")
    assert caught.value == UsageError("no cloud 'never' with compute hosts is up", remedy="Boot one.")


def test_a_process_is_more_than_its_id() -> None:
    """The same id with another start is another process."""
    process = Process.of(os.getpid())
    assert process is not None
    assert process.alive
    assert process.memory_mib > 0
    assert not attrs.evolve(process, started=process.started - 1).alive


def test_a_lock_has_a_deadline(tmp_path: Path) -> None:
    """Waiting for another process ends in an error that says what that is doing."""
    file = tmp_path / "lock"
    with locked(file, 0, "first"), pytest.raises(CloudError) as caught, locked(file, 0.3, "installing"):
        pass
    remedy = "Wait for it, or end it, and try again."
    assert caught.value == CloudError("another process is installing and did not finish", str(file), remedy)


def test_uv_installs_where_there_is_one() -> None:
    """Nothing is resolved: the lock is complete."""
    release = releases.find(None)
    make, install = environment.commands(release, Path("/v"), ["uv"])
    assert make[:2] == ["uv", "venv"]
    assert install[:3] == ["uv", "pip", "install"]
    assert "--no-deps" in install


def test_pip_installs_where_there_is_no_uv() -> None:
    """The standard library's venv and pip do it as well, if slower."""
    make, install = environment.commands(releases.find(None), Path("/v"), [])
    assert make == [sys.executable, "-m", "venv", "/v"]
    assert install[:4] == ["/v/bin/python", "-m", "pip", "install"]


def test_an_interrupted_installation_starts_afresh(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What half an installation left is removed, and the whole of one is kept."""
    release = releases.find(None)
    debris = home / "venvs" / release.digest / "debris"
    debris.parent.mkdir(parents=True)
    debris.touch()
    monkeypatch.setattr(environment, "commands", lambda *_: [["mkdir", str(debris.parent)]])
    said: list[str] = []
    environment.prepare(release, said.append)
    assert environment.prepare(release, said.append) == debris.parent
    assert (len(said), debris.exists()) == (1, False)


def test_an_installation_that_fails_shows_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error ends with what the installer said, and nothing counts as installed."""
    release = releases.find(None)
    monkeypatch.setattr(environment, "commands", lambda *_: [["sh", "-c", "echo no index; exit 1"]])
    for _ in range(2):
        with pytest.raises(CloudError) as caught:
            environment.prepare(release, lambda _: None)
        assert caught.value.what == "installing failed:\nno index"
