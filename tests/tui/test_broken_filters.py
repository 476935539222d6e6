"""A filter that means nothing, by every way in: it is underlined or told, and what was good stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kwatch.config.saved_views import SavedView, SavedViews
from kwatch.config.settings import Settings
from kwatch.tui.kit.widgets.prompt import Prompt
from kwatch.tui.location import StartView
from tests.tui.driving import Driver, running
from tests.tui.fakes import DEPLOYMENTS, PODS, RESOURCES, FakeSession, make, pod, resource

BROKEN = {
    '"abc': "never closed",
    "/re(": "ends with /",
    "restarts>": "something to compare",
    "-l": "needs a label selector",
    "nosuch>3": "There is no column nosuch",
    "age<x": "age is compared with a duration",
    "status:": "needs a value",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KWATCH_CONFIG", str(tmp_path))
    return tmp_path


def shop() -> FakeSession:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"), pod("web-2"), pod("cart-1", phase="CrashLoopBackOff", restarts=7))
    session.feed(DEPLOYMENTS).put(make("Deployment", "web"))
    return session


def is_open(user: Driver) -> bool:
    return user.app.home.query_one(Prompt).is_open


async def typed(user: Driver, text: str) -> None:
    await user.press("colon")
    await user.type(text)


@pytest.mark.parametrize("screen", ["table", "yaml"])
@pytest.mark.parametrize("broken", ['"abc', "/re(", "restarts>", "-l", "status:"])
async def test_a_destination_with_a_broken_filter_is_not_gone_to(screen: str, broken: str) -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        if screen == "yaml":
            await user.press("y")
            await user.see("name: cart-1")
        before = user.app.screen
        await typed(user, f"deploy /{broken}")
        await user.press("enter")
        await user.see(BROKEN[broken])
        assert user.app.screen is before and user.app.home.place is not None
        assert user.app.home.place.resource == PODS
        await user.press("escape")
        assert user.app.screen is before


@pytest.mark.parametrize("broken", ["nosuch>3", "age<x"])
async def test_what_only_the_kind_can_tell_opens_the_filter_bar_to_mend_it(broken: str) -> None:
    async with running(shop()) as user:
        await user.see("3 pods")
        await typed(user, f"deploy /{broken}")
        await user.press("enter")
        await user.see(BROKEN[broken])
        assert is_open(user) and user.line_with("/ " + broken)
        assert user.app.home.place is not None and user.app.home.place.filter == ""
        await user.press(*["backspace"] * len(broken), *"web", "enter")
        await user.see("1 of 1 deployment +/web")


async def test_after_a_broken_filter_every_toggle_works() -> None:
    async with running(shop(), settings=Settings(favourites=('pods /"abc',))) as user:
        await user.see("3 pods")
        await user.press("1")
        await user.see("never closed")
        await user.press("escape", "ctrl+z")
        await user.see("1 of 3 pods +/unhealthy")
        await user.press("ctrl+z")
        await user.see("3 pods")


def by_view(folder: Path, text: str) -> tuple[Settings, StartView]:
    SavedViews(folder / "views").save("mine", SavedView("pods", filter=text))
    return Settings(favourites=("view mine",)), StartView()


def by_filter_alone(folder: Path, text: str) -> tuple[Settings, StartView]:
    SavedViews(folder / "views").save("mine", SavedView(filter=text))
    return Settings(favourites=("view mine",)), StartView()


def by_favourite(folder: Path, text: str) -> tuple[Settings, StartView]:
    return Settings(favourites=(f"pods /{text}",)), StartView()


def by_start(folder: Path, text: str) -> tuple[Settings, StartView]:
    return Settings(favourites=("pods",)), StartView(filter=text)


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("way", [by_view, by_filter_alone, by_favourite, by_start])
async def test_every_way_in(folder: Path, way: Callable[[Path, str], tuple[Settings, StartView]], broken: str) -> None:
    settings, start = way(folder, broken)
    async with running(shop(), settings=settings, start=start) as user:
        if way is not by_start:
            await user.see("3 pods")
            await user.press("1")
        await user.see(BROKEN[broken])
        assert "3 pods" in user.text, "everything is shown meanwhile"
        assert is_open(user)
        await user.press("enter")
        assert is_open(user), "it stays to be mended"
        await user.press("escape", "ctrl+z")
        await user.see("1 of 3 pods +/unhealthy")
        await user.press("i")
        await user.see("status")
        assert user.app._exception is None


async def test_from_the_history_of_what_was_typed() -> None:
    async with running(shop()) as user:
        user.app.prompt_history.add("/", '"abc')
        await user.see("3 pods")
        await user.press("slash", "up")
        await user.see("never closed")
        await user.press("enter", "escape", "ctrl+z")
        await user.see("1 of 3 pods +/unhealthy")


async def test_a_filter_of_columns_that_come_later_waits_for_them() -> None:
    widgets = resource("widgets", "Widget", "example.com")
    session = FakeSession((*RESOURCES, widgets))
    session.feed(PODS).put(pod("web-1"))
    feed = session.feed(widgets)
    feed.put(make("Widget", "a", spec={"size": 1}), make("Widget", "b", spec={"size": 5}))
    feed.set_status(synced_at=None)
    async with running(session) as user:
        await user.see("1 pod")
        await typed(user, "widgets /size>3")
        await user.press("enter")
        await user.see("widgets")
        assert not is_open(user), "the server may name the column yet"
        from kwatch.catalog.server_columns import kind_from_printer_columns, PrinterColumn  # noqa: I001

        feed.kind = kind_from_printer_columns(widgets, (PrinterColumn("Size", "integer", ".spec.size"),))
        feed.kind_version += 1
        feed.set_status(synced_at=1.0)
        await user.see("1 of 2 widgets +/size>3")
        assert "b " in user.text and not is_open(user)
