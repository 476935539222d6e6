"""Commands and webhooks: bounded in number, time and output."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from kwatch.base.limits import check_url
from kwatch.session.hook_actions import ActionFailed, Counted, Lane, notification, post, run_command
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
    go.set()
    wait_until(lambda: counted.so_far.done == 5)
    assert (counted.so_far.failed, failures) == (0, [])
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


class Receiver:
    """A server that keeps what is posted, and answers with one status after the other, or never."""

    def __init__(self, *statuses: int, hangs: threading.Event | None = None) -> None:
        self.posted: list[tuple[str, str, object]] = []
        waiting = [*statuses]
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.posted.append((self.path, self.headers["Content-Type"], json.loads(body)))
                if hangs is not None:
                    hangs.wait(60)
                    return
                self.send_response(waiting.pop(0))
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@contextmanager
def receiving(receiver: Receiver) -> Iterator[Receiver]:
    thread = threading.Thread(target=receiver.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join()


class Hurry(threading.Event):
    """Nobody waits for it."""

    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set()


def test_json_is_posted_again_to_a_server_that_fails() -> None:
    with receiving(Receiver(500, 503, 204)) as receiver:
        post(f"{receiver.url}/hook?token=x", b'{"a":1}', Hurry())
    assert receiver.posted == [("/hook?token=x", "application/json", {"a": 1})] * 3


def test_a_refusal_is_final_and_attempts_are_bounded() -> None:
    with receiving(Receiver(404)) as receiver, pytest.raises(ActionFailed, match=r"^status 404$"):
        post(receiver.url, b"{}", Hurry())
    assert len(receiver.posted) == 1
    with receiving(Receiver(500, 500, 500)) as receiver, pytest.raises(ActionFailed, match=r"^status 500$"):
        post(receiver.url, b"{}", Hurry())
    assert len(receiver.posted) == 3
    with pytest.raises(ActionFailed, match=r"^no answer: "):
        post("http://127.0.0.1:1", b"{}", Hurry())


def test_a_webhook_that_hangs_is_given_up() -> None:
    over = threading.Event()
    with receiving(Receiver(hangs=over)) as receiver:
        with pytest.raises(ActionFailed, match=r"^no answer"):
            post(receiver.url, b"{}", Hurry(), longest=0.2)
        over.set()
    assert len(receiver.posted) >= 1


@pytest.mark.parametrize("url", ["", "x", "ftp://a", "http://", "https://a b", "http://a:x", "https://é"])
def test_an_address_that_nothing_can_be_posted_to(url: str) -> None:
    with pytest.raises(ValueError, match="is no address to post to; write https://"):
        check_url(url)


def test_what_tells_the_terminal_is_one_sequence() -> None:
    assert notification("a;b\x1b]0;x\x07", {"TERM": "xterm"}) == "\x07\x1b]9;kwatch: a,b␛]0,x␇\x07"
    assert notification("a", {"TERM": "foot"}) == "\x07\x1b]777;notify;kwatch;a\x07"
