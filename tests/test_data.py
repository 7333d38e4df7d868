"""The project's own data: without gaps, without orphans, all of it asked, and true where the truth is well known."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from itertools import combinations
from statistics import median
from typing import Any

import attrs
import jsonschema_rs
import pytest
import yaml

from conformance import har
from conformance.calls import find_call
from conformance.conversation import Partners, compose
from conformance.coverage import Coverage, measure
from conformance.document import Documents, without_marks
from conformance.edition import Edition, literal_types, references
from conformance.export import exported
from conformance.judge import judge_body
from conformance.known import load as load_known
from conformance.known import ours
from conformance.microversion import Microversion
from conformance.outline import Depth
from conformance.plan import Performance, plan
from conformance.reading import check
from conformance.report.disguise import Disguise
from conformance.story import Step, Story
from conformance.template import knows
from conformance.unreachable import load as load_unreachable
from tests.helpers import REPOSITORY, exchange, real, v

SERVICES = ("compute", "placement", "volume")
VOCABULARY = {
    "type", "enum", "const", "format", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum",
    "exclusiveMaximum", "multipleOf", "properties", "required", "additionalProperties", "patternProperties",
    "propertyNames", "minProperties", "maxProperties", "items", "prefixItems", "contains", "minItems", "maxItems",
    "uniqueItems", "anyOf", "oneOf", "allOf", "not", "description", "title", "dependentRequired", "minContains",
    "maxContains", "contentEncoding",
}  # fmt: skip
STANDARD_FORMATS = {
    "date-time",
    "date",
    "time",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uuid",
    "regex",
}


@cache
def planned(*, every: bool, negatives: bool = False) -> list[Performance]:
    """The plan of all stories."""
    return plan(real().library.stories, real().services, {}, depth=Depth(every, negatives))


def coverage(service: str, *, every: bool) -> Coverage:
    """The coverage of a service over its whole history."""
    documents = real().services[service]
    excuses = load_unreachable(documents, REPOSITORY / "schemas")
    return measure(documents, planned(every=every), documents.history.span, (), excuses)


def steps() -> list[Step]:
    """Every step of every story and recipe."""
    library = real().library
    told = [step for story in library.stories for step in (*story.prepare, *story.steps)]
    return told + [step for recipe in library.recipes.values() for step in recipe.steps]


def editions() -> list[Edition]:
    """Every edition of every service."""
    return [edition for documents in real().services.values() for edition in documents.history.editions]


@pytest.mark.parametrize(("service", "span"), [("compute", "2.1..2.104"), ("placement", "1.0..1.39")])
def test_spans(service: str, span: str) -> None:
    """The histories reach from the first microversion to the newest, without a gap."""
    assert str(real().services[service].history.span) == span


def test_every_delta_has_its_summary() -> None:
    """Each delta begins with its summary."""
    for path in sorted((REPOSITORY / "schemas").glob("*/**/[0-9]*.yaml")):
        assert path.read_text(encoding="utf-8").startswith("summary: "), path


def silent(documents: Documents) -> list[Edition]:
    """The editions at which no call changes what it takes or answers: what changed is what the service does."""
    turns = {point for call in documents.calls for point in documents.turning_points(call)}
    return [edition for edition in documents.history.editions if edition.version not in turns]


def shows(story: Story, version: Microversion) -> bool:
    """Whether a story's steps speak of both sides of a microversion: in one step, in two, or in what one expects."""
    begins = [step for step in story.steps if step.since == version]
    ends = [step for step in story.steps if step.last and step.last.after == version]
    expected = [key for step in story.steps for key in (*step.expect, *step.has, *step.lacks)]
    return (
        any(step.before for step in begins)
        or bool(begins and ends)
        or any(key.endswith(f"@{version}") for key in expected)
    )


SILENT = ("compute", "placement")


@pytest.mark.parametrize("service", SILENT)
def test_what_changes_silently_is_shown(service: str) -> None:
    """A story shows both sides of what changed without a change in JSON, or the delta says why none can."""
    stories = [story for story in real().library.stories if story.service == service]
    for edition in silent(real().services[service]):
        shown = any(shows(story, edition.version) for story in stories)
        assert shown != bool(edition.unseen), f"{service} {edition.version}: {edition.summary}"


