"""Lines of containers' logs, as screens and plain output show them: cleaned, cut, JSON folded. All of it pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from kwatch.base.finding import Finder
from kwatch.base.printable import printable
from kwatch.base.timestamp import parse_timestamp, timestamp

NANO = 1_000_000_000
LONGEST = 10_000
"""Characters of a line that are shown; the end of it says how many more there are."""


class Mark(Enum):
    """What a line is that no container wrote."""

    JOINED = auto()
    """A container's log begins; not said of those that were there at first."""
    RESTARTED = auto()
    """From here on it is the container's next run."""
    ENDED = auto()
    """The container has ended, or its pod is gone."""
    RESUMED = auto()
    """The connection had broken; nothing is missing, nothing twice."""
    GAP = auto()
    """Lines are missing; the text says how many."""
    TROUBLE = auto()
    """The log cannot be had."""
    LINE = auto()
    """Drawn by the user, who wants to see what comes after it."""


class LogSource(NamedTuple):
    """Whose log it is."""

    namespace: str
    pod: str
    container: str
    context: str = ""
    """Where there are several."""

    def __str__(self) -> str:
        where = f"{self.context} " if self.context else ""
        return f"{where}{self.namespace}/{self.pod} {self.container}"


class LogLine(NamedTuple):
    """`at`: nanoseconds since the epoch by the node's clock; of a line without a time, that of the line before.

    `text` is as the container wrote it, without its end: show it through `clean`. With a `mark` it is kwatch's.
    """

    at: int
    source: LogSource
    text: str
    mark: Mark | None = None

    @property
    def timestamp(self) -> str:
        """`2026-12-01T08:14:13.000000001Z`."""
        return nano_timestamp(self.at)


def split_time(line: str) -> tuple[int, str]:
    """The time at the beginning of a line, in nanoseconds since the epoch, and the rest; 0 and all of it if it has
    none.
    """
    stamp, _, rest = line.partition(" ")
    if len(stamp) < 20 or stamp[10] != "T":
        return 0, line
    end = len(stamp) - 1 if stamp[-1] == "Z" else len(stamp) - 6
    digits = stamp[20:end]
    if digits and not (digits.isascii() and digits.isdecimal() and stamp[19] == "."):
        return 0, line
    second = _second(stamp[:19] + stamp[end:])
    if second is None:
        return 0, line
    return second * NANO + int(f"{digits:0<9.9}"), rest


@lru_cache(maxsize=4096)
def _second(stamp: str) -> int | None:
    try:
        return int(parse_timestamp(stamp))
    except ValueError:
        return None


def nano_timestamp(at: int) -> str:
    """`2026-12-01T08:14:13.000000001Z`."""
    return f"{timestamp(at // NANO)[:-1]}.{at % NANO:09d}Z"


_OF_TEMPLATE = re.compile(r"(.+)-(?:[0-9a-f]{8,10}|[bcdfghjklmnpqrstvwxz2456789]{8,10})(-[a-z0-9]{5})")
"""The name of a deployment's pod: the hash in it is that of the template."""


def short_pod(name: str) -> str:
    """`cart-x7k2p` of `cart-5d4f8c7b9d-x7k2p`: without what all pods of a revision have in common."""
    found = _OF_TEMPLATE.fullmatch(name)
    return found[1] + found[2] if found is not None else name


_ESCAPES = re.compile(
    r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][0-9A-Za-z]|\x1b[=>78cDEHM]"
)


def clean(text: str, longest: int = LONGEST) -> str:
    """One line that is safe to print: without the terminal's codes, controls made visible, and cut, with the number of
    characters that were cut.
    """
    if not text.isprintable():
        if "\x1b" in text:
            text = _ESCAPES.sub("", text)
        text = printable(text.replace("\t", "    "))
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text) - longest:,} characters more)"


class LogLevel(Enum):
    """How bad it is."""

    DEBUG = auto()
    INFO = auto()
    WARNING = auto()
    ERROR = auto()


