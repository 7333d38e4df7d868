"""Examples of the documentation, run as a reader would: each ``$`` line in a shell, what follows is what it prints.

``...`` in the output stands for anything. A comment before an example says what it needs, such as
``<!-- needs: wrong server, late -->``; an example without one needs nothing but the repository's data.
"""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
from sybil import Example
from sybil.document import Document
from sybil.parsers.markdown import CodeBlockParser

from tests.helpers import REPOSITORY

PAGES = sorted((REPOSITORY / "docs").glob("*.md"))
KINDS = ("", "wrong server", "embedded placement")
MARK = "\x1e"
_NEEDS = re.compile(r"<!-- needs: (.*) -->\n$")
_COMMAND = re.compile(r"^\$ (.*(?:\n> .*)*)\n?", re.MULTILINE)


def page(path: Path) -> str:
    """A page's name, for the ids of tests."""
    return path.stem


@attrs.define
class Reader:
    """A reader in a folder with the repository's data. ``ready`` prepares what an example needs, or leaves it out."""

    folder: Path
    ready: Callable[[str], bool]
    examples: int = 0

    def __attrs_post_init__(self) -> None:
        for name in ("schemas", "scenarios", "tests/data"):
            shutil.copytree(REPOSITORY / name, self.folder / name)
        command = self.folder / "bin" / "conformance"
        command.parent.mkdir()
        command.write_text(f'#!/bin/sh\nPYTHONPATH="{REPOSITORY}" exec "{sys.executable}" -m conformance "$@"\n')
        command.chmod(0o755)

    def read(self, path: Path) -> int:
        """Run a page's examples, one after another; how many there were. AssertionError at the first that is wrong."""
        before = self.examples
        for example in Document.parse(str(path), CodeBlockParser("console", self._run)).examples():
            example.evaluate()
        return self.examples - before

    def _run(self, example: Example) -> None:
        found = _NEEDS.search(example.document.text[: example.region.start])
        need = found[1] if found else ""
        assert need.partition(", ")[0] in KINDS, f"{Path(example.path).name}:{example.line}: who has a {need}?"
        if not self.ready(need):
            return
        self.examples += 1
        steps = list(_steps(example.parsed))
        outputs = self._shell([command for command, _ in steps])
        for (command, expected), printed in zip(steps, outputs, strict=True):
            told = f"{Path(example.path).name}:{example.line}: $ {command}"
            assert matches(expected, printed), f"{told}\n--- expected\n{expected}\n--- printed\n{printed}"

    def _shell(self, commands: list[str]) -> list[str]:
        """What each of the commands prints, all run by one shell."""
        script = "\n".join(f"{one}\n_code=$?; printf '{MARK}'; (exit $_code)" for one in commands)
        environment = {**os.environ, "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "LC_ALL": "C"}
        done = subprocess.run(
            ["bash", "-c", script],
            check=False,
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
        )
        return done.stdout.split(MARK)[:-1]


def _steps(block: str) -> Iterator[tuple[str, str]]:
    """The commands of an example, and what each is said to print."""
    found = list(_COMMAND.finditer(block))
    assert found, f"an example without a command: {block}"
    assert found[0].start() == 0, f"an example that doesn't begin with a command: {block}"
    for number, one in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(block)
        yield one[1].replace("\n> ", "\n"), block[one.end() : end]


def matches(expected: str, printed: str) -> bool:
    """Whether what was printed is what was said, ``...`` standing for anything; blanks at the ends don't count."""
    want, got = (
        "".join(f"{line.rstrip()}\n" for line in text.strip("\n").splitlines()) for text in (expected, printed)
    )
    return doctest.OutputChecker().check_output(want, got, doctest.ELLIPSIS)
