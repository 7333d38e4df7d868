"""A real server on the loopback that plays keystone and a tiny compute service, honestly or with one fault.

Its honest answers are written by hand for the history in ``tests/data/tiny`` and know nothing of our schemas. A fault
spoils the answer of one call at one microversion.
"""

from __future__ import annotations

import json
import re
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlencode, urlsplit

import attrs
import yaml

TINY = Path(__file__).parent / "data" / "tiny"
PASSWORD = "planted-password"
ADMIN_PASS = "planted-admin-pass"
USER_DATA = "cGxhbnRlZC11c2VyLWRhdGE="
PEOPLE = ("tiny", "tiny-manager", "tiny-member", "tiny-reader", "tiny-service")
JSON = {"Content-Type": "application/json"}
Numbers = tuple[int, int]


@attrs.frozen
class Asked:
    """A request as it came, with its ``content`` as JSON if it is any. ``call`` is the history's name for it."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: Any
    content: bytes = b""
    target: str = ""
    version: Numbers = (2, 1)
    call: str = ""


@attrs.frozen
class Answer:
    """What to send: ``octets`` or ``pieces`` in place of the body as JSON; ``told`` is a false length."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = attrs.field(factory=dict)
    octets: bytes | None = None
    pieces: Iterator[bytes] | None = None
    told: int | None = None
    hung_up: bool = False

    def having(self, **headers: str | None) -> Answer:
        """With other headers (an underscore stands for a hyphen); None leaves one out."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        merged = {**self.headers, **named}
        return attrs.evolve(self, headers={name: value for name, value in merged.items() if value is not None})


class World(Protocol):
    """Whatever answers requests: all of a cloud, or what stands before one of its services."""

    sent: int

    def answer(self, asked: Asked) -> Answer:
        """What comes back."""


Spoil = Callable[[Any, Asked, Answer], Answer]
"""The answer in place of the honest one, by the world that gives it."""


@attrs.frozen
class Fault:
    """Which answer is spoiled, and how."""

    call: str
    at: Numbers
    spoil: Spoil


def error(status: int, kind: str, message: str) -> Answer:
    """An error as compute says it."""
    return Answer(status, {kind: {"code": status, "message": message}})


@attrs.define(slots=False)
class WrongServer:
    """Keystone below /identity and compute below /compute, on a port of their own; state is in memory."""

    prefix: str = "/compute"
    servers: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    tokens: dict[str, str] = attrs.field(factory=dict)
    log: list[Asked] = attrs.field(factory=list)
    fault: Fault | None = None
    issued: int = 0
    sent: int = 0
    reached: threading.Event = attrs.field(factory=threading.Event)
    released: threading.Event = attrs.field(factory=threading.Event)

    def start(self, context: ssl.SSLContext | None = None) -> WrongServer:
        """Serve in a thread until ``stop``."""
        self._http = listen(self)
        if context:
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"http{'s' if context else ''}://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Serve no more."""
        self.released.set()
        self._http.shutdown()
        self._http.server_close()

    def reset(self) -> None:
        """Forget everything."""
        self.released.set()
        self.servers, self.tokens, self.log, self.fault = {}, {}, [], None
        self.issued = self.sent = 0
        self.reached, self.released = threading.Event(), threading.Event()

    @property
    def connections(self) -> frozenset[object]:
        """Those that are open."""
        return frozenset(self._http.connections)

    def left_alone(self, *, but: frozenset[object], seconds: float = 20) -> bool:
        """Whether everybody but these hangs up within that time, and all that they asked for is done."""
        deadline = time.monotonic() + seconds
        while self.connections - but and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.connections <= but

    def spoil(self, name: str) -> None:
        """Put a fault of FAULTS in force."""
        self.fault = FAULTS[name]

    def clouds(self, **more: Any) -> str:
        """A clouds.yaml with an entry for each persona; ``more`` goes into each entry."""
        return yaml.safe_dump({"clouds": {name: {**self._entry(name), **more} for name in PEOPLE}})

    def _entry(self, name: str) -> dict[str, Any]:
        domains = {"user_domain_id": "default", "project_domain_id": "default"}
        auth = {"auth_url": f"{self.url}/identity/v3", "username": name, "password": PASSWORD, "project_name": "tiny"}
        return {"auth": {**auth, **domains}, "region_name": "RegionOne"}

    def answer(self, asked: Asked) -> Answer:
        """What comes back, spoiled if a fault is in force for it."""
        if asked.path.startswith("/identity"):
            return self._identity(asked)
        call, act, arguments = _route(asked.method, asked.path.removeprefix(self.prefix))
        asked = attrs.evolve(asked, version=_version(asked.headers.get("openstack-api-version", "")), call=call)
        self.log.append(asked)
        if asked.path != f"{self.prefix}/" and asked.headers.get("x-auth-token") not in self.tokens:
            return _dressed(asked, error(401, "unauthorized", "The request needs a token."))
        honest = _dressed(asked, act(self, asked, **arguments))
        fault = self.fault
        hit = fault and (fault.call, fault.at) == (call, asked.version)
        return fault.spoil(self, asked, honest) if fault and hit else honest

    def _identity(self, asked: Asked) -> Answer:
        if asked.method == "GET":
            links = [{"rel": "self", "href": f"{self.url}/identity/v3"}]
            return Answer(200, {"version": {"id": "v3.14", "status": "stable", "links": links}}, JSON)
        user = asked.body["auth"]["identity"]["password"]["user"]
        if user["name"] not in PEOPLE or user["password"] != PASSWORD:
            return Answer(401, {"error": {"code": 401, "title": "Unauthorized", "message": "Wrong password."}}, JSON)
        self.issued += 1
        token = f"planted-token-{self.issued}"
        self.tokens[token] = user["name"]
        return Answer(201, {"token": self._token(user["name"])}, {**JSON, "X-Subject-Token": token})

    def _token(self, name: str) -> dict[str, Any]:
        endpoint = {"id": "e", "interface": "public", "region": "RegionOne", "region_id": "RegionOne"}
        catalogue = {"id": "c", "type": "compute", "name": "nova"}
        catalogue["endpoints"] = [{**endpoint, "url": f"{self.url}{self.prefix}/v2.1"}]  # type: ignore[assignment]
        domain = {"id": "default", "name": "Default"}
        return {
            "methods": ["password"],
            "user": {"id": name, "name": name, "domain": domain},
            "project": {"id": "tiny", "name": "tiny", "domain": domain},
            "roles": [{"id": "admin", "name": "admin"}],
            "catalog": [catalogue],
            "expires_at": "2099-01-01T00:00:00.000000Z",
            "issued_at": "2024-01-01T00:00:00.000000Z",
        }


