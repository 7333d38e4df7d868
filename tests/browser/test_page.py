"""The page in a real browser: the map, its filters, a cell and its exchange, the findings, the history, two runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from conformance.difference import differences
from conformance.suite import load
from tests.browser.conftest import Opened, Write
from tests.helpers import v
from tests.runs import GUEST, failed, gated, hosted, leave
from tests.wrong_server import SHOW, TINY

Open = Callable[..., Opened]
SHOWN = "compute/server::show@2.3"
ABSENT = "compute/server::absent@2.1"
LISTED = "compute/versions::list@2.1"
LIST = "GET /servers"
TAGS = "GET /servers/{server}/tags"
HOSTILE = "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
VIEWS = ("#/map", "#/findings", "#/history", "#/comparison")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run in which one case failed, one wasn't reached, one is known, and one never ran."""
    outcomes = {
        SHOWN: failed(),
        LISTED: {"outcome": "not-reached", "reason": "the recipe server failed"},
        "compute/versions::list@2.4": {"outcome": "known", "known": ["The list is empty."]},
    }
    return leave(tmp_path / "run", outcomes, silent=["compute/versions::root@2.1"], said="a name", every=True)


@pytest.fixture
def tiny(run: Path, page_of: Write, opened: Open) -> Opened:
    """The page of that run."""
    return opened(page_of(run))


def counts(page: Opened) -> dict[str, int]:
    """The cells by state, as the filters count them."""
    chips = page['.filters [aria-label="Outcome"] .chip'].all()
    return {
        str(one.get_attribute("data-value")): int(one.locator(".number").inner_text().replace(",", "")) for one in chips
    }


def test_the_head(tiny: Opened) -> None:
    """The head says what the run came to, and where."""
    expect(tiny["h1"]).to_have_text("1 finding in 1 case, and 2 did not run")
    expect(tiny["header .facts"]).to_contain_text("tiny")
    expect(tiny["header .service"]).to_contain_text("1 failed")


def test_the_map(tiny: Opened) -> None:
    """Each cell has its state, and each call that turns has its marks."""
    one = dict.fromkeys(("failed", "not-reached", "not-run", "known"), 1)
    assert counts(tiny) == {**one, "passed": 22, "refused": 3}
    expect(tiny[".row:visible"]).to_have_count(8)
    assert tiny.row(SHOW).locator("path.turn").get_attribute("d") == "M1 0v1M2 0v1"
    assert (tiny.row(SHOW).locator("path.failed").get_attribute("d") or "").startswith("M2 0")


def test_a_click_shows_the_exchange(tiny: Opened) -> None:
    """A click on a cell shows its finding, its remedy, the delta that applies with its source, and the exchange."""
    tiny.click(SHOW, 3)

    expect(tiny["#cell h2"]).to_have_text(f"{SHOW} @2.3")
    expect(tiny["#cell .finding"]).to_contain_text("missing at /server/tags")
    expect(tiny["#cell .finding .remedy"]).to_contain_text("show it from there on")
    expect(tiny["#cell .delta"]).to_contain_text("A server carries tags")
    expect(tiny["#cell .delta .changes"]).to_contain_text("answer /server/tags array, maxItems 50")
    expect(tiny["#cell pre.request"]).to_contain_text(f"GET /servers/{SHOWN}\nX-Auth-Token: ***")
    expect(tiny["#cell pre.answer"]).to_contain_text('"name": "a name"')
    expect(tiny["#cell pre.answer mark"]).to_have_text('  "server": {\n')
    tiny["#cell .delta summary"].click()
    expect(tiny["#cell .source pre"]).to_have_text((TINY / "schemas/compute/2.3.yaml").read_text(encoding="utf-8"))


def test_a_place_in_an_answer_is_marked(tmp_path: Path, page_of: Write, opened: Open) -> None:
    """The line that a finding's pointer names is marked, also within arrays."""
    folder = leave(tmp_path / "run", {SHOWN: failed(code="type", pointer="/server/links/1/href")})

    page = opened(page_of(folder), f"#/map?at=compute 3 {SHOW}")

    expect(page["#cell pre.answer mark"]).to_have_text('        "href": "b"\n')


