"""What all tests of a lab that really boots have in common: a home for labs, and a look at what one leaves behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import lab
from conformance.lab import namespaces

LACKING = [f"{fact.name}: {fact.lacking}" for fact in lab.check() if fact.state == "missing"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where there can't be a lab, its tests are left out and say why."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.lab)
            if LACKING:
                item.add_marker(pytest.mark.skip(reason=f"no lab here: {'; '.join(LACKING)}"))


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where labs are; CONFORMANCE_TEST_HOME keeps trees and templates from one test run to the next."""
    kept = Path(os.environ.get("CONFORMANCE_TEST_HOME") or tmp_path_factory.mktemp("home"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONFORMANCE_HOME", str(kept))
        yield kept


def traces(folder: Path) -> list[str]:
    """What a machine shows of a lab: processes, mounts, interfaces, names of networks, loop devices."""
    found = [f"process {pid}" for pid, _ in namespaces.belonging(folder)]
    found += [line for line in Path("/proc/self/mounts").read_text().splitlines() if str(folder) in line]
    found += [name for name in os.listdir("/sys/class/net") if name.startswith(("management", "tunnel", "external"))]
    backing = Path("/sys/block").glob("loop*/loop/backing_file")
    return found + [file.read_text() for file in backing if str(folder) in file.read_text()]
