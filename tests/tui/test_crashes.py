"""Whatever escapes from a thread behind the screen is said on it, and nothing is promised that never comes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from kwatch.base.threads import Crashes, report
from kwatch.config import prompt_history
from kwatch.history.baseline import BaselineDiff
from kwatch.informer.kube_object import KubeObject
from kwatch.tui import settings_reload
from kwatch.tui.features.object.timeline_reader import TimelineReader
from kwatch.tui.features.time_travel import as_of_table
from kwatch.tui.features.time_travel import as_of_table as as_of_view
from kwatch.view import exploration, filtering
from kwatch.view.as_of_source import AsOfIndex
from kwatch.view.filtering import Filtering
from kwatch.view.indexes_on_demand import IndicesOnDemand
from tests.query.cluster import pod as cached_pod
from tests.tui.cached_session import CachedSession, app_of, lines, texts, until
from tests.tui.driving import press, running
from tests.tui.fakes import EVENTS, PODS, FakeSession, make, pod


def shop() -> FakeSession:
    session = FakeSession()
    feed = session.feed(PODS)
    feed.put(pod("cart-1"), pod("web-1", phase="ContainerCreating"))
    feed.put(pod("web-1", version=2))
    return session


def fail(*_: Any, **__: Any) -> Any:
    raise KeyError("nobody foresaw this")


async def test_every_header_says_it_even_on_a_narrow_screen_and_informers_say_more(crashes: Crashes) -> None:
    async with running(shop(), size=(80, 24)) as user:
        await user.see("2 pods")
        report("kwatch-history", KeyError("uid-\x1b[31m7"))
        await user.see("! internal error in history")
        await user.press("enter")
        await user.see("web-1|cart-1")
        await user.see("! internal error in history")
        await user.press("escape", "D")
        await user.see("! internal error in history")
        report("kwatch-history", KeyError("uid-8"), goes_on=False)
        await user.see("! 2 internal errors")
        await user.press("escape", "I")
        await user.see("Mistakes in kwatch itself")
        await user.see("in history 2 times")
        await user.see(r"\d\d:\d\d:\d\d +internal error in history: KeyError: 'uid-8'; it has ended")
        assert "\x1b" not in user.text


async def test_nothing_is_said_while_nothing_went_wrong() -> None:
    async with running(shop()) as user:
        await user.see("2 pods")
        assert "internal error" not in user.text
        await user.press("I")
        await user.see("pods in shop")
        assert "Mistakes" not in user.text


async def test_a_past_that_cannot_be_made_leads_back_to_now(crashes: Crashes, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = as_of_view.make_view
    monkeypatch.setattr(as_of_table, "SMALL", -1)
    monkeypatch.setattr(as_of_table, "NEAR", -1)
    monkeypatch.setattr(
        as_of_table, "make_view", lambda plan, *more: fail() if plan.moment.sequence else bare(plan, *more)
    )
    async with running(shop(), size=(140, 30)) as user:
        await user.see("2 pods")
        await user.press("t")
        await user.see("That moment could not be shown: internal error")
        await user.see("● live")
    assert crashes.counts == {"past": 1}


async def test_one_stays_where_one_was_when_another_moment_cannot_be_made(
    crashes: Crashes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(shop(), size=(160, 30)) as user:
        await user.see("2 pods")
        await user.press("t")
        await user.see("paused")
        monkeypatch.setattr(as_of_table, "NEAR", -1)
        monkeypatch.setattr(as_of_table, "make_view", fail)
        await user.press("left")
        await user.see("That moment could not be shown")
        await user.see_no("going there")
        monkeypatch.undo()
        await user.press("left")
        await user.see("added shop/cart-1|added shop/web-1")


async def test_a_timeline_that_cannot_be_read_says_so(crashes: Crashes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TimelineReader, "_read", fail)
    async with running(shop(), size=(160, 30)) as user:
        await user.see("2 pods")
        await user.press("T")
        await user.see("internal error: KeyError: 'nobody foresaw this'")
        assert "reading" not in user.text


async def test_changes_that_cannot_be_compared_are_no_empty_list(
    crashes: Crashes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BaselineDiff, "compare", fail)
    async with running(shop(), size=(120, 30)) as user:
        await user.see("2 pods")
        await user.press("m", "M")
        await user.see("The changes could not be compared")
        await user.see("internal error: KeyError")
        assert "omparing" not in user.text
        monkeypatch.undo()
        user.session.feed(PODS).put(pod("new-1"))
        await user.see(r"1 object")


async def test_logs_end_in_a_sentence(crashes: Crashes, monkeypatch: pytest.MonkeyPatch) -> None:
    session = shop()
    session.logs = fail  # type: ignore[method-assign]
    async with running(session, size=(120, 30)) as user:
        await user.see("2 pods")
        await user.press("l")
        await user.see("The log cannot be had")
        await user.see("internal error: KeyError: 'nobody foresaw this'")


async def test_events_of_then_that_cannot_be_looked_up(crashes: Crashes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AsOfIndex, "_read", fail)
    session = shop()
    session.feed(EVENTS).put(make("Event", "e1"))
    session.feed(PODS).put(pod("web-2"))
    async with running(session, size=(120, 30)) as user:
        await user.see("3 pods")
        await user.press("t", "enter", "e")
        await user.see("The events of then could not be looked up")
        assert "Looking the events up" not in user.text


async def test_facets_that_cannot_be_counted(crashes: Crashes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exploration, "explore", fail)
    app = app_of(CachedSession(*[cached_pod(f"shop/cart-{number}") for number in range(4)]))
    async with app.run_test(size=(140, 40)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "cart-0")), "rows")
        await press(pilot, "i")
        await until(pilot, lambda: bool(texts(lines(app), "! Not counted: internal error")), "a sentence")


async def test_a_filter_that_did_not_look_at_every_row_says_so(
    crashes: Crashes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filtering, "PATIENCE", -1.0)
    judge = Filtering._judge
    monkeypatch.setattr(Filtering, "_judge", lambda self, rows: fail() if len(rows) < 500 else judge(self, rows))
    session = FakeSession()
    session.feed(PODS).put(*[pod(f"web-{number}") for number in range(700)])
    async with running(session, size=(140, 30)) as user:
        await user.see("700 pods")
        await user.press("slash")
        await user.type(".spec.nodeName=node-1")
        await user.press("enter")
        await user.see("The filter did not look at every row: internal error: KeyError")
        await user.see("0 of 700 pods +/.spec.nodeName=node-1 +! not every row was looked at")
        assert "matches the filter" not in user.text
        monkeypatch.undo()
        await user.press("escape")
        await user.see_no("not every row")


async def test_what_escapes_from_a_callback_of_the_loop_is_not_printed_over_the_screen(
    crashes: Crashes, capfd: pytest.CaptureFixture[str]
) -> None:
    async with running(shop()) as user:
        await user.see("2 pods")
        asyncio.get_running_loop().call_soon(fail)
        await user.see("! internal error in the event loop")


async def test_a_theme_that_a_screen_cannot_wear_is_said(crashes: Crashes, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(shop()) as user:
        await user.see("2 pods")
        monkeypatch.setattr(type(user.app.screen), "apply_palette", fail)
        user.app.use_theme("nord")
        await user.see("! internal error in the change of theme")
        monkeypatch.undo()


async def test_settings_are_still_looked_at(crashes: Crashes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KWATCH_CONFIG", str(tmp_path))
    monkeypatch.setattr(settings_reload, "PERIOD", 0.01)
    reads = [0]
    load = settings_reload.load_settings  # type: ignore[attr-defined]

    def loading(path: Path) -> Any:
        reads[0] += 1
        return fail() if reads[0] == 1 else load(path)

    monkeypatch.setattr(settings_reload, "load_settings", loading)
    async with running(shop(), size=(160, 30)) as user:
        await user.see("2 pods")
        saved = settings_reload.SavedSettings(user.app, tmp_path / "config.yaml")
        user.app._saved = saved
        saved.follow()
        await user.see("nobody foresaw this")
        (tmp_path / "config.yaml").write_text("theme: nord\n")
        await user.see("Settings reloaded")
        assert user.app.theme == "nord"
    assert crashes.counts == {"settings": 1}


async def test_an_index_that_cannot_be_made_is_said_where_it_is_waited_for(
    crashes: Crashes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(IndicesOnDemand, "make", fail)
    secret = KubeObject.of(
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "tls", "namespace": "shop", "uid": "u"}}
    )
    app = app_of(CachedSession(cached_pod("shop/web-1"), secret), "secrets")
    async with app.run_test(size=(140, 40)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "tls")), "rows")
        await press(pilot, "r")
        await until(pilot, lambda: bool(texts(lines(app), "cannot be indexed: KeyError")), "a sentence")
        await until(pilot, lambda: not texts(lines(app), "indexing …"), "no promise")


async def test_what_is_typed_and_cannot_be_kept_is_said_once(crashes: Crashes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompt_history, "_append", fail)
    async with running(shop()) as user:
        await user.see("2 pods")
        user.app.prompt_history._file = Path("/nowhere")
        for _ in range(2):
            await user.press("slash")
            await user.type("cart")
            await user.press("enter", "escape")
        await user.see("What is typed is not kept in /nowhere: KeyError")
