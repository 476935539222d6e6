"""Two states of an object side by side, or below each other; left and right step to others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType

from kwatch.history.diff.compare import side_by_side
from kwatch.informer.masking import trees_in_one_form
from kwatch.tui.commands.command import bindings
from kwatch.tui.commands.command_line import CommandPrompt
from kwatch.tui.commands.lists import DIFF_COMMANDS
from kwatch.tui.features.object.comparisons import LOST, Comparable, ComparedObjects, Sides
from kwatch.tui.features.object.yaml_tab import without_managed_fields, yaml_lines
from kwatch.tui.kit.text.line import Line, Span, split
from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.kit.widgets.footer import Footer
from kwatch.tui.kit.widgets.header import Header, HeaderState, Mood
from kwatch.tui.kwatch_screen import KwatchScreen

NOTHING_DIFFERS = "Nothing differs but noise."
CONTEXT = 3
"""Unchanged lines shown around a change."""
NARROW = 100
"""Below this many cells the sides stand below each other."""
_OLD, _NEW = "kwatch-deleted", "kwatch-added"


class DiffScreen(KwatchScreen[None]):
    """Only the changes with their surroundings, or everything."""

    help_title = "two versions side by side"

    COMMANDS_OF_SCREEN = DIFF_COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = bindings(COMMANDS_OF_SCREEN)

    def __init__(self, pair: Comparable) -> None:
        super().__init__()
        self._pair = pair
        self._rows: list[DiffRow] = []
        self.everything = False
        self.alone = False
        """Whether there is nothing to compare with: all of it is shown."""

    def compose(self) -> ComposeResult:
        yield Header(self.palette)
        yield TextView(self.palette, wrap=True)
        yield CommandPrompt(self.palette, self.kwatch.prompt_history)
        yield Footer(self.palette)

    def on_mount(self) -> None:
        self.query_one(TextView).focus()
        self._compare()

    def on_resize(self) -> None:
        """Another width, other lines."""
        self.call_after_refresh(self._lay_out)

    def step(self, by: int) -> None:
        """To an older (1) or newer (-1) version."""
        if self._pair.step(by):
            self._compare()
        else:
            self.notify(f"There is nothing further to the {'left' if by > 0 else 'right'}.", timeout=2)

    @property
    def has_others(self) -> bool:
        """Whether left and right may lead to others; two marked rows are all there is."""
        return not isinstance(self._pair, ComparedObjects) or self._pair.has_others

    @property
    def steps_objects(self) -> bool:
        """Whether left and right lead to other objects, not to other versions."""
        return isinstance(self._pair, ComparedObjects)

    @property
    def sides(self) -> Sides | None:
        """What is compared now; None where there is nothing to compare."""
        return self._pair.sides()

    def toggle_everything(self) -> None:
        """The whole object, or only what changed."""
        self.everything = not self.everything
        self._lay_out()

    def _compare(self) -> None:
        sides = self.sides
        if sides is None:
            self._rows = []
            self.query_one(TextView).set_empty(("There is nothing to compare.",))
            self._lay_out()
            return
        if sides.mark == "~":
            self._rows = diff_rows(sides.before, sides.after)
        else:
            self._rows = single_rows(sides.after, sides.mark)
        self.alone = sides.mark == " "
        self.query_one(TextView).set_empty((NOTHING_DIFFERS if sides.after is not None else LOST,))
        namespace, _, name = sides.key.rpartition("/")
        before, after = sides.names
        self.query_one(Header).show(
            HeaderState(
                context=sides.context,
                namespace=namespace,
                resource=sides.resource,
                title=name,
                freshness=after,
                mood=Mood.PAST,
                count=f"{before}  →  {after}",
                narrowed=(sides.who,) if sides.who else (),
            )
        )
        self._lay_out()
        self.show_hints()

    def _lay_out(self) -> None:
        view = self.query_one(TextView)
        view.set_lines(diff_lines(self._rows, view.size.width, everything=self.everything or self.alone))


@dataclass(frozen=True, slots=True)
class DiffRow:
    """A line of each side, None where it has none; `mark` is ` `, `~`, `+` or `-`."""

    left: Line | None
    right: Line | None
    mark: str


def diff_rows(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> list[DiffRow]:
    """Both objects as YAML, aligned."""
    if old is not None and new is not None:
        old, new = trees_in_one_form(old, new)
    left = yaml_lines(without_managed_fields(old)) if old is not None else []
    right = yaml_lines(without_managed_fields(new)) if new is not None else []
    lefts, rights = iter(left), iter(right)
    rows = side_by_side("\n".join(line.text for line in left), "\n".join(line.text for line in right))
    return [
        DiffRow(
            next(lefts, None) if row.mark != "+" else None,
            next(rights, None) if row.mark != "-" else None,
            row.mark,
        )
        for row in rows
    ]


def single_rows(tree: Mapping[str, Any] | None, mark: str = " ") -> list[DiffRow]:
    """One object that stands alone: as it was before (`-`) or is (` `, `+`), with nothing on the other side."""
    lines = yaml_lines(without_managed_fields(tree)) if tree is not None else []
    return [DiffRow(line, None, mark) if mark == "-" else DiffRow(None, line, mark) for line in lines]


def shown_rows(rows: Sequence[DiffRow], *, everything: bool) -> Iterator[DiffRow | int]:
    """The changes with their surroundings; a number stands for that many lines left out."""
    if everything:
        yield from rows
        return
    near = [False] * len(rows)
    for index, row in enumerate(rows):
        if row.mark != " ":
            for neighbour in range(max(0, index - CONTEXT), min(len(rows), index + CONTEXT + 1)):
                near[neighbour] = True
    skipped = 0
    for row, is_near in zip(rows, near, strict=True):
        if not is_near:
            skipped += 1
            continue
        if skipped:
            yield skipped
            skipped = 0
        yield row
    if skipped:
        yield skipped


def diff_lines(rows: Sequence[DiffRow], width: int, *, everything: bool = False) -> list[Line]:
    """Ready to show in `width` cells."""
    lines: list[Line] = []
    for row in shown_rows(rows, everything=everything):
        if isinstance(row, int):
            text = f"··· {row} line{'s' if row > 1 else ''} the same ···"
            lines.append(Line((Span(text.center(max(len(text), width - 2)), "kwatch-comment"),)))
        elif width < NARROW or _is_cut(row, (width - 5) // 2):
            lines += _below_each_other(row)
        else:
            lines.append(_beside_each_other(row, (width - 5) // 2))
    return lines


def _is_cut(row: DiffRow, half: int) -> bool:
    """Whether a change has no room on its side: what differs is often at the end."""
    sides = (side for side in (row.left, row.right) if side is not None)
    return row.mark != " " and any(cell_len(side.text) > half for side in sides)


def _below_each_other(row: DiffRow) -> list[Line]:
    if row.mark == " " and row.right is not None:
        return [row.right]
    old, new = _emphasized(row)
    lines = []
    if row.left is not None:
        lines.append(Line(tuple(old), _OLD, "-"))
    if row.right is not None:
        lines.append(Line(tuple(new), _NEW, "+"))
    return lines


def _beside_each_other(row: DiffRow, half: int) -> Line:
    old, new = _emphasized(row)
    changed = row.mark != " "
    left = _fitted(old, half, _OLD if changed and row.left is not None else "")
    right = _fitted(new, half, _NEW if changed and row.right is not None else "")
    return Line((*left, Span(" │ ", "kwatch-comment"), *right), sign=row.mark.strip())


def _emphasized(row: DiffRow) -> tuple[list[Span], list[Span]]:
    """Both sides; where they replace each other, what differs stands out."""
    left = list(row.left.spans) if row.left is not None else []
    right = list(row.right.spans) if row.right is not None else []
    if row.mark != "~" or row.left is None or row.right is None:
        return left, right
    old, new = row.left.text, row.right.text
    start = _common(old, new)
    end = min(_common(old[::-1], new[::-1]), len(old) - start, len(new) - start)
    return (
        _recolored(left, start, len(old) - end, _OLD),
        _recolored(right, start, len(new) - end, _NEW),
    )


def _common(one: str, other: str) -> int:
    """How many characters they begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _recolored(spans: Sequence[Span], start: int, end: int, ink: str) -> list[Span]:
    return [span._replace(ink=ink, strong=True) if inside else span for span, inside in split(spans, start, end)]


def _fitted(spans: Sequence[Span], width: int, tint: str) -> list[Span]:
    """Exactly `width` cells, cut or filled."""
    result: list[Span] = []
    room = width
    for span in spans:
        text = span.text
        if cell_len(text) > room:
            text = _cut(text, room)
        if text:
            result.append(span._replace(text=text, tint=tint))
        room -= cell_len(text)
        if room <= 0:
            break
    if room > 0:
        result.append(Span(" " * room, tint=tint))
    return result


def _cut(text: str, width: int) -> str:
    if width <= 0:
        return ""
    while text and cell_len(text) > width - 1:
        text = text[: max(0, min(len(text) - 1, width - 1))]
    return text + "…"
