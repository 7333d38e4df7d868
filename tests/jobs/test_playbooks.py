"""The committed playbooks in Ansible's own checks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import REPOSITORY, put

PLAYBOOKS = sorted((REPOSITORY / "playbooks" / "gate").glob("*.yaml"))
BIN = Path(sys.executable).parent


def run(command: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """A command of this environment, ended."""
    environment = {"PATH": f"{BIN}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(Path.home())}
    words = [BIN / command, *arguments]
    return subprocess.run(words, env=environment, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.stem)
def test_syntax(playbook: Path) -> None:
    """ansible-playbook can read it."""
    done = run("ansible-playbook", "--syntax-check", "--inventory", "controller,compute1", playbook)
    assert done.returncode == 0, done.stderr


def test_lint() -> None:
    """ansible-lint has nothing against them, by its strictest profile."""
    done = run("ansible-lint", "--offline", "--strict", "--profile", "production", *PLAYBOOKS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(PLAYBOOKS)} files processed" in done.stderr


@pytest.mark.parametrize(
    ("command", "options"), [("ansible-playbook", ["--syntax-check"]), ("ansible-lint", ["--offline", "--strict"])]
)
def test_a_wrong_one_is_refused(tmp_path: Path, command: str, options: list[str]) -> None:
    """The checks are real: what Ansible doesn't know is told."""
    wrong = put(
        tmp_path / "playbooks/wrong.yaml", "- name: Wrong\n  hosts: all\n  tasks:\n    - name: No\n      moon: {}\n"
    )
    assert run(command, *options, wrong).returncode != 0
