"""Whatever is typed after `:`, `/` and `@`: every completion and every hint has an answer, and what is done is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual.widgets import Input

from kwatch.config.settings import Settings
from kwatch.query.completion import complete
from kwatch.query.parser import parse
from kwatch.query.syntax import QuerySyntaxError
from kwatch.tui.commands.command_line import Unclear, complete_command, read_destination
from kwatch.tui.features.table.table_screen import TableScreen
from kwatch.tui.features.time_travel.moment import is_distance, read_moment
from kwatch.tui.kit.widgets.prompt import Completions
from kwatch.tui.settings_reload import COMMANDS
from tests.tui.driving import Driver, running
from tests.tui.test_any_keys import busy

WORDS = sorted({word for command in COMMANDS if command.id != "app.quit" for word in command.words})
PIECES = (
    *WORDS,
    *("pods", "po", "deploy", "events", "secrets", "shop", "demo", "nord", "all", "-A", "-n", "-l", "@", "@demo"),
    *(" ", "  ", ",", ", ,", "/", " /", "//", "=", "!=", "!", "~", ":", ".", "..", "[", "]", "(", ")", "*", "\\"),
    *('"', "'", "app=web", "app in (web", "status:", "since:", "since:1e999", "restarts>", "age<10m", "cpu>1e309"),
    *(
        "owner:",
        ".status.",
        ".a[*].b>1",
        "/(a+)+$/",
        "-1m",
        "99:99",
        "1e309",
        "nan",
        "-",
        "+",
        "é",
        "世",
        "\u202e",
        "\0",
    ),
)
TEXTS = st.one_of(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), st.text(max_size=20))


def holds_for_any(check: Callable[[str], None]) -> None:
    given(TEXTS)(settings(max_examples=400, suppress_health_check=list(HealthCheck))(check))()


def fits(found: Completions, typed: str) -> None:
    """Each candidate stands in for the rest of what was typed, and is another text."""
    assert 0 <= found.start <= len(typed)
    for candidate in found.candidates:
        assert candidate.text
        assert candidate.text != typed[found.start :]


async def test_completion_of_any_command() -> None:
    async with running(busy()) as user:
        await user.see("web-1")
        holds_for_any(lambda typed: fits(complete_command(user.app, typed), typed))


async def test_completion_before_a_cluster_is_connected() -> None:
    session = busy()
    session.names = None
    async with running(session) as user:
        await user.pilot.pause()
        home = user.app.home
        holds_for_any(lambda typed: fits(complete_command(user.app, typed), typed))
        holds_for_any(lambda typed: fits(home.filter_bar.complete_filter(typed), typed))


async def test_completion_of_any_filter() -> None:
    async with running(busy()) as user:
        await user.see("web-1")
        home, live = user.app.home, user.app.home.live
        assert live is not None
        context = live.projection.context

        def check(typed: str) -> None:
            fits(home.filter_bar.complete_filter(typed), typed)
            for position in range(len(typed) + 1):
                complete(typed, position, context)

        holds_for_any(check)


async def test_completion_of_any_argument() -> None:
    async with running(busy()) as user:
        await user.see("web-1")

        def check(typed: str) -> None:
            for command in COMMANDS:
                command.completions(user.app.home, typed)

        holds_for_any(check)


def test_any_filter_is_read_or_says_where_it_breaks() -> None:
    def check(typed: str) -> None:
        try:
            parse(typed)
        except QuerySyntaxError as error:
            assert 0 <= error.start <= error.end <= len(typed) + 1
            assert error.message

    holds_for_any(check)


def test_any_moment_is_read_or_refused() -> None:
    def check(typed: str) -> None:
        is_distance(typed)
        try:
            read_moment(typed, 1_000.0, 2_000_000_000.0)
        except ValueError as error:
            assert str(error)

    holds_for_any(check)


def test_any_destination_is_read() -> None:
    def check(typed: str) -> None:
        try:
            read_destination(typed)
        except Unclear as error:
            assert str(error) and 0 <= error.start <= error.end <= len(typed)

    holds_for_any(check)


ARGUMENTS = ("", "1e309", "~nobodyx/x \u202e/(")


@pytest.mark.parametrize("argument", ARGUMENTS)
async def test_any_command_with_any_argument(argument: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")  # one of the commands writes files
    async with running(busy(), settings=Settings()) as user:
        await user.see("web-1")
        for word in WORDS:
            await typed(user, f"{word} {argument}")
        await typed(user, argument)
        assert user.app.is_running


async def typed(user: Driver, text: str) -> None:
    home = user.app.home
    home.filter_bar.open_command_line(text)
    await user.press("enter")
    assert user.app.is_running, text
    for _ in range(4):
        if isinstance(user.app.screen, TableScreen) and not home.is_typing:
            break
        await user.press("escape")


NASTY = ("(", "app in (", "/(a+)+$/", "-1e309m", "x" * 300 + "é世\u202e\0")
OPENED_BY = ("y /", "T /", "D /", "! /", "M /", "? /", "v t", "T t", "y :", "/")


@pytest.mark.parametrize("opened_by", OPENED_BY)
async def test_any_text_in_any_prompt(opened_by: str) -> None:
    names = {"/": "slash", ":": "colon", "!": "exclamation_mark", "?": "question_mark"}
    keys = [names.get(key, key) for key in opened_by.split()]
    async with running(busy()) as user:
        await user.see("web-1")
        for key in keys[:-1]:
            await user.press(key)
        for text in NASTY:
            await user.press(keys[-1])
            await user.until(lambda: isinstance(user.app.focused, Input), f"{keys} open a line to type into")
            line = user.app.focused
            assert isinstance(line, Input)
            line.value = text
            await user.pilot.pause()
            await user.press("tab", "enter")
            await user.pilot.pause(0.06)
            assert user.app.is_running, text
            for _ in range(3):
                if isinstance(user.app.focused, Input):
                    await user.press("escape")
