"""Runs a command in the tree, with files of this machine shown in it: ``borrow TREE {"/place": "source"} COMMAND``.

It is started in namespaces for mounts and processes of its own; what it mounts goes with it.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from . import kernel
from .enter import PATH

USUAL = {"/dev/null": "/dev/null", "/dev/urandom": "/dev/urandom", "/dev/zero": "/dev/zero"}


def main(root: Path, shown: dict[str, str], command: list[str]) -> None:
    """Become the command."""
    kernel.mount("proc", root / "proc")
    kernel.mount("tmpfs", root / "dev", "mode=755")
    kernel.mount("tmpfs", root / "run", "mode=755")
    for place, source in (USUAL | shown).items():
        kernel.bind(Path(source), root / place.lstrip("/"))
    os.chroot(root)
    os.chdir("/")
    kept = {name: value for name, value in os.environ.items() if name.startswith(("UV_", "PIP_", "SSL_"))}
    os.execvpe(command[0], command, {**kept, "PATH": PATH, "HOME": "/tmp", "LANG": "C.UTF-8"})  # noqa: S606, S108


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3:])
