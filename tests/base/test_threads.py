"""A thread whose work crashes says so, is counted, tells who waits, and goes on where it can."""

from __future__ import annotations

import ast
import logging
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import kwatch
from kwatch.base import threads
from kwatch.base.threads import LONGEST_PAUSE, Crashes, Thread, guard, report_threads_of_others, spawn

ROOT = Path(kwatch.__file__).parent
BEGINS_THREADS = {
    "Thread",
    "Timer",
    "ThreadPoolExecutor",
    "ProcessPoolExecutor",
    "start_new_thread",
    "to_thread",
    "run_in_executor",
    "Process",
}


def test_what_escapes_is_logged_with_its_traceback_counted_and_told(
    crashes: Crashes, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[BaseException] = []

    def work() -> None:
        raise LookupError("nobody foresaw this")

    with caplog.at_level(logging.ERROR, "kwatch"):
        spawn("kwatch-odd jobs", work, told.append).join(60)
    assert [str(error) for error in told] == ["nobody foresaw this"]
    assert (crashes.total, crashes.counts) == (1, {"odd jobs": 1})
    assert [str(crash) for crash in crashes.latest] == ["internal error in odd jobs: LookupError: nobody foresaw this"]
    [record] = caplog.records
    assert record.exc_info is not None
    assert record.exc_info[0] is LookupError


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), MemoryError(), GeneratorExit()])
def test_no_exception_is_too_special(crashes: Crashes, error: BaseException) -> None:
    def work() -> None:
        raise error

    spawn("kwatch-work", work).join(60)
    assert crashes.total == 1


def test_work_begins_anew_after_growing_pauses_until_it_is_told_to_end(crashes: Crashes) -> None:
    stop, pauses, runs = threading.Event(), list[float](), [0]

    def work() -> None:
        runs[0] += 1
        if runs[0] == 12:
            return
        raise ValueError("again")

    def wait(event: threading.Event, seconds: float) -> bool:
        pauses.append(seconds)
        return event.is_set()

    spawn("kwatch-work", work, until=stop, wait=wait).join(60)
    assert runs == [12]
    assert pauses[:4] == [0.25, 0.5, 1.0, 2.0]
    assert pauses[-1] == LONGEST_PAUSE
    assert all(crash.goes_on for crash in crashes.latest)


def test_a_stop_ends_the_pause(crashes: Crashes) -> None:
    stop, failed = threading.Event(), threading.Event()

    def work() -> None:
        failed.set()
        raise ValueError("again")

    thread = spawn("kwatch-work", work, until=stop, wait=lambda event, seconds: event.wait(60))
    assert failed.wait(60)
    stop.set()
    thread.join(60)
    assert not thread.is_alive()


def test_who_is_told_may_crash_too(crashes: Crashes) -> None:
    def fail(*_: object) -> None:
        raise KeyError("twice")

    assert not guard("kwatch-work", fail, fail)
    assert crashes.total == 2


def test_where_no_thread_can_be_started_who_waits_is_told_at_once(
    crashes: Crashes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    told: list[BaseException] = []
    thread = spawn("kwatch-work", lambda: None, told.append)
    assert [str(error) for error in told] == ["can't start new thread"]
    assert not thread.is_alive()
    assert crashes.latest[-1].reason == "RuntimeError: can't start new thread"


def test_a_thread_begins_once() -> None:
    thread = Thread("kwatch-work", lambda: None)
    thread.start()
    thread.join(60)
    with pytest.raises(RuntimeError, match="was started before"):
        thread.start()


def test_only_the_last_crashes_are_remembered_but_all_are_counted(crashes: Crashes) -> None:
    def fail(number: int) -> None:
        raise ValueError(f"{number}\n" + "x" * 500)

    for number in range(100):
        guard("kwatch-work", lambda number=number: fail(number))  # type: ignore[misc]
    assert (crashes.total, len(crashes.latest)) == (100, threads.KEPT)
    assert crashes.latest[-1].reason.startswith("ValueError: 99 xxx")
    assert len(crashes.latest[-1].reason) < 250


def test_what_escapes_from_a_librarys_thread_is_counted_too(
    crashes: Crashes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    report_threads_of_others()

    def fail() -> None:
        raise ValueError("not ours")

    other = threading.Thread(target=fail, name="of a library")
    other.start()
    other.join(60)
    assert [str(crash) for crash in crashes.latest] == ["internal error in of a library: ValueError: not ours"]
    assert capsys.readouterr().err == ""


def test_no_thread_begins_anywhere_else() -> None:
    """The simulator is another process, whose threads are a web server's."""
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted(ROOT.rglob("*.py"))
        if path.relative_to(ROOT).parts[0] not in ("base", "simulator")
        for number in _beginnings(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


def _beginnings(tree: ast.AST) -> list[int]:
    """Lines that start a thread, or import what starts some, from anywhere but kwatch.base.threads."""
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module != "kwatch.base.threads":
            library = (node.module or "").partition(".")[0]
            foreign = library in ("concurrent", "multiprocessing", "_thread")
            # Textual's Timer is a task.
            if foreign or (library != "textual" and {each.name for each in node.names} & BEGINS_THREADS):
                lines.append(node.lineno)
        elif isinstance(node, ast.ClassDef):
            lines += [node.lineno for base in node.bases if getattr(base, "attr", "") in BEGINS_THREADS]
        elif isinstance(node, ast.Import):
            if {each.name.partition(".")[0] for each in node.names} & {"concurrent", "multiprocessing", "_thread"}:
                lines.append(node.lineno)
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr in BEGINS_THREADS:
                lines.append(node.lineno)
            # Textual's workers: `run_worker(..., thread=True)`, `@work(thread=True)`.
            if any(each.arg == "thread" and not _is_false(each.value) for each in node.keywords):
                lines.append(node.lineno)
    return lines


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


@pytest.mark.parametrize(
    "code",
    [
        "import threading\nthreading.Thread(target=print).start()",
        "import threading as t\nt.Timer(1, print)",
        "from threading import Thread",
        "class Mine(threading.Thread): pass",
        "from concurrent.futures import ThreadPoolExecutor",
        "import multiprocessing",
        "import _thread",
        "loop.run_in_executor(None, print)",
        "asyncio.to_thread(print)",
        "self.run_worker(work, thread=True)",
    ],
)
def test_the_test_above_sees_it(code: str) -> None:
    assert _beginnings(ast.parse(code))


UNFREED = """
import atexit, os, sys
class Object:
    def __del__(self): os.write(1, b"freed one by one ")
kept = [Object()]
atexit.register(lambda: os.write(1, b"cleaned up "))
sys.stdout.write("said ")
sys.argv = ["kwatch", "--version"]
{end}
"""


@pytest.mark.parametrize(
    "end",
    [
        "from kwatch.base.threads import end_process; sys.stdout.flush(); end_process(3)",
        "from kwatch.__main__ import main; main()",
    ],
    ids=["the process", "the program"],
)
def test_at_the_end_nothing_is_freed_but_everything_is_said_and_cleaned_up(end: str) -> None:
    """Of 100,000 objects that takes three seconds."""
    done = subprocess.run(
        [sys.executable, "-c", UNFREED.format(end=end)], capture_output=True, text=True, timeout=60, check=False
    )
    assert "freed" not in done.stdout
    assert "cleaned up" in done.stdout and "said" in done.stdout
    assert (done.returncode, done.stderr) == (3 if "3" in end else 0, "")
