"""What the object has to do with others, live: owners, children, what it uses, what uses it. Enter goes there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from kwatch.informer.kube_object import KubeObject
from kwatch.tui.kit.table.listed_rows import ListedRows
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.object.object_tab import ObjectTab
from kwatch.tui.object.related_rows import HEADINGS, Target, related_rows
from kwatch.tui.object.surroundings import neighbours_of
from kwatch.tui.place import Place
from kwatch.tui.printing import Words
from kwatch.view.relations import related

if TYPE_CHECKING:
    from kwatch.informer.status import InformerStatus

PERIOD = 0.25
"""Seconds between looks while others change."""


class RelatedTab(ObjectTab):
    """Watches others only while it is open."""

    DEFAULT_CSS = """
    RelatedTab > Words { height: 1; width: 100%; background: $background; color: $kwatch-muted; padding: 0 2; }
    """

    tab = "related"
    title = "Related"

    def compose(self) -> ComposeResult:
        """The others."""
        self._neighbours = neighbours_of(self.subject)
        self._targets: dict[str, Target] = {}
        self._last: KubeObject | None = None
        self._looked_at = 0.0
        self._count: int | None = None
        self.table = VirtualTable(ListedRows(HEADINGS, ()), self.palette, markable=False)
        if self.subject.past is not None:
            yield Words("As it was then, as far as it was watched.")
        yield self.table

    @property
    def note(self) -> str:
        """How many there are."""
        return "" if self._count is None else str(self._count)

    @property
    def behind(self) -> Sequence[tuple[str, InformerStatus]]:
        """How the others are watched."""
        return self._neighbours.statuses

    def take_focus(self) -> None:
        """The cursor moves over the others."""
        self.table.focus()

    def tick(self, now: float) -> None:
        """Ask again when something changed; ages and what is still being listed, once a second."""
        obj = self.subject.object or self._last
        if obj is None:
            self.table.set_empty(self.subject.absence())
            return
        changed = self._neighbours.drain() or obj is not self._last
        if now - self._looked_at < (PERIOD if changed else 1.0) and self._last is not None:
            return
        self._looked_at, self._last = now, obj
        self._show(obj, self.subject.time(now))

    def chosen(self) -> tuple[Place, str] | None:
        """Where the row under the cursor leads."""
        target = self._targets.get(self.table.cursor_key or "")
        if target is None:
            return None
        return self._neighbours.place_of(target.resource, target.key), target.key

    def leave(self) -> None:
        """Watch no longer."""
        self._neighbours.release()

    def _show(self, obj: KubeObject, now: float) -> None:
        names = self.subject.session.names
        if names is None:
            return
        groups = related(self.subject.resource, obj, names, self._neighbours.cache_of)
        rows, self._targets = related_rows(groups, self._neighbours, now)
        self._count = None if any(group.keys is None for group in groups) else len(self._targets)
        table = self.table
        if rows.rows != getattr(table.rows, "rows", None):
            table.show(rows, keep_cursor=True)
        table.set_empty(("Nothing is known to be related to it",))
