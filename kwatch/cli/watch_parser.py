"""What `kwatch [RESOURCE]` and `kwatch demo` take; and the Parser of every command."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from kwatch import __version__
from kwatch.base.limits import DEFAULT_BUDGET, LAST_LINES, check_age, check_budget, check_lines, check_memory, check_url
from kwatch.cli.arguments import DemoArguments, HookArguments, OutputArguments, UsageError, WatchArguments
from kwatch.cli.flags import (
    add_connection,
    add_log,
    add_output,
    add_selection,
    connection_of,
    log_of,
    output_of,
    read_by,
    selection_of,
    take_names,
)
from kwatch.cli.kubectl_words import GLOBAL, ONLY_KUBECTL, SHORT
from kwatch.cli.terminal import write

DEMO_CONTEXTS = ("demo-eu", "demo-us", "demo-asia", "demo-test", "demo-lab")
"""What several simulated clusters are called."""
MOST_OBJECTS = 1_000_000
MOST_CHANGES = 1_000_000
"""A second."""

DESCRIPTION = """\
Watch a Kubernetes cluster: live tables, the history of every object, filters answered by indices.

  kwatch [RESOURCE[,RESOURCE...]] [flags]    a live table; the default is pods
  kwatch RESOURCE/NAME [flags]               one object, with its history
  kwatch get, kwatch describe                the same in kubectl's words; get ends where it prints
  kwatch demo                                a simulated cluster: nothing needed, nothing harmed
  kwatch record FILE RESOURCE...             keep what happens in a file
  kwatch replay FILE [RESOURCE]              look at it again, offline
  kwatch history RESOURCE/NAME [--file FILE] what happened to one object
  kwatch diff RESOURCE --file FILE           what changed; also --baseline FILE, against the cluster
  kwatch wait RESOURCE FILTER                until a filter holds; exit code 1 if it never will
  kwatch logs deploy/cart -f                 logs of all its pods as one; of any object, selector or filter
  kwatch report [RESOURCE/NAME | FILTER]     what broke and why, as one HTML file to hand on
  kwatch info                                versions, paths, contexts, what the server offers
  kwatch config init                         a config.yaml to begin with, which an editor can check
  kwatch import k9s                          aliases, hot keys, columns, orders and skins of k9s
  kwatch completion bash|zsh|fish            completion for your shell
  kwatch man                                 the manual page

kwatch only reads; what changes things is kubectl's. Press ? in it for the keys.
"""


EPILOG = """\
examples:
  kwatch pods -n shop -l app=cart            a table, narrowed on the server
  kwatch deploy/cart -n shop                 what happened to one deployment
  kwatch pods -A -o json | jq .changed       every change as a line of JSON
  kwatch pods,services --until-synced        what is there now, as kubectl prints it
  kwatch pods -A --on unhealthy --exec ./page.sh          run a program when a pod begins to be unhealthy
"""


TRUTHS = dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), True)
TRUTHS |= dict.fromkeys(("0", "f", "F", "FALSE", "false", "False"), False)
"""What kubectl takes after the `=` of a switch."""


class Parser(argparse.ArgumentParser):
    """Raises UsageError where argparse would print and exit, and OSError where it would say nothing of a full disk.

    Switches may say `=false`, as kubectl's.
    """

    signed = frozenset[str]()
    """Flags whose value may begin with a dash: `--from -10m`."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.color = False  # of Python 3.14: help in colours, which is nothing to print

    def _print_message(self, message: str, file: object = None) -> None:
        write(message)

    def parse_intermixed_args(self, args: Any = None, namespace: Any = None) -> Any:
        """All come this way."""
        words: list[str] = []
        off: dict[str, bool] = {}
        for word in args:
            flag, equals, value = word.partition("=")
            action = self._option_string_actions.get(flag)
            if words and words[-1] in self.signed and word[:1] == "-" and word[1:2].isdigit():
                words[-1] += f"={word}"
            elif action is None or not equals or action.nargs != 0 or "--" in words:
                words.append(word)
                if action is not None and not equals:
                    off.pop(action.dest, None)
            elif value not in TRUTHS:
                self.error(f"{flag} is {value!r} and neither true nor false")
            elif TRUTHS[value]:
                words.append(flag)
                off.pop(action.dest, None)
            else:
                words = [each for each in words if each not in action.option_strings]
                optional = isinstance(action, argparse.BooleanOptionalAction)
                off[action.dest] = flag.startswith("--no-") if optional else action.const is False
        found = super().parse_intermixed_args(words, namespace)
        for name, is_on in off.items():
            setattr(found, name, is_on)
        for action in self._actions:
            given, usual = getattr(found, action.dest, None), action.default
            if isinstance(usual, list) and isinstance(given, list) and given is not usual:
                setattr(found, action.dest, given[len(usual) :])  # argparse adds them to the default
        return found

    def first_word(self, words: Sequence[str]) -> int | None:
        """Where the first word stands that is neither a flag nor its value."""
        at = 0
        while at < len(words) and words[at].startswith("-") and words[at] != "--":
            action = self._option_string_actions.get(words[at])
            at += 1 if action is None or action.nargs == 0 else 2
        return at if at < len(words) else None

    def error(self, message: str) -> NoReturn:
        """One sentence, and where to look."""
        verb = "get" if self.prog == "kwatch" else self.prog.removeprefix("kwatch ")
        word = message.removeprefix("unrecognized arguments: ").partition(" ")[0].partition("=")[0]
        flag, known = SHORT.get(word, word.removeprefix("--")), ONLY_KUBECTL.get(verb, GLOBAL)
        if word.startswith("-") and flag in known:
            raise UsageError(f"kwatch has no {word}: {known[flag] or f'kubectl {verb} has it'}")
        raise UsageError(f"{message[:1].lower()}{message[1:]}; see {self.prog} --help")


