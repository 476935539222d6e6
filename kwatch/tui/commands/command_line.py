"""The command line after `:`: a command's word with arguments, or a resource and where to look for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from kwatch.catalog.names import COORDINATES
from kwatch.informer.selectors import parse_label_selector
from kwatch.session.namespaces import read_typed
from kwatch.tui.commands.aliases import (
    NAMED_AFTER_KIND,
    USUAL_TAB,
    VERBS,
    elsewhere,
    expanded,
    show_tab,
    verb_of,
)
from kwatch.tui.commands.command import longer
from kwatch.tui.kit.widgets.prompt import Candidates, Completion, Completions, Mistake, Prompt
from kwatch.tui.location import Location

if TYPE_CHECKING:
    from textual.screen import Screen

    from kwatch.config.prompt_history import PromptHistory
    from kwatch.tui.base_app import Application
    from kwatch.tui.commands.command import Command
    from kwatch.tui.palette import Palette

_WORD = re.compile(r"""(?:'[^']*'|"[^"]*"|\s{0,9},\s*|\S)+""")
_QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_AROUND_COMMA = re.compile(r"\s*,\s*")
ALL = frozenset({"all", "*", "-A", "--all-namespaces"})
_NAMESPACE, _LABELS, _CONTEXT, _ALL = "namespace", "label selector", "context", "all namespaces"
_LETTERS = "letter to find"
_OPTIONS = {
    "-n": _NAMESPACE,
    "--namespace": _NAMESPACE,
    "-l": _LABELS,
    "--selector": _LABELS,
    "-f": _LETTERS,
}

_OF_SEVERAL = frozenset({"namespaces", "contexts"})
"""Commands that take several names with commas."""


class Unclear(ValueError):
    """What was typed cannot be meant, in a sentence; from `start` to `end`, exclusive."""

    def __init__(self, sentence: str, start: int, end: int) -> None:
        super().__init__(sentence)
        self.start, self.end = start, end


@dataclass(frozen=True, slots=True)
class Destination:
    """`:deploy shop /cart -l tier=web`, `:deploy/cart`. `namespace` None is the one in use, an empty one
    all of them.
    """

    resource: str
    namespace: str | None = None
    filter: str = ""
    label_selector: str | None = None
    context: str | None = None
    name: str = ""
    """The one object that is meant; empty for a table."""
    tab: str = USUAL_TAB


def read_destination(text: str, verb: str = "") -> Destination:
    """Read a resource or an object with what follows it: a namespace, -n, -A, -l, -f, @context, /filter to the end of
    the line. Raise Unclear. `verb`: that of kubectl before it.
    """
    before, slash, after = text.partition(" /")
    (start, resource), *rest = _words(before) or [(0, "-")]
    if resource.startswith("-"):
        raise Unclear("A resource comes first: pods -n shop", 0, len(text))
    resource, is_one, name = resource.partition("/") if not COORDINATES.fullmatch(resource) else (resource, "", "")
    if verb in NAMED_AFTER_KIND and not is_one and rest and not _is_option(rest[0][1]):
        is_one, name = "/", rest.pop(0)[1]
    elif verb == "logs" and not is_one:
        resource, is_one, name = "pods", "/", resource
    if is_one and (not name or "," in resource or "," in name or "/" in name):
        raise Unclear("One object is a resource and a name: deploy/cart", start, start + len(resource) + len(name) + 1)
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
    letters = f"-f {found[_LETTERS]} " if _LETTERS in found else ""
    filtered = f"{letters}{after if slash else ''}".strip()
    where = found.get(_NAMESPACE), filtered, found.get(_LABELS), found.get(_CONTEXT)
    return Destination(resource, *where, name, VERBS.get(verb, USUAL_TAB))


def read_namespace(text: str) -> tuple[str | None, str]:
    """What -n or -A says, as a Destination has it, and the rest of the text: a filter. Raise Unclear."""
    options, rest = list[str](), list[str]()
    for word in (words := (match[0] for match in _WORD.finditer(text))):
        is_ours = word in ("-A", "--all-namespaces") or word.startswith(("-n", "--namespace"))
        (options if is_ours else rest).append(word)
        if word in ("-n", "--namespace"):
            options += [each for each in (next(words, ""),) if each]
    return read_destination(" ".join(("all", *options))).namespace, " ".join(rest)


