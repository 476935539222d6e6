"""What may stand at the cursor of a command line: of its parsers, and by name what only files and the cluster know."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import Enum, auto
from typing import Any

from kwatch.cli.arguments import ConnectionArguments
from kwatch.cli.flags import FORMATS
from kwatch.cli.kuberc_words import aliases
from kwatch.cli.parser import COMMANDS, first_word, kwatch_parser
from kwatch.cli.watch_parser import Parser


class Sort(Enum):
    """What kind of word it is."""

    FIXED = auto()
    """One of the words that the parser knows."""
    FILE = auto()
    CONTEXT = auto()
    CLUSTER = auto()
    USER = auto()
    NAMESPACE = auto()
    RESOURCE = auto()
    NAME = auto()
    """Of an object of `resource`."""
    VIEW = auto()
    SCENARIO = auto()


Candidate = tuple[str, str]
"""A word, and what it means."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the cursor is: after `before`, in the same word, and after the letters that were `typed` of it."""

    sort: Sort
    typed: str = ""
    before: str = ""
    fixed: tuple[Candidate, ...] = ()
    chosen: frozenset[str] = frozenset()
    """What was chosen already, of what may be several."""
    resource: str = ""
    objects: bool = False
    """Whether names of pods will do beside resources: `kwatch logs cart-1`."""
    connection: ConnectionArguments | None = field(default_factory=ConnectionArguments)
    """None where no cluster is asked: in the demo, in a recording."""
    namespace: str | None = None
    all_namespaces: bool = False
    recording: str | None = None
    """The file whose contexts are meant, not those of the kubeconfig."""


_FILES = {
    *("kubeconfig", "certificate_authority", "log_file", "file", "baseline", "write", "kuberc", "command"),
    *("client_certificate", "client_key"),
}
_BY_DEST = {
    "context": Sort.CONTEXT,
    "against": Sort.CONTEXT,
    "cluster": Sort.CLUSTER,
    "user": Sort.USER,
    "namespace": Sort.NAMESPACE,
    "view": Sort.VIEW,
    "scenario": Sort.SCENARIO,
    "resource": Sort.RESOURCE,
    "resources": Sort.RESOURCE,
    "words": Sort.RESOURCE,
    "what": Sort.RESOURCE,
    "name": Sort.NAME,
    "names": Sort.NAME,
    **dict.fromkeys(_FILES, Sort.FILE),
}
_SEVERAL = {Sort.CONTEXT, Sort.NAMESPACE, Sort.RESOURCE}
"""Commas may stand between them."""


def place_of(words: Sequence[str]) -> Place:
    """Of the last word; the others stand before it."""
    *before, typed = words or [""]
    at = first_word(before)
    known = aliases(before)
    if at is not None and before[at] in known:
        before = [*before[:at], *known[before[at]], *before[at + 1 :]]
    command = COMMANDS.get(before[at]) if at is not None else None
    parser = command.parser() if command is not None else kwatch_parser()
    line = _Line(parser, before if command is None or at is None else [*before[:at], *before[at + 1 :]])
    if line.waiting is not None:
        return line.value(line.waiting, typed, "")
    if line.flags_ended or not typed.startswith("-"):
        action = line.positional()
        if action is None:
            return line.place(Sort.FIXED, typed)
        place = line.value(action, typed, "", first=at is None)
        return replace(place, fixed=(*place.fixed, *_meanings(known))) if at is None and place.fixed else place
    flag, equals, value = typed.partition("=")
    action = parser._option_string_actions.get(flag)
    if equals and action is not None:
        return line.value(action, value, f"{flag}=")
    short = parser._option_string_actions.get(typed[:2])
    if len(typed) > 2 and typed[1] != "-" and short is not None and short.nargs != 0:
        return line.value(short, typed[2:], typed[:2])
    return line.place(Sort.FIXED, typed, fixed=tuple(line.flags()))