def _version(header: str) -> Numbers:
    found = re.fullmatch(r"compute (\d+)\.(\d+)", header)
    return (int(found[1]), int(found[2])) if found else (2, 4) if header.endswith("latest") else (2, 1)


def _dressed(asked: Asked, answer: Answer) -> Answer:
    """With the headers that every answer of compute has; the version document has none of a microversion."""
    told = ".".join(map(str, asked.version))
    dressed = {"X-OpenStack-Request-Id": f"req-{uuid.uuid4()}", **(JSON if answer.body is not None else {})}
    if asked.call != "GET /":
        dressed |= {"OpenStack-API-Version": f"compute {told}", "X-OpenStack-Nova-API-Version": told}
        dressed |= {"Vary": "OpenStack-API-Version, X-OpenStack-Nova-API-Version"}
    return attrs.evolve(answer, headers={**dressed, **answer.headers})


def _root(world: WrongServer, asked: Asked) -> Answer:
    about = {"id": "v2.1", "status": "CURRENT", "version": "2.4", "min_version": "2.1"}
    return Answer(200, {"versions": [{**about, "updated": "2013-07-23T11:33:21Z"}]})


def _list(world: WrongServer, asked: Asked) -> Answer:
    wanted = asked.query.get("name", [""])[0]
    found = [one for one in world.servers.values() if wanted in one["name"]]  # a part of the name will do, as in nova
    behind = [one["id"] for one in found].index(asked.query["marker"][0]) + 1 if "marker" in asked.query else 0
    limit = int(asked.query.get("limit", ["1000"])[0])
    page = [{"id": one["id"], "name": one["name"]} for one in found[behind : behind + limit]]
    return Answer(200, {"servers": page, **_further(world, asked, page if len(page) == limit else [])})


def _further(world: WrongServer, asked: Asked, page: list[dict[str, Any]]) -> dict[str, Any]:
    """The link to what comes behind a full page."""
    if not page:
        return {}
    query = urlencode({**{key: values[0] for key, values in asked.query.items()}, "marker": page[-1]["id"]})
    return {"servers_links": [{"rel": "next", "href": f"{world.url}{world.prefix}/v2.1/servers?{query}"}]}


