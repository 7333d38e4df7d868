"""Results as a subunit stream (version 2), which stestr and its kin read. Layer 3."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from subunit.v2 import StreamResultToBytes

from conformance.exchange import Finding
from conformance.report.results import Record

STATUSES = {"passed": "success", "failed": "fail", "known": "xfail", "not-reached": "fail", "skipped": "skip"}
HTML_SECONDS = 600
_TEXT = "text/plain; charset=utf8"


def write(records: Iterable[Record], path: Path) -> None:
    """A test for each record under its case's id, with its time, its tags, and its findings attached."""
    path.write_bytes(octets(records))


def octets(records: Iterable[Record]) -> bytes:
    """The stream itself."""
    file = BytesIO()
    stream = StreamResultToBytes(file)
    for record in sorted(records, key=lambda one: str(one["started"])):
        for event in _events(record):
            stream.status(test_id=record["id"], **event)
    return file.getvalue()


def html(records: Iterable[Record]) -> bytes:
    """The page that log servers know as testr_results.html.gz."""
    with TemporaryDirectory() as folder:
        source, target = Path(folder, "stream"), Path(folder, "page")
        write(records, source)
        program = (sys.executable, "-m", "os_testr.subunit2html", source, target)
        subprocess.run(program, check=True, timeout=HTML_SECONDS)  # noqa: S603 - a program that we depend on
        return gzip.compress(target.read_bytes(), mtime=0)


def _events(record: Record) -> Iterator[dict[str, Any]]:
    begun = datetime.fromisoformat(record["started"])
    ended = begun + timedelta(seconds=record["seconds"])
    yield {"test_status": "inprogress", "timestamp": begun}
    for name, text in _attached(record):
        content = {"file_name": name, "file_bytes": text.encode("utf-8", "replace"), "mime_type": _TEXT}
        yield {**content, "eof": True, "timestamp": ended}
    yield {"test_status": STATUSES[record["outcome"]], "test_tags": _tags(record), "timestamp": ended}


def _tags(record: Record) -> set[str]:
    """A tag has no space, so that a filter can name it."""
    tags = {name: record[name] for name in ("service", "microversion", "outcome")}
    return {f"{name}/{value}" for name, value in tags.items() if value}


def _attached(record: Record) -> Iterator[tuple[str, str]]:
    """Each finding and warning with its remedy, and the reasons, by names of their own."""
    for kind in ("finding", "warning"):
        for number, entry in enumerate(record[f"{kind}s"], 1):
            finding = Finding(**entry)
            yield f"{kind}-{number}-{finding.code}", f"{finding}\n"
    reasons = [record["reason"], *record["known"]]
    if text := "\n".join(reason for reason in reasons if reason):
        yield "reason", f"{text}\n"
