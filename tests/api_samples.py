"""The JSON samples beside nova's API reference, read from its source distribution, and the calls that they are of."""

from __future__ import annotations

import json
import re
import tarfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache, cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import attrs
import yaml

from conformance.calls import find_call
from conformance.document import Documents
from conformance.judge import judge_body
from conformance.microversion import Microversion
from conformance.validation import faults
from tests.helpers import REPOSITORY, v

SAMPLES, REFERENCE = "doc/api_samples/", "api-ref/source/"
TABLES = REPOSITORY / "tests" / "data" / "samples"
_SECTION = re.compile(r"^\.\. rest_method:: (\w+) (\S+)$", re.MULTILINE)
_SHOWN = re.compile(r"^\.\. literalinclude:: \S*/doc/api_samples/(\S+\.json)$", re.MULTILINE)


@attrs.frozen
class Sample:
    """A body, and where it stands: ``servers/v2.26/server-get-resp.json``."""

    path: str
    body: Any

    @property
    def version(self) -> Microversion:
        """The microversion of its folder; the first where the folder names none."""
        found = re.search(r"/v(\d+\.\d+)/", self.path)
        return v(found[1] if found else "2.1")

    @property
    def subject(self) -> str:
        """Its path without the microversion, which is the same at all of them."""
        return re.sub(r"/v\d+\.\d+/", "/", self.path)

    @property
    def first_key(self) -> str:
        """What names an action, if its body is a request for one."""
        return next(iter(self.body), "") if isinstance(self.body, Mapping) else ""

    def asks(self, call: str) -> bool:
        """Whether it is a request: its name says so, or its body is that of the action."""
        return "-req" in PurePosixPath(self.path).stem or call.endswith(f"/action {self.first_key}")


@attrs.frozen(slots=False)
class Published:
    """The files of a source distribution that count here, by their paths within it."""

    files: Mapping[str, str]
    calls: tuple[str, ...]

    @cached_property
    def samples(self) -> dict[str, Sample]:
        """Every sample by its path below ``doc/api_samples``."""
        paths = sorted(path for path in self.files if path.startswith(SAMPLES))
        short = {path.removeprefix(SAMPLES): path for path in paths}
        return {name: Sample(name, json.loads(self.files[path])) for name, path in short.items()}

    @cached_property
    def shown(self) -> dict[str, set[str]]:
        """The calls beside which the reference shows a sample, by the sample's subject."""
        found = defaultdict(set)
        for name, text in self.files.items():
            for method, path, part in _sections(text) if name.startswith(REFERENCE) else ():
                samples = [self.samples[one] for one in _SHOWN.findall(part) if one in self.samples]
                keys = ("", *(sample.first_key for sample in samples))
                call = next(filter(None, (find_call(self.calls, method, path, key) for key in keys)), "")
                for sample in samples if call else ():
                    found[sample.subject].add(call)
        return found


def _sections(text: str) -> Iterator[tuple[str, str, str]]:
    """Method, path and text of each call of a chapter."""
    _, *rest = _SECTION.split(text)
    return zip(rest[::3], rest[1::3], rest[2::3], strict=True)


def unpack(source: Path) -> dict[str, str]:
    """The samples and the reference of nova: of an archive, of a folder with one, or of a checkout."""
    source = next(source.glob("nova-*.tar.gz"), source)
    if source.is_dir():
        found = [path for part in (SAMPLES, REFERENCE) for path in (source / part).rglob("*") if path.is_file()]
        return {path.relative_to(source).as_posix(): path.read_text(encoding="utf-8") for path in found}
    files = {}
    with tarfile.open(source) as archive:
        for member in archive:
            path = member.name.partition("/")[2]
            if path.startswith((SAMPLES, REFERENCE)) and path.endswith((".json", ".inc")):
                content = archive.extractfile(member)
                files[path] = content.read().decode() if content else ""
    return files


@cache
def table(name: str) -> Any:
    """One of our own tables beside the samples."""
    return yaml.safe_load((TABLES / f"{name}.yaml").read_text(encoding="utf-8"))


def places(sample: Sample, published: Published, documents: Documents) -> list[tuple[str, Microversion]]:
    """The calls that a sample is of, with its microversion: as our table says, or else as the reference shows it."""
    told = next((row for pattern, row in table("calls").items() if fnmatchcase(sample.path, pattern)), "")
    call, _, version = told.partition(" @")
    candidates = [call] if call else sorted(published.shown.get(sample.subject, ()))
    at = v(version) if version else sample.version
    return [(call, at) for call in candidates if at in documents.life(call)]


def departures(sample: Sample, published: Published, documents: Documents) -> set[str]:
    """What a sample has that the history doesn't, each as ``code /pointer`` with a ``*`` for a place in a list."""
    found = places(sample, published, documents)
    return {one for place in found for one in _judged(sample, *place, documents)} if found else {"no-call"}


def _judged(sample: Sample, call: str, version: Microversion, documents: Documents) -> Iterator[str]:
    document = documents.at(call, version)
    if not sample.asks(call):
        found = [(one.code, one.pointer) for one in judge_body(sample.body, document, version)]
    elif document.takes is None:
        found = [("unexpected-body", "")]
    else:
        found = [(one.code, one.pointer) for one in faults(sample.body, document.takes)]
    return (f"{code} {re.sub('/[0-9]+(?=/|$)', '/*', pointer)}".rstrip() for code, pointer in found)
