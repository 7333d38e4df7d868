"""A capture: the entries of an HTTP archive that somebody recorded, read and checked. Layer 3."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conformance.errors import DataError, UsageError
from conformance.har import Entry
from conformance.reading import check

REMEDY = "Save it once more, as an HTTP archive (HAR) with content; it may have been cut short."


def read(path: Path) -> list[Entry]:
    """The entries of a HAR file, each of which has what is read here; UsageError or DataError otherwise."""
    try:
        archive: Any = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise UsageError(f"can't be read: {error.strerror}", str(path), "Check the path and its permissions.") from None
    except UnicodeDecodeError as error:
        raise DataError(f"is no text in UTF-8: {error.reason}", str(path), REMEDY) from None
    except json.JSONDecodeError as error:
        raise DataError(f"is not JSON: {error}", str(path), REMEDY) from None
    check(archive, "har", str(path))
    entries: list[Entry] = archive["log"]["entries"]
    for number, entry in enumerate(entries):
        check(entry, "exchange", f"{path}: entries/{number}")
    return entries