def test_a_cell_without_a_case(tiny: Opened) -> None:
    """A cell that has no case says what applies there; the cells of a case that never ran say so."""
    tiny.click("GET /", 1)

    expect(tiny["#cell .state"]).to_contain_text("Did not run")
    expect(tiny["#cell .cases"]).to_contain_text("No exchange was kept")


def test_cases_of_a_cell(tiny: Opened) -> None:
    """All cases of a cell are there, the gravest first; one that is unfolded shows its exchange."""
    tiny.click(SHOW, 4)

    expect(tiny["#cell .case"]).to_have_count(3)
    other = tiny['#cell [data-case="compute/server::absent@2.4"]']
    expect(other.locator("pre.answer")).to_have_count(0)
    other.locator("summary").click()
    expect(other.locator("pre.request")).to_contain_text("compute/server::absent@2.4")


def test_two_filters_combine(tiny: Opened) -> None:
    """Outcome and text both hold: a row without a cell that fits is hidden, and the counts follow."""
    tiny['.chip[data-value="passed"]'].click()
    expect(tiny[".row:visible"]).to_have_count(8)
    tiny["#text"].fill("tags")

    expect(tiny[".row:visible"]).to_have_count(3)
    expect(tiny[".matches"]).to_contain_text("6 cells of")
    assert counts(tiny)["refused"] == 3
    assert tiny.row(TAGS).locator("path.refused").count() == 0

    tiny[".clear"].click()
    expect(tiny[".row:visible"]).to_have_count(8)
    expect(tiny['.chip[data-value="passed"]']).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("2.3", [*("GET /", LIST, "POST /servers", SHOW, "DELETE /servers/{server}"), TAGS]),
        ("no such key", [SHOW]),
        ("server::absent", [SHOW]),
        ("get 2.2 versions", ["GET /", LIST]),
        ("nothing of the kind", []),
    ],
)
def test_text(tiny: Opened, text: str, calls: list[str]) -> None:
    """A text is looked for in calls, cases and findings; a microversion stands for itself, and all words must fit."""
    tiny["#text"].fill(text)

    expect(tiny[".row:visible"]).to_have_count(len(calls) + (2 if text == "2.3" else 0))
    for call in calls:
        expect(tiny.row(call)).to_be_visible()


def test_what_is_beside_the_findings(tmp_path: Path, page_of: Write, opened: Open) -> None:
    """What a gate proved, what was let pass and what was skipped stand with the findings, each with its reason."""
    data = gated(tmp_path / "data")
    (extra,) = failed(code="unexpected", call=LIST)["findings"]
    outcomes: dict[str, dict[str, Any]] = {
        SHOWN: {"outcome": "skipped", "reason": "Hosts can't be stopped here."},
        ABSENT: {"warnings": [extra]},
    }
    lacking = {"depth": "Guests don't run here."}
    folder = leave(tmp_path / "run", outcomes, data=data, gate="one", missing=lacking)

    page = opened(page_of(folder, data=data), f"#/findings?at=compute 1 {SHOW}")

    expect(page['section:has(h2:text("Gates"))']).to_contain_text("guest-kept not taken. The guest runs on.")
    expect(page['section:has(h2:text("Let pass"))']).to_contain_text("unexpected at /server/tags")
    expect(page['section:has(h2:text("Skipped"))']).to_contain_text("Hosts can't be stopped here.")
    page[f'#cell [data-case="{ABSENT}"] summary'].click()
    expect(page["#cell .finding.warning"]).to_contain_text("unexpected")


def test_findings_come_before_pictures(tmp_path: Path, page_of: Write, opened: Open) -> None:
    """However many performances were tracked, what is wrong stands above their pictures."""
    moments = {"moments": [[1.0, 2.0, "phase", "running"]]}

    page = opened(page_of(leave(tmp_path / "run", {SHOWN: failed(), LISTED: moments})), "#/findings")

    expect(page["main h2"]).to_have_text(["Findings1", "Timelines1"])


