"""``conformance bump --prove``: a microversion proved, and that nothing older moved with it. Layer 4."""

from __future__ import annotations

from conformance.commands.running import Wishes
from conformance.microversion import Microversion


def prove(wishes: Wishes, service: str, version: Microversion) -> int:
    """Later."""
    raise NotImplementedError
