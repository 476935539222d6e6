"""A kuberc's aliases and defaults, put into the words of the command line as kubectl does."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence

from kwatch.cli.arguments import UsageError
from kwatch.cli.flags import FORMATS
from kwatch.cli.kubectl_words import CHANGING, CHANGING_BY_WORDS, INSTEAD, ONLY_KUBECTL
from kwatch.cli.parser import COMMANDS, first_word
from kwatch.cli.watch_parser import TRUTHS, Parser
from kwatch.config.locations import has_kuberc

BUILT_IN = {
    *CHANGING,
    *CHANGING_BY_WORDS,
    *INSTEAD,
    *COMMANDS,
    "certificate",
    "config",
    "events",
    "plugin",
    "run",
    "top",
}


def preferred(words: Sequence[str], tell: Callable[[str], None]) -> tuple[Sequence[str], dict[str, object]]:
    """The words with an alias written out, and what the user prefers where they do not say it, by argparse's names.

    Raise UsageError for a kuberc that kubectl would not take, OSError never. What only deserves a warning is told.
    """
    at = first_word(words)
    command = words[at] if at is not None else "get"
    if (command in COMMANDS and command not in ONLY_KUBECTL) or any(word in _NO_CLUSTER for word in words):
        return words, {}
    path = _named(words)
    if path is None and not has_kuberc():
        return words, {}
    from kwatch.config.kuberc import KubercError, load_kuberc

    try:
        found = load_kuberc(path, os.environ)
    except KubercError as error:
        raise UsageError(str(error)) from None
    if found.warning:
        tell(found.warning)
    place = f"the kuberc {found.path}"
    alias = next((each for each in found.kuberc.aliases if each.name == command), None)
    if alias is not None and command in BUILT_IN:
        tell(f"{command} is a command, so the alias of that name in {place} does not count")
    elif alias is not None and at is not None:
        verb, *more = alias.command.split() or [""]
        if verb not in BUILT_IN:
            raise UsageError(f"the alias {alias.name} of {place} is for {alias.command!r}, which is not a command")
        words = [*words[:at], verb, *more, *alias.prepend_args, *words[at + 1 :], *alias.append_args]
        options = [(each.name, each.default) for each in alias.options]
        return words, _defaults(verb, options, f"the alias {alias.name} of {place}")
    verb = command if command in ONLY_KUBECTL else "get"
    of_verb = [each for each in found.kuberc.defaults if each.command.split() == [verb]]
    return words, _defaults(verb, [(o.name, o.default) for each in of_verb for o in each.options], place)


_NO_CLUSTER = ("-h", "--help", "--version")


def aliases(words: Sequence[str]) -> dict[str, list[str]]:
    """What each alias of the kuberc begins with, for completion; none where the kuberc has mistakes."""
    path = _named(words)
    if path is None and not has_kuberc():
        return {}
    from kwatch.config.kuberc import KubercError, load_kuberc

    try:
        found = load_kuberc(path, os.environ).kuberc.aliases
    except KubercError:
        return {}
    return {
        each.name: [*each.command.split(), *each.prepend_args]
        for each in found
        if each.name not in BUILT_IN and each.command.split()[:1] and each.command.split()[0] in ONLY_KUBECTL
    }


def _named(words: Sequence[str]) -> str | None:
    """The file of --kuberc, needed before the words are understood."""
    for number, word in enumerate(words):
        if word == "--":
            break
        if word == "--kuberc" and number + 1 < len(words):
            return words[number + 1]
        if word.startswith("--kuberc="):
            return word.partition("=")[2]
    return None


def _defaults(verb: str, options: Sequence[tuple[str, str]], place: str) -> dict[str, object]:
    """Raise UsageError for an option that even kubectl has not, or a value that it would not take."""
    if verb not in ONLY_KUBECTL or not options:
        return {}
    parser = COMMANDS[verb].parser()
    found: dict[str, object] = {}
    for name, text in options:
        action = parser._option_string_actions.get(f"--{name}")
        if action is None:
            if name not in ONLY_KUBECTL[verb]:
                raise UsageError(f"{place} says what --{name} is, which kubectl {verb} has not")
        elif name == "output":
            if text in FORMATS or text.partition("=")[0] + "=" in FORMATS:
                found["printed"] = text
        else:
            found[action.dest] = _value(parser, action, text, f"{place} says --{name}={text}")
    if found.get("watch") is False:
        del found["watch"]  # it is kubectl's default: what has a screen watches all the same
    return found


def _value(parser: Parser, action: argparse.Action, text: str, place: str) -> object:
    if action.nargs == 0:
        if text not in TRUTHS:
            raise UsageError(f"{place}, which is neither true nor false")
        return TRUTHS[text] is not (action.const is False)
    try:
        value: object = parser._get_value(action, text)
        parser._check_value(action, value)
    except argparse.ArgumentError as error:
        raise UsageError(f"{place}: {error.message}") from None
    return [value] if isinstance(action.default, list) else value
