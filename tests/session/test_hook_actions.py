"""Commands and webhooks: bounded in number, time and output."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from kwatch.session.hook_actions import ActionFailed, Counted, Lane, notification, run_command
from tests.waiting import wait_until

NEVER = threading.Event()


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def test_a_command_finds_the_object_on_its_stdin_and_words_around_it(tmp_path: Path) -> None:
    out = tmp_path / "out"
    code = f"import os, sys; open({str(out)!r}, 'w').write(sys.stdin.read() + os.environ['KWATCH_NAME'])"
    run_command(python(code), b'{"a":1}', {"KWATCH_NAME": "cart"}, NEVER)
    assert out.read_text() == '{"a":1}cart'


def test_a_command_that_fails_tells_its_last_line_safely() -> None:
    code = "print('x' * 200_000); print('\\x1b[31mno such host'); raise SystemExit(3)"
    with pytest.raises(ActionFailed, match=r"^exit code 3: "):
        run_command(python(code), b"", {}, NEVER)
    with pytest.raises(ActionFailed, match=r"^exit code 1: ␛\[31mno such host$"):
        run_command(python("print('\\x1b[31mno such host'); raise SystemExit(1)"), b"", {}, NEVER)
    with pytest.raises(ActionFailed, match="cannot be run: No such file"):
        run_command(("/no/such/program",), b"", {}, NEVER)


def test_a_command_that_goes_on_is_ended_with_all_that_it_began() -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"
    with pytest.raises(ActionFailed, match=r"^ended after 1 s$"):
        run_command(python(code), b"", {}, NEVER, longest=1.0)


def test_a_lane_does_a_few_at_once_and_leaves_out_what_is_too_much() -> None:
    lane, go, begun, failures = Lane("test", at_once=2, waiting=3), threading.Event(), [], list[str]()
    counted = Counted(failures.append)

    def act(stop: threading.Event) -> None:
        begun.append(1)
        go.wait(60)

    for _ in range(2):
        counted.do(lane, "x", act)
    wait_until(lambda: len(begun) == 2)
    for _ in range(5):
        counted.do(lane, "x", act)
    assert counted.so_far.skipped == 2
    assert failures == ["x: left out, and so is what comes next: 3 wait already"]
    go.set()
    wait_until(lambda: counted.so_far.done == 5)
    counted.do(lane, "x", act)
    assert (counted.so_far.failed, failures[1:]) == (0, ["2 actions were left out, too many came at once"])
    lane.stop()
    assert not lane.put(act)


def test_what_goes_wrong_is_counted_and_told() -> None:
    lane, failures = Lane("test"), list[str]()
    counted = Counted(failures.append)

    def fail(stop: threading.Event) -> None:
        raise ActionFailed("exit code 3: \x1b[31m")

    def crash(stop: threading.Event) -> None:
        raise KeyError("x")

    counted.do(lane, "page", fail)
    wait_until(lambda: counted.so_far.done == 1)
    counted.do(lane, "page", crash)
    wait_until(lambda: counted.so_far.done == 2)
    assert failures == ["page: exit code 3: ␛[31m", "page: KeyError: 'x'"]
    assert (counted.so_far.failed, counted.so_far.last_failure) == (2, failures[1])
    lane.stop()


def test_what_tells_the_terminal_is_one_sequence() -> None:
    assert notification("a;b\x1b]0;x\x07", {"TERM": "xterm"}) == "\x07\x1b]9;kwatch: a,b␛]0,x␇\x07"
    assert notification("a", {"TERM": "foot"}) == "\x07\x1b]777;notify;kwatch;a\x07"
