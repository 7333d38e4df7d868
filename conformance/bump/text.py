"""A draft as the text of a delta's file, laid out as ours are, its remarks as comments. Layer 2; pure."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from conformance.bump.drafting import Draft

WIDTH = 125
SECTIONS = ("summary", "new", "change", "calls", "gone")
_IN_SHAPE = ("is", "extends", "unknown", "volatile", "drop", "add", "allow", "replace")
_IN_CALL = ("status", "query", "takes", "body", "headers")
_IN_SCHEMA = ("for", "is", "type", "enum", "minimum", "maximum", "minLength", "maxLength", "pattern", "propertyNames")
_PLAIN = re.compile(r"[^\s?:#&*!|>'\"%@`{}\[\],-][^?:#{}\[\],]*")


def written(draft: Draft, heading: str = "") -> str:
    """The file: each entry on a line if it fits one, below the remarks about it."""
    lines = [f"# {line}".rstrip() for line in heading.splitlines()]
    for section in SECTIONS:
        if section in draft.delta:
            lines += _section(draft, section, draft.delta[section])
    return "\n".join(lines) + "\n"


def _section(draft: Draft, section: str, content: Any) -> Iterator[str]:
    if section == "summary":
        yield f"summary: {content if _reads(content, content) else json.dumps(content)}"
        return
    yield f"{section}:"
    for name in content:
        yield from (f"  # {line}" for line in _remarks(draft, section, name))
        if section == "gone":
            yield f"  - {name}"
        else:
            yield from _entry(name, _sorted(section, content[name]), "  ")


def _remarks(draft: Draft, section: str, name: str) -> Iterator[str]:
    """What is to be said of an entry, key by key."""
    for path, remarks in draft.remarks.items():
        if path[:2] == (section, name):
            about = f"{' '.join(path[2:])}: " if path[2:] else ""
            words = " ".join(f"{about}{'; '.join(remarks)}".split())
            first, *more = textwrap.wrap(words, WIDTH - 4, break_long_words=False, break_on_hyphens=False)
            yield from (first, *(f"  {line}" for line in more))


def _sorted(section: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    order = _IN_CALL if section == "calls" else _IN_SHAPE
    return {key: entry[key] for key in order if key in entry}


def _entry(name: str, value: Any, indent: str) -> Iterator[str]:
    """A key and its value: on one line, or with what it holds below it."""
    key = scalar(name, flow=False)
    line = f"{indent}{key}: {flow(value)}"
    if len(line) <= WIDTH or not isinstance(value, dict | list):
        yield line
    elif isinstance(value, dict) and value:
        yield f"{indent}{key}:"
        for inner, below in _ordered(value).items():
            yield from _entry(inner, below, f"{indent}  ")
    else:
        yield from _wrapped(f"{indent}{key}: ", value, f"{indent}  ")


def entry_lines(name: str, value: Any) -> Iterator[str]:
    """An entry of a file, two blanks in."""
    return _entry(name, value, "  ")


def _wrapped(start: str, values: Any, indent: str) -> Iterator[str]:
    """A list over several lines."""
    line = f"{start}["
    for number, value in enumerate(values):
        word = flow(value) + ("]" if number == len(values) - 1 else ", ")
        if len(line) + len(word) > WIDTH:
            yield line.rstrip()
            line = indent
        line += word
    yield line


def flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{scalar(key)}: {flow(inner)}' for key, inner in _ordered(value).items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(flow, value))}]"
    return scalar(value)


def _ordered(value: dict[str, Any]) -> dict[str, Any]:
    """A schema with its kind first; everything else as it is."""
    return {key: value[key] for key in (*(one for one in _IN_SCHEMA if one in value), *value)}


def scalar(value: Any, *, flow: bool = True) -> str:
    """A text, number or truth as YAML, in quotes only where it needs them or may be null."""
    if not isinstance(value, str):
        return json.dumps(value)
    bare = value if flow else value.replace("{", "").replace("}", "")
    if (_PLAIN.fullmatch(bare) or (":" in value and _plain_with_colons(bare))) and _reads(value, value, flow=flow):
        return value
    return f"'{value}'" if "\\" in value and "'" not in value else json.dumps(value, ensure_ascii=False)


def _plain_with_colons(text: str) -> bool:
    """Whether all of its colons stand within words, as in OS-DCF:diskConfig."""
    return bool(re.fullmatch(r"[A-Za-z][\w-]*(:[\w-]+)+", text))


def _reads(text: str, value: str, *, flow: bool = False) -> bool:
    """Whether YAML reads a bare text as that value."""
    try:
        return bool(yaml.safe_load(f"[{text}]" if flow else text) == ([value] if flow else value))
    except yaml.YAMLError:
        return False
