"""What is chosen from lists, and what happens then."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kwatch.session.state import ConnectionPhase
from kwatch.tui.commands.command_line import ALL as ALL_NAMESPACES
from kwatch.tui.features.choices.choice_screen import Choice, ChoiceScreen
from kwatch.tui.kwatch_screen import KwatchScreen
from kwatch.tui.namespaces import is_namespace
from kwatch.view.containers import default_container

if TYPE_CHECKING:
    from kwatch.tui.application import Application
    from kwatch.tui.features.object.logs_tab import LogsTab

ALL = "\0all"
"""Stands for all namespaces; no namespace can be called so."""

AnyScreen = KwatchScreen[Any]


def choose_context(screen: AnyScreen) -> None:
    """A context of the kubeconfig; choosing one opens it."""
    app = screen.kwatch

    def contexts() -> list[Choice]:
        session = app.session
        if session is None:
            return []
        return [
            Choice(
                entry.name,
                entry.name,
                f"{entry.cluster}  {entry.namespace or 'default'}  {entry.user}",
                current=entry.name == session.context,
            )
            for entry in session.contexts
        ]

    def chosen(name: str | None) -> None:
        if name is not None:
            app.switch_session(name)

    app.push_screen(ChoiceScreen("Contexts", contexts, screen.palette, notice=lambda: _no_contexts(app)), chosen)


def use_context(screen: AnyScreen, name: str) -> None:
    """`:ctx NAME` switches at once; without a name from a list."""
    if name:
        screen.kwatch.home.navigation.open_context(name)
    else:
        choose_context(screen)


def names_of_contexts(screen: AnyScreen) -> list[str]:
    session = screen.kwatch.session
    return [entry.name for entry in session.contexts] if session is not None else []


def _no_contexts(app: Application) -> str:
    """Why there are none to choose from; empty where there are."""
    session = app.session
    if session is not None and session.contexts:
        return ""
    if session is not None and session.state.is_recording:
        return "A recording has no other contexts."
    if session is None or session.state.phase is ConnectionPhase.CONNECTING:
        return "The kubeconfig is being read …"
    if session.state.phase is ConnectionPhase.FAILED:
        return session.state.message
    return "The kubeconfig has none: kwatch runs in the cluster, or was told the server."


def choose_namespace(screen: AnyScreen) -> None:
    """A namespace, or all of them."""
    app = screen.kwatch
    place = app.home.place
    here = place.namespace if place is not None else None

    def namespaces() -> list[Choice]:
        known = app.namespaces.known(app.prompt_history.of(":")) if app.namespaces is not None else ()
        each = [Choice(name, name, how, current=name == here) for name, how in known]
        return [Choice(ALL, "all namespaces", current=here is None), *each]

    def typed(text: str) -> Choice | None:
        """Where not all are known, whatever may be one."""
        unsure = app.namespaces is not None and not app.namespaces.are_all
        return Choice(text, text, "as typed") if unsure and is_namespace(text) else None

    def chosen(name: str | None) -> None:
        if name is not None:
            app.home.navigation.use_namespace(None if name == ALL else name)

    def notice() -> str:
        return app.namespaces.reason if app.namespaces is not None else app.home.navigation.why_not_yet

    app.push_screen(ChoiceScreen("Namespaces", namespaces, screen.palette, notice=notice, typed=typed), chosen)


def use_namespace(screen: AnyScreen, name: str) -> None:
    """`:ns NAME` goes there at once, `:ns all` to all of them; without a name from a list."""
    if name:
        screen.kwatch.home.navigation.use_namespace(None if name in ALL_NAMESPACES else name)
    else:
        choose_namespace(screen)


def names_of_namespaces(screen: AnyScreen) -> list[str]:
    return ["all", *screen.kwatch.names_of_namespaces]


def choose_view(screen: AnyScreen, chosen: Callable[[str], None]) -> None:
    """A saved view or filter."""
    from kwatch.config.document import InvalidDocument
    from kwatch.tui.saved_views import summary

    saved = screen.kwatch.views

    def view(name: str) -> Choice:
        try:
            return Choice(name, name, summary(saved.load(name)))
        except (InvalidDocument, OSError) as error:
            return Choice(name, name, str(error))

    choices = [view(name) for name in saved.names()]
    screen.app.push_screen(
        ChoiceScreen("Saved views", lambda: choices, screen.palette, empty="None yet: Ctrl-S saves what is shown."),
        lambda name: chosen(name) if name is not None else None,
    )


def choose_theme(screen: AnyScreen) -> None:
    """A theme, tried as the cursor moves; Escape takes it back."""
    app = screen.kwatch
    before = app.theme
    names = app.theme_store.names()

    def themes() -> list[Choice]:
        return [Choice(name, name, current=name == before) for name in names]

    def chosen(name: str | None) -> None:
        app.use_theme(name or before)

    app.push_screen(ChoiceScreen("Themes", themes, screen.palette, preview=app.use_theme), chosen)


def use_theme(screen: AnyScreen, name: str) -> None:
    """`:theme NAME` at once; without a name from a list."""
    if name:
        screen.kwatch.use_theme(name)
    else:
        choose_theme(screen)


def choose_command(screen: AnyScreen) -> None:
    """Any command that makes sense now."""
    app = screen.kwatch
    commands = [command for command in app.commands_here() if command.is_available(screen)]

    def choices() -> list[Choice]:
        return [
            Choice(command.id, command.title_for(app.settings), app.keys_in_force.display(command))
            for command in commands
        ]

    def chosen(command_id: str | None) -> None:
        if command_id is not None:
            app.run_command_by_id(command_id)

    app.push_screen(ChoiceScreen("Commands", choices, screen.palette), chosen)


def choose_container(screen: AnyScreen, logs: LogsTab) -> None:
    """A container of the pod whose logs are shown."""
    containers = logs.containers

    def choices() -> list[Choice]:
        current, default = logs.current, default_container(logs.subject.object)
        notes = {default: "default"} if len(containers) > 1 else {}
        return [Choice(name, name, notes.get(name, ""), current=name == current) for name in containers]

    def chosen(name: str | None) -> None:
        if name is not None:
            logs.show_container(name)

    screen.app.push_screen(ChoiceScreen("Containers", choices, screen.palette), chosen)
