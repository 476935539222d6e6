"""Keeping what happened: everything that is remembered, as a recording."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kwatch.base.files import expand
from kwatch.informer.errors import ApiError, Closed
from kwatch.tui.base_app import Notice

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.history.recording.saving import Described
    from kwatch.session.ports import Cluster
    from kwatch.session.session import Session
    from kwatch.tui.kwatch_screen import KwatchScreen


_UNFINISHED: dict[Path, threading.Event] = {}
"""What is being saved, and whether that is over."""


def ask_file(screen: KwatchScreen[Any]) -> None:
    """Say how."""
    screen.notify("Give it a file: :export story.kwatch", severity="warning", markup=False)


def export(screen: KwatchScreen[Any], argument: str) -> None:
    """`:export FILE`; it is written in a thread of its own."""
    app, session = screen.kwatch, screen.kwatch.session
    if not argument or session is None or session.journal is None:
        ask_file(screen)
        return
    journal, path, now = session.journal, expand(argument), app.clock.time()

    over = _UNFINISHED[path] = threading.Event()

    def ask(cluster: Cluster) -> str:
        try:
            return _export(cluster, session, journal, path, now)
        finally:
            over.set()

    def done(result: str | Exception) -> None:
        over.set()
        notice = Notice(str(result), "error") if isinstance(result, Exception) else Notice(result)
        app.post_message(notice)

    screen.notify(f"Saving about {journal.log_length:,} changes into {path}", markup=False)
    session.fetch(ask, done)


def finish_exports(say: Callable[[str], object]) -> None:
    """Wait, after the screen has ended and before its sessions do, for what is still being saved."""
    for path, over in _UNFINISHED.items():
        if not over.is_set():
            say(f"saving {path} first; Ctrl-C leaves it unfinished")
            over.wait()


def _export(cluster: Cluster, session: Session, journal: Journal, path: Path, now: float) -> str:
    """Save it, and what to say then. Raise RecordingError."""
    from kwatch.history.recording.saving import save

    count = save(journal, path, lambda name: described(session, name, cluster), created=now)
    return f"{count:,} changes are in {path}: kwatch replay {path}"


def described(session: Session, name: str, cluster: Cluster | None = None) -> Described | None:
    """What a recording says of a resource; without a cluster to ask, nothing of columns that only the server knows."""
    from kwatch.catalog.registry import kind_for
    from kwatch.history.recording.saving import Described
    from kwatch.session.columns import columns_to_keep

    if session.names is None:
        return None
    resource = session.names.find(name)
    if resource is None:
        return None  # its definition was deleted meanwhile, and with it what could be said of it
    columns = session.served_columns(resource)
    if kind_for(resource) is None and cluster is not None:
        try:
            columns = cluster.table_columns(resource)
        except (ApiError, Closed):
            pass  # what is known of them will do
    columns = columns_to_keep(resource, columns)
    return Described(
        resource, tuple((each.name, each.type, each.format, each.priority, each.description) for each in columns)
    )
