"""Makes oslo.db work on *file* sqlite under real concurrency. Import it before a service creates an engine.

oslo.db begins every transaction deferred. One that reads first and writes later then gets "database is locked" at
once, whatever the busy timeout. So transactions begin IMMEDIATE and queue on the timeout, except those that
enginefacade knows to be readers: these stay deferred, and under write-ahead logging neither block nor are blocked.
"""

from __future__ import annotations

import sys
from typing import Any

from oslo_db.sqlalchemy import enginefacade, engines
from sqlalchemy import event, pool
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, SessionTransactionOrigin

READER = "embedded_reader"
Factory = enginefacade._TransactionFactory
_create_session = Factory._create_session
_create_connection = Factory._create_connection


@event.listens_for(Engine, "before_cursor_execute", retval=True)  # type: ignore[untyped-decorator, unused-ignore]
def _begin(connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
    if statement == "BEGIN" and _is_sqlite(connection) and not connection.get_execution_options().get(READER):
        statement = "BEGIN IMMEDIATE"
    return statement, parameters


def _is_sqlite(bind: Any) -> bool:
    return bind is not None and bind.dialect.name == "sqlite"


def _reading(engine: Any) -> Any:
    """The same engine under the reader's option, made once: each would have its own cache of statements."""
    if READER not in engine.__dict__:
        engine.__dict__[READER] = engine.execution_options(**{READER: True})
    return engine.__dict__[READER]


def _session(self: Any, mode: Any, bind: Any = None) -> Any:
    session = _create_session(self, mode, bind=bind)
    if bind is None and mode is not enginefacade._WRITER and _is_sqlite(session.bind):
        session.bind = _reading(session.bind)
    return session


def _connection(self: Any, mode: Any) -> Any:
    connection = _create_connection(self, mode)
    if mode is not enginefacade._WRITER and _is_sqlite(connection):
        connection = connection.execution_options(**{READER: True})
    return connection


def _pooled(url: Any, engine_args: dict[str, Any], kw: dict[str, Any]) -> None:
    """A pool in place of oslo.db's reopening per session: a third more requests a second.

    A file doesn't go away between two uses, so that nobody asks each time whether it is there: 7% of nova's work.
    """
    engine_args["pool_pre_ping"] = False
    for option in ("max_pool_size", "max_overflow"):
        kw.pop(option, None)
        engine_args.pop(option, None)
    if url.database and url.database != ":memory:":
        engine_args.setdefault("connect_args", {})["check_same_thread"] = False
        engine_args.update(poolclass=pool.QueuePool, pool_size=10, max_overflow=90)


def read_outside_transactions() -> None:
    """For a service whose sessions outside of enginefacade's transactions read, but don't end: they block nobody."""

    @event.listens_for(Session, "after_transaction_create")  # type: ignore[untyped-decorator, unused-ignore]
    def _defer(session: Any, transaction: Any) -> None:
        if transaction.origin is SessionTransactionOrigin.AUTOBEGIN and _is_sqlite(session.bind):
            session.bind = _reading(session.bind)


def _on_green_threads() -> bool:
    patcher = sys.modules.get("eventlet.patcher")
    return patcher is not None and bool(patcher.is_monkey_patched("time"))


def _stay(*_: Any) -> None:
    """Keep on: what oslo.db does for green threads with each connection that comes back has real ones queue anew."""


if not _on_green_threads():
    engines._thread_yield = _stay
Factory._create_session, Factory._create_connection = _session, _connection
engines._init_connection_args.reg["sqlite"]["*"] = [_pooled]
