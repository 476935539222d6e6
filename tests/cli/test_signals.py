"""What a script is told of a command that a signal ended before there was an answer."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from kwatch.__main__ import main
from kwatch.cli import run, running
from kwatch.session.session import Session

Handlers = dict[int, Callable[[int, object], None]]


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> Handlers:
    found: Handlers = {}
    monkeypatch.setattr(signal, "signal", found.__setitem__)
    monkeypatch.setattr(signal, "getsignal", lambda number: signal.SIG_DFL)  # whatever began the tests, nohup say
    monkeypatch.setattr(running, "spawn", lambda *_: None)
    return found


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_the_exit_code_names_the_signal(number: int, code: int, handlers: Handlers) -> None:
    stop = threading.Event()
    signalled = running.stop_on_signals(stop)
    assert signalled() == 0
    handlers[number](number, None)
    assert (signalled(), stop.is_set()) == (code, True)


def test_nohup_is_obeyed(handlers: Handlers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "getsignal", lambda number: signal.SIG_IGN)
    running.stop_on_signals(threading.Event())
    assert set(handlers) == {signal.SIGINT, signal.SIGTERM}


def test_a_signal_before_that_ends_what_was_begun(handlers: Handlers, monkeypatch: pytest.MonkeyPatch) -> None:
    def waiting(words: object) -> int:
        handlers[signal.SIGHUP](signal.SIGHUP, None)
        return 0

    monkeypatch.setattr("kwatch.cli.run", waiting)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 129


WORDS: Iterable[tuple[str, ...]] = (
    ("pods", "--until-synced"),
    ("pods", "-o", "json"),
    ("history", "pod/x"),
    ("history", "pod/x", "--related"),
    ("record", "FILE", "pods"),
)


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_no_command_succeeds_when_it_is_ended_while_it_connects(
    words: tuple[str, ...], handlers: Handlers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file.kwatch"
    start = Session.start

    def connecting(session: Session, *_: Any) -> None:
        handlers[signal.SIGTERM](signal.SIGTERM, None)
        start(session)

    monkeypatch.setattr(Session, "start", connecting)
    code = run([word.replace("FILE", str(file)) for word in words] + ["--server", "http://127.0.0.1:1"])
    assert code == 143
    assert not file.exists()