def read_demo(found: argparse.Namespace) -> DemoArguments:
    if found.objects is not None and not 1 <= found.objects <= MOST_OBJECTS:
        raise UsageError(f"--objects must be from 1 to {MOST_OBJECTS:,}")
    if not 0 <= found.rate <= MOST_CHANGES:  # nan is neither
        raise UsageError(f"--rate must be from 0 to {MOST_CHANGES:,}; 0 is a cluster where nothing changes")
    if not 1 <= found.contexts <= len(DEMO_CONTEXTS):
        raise UsageError(f"--contexts must be from 1 to {len(DEMO_CONTEXTS)}")
    _check_faults(found.faults)
    _check_scenario(found.scenario)
    watch = watch_of(found)
    contexts = DEMO_CONTEXTS[: found.contexts] if found.contexts > 1 else ()
    return DemoArguments(
        watch, found.objects or 0, found.rate, found.seed, found.faults, found.scenario, contexts=contexts
    )


def _check_faults(text: str) -> None:
    """Here, because the child process would say it much later."""
    if text:
        from kwatch.simulator.faults import FaultSyntaxError, parse_faults

        try:
            parse_faults(text)
        except FaultSyntaxError as error:
            raise UsageError(f"--faults: {error}") from None


def _check_scenario(given: str) -> None:
    if given:
        from kwatch.simulator.scenario.checks import load_named_scenario
        from kwatch.simulator.scenario.loader import ScenarioError

        try:
            load_named_scenario(given)
        except ScenarioError as error:
            raise UsageError(f"--scenario: {error}") from None


