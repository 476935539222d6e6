"""Logs under the mouse, and what is found in them: marked, gone through, selected, copied, while more lines come."""

from __future__ import annotations

import pytest
from rich.style import Style

from kwatch.base import finding
from kwatch.tui.features.log_text import Told, fitting
from tests.tui.driving import Driver, running
from tests.tui.features.test_log_panel import ONE, LoggingSession, at, of_deployment, world
from tests.tui.test_selection import drag


def written(count: int) -> LoggingSession:
    session = world()
    session.written[f"{ONE}/app"] = [at(1 + number / 1000, f"line {number}") for number in range(count)]
    return session


def styles(user: Driver, wanted: str) -> set[Style | None]:
    """Of the cells of a text on the screen."""
    row = next(number for number, line in enumerate(user.lines) if wanted in line)
    start = user.lines[row].index(wanted)
    strip = user.app.screen._compositor.render_strips()[row].crop(start, start + len(wanted))
    return {segment.style for segment in strip}


def ground(user: Driver, wanted: str) -> set[object]:
    return {style.bgcolor for style in styles(user, wanted) if style is not None}


async def test_what_an_expression_finds_is_marked_and_gone_through() -> None:
    async with running(written(200), size=(120, 24)) as user:
        await of_deployment(user)
        await user.press("slash")
        await user.type("/line 1[67]$|no db/")
        await user.see("of 3$")
        await user.press("enter")
        await user.press("g", "n")
        await user.see("/line 1.*: [1-3] of 3")
        assert ground(user, "line 16") != ground(user, "line 15")
        await user.press("N")
        await user.see("of 3")


async def test_a_broken_expression_in_a_search_says_so_and_ends_nothing() -> None:
    async with running(world(), size=(120, 24)) as user:
        await of_deployment(user)
        await user.press("slash")
        await user.type("/fir|(/")
        await user.see("not a regular expression")
        await user.press("backspace", "backspace")
        await user.type("x)/")
        await user.see("no match|1 of 1")
        await user.press("enter")
        assert user.app.is_running


@pytest.mark.parametrize("key", ["slash", "ampersand"])
async def test_an_expression_that_could_take_for_ever_is_refused(key: str) -> None:
    async with running(written(20), size=(120, 24)) as user:
        await of_deployment(user)
        await user.press(key)
        await user.type("/(n+)+e/")
        await user.see("could take for ever")
        await user.press("escape")
        await user.see("line 19")


async def test_an_expression_that_takes_too_long_is_stopped_and_what_was_shown_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = written(20)
    async with running(session, size=(120, 24)) as user:
        await of_deployment(user)
        monkeypatch.setattr(finding, "ALLOWED", -1.0)
        for key in ("ampersand", "slash"):
            await user.press(key)
            await user.type("/line 1[67]/")
            await user.see("too slow for these lines")
            await user.press("escape")
            await user.see("line 18")
        monkeypatch.undo()
        await user.press("ampersand")
        await user.type("/line 1[67]|later/")
        await user.press("enter")
        await user.see("2 of ")
        monkeypatch.setattr(finding, "ALLOWED_EACH", -1.0)
        session.streams[f"{ONE}/app"].write(at(2, "later 1"), at(2.1, "later 2"), at(2.2, "last"))
        await user.see("too slow for these lines")  # the filter is taken away, and that is said
        await user.see("last")


async def test_what_the_filter_finds_is_marked_too() -> None:
    async with running(world(), size=(120, 24)) as user:
        await of_deployment(user)
        await user.press("ampersand")
        await user.type("/ir(st|d)/")
        await user.see_no("vqtfx second")
        assert all(style is not None and style.underline for style in styles(user, "irst"))
        assert not any(style is not None and style.underline for style in styles(user, "jpl8r f"))


async def test_a_drag_over_several_lines_holds_the_log_still_and_is_copied() -> None:
    session = written(300)
    async with running(session, size=(100, 24)) as user:
        await of_deployment(user)
        await user.see("following")
        await user.see("line 290")
        first = next(number for number, line in enumerate(user.lines) if "line 290" in line)
        end = user.lines[first + 2].index("line 292") + len("line 292")
        await drag(user, (user.lines[first].index("line 290"), first), (end - 1, first + 2))
        await user.see("paused")
        session.streams[f"{ONE}/app"].write(*(at(9 + number / 1000, f"new {number}") for number in range(500)))
        await user.see("500 new")
        assert "line 290" in user.lines[first], "nothing moves under the mouse"
        await user.press("c")
        assert user.app.clipboard == "line 290\njpl8r line 291\njpl8r line 292"
        await user.press("f")
        await user.see("new 499")


async def test_what_is_selected_stays_so_when_older_lines_make_room() -> None:
    session = written(300)
    async with running(session, size=(100, 24)) as user:
        await of_deployment(user)
        view = user.app.screen.text  # type: ignore[attr-defined]
        view.document._most = 300
        await user.see("line 295")
        first = next(number for number, line in enumerate(user.lines) if "line 295" in line)
        start = user.lines[first].index("line 295")
        await drag(user, (start, first), (start + len("line 295") - 1, first))
        session.streams[f"{ONE}/app"].write(*(at(9 + number / 1000, f"new {number}") for number in range(100)))
        await user.see("older made room|100 new")
        await user.until(lambda: view.document.dropped > 0, "older lines went")
        await user.press("c")
        assert user.app.clipboard == "line 295"


async def test_a_broken_line_is_copied_as_one() -> None:
    session = world()
    words = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    session.written[f"{ONE}/app"] = [at(5, words)]
    async with running(session, size=(80, 24)) as user:
        await of_deployment(user)
        await user.press("w")
        await user.see("^ +sixteen$|^ +fifteen sixteen$|^ +fourteen fifteen sixteen$")
        row = next(number for number, line in enumerate(user.lines) if "one two" in line)
        start = user.lines[row].index("one two")
        end = len(user.lines[row + 1]) - 1
        await drag(user, (start, row), (end, row + 1))
        await user.press("c")
        assert user.app.clipboard == words


async def test_a_selection_reads_no_more_rows_than_it_has() -> None:
    session = written(2000)
    async with running(session, size=(100, 24)) as user:
        await of_deployment(user)
        document = user.app.screen.text.document  # type: ignore[attr-defined]
        rows: list[int] = []
        row_of = document.row

        def noted(row: int) -> object:
            rows.append(row)
            return row_of(row)

        await user.see("line 1990")
        first = next(number for number, line in enumerate(user.lines) if "line 1990" in line)
        await drag(user, (3, first), (9, first + 2))
        document.row = noted
        user.app.screen.get_selected_text()
        assert len(set(rows)) == 3


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (100, "following  ·  &error: 3 of 9 lines  ·  /GET: 1 of 2  ·  showing 15 containers"),
        (77, "following  ·  &error: 3 of 9 lines  ·  /GET: 1 of 2  ·  showing 15 containers"),
        (60, "following  ·  3 of 9 lines  ·  1 of 2  ·  15 containers"),
        (45, "following  ·  3 of 9 lines  ·  1 of 2"),
        (10, "following"),
    ],
)
def test_what_matters_least_goes_first(width: int, shown: str) -> None:
    told = (
        Told("following", 0),
        Told("&error: 3 of 9 lines", 2, "3 of 9 lines"),
        Told("/GET: 1 of 2", 2, "1 of 2"),
        Told("showing 15 containers", 4, "15 containers"),
        Told("cart-1 app: it cannot be reached, and the reason is a long one", 7, is_bad=True),
    )
    assert "  ·  ".join(each.words for each in fitting(told, width)) == shown
