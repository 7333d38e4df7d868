"""Tests of a project's own tree that a gate runs beside a cloud: the command, and what stands in its words. Layer 1."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

import attrs

from conformance.errors import DataError

PLACES = ("python", "results", "scratch", "tree")
_PLACE = re.compile(r"\{([a-z]+)\}")


@attrs.frozen
class Command:
    """What runs in a ``project``'s tree, ``within`` how many seconds, and how its ``results`` are read.

    ``{tree}``, ``{python}``, ``{scratch}`` (an empty folder) and ``{results}`` (the file to write) may stand in the
    words of ``run`` and in the values of ``environment``. A command that isn't told ``{results}`` prints them.
    ``logs`` are patterns of files, from the tree on.
    """

    project: str
    run: tuple[str, ...]
    results: str
    within: float
    environment: Mapping[str, str] = attrs.field(factory=dict)
    logs: tuple[str, ...] = ()

    @classmethod
    def of(cls, data: Mapping[str, Any], where: str) -> Command:
        """The command that a gate's file describes; DataError for a place that isn't, and for logs out of the tree."""
        lists = {key: tuple(data.get(key, ())) for key in ("run", "logs")}
        command = cls(**{**data, **lists})
        _check([*command.run, *command.environment.values()], where)
        for pattern in command.logs:
            if not pattern or PurePosixPath(pattern).is_absolute() or ".." in PurePosixPath(pattern).parts:
                raise DataError(f"{pattern!r} leads out of the tree", f"{where}: logs", "Write it as logs/*.log.")
        return command

    @property
    def prints(self) -> bool:
        """Whether its results are what it prints."""
        return not any("{results}" in word for word in [*self.run, *self.environment.values()])

    def words(self, places: Mapping[str, str]) -> list[str]:
        """What to run, with ``places`` put in."""
        return [_filled(word, places) for word in self.run]

    def variables(self, places: Mapping[str, str]) -> dict[str, str]:
        """Its environment, with ``places`` put in."""
        return {name: _filled(value, places) for name, value in self.environment.items()}


def _filled(text: str, places: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda found: places[found[1]], text)


def _check(texts: Iterable[str], where: str) -> None:
    for text in texts:
        for name in _PLACE.findall(text):
            if name not in PLACES:
                known = ", ".join(f"{{{one}}}" for one in PLACES)
                raise DataError(f"unknown place {{{name}}} in {text!r}", f"{where}: command", f"There are {known}.")