def _create(world: WrongServer, asked: Asked) -> Answer:
    wanted = asked.body["server"]
    known = {"name", "user_data", *(("description",) if asked.version >= (2, 2) else ())}
    if unknown := wanted.keys() - known:
        return error(400, "badRequest", f"Additional properties are not allowed: {sorted(unknown)}")
    return create(world, wanted)


def create(world: WrongServer, wanted: Mapping[str, Any]) -> Answer:
    """A new server, whoever asked for it and whatever else was said."""
    one = {"description": None, **wanted, "id": str(uuid.uuid4()), "tags": [], "status": "ACTIVE", "host": "alpha"}
    world.servers[one["id"]] = one
    headers = {"Location": f"{world.url}{world.prefix}/v2.1/servers/{one['id']}"}
    return Answer(202, {"server": {"id": one["id"], "adminPass": ADMIN_PASS}}, headers)


def _show(world: WrongServer, asked: Asked, server: str) -> Answer:
    if server not in world.servers:
        return error(404, "itemNotFound", "No such server.")
    one = world.servers[server]
    since = {"description": (2, 2), "tags": (2, 3)}
    shown = {key: value for key, value in one.items() if asked.version >= since.get(key, (2, 1))}
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return Answer(200, {"server": {**shown, "created": "2024-01-01T00:00:00Z", "updated": stamp}})


def _delete(world: WrongServer, asked: Asked, server: str) -> Answer:
    if server not in world.servers:
        return error(404, "itemNotFound", "No such server.")
    del world.servers[server]
    return Answer(204)


def _tags(world: WrongServer, asked: Asked, server: str, tag: str = "") -> Answer:
    if asked.version < (2, 3) or server not in world.servers:
        return error(404, "itemNotFound", "The resource could not be found.")
    tags = world.servers[server]["tags"]
    if asked.method == "GET":
        return Answer(200, {"tags": list(tags)})
    if asked.method == "DELETE":
        tags.clear()
        return Answer(204)
    known = tag in tags
    tags.append(tag) if not known else None
    return Answer(204 if known else 201)


def _nothing(world: WrongServer, asked: Asked) -> Answer:
    return error(404, "itemNotFound", "The resource could not be found.")


_CALLS: dict[str, Callable[..., Answer]] = {
    "GET /": _root,
    "GET /servers": _list,
    "POST /servers": _create,
    "GET /servers/{server}": _show,
    "DELETE /servers/{server}": _delete,
    "GET /servers/{server}/tags": _tags,
    "PUT /servers/{server}/tags/{tag}": _tags,
    "DELETE /servers/{server}/tags": _tags,
}


def _route(method: str, path: str) -> tuple[str, Callable[..., Answer], dict[str, str]]:
    line = f"{method} {path.removeprefix('/v2.1')}"
    for call, act in _CALLS.items():
        if found := re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", call), line):
            return call, act, found.groupdict()
    return line, _nothing, {}


class _Quiet(ThreadingHTTPServer):
    """A server that says nothing of connections that are reset, as those of a killed run are."""

    daemon_threads = True

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.connections: set[object] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Know of the connection."""
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Know that it is over."""
        super().shutdown_request(request)
        self.connections.discard(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet."""


class _Handler(BaseHTTPRequestHandler):
    """One connection, kept alive."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    world: World

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = json.loads(content) if content and "json" in headers.get("content-type", "") else None
        query = parse_qs(parts.query)
        answer = self.world.answer(Asked(self.command, parts.path, query, headers, body, content, self.path))
        try:
            self._send(answer)
        except OSError:  # whoever asked has had enough
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

    def _send(self, answer: Answer) -> None:
        if answer.hung_up:
            self.close_connection = True
            return
        content = answer.octets if answer.octets is not None else b""
        if answer.octets is None and answer.body is not None:
            content = json.dumps(answer.body).encode()
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(content) if answer.told is None else answer.told))
        self.end_headers()
        for piece in answer.pieces or [content]:
            self.wfile.write(piece)
            self.world.sent += len(piece)
        self.close_connection = self.close_connection or answer.told is not None

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


def listen(world: World) -> _Quiet:
    """A server on a free port of the loopback that asks ``world`` for its answers, once it serves."""
    return _Quiet(("127.0.0.1", 0), type("Handler", (_Handler,), {"world": world}))


