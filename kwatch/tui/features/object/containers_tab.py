"""The containers of a pod, live, with what they use. Enter reads a container's log."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from kwatch.base.duration import humanize
from kwatch.base.printable import printable
from kwatch.catalog.column import Level
from kwatch.session.metrics import open_usage
from kwatch.tui.features.object.object_tab import ObjectTab
from kwatch.tui.kit.table.rows import PLAIN, Cell, Heading, ListedRow, ListedRows, Look
from kwatch.tui.kit.table.virtual_table import VirtualTable
from kwatch.tui.kit.widgets.bar import Words
from kwatch.view.containers import Container, container_names, containers_of, default_container
from kwatch.view.freshness import short_reason
from kwatch.view.usage import Amount, cpu_text, memory_text, share_level

if TYPE_CHECKING:
    from kwatch.session.metrics import UsageShare

_HEADINGS = (
    Heading("name", "NAME", frozen=True, flexible=True),
    Heading("ready", "READY"),
    Heading("state", "STATE", max_width=60),
    Heading("restarts", "RESTARTS", right=True),
    Heading("since", "SINCE", right=True, quiet=True),
    Heading("cpu", "CPU", right=True),
    Heading("cpu-limit", "REQUEST/LIMIT", right=True, quiet=True),
    Heading("memory", "MEMORY", right=True),
    Heading("memory-limit", "REQUEST/LIMIT", right=True, quiet=True),
    Heading("ports", "PORTS", quiet=True, max_width=30),
    Heading("image", "IMAGE", quiet=True, max_width=100),
)


class ContainersTab(ObjectTab):
    """What they use is asked for only while it is open."""

    tab = "containers"

    def compose(self) -> ComposeResult:
        self._usage: UsageShare | None = None
        self._asked = False
        self.table = VirtualTable(ListedRows(_HEADINGS, ()), self.palette, markable=False)
        self._unmeasured = Words()
        self._unmeasured.display = False
        yield self._unmeasured
        yield self.table

    def take_focus(self) -> None:
        self.table.focus()
        if not self._asked and self.subject.past is None:
            self._asked = True
            subject = self.subject
            self._usage = open_usage(
                subject.session.usages, subject.session.names, subject.resource, subject.namespace, subject.name
            )

    def tick(self, now: float) -> None:
        """Show how they are now; of a deleted pod, how they were."""
        pod, now = self.subject.object, self.subject.time(now)
        if pod is None:
            self.table.set_empty(self.subject.absence())
            return
        used = self._usage.of(self.subject.key) if self._usage is not None else None
        amounts = used.containers if used is not None else {}
        default, several = default_container(pod), len(container_names(pod)) > 1
        rows = [
            _row(each, amounts.get(each.name), now, is_default=several and each.name == default)
            for each in containers_of(pod)
        ]
        self.table.show_listed(ListedRows(_HEADINGS, rows))
        self.table.set_empty(("It has no containers",))
        self._tell(self._why_not_measured(is_measured=used is not None))

    def _tell(self, why: str) -> None:
        self._unmeasured.display = bool(why)
        self._unmeasured.say(why)

    def _why_not_measured(self, *, is_measured: bool) -> str:
        """Why there is no CPU and memory, in a sentence; empty where there is."""
        usage, subject = self._usage, self.subject
        if subject.past is not None or subject.session.state.is_recording:
            return "What they used then is not remembered."
        if usage is None:
            return "CPU and memory are not measured: the server has no metrics.k8s.io."
        if usage.error:
            return (
                f"CPU and memory are not measured{' any more' if usage.version else ''}: {short_reason(usage.error)}."
            )
        if is_measured or subject.is_gone:
            return ""
        return "Nothing was measured of this pod." if usage.version else "CPU and memory are being asked for …"

    def copy_name(self) -> None:
        """Of the container under the cursor, by OSC 52."""
        name = printable(self.table.cursor_key or "")
        self.app.copy_to_clipboard(name)
        self.notify(f"Copied {name}.", markup=False, timeout=2)

    def leave(self) -> None:
        if self._usage is not None:
            self._usage.release()


def _row(container: Container, used: Amount | None, now: float, *, is_default: bool) -> ListedRow:
    roles = [each for each in (container.role, "default" if is_default else "") if each]
    role = f" ({', '.join(roles)})" if roles else ""
    since = "" if container.since is None else humanize(now - container.since)
    cells = (
        Cell(container.name + role),
        Cell("yes" if container.ready else "no", Level.NONE if container.ready else Level.WARNING),
        Cell(container.state, container.level),
        Cell(str(container.restarts), Level.WARNING if container.restarts else Level.NONE),
        Cell(since),
        *_used(container, used, 0, cpu_text),
        *_used(container, used, 1, memory_text),
        Cell(container.ports),
        Cell(container.image),
    )
    return ListedRow(container.name, cells, Look("!", container.level) if container.level is Level.BAD else PLAIN)


def _used(container: Container, used: Amount | None, which: int, text: Callable[[float], str]) -> tuple[Cell, Cell]:
    """What is used, then request and limit."""
    limit = container.limit[which]
    bounds = "/".join(
        [text(amount[which]) if amount[which] else "-" for amount in (container.request, container.limit)]
    )
    if used is None:
        return Cell(""), Cell(bounds)
    return Cell(text(used[which]), share_level(used[which] / limit if limit else None)), Cell(bounds)
