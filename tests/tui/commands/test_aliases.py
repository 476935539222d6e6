"""Other words for what one types after the colon."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kwatch.config.settings import Settings
from kwatch.tui.commands.aliases import K9S_SCREENS, expanded
from kwatch.tui.commands.command_line import complete_command
from kwatch.tui.location import StartView
from tests.tui.driving import running
from tests.tui.fakes import DEPLOYMENTS, PODS, RESOURCES, FakeSession, make, pod

OWN = {"pp": "pods -n kube-system /unhealthy", "x1": "x2", "x2": "x1", "mine": "pp @prod", "k": "theme nord"}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("pods", "pods"),
        ("pp", "pods -n kube-system /unhealthy"),
        ("pp -l app=web", "pods -n kube-system -l app=web /unhealthy"),
        ("pp /cart", "pods -n kube-system /unhealthy cart"),
        ("mine", "pods -n kube-system @prod /unhealthy"),
        ("k", "theme nord"),
        ("pods pp", "pods pp"),
    ],
)
def test_an_alias_stands_for_what_it_says(text: str, meant: str) -> None:
    assert expanded(text, OWN) == meant


def test_aliases_in_a_circle_end() -> None:
    assert expanded("x1", OWN) in ("x1", "x2")


def test_one_that_stands_for_nothing_is_refused() -> None:
    for wrong in ({"a b": "pods"}, {"a": " "}, {"": "pods"}):
        with pytest.raises(ValueError, match="one word that stands for something"):
            Settings(aliases=wrong)


def shop() -> FakeSession:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"), pod("cart-1"))
    session.feed(DEPLOYMENTS).put(make("Deployment", "shopfront"))
    return session


async def test_k9s_names_and_ones_own_lead_there() -> None:
    settings = Settings(aliases={"ca": "pods /cart"})
    async with running(shop(), start=StartView(namespace="shop"), settings=settings) as user:
        await user.see("2 pods")
        await user.press("colon", *"dp", "enter")
        await user.see("shopfront")
        await user.press("colon", *"ca", "enter")
        await user.see("1 of 2 pods +/cart")
        told = user.listen()
        await user.press("colon", *"pf", "enter")
        assert told == [K9S_SCREENS["pf"]]
        words = [each.text for each in complete_command(user.app, "c").candidates]
        assert words[0] == "ca"


async def test_a_name_of_the_server_goes_before_one_of_k9s() -> None:
    widgets = replace(DEPLOYMENTS, short_names=("pf",))
    session = FakeSession([*(each for each in RESOURCES if each is not DEPLOYMENTS), widgets])
    session.feed(PODS).put(pod("web-1"))
    session.feed(widgets).put(make("Deployment", "shopfront"))
    async with running(session, start=StartView(namespace="shop")) as user:
        await user.see("1 pod")
        await user.press("colon", *"pf", "enter")
        await user.see("shopfront")


async def test_the_list_of_aliases_is_narrowed_and_leads_there() -> None:
    settings = Settings(aliases={"ca": "pods /cart"})
    async with running(shop(), start=StartView(namespace="shop"), settings=settings) as user:
        await user.see("2 pods")
        await user.press("ctrl+a")
        await user.see("yours: pods /cart")
        await user.press(*"dp")
        await user.see(r"deployments, deploy, dp +Deployment, apps/v1")
        await user.press("enter")
        await user.see("shopfront")
        await user.press("colon", *"aliases", "enter", *"ca", "enter")
        await user.see("1 of 2 pods +/cart")
