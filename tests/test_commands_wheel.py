"""An installed wheel carries its data along and works from an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.runs import leave

REPOSITORY = Path(__file__).parents[1]

pytestmark = pytest.mark.skipif(find_spec("hatchling") is None, reason="building a wheel here takes hatchling")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this checkout, unpacked as an installation would be."""
    folder = tmp_path_factory.mktemp("wheel")
    line = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(line, cwd=REPOSITORY, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command of the installation, from an empty folder."""
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    line = [sys.executable, "-m", "conformance", *arguments]
    return subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_it_has_its_data(installed: Path) -> None:
    """The wheel has every delta and every story of the checkout, and no test."""
    for name in ("schemas", "scenarios"):
        ours = {path.relative_to(REPOSITORY) for path in (REPOSITORY / name).rglob("*.yaml")}
        theirs = {path.relative_to(installed / "conformance" / "data") for path in installed.rglob(f"{name}/**/*.yaml")}
        assert ours == theirs
    assert not (installed / "tests").exists()


def test_it_plans_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    """It plans with its own data wherever it is called."""
    ended = run(installed, tmp_path, "plan", "--span", "compute=2.26")

    assert (ended.returncode, ended.stderr.splitlines()[1:]) == (0, [])
    assert "@2.26  " in ended.stdout
    assert not list(tmp_path.iterdir())


def test_its_data_makes_sense(installed: Path, tmp_path: Path) -> None:
    """The data that it carries is the data that was checked."""
    ended = run(installed, tmp_path, "schema", "lint")

    assert ended.returncode == 0
    assert "compute: 2.1.." in ended.stdout


def test_its_command(installed: Path) -> None:
    """The wheel installs the command ``conformance``."""
    (entries,) = installed.glob("*.dist-info/entry_points.txt")

    assert "conformance = conformance.__main__:main" in entries.read_text(encoding="utf-8")


def test_its_page(installed: Path, tmp_path: Path) -> None:
    """It writes the page of a run with its own template, style and scripts."""
    folder = leave(tmp_path / "run", data=REPOSITORY, wanted=["placement/traits::create@1.39"])

    ended = run(installed, tmp_path, "report", str(folder))

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "<title>1 case as promised" in (folder / "report.html").read_text(encoding="utf-8")