def _at(data: Any, pointer: str) -> tuple[Any, str]:
    """What holds the value at a pointer, and its key."""
    *above, key = pointer.split("/")[1:]
    for step in above:
        data = data[int(step) if isinstance(data, list) else step]
    return data, key


def put(pointer: str, value: Any) -> Spoil:
    """The value at a pointer is another one."""

    def spoil(world: WrongServer, asked: Asked, answer: Answer) -> Answer:
        body = json.loads(json.dumps(answer.body))
        holder, key = _at(body, pointer)
        holder[key] = value
        return attrs.evolve(answer, body=body)

    return spoil


def drop(pointer: str) -> Spoil:
    """The key at a pointer isn't there."""

    def spoil(world: WrongServer, asked: Asked, answer: Answer) -> Answer:
        body = json.loads(json.dumps(answer.body))
        holder, key = _at(body, pointer)
        del holder[key]
        return attrs.evolve(answer, body=body)

    return spoil


def head(**headers: str | None) -> Spoil:
    """Some headers are others, or missing."""
    return lambda world, asked, answer: answer.having(**headers)


def instead(**fields: Any) -> Spoil:
    """Some fields of the answer are others."""
    return lambda world, asked, answer: attrs.evolve(answer, **fields)


def _html(world: WrongServer, asked: Asked, answer: Answer) -> Answer:
    page = b"<!DOCTYPE html><html><body>It works!</body></html>"
    return attrs.evolve(answer, octets=page).having(Content_Type="text/html")


def _truncated(world: WrongServer, asked: Asked, answer: Answer) -> Answer:
    content = json.dumps(answer.body).encode()
    return attrs.evolve(answer, octets=content[:-10], told=len(content))


def _huge(world: WrongServer, asked: Asked, answer: Answer) -> Answer:
    return attrs.evolve(answer, pieces=(b" " * (1 << 20) for _ in range(200)), told=200 << 20)


def _drip(world: WrongServer, asked: Asked, answer: Answer) -> Answer:
    def drops() -> Iterator[bytes]:
        while not world.released.wait(0.1):
            yield b" "

    return attrs.evolve(answer, pieces=drops(), told=10_000)


def _hung(world: WrongServer, asked: Asked, answer: Answer) -> Answer:
    """It is done, and the answer doesn't come until somebody releases it."""
    world.reached.set()
    world.released.wait(20)
    return answer


def _expired(world: WrongServer, asked: Asked, answer: Answer) -> Answer:
    if world.reached.is_set():
        return answer
    world.reached.set()
    world.tokens.clear()
    return _dressed(asked, error(401, "unauthorized", "The token has expired."))


def _stillborn(world: WrongServer, asked: Asked, answer: Answer) -> Answer:
    one = world.servers[answer.body["server"]["id"]]
    one.update(status="ERROR", fault={"code": 500, "message": "No valid host was found."})
    return answer


def _quota(world: WrongServer, asked: Asked, answer: Answer) -> Answer:
    world.servers.pop(answer.body["server"]["id"])
    return _dressed(asked, error(403, "forbidden", "Quota exceeded for instances: Requested 1, but already used 10"))


def _lenient(world: WrongServer, asked: Asked, answer: Answer) -> Answer:
    return _dressed(asked, create(world, asked.body["server"])) if "description" in asked.body["server"] else answer


def _undescribed(world: WrongServer, asked: Asked, answer: Answer) -> Answer:
    """A body where an action promises none."""
    return attrs.evolve(answer, body={"tag": "blue"}).having(Content_Type="application/json")


def _behind(spoil: Spoil) -> Spoil:
    """Spoil the second page of a list alone."""

    def second(world: WrongServer, asked: Asked, answer: Answer) -> Answer:
        ids = list(world.servers)
        return spoil(world, asked, answer) if asked.query.get("marker") == ids[:1] else answer

    return second


def _again(world: WrongServer, asked: Asked, answer: Answer) -> Answer:
    """The page before once more."""
    query = {key: values for key, values in asked.query.items() if key != "marker"}
    return _dressed(asked, _list(world, attrs.evolve(asked, query=query)))


def _endless(world: WrongServer, asked: Asked, answer: Answer) -> Answer:
    """A link where there is nothing more."""
    here = {"rel": "next", "href": f"{world.url}{asked.path}?marker={asked.query['marker'][0]}"}
    return attrs.evolve(answer, body={"servers": [], "servers_links": [here]})