def test_no_summary_is_said_twice() -> None:
    """No two microversions of a service say the same of themselves."""
    for documents in real().services.values():
        summaries = [edition.summary for edition in documents.history.editions]
        assert len(set(summaries)) == len(summaries)


def test_a_delta_is_short() -> None:
    """Half of all deltas have at most twelve lines."""
    files = (REPOSITORY / "schemas").glob("*/[0-9]*.yaml")
    assert median(len(path.read_text(encoding="utf-8").splitlines()) for path in files) <= 12


def test_every_file_is_plain_yaml() -> None:
    """Each data file reads alike with the parser written in Python, which editors and linters use."""
    for path in [*(REPOSITORY / "schemas").rglob("*.yaml"), *(REPOSITORY / "scenarios").rglob("*.yaml")]:
        text = path.read_text(encoding="utf-8")
        assert yaml.load(text, yaml.SafeLoader) == yaml.load(text, yaml.CSafeLoader), path


@pytest.mark.parametrize("service", SERVICES)
def test_every_call_is_asked(service: str) -> None:
    """Each call of a history has a step in a story of its service, or a list says why it has none."""
    asked = {step.call for story in real().library.stories if story.service == service for step in story.steps}
    asked |= {entry.call for entry in real().unreachable[service]}
    assert [call for call in real().services[service].calls if call not in asked] == []


def test_every_step_names_a_call_that_exists() -> None:
    """Each step's call is one of its service, and alive somewhere within the step's own span; a guest's isn't."""
    for step in steps():
        if step.service in real().services and not step.guest:
            life = real().services[step.service].life(step.call)
            assert (step.since or life.first) <= life.last, step.where
            assert (step.last or life.last) >= life.first, step.where


def test_every_claim_of_a_step_can_be_recorded() -> None:
    """The format of captures has every form in which a step says what must come of it, and what it keeps."""
    spans = {name: documents.history.span for name, documents in real().services.items()}
    partners = Partners(real().services, spans)
    for step in steps():
        memory, asking = dict.fromkeys(step.variables, "2.1"), attrs.evolve(step, body=None)
        ask = compose(asking, partners.newest(step.service), partners.documents(step.service), memory)
        entry = har.entry(exchange(), "http://c/", datetime.now(UTC), Disguise())
        entry[har.OURS] = {"case": f"compute/story::{step.name}@2.1", "claim": ask.claim.plain()}
        check(json.loads(json.dumps(entry)), "exchange", step.where)


def test_every_recipe_and_kind_is_used() -> None:
    """No recipe and no kind lies about unused."""
    library = real().library
    needed = {name for story in library.stories for name in story.given}
    needed |= {name for recipe in library.recipes.values() for name in recipe.needs}
    assert set(library.recipes) == needed
    made = [step.makes for step in steps() if step.makes]
    kinds = yaml.safe_load((REPOSITORY / "scenarios" / "kinds.yaml").read_text(encoding="utf-8"))
    assert [kind for kind, entry in kinds.items() if entry["path"] not in {one.path for one in made}] == []


def test_every_sequence_is_performed() -> None:
    """No sequence lies about unused."""
    scenarios = REPOSITORY / "scenarios"
    told = "".join(path.read_text(encoding="utf-8") for path in sorted(scenarios.glob("*/*.yaml")))
    for name in yaml.safe_load((scenarios / "sequences.yaml").read_text(encoding="utf-8")):
        assert re.search(rf"\bdo: {name}\b", told), name


def test_every_story_has_its_summary_once() -> None:
    """No two stories of a service say the same of themselves."""
    summaries = [(story.service, story.summary) for story in real().library.stories]
    assert len(set(summaries)) == len(summaries)


