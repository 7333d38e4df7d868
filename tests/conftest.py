"""One wrong server for all tests of a worker, forgotten between them, and the command run against it."""

from __future__ import annotations

import io
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import attrs
import hypothesis
import pytest

from conformance.__main__ import main
from tests.helpers import put
from tests.wrong_server import TINY, WrongServer

pytest_plugins = ["pytester"]
# The same code is tested with the same values, and a slow machine finds no fault.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Whoever is started by nohup has it ignored, and would hand that on to those whom tests interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@attrs.frozen
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


def command(*arguments: object) -> Ended:
    """Run ``conformance`` within this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main([str(one) for one in arguments])
        except SystemExit as end:
            return Ended(int(end.code or 0), out.getvalue(), err.getvalue())
    return Ended(0, out.getvalue(), err.getvalue())


@attrs.frozen
class Cloud:
    """The wrong server as the entry ``tiny`` of clouds.yaml, and the commands that use it."""

    server: WrongServer
    folder: Path
    started: list[subprocess.Popen[str]] = attrs.field(factory=list)

    @property
    def results(self) -> Path:
        """Where runs put their results, if not told otherwise."""
        return self.folder / "results"

    def run(self, *arguments: object, workers: int = 1) -> Ended:
        """``conformance run`` over the tiny data, within this process."""
        return command(*self._line(*arguments, workers=workers))

    def start(self, *arguments: object, workers: int = 1, by: Path | None = None) -> subprocess.Popen[str]:
        """``conformance run`` in a process (and a group) of its own, perhaps ``by`` another program than its own."""
        program = [str(by)] if by else ["-m", "conformance"]
        line = [sys.executable, *program, *map(str, self._line(*arguments, workers=workers))]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        run = subprocess.Popen(line, env=environment, start_new_session=True, cwd=self.folder, **pipes)
        self.started.append(run)
        return run

    def end(self) -> None:
        """Kill what a test that failed has left running: it would ask the server of the next one."""
        for run in self.started:
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGKILL)
                run.communicate()

    def _line(self, *arguments: object, workers: int) -> tuple[object, ...]:
        usual = ("--cloud", "tiny", "--data", TINY, "--workers", workers, "--results", self.results)
        return ("run", *usual, *arguments)

    def configure(self, **more: Any) -> None:
        """Write clouds.yaml anew, with ``more`` in each entry."""
        (self.folder / "clouds.yaml").write_text(self.server.clouds(**more), encoding="utf-8")

    def showing(self, steps: str, **seen: Any) -> Path:
        """The tiny data with a story ``compute/looking`` of guests, who show what is ``seen``."""
        data = self.folder / "looking"
        shutil.copytree(TINY, data)
        put(data / "scenarios/compute/looking.yaml", f"summary: Guests are looked at.\nsteps: {steps}\n")
        self.configure(conformance={"guests": {"command": shlex.join(["echo", json.dumps(seen)])}})
        return data

    def records(self, folder: Path | None = None) -> dict[str, dict[str, Any]]:
        """results.jsonl by case."""
        lines = ((folder or self.results) / "results.jsonl").read_text(encoding="utf-8").splitlines()
        return {one["id"]: one for one in map(json.loads, lines)}

    def outcomes(self, *outcomes: str) -> set[str]:
        """The cases that ended in one of these ways."""
        return {name for name, one in self.records().items() if one["outcome"] in outcomes}

    def ledgers(self) -> list[Path]:
        """What ledgers there are."""
        return sorted((self.folder / "home").rglob("*.jsonl"))


@pytest.fixture(scope="session")
def wrong_server() -> Iterator[WrongServer]:
    """The server itself, with whatever the test before left in it."""
    server = WrongServer().start()
    yield server
    server.stop()


@pytest.fixture
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and no cloud, proxy or configuration of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("OS_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CONFORMANCE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cloud(wrong_server: WrongServer, surroundings: Path) -> Iterator[Cloud]:
    """An honest cloud with nothing in it."""
    wrong_server.reset()
    there = Cloud(wrong_server, surroundings)
    there.configure()
    yield there
    there.end()
