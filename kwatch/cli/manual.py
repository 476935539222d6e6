"""`kwatch man`: the manual page, made from the parsers. The build puts it into share/man of what is installed."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

from kwatch import __version__
from kwatch.cli.arguments import ManArguments
from kwatch.cli.parser import COMMANDS, kwatch_parser
from kwatch.cli.watch_parser import Parser

SUMMARY = "watch a Kubernetes cluster from the terminal, and trust what is seen"
ABOUT = """\
Background threads list and watch, as client-go's informers do; a screen renders live tables, the history of every
object and filters that indexes answer. It only ever reads. Without a terminal, or with -o, it prints what kubectl get
prints, as a stream of changes or once. Press ? in it for its keys."""
ENVIRONMENT = (
    ("KUBECONFIG", "the kubeconfig files, as for kubectl"),
    ("KUBERC", "the kuberc file, as for kubectl; off for none"),
    ("KWATCH_CONFIG", "the folder of the settings, or the file itself"),
    ("KWATCH_COMPLETION_WAIT", "how many seconds a Tab waits for the cluster, 0.6 if nothing is said"),
    ("HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "as for kubectl"),
    ("NO_COLOR", "no colours where lines are printed"),
)
FILES = (
    ("~/.config/kwatch/config.yaml", "the settings; kwatch config init writes one to begin with"),
    ("~/.config/kwatch/themes", "themes of one's own, and skins of k9s"),
    ("~/.cache/kwatch/discovery", "what servers said they offer"),
)
STATUS = (
    ("0", "all went well"),
    ("1", "an error, or kwatch wait waited without success"),
    ("2", "words that do not fit; for kwatch diff any error, as 1 says that something changed"),
    ("130, 143", "a signal ended it"),
    ("141", "nobody read the pipe any more"),
)


def man(arguments: ManArguments) -> int:
    from kwatch.cli.terminal import write

    write(manual())
    return 0


def manual() -> str:
    """The page, for man(1)."""
    return "".join([f"{line}\n" for line in _lines()])


def _lines() -> Iterator[str]:
    parser = kwatch_parser()
    yield f'.TH KWATCH 1 "" "kwatch {__version__}" "User Commands"'
    yield ".nh"  # no hyphens in what is to be typed
    yield ".ad l"
    yield ".SH NAME"
    yield f"kwatch {_HYPHEN} {_text(SUMMARY)}"
    yield ".SH SYNOPSIS"
    yield from _usage(parser)
    for name in COMMANDS:
        yield ".br"
        yield f"\\fBkwatch {_text(name)}\\fR ..."
    yield ".SH DESCRIPTION"
    yield _text(" ".join(ABOUT.split()))
    yield ".SH OPTIONS"
    yield from _options(parser)
    yield from _examples(parser)
    yield ".SH COMMANDS"
    for name, command in COMMANDS.items():
        each = command.parser()
        yield f".SS kwatch {_text(name)}"
        yield from _usage(each)
        yield ".PP"
        yield from _described(each.description or "")
        yield from _options(each, known=parser)
        yield from _examples(each)
    for title, pairs in (("ENVIRONMENT", ENVIRONMENT), ("FILES", FILES), ("EXIT STATUS", STATUS)):
        yield f".SH {title}"
        for word, meaning in pairs:
            yield ".TP"
            yield f"\\fB{_text(word)}\\fR"
            yield _text(meaning)
    yield ".SH SEE ALSO"
    yield "\\fBkubectl\\fR(1)"


def _usage(parser: Parser) -> Iterator[str]:
    """As it is written there, or in short."""
    shown = parser.usage or f"{parser.prog} {_positionals(parser)} [flags]"
    head, rest = shown[: len(parser.prog)], " ".join(shown[len(parser.prog) :].split())
    yield f"\\fB{_text(head)}\\fR {_text(rest)}"


def _positionals(parser: Parser) -> str:
    actions = [each for each in parser._actions if not each.option_strings]
    return " ".join([each.metavar if isinstance(each.metavar, str) else each.dest.upper() for each in actions])


def _described(text: str) -> Iterator[str]:
    """Lines that are indented stand as they are."""
    literal = False
    for line in text.splitlines():
        if line.startswith("  ") != literal and line.strip():
            literal = not literal
            yield ".nf" if literal else ".fi"
        yield _text(line) if line.strip() else ".sp"
    if literal:
        yield ".fi"


def _options(parser: Parser, known: Parser | None = None) -> Iterator[str]:
    """Those that are not the same as `known` ones, which are only said to be there."""
    same = {(*each.option_strings, each.help) for each in known._actions} if known is not None else set()
    shared = False
    for action in parser._actions:
        if action.help == argparse.SUPPRESS:
            continue
        if action.option_strings and (*action.option_strings, action.help) in same:
            shared = shared or "--help" not in action.option_strings
            continue
        yield ".TP"
        yield _flags(action)
        yield _text(action.help or _MEANINGS.get(action.dest, "as for kubectl"))
    if shared:
        yield ".PP"
        yield "And flags of OPTIONS: which cluster, which namespace, where kwatch writes its own log."


_MEANINGS = {"log_level": "how much is written there", "resource": "a resource, as kubectl names it", "name": "a name"}


def _flags(action: argparse.Action) -> str:
    value = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    if action.choices is not None:
        value = "|".join(map(str, action.choices))
    if not action.option_strings:
        return f"\\fI{_text(value)}\\fR"
    flags = ", ".join([f"\\fB{_text(each)}\\fR" for each in action.option_strings])
    return flags if action.nargs == 0 else f"{flags} \\fI{_text(value)}\\fR"


def _examples(parser: Parser) -> Iterator[str]:
    if parser.epilog:
        yield ".PP"
        yield from _described(parser.epilog)


_HYPHEN = r"\-"


def _text(text: str) -> str:
    """What troff takes for a command is none."""
    escaped = (
        text.replace("%%", "%").replace("\\", r"\e").replace("-", _HYPHEN).replace("'", r"\(aq").replace("`", r"\(ga")
    )
    escaped = escaped.replace("^", r"\(ha").replace("~", r"\(ti")
    return re.sub(r"^\.", r"\\&.", escaped)