class _Line:
    """What was said before the cursor."""

    def __init__(self, parser: Parser, words: Sequence[str]) -> None:
        self._parser = parser
        self._values: dict[str, Any] = {}
        self._said: set[str] = set()
        self._words: list[str] = []
        self.flags_ended = False
        self.waiting: argparse.Action | None = None
        """The flag whose value comes next."""
        for word in words:
            self._take(word)

    def _take(self, word: str) -> None:
        if self.waiting is not None:
            self._values[self.waiting.dest], self.waiting = word, None
        elif self.flags_ended or not word.startswith("-") or word == "-":
            self._words.append(word)
        elif word == "--":
            self.flags_ended = True
        else:
            flag, equals, value = word.partition("=")
            action = self._parser._option_string_actions.get(flag)
            if action is None and word[1] != "-":
                action, equals, value = self._parser._option_string_actions.get(word[:2]), word[2:], word[2:]
            if action is None:
                return
            self._said.add(action.dest)
            if action.nargs == 0:
                self._values[action.dest] = True
            elif equals:
                self._values[action.dest] = value
            else:
                self.waiting = action

    def positional(self) -> argparse.Action | None:
        """What the next word that is no flag would be."""
        actions = [each for each in self._parser._actions if not each.option_strings]
        taken = len(self._words)
        if taken < len(actions):
            return self._after_slash(actions[taken])
        return actions[-1] if actions and actions[-1].nargs in ("*", "+") else None

    def _after_slash(self, action: argparse.Action) -> argparse.Action | None:
        """An object that was named as RESOURCE/NAME has its name already."""
        return None if action.dest == "name" and "/" in self._words[-1] else action

    def flags(self) -> Iterator[Candidate]:
        for action in self._parser._actions:
            repeats = isinstance(action, argparse._AppendAction)
            if action.help == argparse.SUPPRESS or (action.dest in self._said and not repeats):
                continue
            for flag in action.option_strings:
                if flag.startswith("--"):
                    yield flag, (action.help or "").replace("%%", "%")

    def value(self, action: argparse.Action, typed: str, before: str, *, first: bool = False) -> Place:
        if action.choices is not None:
            return self.place(Sort.FIXED, typed, before, fixed=tuple((str(each), "") for each in action.choices))
        if action.dest == "format":
            return self.place(Sort.FIXED, typed, before, fixed=tuple((each, "") for each in FORMATS))
        sort = _BY_DEST.get(action.dest, Sort.FIXED)
        if action.dest == "names" and "/" in self._words[0]:
            sort = Sort.RESOURCE  # pod/a pod/b
        if sort is Sort.RESOURCE and "/" in typed:
            resource, _, typed = typed.partition("/")
            return self.place(Sort.NAME, typed, f"{before}{resource}/", resource=resource)
        if sort is Sort.NAMESPACE and typed.startswith("!"):
            before, typed = f"{before}!", typed[1:]
        if sort in _SEVERAL and "," in typed:
            rest, _, typed = typed.rpartition(",")
            return self.place(sort, typed, f"{before}{rest},", chosen=rest.split(","))
        commands = tuple((name, _summary(name)) for name in COMMANDS) if first and sort is Sort.RESOURCE else ()
        resource, *names = self._words if sort is Sort.NAME and self._words else ("",)
        objects = action.dest == "words"
        return self.place(sort, typed, before, fixed=commands, chosen=names, resource=resource, objects=objects)

    def place(
        self,
        sort: Sort,
        typed: str,
        before: str = "",
        *,
        fixed: tuple[Candidate, ...] = (),
        chosen: Iterable[str] = (),
        resource: str = "",
        objects: bool = False,
    ) -> Place:
        named = {each.name for each in fields(ConnectionArguments)}
        asks: dict[str, Any] = {
            name: value for name, value in self._values.items() if name in named and isinstance(value, str)
        }
        if self._values.get("insecure_skip_tls_verify"):
            asks["insecure_skip_tls_verify"] = True
        connects = any(each.dest == "kubeconfig" for each in self._parser._actions) and not self._values.get("file")
        groups, extra = asks.pop("as_groups", None), asks.pop("as_user_extra", "").partition("=")
        return Place(
            sort,
            typed,
            before,
            fixed,
            frozenset(chosen),
            resource,
            objects,
            ConnectionArguments(
                **asks, as_groups=(groups,) if groups else (), as_user_extra=((extra[0], extra[2]),) if extra[1] else ()
            )
            if connects
            else None,
            self._values.get("namespace"),
            bool(self._values.get("all_namespaces")),
            self._values.get("file") or self._replayed(),
        )

    def _replayed(self) -> str | None:
        """The recording that a command is for: its first word, where it connects to no cluster."""
        positional = [each.dest for each in self._parser._actions if not each.option_strings]
        connects = any(each.dest == "kubeconfig" for each in self._parser._actions)
        return self._words[0] if positional[:1] == ["file"] and self._words and not connects else None


def _meanings(known: Mapping[str, Sequence[str]]) -> Iterator[Candidate]:
    yield from ((name, f"alias for {' '.join(words)}") for name, words in known.items())


def _summary(command: str) -> str:
    """The first sentence of its description."""
    return (COMMANDS[command].parser().description or "").partition(". ")[0].removesuffix(".")
