"""`:notify FILTER`, and `hooks:` in the settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from kwatch.config.document import InvalidDocument, parse_document
from kwatch.config.settings import HookSettings, Settings
from kwatch.tui.app import KwatchApp
from kwatch.tui.base_app import Notice
from kwatch.tui.commands.notify import notify_on, show_hooks
from tests.query.cluster import pod
from tests.tui.cached_session import CachedSession, app_of, lines, texts, until

if TYPE_CHECKING:
    from kwatch.tui.kwatch_screen import KwatchScreen


def said(app: KwatchApp) -> str:
    return "\n".join(each.message for each in app._notifications)


async def test_a_filter_is_watched_until_it_is_not() -> None:
    app = app_of(CachedSession(pod("shop/cart-1")))
    async with app.run_test(size=(120, 24)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "cart-1")), "the table")
        screen = cast("KwatchScreen[Any]", app.screen)
        show_hooks(screen)
        await until(pilot, lambda: "Give it a filter: :notify unhealthy" in said(app), "how")
        notify_on(screen, "cart")
        await until(pilot, lambda: "You will be notified when pods begin to match: cart" in said(app), "the answer")
        hooks = app.hooks
        assert hooks is not None
        await until(pilot, lambda: hooks.states[0].matching == 1, "the watch")
        show_hooks(screen)
        await until(pilot, lambda: "pods cart: 1 match, began 0 times" in said(app), "the answer")
        notify_on(screen, "off")
        assert hooks.states == ()


async def test_a_filter_that_means_nothing_is_a_sentence() -> None:
    app = app_of(CachedSession(pod("shop/cart-1")))
    async with app.run_test(size=(120, 24)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "cart-1")), "the table")
        notify_on(cast("KwatchScreen[Any]", app.screen), "age>")
        await until(pilot, lambda: "needs something to compare with" in said(app), "the answer")
        assert app.hooks is None


async def test_what_the_terminal_is_told() -> None:
    app = app_of(CachedSession(pod("shop/cart-1")))
    rung: list[str] = []
    async with app.run_test(size=(120, 24)) as pilot:
        await until(pilot, lambda: bool(texts(lines(app), "cart-1")), "the table")
        app.ring = rung.append
        app.post_message(Notice("quiet"))
        app.post_message(Notice("pods shop/cart-1: Failed", rings=True))
        await until(pilot, lambda: bool(rung), "the bell")
    assert rung == ["pods shop/cart-1: Failed"]


def test_hooks_in_the_settings() -> None:
    text = "hooks:\n- on: unhealthy\n  namespace: '*'\n- {on: 'restarts>5', resource: deploy, exec: ./page.sh}\n"
    found = parse_document(text, Settings, Path("config.yaml")).hooks
    assert found == (
        HookSettings("unhealthy", namespace="*"),
        HookSettings("restarts>5", resource="deploy", exec="./page.sh"),
    )


@pytest.mark.parametrize(
    ("hook", "says"),
    [
        ("{resource: pods}", "on must be set in an item of hooks"),
        ("{on: ''}", "on is empty and would match everything; write a filter such as unhealthy"),
        ("{on: x, webhook: y}", "'y' is no address to post to; write https://example.com/hook"),
        ("{on: x, shell: true}", "shell is for exec; say what to run"),
        ('{on: x, exec: "\'a"}', "cannot be split into words: no closing quotation"),
        ("{on: x, run: y}", "'run' means nothing here"),
    ],
)
def test_a_mistake_in_a_hook_is_a_sentence_with_its_line(hook: str, says: str) -> None:
    with pytest.raises(InvalidDocument) as caught:
        parse_document(f"theme: kwatch-dark\nhooks:\n- {hook}\n", Settings, Path("config.yaml"))
    assert says in str(caught.value)
    assert "config.yaml:3: " in str(caught.value)
