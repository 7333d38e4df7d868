"""How long the page takes to be written and to be opened, and how large it is, with every cell of three services.

Run it as ``python -m pytest tests/benchmarks/bench_page.py -s``; CONFORMANCE_RESULTS may name the folder of a real run.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from time import perf_counter

from playwright.sync_api import Browser, sync_playwright

from conformance.report.model import model
from conformance.report.page import page as written
from conformance.report.past import read
from tests.helpers import REPOSITORY, real
from tests.runs import leave

OPENED = """async () => {
    while (document.querySelector('#view[aria-busy]')) await new Promise(requestAnimationFrame);
    return performance.now();
}"""


def milliseconds_to_open(browser: Browser, path: Path) -> float:
    """From the request for the file until the map is on the screen."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(path.as_uri())
    taken = float(page.evaluate(OPENED))
    page.close()
    return taken


def test_the_page(tmp_path: Path) -> None:
    """A run of the whole default plan, the best of three."""
    named = os.environ.get("CONFORMANCE_RESULTS")
    folder = Path(named) if named else leave(tmp_path / "run", data=REPOSITORY, said="x" * 1000)
    suite, path = real(), tmp_path / "report.html"
    begun = perf_counter()
    path.write_text(written(model(read([folder], suite), None, suite, REPOSITORY)), encoding="utf-8")
    print(f"\nwritten in {perf_counter() - begun:.1f} s: {path.stat().st_size / 1e6:.1f} MB")
    with sync_playwright() as playwright:
        rootly = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=rootly)
        print(f"opened in {min(milliseconds_to_open(browser, path) for _ in range(3)):.0f} ms (goal below 2000)")
        browser.close()
