"""`kwatch logs`: the merged logs as lines of text or JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

from kwatch.base.finding import BoundedRegex
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.resource import Resource
from kwatch.output.opening import TICK, Connecting, Run, Selection, StreamError, await_connection, resolve
from kwatch.output.printer import json_text
from kwatch.query.parser import parse
from kwatch.query.syntax import QuerySyntaxError
from kwatch.query.terms.text import Text
from kwatch.session.container_log import LogWish
from kwatch.session.log_pods import ChosenPods, LogChoice, has_pods
from kwatch.session.logs import LogPlace, LogsState, MergedLogs
from kwatch.session.session import Session
from kwatch.view.log_lines import LogLevel, LogLine, LogSource, Mark, clean, fold, level_in, short_pod, shown_text

_AT_ONCE = 5000
"""Lines."""
_WAIT = 0.2
PATIENCE = 3.0
"""Seconds for which one waits for a server that does not say which pods there are."""
FEW = 10
"""Lines of each container where no object was named, as kubectl has it."""
_BACKLOG = 20_000
_POD_COLORS = (36, 32, 35, 34, 33, 96, 92, 95, 94)
_LEVEL_COLORS = {LogLevel.ERROR: 31, LogLevel.WARNING: 33}
_POD_NAME = re.compile(r"[a-z0-9][-a-z0-9.]*-(?:[bcdfghjklmnpqrstvwxz2456789]{5}|\d+)")
"""What controllers call pods: such a name alone is that pod and no filter, as for kubectl."""
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.:]*[a-z0-9])?")


_ANY = BoundedRegex("")


@dataclass(frozen=True, slots=True)
class LogsRequest:
    """What was asked for; `words` are objects, a resource, or a filter. `tail` None: see FEW, -1: all lines."""

    selection: Selection
    words: tuple[str, ...] = ()
    follow: bool = False
    previous: bool = False
    tail: int | None = None
    since: int | None = None
    since_time: str | None = None
    container: BoundedRegex = _ANY
    exclude_container: tuple[BoundedRegex, ...] = ()
    exclude_pod: tuple[BoundedRegex, ...] = ()
    states: frozenset[str] = frozenset()
    only_lines: bool = False
    """Whether nothing is said between the lines."""
    include: tuple[BoundedRegex, ...] = ()
    exclude: tuple[BoundedRegex, ...] = ()
    highlight: tuple[BoundedRegex, ...] = ()
    timestamps: bool = False
    json: bool = False
    raw: bool = False
    prefix: bool | None = None
    at_once: int = 50
    is_terminal: bool = False
    color: bool = False

    def wants(self, source: LogSource) -> bool:
        """Whether it is a container that was asked for."""
        left_out = ((self.exclude_container, source.container), (self.exclude_pod, source.pod))
        is_left_out = any(each.finds(name) for patterns, name in left_out for each in patterns)
        return self.container.finds(source.container) and not is_left_out


def print_logs(
    runs: Sequence[Run], request: LogsRequest, write: Callable[[str], None], complain: Callable[[str], None]
) -> int:
    """Until all is printed, or the runs are stopped; the exit code. `write` takes what is safe to print, `complain` a
    sentence that is of no one context.

    Raise StreamError, QuerySyntaxError, OSError.
    """
    first = _first_connected(runs)
    if first is None:
        return int(not runs[0].stop.is_set())
    choices = choose(first.session, request.selection, request.words)
    named = all(each.name is not None for each in choices)
    tail = request.tail if request.tail is not None else None if named or request.since or request.since_time else FEW
    wish = LogWish(
        follow=request.follow,
        previous=request.previous,
        tail_lines=None if tail is None or tail < 0 else tail,
        since_seconds=request.since,
        since_time=request.since_time,
        wants=request.wants,
        states=request.states,
        at_once=request.at_once,
    )
    late = [LatePods(run, request) for run in runs] if len(runs) > 1 else []
    places = [LogPlace(each.run.session.logs, each, each.run.context) for each in late]
    places = places or [LogPlace(first.session.logs, ChosenPods(first.session, choices, first.clock))]
    logs = MergedLogs(places, wish, first.clock, drops=False, backlog=_BACKLOG)
    try:
        code = _print(replace(first, complain=complain), request, logs, choices, write)
    finally:
        logs.close()
    return max(code, int(any(each.has_failed for each in late)))


def _first_connected(runs: Sequence[Run]) -> Run | None:
    """The first context that answers: it says what the words mean. None if none does, or stopped before."""
    if len(runs) == 1:
        return runs[0] if await_connection(runs[0]) else None
    waiting = {run.context: Connecting(run) for run in runs}
    while waiting and not runs[0].stop.is_set():
        for run in [run for run in runs if run.context in waiting]:
            try:
                if waiting[run.context].look():
                    return run
            except StreamError as error:
                run.complain(str(error))
                del waiting[run.context]
        runs[0].clock.wait(runs[0].stop, TICK)
    return None


class LatePods:
    """A PodSource of one of several contexts, which may be connected later, or never: that is said once."""

    def __init__(self, run: Run, request: LogsRequest) -> None:
        self.run = run
        self.has_failed = False
        self._request = request
        self._connecting = Connecting(run)
        self._pods: ChosenPods | None = None
        self._began = run.clock.monotonic()

    @property
    def is_settled(self) -> bool:
        return self.has_failed or (self._pods is not None and self._pods.is_settled)

    @property
    def is_final(self) -> bool:
        return self._pods is not None and self._pods.is_final

    @property
    def trouble(self) -> str:
        return f"nothing from {self.run.context}" if self.has_failed else ""

    def look(self) -> list[KubeObject] | None:
        run, request = self.run, self._request
        try:
            if self._pods is None and self._connecting.look():
                choices = choose(run.session, request.selection, request.words)
                self._pods = ChosenPods(run.session, choices, run.clock)
            found = self._pods.look() if self._pods is not None else None
        except (StreamError, QuerySyntaxError) as error:
            self._fail(str(error))
            return None
        why = self._pods.trouble if self._pods is not None else ""
        if why and (self.is_settled or run.clock.monotonic() - self._began >= PATIENCE):
            self._fail(why)
        return found

    def _fail(self, why: str) -> None:
        if not self.has_failed:
            self.has_failed = True
            self.run.complain(why)

    def release(self) -> None:
        if self._pods is not None:
            self._pods.release()


def _print(
    run: Run, request: LogsRequest, logs: MergedLogs, choices: list[LogChoice], write: Callable[[str], None]
) -> int:
    began = run.clock.monotonic()
    named_one = not run.context and len(choices) == 1 and choices[0].name is not None
    one_pod = named_one and choices[0].resource.name == "pods"
    printer = LogPrinter(request, several_namespaces=len({each.namespace for each in choices} | {None}) > 2)
    are_lines, said = False, ""
    told: set[LogSource] = set()
    while not run.stop.is_set():
        logs.wait(_WAIT)
        ended = logs.state.ended  # before what came until then is taken
        lines = logs.take(_AT_ONCE)
        state = logs.state
        if lines:
            printer.with_prefix = not one_pod or state.containers > 1
            text = printer.text(lines)
            if text:
                write(text)
            are_lines = are_lines or any(line.mark is None for line in lines)
            marks = [line for line in lines if line.mark is not None]
            told.update(line.source for line in marks if line.mark is Mark.TROUBLE)
            told_aside = (request.json or not request.is_terminal) and not request.only_lines
            for line in marks if told_aside else ():
                run.complain(f"{line.source}: {line.text}")
        elif ended:
            break
        if state.trouble and not state.is_settled and run.clock.monotonic() - began >= PATIENCE:
            raise StreamError(state.trouble)
        sentence = _sentence(state, request)
        if sentence and sentence != said:
            run.complain(sentence)
            said = sentence
    return _ending(run, request, logs.state, choices, told, are_lines=are_lines)


def _sentence(state: LogsState, request: LogsRequest) -> str:
    """What is to be said while it goes on."""
    if state.is_settled and state.trouble and not state.ended:
        return state.trouble
    if state.waiting and request.follow:
        shown = state.containers - state.waiting
        return f"showing {shown:,} of {state.containers:,} containers; --max-log-requests shows more"
    return ""


def _ending(
    run: Run, request: LogsRequest, state: LogsState, choices: list[LogChoice], told: set[LogSource], *, are_lines: bool
) -> int:
    """The exit code; what was not told yet is."""
    if run.stop.is_set():
        return 0
    if state.trouble or not state.containers:
        named = f" named {request.container.pattern}" if request.container.pattern else ""
        what = ", ".join(map(str, choices))
        run.complain(state.trouble or f"{what}: no container{named} was found")
        return 1
    if request.previous and are_lines:
        return 0  # of the others nothing was to be expected
    untold = [each for each in state.troubles if each[0] not in told]
    for source, why in untold[:FEW]:
        run.complain(f"{source}: {why}")
    if len(untold) > FEW:
        run.complain(f"and {len(untold) - FEW:,} more")
    return 1 if state.troubles else 0


class LogPrinter:
    """Lines as text; of what a terminal gets everything is safe to print."""

    def __init__(self, request: LogsRequest, *, several_namespaces: bool = False) -> None:
        self.with_prefix = True
        """Whether lines have one that was neither asked for nor refused."""
        self._request = request
        self._with_namespace = several_namespaces or request.selection.has_several_namespaces

    def text(self, lines: Iterable[LogLine]) -> str:
        """Empty if no line is wanted."""
        request = self._request
        include, exclude = request.include, request.exclude
        shown = []
        for line in lines:
            if line.mark is not None:
                if request.is_terminal and not request.json and not request.only_lines:
                    shown.append(self._marked(line))
            elif (not include or self._finds(include, line)) and not self._finds(exclude, line):
                shown.append(self._json(line) if request.json else self._plain(line))
        return "".join(f"{each}\n" for each in shown)

    def _finds(self, patterns: tuple[BoundedRegex, ...], line: LogLine) -> bool:
        """As it was written, or as it is shown."""
        if not patterns:
            return False
        is_folded = self._request.is_terminal and not self._request.raw
        texts = (line.text, shown_text(line.text)) if is_folded else (line.text,)
        return any(pattern.finds(text) for text in texts for pattern in patterns)

    def _plain(self, line: LogLine) -> str:
        request = self._request
        if request.raw:
            text = clean(line.text, _NO_CUT) if request.is_terminal else line.text
        elif request.is_terminal:
            folded = fold(line.text)
            level = folded.level if folded is not None else level_in(line.text)
            text = clean(line.text) if folded is None else folded.text
            if request.color and level in _LEVEL_COLORS:
                text = _colored(text, _LEVEL_COLORS[level])
        else:
            text = clean(line.text, _NO_CUT)
        if request.color:
            text = _highlighted(text, request.highlight)
        time = f"{line.timestamp} " if request.timestamps else ""
        return f"{self._prefix(line.source)}{time}{text}"

    def _json(self, line: LogLine) -> str:
        source = line.source
        shown = {
            "namespace": source.namespace,
            "pod": source.pod,
            "container": source.container,
            "time": line.timestamp,
            "message": line.text,
        }
        return json_text({"context": source.context, **shown} if source.context else shown)

    def _marked(self, line: LogLine) -> str:
        text = clean(f"— {line.text} —")
        bad = line.mark in (Mark.GAP, Mark.TROUBLE)
        return f"{self._prefix(line.source)}{_colored(text, 33 if bad else 2) if self._request.color else text}"

    def _prefix(self, source: LogSource) -> str:
        request = self._request
        wanted = request.prefix
        if wanted is False or (wanted is None and (request.raw or not self.with_prefix)):
            return ""
        pod = short_pod(source.pod) if request.is_terminal else source.pod
        text = clean(f"{source.namespace}/{pod}" if self._with_namespace else pod)
        text = f"{clean(source.context)} {text}" if source.context else text
        container = clean(source.container)
        if not request.color:
            return f"{text} {container} "
        color = _POD_COLORS[crc32(source.pod.encode()) % len(_POD_COLORS)]
        return f"{_colored(text, color)} {_colored(container, 2)} "


_NO_CUT = 1 << 30


def _colored(text: str, code: int) -> str:
    return f"\x1b[{code}m{text}\x1b[0m"


def _highlighted(text: str, patterns: Iterable[BoundedRegex]) -> str:
    shown, at = "", 0
    for start, end in sorted(place for pattern in patterns for place in pattern.places(text)):
        if start >= at:
            shown += f"{text[at:start]}\x1b[7m{text[start:end]}\x1b[27m"
            at = end
    return shown + text[at:]


def choose(session: Session, selection: Selection, words: tuple[str, ...]) -> list[LogChoice]:
    """What the words mean: RESOURCE/NAME..., RESOURCE [NAME | FILTER...], the name of a pod, or FILTER... of pods.

    Raise StreamError, QuerySyntaxError.
    """
    if words and all(_is_object(word) for word in words):
        if selection.label_selector or selection.field_selector:
            raise StreamError("an object is named, so -l and --field-selector select nothing; leave them out")
        if selection.has_several_namespaces:
            raise StreamError("an object cannot be found by name in several namespaces; give -n NAMESPACE")
        pairs = [word.split("/") for word in words]
        return [choice for kind, name in pairs for choice in _choices(session, selection, resolve(session, kind), name)]
    if words and _POD_NAME.fullmatch(words[0]) and not selection.has_several_namespaces:
        if len(words) > 1:
            raise StreamError(f"{words[0]} is the name of a pod; -c REGEX says which of its containers")
        return _choices(session, selection, resolve(session, "pods"), words[0])
    names = session.names
    found = names.find(words[0]) if words and names is not None and _NAME.fullmatch(words[0].split(",")[0]) else None
    if found is None:
        return _choices(session, selection, resolve(session, "pods"), None, " ".join(words))
    resources, rest = resolve(session, words[0]), words[1:]
    name = rest[0] if len(rest) == 1 and _NAME.fullmatch(rest[0]) and isinstance(_only_term(rest[0]), Text) else None
    if name is not None and selection.has_several_namespaces:
        raise StreamError("an object cannot be found by name in several namespaces; give -n NAMESPACE")
    return _choices(session, selection, resources, name, "" if name else " ".join(rest))


def _parts(word: str) -> tuple[str, str, str]:
    return word.partition("/")


def _is_object(word: str) -> bool:
    kind, slash, name = _parts(word)
    return bool(slash) and _NAME.fullmatch(kind) is not None and _NAME.fullmatch(name) is not None


def _only_term(text: str) -> object:
    terms = parse(text).terms
    return terms[0] if len(terms) == 1 else None


def _choices(
    session: Session, selection: Selection, resources: Sequence[Resource], name: str | None, filter_text: str = ""
) -> list[LogChoice]:
    """One for each resource in each namespace. Raise StreamError."""
    names = session.names
    for resource in resources:
        if names is not None and not has_pods(resource, names):
            raise StreamError(
                f"{resource} have no pods, and so no logs; try pods, deployments, services, jobs or nodes"
            )
    query = (parse(filter_text) if filter_text else None) or None
    without_name = replace(selection, name=None)
    return [
        LogChoice(resource, asked.namespace, name, selection.label_selector, asked.fields, query)
        for resource in resources
        for asked in without_name.asked(resource, session)
    ]