def mentioned(edition: Edition) -> set[str]:
    """The shapes that an edition's calls and its error reach, through shapes and what they extend."""
    parts = [part for call in edition.calls.values() for part in (call.body, call.takes, call.query, call.headers)]
    reached = {name for part in [*parts, edition.error] for type_ in literal_types(part) for name in references(type_)}
    waiting = set(reached)
    while waiting:
        shape = edition.shapes[waiting.pop()]
        types = [shape.literal, *(own.type for own in shape.own.values() if own)]
        more = {name for type_ in types for name in references(type_)} | ({shape.extends} if shape.extends else set())
        waiting |= more - reached
        reached |= more
    return reached


def test_every_shape_is_used() -> None:
    """Each shape is reached by a call at some microversion."""
    for documents in real().services.values():
        used = {name for edition in documents.history.editions for name in mentioned(edition)}
        assert set(documents.history.editions[-1].shapes) - used == set()


def ancestors(edition: Edition, name: str) -> set[str]:
    """The shapes that one extends, and itself."""
    parent = edition.shapes[name].extends
    return {name} | (ancestors(edition, parent) if parent else set())


def twins(edition: Edition) -> Iterator[tuple[str, str]]:
    """Two shapes of at least three properties that are equal though they have no ancestor in common."""
    sized = {name: edition.properties(name) for name in edition.shapes if len(edition.properties(name)) >= 3}
    for one, other in combinations(sorted(sized), 2):
        if sized[one] == sized[other] and not ancestors(edition, one) & ancestors(edition, other):
            yield one, other


def test_no_shape_is_written_twice() -> None:
    """No two shapes say the same without one of them extending the other."""
    assert {pair for edition in editions() for pair in twins(edition)} == set()


def unique_schemas() -> list[Any]:
    """Every schema that is exported, once."""
    texts: dict[str, Any] = {}
    for documents in real().services.values():
        for version in {point for call in documents.calls for point in documents.turning_points(call)}:
            export = exported(documents, version)
            for call in [*export["calls"].values(), {"error": export["error"]}]:
                texts |= {json.dumps(schema): schema for name, schema in call.items() if name != "status"}
    return [schema for schema in texts.values() if schema is not None]


def unknown_names(schema: Any) -> Iterator[str]:
    """The names in a schema that the standard doesn't have."""
    if isinstance(schema, Mapping):
        yield from schema.keys() - VOCABULARY
        yield from {schema.get("format", "uuid")} - STANDARD_FORMATS
        for key in ("properties", "patternProperties"):
            for inner in schema.get(key, {}).values():
                yield from unknown_names(inner)
        for key in ("items", "additionalProperties", "propertyNames", "contains", "not"):
            yield from unknown_names(schema.get(key))
        for key in ("anyOf", "oneOf", "allOf"):
            for inner in schema.get(key, ()):
                yield from unknown_names(inner)


def test_what_is_exported_is_plain_json_schema() -> None:
    """Each exported schema is valid JSON Schema 2020-12 and has no name that only we know."""
    for schema in unique_schemas():
        dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
        jsonschema_rs.meta.validate(dialect)
        assert set(unknown_names(schema)) == set(), schema
        assert without_marks(schema) == schema


EXCUSED = {"compute": 0.03, "placement": 0.0, "volume": 0.05}  # the share that may be listed as unreachable


@pytest.mark.parametrize("service", SERVICES)
def test_every_boundary_is_planned(service: str) -> None:
    """At default depth both sides of every boundary are planned, or a list says why they can't be reached."""
    found = coverage(service, every=False)
    assert found.missing_boundaries == []
    assert len(found.excused_boundaries) <= len(found.boundaries) * EXCUSED[service]


@pytest.mark.parametrize("service", SERVICES)
def test_every_cell_is_planned(service: str) -> None:
    """With every, each cell is planned, or a list says why it can't be reached; that list is short."""
    found = coverage(service, every=True)
    assert found.missing == []
    assert len(found.excused) <= len(found.cells) * EXCUSED[service]


def share(part: int, whole: int) -> str:
    """As the README tells it: ``22,598 (98.8%)``."""
    return f"{part:,} ({part / whole:.1%})"


