"""What the object is related to, live: owners, children, what it uses, what uses it. Enter goes there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

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
from kwatch.tui.features.object.relation_caches import RelationCaches, caches_for
from kwatch.tui.kit.table.rows import PLAIN, Cell, Heading, ListedRow, ListedRows, Look
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.widgets.bar import Words
from kwatch.tui.location import Location
from kwatch.view.relations import Group, related

if TYPE_CHECKING:
    from kwatch.informer.status import InformerStatus


PERIOD = 0.25
"""Seconds between two looks while related objects change."""


class RelatedTab(ObjectTab):
    """Watches the related objects only while it is open."""

    tab = "related"

    def compose(self) -> ComposeResult:
        self._caches = caches_for(self.subject)
        self._targets: dict[str, Target] = {}
        self._last: KubeObject | None = None
        self._looked_at = 0.0
        self._is_stale = False
        """Whether something changed since it was looked at."""
        self._count: int | None = None
        self.table = VirtualTable(ListedRows(HEADINGS, ()), self.palette, markable=False)
        if self.subject.past is not None:
            yield Words("As it was then, as far as it was watched.")
        yield self.table

    @property
    def note(self) -> str:
        return "" if self._count is None else str(self._count)

    @property
    def behind(self) -> Sequence[tuple[str, InformerStatus]]:
        return self._caches.statuses

    def take_focus(self) -> None:
        self.table.focus()

    def tick(self, now: float) -> None:
        """Ask again when something changed; ages and what is still being listed, once a second."""
        obj = self.subject.object or self._last
        if obj is None:
            self.table.set_empty(self.subject.absence())
            return
        self._is_stale |= self._caches.drain() or obj is not self._last
        if now - self._looked_at < (PERIOD if self._is_stale else 1.0) and self._last is not None:
            return
        self._looked_at, self._last, self._is_stale = now, obj, False
        self._show(obj, self.subject.time(now))

    @property
    def is_busy(self) -> bool:
        return self._is_stale

    def chosen(self) -> tuple[Location, str] | None:
        """Where the row under the cursor leads."""
        target = self._targets.get(self.table.cursor_key or "")
        if target is None:
            return None
        return self._caches.place_of(target.resource, target.key), target.key

    def leave(self) -> None:
        self._caches.release()

    def _show(self, obj: KubeObject, now: float) -> None:
        names = self.subject.session.names
        if names is None:
            return
        groups = related(self.subject.resource, obj, names, self._caches.cache_of)
        rows, self._targets = related_rows(groups, self._caches, now)
        self._count = None if any(group.keys is None for group in groups) else len(self._targets)
        table = self.table
        if rows.rows != getattr(table.rows, "rows", None):
            table.show(rows, keep_cursor=True)
        table.set_empty(("Nothing is known to be related to it",))


HEADINGS = (
    Heading("relation", "RELATION", frozen=True, quiet=True),
    Heading("kind", "KIND", quiet=True, max_width=30),
    Heading("name", "NAME", flexible=True, max_width=80),
    Heading("state", "STATE", max_width=80),
    Heading("age", "AGE", quiet=True),
)
_SIGNS = {Level.WARNING: "!", Level.DONE: "-"}
"""Of what is not known, and not on its way."""
LIMIT = 500
"""Rows shown of one relation."""


class Target(NamedTuple):
    """Where a row leads."""

    resource: Resource
    key: str


def related_rows(groups: Iterable[Group], caches: RelationCaches, now: float) -> tuple[ListedRows, dict[str, Target]]:
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
    return ListedRows(HEADINGS, rows), targets


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
