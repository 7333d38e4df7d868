"""Where labs keep their files: each lab in a folder that ``down`` removes, and beside it what is made once for all."""

from __future__ import annotations

from pathlib import Path

from conformance.embedded.places import NAME, home
from conformance.errors import UsageError


def lab_folder(name: str) -> Path:
    """The folder of a lab, which may not exist; UsageError for a name that can't be one."""
    if not NAME.fullmatch(name):
        remedy = "Use lower-case letters, digits and hyphens, at most 31."
        raise UsageError(f"{name!r} can't be a lab's name", remedy=remedy)
    return home() / "labs" / name


def trees() -> Path:
    """The folder of what hosts are made from."""
    return home() / "lab-trees"
