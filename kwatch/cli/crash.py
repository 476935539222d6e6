"""What kwatch writes about itself: its own log, and a report of a mistake, with a sentence that says where, and never
exit code 0.

Every command imports this: what only the writing of a report needs is imported there.

And kwatch's own log: a file when asked for, else nowhere, never the screen.
"""

from __future__ import annotations

import linecache
import logging
import os
import platform
import re
import sys
import sysconfig
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from kwatch import __version__
from kwatch.base.files import NotPrivate, open_private
from kwatch.base.printable import printable, printable_lines
from kwatch.base.threads import CRASHES, reason_of
from kwatch.cli.arguments import LogArguments

_PACKAGE = Path(__file__).parent.parent
_WORD = re.compile(r"[\w-]+")
_LONGEST = 200_000
"""Characters of a report."""
_KEPT = 10
"""Reports that are kept."""
_PREFIX = "kwatch-crash-"
_OF_THE_INTERPRETER = """
    object has no attribute is not subscriptable iterable callable hashable unhashable type list tuple dict set str int
    float bytes bool NoneType None index out of range division by zero maximum recursion depth exceeded while calling a
    an in to the and or must be expected got missing required positional argument arguments unexpected keyword takes but
    was were given cannot unpack non too many values value values dictionary changed size during iteration invalid
    literal for with base could not convert codec can decode encode byte position unsupported operand operands between
    instances of instance supported local variable referenced before assignment name defined result large Python
    module named import from pop empty sequence item assignment does support comparing key
"""
"""Words that its messages are made of."""
_REASONS: Sequence[tuple[type[BaseException], str]] = (
    (RecursionError, "what was read is nested too deeply"),
    (MemoryError, "there is not enough memory"),
    (OverflowError, "a number is too large"),
)


def is_foreseen(error: BaseException) -> bool:
    """Whether its text is a sentence for the user: raised here as one, or by the system for a file or a connection."""
    if isinstance(error, OSError):
        return True
    frames = traceback.extract_tb(error.__traceback__)
    # What the library raises of itself, int("x") among it, is a ValueError too.
    return isinstance(error, ValueError) and (not frames or not frames[-1].line or frames[-1].line.startswith("raise"))


def tell_of(error: BaseException, *, facts: Sequence[str] = (), keep: Callable[[Path], str] = lambda path: "") -> str:
    """Write the report; the sentence. `facts` are lines for it. `keep(path)` saves what is remembered as a recording
    of that path, and says so in a sentence; an empty one if there is nothing.
    """
    what = next((reason for kind, reason in _REASONS if isinstance(error, kind)), "")
    sentence = what or f"internal error, {type(error).__name__} {_place(error)}".rstrip()
    text = report_of(error, facts)
    why = ""
    for folder in _folders():
        try:
            path = _write(folder, text)
        except (OSError, RuntimeError) as problem:
            why = why or getattr(problem, "strerror", None) or str(problem)
            continue
        kept = _kept(path.with_suffix(".kwatch"), keep)
        return f"{sentence}: the report is {path}" + (f"; {kept}" if kept else "")
    return f"{sentence}: no report could be written: {why}"


