"""The command line after `:`: a command's word with arguments, or a resource and where to look for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kwatch.informer.selectors import parse_label_selector
from kwatch.tui.kit.widgets.prompt import Completion, Completions, Mistake
from kwatch.tui.namespaces import is_namespace
from kwatch.tui.place import Place

if TYPE_CHECKING:
    from kwatch.tui.commands.command import Command
    from kwatch.tui.screens.kwatch_screen import KwatchScreen
    from kwatch.tui.screens.table_screen import TableScreen

_WORD = re.compile(r"""(?:'[^']*'|"[^"]*"|\s{0,9},\s*|\S)+""")
_QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_AROUND_COMMA = re.compile(r"\s*,\s*")
ALL = frozenset({"all", "*", "-A", "--all-namespaces"})
_NAMESPACE, _LABELS, _CONTEXT, _ALL = "namespace", "label selector", "context", "all namespaces"
_OPTIONS = {"-n": _NAMESPACE, "--namespace": _NAMESPACE, "-l": _LABELS, "--selector": _LABELS}


class Unclear(ValueError):
    """What was typed cannot be meant, in a sentence; from `start` to `end`, exclusive."""

    def __init__(self, sentence: str, start: int, end: int) -> None:
        super().__init__(sentence)
        self.start, self.end = start, end


@dataclass(frozen=True, slots=True)
class Destination:
    """`:deploy shop /cart -l tier=web`. `namespace` None is the one in use, an empty one all of them."""

    resource: str
    namespace: str | None = None
    filter: str = ""
    label_selector: str | None = None
    context: str | None = None


def read_destination(text: str) -> Destination:
    """Read a resource with what follows it: a namespace, -n, -A, -l, @context, /filter to the end of the line. Raise
    Unclear.
    """
    before, slash, after = text.partition(" /")
    (_, resource), *rest = _words(before) or [(0, "-")]
    if resource.startswith("-"):
        raise Unclear("A resource comes first: pods -n shop", 0, len(text))
    found: dict[str, str] = {}
    for at, word in (words := iter(rest)):
        what, value, end = _read(at, word, words)
        if not value and what != _ALL:
            raise Unclear(f"{word} needs a {what} after it.", at, end)
        what = _NAMESPACE if what == _ALL else what
        if found.setdefault(what, value) != value:
            first, second = (each or "all" for each in (found[what], value))
            raise Unclear(f"There are two {what}s, {first} and {second}: give one.", at, end)
        mistake = _wrong(what, value)
        if mistake:
            raise Unclear(mistake, at, end)
    filtered = after.strip() if slash else ""
    return Destination(resource, found.get(_NAMESPACE), filtered, found.get(_LABELS), found.get(_CONTEXT))


def _words(text: str) -> list[tuple[int, str]]:
    """Where each begins, and what it says without quotation marks and room around commas."""
    found = [
        (match.start(), _QUOTED.sub(lambda quoted: quoted[1] or quoted[2] or "", match[0]))
        for match in _WORD.finditer(text)
    ]
    return [(start, _AROUND_COMMA.sub(",", word).strip()) for start, word in found]


def _read(at: int, word: str, following: Iterator[tuple[int, str]]) -> tuple[str, str, int]:
    """What a word is, its value, and where that ends; an option may have its value in the next one."""
    end = at + len(word)
    if word in ALL:
        return _ALL, "", end
    if word.startswith("@"):
        return _CONTEXT, word[1:], end
    if not word.startswith("-"):
        return (_LABELS if "=" in word else _NAMESPACE), word, end
    name, value = (word[:2], word[2:].removeprefix("=")) if word[1:2] != "-" else word.partition("=")[::2]
    if name not in _OPTIONS:
        raise Unclear(f"{name} is no option here: there are -n, -A, -l and @CONTEXT.", at, end)
    if not value and "=" not in word:
        start, value = next(following, (end, ""))
        end = start + len(value)
        value = "" if value.startswith("-") else value
    return _OPTIONS[name], value, end


def _wrong(what: str, value: str) -> str:
    """What is wrong with a value, in a sentence."""
    if what == _NAMESPACE and value and not is_namespace(value):
        return f"{value} is no name for a namespace."
    if what == _LABELS:
        try:
            parse_label_selector(value)
        except ValueError as error:
            return f"-l {value}: {error}"
    return ""


def broken_filter(screen: KwatchScreen[Any], text: str) -> Mistake | None:
    """Where the filter of a destination breaks, for the line that it was typed into; None where nothing does."""
    from kwatch.query.index_names import UserIndices
    from kwatch.query.parser import parse
    from kwatch.query.syntax import QuerySyntaxError

    _, slash, after = text.partition(" /")
    app = screen.kwatch
    if not slash or _command(screen, text) is not None:
        return None
    try:
        parse(after, UserIndices(app.settings.indices).names)
    except QuerySyntaxError as error:
        at = len(text) - len(after)
        return Mistake(at + error.start, at + error.end, error.message)
    return None


def mistake_in(screen: KwatchScreen[Any], text: str) -> Mistake | None:
    """The same of a line that is finished, and of everything in it."""
    if text.strip() and _command(screen, text) is None:
        try:
            read_destination(text)
        except Unclear as error:
            return Mistake(error.start, error.end, str(error))
    return broken_filter(screen, text)


def say(screen: KwatchScreen[Any], text: str) -> None:
    """Do what was typed: here what can be done here, anything else on the table."""
    text = text.strip()
    if not text:
        return
    home, argument = screen.kwatch.home, text.partition(" ")[2].strip()
    here = _command(screen, text, screen)
    if here is not None:
        here().say(screen, argument)
        return
    command = _command(screen, text, home)
    if command is not None:
        screen.kwatch.leave_for(home)
        command().say(home, argument)
        return
    try:
        go_to(home, read_destination(text))
    except Unclear as error:
        screen.notify(str(error), severity="error", markup=False)


def _command(screen: KwatchScreen[Any], text: str, *where: KwatchScreen[Any]) -> type[Command[Any]] | None:
    """The one that the first word runs, on the screen itself or on the table."""
    app, word = screen.kwatch, text.strip().partition(" ")[0]
    commands = (each for place in where or (screen, app.home) for each in app.commands_of(place))
    return next((command for command in commands if word in command.words), None)


def go_to(
    screen: TableScreen, destination: Destination, narrowed: Callable[[Place], Place] = lambda place: place
) -> None:
    """Open a destination, as soon as its cluster is connected; what is wrong with it is told. `narrowed` may say more
    of the place than was typed.
    """
    session, context = screen.kwatch.session, destination.context
    here = session.context if session is not None else None
    if context is not None and context != here and not screen.open_context(context):
        return
    if screen.is_connecting:
        screen.go_once_connected(
            destination.resource, lambda: go_to(screen, replace(destination, context=None), narrowed)
        )
        return
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