_LEVEL_WORDS = {
    **dict.fromkeys(("trace", "debug", "dbg", "verbose", "finest", "finer", "fine"), LogLevel.DEBUG),
    **dict.fromkeys(("info", "inf", "information", "informational", "notice", "log"), LogLevel.INFO),
    **dict.fromkeys(("warn", "warning", "wrn"), LogLevel.WARNING),
    **dict.fromkeys(
        ("error", "err", "eror", "severe", "fatal", "critical", "crit", "panic", "dpanic", "alert", "emerg"),
        LogLevel.ERROR,
    ),
    **dict.fromkeys(("emergency",), LogLevel.ERROR),
}
_SEARCHED = re.compile(
    r"\b(?:level|lvl|severity)=\"?(?P<pair>[A-Za-z]+)"
    r"|^(?P<klog>[IWEF])\d{4} \d\d:\d\d:\d\d"
    r"|\b(?P<word>ERROR|FATAL|PANIC|CRITICAL|SEVERE|Error|error|fatal|panic|WARN(?:ING)?|Warning|warn|INFO|DEBUG|TRACE)\b"
)
_KLOG = {"I": LogLevel.INFO, "W": LogLevel.WARNING, "E": LogLevel.ERROR, "F": LogLevel.ERROR}


def level_in(text: str) -> LogLevel | None:
    """The level that a line of plain text names; None if it names none."""
    found = _SEARCHED.search(text, 0, 2000)
    if found is None:
        return None
    if found["klog"]:
        return _KLOG[found["klog"]]
    return _LEVEL_WORDS.get((found["pair"] or found["word"]).lower())


_LEVELS = ("level", "lvl", "severity", "log.level", "levelname", "@level", "loglevel", "severity_text", "@l")
_MESSAGES = ("msg", "message", "@message", "@m", "event", "log", "text", "short_message", "body")
_TIMES = frozenset(("time", "ts", "timestamp", "@timestamp", "@t", "t", "datetime", "asctime"))


class FoldedPart(Enum):
    """What a piece of a folded line is."""

    LEVEL = auto()
    MESSAGE = auto()
    KEY = auto()
    VALUE = auto()


@dataclass(frozen=True, slots=True)
class Folded:
    """What a line of JSON says. `word` is its level as it is written there; `fields` in their order, without level,
    message and time; what is nested is JSON.
    """

    level: LogLevel | None
    word: str
    message: str
    time: str
    fields: tuple[tuple[str, str], ...]

    @property
    def pieces(self) -> Iterator[tuple[FoldedPart, str]]:
        """Its text in pieces, safe to print."""
        if self.word:
            yield FoldedPart.LEVEL, clean(self.word.upper())
        if self.message:
            yield FoldedPart.MESSAGE, f"{' ' if self.word else ''}{clean(self.message)}"
        gap = "  " if self.word or self.message else ""
        for key, value in self.fields:
            yield FoldedPart.KEY, f"{gap}{clean(key)}="
            yield FoldedPart.VALUE, clean(_quoted(value))
            gap = " "

    @property
    def text(self) -> str:
        """`ERROR cannot connect  host=db attempt=3`: the level and the message first; safe to print."""
        return "".join(text for _, text in self.pieces)


def shown_text(text: str) -> str:
    """A line as it is shown: JSON folded, safe to print."""
    folded = fold(text)
    return clean(text) if folded is None else folded.text


def fold(text: str) -> Folded | None:
    """A line that is one JSON object; None for any other."""
    stripped = text.strip()
    if not (stripped.startswith("{") and stripped.endswith("}")):
        return None
    try:
        tree: Any = msgspec.json.decode(stripped)
    except (ValueError, RecursionError):
        return None
    if not isinstance(tree, dict) or not tree:
        return None
    names = {key.lower(): key for key in reversed(tree)}
    level = next((names[each] for each in _LEVELS if isinstance(tree.get(names.get(each)), str | int | float)), None)
    message = next((names[each] for each in _MESSAGES if isinstance(tree.get(names.get(each)), str)), None)
    time = next((key for key in tree if key.lower() in _TIMES and isinstance(tree[key], str | int | float)), None)
    value, word = (None, "") if level is None else _level(tree[level])
    shown = {key: _written(each) for key, each in tree.items() if key not in (level, message, time)}
    return Folded(
        value,
        word,
        "" if message is None else tree[message],
        "" if time is None else _written(tree[time]),
        tuple(shown.items()),
    )


