"""Stops and starts compute hosts on request: evacuation needs a host that is really down."""

from __future__ import annotations

import hmac
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .http_server import reserved
from .nova_service import ComputeHosts
from .record import Record


def serve(record: Record, hosts: ComputeHosts) -> None:
    """Answer ``POST /<host>/stop`` and ``POST /<host>/start`` of whoever knows the cloud's secret."""

    class Handler(BaseHTTPRequestHandler):
        """One request."""

        def log_message(self, *_: object) -> None:
            """Say nothing: the log is nova's."""

        def do_POST(self) -> None:
            """Do what the path says."""
            secret = self.headers.get("Authorization", "")
            known = hmac.compare_digest(secret, f"Bearer {record['control_secret']}")
            status, answer = _act(hosts, self.path) if known else (401, "wrong secret")
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
    server.socket = reserved(record, "control")
    server.server_activate()
    server.serve_forever()


def _act(hosts: ComputeHosts, path: str) -> tuple[int, str]:
    _, host, action = path.split("/") if path.count("/") == 2 else ("", "", "")
    if action not in ("start", "stop"):
        return 404, "POST /<host>/start or /<host>/stop"
    try:
        getattr(hosts, action)(host)
    except KeyError:
        return 404, f"no compute host {host}"
    except Exception as error:
        traceback.print_exc()
        return 500, repr(error)
    return 200, ""
