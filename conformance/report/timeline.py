"""A picture of a performance: a lane for each of its tracks, over the seconds in which they were seen. Layer 3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from conformance.moments import Moment

FOLDER = "timelines"
LEFT, WIDTH, LANE, TOP = 190, 760, 34, 46
COLOURS = ("#4477aa", "#228833", "#ccbb44", "#aa3377", "#66ccee", "#ee6677", "#999933", "#882255")
"""Told apart by people who see colours differently (Paul Tol's); each also bears its words."""
STYLE = "text{font:12px sans-serif;fill:#222}.title{font-size:14px;font-weight:bold}.axis{stroke:#999}.in{fill:#fff}"


def performances(records: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, list[Moment]]]:
    """The moments of each performance in the lines of results.jsonl, by its name, such as ``compute/server@2.26``."""
    found: dict[str, list[Moment]] = {}
    for record in records:
        story, _, step = record["id"].partition("::")
        moments = [(one[0], one[1], one[2], one[3]) for one in record.get("moments", ())]
        found.setdefault(f"{story}@{step.rpartition('@')[2]}", []).extend(moments)
    return ((name, moments) for name, moments in found.items() if moments)


def write(records: Iterable[Mapping[str, Any]], folder: Path) -> None:
    """Leave a picture of each performance that was tracked in a run's folder."""
    for name, picture in pictures(records):
        path = folder / FOLDER / f"{name.replace('/', '-')}.svg"
        path.parent.mkdir(exist_ok=True)
        path.write_text(picture, encoding="utf-8")


def pictures(records: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """The picture of each performance that was tracked, by its name."""
    return ((name, draw(name, moments)) for name, moments in performances(records))


def draw(title: str, moments: Sequence[Moment]) -> str:
    """An SVG of its own: what was seen stands until something else was, and ends where it was seen last."""
    lanes = list(dict.fromkeys(moment[2] for moment in moments))
    begin, end = min(moment[0] for moment in moments), max(moment[1] for moment in moments)
    colours = {one: COLOURS[number % len(COLOURS)] for number, one in enumerate(_things(moments))}
    scale, foot = WIDTH / max(end - begin, 0.001), TOP + LANE * len(lanes) + 8
    size = f'width="{LEFT + WIDTH + 20}" height="{foot + 44 + 20 * len(colours)}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<rect width="100%" height="100%" fill="#fff"/><text class="title" x="10" y="24">{escape(title)}</text>',
    ]
    for y, lane in enumerate(lanes):
        parts.append(f'<text x="10" y="{TOP + LANE * y + 17}">{escape(lane)}</text>')
        for first, last, seen in _bars([moment for moment in moments if moment[2] == lane]):
            span = (LEFT + (first - begin) * scale, max((last - first) * scale, 2), TOP + LANE * y)
            parts += _bar(*span, colours[seen], f"{last - first:.2f} s" if seen == lane else seen)
    return "\n".join([*parts, *_axis(end - begin, scale, foot), *_legend(colours, foot + 40), "</svg>\n"])


def _things(moments: Iterable[Moment]) -> Iterator[str]:
    """All that was seen, each once."""
    return iter(dict.fromkeys(moment[3] for moment in moments if moment[3]))


def _bars(lane: Iterable[Moment]) -> Iterator[tuple[float, float, str]]:
    """From when until when something stood on a lane; what is a time by itself stands no longer than that."""
    own = sorted(lane)
    runs = [(seen, list(run)) for seen, run in groupby(own, key=lambda moment: moment[3])]
    for (seen, run), (_, following) in zip(runs, [*runs[1:], ("", [])], strict=True):
        if seen == run[0][2]:
            yield from ((first, last, seen) for first, last, *_ in run)
        elif seen:
            yield run[0][0], following[0][0] if following else run[-1][1], seen


def _legend(colours: Mapping[str, str], top: float) -> Iterator[str]:
    for number, (seen, colour) in enumerate(colours.items()):
        y = top + 20 * number
        yield f'<rect x="{LEFT}" y="{y - 10}" width="12" height="12" fill="{colour}"/>'
        yield f'<text x="{LEFT + 18}" y="{y}">{escape(seen)}</text>'


def _bar(x: float, width: float, y: float, colour: str, words: str) -> Iterator[str]:
    told = escape(words)
    yield f'<g><title>{told}</title><rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="26" fill="{colour}"/>'
    if len(words) * 7 < width:
        yield f'<text class="in" x="{x + 4:.1f}" y="{y + 17}">{told}</text>'
    yield "</g>"


def _axis(seconds: float, scale: float, y: float) -> Iterator[str]:
    """The seconds since the first moment."""
    step = next((one for one in (0.5, 1, 2, 5, 10, 20, 60, 120, 300) if seconds / one <= 12), 600)
    yield f'<path class="axis" d="M{LEFT} {y}h{WIDTH}"/>'
    for number in range(int(seconds / step) + 1):
        x = LEFT + number * step * scale
        yield f'<path class="axis" d="M{x:.1f} {y}v5"/><text x="{x:.1f}" y="{y + 18}">{number * step:g} s</text>'