def report_of(error: BaseException, facts: Sequence[str] = ()) -> str:
    """What is known of a mistake. No values: neither variables, nor anything in a message that is no word of the
    program itself, for it may be a Secret's or a token.
    """
    trace = traceback.TracebackException.from_exception(error, compact=True)
    words = _words_of(trace)
    for each in _all(trace):
        vars(each)["_str"] = _only(words, str(vars(each).get("_str", "")))
        vars(each)["__notes__"] = None
        each.stack[:] = [frame if _is_code(frame.filename) else _bare(frame) for frame in each.stack]
    lines = [
        f"kwatch {__version__}, Python {platform.python_version()}, {platform.platform(terse=True)}",
        f"at {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}",
        f"flags {' '.join(_flags(sys.argv[1:])) or 'none'}",
        f"TERM={os.environ.get('TERM', '')} COLORTERM={os.environ.get('COLORTERM', '')}",
        *facts,
        *(f"before: {crash.work}: {_only(words, crash.reason)}" for crash in CRASHES.latest),
        "What is no word of the program is left out of messages (…): it may be a secret.",
        "",
        *trace.format(),
    ]
    text = printable_lines("\n".join(line.rstrip("\n") for line in lines) + "\n")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}\n...\n{text[-_LONGEST // 2 :]}"


def _all(trace: traceback.TracebackException) -> Iterator[traceback.TracebackException]:
    """It, and what led to it."""
    waiting = [trace]
    while waiting:
        each = waiting.pop()
        yield each
        waiting += [other for other in (each.__cause__, each.__context__) if other is not None]
        waiting += getattr(each, "exceptions", None) or []


def _words_of(trace: traceback.TracebackException) -> frozenset[str]:
    """The words of the modules in which it happened: what a message is made of, but for values."""
    files = {frame.filename for each in _all(trace) for frame in each.stack if _is_code(frame.filename)}
    text = "".join(line for file in files for line in linecache.getlines(file))
    return frozenset(_WORD.findall(text + _OF_THE_INTERPRETER))


def _is_code(file: str) -> bool:
    """Whether it belongs to kwatch, its libraries or Python: there are no secrets in its source."""
    parts = Path(file).parts
    of_python = sysconfig.get_path("stdlib")
    return "site-packages" in parts or file.startswith((str(_PACKAGE) + os.sep, of_python + os.sep))


def _bare(frame: traceback.FrameSummary) -> traceback.FrameSummary:
    """Where, but not what is written there."""
    return traceback.FrameSummary(frame.filename, frame.lineno, frame.name, lookup_line=False, line="")


def _only(words: frozenset[str], message: str) -> str:
    return _WORD.sub(lambda found: found[0] if found[0] in words else "…", message)


def _flags(words: Sequence[str]) -> Iterator[str]:
    """Their names without what was given to them."""
    for word in words:
        if word.startswith("--"):
            yield word.partition("=")[0]
        elif word.startswith("-") and len(word) > 1:
            yield word[:2]


def _place(error: BaseException) -> str:
    """Where it happened, of kwatch's own modules."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        with suppress(ValueError):
            return f"in {Path(frame.filename).relative_to(_PACKAGE)}:{frame.lineno}"
    return ""


def _folders() -> Iterator[Path]:
    from kwatch.config.locations import state_folder

    with suppress(ValueError):  # there is none
        own = state_folder()
        if own is not None:
            yield own
    with suppress(OSError):  # there is no place for temporary files either
        yield Path(tempfile.gettempdir())


def _write(folder: Path, text: str) -> Path:
    """The path of the report; older ones make room."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stem = f"{_PREFIX}{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
    path = folder / f"{stem}.txt"
    descriptor = open_private(path, os.O_WRONLY | os.O_EXCL)
    try:
        with open(descriptor, "w", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            file.write(text)
    except OSError:
        path.unlink(missing_ok=True)  # half a report
        raise
    reports = sorted(folder.glob(f"{_PREFIX}*.txt"))
    for old in reports[:-_KEPT]:
        with suppress(OSError):
            old.unlink()
            old.with_suffix(".kwatch").unlink(missing_ok=True)
    return path


def _kept(path: Path, keep: Callable[[Path], str]) -> str:
    try:
        return keep(path)
    except Exception as error:  # noqa: BLE001 - whatever it is: it must not hide the crash itself
        return f"what was remembered could not be saved: {type(error).__name__}"


_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def set_up_logging(arguments: LogArguments) -> LogFile | None:
    """Raise OSError when the file cannot be written. It is for its owner only: it names what a cluster holds.

    What libraries warn of goes the same way: they quote what a server sent, and would else write it to stderr.
    """
    root = logging.getLogger()
    if arguments.file is None:
        root.addHandler(logging.NullHandler())
        return None
    try:
        handler = LogFile(Path(arguments.file))
    except NotPrivate:
        raise  # whose text is a sentence
    except OSError as error:
        raise OSError(f"the log {arguments.file} cannot be written: {error.strerror}") from error
    root.addHandler(handler)
    logging.getLogger("kwatch").setLevel(arguments.level.upper())
    return handler


class LogFile(logging.Handler):
    """Every record is written at once. One that cannot be is counted: the library's own handlers print a traceback on
    stderr then, which is the screen. Thread-safe, as handlers are.
    """

    def __init__(self, path: Path) -> None:
        """Raise OSError."""
        super().__init__()
        self._path = path
        self._descriptor = open_private(path, os.O_WRONLY | os.O_APPEND)
        self._lost = 0
        self._reason = ""
        self.setFormatter(PrintableFormatter())

    @property
    def problem(self) -> str:
        """What is missing in the file, and why, in a sentence; empty if nothing is."""
        if not self._lost:
            return ""
        records = "a record is" if self._lost == 1 else f"{self._lost:,} records are"
        return f"{records} missing in the log {self._path}: {self._reason}"

    def emit(self, record: logging.LogRecord) -> None:
        """Write it; never raise."""
        try:
            data = f"{self.format(record)}\n".encode("utf-8", "backslashreplace")
            while data:
                data = data[os.write(self._descriptor, data) :]
        except Exception as error:  # noqa: BLE001 - a full disk, or arguments that do not fit the text of a record
            self._lost += 1
            self._reason = getattr(error, "strerror", None) or reason_of(error)

    def close(self) -> None:
        super().close()
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


class PrintableFormatter(logging.Formatter):
    """A record is one line, and nothing in it is obeyed by the terminal in which the file is read; a traceback follows
    line by line.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s [%(threadName)s] %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the traceback if there is one: not the text that another handler may have cached."""
        record.exc_text = None
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as logging names it
        return printable(super().formatMessage(record))

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - as logging names it
        """The traceback: what an error says may come from a cluster too."""
        return printable_lines(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - as logging names it
        return printable_lines(super().formatStack(stack_info))
