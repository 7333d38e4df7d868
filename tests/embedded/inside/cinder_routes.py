"""Prints as JSON the calls that cinder's router leads to code: ``python cinder_routes.py CINDER.CONF``."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any


def calls(mapper: Any) -> Iterator[str]:
    """As ``PUT /volumes/{}`` or ``POST /volumes/{}/action os-extend``; a project in the path is left out."""
    for route in mapper.matchlist:
        resource, name = route.defaults.get("controller"), route.defaults.get("action")
        path = re.sub(r"^/\{project_id[^}]*\}|\.:\(format\)", "", route.routepath)
        path = re.sub(r":\(\w+\)|:\w+|\{[^}]*\}", "{}", path)
        for method in (route.conditions or {}).get("method", ()):
            if name == "action":
                yield from (f"{method} {path} {action}" for action in resource.wsgi_actions.keys() - methods(resource))
            elif hasattr(resource.controller, name) or name in methods(resource):
                yield f"{method} {path}"


def methods(resource: Any) -> set[str]:
    """The ordinary methods that an extension adds to another's resource, in the way in which it would add actions."""
    added: set[str] = resource.wsgi_actions.keys() - getattr(resource.controller, "wsgi_actions", {}).keys()
    return added & {"create", "update", "delete"}


def router(configuration: str) -> Any:
    """The router of the API at 3.0 and above, with its extensions."""
    os.environ["OS_CINDER_DISABLE_EVENTLET_PATCHING"] = "true"
    import_module("cinder.monkey_patch").patch()
    conf = import_module("oslo_config.cfg").CONF
    import_module("cinder.common.config")
    import_module("cinder.objects").register_all()
    conf([], project="cinder", default_config_files=[configuration])
    import_module("cinder.rpc").init(conf)
    return import_module("cinder.api.v3.router").APIRouter()


if __name__ == "__main__":
    print(json.dumps(sorted(set(calls(router(sys.argv[1]).map)))))
