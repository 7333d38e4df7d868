"""A database of placement's own in place of SQLite: its URL, read strictly, so that no password is ever printed."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from conformance.errors import CloudError, UsageError

PINS = Path(__file__).with_name("drivers.txt")
DRIVERS = {"postgresql+psycopg2": "psycopg2-binary", "mysql+pymysql": "pymysql"}
"""Which distribution each kind of URL needs."""

# Narrower than SQLAlchemy's: what it would read in several ways, or the configuration file would, has no place here.
URL = re.compile(
    r"""(?P<kind>[\w+]+)://
        (?P<user>[\w.~%+-]+)(:(?P<password>[\w.~%!*'()&=+,;-]*))?@
        (?P<place>([\w.-]+|\[[\da-fA-F:]+])(:\d+)?)
        /(?P<name>[\w.-]+)
        (?P<query>\?[\w.~%&=+,:/-]*)?""",
    re.VERBOSE | re.ASCII,
)
FORM = "Write it as postgresql+psycopg2://user:password@127.0.0.1:5432/placement or mysql+pymysql://..., with what is "
FORM += "special in user and password percent-encoded."


def check(url: str) -> str:
    """The URL, if it is one that we can use; the error doesn't repeat it, as a password may be anywhere in it."""
    read = URL.fullmatch(url)
    if read is None:
        raise UsageError("not the URL of a database", "--database", FORM)
    if read["kind"] not in DRIVERS:
        remedy = f"Placement's own can be {' or '.join(DRIVERS)}; without --database it is SQLite."
        raise UsageError(f"no database of kind {read['kind']}", "--database", remedy)
    return url


def shown(url: str) -> str:
    """The URL as it may be printed: without its password and its query, which could hold another."""
    read = _read(url)
    return f"{read['kind']}://{read['user']}@{read['place']}/{read['name']}"


def unsaid(url: str, text: str) -> str:
    """A text of others without the password, as it is and as the URL has it."""
    for password in filter(None, {_read(url)["password"], unquote(_read(url)["password"] or "")}):
        text = text.replace(password, "***")
    return text


def pin(url: str) -> str:
    """The locked driver that a URL needs."""
    wanted = DRIVERS[_read(url)["kind"]]
    return next(line for line in PINS.read_text().splitlines() if line.startswith(f"{wanted}=="))


def driver(installed: Path, url: str) -> Path:
    """Where the driver that a URL needs is, beside the services' environment, once it is installed."""
    return installed / "drivers" / pin(url).replace("==", "-")


def refusal(url: str, fault: str, remedy: str) -> CloudError:
    """The error for a database that placement can't use."""
    return CloudError(f"placement can't use its database: {unsaid(url, fault)}", shown(url), remedy)


def _read(url: str) -> re.Match[str]:
    read = URL.fullmatch(url)
    assert read is not None, "checked before"
    return read
