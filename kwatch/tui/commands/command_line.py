"""The command line after `:`: a command's word with arguments, or a resource and where to look for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kwatch.tui.place import Place
from kwatch.tui.widgets.prompt import Completion, Completions, Mistake

if TYPE_CHECKING:
    from kwatch.tui.screens.kwatch_screen import KwatchScreen
    from kwatch.tui.screens.table_screen import TableScreen

_AROUND_COMMA = re.compile(r"\s*,\s*")
ALL = frozenset({"all", "*", "-A", "--all-namespaces"})


@dataclass(frozen=True, slots=True)
class Destination:
    """`:deploy shop /cart -l tier=web`. `namespace` None is the one in use, an empty one all of them."""

    resource: str
    namespace: str | None = None
    filter: str = ""
    label_selector: str | None = None
    context: str | None = None


def read_destination(text: str) -> Destination:
    """Read a resource with what follows it: a namespace, -n, -A, -l, @context, /filter to the end of the line."""
    before, slash, after = text.partition(" /")
    words = _AROUND_COMMA.sub(",", before).split()
    resource, rest = words[0], words[1:]
    namespace = labels = context = None
    while rest:
        word = rest.pop(0)
        if word in ALL:
            namespace = ""
        elif word in ("-n", "--namespace") and rest:
            namespace = rest.pop(0)
        elif word in ("-l", "--selector") and rest:
            labels = rest.pop(0)
        elif word.startswith("@"):
            context = word[1:]
        elif "=" in word:
            labels = word
        else:
            namespace = word
    return Destination(resource, namespace, after.strip() if slash else "", labels, context)


def broken_filter(screen: KwatchScreen[Any], text: str) -> Mistake | None:
    """Where the filter of a destination breaks, for the line that it was typed into; None where nothing does."""
    from kwatch.query.errors import QuerySyntaxError
    from kwatch.query.parser import parse
    from kwatch.query.user_indices import UserIndices

    before, slash, after = text.partition(" /")
    app = screen.kwatch
    if not slash or any(before.strip().partition(" ")[0] in each.words for each in app.commands_of(app.home)):
        return None
    try:
        parse(after, UserIndices(app.settings.indices).names)
    except QuerySyntaxError as error:
        at = len(text) - len(after)
        return Mistake(at + error.start, at + error.end, error.message)
    return None


def say(screen: TableScreen, text: str) -> None:
    """Do what was typed."""
    text = text.strip()
    if not text:
        return
    word, _, argument = text.partition(" ")
    for command in screen.kwatch.commands_of(screen):
        if word in command.words:
            command().say(screen, argument.strip())
            return
    go_to(screen, read_destination(text))


def say_elsewhere(screen: KwatchScreen[Any], text: str) -> None:
    """Do what was typed on a screen before the table: here what can be done here, anything else on the table."""
    app, word = screen.kwatch, text.strip().partition(" ")[0]
    if not word:
        return
    for command in app.commands_of(screen):
        if word in command.words:
            command().say(screen, text.strip().partition(" ")[2].strip())
            return
    home = app.home
    if not any(word in command.words for command in app.commands_of(home)) and not home.resolve_all(
        read_destination(text).resource
    ):
        return
    app.leave_for(home)
    say(home, text)


def go_to(
    screen: TableScreen, destination: Destination, narrowed: Callable[[Place], Place] = lambda place: place
) -> None:
    """Open a destination; what is wrong with it is told. `narrowed` may say more of the place than was typed."""
    resources = screen.resolve_all(destination.resource)
    if not resources:
        return
    namespace = screen.namespace_in_use if destination.namespace is None else destination.namespace or None
    place = Place.of(resources, namespace, destination.resource)
    screen.go(narrowed(replace(place, label_selector=destination.label_selector, filter=destination.filter)))


def complete_command(screen: TableScreen, text: str) -> Completions:
    """Candidates for the last word: commands and resources first, then what they take."""
    indent = len(text) - len(text.lstrip())
    head, space, last = text[indent:].rpartition(" ")
    start = indent + len(head) + len(space)
    if not space:
        others, comma, name = last.rpartition(",")
        if comma:
            given = frozenset(others.split(","))
            return Completions(indent + len(others) + 1, tuple(_resources(screen, name, given)))
        return Completions(indent, tuple(_first_words(screen, last)))
    word = head.split()[0]
    for command in screen.kwatch.commands_of(screen):
        if word in command.words:
            found = command().complete(screen, last)
            return Completions(start, tuple(found))
    return Completions(start, tuple(_matching(screen.kwatch.names_of_namespaces, last, "namespace")))


def _first_words(screen: TableScreen, prefix: str) -> list[Completion]:
    if not prefix:
        return []
    found = [
        Completion(word, command.title)
        for command in screen.kwatch.commands_of(screen)
        for word in command.words
        if word.startswith(prefix) and word != prefix
    ]
    return [*found, *_resources(screen, prefix)][:40]


def _resources(screen: TableScreen, prefix: str, given: frozenset[str] = frozenset()) -> list[Completion]:
    """Names of resources and categories, but those that were given already."""
    session = screen.kwatch.session
    if session is None or session.names is None or not prefix:
        return []
    known = session.names
    return [
        Completion(name, ", ".join(str(resource) for resource in known.resolve(name)[:3]))
        for name in known.completions(prefix)
        if name != prefix and name.startswith(prefix) and name not in given
    ][:40]


def _matching(texts: tuple[str, ...], prefix: str, note: str) -> list[Completion]:
    return [Completion(text, note) for text in texts if text.startswith(prefix) and text != prefix]
