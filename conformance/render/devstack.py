"""A node's ``local.conf`` for devstack. Layer 2; pure."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import jinja2

from conformance.ci import CONTROLLER, Job, Role, settle
from conformance.errors import UsageError
from conformance.gate import Gate


def rendered(gate: Gate, node: str) -> str:
    """The text of a node's file; UsageError if the gate has no such node.

    A role stands for its nodes where it has one alone.
    """
    role, name = _find(gate, node)
    return _template().render(
        gate=gate.name,
        node=name,
        controller=role.name == CONTROLLER,
        services=_services(gate, role),
        plugins={key: value for job in gate.jobs for key, value in job.plugins.items()},
        variables={key: value for job in gate.jobs for key, value in settle(job.devstack, role, name).items()},
        config=_config(gate.jobs, role, name),
    )


def _find(gate: Gate, node: str) -> tuple[Role, str]:
    for role in gate.nodes:
        if node in role.nodes:
            return role, node
        if node == role.name and role.count == 1:
            return role, role.nodes[0]
    names = ", ".join(name for role in gate.nodes for name in role.nodes)
    raise UsageError(f"the gate {gate.name} has no node {node!r}", "--node", f"It has {names or 'none'}.")


def _services(gate: Gate, role: Role) -> list[str]:
    return [*(name for job in gate.jobs for name in job.services.get(role.name, ())), *role.services]


def _config(jobs: tuple[Job, ...], role: Role, node: str) -> dict[str, dict[str, dict[str, Any]]]:
    """The options of a node by file and section; a job's own stand for those that it inherits."""
    config: dict[str, dict[str, dict[str, Any]]] = {}
    for job in jobs:
        for file, sections in job.config.items():
            for section, options in sections.items():
                if settled := settle(options, role, node):
                    config.setdefault(file, {}).setdefault(section, {}).update(settled)
    return config


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - this is no markup
    )
    text = (files("conformance.render") / "templates" / "local.conf.j2").read_text(encoding="utf-8")
    return environment.from_string(text)
