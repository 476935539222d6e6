"""Keeping what happened: everything that is remembered as a recording, what broke as a report, a log as a text."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kwatch.base.duration import parse_span
from kwatch.base.files import NotPrivate, expand, save_private
from kwatch.base.namespaces import in_words
from kwatch.base.threads import spawn
from kwatch.informer.errors import ApiError, Closed
from kwatch.tui.base_app import Notice

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.history.recording.saving import Described
    from kwatch.history.version import Moment
    from kwatch.session.ports import Cluster
    from kwatch.session.session import Session
    from kwatch.tui.base_app import Application
    from kwatch.tui.kwatch_screen import KwatchScreen
    from kwatch.view.report.gathering import Origin
    from kwatch.view.report.masking import NameMask
    from kwatch.view.report.story import Asked


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
    screen.notify(f"Saving about {journal.log_length:,} changes into {path}", markup=False)
    others = [each for each in app.open_sessions.all if each is not session]
    _write(screen, session, path, lambda cluster: _export(cluster, (session, *others), journal, path, now))


def _write(screen: KwatchScreen[Any], session: Session, path: Path, work: Callable[[Cluster], str]) -> None:
    """Do it in a thread, which the end of the program waits for, and say what it returns or raises."""
    app, over = screen.kwatch, threading.Event()
    _UNFINISHED[path] = over

    def ask(cluster: Cluster) -> str:
        try:
            return work(cluster)
        finally:
            over.set()

    def done(result: str | Exception) -> None:
        over.set()
        notice = Notice(str(result), "error") if isinstance(result, Exception) else Notice(result)
        app.post_message(notice)

    session.fetch(ask, done)


REPORT_USAGE = ":report [FILE] [--since 30m] [--logs] [--mask-names] [--force]"


@dataclass(frozen=True, slots=True)
class ReportWords:
    """`:report FILE --since 30m --logs`."""

    file: str = ""
    since: float | None = None
    with_logs: bool = False
    mask_names: bool = False
    force: bool = False


def read_report_words(text: str) -> ReportWords:
    """Raise ValueError with a sentence for what cannot be meant."""
    since, words = None, text.split()
    if "--since" in words:
        at = words.index("--since")
        since = parse_span(words[at + 1] if at + 1 < len(words) else "")
        del words[at : at + 2]
    flags = {word for word in words if word.startswith("--")}
    files = [word for word in words if word not in flags]
    if unknown := flags - {"--logs", "--mask-names", "--force"}:
        raise ValueError(f"There is no {min(unknown)}: {REPORT_USAGE}")
    if len(files) > 1:
        raise ValueError(f"{files[1]!r} is one file too many: {REPORT_USAGE}")
    if {"--logs", "--mask-names"} <= flags:
        raise ValueError("Logs may contain any name: leave out --logs or --mask-names.")
    return ReportWords("".join(files), since, "--logs" in flags, "--mask-names" in flags, "--force" in flags)


def report(screen: KwatchScreen[Any]) -> None:
    """Of what is in view, into a file of its own name."""
    report_as(screen, "")


def report_as(screen: KwatchScreen[Any], argument: str) -> None:
    """`:report FILE ...`: of the object in view; of the problems that the filter shows; else of everything wrong, in
    every context that is shown.
    """
    from kwatch.query.editing import may_hold
    from kwatch.query.index_names import UserIndices
    from kwatch.query.parser import parse
    from kwatch.view.report.masking import NameMask
    from kwatch.view.report.story import Asked

    app, subject = screen.kwatch, screen.subject_to_report()
    session = app.session if subject is None else screen.session_in_view()
    if session is None or session.journal is None or session.names is None:
        screen.notify(app.home.navigation.why_not_yet, severity="warning", markup=False)
        return
    try:
        words = read_report_words(argument)
        query = parse(screen.filter_to_report, UserIndices(app.settings.indices).names)
    except ValueError as error:
        screen.notify(str(error), severity="error", markup=False)
        return
    namespace = app.home.navigation.namespace_in_use
    sessions: Mapping[str, Session] = {session.context: session}
    if subject is None:
        shown = app.sessions_by_context
        sessions = {name: each for name, each in shown.items() if may_hold(query, "context", name)} or shown
    where = f"in {in_words(namespace)}"
    told = f"what matches {query} {where}" if query else f"everything {where}"
    asked = Asked(
        subject,
        namespace,
        query or None,
        f"{subject[0].kind} {subject[1]}" if subject is not None else told,
        words.since,
        words.mask_names,
    )
    until, now = screen.moment_in_view(), app.clock.time()
    mask = NameMask() if words.mask_names else None
    origins = [_origin(app, each, until, words, mask) for each in sessions.values() if each.names is not None]
    lacking = [(name, each.state.message) for name, each in sessions.items() if each.names is None]
    missing = tuple((name, why or "not connected yet") for name, why in lacking)
    name = time.strftime("kwatch-report-%Y%m%d-%H%M%S.html", time.localtime(until.at if until is not None else now))
    path = expand(words.file or name).absolute()
    of = f" of {in_words(','.join(sessions))}" if app.contexts else ""
    screen.notify(f"Writing a report of {asked.words}{of}…", markup=False)
    _write(screen, session, path, lambda cluster: _report(origins, missing, mask, asked, path, words.force))


def _origin(
    app: Application, session: Session, until: Moment | None, words: ReportWords, mask: NameMask | None
) -> Origin:
    from kwatch.session.container_ends import logs_of
    from kwatch.view.report.gathering import Origin

    journal, names, now = session.journal, session.names, app.clock.time()
    assert journal is not None and names is not None, "it is connected"
    return Origin(
        journal,
        session.context,
        names,
        until.at if until is not None else now,
        now,
        is_recording=session.state.is_recording,
        server=session.state.server,
        until=until,
        doubts=tuple(_doubts(session, now)) if until is None else (),
        logs=(lambda pod: logs_of(pod, journal, session.context, session.container_ends, app.clock))
        if words.with_logs
        else None,
        mask=mask,
        several=bool(app.contexts),
    )


def _report(
    origins: Sequence[Origin],
    missing: tuple[tuple[str, str], ...],
    mask: NameMask | None,
    asked: Asked,
    path: Path,
    force: bool,
) -> str:
    """Write it, and what to say then. Raise ValueError."""
    from kwatch.view.report import JointReport
    from kwatch.view.report.gathering import gather, joined
    from kwatch.view.report.html import html
    from kwatch.view.report.markdown import markdown

    if path.exists() and not force:
        raise ValueError(f"{path} exists already: choose another name, or add --force")
    made = joined(JointReport(tuple(gather(origin, asked) for origin in origins), missing), mask)
    text = markdown(made) if path.suffix in (".md", ".markdown") else html(made)
    try:
        save_private(path, text, overwrite=force)
    except NotPrivate:
        raise  # whose text is a sentence
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror}") from error
    return f"{made.headline} Report: {path}"


def _doubts(session: Session, now: float) -> Iterator[str]:
    """What is not as it is now, and since when."""
    from kwatch.view.freshness import Severity, freshness, stale_words

    for each in session.informers():
        fresh = freshness(each.informer.status, now, each.watched.resource.name)
        if fresh.severity in (Severity.STALE, Severity.FAILED) and not session.state.is_recording:
            yield f"{each.watched}: {fresh.text}{f', {stale_words(fresh, now)}' if fresh.stale_since else ''}."


def save_lines(app: Application, path: Path, lines: Sequence[str]) -> None:
    """Write a text into a new file, for its owner only, in a thread of its own; then say so."""

    def write() -> None:
        try:
            save_private(path, "".join(f"{each}\n" for each in lines))
        except FileExistsError:
            app.post_message(Notice(f"{path} is there already; choose another name.", "error"))
        except OSError as error:
            app.post_message(Notice(f"{path} cannot be written: {error.strerror or error}", "error"))
        else:
            count = f"{len(lines):,} {'line is' if len(lines) == 1 else 'lines are'}"
            app.post_message(Notice(f"{count} in {path}."))

    spawn("kwatch-save-lines", write)


def finish_exports(say: Callable[[str], object]) -> None:
    """Wait, after the screen has ended and before its sessions do, for what is still being saved."""
    for path, over in _UNFINISHED.items():
        if not over.is_set():
            say(f"saving {path} first; Ctrl-C leaves it unfinished")
            over.wait()


def _export(cluster: Cluster, sessions: Sequence[Session], journal: Journal, path: Path, now: float) -> str:
    """Save it, and what to say then. Raise RecordingError."""
    from kwatch.history.recording.saving import save

    count = save(journal, path, lambda name: described_in(sessions, name, cluster), created=now)
    return f"{count:,} changes are in {path}: kwatch replay {path}"


def described_in(sessions: Iterable[Session], name: str, cluster: Cluster | None = None) -> Described | None:
    """What the first one says that knows the resource: what one context offers another may not. `cluster` is that of
    the first.
    """
    clusters = chain((cluster,), repeat(None))
    found = (described(session, name, of) for session, of in zip(sessions, clusters, strict=False))
    return next((each for each in found if each is not None), None)


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