def test_a_guest(tmp_path: Path, page_of: Write, opened: Open) -> None:
    """What a story asks of another service has no row; if it fails it is found, shown and compared like any case."""
    data = hosted(tmp_path / "data")
    before = leave(tmp_path / "before", data=data)
    folder = leave(tmp_path / "run", {GUEST: failed(service="network", call="GET /networks")}, data=data, said="a net")

    page = opened(page_of(folder, earlier=before, data=data), "#/findings")
    page["main .case-link"].click()

    expect(page["#cell h2"]).to_have_text("network GET /networks @2.2")
    expect(page["#cell"]).to_contain_text("A story asks it of network on its way")
    expect(page["#cell pre.answer"].first).to_contain_text("a net")
    page.go("#/comparison")
    expect(page[".group-of-cases h3"]).to_have_text("compute network GET /networks")
    page.go("#/map")
    expect(page[".row"]).to_have_count(8)
    assert counts(page).get("failed") is None


def test_gates(tmp_path: Path, page_of: Write, opened: Open) -> None:
    """The gates that the cases ran at are a filter; it combines with the others."""
    gates = {SHOWN: {**failed(), "gate": "migration"}, LISTED: {"gate": "backends"}}
    page = opened(page_of(leave(tmp_path / "run", gates)))

    page["#gate"].select_option("backends")
    expect(page[".row:visible"]).to_have_count(1)
    expect(page.row(LIST)).to_be_visible()
    page['.chip[data-value="failed"]'].click()
    expect(page[".row:visible"]).to_have_count(0)


def test_the_keyboard(tiny: Opened) -> None:
    """One cell is in the order of tabs; keys move, open, go to what failed, and close; each cell says what it is."""
    tiny['[data-size="rows"]'].focus()
    tiny.page.keyboard.press("Tab")
    assert tiny.focused() == "GET / at 2.1: Did not run, 1 case, begins here"

    for key in ("ArrowDown", "ArrowRight"):
        tiny.page.keyboard.press(key)
    assert tiny.focused() == "GET /servers at 2.2: As promised, 1 case"
    for key in ("n", "Enter"):
        tiny.page.keyboard.press(key)
    assert tiny.focused() == f"{SHOW} at 2.3: Failed, 3 cases, changes here"
    expect(tiny["#cell h2"]).to_have_text(f"{SHOW} @2.3")
    tiny.page.keyboard.press("ArrowLeft")
    expect(tiny["#cell h2"]).to_have_text(f"{SHOW} @2.2")
    tiny.page.keyboard.press("Escape")
    expect(tiny["#cell"]).to_be_hidden()
    assert tiny.focused() == f"{SHOW} at 2.2: As promised, 4 cases, changes here"
    tiny.page.keyboard.press("n")
    tiny.page.keyboard.press("n")
    expect(tiny["#spoken"]).to_have_text("Nothing failed after this cell.")


def test_the_ends_of_the_map(tiny: Opened) -> None:
    """No key leads out of the map."""
    tiny[".cursor"].focus()
    for key in (
        "ArrowUp",
        "ArrowLeft",
        "Control+ArrowDown",
        "Control+ArrowRight",
        "PageDown",
        "ArrowDown",
        "ArrowRight",
    ):
        tiny.page.keyboard.press(key)

    assert tiny.focused().startswith("PUT /servers/{server}/tags/{tag} at 2.4: ")
    tiny.page.keyboard.press("Home")
    assert tiny.focused().startswith("PUT /servers/{server}/tags/{tag} at 2.3: As promised, 1 case, begins here")


def test_the_address_says_what_is_seen(tiny: Opened, opened: Open) -> None:
    """A page opened at the address of another shows the same: view, filters and cell."""
    tiny['.chip[data-value="failed"]'].click()
    tiny["#text"].fill("show")
    tiny.click(SHOW, 3)
    expect(tiny["#cell"]).to_be_visible()
    tiny.page.wait_for_function("location.hash.includes('at=')")

    other = opened(tiny.path, f"#{tiny.page.url.partition('#')[2]}")

    expect(other["#cell h2"]).to_have_text(f"{SHOW} @2.3")
    expect(other["#text"]).to_have_value("show")
    expect(other[".row:visible"]).to_have_count(1)


