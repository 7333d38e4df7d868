"""What an exchange is held against, beside what the history says of its call. Layer 2."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import attrs

from conformance.microversion import Microversion

SUCCESS = tuple(range(200, 300))
"""What must come of a request of which nobody says more."""


@attrs.frozen
class Claim:
    """What must come of a request: a value without the story, the plan or the cloud that it came from.

    ``call`` is the history's name, or method and path for a service that isn't judged. ``answered`` None: no
    microversion can be told from the answer. ``persona`` None: whoever it was. ``stray``: what is asked isn't known to
    the history at this microversion. ``swept``: a read of one resource over its microversions, under the name ``step``.
    ``where`` is the step's place in the story; ``keep`` are the pointers to what later steps need, ``pages`` those of a
    list that is read page by page, and ``follows`` the machines that the states seen at a pointer must follow.
    """

    service: str
    call: str
    version: Microversion
    statuses: tuple[int, ...]
    answered: Microversion | None
    persona: str | None = None
    step: str = ""
    where: str = ""
    swept: bool = False
    stray: bool = False
    expect: Mapping[str, Any] = attrs.field(factory=dict)
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    keep: tuple[Any, ...] = ()
    until: Any = None
    within: float = 0.0
    pages: Mapping[str, str] = attrs.field(factory=dict)
    follows: Mapping[str, Mapping[str, Collection[str]]] = attrs.field(factory=dict)

    def plain(self) -> dict[str, Any]:
        """As JSON, without what says nothing."""
        values = {**attrs.asdict(self, recurse=False), "version": str(self.version)}
        values["answered"] = str(self.answered) if self.answered else None
        return {name: value for name, value in values.items() if value}

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Claim:
        """What ``plain`` wrote."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()
        }
        values["version"] = Microversion.parse(plain["version"])
        values["answered"] = Microversion.parse(plain["answered"]) if "answered" in plain else None
        return cls(**values)
