"""Random keys, mouse, pastes and sizes against the real program; a seed repeats what was done.

    python -m tests.end_to_end.random_driver SEED COLUMNS ROWS SECONDS [WORDS OF KWATCH...]

Whatever is done, the program goes on: no traceback, no thread that died, no answer later than PATIENCE, a screen that
equals its own full repaint, and at the end the terminal as it was, with exit code 0.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

import yaml

from tests.end_to_end.program import Program
from tests.end_to_end.terminal import Terminal

PATIENCE = 5.0
"""Seconds until the program must have answered."""
LONGEST_WAIT = 120.0
"""The same when the machine is busy with other things."""
REST = 6.0
"""Seconds: toasts, glows, signs and rows of what is gone are there for less."""
FAULTS = (
    "reset=0.003,half-json=0.002,410=0.003,429=0.01,503=0.01,slow=0.05,restart=0.01,silence=0.0005,no-bookmark=0.02"
)
MOVING = "jkgG \r\x06\x02"
ARROWS = ("A", "B", "C", "D", "H", "F", "5~", "6~", "1;2A", "1;2B", "1;2C", "1;2D", "1;5C", "1;5D")
COMMANDS = "?dyvTerlpoJDIitmMNASUOcw[]-0123456789!afgnx<>h.,;@" + "\x17\x13\x10\x0c\x12\x0e\x15\x04\x07\x1a\x7f\x18"
FUNCTIONS = ("\x1bOP", "\x1bOQ", "\x1b[15~", "\x1b[3~", "\x1b[Z")
LINES = (
    *("pods", "deploy", "nodes", "svc", "all", "pods,svc", "secrets", "events", "crd", "widgets", "jobs,cronjobs -A"),
    *("ns", "ctx", "theme", "informers", "deltas", "problems", "help", "since", "changes", "baseline", "indexes"),
    *("at -1m", "at 00:00", "at xx", "at 99:99", "play", "pause", "speed 10", "speed 1e309", "idle 5", "idle nan"),
    *("view a", "view ../x", "cm shop", "pods shop /cart", "deploy -l tier=web", "po @nope", "theme nord", "theme zzz"),
    *(
        "ns shop",
        "hpa",
        "pvc",
        "netpol",
        "pods -n",
        "foo bar",
        "*",
        "-A",
        ",",
        ", ,",
        "@",
        "/",
        "pods,,svc",
        " ",
        "  x",
    ),
    *("theme terminal", "export x.kwatch", "export ~nobody/x", "baseline clear", "since -1m", "ns nope", "redraw"),
    *("ctx other", "ctx dead", "ctx nope", "po @other", "deploy @dead"),
)
FILTERS = (
    *("app=cart", "restarts>0", "owner:deploy/cart", ".spec.nodeName=worker-1", "~image", "~", "deleted", "unhealthy"),
    *("/^c.*/", "/(((/", "!", '""', '"', "'", "app in (a,b)", "app in (", "age<10m", "cpu>500m", "node:worker*", "."),
    *("~status.phase:Running>Failed since:10m", ".a[*].b>1", ".[", "~[*]", "since:", "since:1e999", "x" * 300, "é世界"),
    *(
        "\u202e",
        "image:nginx*",
        "/(a+)+$/",
        "!!app",
        "a b c",
        "status:Running",
        "!status:Running",
        "restarts>",
        "marked",
    ),
)
PASTES = (
    "hello",
    "a\nb\nc",
    "\x1b[31mred",
    "x" * 5000,
    "[bold]x[/bold]",
    "\0\1",
    ":ns\n\n\n",
    "é́世",
    "a\tb",
    ":pods\n",
)
BROKEN = (
    *(b"\x1b[M !!", b"\xc2\x80", b"\xf3\xa0\x81\x81", b"\x1b[", b"\x1b]", b"\x1b[99;99u", b"\x1b[<", b"\xff", b"\x1bO"),
    *(b"\x1b[<999999;1;1M", b"\x1b[I", b"\x1b[O", b"\xc2\x9b31m", b"\x1b[27;5;9~", b"\x1b[57399u", b"\xe4\xf6\xfc"),
)
OPENING = ("d", "y", "v", "T", "e", "r", "l", "p", "?", "I", "D", "M", "!", "i", "t", "\r", "\x10")
LISTS = ("ns", "ctx", "theme", "views")
SIZES = ((80, 24), (200, 60), (40, 10), (20, 5), (1, 1), (300, 100))
UNSEEN = "\u2622"
"""What a cell shows that was not painted again."""
MOVES_BY_ITSELF = re.compile(".{3}▌|┃|▶ playing")
"""Toasts come and go, with what lies below them; so does what the first line says of the connection, and the track of
the time bar goes on.
"""
FADES = re.compile(r"^[▌ ] ?- |, \d+ deleted")
"""What stands there of deleted objects goes after some seconds."""
_NUMBERS = re.compile(
    r", \d+ deleted|[\d.,:]+ ?(?:ms|s|m|h|d|y)?\d*|ago|[\s\u2580-\u259f·●▲◌✗]+"
    "|backing off|watching|listing|streaming|reconnecting"
)


T = TypeVar("T")


class Action(NamedTuple):
    """Bytes to send, or a size to have; and how long to look then, in seconds."""

    sent: bytes = b""
    size: tuple[int, int] | None = None
    pause: float = 0.1


class Chance:
    """What is done next."""

    def __init__(self, seed: int, columns: int, rows: int) -> None:
        self._random = random.Random(seed)
        self._columns, self._rows = columns, rows
        self._kinds: tuple[tuple[float, Callable[[], Action]], ...] = (
            (24, self._moves),
            (22, self._commands),
            (10, self._hurries),
            (6, lambda: Action(b"\x1b")),
            (12, self._types_a_command),
            (7, self._types_a_filter),
            (8, self._clicks),
            (6, self._drags),
            (3, lambda: self._sends(f"\x1b[200~{self._one(PASTES)}\x1b[201~")),
            (1.5, self._resizes),
            (1.5, lambda: Action(self._one(BROKEN))),
            (1, self._scribbles),
        )

    def next(self) -> Action:
        """Another one each time; the same ones for the same seed."""
        ((_, kind),) = self._random.choices(self._kinds, [weight for weight, _ in self._kinds])
        return kind()._replace(pause=self._random.choice((0.0, 0.02, 0.05, 0.1, 0.4)))

    def _one(self, things: Sequence[T]) -> T:
        return self._random.choice(things)

    def _sends(self, text: str) -> Action:
        return Action(text.encode("utf-8", "surrogateescape"))

    def _moves(self) -> Action:
        key = self._one(tuple(MOVING) + tuple(f"\x1b[{arrow}" for arrow in ARROWS))
        return self._sends(key * self._random.choice((1, 1, 1, 2, 5)))

    def _commands(self) -> Action:
        return self._sends(self._one((*COMMANDS, *FUNCTIONS)) * self._random.choice((1, 1, 1, 2)))

    def _hurries(self) -> Action:
        """A screen or a list is opened, and before it is there, something else is pressed or clicked."""
        opens = self._one((*OPENING, *(f":{each}\r" for each in LISTS)))
        then = self._one((*OPENING, "\t", "\x1b", "\x1b\x1b", "\r\r", "\r\x1b", ":", "/"))
        x = self._random.randrange(1, self._columns + 1)
        click = f"\x1b[<0;{x};{self._rows}M\x1b[<0;{x};{self._rows}m"
        return self._sends(opens + self._one((then, then * 2, click * 3)))

    def _types_a_command(self) -> Action:
        line = self._one((self._one(LINES), self._one(LISTS)))
        ending = self._one(("\r", "\r", "\r", "\r\r\r", "\t", "\x1b", "", "\t\r", "\x1b[A\r"))
        return self._sends(f":{line}{ending}")

    def _types_a_filter(self) -> Action:
        return self._sends(f"/{self._one(FILTERS)}" + self._one(("\r", "\r", "\r", "\t", "\x1b", "", "\x13", "\x1b[A")))

    def _place(self) -> tuple[int, int]:
        return self._random.randrange(1, self._columns + 3), self._random.randrange(1, self._rows + 3)

    def _clicks(self) -> Action:
        sent = ""
        for _ in range(self._random.choice((1, 1, 2, 4))):
            button, (x, y) = self._one((0, 0, 0, 2, 35, 64, 65, 66, 67, 4, 16, 8, 1)), self._place()
            y = self._random.choice((y, y, self._rows))
            sent += f"\x1b[<{button};{x};{y}M" + (f"\x1b[<{button};{x};{y}m" if button < 32 else "")
        return self._sends(sent)

    def _drags(self) -> Action:
        opens = self._one(("", "", "y", "d", "v", "l", "?"))
        places = [self._place() for _ in range(self._random.choice((2, 3, 6)))]
        moves = "".join(f"\x1b[<32;{x};{y}M" for x, y in places[1:])
        (x, y), (to_x, to_y) = places[0], places[-1]
        return self._sends(
            f"{opens}\x1b[<0;{x};{y}M{moves}" + (f"\x1b[<0;{to_x};{to_y}m" if self._random.random() < 0.9 else "")
        )

    def _resizes(self) -> Action:
        any_size = (self._random.randrange(1, 250), self._random.randrange(1, 80))
        return Action(size=self._random.choice((*SIZES, (self._columns, self._rows), any_size)))

    def _scribbles(self) -> Action:
        letters = [chr(self._random.randrange(32, 127)) for _ in range(self._random.randrange(1, 8))]
        return self._sends("".join(letters).replace("q", "j"))


class Run:
    """One program after the other on a terminal, until the time is over; what went wrong is told."""

    def __init__(
        self, program: Program, simulator: int, seed: int, columns: int, rows: int, words: Sequence[str]
    ) -> None:
        self.found: list[str] = []
        self._program = program
        self._simulator = simulator
        self._chance = Chance(seed, columns, rows)
        self._size = columns, rows
        self._words = words
        self._log = program.home / "kwatch.log"
        self._done: deque[str] = deque(maxlen=40)
        self._count = 0

    def drive(self, seconds: float) -> list[str]:
        """Do what comes to mind for so long; a sentence for each thing that went wrong."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and len(self.found) < 20:
            columns, rows = self._size
            with self._program.start(*self._words, columns=columns, rows=rows) as terminal:
                terminal.wait_for("quit", timeout=60)
                while time.monotonic() < deadline and terminal.process.poll() is None:
                    self._act(terminal)
                    if self._count % 240 == 0:
                        self._check_painting(terminal)
                    if self._count % 160 == 0:
                        self._check_answer(terminal)
                self._check_painting(terminal)
                self._check_end(terminal)
        self._check_log()
        return self.found

    def _act(self, terminal: Terminal) -> None:
        action = self._chance.next()
        self._count += 1
        self._done.append(str(action.size or action.sent))
        try:
            if action.size is not None:
                terminal.resize(*action.size)
            else:
                terminal.send(action.sent)
        except OSError:
            return  # it has just ended
        time.sleep(action.pause)

    def _check_answer(self, terminal: Terminal) -> None:
        """Escape leads back to the table, and ? to the help; soon, once what was typed before is worked on."""
        self._restore_size(terminal)
        for judged in (False, True):
            for _ in range(10):
                terminal.send(b"\x1b")
                time.sleep(0.1)
            began = _processor_time(terminal)
            terminal.send(b"?")
            came = self._comes(terminal, lambda: " help " in terminal.lines()[0], LONGEST_WAIT)
            took = _processor_time(terminal) - began
            if not came:
                self._tell(terminal, f"? brings no help in {LONGEST_WAIT:.0f} s, {took:.1f} s of a processor")
                return
            if judged and took > PATIENCE:
                self._tell(terminal, f"? takes {took:.1f} s of a processor")
        terminal.send(b"\x1b")

    def _check_painting(self, terminal: Terminal) -> None:
        """With a cluster that stands still, the screen is what a repaint makes of it."""
        if terminal.process.poll() is not None:
            return
        self._restore_size(terminal)
        os.kill(self._simulator, signal.SIGSTOP)
        try:
            terminal.send(b"\x1b[<35;1;1M")  # the next key would take a tooltip away
            before = self._at_rest(terminal)
            if before is None or terminal.process.poll() is not None:
                return
            terminal.wipe(UNSEEN)
            terminal.send(b"\x0c")
            if not self._comes(
                terminal, lambda: terminal.text().strip() and UNSEEN not in terminal.text(), 4 * PATIENCE
            ):
                self._tell(terminal, "Ctrl-L leaves cells as they were")
                return
            after = self._after_silence(terminal)
            if terminal.process.poll() is not None:
                return
            for number, (one, other) in enumerate(zip(before[1:], after[1:], strict=True), 1):
                moves = MOVES_BY_ITSELF.search(one + other)
                if not moves and _without_numbers(one) != _without_numbers(other):
                    self._tell(terminal, f"line {number} was painted otherwise:\n-{one}\n+{other}")
                    return
        except OSError:
            return  # it has just ended
        finally:
            os.kill(self._simulator, signal.SIGCONT)

    def _at_rest(self, terminal: Terminal) -> list[str] | None:
        """The screen when it has been the same, but for numbers, for REST seconds, in which the program had nothing to
        do, and nothing on it is about to go; None if it never is.
        """
        lines, since, deadline = terminal.lines(), time.monotonic(), time.monotonic() + 4 * REST
        busy = _busy_time(terminal)
        while time.monotonic() < deadline:
            time.sleep(0.1)
            now = terminal.lines()
            if any(map(FADES.search, now)) or list(map(_without_numbers, now)) != list(map(_without_numbers, lines)):
                lines, since, busy = now, time.monotonic(), _busy_time(terminal)
            elif time.monotonic() - since > REST:
                if _busy_time(terminal) - busy < REST / 2:
                    return now
                since, busy = time.monotonic(), _busy_time(terminal)
        return None

    def _after_silence(self, terminal: Terminal) -> list[str]:
        """The screen as soon as nothing was written for a moment, and soon anyway: time goes on."""
        written, deadline = -1, time.monotonic() + 1.0
        while written != len(terminal.raw) and time.monotonic() < deadline:
            written = len(terminal.raw)
            time.sleep(0.1)
        return terminal.lines()

    def _check_end(self, terminal: Terminal) -> None:
        """Quit it, if it has not ended: the terminal is as it was, and nothing went wrong."""
        try:
            for _ in range(5):
                terminal.send(b"\x1b")
                time.sleep(0.1)
            terminal.send(b"\x03")
            if not self._comes(terminal, lambda: b"\x1b[?1049l" in terminal.raw, PATIENCE):
                terminal.send(b"\x03")  # the first one copied what was selected
        except OSError:
            pass
        try:
            code = terminal.wait_for_exit(4 * PATIENCE)
        except subprocess.TimeoutExpired:
            self._tell(terminal, "Ctrl-C does not quit")
            return
        terminal.wrote(b"\x1b[?1049l")
        told = bytes(terminal.raw).rpartition(b"\x1b[?1049l")[2].decode(errors="replace")
        if code != 0 or "Traceback" in told:
            self._tell(terminal, f"it ended with {code}{self._reports()}\n{told}")
        if terminal.modes() != terminal.modes_before:
            self._tell(terminal, "the terminal's modes are not as they were")
        states = {int(mode): state for mode, state in re.findall(rb"\x1b\[\?(\d+)([hl])", bytes(terminal.raw))}
        left_on = [mode for mode in (1049, 1000, 1003, 1006, 2004, 1004) if states.get(mode) == b"h"]
        if left_on or states.get(25) == b"l":
            self._tell(terminal, f"modes are left on, or the cursor hidden: {left_on}")

    def _reports(self) -> str:
        """What the program wrote of its mistakes."""
        reports = sorted((self._program.home / "config").glob("*.txt"))
        return "".join(f"\n{report.read_text()}" for report in reports)

    def _check_log(self) -> None:
        log = self._log.read_text(errors="replace") if self._log.exists() else ""
        if (start := log.find("Traceback")) >= 0:
            self.found.append(f"the log has a traceback:\n{log[start : start + 3000]}")

    def _restore_size(self, terminal: Terminal) -> None:
        if terminal.process.poll() is None:
            terminal.resize(*self._size)
            time.sleep(0.3)

    def _comes(self, terminal: Terminal, holds: Callable[[], object], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not holds():
            if terminal.process.poll() is not None:
                return True  # why is found out at the end
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def _tell(self, terminal: Terminal, what: str) -> None:
        done = "\n  ".join(self._done)
        lines = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        log = "\n  ".join([*(line for line in lines if "keys wait no more" in line), *lines[-20:]])
        self.found.append(
            f"after {self._count} actions {what}\nlast of them:\n  {done}\nscreen:\n{terminal.text()}\nlog:\n  {log}"
        )
        print(self.found[-1], flush=True)


def _processor_time(terminal: Terminal) -> float:
    """Seconds that the program has computed: the machine may be busy with other things."""
    try:
        fields = Path(f"/proc/{terminal.process.pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0  # it has ended
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _busy_time(terminal: Terminal) -> float:
    """Seconds in which its main thread has computed, or wanted to and other programs did."""
    try:
        run, waited, _ = Path(f"/proc/{terminal.process.pid}/schedstat").read_text().split()
    except (OSError, ValueError):
        return 0.0
    return (int(run) + int(waited)) / 1e9


def _without_numbers(line: str) -> str:
    """Nor the sign at its beginning, which fades after a while."""
    return _NUMBERS.sub("", line[3:])


@contextmanager
def simulator(program: Program, seed: int, objects: int = 150, rate: float = 60) -> Iterator[int]:
    """A simulated cluster with faults, in a process of its own; its id."""
    command = [sys.executable, "-m", "kwatch.simulator", "--seed", str(seed), "--faults", FAULTS]
    command += ["--objects", str(objects), "--rate", str(rate)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        program.kubeconfig.write_text(_with_more_contexts(json.loads(process.stdout.readline())["kubeconfig"]))
        try:
            yield process.pid
        finally:
            process.terminate()


def _with_more_contexts(kubeconfig: str) -> str:
    """The same cluster by another name, and one that is not there."""
    content = yaml.safe_load(Path(kubeconfig).read_text())
    (context,) = content["contexts"]
    content["clusters"].append({"name": "dead", "cluster": {"server": "https://127.0.0.1:1"}})
    content["contexts"] += [
        {"name": "other", "context": context["context"]},
        {"name": "dead", "context": {**context["context"], "cluster": "dead"}},
    ]
    return yaml.safe_dump(content)


def drive(
    home: Path, seed: int, columns: int, rows: int, seconds: float, words: Sequence[str] = ("pods", "-A")
) -> list[str]:
    """Start a cluster and the program, and drive it; what went wrong, in sentences."""
    program = Program(home)
    words = (*words, "--log-file", str(home / "kwatch.log"), "--history-budget", "32Mi")
    with simulator(program, seed) as process:
        return Run(program, process, seed, columns, rows, words).drive(seconds)


def main(seed: str, columns: str, rows: str, seconds: str, *words: str) -> int:
    """Tell what went wrong; 1 if anything did."""
    with tempfile.TemporaryDirectory() as home:
        found = drive(Path(home), int(seed), int(columns), int(rows), float(seconds), words or ("pods", "-A"))
        print(f"{len(found)} things went wrong with seed {seed} at {columns}x{rows}")
        return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
