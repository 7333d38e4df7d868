"""Every error that a user can cause or meet: a frozen record that says what is wrong, where, and what to do.

Layer 0. Tests compare errors by equality; nobody parses their text.
"""

from __future__ import annotations

from typing import ClassVar

import attrs


@attrs.frozen
class ConformanceError(Exception):
    """The root of all errors; ``exit_code`` is what the command ends with."""

    exit_code: ClassVar[int] = 2

    what: str
    where: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        """Place first, then the fault, then what to do."""
        place = f"{self.where}: " if self.where else ""
        remedy = f"\n  {self.remedy}" if self.remedy else ""
        return f"{place}{self.what}{remedy}"

    def __eq__(self, other: object) -> bool:
        """Equal by kind and fields: attrs would compare exceptions by identity."""
        return type(self) is type(other) and attrs.astuple(self) == attrs.astuple(other)  # type: ignore[call-overload, no-any-return, unused-ignore]

    def __hash__(self) -> int:
        """As equal as ``__eq__`` says."""
        return hash((type(self), self.what, self.where, self.remedy))


class UsageError(ConformanceError):
    """The command or its options are wrong."""


class DataError(ConformanceError):
    """A data file is wrong; ``where`` is ``file: place in it``."""


class CloudError(ConformanceError):
    """The cloud under test can't be used: down, no access, or without what a run needs."""

    exit_code: ClassVar[int] = 3
