"""Who types into a line and then clicks elsewhere is done with the line."""

from __future__ import annotations

from textual import events

from kwatch.tui.features.explorer.explorer_panel import NarrowingInput
from tests.tui.driving import Driver, running
from tests.tui.every_screen import full


async def click(user: Driver, wanted: str) -> None:
    await user.see(wanted)
    y = next(number for number, line in enumerate(user.lines) if wanted in line)
    x = user.lines[y].index(wanted)
    for kind in (events.MouseDown, events.MouseUp):
        user.app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, screen_x=x, screen_y=y))
    await user.app.key_order.settled()


async def test_a_filter_stays_when_a_row_is_clicked() -> None:
    async with running(full()) as user:
        await user.see("web-1")
        await user.press("slash")
        await user.type("web-1")
        await click(user, "web-12")
        home = user.app.home
        assert not home.is_typing and home.table.has_focus
        assert home.place is not None and home.place.filter == "web-1"
        await user.press("y")
        await user.see("pods › web-12")


async def test_a_command_is_forgotten_when_something_else_is_clicked() -> None:
    async with running(full()) as user:
        await user.see("web-1")
        await user.press("i")
        await user.see("Type to narrow")
        await user.press("escape", "colon")
        await user.type("nodes")
        await click(user, "web-12")
        assert not user.app.home.is_typing
        await user.press("i", "tab", "colon")
        await click(user, "Type to narrow")
        assert isinstance(user.app.focused, NarrowingInput), "it keeps the focus that it was given"
        await user.see_no("^ : ")


async def test_a_search_stays_at_its_match_when_another_tab_is_clicked() -> None:
    async with running(full()) as user:
        await user.see("web-1")
        await user.press("y", "slash")
        await user.type("image")
        await click(user, "History")
        await user.see("created")
        await user.see_no("/ image")
        await user.press("y", "colon")
        await user.type("po")
        await click(user, "apiVersion")
        await user.see_no(": po")


async def test_another_window_takes_nothing_away() -> None:
    async with running(full()) as user:
        await user.see("web-1")
        await user.press("slash")
        await user.type("web")
        user.app.post_message(events.AppBlur())
        await user.pilot.pause()
        user.app.post_message(events.AppFocus())
        await user.pilot.pause()
        await user.type("-12")
        await user.see("/ web-12")
