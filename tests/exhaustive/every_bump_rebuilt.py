"""Microversions of the past rebuilt blind: with the history cut before each, and the services as they were released.

What is known is what there was just below: the history, and of the stories the steps that were possible then, without
a key, span or expectation that came later (``conformance.bump.prior``). Servers and the like are made by the recipes as
they are written today: they are what is looked at, and not what is seen. The released service plays the checkout.

The draft is then held against the file that somebody wrote. A line is right if it does the same to the folded documents
to the letter; right but for bounds if it does so apart from patterns, formats, lengths, ranges and enumerations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import attrs
import pytest

from conformance import embedded
from conformance.bump.bump import Bump
from conformance.bump.comparison import BOUNDS, RIGHT, UNSEEN, WRONG, Line, beyond, compare, counted
from conformance.bump.drafting import Draft
from conformance.commands.bumping import look
from conformance.commands.settling import Wishes
from conformance.microversion import Microversion
from conformance.reading import read
from tests.helpers import REPOSITORY

PAST = {
    "compute": "2.3 2.9 2.19 2.26 2.47 2.53 2.61 2.73 2.75 2.89 2.96 2.98 2.100 2.102".split(),  # noqa: SIM905
    "placement": "1.12 1.14 1.20 1.28 1.34 1.38".split(),  # noqa: SIM905
}
LISTED = [(service, version) for service, versions in PAST.items() for version in versions]
SHARE = 0.9


@attrs.frozen
class Rebuilt:
    """One microversion: the lines of its file with what the draft made of them, and what the draft says beyond."""

    lines: list[Line]
    beyond: list[Line]
    draft: Draft


@pytest.fixture(scope="session")
def wishes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wishes]:
    """What to ask, of a cloud of the newest release."""
    cloud = embedded.up("blind")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OS_CLIENT_CONFIG_FILE", str(cloud.clouds_yaml))
        yield Wishes(
            cases=(),
            cloud=cloud.name,
            personas=(),
            data=REPOSITORY,
            services=(),
            patience=60.0,
            folder=tmp_path_factory.mktemp("blind"),
            workers=4,
            boot=False,
            name=cloud.name,
            sources=(),
            release=None,
            database="",
            stay=True,
        )
    embedded.down(cloud.name)


@pytest.fixture(scope="session")
def rebuilt() -> dict[tuple[str, str], Rebuilt]:
    """What was rebuilt so far."""
    return {}


def written(service: str, version: str) -> Path:
    """The file that somebody wrote."""
    return REPOSITORY / "schemas" / service / f"{version}.yaml"


def guessed(draft: Draft, line: Line) -> bool:
    """Whether the draft says of a line of its own that it is a guess."""
    about = [remarks for path, remarks in draft.remarks.items() if path in (line.path, line.path[:3], line.path[:2])]
    return any("a guess" in remark for remarks in about for remark in remarks)


@pytest.mark.parametrize(("service", "version"), LISTED)
def test_it_is_rebuilt(
    wishes: Wishes,
    rebuilt: dict[tuple[str, str], Rebuilt],
    service: str,
    version: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing that the draft says is wrong without its saying that it is a guess."""
    begun = perf_counter()
    seen: Bump = look(attrs.evolve(wishes, services=(service,)), service, Microversion.parse(version), quiet=True)
    delta = read(written(service, version), "delta")
    drafted, edition = seen.draft.delta, seen.edition
    found = Rebuilt(compare(delta, drafted, edition), beyond(delta, drafted, edition), seen.draft)
    rebuilt[service, version] = found
    with capsys.disabled():
        told = ", ".join(f"{count} {verdict}" for verdict, count in counted(found.lines).items())
        answers, seconds = len(seen.sightings.listed), perf_counter() - begun
        print(f"\n{service} {version}: {told}, from {answers} answers in {seconds:.0f} s")
        for line in [line for line in found.lines if line.verdict != RIGHT]:
            print(f"  {line}")
        for line in found.beyond:
            print(f"  said beyond: {' / '.join(line.path)}")
    assert [line for line in found.beyond if not guessed(found.draft, line)] == []


def sources(draft: Draft) -> Iterator[str]:
    """How each remarked entry of a draft was come by."""
    for remarks in draft.remarks.values():
        first = remarks[0]
        yield "declared" if first.startswith("declared") else "guessed" if first.startswith("a guess") else "seen"


def test_most_lines_are_right(rebuilt: dict[tuple[str, str], Rebuilt], capsys: pytest.CaptureFixture[str]) -> None:
    """Of all lines of all of them."""
    assert set(rebuilt) == set(LISTED)
    counts = Counter(line.verdict for one in rebuilt.values() for line in one.lines)
    total = sum(counts.values())
    come_by = Counter(source for one in rebuilt.values() for source in sources(one.draft))
    with capsys.disabled():
        print(f"\n{total} lines of {len(rebuilt)} microversions:", end=" ")
        print(", ".join(f"{counts[verdict]} {verdict}" for verdict in (RIGHT, BOUNDS, WRONG, UNSEEN)))
        print("entries of the drafts:", ", ".join(f"{count} {source}" for source, count in come_by.items()))
    assert counts[RIGHT] + counts[BOUNDS] >= SHARE * total