def _stranger(world: WrongServer, asked: Asked, answer: Answer) -> Answer:
    """A page that forgot the filter."""
    return attrs.evolve(answer, body={"servers": [{"id": str(uuid.uuid4()), "name": "strange"}]})


SHOW, LIST, CREATE = "GET /servers/{server}", "GET /servers", "POST /servers"
ADD_TAG = "PUT /servers/{server}/tags/{tag}"


def _for_absent(spoil: Spoil) -> Spoil:
    """Spoil the refusal alone, and not the answer that shows a server."""
    return lambda world, asked, answer: spoil(world, asked, answer) if answer.status == 404 else answer


def for_present(spoil: Spoil) -> Spoil:
    """Spoil the answer that shows a server, and not a refusal."""
    return lambda world, asked, answer: spoil(world, asked, answer) if answer.status == 200 else answer


def _shown(at: Numbers, spoil: Spoil) -> Fault:
    return Fault(SHOW, at, for_present(spoil))


FAULTS: dict[str, Fault] = {
    "early": _shown((2, 1), put("/server/description", "about")),
    "late": _shown((2, 3), drop("/server/tags")),
    "missing": _shown((2, 3), drop("/server/name")),
    "type": _shown((2, 3), put("/server/tags", "blue")),
    "extra": _shown((2, 3), put("/server/cpu", 1)),
    "bad-date-time": _shown((2, 3), put("/server/created", "yesterday")),
    "bad-enum": _shown((2, 3), put("/server/status", "Active")),
    "drift": _shown((2, 4), put("/server/host", "beta")),
    "vanished": _shown((2, 4), drop("/server/host")),
    "wrong-status": _shown((2, 3), instead(status=203)),
    "server-error": _shown((2, 3), instead(status=500, body={"computeFault": {"code": 500, "message": "Oops."}})),
    "wrong-version": _shown((2, 3), head(OpenStack_API_Version="compute 2.2")),
    "no-version": _shown((2, 3), head(OpenStack_API_Version=None)),
    "wrong-legacy": _shown((2, 3), head(X_OpenStack_Nova_API_Version="2.2")),
    "no-vary": _shown((2, 3), head(Vary=None)),
    "no-request-id": _shown((2, 3), head(X_OpenStack_Request_Id=None)),
    "content-type": _shown((2, 3), head(Content_Type="text/html")),
    "html": _shown((2, 3), _html),
    "truncated": _shown((2, 3), _truncated),
    "not-json": _shown((2, 3), instead(octets=b'{"server": ')),
    "redirects": _shown((2, 3), lambda w, a, b: attrs.evolve(b, status=302).having(Location=w.url + a.path)),
    "huge": _shown((2, 3), _huge),
    "drip": _shown((2, 3), _drip),
    "hung-up": _shown((2, 3), instead(hung_up=True)),
    "leaky": _shown((2, 3), put("/server/connection_info", {"auth_password": "planted-chap-secret"})),
    "shapeless-error": Fault(SHOW, (2, 3), _for_absent(instead(body={"oops": "no such server"}))),
    "body-unasked": Fault(ADD_TAG, (2, 3), _undescribed),
    "no-location": Fault(CREATE, (2, 2), head(Location=None)),
    "create-status": Fault(CREATE, (2, 2), instead(status=200)),
    "lenient": Fault(CREATE, (2, 1), _lenient),
    "quota": Fault(CREATE, (2, 2), _quota),
    "stillborn": Fault(CREATE, (2, 2), _stillborn),
    "page-lost": Fault(LIST, (2, 3), _behind(instead(body={"servers": []}))),
    "page-twice": Fault(LIST, (2, 3), _behind(_again)),
    "page-strange": Fault(LIST, (2, 3), _behind(_stranger)),
    "page-endless": Fault(LIST, (2, 3), _behind(_endless)),
    "page-elsewhere": Fault(LIST, (2, 3), _behind(put("/servers_links/0/href", "http://192.0.2.1/v2.1/flavors"))),
    "page-shape": Fault(LIST, (2, 3), _behind(drop("/servers/0/name"))),
    "token-expired": Fault(LIST, (2, 1), _expired),
    "hung-create": Fault(CREATE, (2, 2), _hung),
    "hung-delete": Fault("DELETE /servers/{server}", (2, 2), _hung),
    "hung-show": _shown((2, 3), _hung),
}
