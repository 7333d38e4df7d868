"""A layout by Zuul's own loader, of our jobs and of stand-ins for what they inherit from.

Nothing is stubbed but what asks a code review or ZooKeeper: where projects come from, and pipelines.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from zuul import configloader, model

PARENTS = Path(__file__).with_name("parents.yaml")
OURS = "opendev.org/conformance/microversion-conformance"
OTHERS = ("cinder", "devstack", "glance", "keystone", "neutron", "nova", "placement", "requirements")


class Source:
    """Where projects come from."""

    canonical_hostname = "opendev.org"
    name = "gerrit"
    connection = SimpleNamespace(connection_name="gerrit")

    def getProjectDefaultMergeMode(self, project: Any, valid_modes: Any = None) -> str:  # noqa: N802 - Zuul's name
        """How a change is merged."""
        return "merge"

    def getProjectDefaultBranch(self, project: Any, tenant: Any) -> str:  # noqa: N802 - Zuul's name
        """The branch that is built where nothing else is said."""
        return "master"


def load(text: str) -> Any:
    """The layout of a ``.zuul.yaml`` of ours; its ``loading_errors`` are what Zuul would comment on a change."""
    tenant = model.Tenant("tenant")
    tenant.allowed_labels = tenant.disallowed_labels = None
    config = _add(tenant, "local/config", trusted=True)
    ours = _add(tenant, OURS.partition("/")[2])
    for name in OTHERS:
        _add(tenant, f"openstack/{name}")
    connections = SimpleNamespace(connections={})
    parser = configloader.TenantParser(connections, None, None, None, None, None, None, None)
    context = configloader.ParseContext(connections, SimpleNamespace(), None, None)
    parsed = model.ParsedConfig()
    for project, source in ((config, PARENTS.read_text(encoding="utf-8")), (ours, text)):
        where = model.SourceContext(project.canonical_name, project.name, "gerrit", "master", ".zuul.yaml")
        parsed.extend(parser.loadProjectYAML(source, where, context))
    return parser._parseLayout(tenant, parsed, context)


def errors(layout: Any) -> list[str]:
    """What Zuul says is wrong."""
    return [str(error.error) for error in layout.loading_errors]


def inherited(layout: Any, name: str) -> Any:
    """A job as it runs, with all that it inherits."""
    line = [layout.getJob(name)]
    while line[0].parent and line[0].parent != model.Job.BASE_JOB_MARKER:
        line.insert(0, layout.getJob(line[0].parent))
    whole = line[0].copy()
    whole.setBase(layout, None)
    for job in line[1:]:
        whole.applyVariant(job, layout, None)
    return whole


def _add(tenant: Any, name: str, *, trusted: bool = False) -> Any:
    project = model.Project(name, Source())
    of_tenant = model.TenantProjectConfig(project)
    of_tenant.load_classes = set(configloader.TenantParser.all_classes)
    of_tenant.trusted = trusted
    tenant.addTPC(of_tenant)
    return project
