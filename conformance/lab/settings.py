"""What the caller asks of a lab: its name, how many computes, which release, sources and network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from conformance.embedded import release as releases
from conformance.embedded.settings import checkouts
from conformance.errors import UsageError

from .network import PROFILES, USUAL, Profile
from .topology import Host, hosts

MOST_COMPUTES = 9


@attrs.frozen
class Settings:
    """Checked and complete; two labs with equal settings are interchangeable."""

    name: str
    computes: int
    release: str
    sources: dict[str, str]
    network: str = USUAL

    @classmethod
    def of(
        cls,
        name: str,
        computes: int,
        release: str | None,
        sources: Mapping[str, Path] | None = None,
        network: str = USUAL,
    ) -> Settings:
        """From what the caller says."""
        if not 1 <= computes <= MOST_COMPUTES:
            raise UsageError(f"a lab of {computes} computes", "--computes", f"Say 1 to {MOST_COMPUTES}.")
        if network not in PROFILES:
            raise UsageError(f"no lab has a network {network!r}", "--network", f"Say one of {', '.join(PROFILES)}.")
        return cls(name, computes, releases.find(release).name, checkouts(sources or {}), network)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Settings:
        """From what ``attrs.asdict`` made."""
        return cls(**document)

    @property
    def hosts(self) -> list[Host]:
        """The controller and the computes."""
        return hosts(self.computes)

    @property
    def profile(self) -> Profile:
        """What its guests are on."""
        return PROFILES[self.network]
