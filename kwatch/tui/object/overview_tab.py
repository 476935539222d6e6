"""What can be said of an object at a glance, live: its health in words, then what describe says of it and around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from kwatch.catalog.overview import Section
from kwatch.informer.kube_object import KubeObject
from kwatch.tui.object.object_tab import ObjectTab
from kwatch.tui.object.overview_lines import overview_lines
from kwatch.tui.object.surroundings import Surroundings
from kwatch.tui.object.yaml_tab import GLOW, mark_changed
from kwatch.tui.text.line import Line
from kwatch.tui.text.text_view import TextView

if TYPE_CHECKING:
    from kwatch.informer.status import InformerStatus


class OverviewTab(ObjectTab):
    """Lines that another version changed are marked for a while, ages alone are no change."""

    tab = "overview"
    title = "Overview"

    def compose(self) -> ComposeResult:
        """The text."""
        self._shown: KubeObject | None = None
        self._before: KubeObject | None = None
        self._around: Sequence[Section] = ()
        self._fade_at = 0.0
        self._second = 0
        self._surroundings = Surroundings(self.subject)
        self._text = TextView(self.palette, wrap=True)
        yield self._text

    @property
    def text(self) -> TextView:
        """The overview."""
        return self._text

    @property
    def behind(self) -> Sequence[tuple[str, InformerStatus]]:
        """How those around it are watched."""
        return self._surroundings.statuses

    def take_focus(self) -> None:
        """The text scrolls with the keys."""
        self.text.focus()

    def tick(self, now: float) -> None:
        """Show the newest version, with ages that go on; a deleted object keeps its last one."""
        present, now = now, self.subject.time(now)
        obj = self.subject.object or self._shown
        if obj is None:
            self.text.set_empty(self.subject.absence())
            return
        around = self._surroundings.sections(obj, present)
        if obj is not self._shown:
            self._before, self._shown = self._shown, obj
            self._fade_at = now + GLOW
        elif int(now) == self._second and around is self._around:
            return
        self._around = around
        self._second = int(now)
        lines = self._lines(obj, now)
        if lines != self.text.document.lines:
            self.text.set_lines(lines)

    def _lines(self, obj: KubeObject, now: float) -> Sequence[Line]:
        resource = self.subject.resource
        lines = overview_lines(resource, obj, now, self._around)
        if self._before is None or now >= self._fade_at:
            return lines
        return mark_changed(overview_lines(resource, self._before, now, self._around), lines)

    def leave(self) -> None:
        """Watch the others no longer."""
        self._surroundings.release()
