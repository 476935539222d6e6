"""The rollouts of the object's workload: each template against the one before, what the chosen one changed below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from textual.app import ComposeResult

from kwatch.base.printable import printable
from kwatch.catalog.column import Level
from kwatch.history.attribution import writers
from kwatch.history.diff.change import changed_paths
from kwatch.history.rollouts import (
    KEPT_IN,
    Rollout,
    SeenTemplate,
    rollout_words,
    rollouts,
    seen_templates,
    within_template,
)
from kwatch.history.version import Version
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.tui.features.object.comparisons import change_lines
from kwatch.tui.features.object.history_rows import PROVED, moment_text
from kwatch.tui.features.object.object_tab import ObjectTab
from kwatch.tui.features.object.related_tab import PERIOD
from kwatch.tui.features.object.relation_caches import caches_for
from kwatch.tui.kit.table.rows import PLAIN, Cell, Heading, ListedRow, ListedRows, Look
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.text.line import Line, plain
from kwatch.tui.kit.text.text_view import TextView
from kwatch.tui.kit.widgets.bar import Words
from kwatch.tui.location import Location
from kwatch.view.relations import Around, Relation, owned, owners

if TYPE_CHECKING:
    from kwatch.informer.status import InformerStatus

_GENERATIONS = 5
"""How far up a workload is looked for: a chain of owners may be a circle."""
_HEADINGS = (
    Heading("revision", "REVISION", frozen=True, right=True),
    Heading("time", "TIME", min_width=len("≈ Nov 23 14:02:10")),
    Heading("who", "WHO", max_width=24),
    Heading("pods", "READY", right=True),
    Heading("changes", "CHANGES", fill=True),
)


class RolloutsTab(ObjectTab):
    """Watches the owners, and what keeps the templates, only while it is open."""

    DEFAULT_CSS = """
    RolloutsTab > VirtualTable { height: 1fr; }
    RolloutsTab > TextView { height: 1fr; border-top: solid $panel; }
    """

    tab = "rollouts"
    text: TextView

    def compose(self) -> ComposeResult:
        self._caches = caches_for(self.subject)
        self._last: KubeObject | None = None
        self._looked_at, self._is_stale = 0.0, False
        self._rollouts: Mapping[str, Rollout] = {}
        self._kept: Relation | None = None
        self._seen: list[SeenTemplate] = []
        self._seen_in: Version | None = None
        """The last version of the workload that was searched for a new template: only what came since is read."""
        self._title = Words("")
        self.table = VirtualTable(ListedRows(_HEADINGS, ()), self.palette, markable=False)
        self.text = TextView(self.palette, wrap=True)
        yield self._title
        yield self.table
        yield self.text

    @property
    def note(self) -> str:
        return str(len(self._rollouts)) if self._rollouts else ""

    @property
    def behind(self) -> Sequence[tuple[str, InformerStatus]]:
        return self._caches.statuses

    @property
    def is_busy(self) -> bool:
        return self._is_stale

    def take_focus(self) -> None:
        self.table.focus()

    def tick(self, now: float) -> None:
        """Read again when something changed; what is still being listed, once a second."""
        obj = self.subject.object or self._last
        if obj is None:
            self.table.set_empty(self.subject.absence())
            return
        self._is_stale |= self._caches.drain() or obj is not self._last
        if now - self._looked_at < (PERIOD if self._is_stale else 1.0) and self._last is not None:
            return
        self._looked_at, self._last, self._is_stale = now, obj, False
        self._show(obj, self.subject.time(now))

    def chosen(self) -> tuple[Location, str] | None:
        """Where the row under the cursor leads."""
        rollout, kept = self._rollouts.get(self.table.cursor_key or ""), self._kept
        if rollout is None or kept is None or not rollout.kept_in:
            return None
        key = f"{kept.namespace}/{rollout.kept_in}"
        return self._caches.place_of(kept.resource, key), key

    def leave(self) -> None:
        self._caches.release()

    def on_virtual_table_cursor_moved(self, message: VirtualTable.CursorMoved) -> None:
        message.stop()
        self._explain()

    def _show(self, obj: KubeObject, now: float) -> None:
        resource, workload, why = self._workload(self.subject.resource, obj)
        if workload is not None:
            self._title.say(f"Rollouts of {resource.kind} {workload.key}")
            why = self._read(resource, workload)
        rows = ListedRows(_HEADINGS, [_row(key, each, now) for key, each in self._rollouts.items()])
        if rows.rows != getattr(self.table.rows, "rows", None):
            self.table.show(rows, keep_cursor=bool(len(self.table.rows)))
        self.table.set_empty((why or "No rollout is known",))
        self._explain()

    def _workload(self, resource: Resource, obj: KubeObject) -> tuple[Resource, KubeObject | None, str]:
        """The object itself, or the owner that is rolled out; without one, why."""
        names = self.subject.session.names
        for _ in range(_GENERATIONS):
            if str(resource) in KEPT_IN:
                return resource, obj, ""
            relation = next(filter(None, owners(Around(resource, obj, names))), None) if names is not None else None
            if relation is None:
                return resource, None, f"Nothing that is rolled out owns {printable(obj.name)}"
            cache = self._caches.cache_of(relation)
            if cache is None:
                return resource, None, self._waiting(relation)
            owner = next((cache.get_by_key(key) for key in relation.find(cache)), None)
            if not isinstance(owner, KubeObject):
                return resource, None, printable(f"{relation.resource.kind} {relation.name} is not there")
            resource, obj = relation.resource, owner
        return resource, None, "Its owners own each other"

    def _read(self, resource: Resource, workload: KubeObject) -> str:
        """Find the rollouts; returns why there may be none."""
        names = self.subject.session.names
        assert names is not None, "a workload was found by its names"
        relations = owned(Around(resource, workload, names))
        kept = next(
            (each for each in relations if each is not None and str(each.resource) == KEPT_IN[str(resource)]), None
        )
        if kept is None:
            return f"The server does not offer {KEPT_IN[str(resource)]}"
        cache = self._caches.cache_of(kept)
        if cache is None:
            return self._waiting(kept)
        found = [cache.get_by_key(key) for key in kept.find(cache)]
        trees = [tree for each in found if isinstance(each, KubeObject) and (tree := _tree(each)) is not None]
        journal, key = self.subject.session.journal, workload.key
        versions: Sequence[Version] = ()
        if journal is not None:
            versions = journal.versions(self.subject.session.context, str(resource), key)

        def object_of(version: Version) -> Mapping[str, Any] | None:
            try:
                return _tree(journal.object_of(version)) if journal is not None else None
            except KeyError:
                return None

        past = self.subject.past
        upto = [each for each in versions if past is None or each.sequence <= past.moment.sequence]
        searched = self._seen_in.sequence if self._seen_in is not None else -1
        if upto and upto[-1].sequence != searched:
            self._seen += seen_templates([each for each in upto if each.sequence >= searched], object_of)
            self._seen_in = upto[-1]
        tree = _tree(workload)
        made = rollouts(tree, trees, self._seen) if tree is not None else ()
        self._kept, self._rollouts = kept, {f"{each.number}": each for each in made}
        return ""

    def _waiting(self, relation: Relation) -> str:
        return self._caches.waiting_for(relation)[0] or "Reading …"

    def _explain(self) -> None:
        rollout = self._rollouts.get(self.table.cursor_key or "")
        self.text.set_lines(_lines(rollout) if rollout is not None else ())


def _row(key: str, rollout: Rollout, now: float) -> ListedRow:
    at = moment_text(rollout.at, now) if rollout.at is not None else "not known"
    ready = (
        "" if not rollout.pods else f"{rollout.pods if rollout.ready is None else f'{rollout.ready}/{rollout.pods}'}"
    )
    is_short = rollout.pods is not None and rollout.ready is not None and rollout.ready < rollout.pods
    cells = (
        Cell(key if rollout.number else "waits"),
        Cell(f"{PROVED} {at}" if rollout.approximate else f"  {at}"),
        Cell(printable(", ".join(map(str, writers(rollout.who))))),
        Cell(ready if rollout.pods else "", Level.WARNING if is_short else Level.NONE),
        Cell(printable(_changes(rollout))),
    )
    return ListedRow(key, cells, Look("●", Level.PROGRESS) if rollout.is_current else PLAIN)


def _changes(rollout: Rollout) -> str:
    back = rollout.back_to
    first = "" if back is None else f"rolled back to {back}" if back else "rolled back"
    changes = changed_paths(map(within_template, rollout.changes), 4) or (
        "the oldest one kept" if rollout.is_oldest else "nothing"
    )
    return ": ".join(part for part in (rollout.cause, first, changes) if part)


def _lines(rollout: Rollout) -> list[Line]:
    words = rollout_words(rollout)
    head = [plain(f"{words[:1].upper()}{words[1:]}. {rollout.kept_in}", "kwatch-muted")]
    if rollout.approximate:
        head.append(
            plain(f"{PROVED} reconstructed from what the server keeps: it was rolled out unseen.", "kwatch-muted")
        )
    return [*head, plain(""), *change_lines(rollout.changes, rollout.who)]


def _tree(obj: KubeObject) -> Mapping[str, Any] | None:
    try:
        return obj.tree()
    except (msgspec.DecodeError, RecursionError):
        return None
