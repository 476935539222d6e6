"""The screen: settings, sessions, the app, and a terminal that is always restored."""

from __future__ import annotations

from kwatch.cli.arguments import WatchArguments
from kwatch.cli.collector import quieten_collector
from kwatch.cli.connecting import Clusters
from kwatch.config.locations import settings_file
from kwatch.config.settings import load_settings
from kwatch.history.journal import Journal
from kwatch.session.session import Session
from kwatch.tui.app import KwatchApp
from kwatch.tui.place import StartView


def run_screen(clusters: Clusters, arguments: WatchArguments) -> int:
    """Run until the user quits."""
    selection, output = arguments.selection, arguments.output
    settings, problems = load_settings(settings_file())
    journal = Journal()
    sessions: list[Session] = []

    def open_session(context: str | None) -> Session:
        session = Session(
            clusters.connect_to(context), cancel=clusters.cancel, contexts=clusters.contexts, journal=journal
        )
        sessions.append(session)
        return session

    start = StartView(
        resource=selection.resource,
        namespace=selection.namespace,
        all_namespaces=selection.all_namespaces,
        label_selector=selection.label_selector,
        field_selector=selection.field_selector,
        name=selection.name,
        sort_by=output.sort_by or "",
        label_columns=output.label_columns,
        show_labels=output.show_labels,
    )
    app = KwatchApp(open_session, start, settings, banner=clusters.banner)
    quieten_collector()
    try:
        return app.run() or 0
    finally:
        for session in sessions:
            session.close()