def _level(value: str | float) -> tuple[LogLevel | None, str]:
    """A level and its word; of the numbers of bunyan and pino, the word that they stand for."""
    if isinstance(value, str):
        return _LEVEL_WORDS.get(value.lower()), value
    steps: Mapping[int, str] = {10: "trace", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal"}
    word = steps.get(int(value)) if value == value and abs(value) < 1000 else None
    return (_LEVEL_WORDS[word], word) if word else (None, _written(value))


def _written(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _quoted(value: str) -> str:
    is_plain = value and (value[0] in "[{" or not any(each in value for each in ' "='))
    return value if is_plain else msgspec.json.encode(value).decode()


LONGEST_LABEL = 28
_MADE_UP = 5
"""Characters that controllers append to the names of pods."""


def short_labels(sources: Sequence[LogSource]) -> dict[LogSource, str]:
    """What tells containers apart, as short as will do: of a pod's name what no controller made up, or only that; the
    container where a pod has several; the context first where there are several. Empty for a single one.
    """
    if len(sources) < 2:
        return dict.fromkeys(sources, "")
    pods = {(each.context, each.namespace, each.pod) for each in sources}
    is_one_owner = len({_owned(name)[0] for _, _, name in pods}) == 1
    names = {pod: _short_name(pod[-1], is_one_owner=is_one_owner) for pod in pods}
    often = Counter((pod[0], name) for pod, name in names.items())
    containers = Counter((each.context, each.namespace, each.pod) for each in sources)
    shows_container = len(pods) == 1 or max(containers.values()) > 1
    shows_namespace = len({namespace for _, namespace, _ in pods}) > 1
    shows_context = len({context for context, _, _ in pods}) > 1
    labels = {}
    for each in sources:
        pod = names[each.context, each.namespace, each.pod]
        pod = each.pod if often[each.context, pod] > 1 else pod
        parts = (
            each.context if shows_context else "",
            each.namespace if shows_namespace else "",
            pod if len(pods) > 1 else "",
            each.container if shows_container else "",
        )
        label = "/".join(part for part in parts if part)
        over = len(label) - LONGEST_LABEL
        labels[each] = label if over <= 0 else "…" + label[over + 1 :]
    return labels


def _short_name(pod: str, *, is_one_owner: bool) -> str:
    owner, last = _owned(pod)
    if not last or last.isdecimal():
        return pod
    return last if is_one_owner else f"{owner}-{last}"


def _owned(pod: str) -> tuple[str, str]:
    """The owner's name and the end of the pod's: `cart` and `jpl8r` of cart-86c94ffb48-jpl8r; the name and nothing of a
    pod that nobody made.
    """
    head, _, last = pod.rpartition("-")
    if not head or (len(last) != _MADE_UP and not last.isdecimal()):
        return pod, ""
    before, _, template = head.rpartition("-")
    is_made_up = bool(before) and any(each.isdecimal() for each in template) and not last.isdecimal()
    return before if is_made_up else head, last


class LogFilter:
    """Which lines are shown: those in which `Finder` finds the text, or with `!` those in which it does not. Raise
    ValueError for an expression that is none.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.is_negated = text.startswith("!")
        self.finder = Finder(text.removeprefix("!"))

    def __bool__(self) -> bool:
        return bool(self.finder)

    def shows(self, line: LogLine, shown: str | None = None) -> bool:
        """Whether a container's line is to be shown, which looks like `shown`; what kwatch says between is always."""
        if line.mark is not None or not self.finder:
            return True
        is_found = self.finder.finds(line.text) or self.finder.finds(shown_text(line.text) if shown is None else shown)
        return is_found is not self.is_negated


def kept_lines(source: LogSource, lines: Iterable[str]) -> Iterator[LogLine]:
    """Lines that were kept with their times."""
    for line in lines:
        at, text = split_time(line)
        yield LogLine(at, source, text)