def _is_option(word: str) -> bool:
    return word in ALL or "=" in word or word[:1] in ("-", "@")


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
        return (_LABELS if "=" in word or " " in word else _NAMESPACE), word, end
    name, value = (word[:2], word[2:].removeprefix("=")) if word[1:2] != "-" else word.partition("=")[::2]
    if name not in _OPTIONS:
        raise Unclear(f"{name} is not an option here: there are -n, -A, -l, -f and @CONTEXT.", at, end)
    if not value and "=" not in word:
        start, value = next(following, (end, ""))
        end = start + len(value)
        value = "" if value.startswith("-") else value
    return _OPTIONS[name], value, end


def _wrong(what: str, value: str) -> str:
    """What is wrong with a value, in a sentence."""
    if what == _NAMESPACE and value:
        return read_typed(value)[1]
    if what == _LABELS:
        try:
            parse_label_selector(value)
        except ValueError as error:
            return f"-l {value}: {error}"
    return ""


def broken_filter(screen: Screen[Any], text: str) -> Mistake | None:
    """Where the filter of a destination breaks, for the line that it was typed into; None where nothing does."""
    from kwatch.query.index_names import UserIndices
    from kwatch.query.parser import parse
    from kwatch.query.syntax import QuerySyntaxError

    _, slash, after = text.partition(" /")
    if not slash or _command(_app(screen), text, screen, _home(screen)) is not None:
        return None
    try:
        parse(after, UserIndices(_app(screen).settings.indices).names)
    except QuerySyntaxError as error:
        at = len(text) - len(after)
        return Mistake(at + error.start, at + error.end, error.message)
    return None


def mistake_in(screen: Screen[Any], text: str) -> Mistake | None:
    """The same of a line that is finished, and of everything in it."""
    app = _app(screen)
    if text.strip() and _command(app, text, screen, _home(screen)) is None:
        verb, rest = verb_of(app, text)
        if (verb and not rest.strip()) or elsewhere(app, text):
            return None
        try:
            read_destination(rest, verb)
        except Unclear as error:
            return Mistake(error.start, error.end, str(error))
    return broken_filter(screen, text)


def run_text(screen: Screen[Any], text: str) -> None:
    """Do what was typed: here what can be done here, anything else on the table."""
    app, home = _app(screen), _home(screen)
    text = expanded(text.strip(), app.settings.aliases)
    if not text:
        return
    argument = text.partition(" ")[2].strip()
    here = _command(app, text, screen)
    if here is not None:
        here.run_with(screen, argument)
        return
    command = _command(app, text, home)
    if command is not None:
        app.leave_for(home)
        command.run_with(home, argument)
        return
    if sentence := elsewhere(app, text):
        screen.notify(sentence, markup=False)
        return
    verb, rest = verb_of(app, text)
    if verb and not rest.strip():
        show_tab(screen, app, verb)
        return
    try:
        go_to(app, read_destination(rest, verb))
    except Unclear as error:
        screen.notify(str(error), severity="error", markup=False)


def run_hotkey(screen: Screen[Any], key: str) -> bool:
    """What the user has a key for, which means nothing else here; False where there is none."""
    text = _app(screen).settings.hotkeys.get(key, "")
    if text:
        run_text(screen, text)
    return bool(text)


def run_favourite(screen: Screen[Any], number: int) -> None:
    """One of the user's favourites, as if it had been typed after the colon."""
    run_text(screen, _app(screen).settings.favourites[number - 1])


def _app(screen: Screen[Any]) -> Application:
    return cast("Application", screen.app)


def _home(screen: Screen[Any]) -> Screen[Any]:
    return screen.app.screen_stack[0]


def _command(app: Application, text: str, *where: Screen[Any]) -> Command | None:
    """The one that the first word runs, on one of some screens."""
    word = text.strip().partition(" ")[0]
    commands = (each for screen in where for each in app.commands_of(screen))
    return next((command for command in commands if word in command.words), None)


def go_to(
    app: Application, destination: Destination, narrowed: Callable[[Location], Location] = lambda place: place
) -> None:
    """Open a destination, as soon as its cluster is connected; say what is wrong with it. `narrowed` may add to what
    was typed.
    """
    session, context = app.session, destination.context
    here = session.context if session is not None else None
    if context is not None and context != here and not app.home.navigation.open_context(context):
        return
    navigation = app.home.navigation  # each context has its own
    if navigation.is_connecting:
        navigation.go_once_connected(
            destination.resource, lambda: go_to(app, replace(destination, context=None), narrowed)
        )
        return
    resources = navigation.resolve_all(destination.resource)
    if not resources:
        return
    namespace = navigation.namespace_in_use if destination.namespace is None else destination.namespace or None
    if destination.name:
        navigation.open_object(resources[0], namespace, destination.name, destination.tab)
        return
    place = navigation.table_of(resources, namespace, destination.resource)
    navigation.go(narrowed(replace(place, label_selector=destination.label_selector, filter=destination.filter)))


