"""The page of a real run: placement is booted, tested as a whole, and shown."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from conformance.coverage import measure
from tests.browser.conftest import Opened
from tests.browser.test_page import Open, counts
from tests.helpers import REPOSITORY, real

PROVIDERS = "GET /resource_providers"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of everything that placement has, with its page; CONFORMANCE_TEST_HOME keeps what was installed for it."""
    folder = tmp_path_factory.mktemp("run")
    home = os.environ.get("CONFORMANCE_TEST_HOME") or str(folder / "home")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    environment |= {"CONFORMANCE_HOME": home, "PYTHONPATH": str(REPOSITORY)}
    run = ["run", "--embedded", "--name", "page", "--service", "placement", "--results", folder / "results"]
    for line in (run, ["report", folder / "results", "--against", folder / "results"]):
        command = [sys.executable, "-m", "conformance", *map(str, line)]
        subprocess.run(command, env=environment, cwd=folder, check=True, timeout=1200)
    return folder / "results"


@pytest.fixture
def page(results: Path, opened: Open) -> Opened:
    """The page that the command wrote."""
    return opened(results / "report.html")


@pytest.mark.cloud
def test_a_real_run(page: Opened) -> None:
    """The map has every cell of placement; a click shows what was really said; filters combine; nothing changed."""
    documents = real().services["placement"]
    cells = measure(documents, (), documents.history.span, ()).cells
    rails = page[".strip path.rail"].evaluate_all("all => all.map(one => one.getAttribute('d')).join('')")
    assert rails.count("M") == len(cells)
    assert "failed" not in counts(page)

    box = page.row(PROVIDERS, "placement").locator(".strip")
    width = (box.bounding_box() or {"width": 0})["width"]
    box.click(position={"x": width * 14.5 / 40, "y": 1})
    expect(page["#cell h2"]).to_have_text(f"{PROVIDERS} @1.14")
    expect(page["#cell pre.request"].first).to_contain_text("OpenStack-API-Version: placement 1.14")
    expect(page["#cell pre.answer"].first).to_contain_text("openstack-api-version: placement 1.14")

    page['.chip[data-value="passed"]'].click()
    page["#text"].fill("traits 1.6")
    expect(page.row("GET /traits", "placement")).to_be_visible()
    expect(page.row("GET /usages", "placement")).to_be_hidden()
    page.go("#/comparison")
    expect(page[".tile b"]).to_have_text(["0"] * 4)
