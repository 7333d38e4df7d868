"""The page at its full size: every cell of three services, each planned case with an exchange."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from conformance.coverage import measure
from conformance.difference import differences
from conformance.report.model import model
from conformance.report.page import page as written
from conformance.report.past import read
from tests.browser.conftest import Opened
from tests.browser.test_page import Open, counts
from tests.helpers import REPOSITORY, real, v
from tests.runs import leave

SERVICES = ("compute", "placement", "volume")
SHOW = "GET /servers/{server}"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a run of the whole default plan."""
    folder = leave(tmp_path_factory.mktemp("whole") / "run", data=REPOSITORY, said="x" * 1000)
    suite = real()
    path = folder / "report.html"
    path.write_text(written(model(read([folder], suite), None, suite, REPOSITORY)), encoding="utf-8")
    return path


@pytest.fixture
def page(whole: Path, opened: Open) -> Opened:
    """That page."""
    return opened(whole)


def marks(page: Opened, service: str, name: str) -> int:
    """How many cells of a service are drawn in a path."""
    drawn = page[f'.chart[data-service="{service}"] path.{name}'].evaluate_all(
        "all => all.map(one => one.getAttribute('d'))"
    )
    return sum(len(re.findall("M", each)) for each in drawn)


@pytest.mark.parametrize("service", SERVICES)
def test_the_map_has_every_cell(page: Opened, service: str) -> None:
    """Each cell is on the rail of its call, or marked as out of reach; each that was shown is drawn as such."""
    documents = real().services[service]
    covered = measure(documents, (), documents.history.span, (), real().unreachable[service])
    boundaries = len(covered.boundaries)

    assert marks(page, service, "rail") + marks(page, service, "unreachable") == len(covered.cells)
    assert marks(page, service, "unreachable") == len(covered.excused)
    assert marks(page, service, "turn") == boundaries
    expect(page[f'.chart[data-service="{service}"] .row']).to_have_count(len(documents.calls))


def test_the_counts(page: Opened, whole: Path) -> None:
    """The counts of the filters add up to all cells and the refusals beyond them; what was shown is the coverage's."""
    run = model(read([whole.parent], real()), None, real(), REPOSITORY)["run"][0]
    found = counts(page)

    assert found["passed"] == sum(service["coverage"]["exercised"] for service in run["services"])
    assert found["passed"] + found["unreachable"] + found["unasked"] <= sum(
        service["coverage"]["cells"] for service in run["services"]
    )
    expect(page["h1"]).to_have_text(f"{run['facts']['ran']:,} cases as promised")


def test_a_click(page: Opened) -> None:
    """A click in the midst of it shows the exchange."""
    page.click(SHOW, 26, columns=104)

    expect(page["#cell h2"]).to_have_text(f"{SHOW} @2.26")
    expect(page["#cell .delta"]).to_contain_text("A server carries tags")
    expect(page["#cell pre.answer"]).to_contain_text("xxxx")


@pytest.mark.parametrize(
    ("service", "older", "newer"),
    [("compute", "2.25", "2.26"), ("compute", "2.1", "2.104"), ("placement", "1.9", "1.30"), ("volume", "3.8", "3.40")],
)
def test_the_history(page: Opened, service: str, older: str, newer: str) -> None:
    """Between any two microversions the page names the same calls, alike in the same way, as ``schema diff`` does."""
    page.go(f"#/history?service={service}&from={v(older).minor}&to={v(newer).minor}")

    expected = {frozenset(one.calls) for one in differences(real().services[service], v(older), v(newer))}
    told = {
        frozenset(each.locator(".calls .case-link").all_inner_texts()) for each in page[".difference article"].all()
    }
    assert {call for calls in told for call in calls} == {call for calls in expected for call in calls}
    assert len(told) >= len(expected) - 1


def test_words_that_are_typed(page: Opened) -> None:
    """A search over everything leaves what fits."""
    page["#text"].fill("os-aggregates 2.41")

    expect(page[".chart:visible"]).to_have_count(1)
    expect(page[".row:visible .label"].first).to_contain_text("/os-aggregates")


def test_a_page_is_one_file(whole: Path, chromium: Browser) -> None:
    """Moved to an empty folder the page works as before."""
    moved = whole.parent / "alone" / "page.html"
    moved.parent.mkdir()
    moved.write_bytes(whole.read_bytes())

    there = chromium.new_context(offline=True).new_page()
    there.goto(moved.as_uri())

    expect(there.locator(".row")).to_have_count(sum(len(real().services[name].calls) for name in SERVICES))
