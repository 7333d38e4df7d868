"""A checkout in place of a released service."""

from __future__ import annotations

from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from conformance.embedded import release as releases
from conformance.embedded import sources

PYPROJECT = """
[project.scripts]
nova-manage = "nova.cmd.manage:main"
[project.entry-points."nova.scheduler"]
filter = "nova.scheduler:Filter"
"""
SETUP_CFG = """
[entry_points]
console_scripts =
    nova-manage = nova.cmd.manage:main
nova.scheduler =
    filter = nova.scheduler:Filter
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with one module that defines a table, and one that does not."""
    for file in ("nova/__init__.py", "nova/db/models.py", "nova/api/servers.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("")
    return tmp_path


@pytest.mark.parametrize(("name", "text"), [("pyproject.toml", PYPROJECT), ("setup.cfg", SETUP_CFG)])
def test_entry_points_are_read_where_they_are(checkout: Path, tmp_path: Path, name: str, text: str) -> None:
    """Old checkouts declare entry points in setup.cfg, new ones in pyproject.toml; both come out the same."""
    (checkout / name).write_text(text)
    sources.write_metadata("nova", str(checkout), releases.find(None), tmp_path / "python")
    made = PathDistribution(next((tmp_path / "python").iterdir()))
    assert made.metadata["Name"] == "nova"
    assert {(entry.group, entry.name, entry.value) for entry in made.entry_points} == {
        ("console_scripts", "nova-manage", "nova.cmd.manage:main"),
        ("nova.scheduler", "filter", "nova.scheduler:Filter"),
    }


def test_an_edit_of_the_api_leaves_the_template_valid(checkout: Path) -> None:
    """Only what can change a database makes the next boot a cold one."""
    before = sources.schema_digest("nova", str(checkout))
    (checkout / "nova/api/servers.py").write_text("edited = True")
    assert sources.schema_digest("nova", str(checkout)) == before
    (checkout / "nova/db/models.py").write_text("edited = True")
    assert sources.schema_digest("nova", str(checkout)) != before


def test_any_edit_shows_in_the_fingerprint(checkout: Path) -> None:
    """A running cloud has the code of the time of its boot, and can tell that it is not today's."""
    before = sources.fingerprints({"nova": str(checkout)})
    (checkout / "nova/api/servers.py").write_text("edited = True")
    assert sources.fingerprints({"nova": str(checkout)}) != before


def test_shipped_configuration_comes_from_the_checkout(checkout: Path) -> None:
    """A checkout brings its own paste file, in etc/nova or, as some do, in etc."""
    assert sources.etc("nova", Path("/venv"), None) == Path("/venv/etc/nova")
    assert sources.etc("nova", Path("/venv"), str(checkout)) == checkout / "etc"
    (checkout / "etc" / "nova").mkdir(parents=True)
    assert sources.etc("nova", Path("/venv"), str(checkout)) == checkout / "etc" / "nova"
