"""Gives the cloud its guest: an image that counts on its console, writes to its disk and answers on its network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .ready import Readiness

GUEST = Path("/opt/guest")
DISK = Path("/tmp/guest-disk")  # noqa: S108 - the host's own
COMMAND_LINE = "console=ttyS0 quiet panic=-1"
Parts = dict[str, tuple[str, str, Path]]
PARTS: Parts = {
    "guest-kernel": ("aki", "aki", GUEST / "kernel"),
    "guest-root": ("ari", "ari", GUEST / "root"),
    "guest": ("qcow2", "bare", DISK),
}
"""By the name of each image: its formats, and the file that is in it."""


def missing(parts: Parts, there: list[dict[str, Any]]) -> list[str]:
    """The images that the cloud doesn't have yet, in the order in which they are made."""
    whole = {image["name"] for image in there if image["status"] == "active"}
    return [name for name in parts if name not in whole]


def properties(name: str, numbers: dict[str, str]) -> dict[str, str]:
    """What nova has to know of an image: how the guest is started."""
    if name != "guest":
        return {}
    return {
        "kernel_id": numbers["guest-kernel"],
        "ramdisk_id": numbers["guest-root"],
        "os_command_line": COMMAND_LINE,
    }


def main() -> None:
    """Make what is missing."""
    readiness = Readiness(json.loads(Path("/lab/facts.json").read_text()))
    readiness.keystone()
    there = readiness.get("glance", "/v2/images")["images"]
    numbers = {image["name"]: image["id"] for image in there}
    for name in missing(PARTS, there):
        disk, container, file = PARTS[name]
        body = {"name": name, "disk_format": disk, "container_format": container, "visibility": "public"}
        numbers[name] = _make(readiness, body | properties(name, numbers), file)


def _make(readiness: Readiness, body: dict[str, str], file: Path) -> str:
    """The number of an image that has been registered and filled."""
    answer = readiness.http.post(readiness.url("glance", "/v2/images"), json=body, timeout=30)
    answer.raise_for_status()
    number = str(answer.json()["id"])
    headers = {"Content-Type": "application/octet-stream"}
    place = readiness.url("glance", f"/v2/images/{number}/file")
    with file.open("rb") as data:
        readiness.http.put(place, data=data, headers=headers, timeout=60).raise_for_status()
    return number


if __name__ == "__main__":
    main()
