"""A database that a deployer gave to a service, in place of a copy of a template: looked at, then synchronised."""

from __future__ import annotations

import importlib
from typing import Any

from . import schemas
from .record import Record, tell

CONNECT_SECONDS = 10
VERSION_TABLE = "alembic_version"


class _UnusableError(Exception):
    """A fault of the database and its remedy."""


def create(record: Record, service: str) -> None:
    """Let the service's own ``db sync`` make or renew the schema, unless the database is somebody else's."""
    from oslo_db.exception import DBError  # noqa: PLC0415 - not in the fork server
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    try:
        _check(tables(record["database"]), service)
        schemas.create(record, service)
    except _UnusableError as unusable:
        fault, remedy = unusable.args
    except (SQLAlchemyError, DBError) as error:
        fault, remedy = reason(error), "Is it up, with this name, this user and password, and may the user make tables?"
    tell("refused", service=service, fault=fault, remedy=remedy)
    raise SystemExit(1)


def tables(url: str) -> set[str]:
    """The tables in a database; the first connection to it, which must not wait for long."""
    sqlalchemy = importlib.import_module("sqlalchemy")
    # Both drivers know the option by this name.
    engine = sqlalchemy.create_engine(url, connect_args={"connect_timeout": CONNECT_SECONDS})
    try:
        return set(sqlalchemy.inspect(engine).get_table_names())
    finally:
        engine.dispose()


def _check(found: set[str], service: str) -> None:
    models = importlib.import_module(f"{service}.db.sqlalchemy.models")
    strange = sorted(found - {*models.BASE.metadata.tables, VERSION_TABLE})
    remedy = f"Give {service} an empty database, or the one that it had before."
    if strange:
        raise _UnusableError(f"it has tables that are not {service}'s, such as {strange[0]}", remedy)
    if found and VERSION_TABLE not in found:
        raise _UnusableError(f"it has tables of {service}'s, but no {VERSION_TABLE}", remedy)


def reason(error: Any) -> str:
    """What the driver said, without the statement and its parameters."""
    for attribute in ("inner_exception", "orig"):
        error = getattr(error, attribute, None) or error
    return " ".join(str(error).split())
