"""What a guest says of itself, read from outside: a life is counted without a gap, and never told in two ways."""

from __future__ import annotations

from typing import Any

import attrs

RECENT = 50
"""So many of its last writes does a guest still have on its disk, whatever it writes meanwhile."""


@attrs.define
class Life:
    """The counts that a guest was heard to tell, by boot, each with all that was said of it."""

    boots: dict[str, dict[int, str]] = attrs.field(factory=dict)
    repeated: list[int] = attrs.field(factory=list)
    boot: str = ""
    _first: int = 0

    def learn(self, log: str) -> None:
        """Take a guest's log, of which the last line may be half."""
        for line in log.split("\n")[:-1]:
            words = line.split()
            if len(words) == 4 and words[1].isdigit():
                self._hear(words[0], int(words[1]), " ".join(words[2:]))
        self._first = self._first or self.last

    def _hear(self, boot: str, count: int, rest: str) -> None:
        counts = self.boots.setdefault(boot, {})
        if counts.setdefault(count, rest) != rest and count not in self.repeated:
            self.repeated.append(count)
        self.boot = boot

    @property
    def last(self) -> int:
        """The last count of the boot that was heard last."""
        return max(self.boots.get(self.boot, {}), default=0)

    @property
    def goes_on(self) -> bool:
        """Whether it was heard to count further."""
        return self.last > self._first > 0

    @property
    def missing(self) -> list[int]:
        """The counts that were left out, of any boot."""
        return [count for counts in self.boots.values() for count in range(1, max(counts)) if count not in counts]

    def told(self) -> dict[str, Any]:
        """The last boot, how far each was heard to count, and what isn't as it should be.

        ``missing`` counts were left out, ``repeated`` ones told in two ways, and what was written with ``failed`` ones
        was not on the disk when it was read back.
        """
        own = self.boots.get(self.boot, {})
        failed = [count for count, rest in own.items() if rest.endswith(" bad")]
        lives = {boot: max(counts) for boot, counts in self.boots.items()}
        return {"boot": self.boot, "boots": lives, "missing": self.missing, "repeated": self.repeated, "failed": failed}


def disks(text: str, life: Life) -> dict[str, Any]:
    """Of each disk the checksum that was ``said`` of it and the one ``read`` now; what of a life is ``unwritten``."""
    rows = [line.split() for line in text.splitlines()]
    said = {row[1]: row[2] for row in rows if row[:1] == ["disk"]}
    read = {row[1]: row[3] for row in rows if row[:1] == ["disk"]}
    wrote = {(row[1], int(row[2])) for row in rows if row[:1] == ["wrote"] and row[2].isdigit()}
    recent = range(max(1, life.last - RECENT), life.last + 1) if "vda" in said else ()
    return {"said": said, "read": read, "unwritten": [count for count in recent if (life.boot, count) not in wrote]}
