"""A copy of the released nova with an invented 2.105: a server has a mood, and there is advice about it."""

from __future__ import annotations

import configparser
import shutil
from pathlib import Path

from conformance.embedded import environment
from conformance.embedded import release as releases

COMPUTE = "nova/api/openstack/compute"
VIEW, SCHEMAS, SERVERS = f"{COMPUTE}/views/servers.py", f"{COMPUTE}/schemas/servers.py", f"{COMPUTE}/servers.py"
MOOD = """
        if api_version_request.is_supported(request, '2.105'):
            server['server']['mood'] = 'sour' if instance.locked else 'calm'

        return server

    def index("""
DECLARED = """

def _with_mood(response, *path):
    changed = copy.deepcopy(response)
    server = changed
    for step in path:
        server = server[step]
    server['properties']['mood'] = {'type': 'string', 'enum': ['calm', 'sour']}
    server['required'].append('mood')
    return changed


show_response_v2105 = _with_mood(show_response_v2100, 'properties', 'server', 'oneOf', 0)
detail_response_v2105 = _with_mood(detail_response_v2100, 'properties', 'servers', 'items', 'oneOf', 0)
update_response_v2105 = _with_mood(update_response_v2100, 'properties', 'server')
rebuild_response_v2105 = _with_mood(rebuild_response_v2100, 'properties', 'server')
"""
ADVICE = '''"""Advice about a server."""

from nova.api.openstack import common
from nova.api.openstack import wsgi
from nova.api import validation
from nova.compute import api as compute
from nova.policies import servers as server_policies

NOTHING = {'type': 'object', 'properties': {}, 'additionalProperties': False}
ANSWER = {'type': 'object', 'properties': {'advice': {'type': 'string'}}, 'required': ['advice'],
          'additionalProperties': False}


@validation.validated
class ServerAdviceController(wsgi.Controller):

    @wsgi.api_version('2.105')
    @wsgi.expected_errors(404)
    @validation.query_schema(NOTHING)
    @validation.response_body_schema(ANSWER)
    def index(self, req, server_id):
        context = req.environ['nova.context']
        instance = common.get_instance(compute.API(), context, server_id)
        context.can(server_policies.SERVERS % 'show', target={'project_id': instance.project_id})
        return {'advice': 'Leave it alone.'}
'''
HISTORY = """
.. _microversion 2.105:

2.105
-----

A server tells its ``mood`` wherever it is shown whole. Advice about a server is given by
``GET /servers/{server_id}/advice``.
"""
CONTROLLER = """server_advice_controller = functools.partial(_create_controller,
    server_advice.ServerAdviceController, [])


server_topology_controller ="""
ROUTE = """    ('/servers/{server_id}/advice', {
        'GET': [server_advice_controller, 'index']
    }),
    ('/servers/{server_id}/topology', {"""


def checkout(folder: Path) -> Path:
    """A checkout of the released nova in ``folder``, made anew."""
    installed = environment.prepare(releases.find(None), print)
    packages = next(installed.glob("lib/python3*/site-packages"))
    shutil.rmtree(folder, ignore_errors=True)
    skipped = shutil.ignore_patterns("tests", "__pycache__", "locale")
    shutil.copytree(packages / "nova", folder / "nova", ignore=skipped)
    shutil.copytree(installed / "etc" / "nova", folder / "etc" / "nova")
    (folder / "setup.cfg").write_text(_entry_points(packages))
    return folder


def _entry_points(packages: Path) -> str:
    """What the released nova's metadata say, as a checkout's setup.cfg does."""
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(next(packages.glob("nova-*.dist-info")) / "entry_points.txt")
    groups = [
        "\n".join([f"{group} =", *(f"    {name} = {target}" for name, target in parser.items(group))])
        for group in parser.sections()
    ]
    return "\n".join(["[entry_points]", *groups]) + "\n"


def replace(folder: Path, file: str, old: str, new: str) -> None:
    """Put one text in another's place, which must stand there once."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file} has {old!r} {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")


def raise_to_2_105(folder: Path) -> None:
    """What a developer does to nova for 2.105."""
    replace(
        folder, "nova/api/openstack/api_version_request.py", "_MAX_API_VERSION = '2.104'", "_MAX_API_VERSION = '2.105'"
    )
    history = folder / COMPUTE / "rest_api_version_history.rst"
    history.write_text(history.read_text(encoding="utf-8") + HISTORY, encoding="utf-8")
    replace(folder, VIEW, "\n        return server\n\n    def index(", MOOD)
    with (folder / SCHEMAS).open("a", encoding="utf-8") as file:
        file.write(DECLARED)
    for call in ("show", "detail", "update", "rebuild"):
        old = f"    @validation.response_body_schema(schema.{call}_response_v2100, '2.100')\n"
        new = old.replace("'2.100'", "'2.100', '2.104'") + old.replace("2100", "2105").replace("2.100", "2.105")
        replace(folder, SERVERS, old, new)
    (folder / COMPUTE / "server_advice.py").write_text(ADVICE, encoding="utf-8")
    routes = f"{COMPUTE}/routes.py"
    module = "from nova.api.openstack.compute import server_diagnostics\n"
    replace(folder, routes, module, f"from nova.api.openstack.compute import server_advice\n{module}")
    replace(folder, routes, "server_topology_controller =", CONTROLLER)
    replace(folder, routes, "    ('/servers/{server_id}/topology', {", ROUTE)


def leak_below(folder: Path) -> None:
    """A fault: the field is shown at 2.104 already."""
    replace(folder, VIEW, "is_supported(request, '2.105')", "is_supported(request, '2.104')")
    for call in ("show", "detail", "update", "rebuild"):
        replace(
            folder, SERVERS, f"{call}_response_v2100, '2.100', '2.104')", f"{call}_response_v2100, '2.100', '2.103')"
        )
        replace(folder, SERVERS, f"{call}_response_v2105, '2.105')", f"{call}_response_v2105, '2.104')")


def change_an_older_one(folder: Path) -> None:
    """A fault: the list of tags tells how many there are, at every microversion."""
    names = "return {'tags': _get_tags_names(tags)}"
    tags = f"{COMPUTE}/server_tags.py"
    found = (folder / tags).read_text(encoding="utf-8")
    first = found.replace(names, "return {'tags': _get_tags_names(tags), 'count': len(tags)}", 1)
    assert first != found
    (folder / tags).write_text(first, encoding="utf-8")
    with (folder / COMPUTE / "schemas" / "server_tags.py").open("a", encoding="utf-8") as file:
        file.write("\nindex_response['properties']['count'] = {'type': 'integer'}\n")
