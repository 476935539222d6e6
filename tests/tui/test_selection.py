"""Text that is selected with the mouse, wherever one can: it can be seen, and copied."""

from __future__ import annotations

import pytest
from rich.color import ColorSystem
from textual import events
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets._toast import Toast
from textual.widgets._tooltip import Tooltip

from kwatch.config.settings import Settings
from kwatch.tui.features.choice_screen import ChoiceScreen
from tests.tui.driving import Driver, running
from tests.tui.every_screen import every_screen, full, kinds_of_screens
from tests.tui.test_themes_everywhere import unreadable


def mouse(user: Driver, kind: type[events.MouseEvent], x: int, y: int, button: int = 1) -> None:
    user.app.post_message(kind(None, x, y, 0, 0, button, False, False, False, screen_x=x, screen_y=y))


async def drag(user: Driver, start: tuple[int, int], end: tuple[int, int]) -> None:
    mouse(user, events.MouseMove, *start, 0)
    mouse(user, events.MouseDown, *start)
    steps = 3
    for step in range(1, steps + 1):
        x, y = (one + (other - one) * step // steps for one, other in zip(start, end, strict=True))
        mouse(user, events.MouseMove, x, y)
        await user.app.key_order.settled()
    mouse(user, events.MouseUp, *end)
    await user.app.key_order.settled()
    await user.pilot.pause()


def test_every_screen_keeps_what_the_toolkit_gives_a_screen() -> None:
    """Only the first base that is a node passes its styles on: a mixin before the screen would cut them off."""
    for kind in kinds_of_screens():
        assert Screen in kind._css_bases(kind), kind
        wanted = {name for each in kind.__mro__ if issubclass(each, DOMNode) for name in classes(each)}
        assert kind._get_component_classes() == wanted, kind


def classes(kind: type[DOMNode]) -> set[str]:
    found: set[str] = set(kind.__dict__.get("COMPONENT_CLASSES", ()))
    return found


DRAGS = (((4, 4), (60, 9)), ((60, 9), (4, 4)), ((4, 0), (100, 29)), ((100, 27), (30, 3)), ((5, 28), (5, 28)))
"""Within the text and back, from the header to the footer, out of a toast, and a mere click."""


@pytest.mark.parametrize("theme", ["kwatch-dark", "terminal"])
async def test_a_drag_over_anything_on_any_screen(theme: str) -> None:
    async with running(full(), settings=Settings(theme=theme), tooltips=True) as user:
        async for name in every_screen(user, () if theme == "kwatch-dark" else ("table", "logs", "changes", "help")):
            user.app.notify("careful", severity="warning", timeout=100)
            tooltip = user.app.screen.query_one(Tooltip)
            tooltip.display = True
            tooltip.update("a tip")
            await user.pilot.pause()
            for start, end in DRAGS[:2]:
                await drag(user, start, end)
                assert not unreadable(user, ColorSystem.TRUECOLOR) or isinstance(user.app.screen, ChoiceScreen), name
            for start, end in DRAGS[2:]:
                await drag(user, start, end)
            assert user.app.is_running, name
            user.app.clear_notifications()


async def test_what_is_selected_in_a_table_is_copied_as_it_is_shown() -> None:
    async with running(full()) as user:
        await user.see("web-1")
        await user.see("web-11")
        row = next(number for number, line in enumerate(user.lines) if "web-11" in line)
        cursor = user.app.home.table.cursor_key
        end = user.lines[row + 1].index("Running") + len("Running")
        await drag(user, (3, row), (end - 1, row + 1))
        assert user.app.home.table.cursor_key == cursor, "a drag chooses text and not a row"
        assert "c copy selection" in user.lines[-1]
        await user.press("c")
        words = [*user.lines[row].split(), *user.lines[row + 1][:end].split()]
        assert words[0] == "web-11" and words[-1] == "Running"
        assert user.app.clipboard.split() == words
        await user.see("Copied 2 lines")
        assert "c copy selection" not in user.lines[-1]
        await user.press("c")
        assert user.app.clipboard == "web-0", "without a selection it is the name"


async def test_what_is_selected_in_a_table_scrolls_with_it() -> None:
    async with running(full()) as user:
        await user.see("web-1")
        await user.see("web-11")
        row = next(number for number, line in enumerate(user.lines) if "web-11" in line)
        await drag(user, (3, row), (8, row))
        await user.press("G", "ctrl+c")
        assert user.app.clipboard == "web-11"
        await drag(user, (3, 2), (8, 4))
        await user.press("ctrl+c")
        assert user.app.clipboard.split()[-1] == user.lines[4].split()[1 if "!" in user.lines[4][:3] else 0]
        await user.press("ctrl+c")
        assert user.app.return_value == 0, "nothing is selected any more: it quits"


@pytest.mark.parametrize(
    ("key", "text"), [("y", "apiVersion: v1\nkind: Pod"), ("question_mark", "Drill down"), ("l", "one")]
)
async def test_what_is_selected_in_a_text_is_copied(key: str, text: str) -> None:
    async with running(full()) as user:
        await user.see("web-1")
        await user.press("j", key)
        await user.see(text.partition("\n")[0])
        first = next(number for number, line in enumerate(user.lines) if text.partition("\n")[0] in line)
        column = user.lines[first].index(text.partition("\n")[0])
        end = (column + len(text.rpartition("\n")[2]) - 1, first + text.count("\n"))
        before = looks(user, *end)
        await drag(user, (column, first), end)
        assert looks(user, *end) != before, "what is selected looks otherwise"
        await user.press("c")
        assert user.app.clipboard == text
        await user.see("Copied")
        assert looks(user, *end) == before


def looks(user: Driver, x: int, y: int) -> tuple[object, ...]:
    """Colours of a cell."""
    strip = user.app.screen._compositor.render_strips()[y].crop(x, x + 1)
    style = next(iter(strip)).style
    assert style is not None
    assert style.color != style.bgcolor, "it can be read"
    return style.color, style.bgcolor, style.reverse


async def test_a_double_click_opens_a_row_and_selects_nothing() -> None:
    async with running(full()) as user:
        await user.see("web-1")
        await user.see("web-11")
        row = next(number for number, line in enumerate(user.lines) if "web-11" in line)
        for _ in range(2):
            mouse(user, events.MouseDown, 5, row)
            mouse(user, events.MouseUp, 5, row)
        await user.see("Containers")
        await user.press("escape")
        assert not user.app.home.has_selection
        assert user.app.home.table.cursor_key == "shop/web-11"


async def test_a_selection_in_a_list_is_copied_before_it_would_quit() -> None:
    async with running(full()) as user:
        await user.see("web-1")
        await user.press("ctrl+p")
        await user.see("Drill")
        row = next(number for number, line in enumerate(user.lines) if "Drill" in line)
        column = user.lines[row].index("Drill")
        await drag(user, (column, row), (column + 4, row))
        await user.press("ctrl+c")
        assert user.app.clipboard == "Drill"
        assert user.app.is_running


async def test_a_drag_that_begins_on_a_toast_that_has_just_gone() -> None:
    async with running(full()) as user:
        await user.see("web-1")
        user.app.notify("careful")
        await user.see("careful")
        screen, toast = user.app.screen, user.app.screen.query_one(Toast)
        x, y, holder = toast.region.x + 3, toast.region.y + 1, toast.parent
        toast._detach()  # as a removal does, before it is painted over
        for kind, place in ((events.MouseDown, x), (events.MouseMove, x - 9), (events.MouseUp, x - 9)):
            screen._forward_event(kind(None, place, y, 0, 0, 1, False, False, False, screen_x=place, screen_y=y))
        assert isinstance(holder, Widget)
        toast._attach(holder)
        await user.pilot.pause()
        assert not screen.selections
