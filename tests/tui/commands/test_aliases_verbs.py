"""One object after the colon, as kubectl names it, and kubectl's verbs."""

from __future__ import annotations

import re

import pytest

from kwatch.tui.commands.command_line import Destination, Unclear, complete_command, read_destination
from kwatch.tui.features.object.object_screen import ObjectScreen
from tests.tui.driving import Driver, running
from tests.tui.fakes import DEPLOYMENTS, NODES, PODS, FakeSession, make, pod


def with_objects() -> FakeSession:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"), pod("web-2"))
    session.feed(DEPLOYMENTS).put(make("Deployment", "web", spec={"replicas": 2}))
    session.feed(NODES).put(make("Node", "node-1", namespace=""))
    return session


@pytest.mark.parametrize(
    ("verb", "text", "meant"),
    [
        ("", "deploy/web", Destination("deploy", name="web")),
        ("", "deploy/web -n data", Destination("deploy", "data", name="web")),
        ("", "deploy/web data", Destination("deploy", "data", name="web")),
        ("get", "deploy web", Destination("deploy", name="web")),
        ("get", "deploy web -n data", Destination("deploy", "data", name="web")),
        ("get", "deploy -n data", Destination("deploy", "data")),
        ("get", "deploy -A", Destination("deploy", "")),
        ("describe", "deploy web", Destination("deploy", name="web", tab="overview")),
        ("describe", "deploy/web data", Destination("deploy", "data", name="web", tab="overview")),
        ("logs", "web-1", Destination("pods", name="web-1", tab="logs")),
        ("logs", "deploy/web", Destination("deploy", name="web", tab="logs")),
        ("yaml", "deploy/web", Destination("deploy", name="web", tab="yaml")),
    ],
)
def test_what_is_meant(verb: str, text: str, meant: Destination) -> None:
    assert read_destination(text, verb) == meant


@pytest.mark.parametrize("text", ["deploy/", "pods,deploy/web", "deploy/web,cart", "deploy/a/b"])
def test_what_is_no_object_is_said(text: str) -> None:
    with pytest.raises(Unclear, match="One object is a resource and a name: deploy/cart"):
        read_destination(text)


async def typed(user: Driver, text: str) -> None:
    await user.press("colon")
    await user.type(text)
    await user.press("enter")


@pytest.mark.parametrize(
    ("text", "tab", "title"),
    [
        ("deploy/web", "history", "deployments.apps › web"),
        ("describe deploy web", "overview", "deployments.apps › web"),
        ("get pod web-2", "history", "pods › web-2"),
        ("logs web-2", "logs", "pods › web-2"),
        ("yaml node/node-1", "yaml", "nodes › node-1"),
        ("describe", "overview", "pods › web-1"),
        ("timeline", "timeline", "pods › web-1"),
    ],
)
async def test_it_opens_the_object(text: str, tab: str, title: str) -> None:
    async with running(with_objects()) as user:
        await user.see("2 pods")
        await typed(user, text)
        await user.until(lambda: isinstance(user.app.screen, ObjectScreen), "an object")
        assert isinstance(user.app.screen, ObjectScreen) and user.app.screen.active == tab
        await user.see(title)
        await user.press("escape")
        await user.see("2 pods")


async def test_a_verb_alone_shows_its_tab_of_the_object_that_is_open() -> None:
    async with running(with_objects()) as user:
        await user.see("2 pods")
        await typed(user, "deploy/web")
        await user.see("deployments.apps › web")
        await typed(user, "yaml")
        await user.until(lambda: getattr(user.app.screen, "active", "") == "yaml", "the YAML")
        await user.see("deployments.apps › web")


async def test_get_with_a_resource_alone_goes_to_its_table() -> None:
    async with running(with_objects()) as user:
        await user.see("2 pods")
        await typed(user, "get deploy")
        await user.see("1 deployment")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("delete pod web-1", "kwatch only reads; K copies the kubectl command"),
        ("exec -it web-1 -- sh", "kwatch only reads"),
        ("logs node/node-1", ""),
        ("logs deploy/web -A", "In which namespace\\? deployments/web -n shop"),
        ("rollouts node/node-1", "Node has no rollouts."),
        ("get nothing", 'does not have a resource type "nothing"'),
        ("get nothing/web", 'does not have a resource type "nothing"'),
    ],
)
async def test_what_cannot_be_done_is_a_sentence(text: str, sentence: str) -> None:
    async with running(with_objects()) as user:
        await user.see("2 pods")
        told = user.listen()
        await typed(user, text)
        if sentence:
            await user.until(lambda: told, "a sentence")
            assert re.search(sentence, told[0])
            assert not isinstance(user.app.screen, ObjectScreen)
        else:
            await user.until(lambda: isinstance(user.app.screen, ObjectScreen), "an object")


async def test_a_verb_alone_with_nothing_under_the_cursor_says_how_to_go_on() -> None:
    session = FakeSession()
    async with running(session) as user:
        await user.see("0 pods|No pods")
        told = user.listen()
        await typed(user, "yaml")
        await user.until(lambda: told, "a sentence")
        assert told[0].endswith("yaml deploy/NAME says which.")


async def test_verbs_complete_and_so_does_what_follows_them() -> None:
    async with running(with_objects()) as user:
        await user.see("2 pods")
        assert "describe" in [each.text for each in complete_command(user.app, "desc").candidates]
        found = complete_command(user.app, "describe deplo")
        assert (found.start, found.candidates[0].text) == (9, "deployments")
        assert not complete_command(user.app, "describe deploy we").candidates, "a name, and no namespace"
