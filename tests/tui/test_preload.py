"""The first key finds imported what it needs: in an interpreter of its own, which has run no other test."""

from __future__ import annotations

import importlib
import subprocess
import sys
import threading

import pytest

from kwatch.tui.features.object.tabs import MODULES, TABS, preload

_WALK = """
import asyncio, sys, threading
from tests.tui.driving import running
from tests.tui.fakes import PODS, FakeSession, pod

async def walk():
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"))
    async with running(session) as person:
        await person.see("web-1")
        working = lambda: any(each.name == "kwatch-preload" for each in threading.enumerate())
        await person.until(lambda: MODULES <= set(sys.modules) and not working(), "everything is imported")
        before = set(sys.modules)
        await person.press("enter")
        await person.see("Overview")
        for key in "yvTerld":
            await person.press(key)
        print(*sorted(set(sys.modules) - before))

MODULES = {modules!r}
asyncio.run(walk())
"""


def test_the_object_and_its_tabs_are_there_before_the_first_key() -> None:
    code = _WALK.replace("{modules!r}", repr(set(MODULES)))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    kinds = "kwatch.catalog.kinds."  # one is imported when its first object is met
    assert [name for name in done.stdout.split() if name.startswith("kwatch.") and not name.startswith(kinds)] == []


def test_a_tab_imports_itself_and_no_other() -> None:
    """What a key does that comes before everything is preloaded."""
    code = "import sys, kwatch.tui.features.object.object_screen; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert not set(done.stdout.split()) & {tab.module for tab in TABS}


def test_what_is_preloaded_exists() -> None:
    assert all(importlib.import_module(module) for module in MODULES)


def test_it_ends_when_the_app_does(monkeypatch: pytest.MonkeyPatch) -> None:
    imported: list[str] = []
    monkeypatch.setattr("kwatch.tui.features.object.tabs.import_module", imported.append)
    stopped = threading.Event()
    stopped.set()
    preload(stopped, lambda: False)
    assert imported == []


def test_nothing_is_imported_while_somebody_is_at_the_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    imported: list[str] = []
    monkeypatch.setattr("kwatch.tui.features.object.tabs.import_module", imported.append)
    monkeypatch.setattr("kwatch.tui.features.object.tabs._LOOK", 0.0)
    busy = [True, True, True, False] * 2 + [False] * len(MODULES)
    seen: list[int] = []

    def is_busy() -> bool:
        seen.append(len(imported))
        return busy.pop(0)

    preload(threading.Event(), is_busy)
    assert imported == list(MODULES)
    assert seen[:8] == [0, 0, 0, 0, 1, 1, 1, 1]


def test_it_ends_also_when_it_is_never_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    imported: list[str] = []
    monkeypatch.setattr("kwatch.tui.features.object.tabs.import_module", imported.append)
    stopped = threading.Event()

    def is_busy() -> bool:
        stopped.set()
        return True

    preload(stopped, is_busy)
    assert imported == []
