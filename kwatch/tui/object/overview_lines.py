"""What there is to say of an object, as lines: what is wrong with it, then its sections of facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kwatch.catalog.column import Level
from kwatch.catalog.health import assess
from kwatch.catalog.overview import describe
from kwatch.catalog.overview.facts import Fact, Section
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.tui.palette import INK_OF_LEVEL
from kwatch.tui.text.line import Line, Span, plain
from kwatch.view.printable import printable

_INDENT = "  "
_LABEL_LIMIT = 28
_SIGNS = {Level.BAD: "✗", Level.WARNING: "!", Level.GOOD: "●", Level.PROGRESS: "◌", Level.DONE: "-"}
_AFTER_OTHERS = frozenset({"Pod Template", "System", "Images"})
_LINE_LIMIT = 2000
"""Lines shown of one value; config maps hold whole files."""


def overview_lines(resource: Resource, obj: KubeObject, now: float, around: Sequence[Section] = ()) -> list[Line]:
    """Everything, as of a moment in seconds since the epoch; `around` is what others say of it."""
    lines = list(_health(resource, obj, now))
    sections = _with_surroundings(describe(resource, obj), around)
    labels = [len(fact.label) for section in sections for fact in section.facts]
    width = min(_LABEL_LIMIT, max(labels, default=0))
    for section in sections:
        lines += [plain(""), *_section(section, width, now)]
    if not sections:
        lines += [plain(""), plain(f"{_INDENT}It cannot be read; the YAML may tell more.", "kwatch-muted")]
    return lines


def _with_surroundings(own: Sequence[Section], around: Sequence[Section]) -> Sequence[Section]:
    """What is around the object stands after how it is, and before how its pods are made or what it is made of."""
    place = next((place for place, section in enumerate(own) if section.title in _AFTER_OTHERS), len(own))
    return (*own[:place], *around, *own[place:]) if own else ()


def _health(resource: Resource, obj: KubeObject, now: float) -> Iterator[Line]:
    problems = assess(resource, obj).all_at(now)
    for problem in problems:
        ink = INK_OF_LEVEL[problem.level]
        yield Line((Span(problem.reason, ink, strong=True),), sign="!")
    if not problems:
        yield Line((Span("Nothing is known to be wrong with it.", INK_OF_LEVEL[Level.GOOD]),), sign="●")


def _section(section: Section, width: int, now: float) -> Iterator[Line]:
    yield Line((Span(section.title, "primary", strong=True),))
    before = ""
    for fact in section.facts:
        label = "" if fact.label == before else fact.label
        before = fact.label
        yield from _fact(fact, label, width, now)


def _fact(fact: Fact, label: str, width: int, now: float) -> Iterator[Line]:
    texts: Sequence[str] = fact.text(now).split("\n")[:_LINE_LIMIT]
    ink = INK_OF_LEVEL[fact.level]
    sign = f"{_SIGNS[fact.level]} " if fact.level in _SIGNS else ""
    shown = printable(label)
    if len(shown) > width:
        yield Line((Span(_INDENT + shown, "kwatch-muted"),))
        shown = ""
    for number, text in enumerate(texts):
        head = f"{_INDENT}{shown if number == 0 else '':<{width}}  "
        value = Span((sign if number == 0 else "") + text, ink)
        yield Line((Span(head, "kwatch-muted"), value), hang=len(head))