def watch_parser(prog: str, description: str, *, file: bool = False, connects: bool = True) -> Parser:
    """The words of everything that ends in a table; with `file` the first one names a file. `connects`: to a cluster
    of the kubeconfig."""
    parser = Parser(
        prog=prog,
        usage=f"{prog} {'FILE ' if file else ''}[RESOURCE[,RESOURCE...] | RESOURCE/NAME | RESOURCE NAME...] [flags]",
        description=description,
        epilog=EPILOG if prog == "kwatch" else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    if file:
        parser.add_argument("file", metavar="FILE", help="what was recorded")
    parser.add_argument("resource", nargs="?", default="pods", metavar="RESOURCE", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", default=[], metavar="NAME", help=argparse.SUPPRESS)
    parser.add_argument("--version", action="version", version=f"kwatch {__version__}")
    add_selection(parser)
    add_output(parser)
    if not file:
        _add_hook(parser)
    else:
        parser.set_defaults(on="", command="", shell=False, webhook=None, notifies=False, existing=False)
    parser.add_argument("--view", default="", metavar="NAME", help="begin with a view that was saved with Ctrl-S")
    if connects and not file:
        add_connection(parser)
    _add_history(parser)
    add_log(parser)
    return parser


def get_parser() -> Parser:
    description = "As kubectl get: kwatch RESOURCE, which ends where it prints and -w does not say to go on."
    return watch_parser("kwatch get", description)


def read_get(found: argparse.Namespace) -> WatchArguments:
    found.once = found.watch is None and not found.watch_only
    return watch_of(found)


def describe_parser() -> Parser:
    description = "The screen of one object: kwatch RESOURCE/NAME. Where nothing can be drawn, its YAML."
    return watch_parser("kwatch describe", description)


def read_describe(found: argparse.Namespace) -> WatchArguments:
    found.once, found.printed = True, "yaml"
    return watch_of(found)


def demo_parser() -> Parser:
    from kwatch.simulator.scenario import incident_names

    description = "A simulated cluster that lives: rollouts, crash loops, drains, jobs."
    parser = watch_parser("kwatch demo", description, connects=False)
    group = parser.add_argument_group("the simulated cluster")
    breaks = f"something breaks ({', '.join(incident_names())}), or a scenario file of your own"
    group.add_argument("--scenario", default="", metavar="NAME_OR_FILE", help=breaks)
    group.add_argument(
        "--objects", type=int, metavar="N", help="about how many pods (default: 120, or as the file says)"
    )
    several = f"so many clusters in one table, at most {len(DEMO_CONTEXTS)}; the last one has the trouble (default: 1)"
    group.add_argument("--contexts", type=int, default=1, metavar="N", help=several)
    group.add_argument("--rate", type=float, default=4.0, metavar="N", help="changes a second (default: 4)")
    group.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed tells the same story")
    group.add_argument(
        "--faults", default="", metavar="NAME=RATE,...", help="what goes wrong, e.g. reset=0.01,410=0.02,slow=0.1"
    )
    return parser


def watch_of(found: argparse.Namespace) -> WatchArguments:
    """What was found, for everything that ends in a table; raise UsageError if it cannot be."""
    output = output_of(found)
    take_names(found)
    if found.view and found.resource != "pods":
        raise UsageError(f"--view {found.view} says which resource; leave {found.resource} out")
    if found.view and output.format is not None:
        raise UsageError("--view is for the screen; for the stream say RESOURCE, -n and -l")
    history = found.history_budget, found.history_age, found.memory_limit, found.background, found.last_log_lines
    arguments = connection_of(found), selection_of(found), output, log_of(found), found.view, _hook_of(found, output)
    return WatchArguments(*arguments, *history, found.plain_screen)


def _add_history(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("history")
    group.add_argument(
        "--history-budget",
        type=read_by(check_budget),
        metavar="SIZE",
        help=f"memory for history, e.g. 512Mi; the oldest makes room (default: {DEFAULT_BUDGET})",
    )
    group.add_argument(
        "--history-age",
        type=read_by(check_age),
        metavar="TIME",
        help="forget what is older, e.g. 2h (default: when there is no room)",
    )
    group.add_argument(
        "--last-log-lines",
        type=read_by(lambda text: check_lines(_count(text))),
        metavar="N",
        help=f"keep so many last lines of a container that ended badly, 0 for none (default: {LAST_LINES})",
    )
    group.add_argument(
        "--memory-limit",
        type=read_by(check_memory),
        metavar="SIZE",
        help="memory of the whole program, e.g. 400Mi; the background and history go first, then the rest is counted",
    )
    group.add_argument(
        "--no-background",
        dest="background",
        action="store_false",
        help="on screen, watch only what is looked at, not also what explains it",
    )
    group.add_argument(
        "--plain-screen",
        action="store_true",
        help="for screen readers: no drawing characters, changes announced in a line, the cursor on the selected row",
    )


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(f"{text!r} is not a number of lines; write {LAST_LINES}, or 0 for none")
    return int(text[:9])


def _hook_of(found: argparse.Namespace, output: OutputArguments) -> HookArguments:
    asked = {"--exec": found.command, "--webhook": found.webhook, "--notify": found.notifies, "--shell": found.shell}
    asked["--existing"] = found.existing
    if not found.on:
        for flag, value in asked.items():
            if value:
                raise UsageError(f"{flag} says what to do when a filter begins to match; say which with --on FILTER")
        return HookArguments()
    if found.shell and not found.command:
        raise UsageError("--shell is for --exec; say what to run")
    if output.format not in (None, "json") or output.until_synced or output.watch_only or found.view:
        raise UsageError("--on prints a line for each onset, or JSON with -o json; leave other ways to print out")
    return HookArguments(found.on, found.command, found.shell, found.webhook or "", found.notifies, found.existing)


def _add_hook(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("acting, instead of a table")
    group.add_argument(
        "--on",
        default="",
        metavar="FILTER",
        help="report each object that begins to match, until Ctrl-C; once per onset",
    )
    group.add_argument(
        "--exec", dest="command", default="", metavar="COMMAND", help="and run this, with the object as JSON on stdin"
    )
    group.add_argument("--shell", action="store_true", help="COMMAND is for the shell (default: words, no shell)")
    group.add_argument("--webhook", type=read_by(check_url), metavar="URL", help="and POST it there as JSON")
    group.add_argument(
        "--notify", dest="notifies", action="store_true", help="and notify through the terminal: bell, OSC 9, 777"
    )
    group.add_argument("--existing", action="store_true", help="also for what matches at the start")
