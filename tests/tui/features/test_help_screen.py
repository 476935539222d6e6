"""The help: where one is comes first, nothing is cut, and every sign is explained."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from kwatch.config.settings import Settings
from kwatch.tui.features.help_screen import LEGEND, HelpTopic, help_lines
from kwatch.tui.keys import KeysInForce
from tests.tui.driving import running
from tests.tui.every_screen import full
from tests.tui.test_any_keys import busy

PACKAGE = Path(__file__).parent.parent.parent / "kwatch"
PROSE = set("…—–’“”éü©")
"""Not signs: they stand in sentences."""


@pytest.mark.parametrize("width", [80, 100, 120])
async def test_nothing_is_cut(width: int) -> None:
    async with running(busy(), size=(width, 400)) as user:
        await user.see("web-1")
        await user.press("question_mark")
        await user.see("You are on the table")
        shown = " ".join(" ".join(user.lines).split())
        assert "Its changes among those of its owners, children and node, and the Events, on one time line" in shown
        assert "in the name or any shown cell, case ignored unless capitals are typed" in shown


async def test_another_width_breaks_lines_elsewhere() -> None:
    async with running(busy(), size=(120, 400)) as user:
        await user.see("web-1")
        await user.press("question_mark")
        await user.see("You are on the table")
        before = len([line for line in user.lines if line.strip()])
        await user.pilot.resize_terminal(60, 400)
        await user.until(lambda: len([line for line in user.lines if line.strip()]) > before, "more lines")
        await user.see("You are on the table")


async def test_what_works_here_comes_first() -> None:
    async with running(full(), size=(120, 300)) as user:
        await user.see("web-1")
        await user.press("y", "question_mark")
        await user.see("You are on an object")
        text = "\n".join(user.lines)
        assert text.index("Show or hide managedFields") < text.index("when it applies")
        here, _elsewhere = text.split("when it applies", 1)
        assert "Two versions side by side" not in here


def _signs(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    sentences = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in sentences:
            yield from (each for each in node.value if not each.isascii() and each.isprintable())


@pytest.mark.parametrize("folder", ["tui", "view", "history", "catalog"])
def test_every_sign_is_in_the_legend(folder: str) -> None:
    explained = {each for signs in LEGEND.values() for written, _ in signs for each in written}
    found: dict[str, str] = {}
    for path in sorted((PACKAGE / folder).rglob("*.py")):
        if path.name != "legend.py":
            found |= {sign: str(path.relative_to(PACKAGE)) for sign in _signs(path)}
    assert {sign: where for sign, where in found.items() if sign not in explained | PROSE} == {}


def test_what_can_be_typed_after_the_colon_is_told() -> None:
    topic = HelpTopic("the table", (), ())
    lines = [line.text for line in help_lines(topic, KeysInForce({}), Settings(), 100)]
    start = lines.index("After the colon")
    assert any("-n shop" in line for line in lines[start : start + 8])
    assert any("@prod" in line for line in lines[start : start + 8])
