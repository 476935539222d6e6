"""Saving what is shown under a name, and coming back to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kwatch.config.saved_views import SavedView, SavedViews
from kwatch.config.settings import Settings
from kwatch.tui.location import StartView
from kwatch.tui.saved_views import start_from, summary
from tests.tui.driving import running
from tests.tui.fakes import DEPLOYMENTS, PODS, FakeSession, make, pod


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KWATCH_CONFIG", str(tmp_path))
    return tmp_path


def shop() -> FakeSession:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"), pod("web-2"), pod("cart-1", phase="CrashLoopBackOff", restarts=7))
    session.feed(DEPLOYMENTS).put(make("Deployment", "web"))
    return session


async def test_a_view_is_saved_and_brought_back(folder: Path) -> None:
    async with running(shop(), size=(160, 30)) as user:
        await user.see("3 pods")
        await user.press("slash")
        await user.type("web")
        await user.press("enter", "A", "A", "ctrl+w", "ctrl+s")
        await user.see("save")
        await user.type("webs")
        await user.press("enter")
        await user.see("Saved in")
        assert SavedViews(folder / "views").load("webs") == SavedView(
            "pods", "shop", filter="web", sort="-age", wide=True
        )
        await user.press("escape", "2")
        await user.see("1 deployment")
        await user.press("colon")
        await user.type("view we")
        await user.press("tab", "enter")
        await user.see("2 of 3 pods +/web")
        assert "AGE↓" in user.lines[2]
        assert "NODE" in user.lines[2], "as wide as it was"


async def test_a_filter_alone_is_for_any_resource(folder: Path) -> None:
    async with running(shop(), size=(160, 30)) as user:
        await user.see("3 pods")
        await user.press("slash")
        await user.type("web")
        await user.press("ctrl+s")
        await user.see(": ?save-filter")
        await user.type("webs")
        await user.press("enter")
        await user.see("Saved in")
        assert SavedViews(folder / "views").load("webs") == SavedView(filter="web")
        await user.press("2")
        await user.see("1 deployment")
        await user.press("colon")
        await user.type("view webs")
        await user.press("enter")
        await user.see("1 of 1 deployment")


async def test_views_are_chosen_from_a_list_and_forgotten(folder: Path) -> None:
    saved = SavedViews(folder / "views")
    saved.save("deploys", SavedView("deploy", "*", filter="web"))
    async with running(shop(), size=(160, 30)) as user:
        await user.see("3 pods")
        await user.press("colon")
        await user.type("views")
        await user.press("enter")
        await user.see("deploys +deploy +all namespaces +/web")
        await user.press("enter")
        await user.see("deployments")
        assert user.app.home.place is not None
        assert (user.app.home.place.resource, user.app.home.place.namespace) == (DEPLOYMENTS, None)
        await user.press("colon")
        await user.type("forget deploys")
        await user.press("enter")
        await user.see("forgotten")
        assert saved.names() == ()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("view nope", "no view 'nope'; saved are: mine"),
        ("forget nope", "no view 'nope'; saved are: mine"),
        ("save ../x", "letters, digits"),
        ("save", "Give it a name"),
        ("save-filter x", "no filter to save"),
        ("view broken", "broken.yaml:1"),
    ],
)
async def test_what_cannot_be_is_a_sentence(folder: Path, typed: str, says: str) -> None:
    saved = SavedViews(folder / "views")
    saved.save("mine", SavedView("pods"))
    if "broken" in typed:
        (folder / "views" / "broken.yaml").write_text("wide: perhaps\n")
    async with running(shop(), size=(200, 30)) as user:
        await user.see("3 pods")
        await user.press("colon")
        await user.type(typed)
        await user.press("enter")
        await user.see(says)


async def test_a_favourite_may_be_a_view(folder: Path) -> None:
    SavedViews(folder / "views").save("webs", SavedView("pods", filter="web"))
    async with running(shop(), settings=Settings(favourites=("view webs",))) as user:
        await user.see("3 pods")
        await user.press("1")
        await user.see("2 of 3 pods +/web")


def test_the_command_line_goes_before_the_view() -> None:
    view = SavedView("deploy", "*", "app=cart", filter="unhealthy", sort="-age", wide=True)
    assert start_from(view, StartView()) == StartView(
        "deploy",
        all_namespaces=True,
        label_selector="app=cart",
        filter="unhealthy",
        sort_by="age",
        descending=True,
        wide=True,
    )
    narrowed = start_from(view, StartView(namespace="shop", label_selector="tier=web", sort_by="name"))
    assert (narrowed.namespace, narrowed.all_namespaces, narrowed.label_selector) == ("shop", False, "tier=web")
    assert (narrowed.sort_by, narrowed.descending) == ("name", False)


def test_a_view_is_summed_up() -> None:
    view = SavedView("pods", "shop", "app=cart", "spec.nodeName=a", "unhealthy", "-age", True)
    assert summary(view) == "pods  shop  -l app=cart  spec.nodeName=a  /unhealthy  by -age  wide"
