"""The launcher killed with -9 at random moments: taken down afterwards, a lab leaves the machine as it was."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import lab
from conformance.lab.places import lab_folder
from tests.helpers import REPOSITORY
from tests.lab.conftest import traces

NAME = "broken"
SEED = int(os.environ.get("SEED", "0")) or random.randrange(1, 10**6)
MOMENTS = random.Random(SEED)
WORDS = {
    "up": ["lab", "up", "--name", NAME],
    "gate": ["gate", "run", "live-migration", "--lab", "--name", NAME],
    "down": ["lab", "down", "--name", NAME],
}
LATEST = {"up": 40.0, "gate": 60.0, "down": 1.5}
"""By what is interrupted: the latest moment, in seconds."""
ROUNDS = [("up",), ("gate", "down"), ("up",), ("gate", "down"), ("up",), ("gate", "down"), ("up",)]
"""Ten kills; a gate begins on a lab that is up, and what its end leaves is taken down, which is interrupted too."""


def strangers(mark: str) -> list[int]:
    """The processes that have a mark in their environment: all that a launcher started, and what that started."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            marked = mark.encode() in (entry / "environ").read_bytes()
        except OSError:
            continue
        if marked:
            found.append(int(entry.name))
    return found


def machine(home: Path) -> list[str]:
    """What a machine has besides processes: mounts, interfaces, names of networks, loop devices, files of labs."""
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    loops = [file.read_text() for file in Path("/sys/block").glob("loop*/loop/backing_file")]
    names = [str(path) for path in Path("/run/netns").glob("*")]
    kept = [str(path) for path in (home / "lab-trees").glob("*") if path.suffix not in (".lock", ".log")]
    ours = [line for line in (*mounts, *loops) if str(home) in line]
    return [*ours, *sorted(names), *sorted(kept), *map(str, (home / "labs").glob(NAME))]


def kill(what: str, mark: str, results: Path) -> float:
    """Begin something and kill it at a random moment; when that was."""
    moment = MOMENTS.uniform(0.05, LATEST[what])
    words = [*WORDS[what], *(["--results", str(results)] if what == "gate" else [])]
    launcher = subprocess.Popen(
        [sys.executable, "-m", "conformance", *words],
        cwd=REPOSITORY,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={key: value for key, value in os.environ.items() if key != "OS_CLOUD"} | {"MARK": mark},
    )
    try:
        launcher.wait(moment)
    except subprocess.TimeoutExpired:
        launcher.send_signal(signal.SIGKILL)
        launcher.wait(10)
    return moment


@pytest.fixture(scope="module")
def before(home: Path) -> Iterator[list[str]]:
    """The machine with a tree and a template, before anything is killed."""
    lab.up(NAME)
    lab.down(NAME)
    yield machine(home)
    lab.down(NAME)


@pytest.mark.parametrize("kills", ROUNDS, ids="-".join)
def test_nothing_is_left(kills: tuple[str, ...], before: list[str], home: Path, tmp_path: Path) -> None:
    """No process, mount, interface, loop device or file is left once the lab was taken down."""
    mark = uuid.uuid4().hex
    if kills != ("up",):
        lab.up(NAME)
    moments = [f"{what} after {kill(what, mark, tmp_path):.2f} s" for what in kills]
    lab.down(NAME)
    deadline = time.monotonic() + 20  # workers of a gate see that they are alone, and end
    while strangers(mark) and time.monotonic() < deadline:
        time.sleep(0.2)
    left = [strangers(mark), traces(lab_folder(NAME)), machine(home)]
    assert left == [[], [], before], f"seed {SEED}: {', '.join(moments)}"


def test_a_gate_that_is_told_to_stop(home: Path, tmp_path: Path) -> None:
    """Told to stop in the middle, a gate keeps what the hosts have told so far, and leaves nothing else."""
    words = ["gate", "run", "live-migration", "--lab", "--name", "told", "--results", str(tmp_path)]
    launcher = subprocess.Popen([sys.executable, "-m", "conformance", *words], cwd=REPOSITORY)
    deadline = time.monotonic() + 240
    while not (tmp_path / "settings.json").exists() and time.monotonic() < deadline:
        time.sleep(0.5)
    launcher.terminate()
    assert launcher.wait(120) == 143
    assert (tmp_path / "logs/controller/nova-api.log").exists()
    assert traces(lab_folder("told")) == []
    assert not lab_folder("told").exists()
