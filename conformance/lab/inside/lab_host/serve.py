"""Serves a WSGI application: ``python -m lab_host.serve PORT MODULE``."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable, Iterable
from typing import Any

from cheroot import wsgi

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


def kept_open(application: Application) -> Application:
    """The application, given bodies that it can't close."""

    def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["wsgi.input"] = _KeptOpen(environ["wsgi.input"])
        return application(environ, start_response)

    return serve


def main(port: int, module: str) -> None:
    """Serve until the process is ended."""
    sys.argv = [module]
    application = importlib.import_module(module).application
    server = wsgi.Server(("0.0.0.0", port), kept_open(application), numthreads=8, request_queue_size=128)  # noqa: S104
    server.max_request_body_size = 0
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    server.start()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
