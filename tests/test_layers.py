"""The layers of ARCHITECTURE.md, and the size and the words of what stands in them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from statistics import median

import pytest

from tests.helpers import REPOSITORY

PACKAGE = REPOSITORY / "conformance"
ARCHITECTURE = (REPOSITORY / "ARCHITECTURE.md").read_text(encoding="utf-8").replace("\\_", "_")
ROWS = re.findall(r"^\| \d \| (.*) \|$", ARCHITECTURE, re.MULTILINE)
ORDER = tuple(one for row in ROWS for one in row.split(", "))
WINGS = {"embedded": ("embedded",), "lab": ("lab", "embedded")}
"""Each wing, and the wings that it may import: itself, and what it shares with another."""
ROOMS = tuple(f"conformance.{wing}" for wing in WINGS)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree(path: Path) -> ast.Module:
    """A module as its syntax."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def name(path: Path) -> str:
    """A module's name within the package."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def modules(*, wing: bool) -> dict[str, Path]:
    """The modules of the engine, or of the wings."""
    found = {name(path): path for path in sorted(PACKAGE.rglob("*.py"))}
    return {one: path for one, path in found.items() if (one.partition(".")[0] in WINGS) == wing}


def imported(path: Path) -> Iterator[str]:
    """The full names of what a module imports: for ``from a import b`` both ``a`` and ``a.b``."""
    package = ["conformance", *name(path).split(".")[:-1]]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            yield source
            yield from (f"{source}.{alias.name}" for alias in node.names)


def ours(path: Path) -> set[str]:
    """The modules of the engine that a module imports."""
    known = modules(wing=False)
    return {one.removeprefix("conformance.") for one in imported(path)} & known.keys()


def engine() -> list[str]:
    """The engine's modules but for packages, which hold nothing."""
    return [one for one in modules(wing=False) if not one.endswith("__init__")]


def functions() -> dict[str, Function]:
    """Every function of the package by its place."""
    found = modules(wing=False) | modules(wing=True)
    return {
        f"{path.relative_to(REPOSITORY)}:{node.lineno} {node.name}": node
        for path in found.values()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def length(function: Function) -> int:
    """The lines of a function without its decorators and its docstring."""
    assert function.end_lineno is not None
    first = function.body[0]
    told = 0
    if ast.get_docstring(function) is not None:
        assert first.end_lineno is not None
        told = first.end_lineno - first.lineno + 1
    return function.end_lineno - function.lineno + 1 - told


def test_every_module_has_its_layer() -> None:
    """Each module of the engine stands in the order of layers, and the order names no other."""
    assert sorted(ORDER) == sorted(engine())


@pytest.mark.parametrize("module", engine())
def test_imports_go_down(module: str) -> None:
    """A module imports only modules that stand before it."""
    below = set(ORDER[: ORDER.index(module)]) if module in ORDER else set()
    assert ours(PACKAGE / f"{module.replace('.', '/')}.py") - below == set()


@pytest.mark.parametrize("module", modules(wing=True))
def test_the_wing_stands_alone(module: str) -> None:
    """A wing imports of the package only its errors, itself, and the wing that it shares with."""
    path = modules(wing=True)[module]
    inner = {one for one in imported(path) if one.split(".")[0] == "conformance"}
    allowed = tuple(f"conformance.{one}" for one in (*WINGS[module.partition(".")[0]], "errors"))
    strangers = {one for one in inner if not one.startswith(allowed)}
    assert strangers - {"conformance"} == set()
    assert not ("conformance" in inner and strangers)


def test_what_runs_inside_the_services_imports_nothing_of_ours() -> None:
    """What runs in the services' own interpreter can't import the package, and doesn't."""
    inside = {wing: sorted((PACKAGE / wing / "inside").rglob("*.py")) for wing in WINGS}
    assert all(inside.values())
    for path in chain.from_iterable(inside.values()):
        plain = (node.names for node in ast.walk(tree(path)) if isinstance(node, ast.Import))
        assert not any(alias.name.startswith("conformance") for names in plain for alias in names), path
        sources = (node for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom) and not node.level)
        assert not any((node.module or "").startswith("conformance") for node in sources), path


def test_only_the_commands_reach_the_wing() -> None:
    """The engine comes to the wings through the commands alone."""
    for module in engine():
        reached = any(one.startswith(ROOMS) for one in imported(modules(wing=False)[module]))
        assert not reached or module.startswith("commands.") or module == "__main__", module


def test_one_module_opens_a_socket() -> None:
    """Of the engine only the client imports what speaks over the network."""
    network = {"httpx", "requests", "socket", "urllib.request", "http.client", "urllib3"}
    speakers = {module for module in engine() if network & set(imported(modules(wing=False)[module]))}
    assert speakers == {"client"}


@pytest.mark.parametrize("wing", [False, True])
def test_modules_are_short(wing: bool) -> None:
    """No module is over 250 lines."""
    sizes = {module: len(path.read_text(encoding="utf-8").splitlines()) for module, path in modules(wing=wing).items()}
    assert {module: size for module, size in sizes.items() if size > 250} == {}


def test_functions_are_short() -> None:
    """No function is over 40 lines, and half of them have at most 7."""
    lengths = {place: length(function) for place, function in functions().items()}
    assert {place: lines for place, lines in lengths.items() if lines > 40} == {}
    assert median(lengths.values()) <= 7


def undocumented(node: ast.Module | ast.ClassDef, place: str) -> Iterator[str]:
    """The public names within a module or a class that have no docstring."""
    if ast.get_docstring(node) is None:
        yield place
    for inner in node.body:
        if not isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or inner.name.startswith("_"):
            continue
        if isinstance(inner, ast.ClassDef):
            yield from undocumented(inner, f"{place}.{inner.name}")
        elif ast.get_docstring(inner) is None:
            yield f"{place}.{inner.name}"


@pytest.mark.parametrize("wing", [False, True])
def test_every_public_name_is_documented(wing: bool) -> None:
    """Every module and each public class, method and function has a docstring."""
    assert [one for module, path in modules(wing=wing).items() for one in undocumented(tree(path), module)] == []


def test_tests_are_told_in_a_sentence() -> None:
    """Every test has a docstring, which is a sentence."""
    for path in sorted((REPOSITORY / "tests").rglob("test_*.py")):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                assert (ast.get_docstring(node) or "").endswith("."), f"{path.name}: {node.name}"
