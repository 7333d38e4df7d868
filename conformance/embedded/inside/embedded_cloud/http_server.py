"""Serves a WSGI application on the socket that was reserved for it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from cheroot import wsgi

from .declarations import declaring
from .record import Record, tell

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class _KeptOpen:
    """A request body that an application can't close: glance does, and that would break the kept-alive connection."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def close(self) -> None:
        """Leave it to the server."""

    def __iter__(self) -> Any:
        return iter(self._body)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._body, name)


class _Server(wsgi.Server):
    """A server that listens on a socket bound long before, so that nobody can have taken its port."""

    def __init__(self, reserved: socket.socket, application: Application) -> None:
        super().__init__(reserved.getsockname(), application, numthreads=8, request_queue_size=128)
        self._reserved = reserved

    def bind(self, *_: Any) -> socket.socket:
        self.socket = self._reserved
        # An answer goes out in two parts; without this the second waits 40 ms for the first one's acknowledgement.
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.socket


def serve(record: Record, service: str, application: Application) -> None:
    """Serve until the process is ended."""
    server = prepared(record, service, application)
    tell("serving", service=service)
    server.serve()


def prepared(record: Record, service: str, application: Application) -> wsgi.Server:
    """A server that listens already; it answers when it is told to serve."""

    def kept_open(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["wsgi.input"] = _KeptOpen(environ["wsgi.input"])
        return application(environ, start_response)

    declared = Path(record["folder"], "state", "declared", service)
    server = _Server(reserved(record, service), declaring(kept_open, declared))
    server.prepare()
    return server


def reserved(record: Record, name: str) -> socket.socket:
    """The bound socket of that name, inherited from whoever boots."""
    return socket.socket(fileno=record["sockets"][name])
