"""What is chosen from a list, or typed: contexts, namespaces, views, themes, commands, and whatever a caller lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kwatch.base.namespaces import HIDING, in_words, named
from kwatch.config.document import InvalidDocument
from kwatch.informer.index import NAMESPACE_INDEX
from kwatch.session.namespaces import is_namespace, read_typed
from kwatch.session.open_sessions import MOST_CONTEXTS
from kwatch.session.state import ConnectionPhase
from kwatch.tui.commands.command_line import ALL as ALL_NAMESPACES
from kwatch.tui.features.choice_screen import Choice, ChoiceScreen
from kwatch.tui.kwatch_screen import KwatchScreen
from kwatch.tui.themes import AUTO

if TYPE_CHECKING:
    from kwatch.session.namespaces import Namespaces
    from kwatch.tui.base_app import Application


AnyScreen = KwatchScreen[Any]

ALL = "\0all"
"""Stands for all namespaces; no namespace can be called so."""


COUNTED = ("pods", "deployments", "statefulsets", "daemonsets", "jobs", "services")
"""In this order; nothing is listed for it."""


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
                current=entry.name in (app.contexts or (session.context,)),
            )
            for entry in session.contexts
        ]

    def chosen(name: str | None) -> None:
        if name is not None:
            app.show_contexts((name,))

    def several(names: tuple[str, ...]) -> None:
        if len(names) > MOST_CONTEXTS:
            screen.notify(f"{MOST_CONTEXTS} contexts at most are shown in one table.", severity="error", markup=False)
        else:
            app.show_contexts(names)

    offered = ChoiceScreen("Contexts", contexts, screen.palette, notice=lambda: _no_contexts(app), several=several)
    app.push_screen(offered, chosen)


def use_context(screen: AnyScreen, name: str) -> None:
    """`:ctx NAME` switches at once, `:ctx a,b` and `:ctx prod-*` to several; without a name from a list."""
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
    return "The kubeconfig has none: kwatch runs in the cluster, or was given the server."


def namespace_notes(known: Namespaces) -> Callable[[str], str]:
    """`Active · 43 pods, 12 deployments`; counts are of what is watched already, for whatever reason."""
    counts: dict[str, dict[str, int]] = {}
    for each in known.session.informers():
        watched, indexer = each.watched, each.informer.indexer
        name = watched.resource.name
        if name not in COUNTED or not watched.is_whole or not each.informer.status.synced:
            continue
        if watched.namespace is not None:
            counts.setdefault(watched.namespace, {})[name] = len(indexer)
        elif NAMESPACE_INDEX in indexer.index_names:
            for namespace, count in indexer.index_counts(NAMESPACE_INDEX).items():
                counts.setdefault(namespace, {})[name] = count

    def note(name: str) -> str:
        found = counts.get(name, {})
        told = ", ".join(f"{found[each]:,} {each}" for each in COUNTED if found.get(each))
        return " · ".join(part for part in (known.phase(name), told) if part)

    return note


def choose_namespace(screen: AnyScreen) -> None:
    """A namespace, or all of them."""
    app = screen.kwatch
    place = app.home.place
    here = place.namespace if place is not None else None
    shown = named(here)

    def namespaces() -> list[Choice]:
        known = app.namespaces.known(app.prompt_history.of(":")) if app.namespaces is not None else ()
        notes = namespace_notes(app.namespaces) if app.namespaces is not None else str
        each = [Choice(name, name, how or notes(name), current=name in shown) for name, how in known]
        return [Choice(ALL, "all namespaces", current=here is None), *each]

    def typed(text: str) -> Choice | None:
        """Where not all are known, whatever may be one."""
        unsure = app.namespaces is not None and not app.namespaces.are_all
        if "," in text or text.startswith(HIDING):
            namespaces, mistake = read_typed(text)
            return None if mistake else Choice(namespaces, in_words(namespaces), "as typed")
        return Choice(text, text, "as typed") if unsure and is_namespace(text) else None

    def chosen(name: str | None) -> None:
        if name is not None:
            app.home.navigation.use_namespace(None if name == ALL else name)

    def several(names: tuple[str, ...]) -> None:
        app.home.navigation.use_namespace(None if ALL in names else ",".join(names))

    def notice() -> str:
        return app.namespaces.reason if app.namespaces is not None else app.home.navigation.why_not_yet

    offered = ChoiceScreen("Namespaces", namespaces, screen.palette, notice=notice, typed=typed, several=several)
    app.push_screen(offered, chosen)


def use_namespace(screen: AnyScreen, name: str) -> None:
    """`:ns NAME` goes there at once, `:ns a,b` to several, `:ns !a` to all others, `:ns all` to all of them; without a
    name from a list.
    """
    if not name:
        choose_namespace(screen)
        return
    namespaces, mistake = (None, "") if name in ALL_NAMESPACES else read_typed(name)
    if mistake:
        screen.notify(mistake, severity="error", markup=False)
    else:
        screen.kwatch.home.navigation.use_namespace(namespaces)


def names_of_namespaces(screen: AnyScreen) -> list[str]:
    return ["all", *screen.kwatch.names_of_namespaces]


def choose_view(screen: AnyScreen, chosen: Callable[[str], None]) -> None:
    """A saved view or filter."""
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


_FOLLOWS = "dark or light, as the terminal is"


def choose_theme(screen: AnyScreen) -> None:
    """A theme, tried as the cursor moves; Escape takes it back."""
    app = screen.kwatch
    before = app.theme_asked
    names = (AUTO, *app.theme_store.names())

    def themes() -> list[Choice]:
        return [Choice(name, name, _FOLLOWS if name == AUTO else "", current=name == before) for name in names]

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


def choose_from(
    screen: AnyScreen,
    title: str,
    listed: Callable[[], Sequence[tuple[str, str, str]]],
    chosen: Callable[[str | None], None],
) -> None:
    """One of a list that may still grow: an id, what is shown of it, and what it is."""
    screen.app.push_screen(ChoiceScreen(title, lambda: [Choice(*each) for each in listed()], screen.palette), chosen)


def confirm_decoding(screen: AnyScreen, name: str, decode: Callable[[], None]) -> None:
    """Decode a Secret once that is confirmed: somebody may look over the shoulder."""

    def chosen(key: str | None) -> None:
        if key == "yes":
            decode()
            told = "The values are shown decoded, until you leave. Nothing of them is recorded."
            screen.notify(told, severity="warning", markup=False, timeout=4)

    listed = [("yes", "Yes, until I leave it", "decoded"), ("no", "No, leave them masked", "")]
    choose_from(screen, f"Show the values of the Secret {name}?", lambda: listed, chosen)


def choose_one(
    screen: AnyScreen,
    title: str,
    choices: Mapping[str, str],
    current: str,
    use: Callable[[str], None],
    notes: Mapping[str, str] | None = None,
) -> None:
    """One of some words, each as it is shown, perhaps with a note; `use` it."""

    def listed() -> list[Choice]:
        return [Choice(key, text, (notes or {}).get(key, ""), current=key == current) for key, text in choices.items()]

    def chosen(key: str | None) -> None:
        if key is not None:
            use(key)

    screen.app.push_screen(ChoiceScreen(title, listed, screen.palette), chosen)