@pytest.mark.parametrize("service", SERVICES)
def test_the_readme_tells_the_coverage(service: str) -> None:
    """The README's table has the figures of today's data."""
    cells, sides = coverage(service, every=True), coverage(service, every=False)
    figures = [f"{cells.calls}", f"{len(cells.cells):,}", share(len(cells.planned), len(cells.cells))]
    figures += [f"{len(cells.excused):,}", f"{len(sides.boundaries)}"]
    figures += [share(len(sides.planned_boundaries), len(sides.boundaries)), f"{len(sides.excused_boundaries)}"]
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert f"| {service} | {' | '.join(figures)} |" in text


@pytest.mark.parametrize(("every", "negatives"), [(False, True), (True, False)])
def test_ids_are_unique(every: bool, negatives: bool) -> None:
    """No two cases of the whole plan share an id."""
    ids = [case.id for performance in planned(every=every, negatives=negatives) for case in performance]
    assert len(set(ids)) == len(ids)


def test_every_step_has_a_case() -> None:
    """No step of a story is written in vain: each has a case somewhere, given every cell."""
    shown = {(each.story.id, case.step) for each in planned(every=True) for case in each}
    told = {(story.id, step.name) for story in real().library.stories for step in story.steps}
    assert told - shown == set()


def test_no_story_makes_a_network_for_others() -> None:
    """Each network is of a project without servers: below 2.37 every server gets a port on those of its own project."""
    library = real().library
    steps = [step for story in library.stories for step in (*story.prepare, *story.steps)]
    steps += [step for recipe in library.recipes.values() for step in recipe.steps]
    made = [step for step in steps if (step.method, step.path) == ("POST", "/v2.0/networks")]
    assert made
    assert [step.where for step in made if step.body["network"].get("project_id") != "$uuid"] == []


def test_servers_stay_where_nothing_is_switched_off() -> None:
    """A flavor that doesn't keep to the one host is for the group that switches others off, and for what avoids it."""
    roaming = {"roaming", "larger", "pair", "heavy-pair", "mover"}
    stories = real().library.stories
    assert roaming <= real().library.recipes.keys()
    assert [story.id for story in stories if roaming & set(story.given) and story.kept_together != "hosts"] == []


def test_what_is_avoided_is_a_group() -> None:
    """A story avoids the group of other stories, and is in none that somebody avoids."""
    stories = real().library.stories
    avoided = {story.avoids for story in stories} - {""}
    assert avoided
    assert avoided <= {story.group for story in stories if not story.avoids}


def requests_told(text: str) -> list[tuple[str, str, str, str]]:
    """The method, the path, the microversion and the action (or any first key) of each request in a reproduction."""
    return re.findall(r'([A-Z]+) (/.*?) @([\d.]+)(?: \{"([\w-]+)")?', text)


def test_every_known_departure_can_be_reproduced() -> None:
    """Each departure of a released service tells a request of its own that shows it, within its span."""
    known = load_known(ours(REPOSITORY / "schemas"), real().services).departures
    for one in known:
        calls = {each.call for each in known if each.reason == one.reason}
        told = [
            find_call(sorted(calls), method, path, key)
            for method, path, version, key in requests_told(one.reproduce)
            if v(version) in one.span
        ]
        assert any(told), (one.service, one.call, one.reproduce)


def test_a_recorded_answer_conforms() -> None:
    """A server as a real nova showed it at 2.104 is what the history promises."""
    body = json.loads((REPOSITORY / "tests" / "data" / "server-2.104.json").read_text(encoding="utf-8"))
    document = real().services["compute"].at("GET /servers/{server}", v("2.104"), "admin")
    assert judge_body(body, document, v("2.104")) == []


