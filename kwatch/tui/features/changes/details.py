"""All that is known of one line of the list of changes, below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from kwatch.history.baseline import Difference, PathChange
from kwatch.tui.features.changes.change_list import Line as Listed
from kwatch.tui.features.changes.rows import at_path, counted, counts_text, object_count
from kwatch.tui.text.line import Line, Span, plain
from kwatch.view.printable import printable

ClockText = Callable[[float], str]
_TINTS = {"+": "kwatch-added", "-": "kwatch-deleted", "~": "kwatch-changed"}
_MOST = 200
"""Lines; whoever wants more opens the side-by-side view."""
_LOOKED_AT = 2000
"""Members of a group whose values are counted: the cursor must not wait."""


def details(line: Listed | None, clock_text: ClockText, *, noise: bool) -> list[Line]:
    """One change a line, with who made it; of a group how often what happened."""
    if line is None:
        return []
    if line.difference is not None:
        return list(_of_object(line.difference, clock_text, noise))[:_MOST]
    return list(_of_path(line) if line.path else _of_owner(line))[:_MOST]


def _of_object(difference: Difference, clock_text: ClockText, noise: bool) -> Iterator[Line]:
    yield plain(f"{difference.itself!s}   {_when(difference, clock_text)}", "kwatch-muted")
    for change in difference.changes:
        yield _change(change, difference.sign)
    for change in difference.noise if noise else ():
        yield plain(change.words, "kwatch-muted")


def _when(difference: Difference, clock_text: ClockText) -> str:
    deltas = f"{difference.deltas:,} delta{'' if difference.deltas == 1 else 's'}"
    if difference.old is None:
        return f"{deltas}, the last at {clock_text(difference.new.at)}"
    was = f"{printable(difference.old.resource_version)} → {printable(difference.new.resource_version)}"
    return f"{was} in {deltas}, the last at {clock_text(difference.new.at)}"


def _change(change: PathChange, sign: str) -> Line:
    words = printable(change.words)
    told = words.removesuffix(printable(change.value)) if change.value else ""
    spans = [Span(told, "kwatch-key"), Span(words[len(told) :], "foreground")] if told else [Span(words)]
    if change.who.known:
        spans.append(Span(f"   {change.who!s}", "kwatch-muted"))
    if change.who.subresource:
        spans.append(Span(f" ({change.who.subresource})", "kwatch-muted"))
    return Line(tuple(spans), _TINTS.get(sign, "") if sign in "+-" else "")


def _of_owner(line: Listed) -> Iterator[Line]:
    """How many of each kind came, went and changed."""
    yield plain(f"{line.title}   {object_count(len(line.members))}", "kwatch-muted")
    kinds: dict[str, list[Difference]] = {}
    for each in line.members:
        kinds.setdefault(each.kind, []).append(each)
    width = max(map(len, kinds))
    for kind, members in kinds.items():
        yield Line((Span(f"{printable(kind):<{width}}   ", "kwatch-key"), Span(counts_text(counted(members)))))


def _of_path(line: Listed) -> Iterator[Line]:
    """How many objects got which value."""
    yield plain(f"{line.title}   {object_count(len(line.members))}", "kwatch-muted")
    values = Counter(at_path(each, line.path) for each in line.members[:_LOOKED_AT])
    for value, count in values.most_common(_MOST):
        if value:
            yield Line((Span(f"{count:>6,}   ", "kwatch-key"), Span(value)))
