"""A mistake of kwatch itself: a report in a file, a sentence that says where, and never exit code 0.

Every command imports this: what only the writing of a report needs is imported there.
"""

from __future__ import annotations

import linecache
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

from kwatch import __version__
from kwatch.base.files import open_private
from kwatch.base.printable import printable_lines
from kwatch.base.threads import CRASHES

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
        "Words that are not the program's own are left out of messages (…): they may be secret.",
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
