"""What the object is related to, live: owners, children, what it uses, what uses it. Enter goes there.

And what every tab is whose rows are read of an object's relations.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, NamedTuple, TypeVar

from textual.app import ComposeResult

from kwatch.base.duration import humanize
from kwatch.base.timestamp import parse_time
from kwatch.catalog.column import Level
from kwatch.catalog.health import assess
from kwatch.catalog.registry import kind_for
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.query.context import IndexAccess
from kwatch.tui.features.object.object_tab import ObjectTab
from kwatch.tui.features.object.relation_caches import RelatedReading, RelationCaches
from kwatch.tui.kit.table.rows import PLAIN, Cell, Heading, ListedRow, ListedRows, Look
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.text.line import Line
from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.kit.widgets.bar import Words
from kwatch.tui.location import Location
from kwatch.view.relations import Group, related

if TYPE_CHECKING:
    from kwatch.catalog.names import ResourceNames
    from kwatch.informer.status import InformerStatus
    from kwatch.view.relations.related import CacheOf

T = TypeVar("T")
PERIOD = 0.25
"""Seconds between two looks while related objects change."""


class RelationTab(ObjectTab, Generic[T]):
    """A heading, rows, and all of the row under the cursor. What is related is watched only while the screen is open,
    and read in a thread: `read` runs there, everything else in the UI thread.
    """

    DEFAULT_CSS = """
    RelationTab > VirtualTable { height: 1fr; }
    RelationTab > TextView { height: 1fr; border-top: solid $panel; }
    """
    headings: ClassVar[Sequence[Heading]]
    explains: ClassVar[bool] = True
    """Whether there is a text below the rows."""
    period: ClassVar[float] = PERIOD
    idle: ClassVar[float] = 5.0
    """As RelatedReading has them."""

    def compose(self) -> ComposeResult:
        self.reading = RelatedReading(self.subject, self.read, self.wake, period=self.period, idle=self.idle)
        self.found: T | None = None
        self._last: KubeObject | None = None
        self._title = Words("")
        self._title.display = False
        self.table = VirtualTable(ListedRows(self.headings, ()), self.palette, markable=False)
        yield self._title
        yield self.table
        if self.explains:
            self.text = TextView(self.palette, wrap=True)
            yield self.text

    @abstractmethod
    def read(self, obj: KubeObject, names: ResourceNames, cache_of: CacheOf, now: float) -> T:
        """What there is to show of the object at a moment."""

    @abstractmethod
    def rows_of(self, found: T, now: float) -> Sequence[ListedRow]: ...

    def title_of(self, found: T, now: float) -> str:
        """What stands above the rows; empty for nothing."""
        return ""

    @abstractmethod
    def nothing(self, found: T) -> tuple[str, ...]:
        """Why there are no rows."""

    def lines_of(self, found: T, key: str, now: float) -> Sequence[Line]:
        """All of the row with a key."""
        return ()

    @property
    def behind(self) -> Sequence[tuple[str, InformerStatus]]:
        return self.reading.caches.statuses

    @property
    def is_busy(self) -> bool:
        return self.reading.is_busy

    def take_focus(self) -> None:
        self.table.focus()

    def tick(self, now: float) -> None:
        """Read again when something changed, and show what was read."""
        self._last = self.subject.object or self._last
        if self._last is None:
            self.table.set_empty(self.subject.absence())
            return
        if self.reading.look(self._last, now) and self.reading.result is not None:
            self._show(self.reading.result, self.subject.time(now))
        if self.reading.problem:
            self.table.set_empty((self.reading.problem,))

    def leave(self) -> None:
        self.reading.release()

    def on_virtual_table_cursor_moved(self, message: VirtualTable.CursorMoved) -> None:
        if self.explains:
            message.stop()
        self._explain(self.subject.time(self.clock.time()))

    def _show(self, found: T, now: float) -> None:
        self.found = found
        title = self.title_of(found, now)
        self._title.say(title)
        self._title.display = bool(title)
        rows = ListedRows(self.headings, self.rows_of(found, now))
        self.table.show_listed(rows, keep_cursor=bool(len(self.table.rows)))
        self.table.set_empty(self.nothing(found))
        self._explain(now)

    def _explain(self, now: float) -> None:
        if self.found is not None and self.text is not None:
            key = self.table.cursor_key
            self.text.set_lines(self.lines_of(self.found, key, now) if key is not None else ())


@dataclass(frozen=True, slots=True)
class RelatedRows:
    """`targets` are where the rows lead; `count` is None while something is still to be found."""

    rows: Sequence[ListedRow]
    targets: dict[str, Target]
    count: int | None


class RelatedTab(RelationTab[RelatedRows]):
    """The same object in two relations has two rows."""

    tab = "related"
    headings = (
        Heading("relation", "RELATION", frozen=True, quiet=True),
        Heading("kind", "KIND", quiet=True, max_width=30),
        Heading("name", "NAME", flexible=True, max_width=80),
        Heading("state", "STATE", max_width=80),
        Heading("age", "AGE", quiet=True),
    )
    explains = False
    idle = 1.0

    def read(self, obj: KubeObject, names: ResourceNames, cache_of: CacheOf, now: float) -> RelatedRows:
        groups = related(self.subject.resource, obj, names, cache_of)
        rows, targets = related_rows(groups, self.reading.caches, now)
        return RelatedRows(rows, targets, None if any(group.keys is None for group in groups) else len(targets))

    def rows_of(self, found: RelatedRows, now: float) -> Sequence[ListedRow]:
        return found.rows

    def title_of(self, found: RelatedRows, now: float) -> str:
        return "As it was then, as far as it was watched." if self.subject.past is not None else ""

    def nothing(self, found: RelatedRows) -> tuple[str, ...]:
        return ("Nothing is known to be related to it",)

    @property
    def note(self) -> str:
        return "" if self.found is None or self.found.count is None else str(self.found.count)

    def chosen(self) -> tuple[Location, str] | None:
        """Where the row under the cursor leads."""
        target = self.found.targets.get(self.table.cursor_key or "") if self.found is not None else None
        if target is None:
            return None
        return self.reading.caches.place_of(target.resource, target.key), target.key


_SIGNS = {Level.WARNING: "!", Level.DONE: "-"}
"""Of what is not known, and not on its way."""
LIMIT = 500
"""Rows shown of one relation."""


class Target(NamedTuple):
    """Where a row leads."""

    resource: Resource
    key: str


def related_rows(
    groups: Iterable[Group], caches: RelationCaches, now: float
) -> tuple[Sequence[ListedRow], dict[str, Target]]:
    """The rows, and where each of them leads; the same object in two relations has two rows."""
    rows: list[ListedRow] = []
    targets: dict[str, Target] = {}
    for group in groups:
        relation = group.relation
        if group.keys is None:
            rows.append(_pending(group, caches))
            continue
        cache = caches.cache_of(relation)
        for key in group.keys[:LIMIT]:
            row = _row(group, key, cache, now, caches.absent(relation))
            if row.key not in targets:
                targets[row.key] = Target(relation.resource, key)
                rows.append(row)
        if len(group.keys) > LIMIT:
            rows.append(_more(group))
    return rows, targets


def _row(group: Group, key: str, cache: IndexAccess | None, now: float, absent: str) -> ListedRow:
    resource = group.relation.resource
    obj = cache.get_by_key(key) if cache is not None else None
    own = group.relation.namespace
    name = key.removeprefix(f"{own}/") if own else key
    head = (Cell(group.relation.title), Cell(resource.kind), Cell(name))
    row_key = f"{group.relation.title}\n{resource}\n{key}"
    if not isinstance(obj, KubeObject):
        return ListedRow(row_key, (*head, Cell(absent, Level.WARNING), Cell("")), Look("!", Level.WARNING))
    state, look = _state(resource, obj, now)
    return ListedRow(row_key, (*head, state, Cell(_age(obj, now))), look)


def _pending(group: Group, caches: RelationCaches) -> ListedRow:
    relation = group.relation
    words, level = caches.waiting_for(relation)
    cells = (
        Cell(relation.title),
        Cell(relation.resource.kind),
        Cell(relation.name),
        Cell(words, level),
        Cell(""),
    )
    key = f"?\n{relation.title}\n{relation.resource}\n{relation.name}"
    return ListedRow(key, cells, Look(_SIGNS.get(level, "◌"), level))


def _more(group: Group) -> ListedRow:
    relation = group.relation
    hidden = len(group.keys or ()) - LIMIT
    cells = (Cell(relation.title), Cell(relation.resource.kind), Cell(f"… {hidden:,} more"), Cell(""), Cell(""))
    return ListedRow(f"…\n{relation.title}\n{relation.resource}", cells)


def _state(resource: Resource, obj: KubeObject, now: float) -> tuple[Cell, Look]:
    """What is wrong; else the most important of its columns."""
    problem = assess(resource, obj).at(now)
    if problem is not None:
        return Cell(problem.reason, problem.level), Look("!", problem.level)
    return next(_telling_cells(resource, obj, now), Cell("")), PLAIN


def _telling_cells(resource: Resource, obj: KubeObject, now: float) -> Iterator[Cell]:
    kind = kind_for(resource)
    if kind is None:
        return
    values = kind.read(obj)
    for column, value in zip(kind.columns, values, strict=True):
        if column.title in ("Status", "Phase", "Type"):
            yield Cell(column.text(value, now), column.level(value))
    for column, value in zip(kind.columns, values, strict=True):
        if column.title in ("Ready", "Completions", "Endpoints"):
            yield Cell(f"{column.title.lower()} {column.text(value, now)}", column.level(value))


def _age(obj: KubeObject, now: float) -> str:
    try:
        created = parse_time(obj.creation_timestamp)
    except ValueError:
        return ""
    return humanize(now - created) if created is not None else ""
