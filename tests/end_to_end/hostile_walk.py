"""A walk through every screen, completion and toast on the hostile server.

`python -m tests.end_to_end.hostile_walk` goes the long way, in several sizes: some minutes.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.end_to_end.foreign import in_print, on_screen
from tests.end_to_end.hostile import HostileServer
from tests.end_to_end.program import Program
from tests.end_to_end.terminal import Terminal

Step = tuple[str, ...]
"""Keys pressed one after the other."""

TABS = ("d", "y", "v", "e", "r", "l", "T", "H", "X")
FILTERS = ("app=", "image:", "status:", "owner:", "ns:", "node:", ".metadata.labels.", "~", "zzz[bold]q[/]", "/((")
COMMANDS = (
    "ctx",
    "ns",
    "theme",
    "nosuch",
    "evil",
    "view [bold]x",
    "theme [bold]x[/bold]",
    "export /nonexist/[b]x",
    "po @nope",
)
KINDS = ("nodes", "svc", "secrets", "cm", "events", "deploy", "widgets", "namespaces", "all", "pods,svc")
HERE = ("escape", "escape", "escape", "escape")


def _steps(kinds: Iterable[str], rows: int) -> Iterator[Step]:
    yield ("ctrl+w",)
    yield ("S", "A", "N", "0")
    for _ in range(rows):
        for tab in TABS:
            yield (tab,)
            yield ("j", "enter", "G", "c", "/", "A", "enter", *HERE)
        yield ("j",)
    yield ("space", "space", "c")
    yield from ((key, *HERE) for key in ("o", "J"))
    for filter_ in FILTERS:
        yield ("/", filter_, "tab")
        yield ("tab", "enter", *HERE)
    for command in COMMANDS:
        yield (":", command, "tab")
        yield ("tab", "enter", "j", *HERE)
    for screen in (("D", "k", "enter"), ("i", "j", "enter", "j", "enter"), ("I",), ("?", "G"), ("!", "j", "enter")):
        yield screen
        yield HERE
    yield from (("m",), ("M", "j", "enter", "g", "j"), HERE, ("t", "left", "left", "d"), HERE, ("end", *HERE))
    for kind in kinds:
        yield (":", kind, "enter")
        yield ("j", "enter", "enter", *HERE)
        yield (":", kind, "enter")
        yield ("j", "d", "escape", "y", "escape", "v", *HERE)
    yield (":", "ctx c", "tab")
    yield ("enter", "j", "enter")


SHORT = tuple(_steps(("nodes", "secrets", "widgets", "all"), 1))
LONG = tuple(_steps(KINDS, 5))
FORMATS = (
    ("pods", "-A", "-o", "wide", "--show-labels", "-L", "app"),
    ("pods", "-o", "json"),
    ("pods", "-o", "yaml"),
    ("pods", "-o", "jsonpath={.items[*]}"),
    ("pods", "-o", "custom-columns=A:.metadata.name,B:.metadata"),
    ("widgets", "-A", "-o", "wide"),
    ("nosuch\x1b[31;77m\x9b2J",),
    ("pods/\x1b[31;77m\x9b2J",),
)
"""What is printed without a screen, with `--until-synced`."""


def walk(terminal: Terminal, steps: Iterable[Step], *, quiet: float, most: float) -> None:
    """Press the keys of each step, and let the screen come to rest, for `most` seconds if it does not."""
    for step in steps:
        terminal.press(*step)
        deadline, length = time.monotonic() + most, -1
        while length != len(terminal.raw) and time.monotonic() < deadline:
            length = len(terminal.raw)
            time.sleep(quiet)
        assert terminal.process.poll() is None, f"it ended after {step}:\n{terminal.text()}"


def printed(program: Program, words: Step) -> bytes:
    """What a command prints on a terminal."""
    with program.start(*words, "--until-synced", columns=200) as terminal:
        terminal.wait_for_exit()
    return bytes(terminal.raw)


def main() -> int:
    """The long way; 1 if anything foreign was written."""
    count = 0
    with tempfile.TemporaryDirectory() as home, HostileServer() as server:
        program = Program(Path(home))
        server.write_kubeconfig(program.kubeconfig)
        for columns, rows in ((120, 36), (80, 24), (200, 60), (30, 10)):
            with program.start("pods", columns=columns, rows=rows) as terminal:
                terminal.wait_for("pod1-A")
                walk(terminal, LONG, quiet=0.3, most=1.5)
                terminal.press("ctrl+c")
                terminal.wait_for_exit()
            found = on_screen(bytes(terminal.raw))
            count += len(found)
            sys.stdout.write(f"{columns}x{rows}: {len(terminal.raw):,} bytes, {len(found)} foreign {found[:5]}\n")
        for words in FORMATS:
            found = in_print(printed(program, words))
            count += len(found)
            sys.stdout.write(f"{words!r}: {len(found)} foreign {found[:5]}\n")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
