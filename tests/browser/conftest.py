"""A real Chromium, and pages opened in it that may ask nothing of any network and complain of nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from conformance.report.model import model
from conformance.report.page import page as written
from conformance.report.past import read
from conformance.suite import load
from tests.wrong_server import TINY

Write = Callable[..., Path]


@attrs.frozen
class Opened:
    """A page in the browser, with all that it asked for and complained of."""

    page: Page
    path: Path
    asked: list[str]
    complaints: list[str]

    def go(self, address: str) -> None:
        """Go to an address of the page, such as ``#/findings``."""
        self.page.goto(f"{self.path.as_uri()}{address}")
        self.page.wait_for_selector("#view:not([aria-busy])")

    def __getitem__(self, selector: str) -> Locator:
        """The elements of a CSS selector."""
        return self.page.locator(selector)

    def row(self, call: str, service: str = "compute") -> Locator:
        """The row of a call on the map."""
        return self[f'.chart[data-service="{service}"] .row:has(.label[title="{call}"])']

    def click(self, call: str, minor: int, *, first: int = 1, columns: int = 4) -> None:
        """Click a cell of the map of compute."""
        box = self.row(call).locator(".strip").bounding_box()
        assert box
        place = {"x": box["width"] * (minor - first + 0.5) / columns, "y": box["height"] / 2}
        self.row(call).locator(".strip").click(position=place)  # type: ignore[arg-type]

    def focused(self) -> str:
        """What assistive technology says of the element that has the focus."""
        return str(self.page.evaluate("document.activeElement.getAttribute('aria-label')"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    path = shutil.which("chromium")
    assert path, "there is no chromium here: apt install chromium (bindep.txt, profile page)"
    rootly = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=rootly)
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Callable[..., Opened]]:
    """Opens pages; in the end none of them has asked for anything but itself, or complained."""
    there: list[Opened] = []

    def open_page(path: Path, address: str = "", **settings: Any) -> Opened:
        context = chromium.new_context(**{"viewport": {"width": 1440, "height": 900}, "offline": True, **settings})
        one = Opened(context.new_page(), path, [], [])
        one.page.on("request", lambda request: one.asked.append(request.url.partition("#")[0]))
        one.page.on("console", lambda said: one.complaints.append(f"{said.type}: {said.text}"))
        one.page.on("pageerror", lambda error: one.complaints.append(str(error)))
        there.append(one)
        one.go(address)
        return one

    yield open_page
    for one in there:
        one.page.context.close()
    assert [asked for one in there for asked in one.asked if asked != one.path.as_uri()] == []
    assert [said for one in there for said in one.complaints] == []


@pytest.fixture
def page_of(tmp_path: Path) -> Write:
    """Writes the page of folders, compared with an ``earlier`` one if there is one."""

    def write(*folders: Path, earlier: Path | None = None, data: Path = TINY) -> Path:
        suite = load(data)
        path = tmp_path / f"{folders[0].name}.html"
        before = read([earlier], suite) if earlier else None
        path.write_text(written(model(read(folders, suite), before, suite, data)), encoding="utf-8")
        return path

    return write