@pytest.mark.parametrize(
    "address",
    [
        *("#/constructor", "#/map?outcome=constructor&gate=none&of=mars", "#/map?at=compute 99 GET /servers"),
        *(
            "#/map?at=compute 2 GET /moons",
            "#/history?service=mars&from=1&to=2",
            "#/history?service=compute&from=7&to=99",
        ),
    ],
)
def test_an_address_of_something_else(tiny: Opened, opened: Open, address: str) -> None:
    """An address that another run has, or none, leads to a page that works."""
    page = opened(tiny.path, address)

    expect(page[".map, .history"]).to_be_visible()
    expect(page["#cell"]).to_be_hidden()
    assert page[".row:visible, .difference"].count() in (1, 8)


def test_the_tip(tiny: Opened) -> None:
    """The pointer is told what it stands on."""
    tiny.row(SHOW).locator(".strip").hover(position={"x": 2, "y": 1})

    expect(tiny[".tip"]).to_have_text(f"{SHOW} at 2.1As promised, 3 cases, begins here")


def test_the_findings(tiny: Opened) -> None:
    """Each finding stands once with its cases; what is known, what wasn't reached and what never ran stand below."""
    tiny['.views [data-view="findings"]'].click()

    expect(tiny["main h2"]).to_have_text(
        ["Findings1", "Known departures1 case", "Not reached1 case", "Did not run1 case"]
    )
    expect(tiny["main article.known"]).to_contain_text("The list is empty.")
    expect(tiny["main article.not-reached"]).to_contain_text("the recipe server failed")
    tiny["main .case-link"].first.click()
    expect(tiny["#cell [data-case]"]).to_have_attribute("data-case", SHOWN)
    expect(tiny["#cell pre.answer"]).to_be_visible()
    tiny["#cell button.more"].click()
    expect(tiny["#cell .case"]).to_have_count(3)


@pytest.mark.parametrize(("older", "newer"), [("2.1", "2.2"), ("2.2", "2.3"), ("2.1", "2.4"), ("2.3", "2.4")])
def test_the_history(tiny: Opened, older: str, newer: str) -> None:
    """Between any two microversions the page tells the same changes as ``conformance schema diff``."""
    tiny.go(f"#/history?service=compute&from={older[2:]}&to={newer[2:]}")

    expected: dict[str, set[str]] = {}
    for one in differences(load(TINY).services["compute"], v(older), v(newer)):
        lines = [line for line in one.lines if line[:2] in ("+ ", "- ", "~ ")]
        expected |= {call: {line[2:].replace(": ", " ", 1) for line in lines} for call in one.calls}
    expect(tiny[".calls .case-link"]).to_have_count(len(expected))
    for article in tiny[".difference article"].all():
        told = {
            item.evaluate("li => [...li.children].slice(2).map(e => e.innerText).join(' ')")
            for item in article.locator(".changes > li:has(.sign)").all()
        }
        for call in article.locator(".calls .case-link").all_inner_texts():
            assert told >= expected[call]
            assert told == expected[call] or any(line.startswith("status") for line in told - expected[call])


def test_one_microversion(tiny: Opened) -> None:
    """The list of microversions says of each what it is; a click shows its change, its source, and leads to a cell."""
    tiny['.views [data-view="history"]'].click()
    expect(tiny[".difference"]).to_contain_text("Nothing that is seen from outside changed.")
    expect(tiny[".difference"]).to_contain_text("No call changed")

    tiny['.versions button:has-text("A server carries tags")'].click()

    expect(tiny[".difference h2"]).to_have_text("compute 2.34 calls changed")
    expect(tiny[".versions [aria-current]"]).to_have_count(1)
    tiny[f'.calls .case-link:has-text("{TAGS}")'].first.click()
    expect(tiny["#cell h2"]).to_contain_text("@2.3")
    tiny["#pick-from"].select_option("2.1")
    expect(tiny[".difference h2"]).to_contain_text("compute 2.1 to 2.3")
    expect(tiny["#pick-from"]).to_be_focused()
    tiny["#pick-from"].select_option("nothing")
    expect(tiny[".difference h2"]).to_contain_text("compute up to 2.3")
    expect(tiny[".calls .case-link"]).to_have_count(8)