def complete_command(app: Application, text: str) -> Completions:
    """Candidates for the last word: commands and resources first, then what they take."""
    verb, text = verb_of(app, text) if " " in text.lstrip() else ("", text)
    indent = len(text) - len(text.lstrip())
    head, space, last = text[indent:].rpartition(" ")
    start = indent + len(head) + len(space)
    if not space:
        others, comma, name = last.rpartition(",")
        if comma:
            given = frozenset(others.split(","))
            return Completions(indent + len(others) + 1, tuple(_resources(app, name, given)))
        return Completions(indent, tuple(_first_words(app, last)))
    if verb in NAMED_AFTER_KIND and len(head.split()) == 1:
        return Completions(start, ())  # a name
    home = app.screen_stack[0]
    command = _command(app, expanded(head.split()[0], app.settings.aliases), home)
    if command is not None:
        before, so_far = last_name(last) if command.id in _OF_SEVERAL else ("", last)
        return Completions(start + len(before), tuple(command.completions(home, so_far)))
    before, so_far = last_name(last)
    left = [each for each in app.names_of_namespaces if each not in before.removeprefix("!").split(",")]
    return Completions(start + len(before), tuple(Completion(each, "namespace") for each in longer(so_far, left)))


def last_name(text: str) -> tuple[str, str]:
    """Of a word of kwatch.base.namespaces, what stands before the last name, and that name so far."""
    given = re.match(r"(?:[^,]*,)*!?", text)
    end = given.end() if given is not None else 0
    return text[:end], text[end:]


def _first_words(app: Application, prefix: str) -> list[Completion]:
    if not prefix:
        return []
    found = [
        Completion(word, command.title)
        for command in app.commands_of(app.screen_stack[0])
        for word in longer(prefix, command.words)
    ]
    own = [Completion(word, app.settings.aliases[word]) for word in longer(prefix, app.settings.aliases)]
    verbs = [Completion(word, f"an object: {word} deploy/cart") for word in longer(prefix, VERBS)]
    return [*own, *found, *_resources(app, prefix), *verbs][:40]


def _resources(app: Application, prefix: str, given: frozenset[str] = frozenset()) -> list[Completion]:
    """Names of resources and categories, but those that were given already."""
    session = app.session
    if session is None or session.names is None or not prefix:
        return []
    known = session.names
    return [
        Completion(name, ", ".join(str(resource) for resource in known.resolve(name)[:3]))
        for name in longer(prefix, known.completions(prefix))
        if name not in given
    ][:40]


class CommandPrompt(Vertical):
    """The command line of a screen that stands before the table: what is typed leads back there.

    Hidden until opened. What its prompt says stays in here, for the screen has a prompt of its own."""

    DEFAULT_CSS = """
    CommandPrompt { height: auto; }
    """

    def __init__(self, palette: Palette, history: PromptHistory) -> None:
        super().__init__()
        self._candidates = Candidates(palette)
        self._prompt = Prompt(history)
        self._before: Widget | None = None

    def compose(self) -> ComposeResult:
        yield self._candidates
        yield self._prompt

    def open(self) -> None:
        app = cast("Application", self.app)
        self._before = self.screen.focused
        self._prompt.open(":", "", lambda typed: complete_command(app, typed))

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        """Nothing happens before Enter; a broken filter is marked."""
        message.stop()
        if self._prompt.is_open:
            self._prompt.mark(broken_filter(self.screen, message.text))

    def on_prompt_offered(self, message: Prompt.Offered) -> None:
        message.stop()
        self._candidates.show(message.completions, message.chosen)

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        message.stop()
        mistake = mistake_in(self.screen, message.text)
        if mistake is not None:
            self._prompt.mark(mistake)
            return
        self._close()
        run_text(self.screen, message.text)

    def on_prompt_cancelled(self, message: Prompt.Cancelled) -> None:
        message.stop()
        self._close()

    def _close(self) -> None:
        if self._prompt.close():
            self.screen.set_focus(self._before, scroll_visible=False)
