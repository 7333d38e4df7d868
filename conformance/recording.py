"""What a run exchanged, as an HTTP archive: a part by each worker, put together at the end. Layer 3.

A part is lines of JSON, of pages (a performance each) and of entries. So that no secret is ever on disk, an entry is
disguised before it is written.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import attrs

from conformance import har
from conformance.claim import Claim
from conformance.client import Client
from conformance.exchange import Exchange, Request
from conformance.report.disguise import Disguise

_PAGE = '"pageTimings": {}}'  # so ends the line of a page, and none of an entry
CREATOR = {"name": "microversion-conformance", "version": "1"}


@attrs.define
class Recorder:
    """Asks the cloud as the client does, and writes it down in a ``part``; ``worker`` tells its pages from others'."""

    client: Client
    part: Path
    worker: str
    disguise: Disguise = attrs.field(factory=Disguise)
    _latest: har.Entry | None = None
    _page: str = ""
    _pages: int = 0
    _file: IO[str] | None = None

    def send(self, request: Request) -> Exchange:
        """Ask once."""
        begun = datetime.now(UTC)
        exchange = self.client.send(request)
        self._put_down()
        self._latest = har.entry(exchange, self.client.url(request), begun, self.disguise) | {har.OURS: {}}
        if self._page:
            self._latest["pageref"] = self._page
        return exchange

    def page(self, title: str) -> None:
        """What is asked from here on belongs to a performance, a recipe or a preparation of that title."""
        self._put_down()
        self._pages += 1
        self._page = f"{self.worker}-{self._pages}"
        begun = datetime.now(UTC).isoformat(timespec="microseconds")
        self._write({"startedDateTime": begun, "id": self._page, "title": title, "pageTimings": {}})

    def held(self, claim: Claim, case: str) -> None:
        """The latest exchange was held against a claim, for a case (its id, or a title)."""
        told = attrs.evolve(claim, expect=self._expected(claim.expect), until=self._expected(claim.until))
        self._mark({"case": case, "claim": told.plain()})

    def second_look(self) -> None:
        """The latest exchange was made to see whether the one before it still holds."""
        self._mark({"again": True})

    def close(self) -> None:
        """Write down what is left."""
        self._put_down()
        if self._file:
            self._file.close()
            self._file = None

    def _expected(self, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {place: self.disguise.at(place, value) for place, value in values.items()}

    def _mark(self, mark: dict[str, Any]) -> None:
        assert self._latest is not None
        self._latest[har.OURS] = mark

    def _put_down(self) -> None:
        if self._latest:
            self._write(self._latest)
            self._latest = None

    def _write(self, line: dict[str, Any]) -> None:
        if self._file is None:
            self._file = self.part.open("w", encoding="utf-8")
        self._file.write(json.dumps(line) + "\n")


def part(folder: Path, worker: str) -> Path:
    """Where a worker writes its part."""
    return folder / f"record-{worker}.jsonl"


def parts(folder: Path) -> list[Path]:
    """All parts in a folder."""
    return sorted(folder.glob("record-*.jsonl"))


def merge(sources: Iterable[Path], target: Path) -> int:
    """Put the parts together as one archive, in the order of time; the number of its entries. The parts go."""
    listed = list(sources)
    pages: list[str] = []
    count = 0
    with target.open("w", encoding="utf-8") as file:
        file.write('{"log": {"version": "1.2", "creator": ' + json.dumps(CREATOR) + ', "entries": [')
        for line in heapq.merge(*map(_lines, listed)):
            if line.endswith(_PAGE):
                pages.append(line)
            else:
                file.write(f"{',' if count else ''}\n{line}")
                count += 1
        file.write('\n], "pages": [\n' + ",\n".join(pages) + "\n]}}\n")
    for one in listed:
        one.unlink()
    return count


def _lines(path: Path) -> Iterator[str]:
    """The lines of a part, but for one that a kill cut short; each begins with its time, so that they sort by it."""
    with path.open(encoding="utf-8") as file:
        yield from (line[:-1] for line in file if line.endswith("\n"))
