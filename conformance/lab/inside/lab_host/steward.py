"""Starts what runs on a host, each task when those are ready that it comes after, and says how they are.

A *job* is ready when its commands have ended well; a *service* when its last command runs and its probe finds it.
``/lab/state.json`` always has the state of each: waiting, starting, ready, failed, blocked (by a failure) or ended.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from .probes import found

LAB = Path("/lab")
NOTHING_LEFT = 3600


class Steward:
    """The tasks of one host, each in a thread of its own."""

    def __init__(self, tasks: list[dict[str, Any]]) -> None:
        self._tasks = {task["name"]: task for task in tasks}
        self._states: dict[str, dict[str, Any]] = {name: {"state": "waiting"} for name in self._tasks}
        self._settled = {name: threading.Event() for name in self._tasks}
        self._lock = threading.Lock()
        self._began = time.monotonic()

    @classmethod
    def read(cls) -> Steward:
        """From the plan that the host was given."""
        return cls(json.loads((LAB / "plan.json").read_text()))

    def run(self) -> None:
        """Start everything, and never end."""
        self._keep()
        for task in self._tasks.values():
            threading.Thread(target=self._perform, args=(task,), daemon=True).start()
        while True:
            time.sleep(NOTHING_LEFT)

    def _say(self, task: dict[str, Any], state: str, **facts: Any) -> None:
        """Keep a task's state, all of it or nothing, where the launcher reads it."""
        with self._lock:
            seconds = round(time.monotonic() - self._began, 2)
            self._states[task["name"]] = {"state": state, "seconds": seconds, "pid": None, **facts}
            self._keep()
        if state in ("ready", "failed", "blocked"):
            self._settled[task["name"]].set()

    def _keep(self) -> None:
        draft = LAB / "state.json.new"
        draft.write_text(json.dumps(self._states))
        draft.rename(LAB / "state.json")

    def _perform(self, task: dict[str, Any]) -> None:
        for earlier in task["after"]:
            self._settled[earlier].wait()
            if self._states[earlier]["state"] in ("failed", "blocked"):
                self._say(task, "blocked", words=f"after {earlier}")
                return
        try:
            self._jobs(task) if task["kind"] == "job" else self._serve(task)
        except (OSError, subprocess.SubprocessError, TimeoutError) as error:
            self._say(task, "failed", words=str(error)[:400])

    def _jobs(self, task: dict[str, Any]) -> None:
        self._say(task, "starting")
        deadline = time.monotonic() + task["within"]
        for command in task["commands"]:
            self._run(task, command, deadline)
        self._await(task, deadline, None)
        self._say(task, "ready")

    def _serve(self, task: dict[str, Any]) -> None:
        """Run a service, and once more for as often as it may end."""
        *before, command = task["commands"]
        for left in range(task["restarts"], -1, -1):
            self._say(task, "starting")
            deadline = time.monotonic() + task["within"]
            for one in before:
                self._run(task, one, deadline)
            process = self._start(task, command)
            self._await(task, deadline, process)
            if process.poll() is None:
                self._say(task, "ready", pid=process.pid)
            status = process.wait()
            self._say(
                task, "ended" if self._settled[task["name"]].is_set() or left else "failed", words=f"status {status}"
            )

    def _run(self, task: dict[str, Any], command: list[str], deadline: float) -> None:
        process = self._start(task, command)
        try:
            status = process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        if status:
            raise subprocess.CalledProcessError(status, command[0])

    def _start(self, task: dict[str, Any], command: list[str]) -> subprocess.Popen[bytes]:
        with (LAB / "log" / f"{task['name']}.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - the plan's own command
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **task["environment"]},
                cwd="/",  # Ceph looks for its classes from here on
                start_new_session=True,
            )

    def _await(self, task: dict[str, Any], deadline: float, process: subprocess.Popen[bytes] | None) -> None:
        """Until the probe finds what it looks for, or the service has ended."""
        while not found(task["probe"]):
            if process and process.poll() is not None:
                return
            if time.monotonic() > deadline:
                if process:
                    process.kill()
                raise TimeoutError(f"not there after {task['within']} s: {task['probe']}")
            time.sleep(0.1)