def test_two_runs_compare(tmp_path: Path, run: Path, page_of: Write, opened: Open) -> None:
    """The comparison says what began to fail and what was mended, and a case shows its earlier exchange."""
    before = leave(tmp_path / "before", {LISTED: failed(call=LIST)}, said="as it was", every=True)

    page = opened(page_of(run, earlier=before), "#/comparison")

    expect(page[".tile"]).to_have_text(["1Began to fail", "0Mended", "0Fails in another way", "2Other outcomes"])
    expect(page[".sides"]).to_contain_text(str(before))
    began = page['section:has(h2:text("Began to fail"))']
    expect(began).to_contain_text("missing at /server/tags")
    began.locator(".case-link").click()
    page["#cell .earlier summary"].click()
    expect(page["#cell .earlier pre.answer"]).to_contain_text("as it was")
    expect(page["#cell pre.answer"].first).to_contain_text("a name")
    page["#text"].fill("nothing of the kind")
    expect(page[".tile b"]).to_have_text(["0"] * 4)


def test_what_was_mended(tmp_path: Path, page_of: Write, opened: Open) -> None:
    """A case that failed before and passes now is mended; one that fails otherwise is told apart."""
    before = leave(tmp_path / "before", {SHOWN: failed(), LISTED: failed(call=LIST)})
    after = leave(tmp_path / "after", {LISTED: failed(call=LIST, pointer="/servers")})

    page = opened(page_of(after, earlier=before), "#/comparison")

    expect(page[".tile b"]).to_have_text(["0", "1", "1", "0"])
    expect(page['section:has(h2:text("Mended"))']).to_contain_text("Failed → As promised")


def test_a_run_alone_has_no_comparison(tiny: Opened) -> None:
    """Without an earlier run there is no such view, and its address leads to the map."""
    expect(tiny[".views a"]).to_have_text(["Map", "Findings1", "History"])
    tiny.go("#/comparison")
    expect(tiny[".map"]).to_be_visible()


def test_hostile_answers(tmp_path: Path, page_of: Write, opened: Open) -> None:
    """Markup in what a cloud said, or in its name, is shown as text and does nothing."""
    lost = {"outcome": "not-reached", "reason": HOSTILE}
    folder = leave(tmp_path / "run", {SHOWN: failed(seen=HOSTILE), LISTED: lost}, said=HOSTILE, cloud=HOSTILE)
    page = opened(page_of(folder))

    for view in VIEWS[:3]:
        page.go(view)
    page.go(f"#/findings?at=compute 3 {SHOW}")

    expect(page["#cell .finding"]).to_contain_text(HOSTILE)
    expect(page["#cell pre.answer"]).to_contain_text("<img src=x")
    expect(page["header .facts"]).to_contain_text(HOSTILE)
    expect(page["#cell .again code"]).to_contain_text("--cloud '</script>")
    assert page["img"].count() == 0
    assert "taken" not in page.page.title().split("·")[0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_everybody_can_use_it(tmp_path: Path, run: Path, page_of: Write, opened: Open, view: str, scheme: str) -> None:
    """Each view, with a cell open, keeps the rules of accessibility that axe knows, in light and in dark."""
    before = leave(tmp_path / "before", {LISTED: failed(call=LIST)})
    page = opened(page_of(run, earlier=before), f"{view}?at=compute 3 {SHOW}", color_scheme=scheme)
    expect(page["#cell pre.answer"].first).to_be_visible()

    found = Axe().run(page.page)

    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("view", VIEWS)
def test_a_narrow_window(run: Path, page_of: Write, opened: Open, view: str) -> None:
    """On a telephone nothing reaches out of the window."""
    page = opened(page_of(run, earlier=run), view, viewport={"width": 360, "height": 700})

    assert page.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_print(tiny: Opened) -> None:
    """On paper the map stands with the key to its shapes, and without what can only be clicked."""
    tiny.page.emulate_media(media="print")

    for name in (".views", ".clear", ".sizes", "#text"):
        expect(tiny[name]).to_be_hidden()
    expect(tiny['.chip[data-value="failed"]']).to_be_visible()
    expect(tiny[".chart"]).to_be_visible()
    assert tiny.page.pdf(format="A4").startswith(b"%PDF")


def test_without_scripts(run: Path, page_of: Write, chromium: Browser) -> None:
    """Where scripts are off, the head is there, and where else the results are."""
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(page_of(run).as_uri())

    expect(page.locator("h1")).to_have_text("1 finding in 1 case, and 2 did not run")
    expect(page.locator("main")).to_contain_text("The same results are in results.jsonl")
