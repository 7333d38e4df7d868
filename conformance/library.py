"""All stories and recipes of a folder of scenarios, and what they need of a cloud. Layer 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from conformance.document import Documents
from conformance.errors import DataError
from conformance.microversion import SERVICES
from conformance.needs import Need
from conformance.needs import load as load_needs
from conformance.reading import read
from conformance.story import Kind, Reader, Recipe, Step, Story

READY = {"name", "symbol", "uuid", "min", "max", "beyond", "below"} | {f"uuid{number}" for number in range(2, 10)}


@attrs.frozen
class Library:
    """All stories and recipes of a folder of scenarios."""

    stories: tuple[Story, ...]
    recipes: Mapping[str, Recipe]
    needs: Mapping[str, Need] = attrs.field(factory=dict)


def load(scenarios: Path, services: Mapping[str, Documents]) -> Library:
    """Read ``scenarios/``; DataError names the file and the step of anything that makes no sense."""
    kinds = _optional(scenarios / "kinds.yaml", "kinds")
    reader = Reader(
        services,
        {name: Kind(**entry) for name, entry in kinds.items()},
        _optional(scenarios / "states.yaml", "states"),
        _optional(scenarios / "sequences.yaml", "sequences"),
    )
    given = scenarios / "given.yaml"
    recipes = {
        name: Recipe(
            name, tuple(entry.get("needs", ())), reader.steps(entry["steps"], "compute", "admin", f"{given}: {name}")
        )
        for name, entry in _optional(given, "given").items()
    }
    stories = tuple(
        reader.story(service, path)
        for service in SERVICES
        if service in services
        for path in sorted((scenarios / service).glob("*.yaml"))
    )
    needs = load_needs(scenarios / "needs.yaml")
    _check_needs(stories, needs)
    _check_given(stories, recipes, str(given))
    _check_variables(stories, recipes)
    return Library(stories, recipes, needs)


def _optional(path: Path, form: str) -> dict[str, Any]:
    return dict(read(path, form)) if path.exists() else {}


def _check_needs(stories: Sequence[Story], needs: Mapping[str, Need]) -> None:
    for story, name in ((one, name) for one in stories for name in one.needs):
        if name not in needs:
            known = ", ".join(needs) or "none"
            raise DataError(f"unknown need {name!r}", story.source, f"scenarios/needs.yaml has {known}.")


def _check_given(stories: Sequence[Story], recipes: Mapping[str, Recipe], given: str) -> None:
    needed = [(story.source, name) for story in stories for name in story.given]
    needed += [(f"{given}: {recipe.name}", name) for recipe in recipes.values() for name in recipe.needs]
    for where, name in needed:
        if name not in recipes:
            raise DataError(
                f"unknown recipe {name!r}", where, f"scenarios/given.yaml has {', '.join(recipes) or 'none'}."
            )


def _check_variables(stories: Sequence[Story], recipes: Mapping[str, Recipe]) -> None:
    """Every variable must be kept before it is used."""
    for recipe in recipes.values():
        _kept(recipe.steps, READY | {name for need in recipe.needs for name in _keeps(need, recipes)})
    for story in stories:
        known = READY | {name for given in story.given for name in _keeps(given, recipes)}
        _kept(story.steps, _kept(story.prepare, known))


def _keeps(name: str, recipes: Mapping[str, Recipe], above: tuple[str, ...] = ()) -> set[str]:
    """What a recipe keeps, with what it needs."""
    if name in above:
        where = f"scenarios/given.yaml: {name}"
        raise DataError(f"the recipe {name!r} needs itself", where, "Break the circle of needs.")
    own = {kept for step in recipes[name].steps for kept in step.keep}
    return own.union(*(_keeps(need, recipes, (*above, name)) for need in recipes[name].needs))


def _kept(steps: Sequence[Step], known: set[str]) -> set[str]:
    for step in steps:
        if unknown := step.variables - known:
            remedy = f"Keep it in a step before. Known here: {', '.join(sorted(known))}."
            raise DataError(f"nothing is kept under ${min(unknown)}", step.where, remedy)
        known = known | step.keep.keys()
    return known
