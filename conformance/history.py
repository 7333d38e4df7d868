"""A service's history: one delta a microversion, folded oldest first into editions. Layer 1."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import attrs

from conformance.delta import apply
from conformance.edition import Edition
from conformance.errors import DataError, UsageError
from conformance.microversion import Microversion, Span, tongue
from conformance.reading import read


@attrs.frozen(slots=False)
class History:
    """All editions of a service, oldest first, without a gap."""

    service: str
    editions: tuple[Edition, ...]

    @cached_property
    def span(self) -> Span:
        """From the first microversion to the last."""
        return Span(self.editions[0].version, self.editions[-1].version)

    def at(self, version: Microversion) -> Edition:
        """The edition of a microversion; UsageError names the bounds if there is none."""
        if version not in self.span:
            remedy = f"{self.service} has {self.span.first} to {self.span.last}."
            raise UsageError(f"unknown microversion {self.service} {version}", remedy=remedy)
        return self.editions[version.minor - self.span.first.minor]


def load(service: str, schemas: Path) -> History:
    """Fold ``schemas/<service>/``; DataError names the file and the place of anything that makes no sense."""
    tongue(service)
    edition: Edition | None = None
    editions = []
    for version, paths in deltas(schemas / service):
        edition = apply(version, [(str(path), read(path, "delta")) for path in paths], edition)
        editions.append(edition)
    return History(service, tuple(editions))


def deltas(folder: Path) -> Iterator[tuple[Microversion, list[Path]]]:
    """Each microversion of ``schemas/<service>/`` and its files, without a gap; DataError where there is one."""
    found = sorted((_version(path), path) for path in folder.glob("[0-9]*"))
    if not found:
        raise DataError("no history here", str(folder), "A history begins with a file such as 2.1.yaml.")
    for (version, _), (following, path) in pairwise(found):
        if following != version.after:
            remedy = f"Every microversion has its file: write {version.after}.yaml, if only with a summary."
            raise DataError(f"a gap: {version} is followed by {following}", str(path), remedy)
    for version, path in found:
        files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        if not files:
            raise DataError("an empty folder", str(path), "Write what the microversion changed into a file in it.")
        yield version, files


def _version(path: Path) -> Microversion:
    name = path.name if path.is_dir() else path.name.removesuffix(".yaml")
    try:
        return Microversion.parse(name)
    except UsageError:
        remedy = "Name a delta by its microversion, such as 2.26.yaml."
        raise DataError("is not named by a microversion", str(path), remedy) from None