SHOW, LIST = "GET /servers/{server}", "GET /servers/detail"
FLAVOR, HYPERVISORS = "GET /flavors/{flavor}", "GET /os-hypervisors/detail"
CANDIDATES, PROVIDERS = "GET /allocation_candidates", "GET /resource_providers"
KEYS = [  # a key of an answer's body, a request's body or a query, and the microversion at which it begins
    ("compute", "body", SHOW, "server/locked", "2.9"),
    ("compute", "body", SHOW, "server/host_status", "2.16"),
    ("compute", "body", SHOW, "server/description", "2.19"),
    ("compute", "body", SHOW, "server/tags", "2.26"),
    ("compute", "body", SHOW, "server/trusted_image_certificates", "2.63"),
    ("compute", "body", SHOW, "server/server_groups", "2.71"),
    ("compute", "body", SHOW, "server/locked_reason", "2.73"),
    ("compute", "body", SHOW, "server/pinned_availability_zone", "2.96"),
    ("compute", "body", SHOW, "server/scheduler_hints", "2.100"),
    ("compute", "body", FLAVOR, "flavor/description", "2.55"),
    ("compute", "body", FLAVOR, "flavor/extra_specs", "2.61"),
    ("compute", "query", "GET /os-keypairs", "user_id", "2.10"),
    ("compute", "query", "GET /os-keypairs", "limit", "2.35"),
    ("compute", "query", LIST, "changes-before", "2.66"),
    ("compute", "takes", "POST /servers", "server/host", "2.74"),
    ("compute", "takes", "POST /servers", "server/hostname", "2.90"),
    ("compute", "takes", "POST /os-keypairs", "keypair/type", "2.2"),
    ("placement", "query", PROVIDERS, "member_of", "1.3"),
    ("placement", "query", PROVIDERS, "resources", "1.4"),
    ("placement", "query", CANDIDATES, "limit", "1.16"),
    ("placement", "query", CANDIDATES, "required", "1.17"),
    ("placement", "query", CANDIDATES, "group_policy", "1.25"),
    ("placement", "query", CANDIDATES, "same_subtree", "1.36"),
    ("placement", "takes", "PUT /allocations/{consumer}", "consumer_generation", "1.28"),
    ("placement", "takes", "PUT /allocations/{consumer}", "consumer_type", "1.38"),
]


@pytest.mark.parametrize(("service", "part", "call", "key", "since"), KEYS)
def test_well_known_keys(service: str, part: str, call: str, key: str, since: str) -> None:
    """A key that everybody knows begins at the microversion that everybody knows."""
    documents, path = real().services[service], tuple(key.split("/"))
    older, newer = (getattr(documents.at(call, version), part) for version in (v(since).before, v(since)))
    assert knows(newer, path)
    assert not knows(older, path)


CALLS = [  # a call's first and last microversion
    ("compute", "GET /servers/{server}/tags", "2.26..2.104"),
    ("compute", "PUT /os-services/force-down", "2.11..2.52"),
    ("compute", "PUT /os-services/{service}", "2.53..2.104"),
    ("compute", "PUT /flavors/{flavor}", "2.55..2.104"),
    ("compute", "GET /os-hypervisors/{hypervisor}/uptime", "2.1..2.87"),
    ("compute", "GET /os-hypervisors/statistics", "2.1..2.87"),
    ("placement", "GET /resource_classes", "1.2..1.39"),
    ("placement", "DELETE /resource_providers/{provider}/inventories", "1.5..1.39"),
    ("placement", "GET /traits", "1.6..1.39"),
    ("placement", "GET /usages", "1.9..1.39"),
    ("placement", CANDIDATES, "1.10..1.39"),
    ("placement", "POST /allocations", "1.13..1.39"),
    ("placement", "POST /reshaper", "1.30..1.39"),
]


@pytest.mark.parametrize(("service", "call", "life"), CALLS)
def test_well_known_lives(service: str, call: str, life: str) -> None:
    """A call that everybody knows begins and ends where everybody knows."""
    assert str(real().services[service].life(call)) == life


def test_no_call_that_shows_a_server_is_forgotten() -> None:
    """Rebuild and update show the full server from 2.75 on, and get what it gets later."""
    documents: Documents = real().services["compute"]
    for call in ("PUT /servers/{server}", "POST /servers/{server}/action rebuild"):
        points = set(documents.turning_points(call))
        assert {v("2.75"), v("2.96"), v("2.98"), v("2.100")} <= points
