"""The screen: settings, sessions, the app, and a terminal that is always restored.

The machinery of a session is imported with the first one, which the app opens when its frame is on the screen: the
frame is there a tenth of a second sooner.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kwatch.base.quantity import parse_size
from kwatch.cli.arguments import WatchArguments
from kwatch.cli.connecting import Clusters, Connect, limit_memory, quieten_collector
from kwatch.cli.crash import tell_of
from kwatch.cli.terminal import complain
from kwatch.config.document import InvalidDocument
from kwatch.config.locations import prompt_history_file, saved_views, settings_file
from kwatch.config.prompt_history import PromptHistory
from kwatch.config.saved_views import SavedViews
from kwatch.config.settings import BackgroundSettings, HistorySettings, Settings, load_settings
from kwatch.tui.app import KwatchApp
from kwatch.tui.exporting import described_in, finish_exports
from kwatch.tui.location import StartView
from kwatch.tui.terminal.driver import NoTerminal, open_terminal

HAND_OVER = 0.001
"""Seconds after which a thread that works lets the screen's have a turn: a key wants several. The interpreter's own are
0.005. Measured by turns with 25,000 changes as fast as they come, cache, four indexes, journal and a handler: nine of
ten waits of a thread that wants a turn every 10 ms end within 5.2 to 6.4 ms at 0.005, 2.0 to 4.1 at 0.001, 1.8 to 13 at
0.0005. A change costs 60, 56 and 64 us of processor time (medians of three): what is shorter than 0.001 only costs.
"""
KEEPING = 10.0
"""Seconds that are spent on saving what is remembered, after a mistake."""
LONGEST_END = 0.1
"""Seconds that threads get to end in order."""

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.session.background import Bounds
    from kwatch.session.open_sessions import Turns
    from kwatch.session.ports import Cluster
    from kwatch.session.session import Session


def run_screen(clusters: Clusters, arguments: WatchArguments) -> int:
    """Run until the user quits; without a terminal to read keys from it is a sentence, and 2."""
    try:
        terminal = open_terminal()
    except NoTerminal as error:
        complain(str(error))
        return 2
    selection, output = arguments.selection, arguments.output
    file = settings_file()
    settings = load_settings(file)[0] if file is not None else Settings()
    if arguments.plain_screen:
        settings = replace(settings, plain_screen=True)
    history = settings.history.overridden(arguments.history_budget, arguments.history_age, arguments.last_log_lines)
    limit_memory(arguments.memory_limit or settings.memory_limit or "0")
    sessions = Sessions(clusters, history, settings.background_bounds if arguments.background else None)
    start = StartView(
        resource=selection.resource,
        namespace=selection.namespace,
        all_namespaces=selection.all_namespaces,
        contexts=clusters.several,
        label_selector=selection.label_selector,
        field_selector=selection.field_selector,
        name=selection.name,
        filter=_any_of(selection.names) if selection.names else "",
        sort_by=output.sort_by or "",
        label_columns=output.label_columns,
        show_labels=output.show_labels,
        wide=output.printed == "wide",
        replay=clusters.replay,
    )
    if arguments.view:
        start = _from_view(arguments.view, start)
    app = KwatchApp(
        sessions.open,
        start,
        settings,
        banner=clusters.banner,
        clock=clusters.clock,
        settings_file=file,
        prompt_history=PromptHistory(prompt_history_file()),
        terminal=terminal,
        kubectl_flags=clusters.kubectl_flags,
    )
    quieten_collector()
    sys.setswitchinterval(HAND_OVER)
    try:
        code, mistake = _run(app)
        if mistake is None:
            if code == 0:
                finish_exports(complain)
            return code
        facts = (f"{app.size.width}x{app.size.height}, theme {app.theme}, {' > '.join(app.screens_then)}",)
        complain(tell_of(mistake, facts=facts, keep=sessions.keep))
        return 1
    finally:
        sessions.close()


def _any_of(names: Sequence[str]) -> str:
    """The filter that finds these names and no others: a regular expression in which only a dot means something."""
    return f"^({'|'.join(names)})$".replace(".", r"\.")


def _run(app: KwatchApp) -> tuple[int, BaseException | None]:
    """The exit code, and an exception that nobody foresaw."""
    try:
        code = app.run(mouse=app.settings.mouse) or 0
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - whatever it is: what is remembered is still to be saved
        return 1, error
    finally:
        app.has_ended.set()
    if app.mistake is None and not app.is_asked_to_end:
        # The toolkit takes a task that was cancelled for one that is to end.
        return 1, RuntimeError("the screen ended, and nobody had asked it to")
    return code, app.mistake


def _from_view(name: str, start: StartView) -> StartView:
    """What the command line says, completed by a saved view; raise ValueError with a sentence."""
    from kwatch.tui.saved_views import start_from

    saved = SavedViews(saved_views())
    try:
        return start_from(saved.load(name), start)
    except FileNotFoundError:
        there = ", ".join(saved.names()) or "none; Ctrl-S on the screen saves one"
        raise ValueError(f"there is no view {name!r}; saved are: {there}") from None
    except InvalidDocument as error:
        raise ValueError(str(error)) from None


class Sessions:
    """Opens the app's sessions, and closes them all; their deltas go into one journal."""

    def __init__(
        self, clusters: Clusters, history: HistorySettings, background: BackgroundSettings | None = None
    ) -> None:
        self._clusters = clusters
        self._history = history
        self._background = background
        self._opened: list[Session] = []
        self._journal: Journal | None = None
        self._remembering = threading.Lock()
        self._remembered = False
        self._turns: Turns | None = None

    def open(self, context: str | None) -> Session:
        """A session of a context, not started yet; None is the one asked for on the command line."""
        from kwatch.history.journal import Journal
        from kwatch.informer.clock import SystemClock
        from kwatch.session.open_sessions import Turns
        from kwatch.session.session import Session

        if self._turns is None:
            self._turns = Turns(self._clusters.clock or SystemClock())
        if self._journal is None:
            self._journal = Journal(self._history.budget_bytes, self._history.max_age, self._clusters.clock)
        clusters = self._clusters
        session = Session(
            self._connecting(clusters.connect_to(context), self._journal),
            cancel=clusters.cancel,
            contexts=clusters.contexts,
            journal=self._journal,
            clock=clusters.clock,
            background=self._bounds(),
            # A recording has no logs.
            last_log_lines=self._history.last_log_lines if clusters.remember is None else 0,
            turn=self._turns.turn,
        )
        self._opened.append(session)
        return session

    def _bounds(self) -> Bounds | None:
        """Of what each session watches in the background."""
        from kwatch.session.background import KINDS, Bounds

        wanted = self._background
        return Bounds(wanted.kinds or KINDS, wanted.objects, parse_size(wanted.memory)) if wanted is not None else None

    def _connecting(self, connect: Connect, journal: Journal) -> Connect:
        """Fill the journal with what is known of the past, once, in the session's thread: it may be long. What is there
        now must come after it, so the sessions of other contexts wait for that.
        """

        def remember_and_connect() -> Cluster:
            with self._remembering:
                if self._clusters.remember is not None and not self._remembered:
                    self._remembered = True
                    self._clusters.remember(journal)
            return connect()

        return remember_and_connect

    def keep(self, path: Path) -> str:
        """Save what is remembered as a recording, and say so; empty if there is nothing that is not in one already."""
        from kwatch.history.recording.format import RecordingError
        from kwatch.history.recording.saving import save

        journal, opened = self._journal, self._opened
        if journal is None or not journal.log_length or self._clusters.remember is not None:
            return ""
        until = time.monotonic() + KEEPING
        try:
            count = save(
                journal,
                path,
                lambda name: described_in(reversed(opened), name),
                created=time.time(),
                on_progress=lambda done, about: time.monotonic() < until,
            )
        except RecordingError as error:
            return f"what was remembered could not be saved: {error}"
        return f"what was remembered, {count:,} changes, is {path}: kwatch replay shows it"

    def close(self) -> None:
        """The process ends next, so no thread is waited for long: none has anything left to save."""
        for session in self._opened:
            session.close(LONGEST_END)
        if self._journal is not None:
            self._journal.close(LONGEST_END)
