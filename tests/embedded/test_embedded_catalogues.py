"""What the installed services say of themselves against what they answer, and against the histories."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance import embedded
from conformance.embedded import blueprint as blueprints
from conformance.microversion import Span
from tests.embedded.conftest import booted, connect
from tests.helpers import real

pytestmark = pytest.mark.cloud

TRAITS = "import json, os_traits; print(json.dumps(os_traits.get_traits()))"
RESOURCE_CLASSES = "import json, os_resource_classes; print(json.dumps(os_resource_classes.STANDARDS))"
ROUTES = Path(__file__).with_name("inside") / "cinder_routes.py"
WRONG_PLACE = {
    *(f"POST /groups/action {name}_replication" for name in ("enable", "disable", "failover")),
    "POST /groups/action delete",
    "POST /groups/action list_replication_targets",
    "POST /groups/action reset_status",
    "POST /groups/{}/action create-from-src",
    "PUT /os-hosts",
}
"""Routes that lead to code which then lacks, or has no use for, the resource that the path should name."""
OUTSIDE = {"GET /", "GET /v3/", "GET /v3/volumes", "GET /types/default"}
"""Calls that are no routes of their own: documents of versions, a path without a project, a type's special id."""


@pytest.fixture(scope="module")
def cloud(warm_home: Path) -> Iterator[embedded.Cloud]:
    """A cloud with placement and cinder."""
    with booted(warm_home, "catalogues", "cinder", "placement") as cloud:
        yield cloud


def said(cloud: embedded.Cloud, warm_home: Path, *program: str) -> Any:
    """What a program prints that runs in the services' own interpreter."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONFORMANCE_HOME", str(warm_home))
        blueprint = blueprints.read(cloud.name)
    assert blueprint is not None
    command = [str(blueprint.environment / "bin" / "python"), *program]
    return json.loads(subprocess.run(command, check=True, capture_output=True, cwd=cloud.folder).stdout)


def listed(cloud: embedded.Cloud, path: str, key: str, first: str) -> dict[str, list[Any]]:
    """What placement lists at each microversion since the first."""
    placement = connect(cloud).placement
    span = Span.parse(f"{first}..{real().services['placement'].history.span.last}")
    return {str(version): placement.get(path, microversion=str(version)).json()[key] for version in span}


def test_every_standard_trait_is_there_at_every_microversion(cloud: embedded.Cloud, warm_home: Path) -> None:
    """All that os-traits knows, and nothing else as long as nobody made a custom one; all names are well-formed."""
    standard = said(cloud, warm_home, "-c", TRAITS)
    answers = listed(cloud, "/traits", "traits", "1.6")
    assert len(answers) == 34
    assert all(sorted(traits) == sorted(standard) for traits in answers.values())
    assert [name for name in standard if not re.fullmatch(r"[A-Z][A-Z0-9_]{0,254}", name)] == []


def test_every_standard_resource_class_is_there_at_every_microversion(cloud: embedded.Cloud, warm_home: Path) -> None:
    """All that os-resource-classes knows, and nothing else as long as nobody made a custom one."""
    standard = said(cloud, warm_home, "-c", RESOURCE_CLASSES)
    answers = listed(cloud, "/resource_classes", "resource_classes", "1.2")
    assert len(answers) == 38
    assert all(sorted(one["name"] for one in classes) == sorted(standard) for classes in answers.values())
    assert [name for name in standard if not re.fullmatch(r"[A-Z][A-Z0-9_]{0,254}", name)] == []


def test_every_route_of_cinder_is_a_call(cloud: embedded.Cloud, warm_home: Path) -> None:
    """The history of volume has the calls to which cinder's own router leads, and no other."""
    routes = set(said(cloud, warm_home, str(ROUTES), str(cloud.folder / "config" / "cinder.conf")))
    calls = {re.sub(r"\{\w+\}", "{}", call) for call in real().services["volume"].calls}
    assert routes - calls == WRONG_PLACE
    assert calls - routes == OUTSIDE
    assert len(calls) == 210
