"""Whatever a theme file says: it can be worn on every screen, or is told with file, line and reason."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from textual.css.stylesheet import Stylesheet
from textual.theme import Theme
from textual.widget import Widget

import kwatch.tui
from kwatch.config.locations import shipped_themes
from kwatch.config.theme import Colors, States, Syntax
from kwatch.tui.palette import HEAT_STEPS, INK_OF_LEVEL, Ground, Palette
from kwatch.tui.themes import DEFAULT_THEME, ThemeStore, variable_problem
from tests.tui.driving import running
from tests.tui.fakes import PODS, FakeSession, pod

NORD = (shipped_themes() / "nord.yaml").read_text()
COLOURS = (
    "#123456",
    "#abc",
    "#gggggg",
    "#12345",
    "red",
    "reddish",
    "chartreuse",
    "ansi_red",
    "ansi_default",
    "ansi_nothing",
    "transparent",
    "auto",
    "initial",
    "default",
    "rgb(1,2,3)",
    "hsl(0,0%,0%)",
    "nonsense((",
    "$primary",
    "",
    "9" * 5000,
)
STYLES = ("bold", "not underline", "bold shiny", "none", "not")
VALUES = (*COLOURS, *STYLES, "tall $primary", "1fr", ";", "}", "/*", "auto 50%", "a: b")
PARTS = [
    (part, name)
    for part, shape in (("colors", Colors), ("states", States), ("syntax", Syntax))
    for name in shape.__struct_fields__
]
VARIABLES = sorted(as_theme_variables := ThemeStore(shipped_themes()).load(DEFAULT_THEME).to_color_system().generate())


def stylesheets() -> list[str]:
    """The rules of every widget and screen there is."""
    for module in pkgutil.walk_packages(kwatch.tui.__path__, "kwatch.tui."):
        importlib.import_module(module.name)
    classes: list[type[Widget]] = [Widget]
    for each in classes:
        classes += each.__subclasses__()
    return sorted({each.DEFAULT_CSS for each in classes if each.DEFAULT_CSS})


RULES = stylesheets()


def wear(theme: Theme) -> None:
    """What happens when it is put on: every rule is read, every style made."""
    variables = {**theme.to_color_system().generate(), **theme.variables}
    sheet = Stylesheet(variables=variables)
    for number, rules in enumerate(RULES):
        sheet.add_source(rules, read_from=(str(number), ""), is_default_css=True)
    sheet.parse()
    for no_color in (False, True):
        palette = Palette(variables, no_color=no_color)
        inks = (*INK_OF_LEVEL.values(), *(name for name in theme.variables if name.startswith("kwatch-")))
        for ink in inks:
            for ground in Ground:
                palette.style(ink, ground, heat=HEAT_STEPS, tint="kwatch-added", bold=True)
        palette.found(current=True)


def saved(folder: Path, text: str) -> tuple[Theme, str]:
    (folder / "mine.yaml").write_text(text, encoding="utf-8")
    return ThemeStore(shipped_themes(), folder).load_or_default("mine")


@pytest.mark.parametrize("name", ThemeStore(shipped_themes()).names())
def test_every_shipped_theme_can_be_worn(name: str) -> None:
    wear(ThemeStore(shipped_themes()).load(name))


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(PARTS), st.sampled_from(COLOURS), max_size=4), st.booleans())
@example({("colors", "primary"): "ansi_red"}, True)
@example({("colors", "background"): "ansi_default"}, False)
@example({("colors", "panel"): "transparent"}, False)
def test_colours(tmp_path_factory: pytest.TempPathFactory, colours: dict[tuple[str, str], str], dark: bool) -> None:
    lines = NORD.splitlines()
    lines = [line for line in lines if not line.startswith("dark:")]
    for (part, name), colour in colours.items():
        start = lines.index(f"{part}:") if f"{part}:" in lines else len(lines)
        lines = [line for place, line in enumerate(lines) if not (place > start and line.startswith(f"  {name}:"))]
        if start == len(lines):
            lines.append(f"{part}:")
        lines.insert(lines.index(f"{part}:") + 1, f"  {name}: '{colour}'")
    folder = tmp_path_factory.mktemp("themes")
    theme, problem = saved(folder, "\n".join([*lines, f"dark: {str(dark).lower()}"]))
    assert theme.name == (DEFAULT_THEME if problem else "mine"), problem
    if problem:
        assert problem.startswith(f"{folder}/mine.yaml"), problem
        assert "not a colour" in problem or "must be set" in problem or "nothing" in problem, problem
    wear(theme)


@settings(max_examples=120)
@given(
    st.sampled_from([*VARIABLES, "nothing", "a b", "$", ""]), st.one_of(st.sampled_from(VALUES), st.text(max_size=10))
)
@example("primary", "nonsense((")
@example("text", "auto 87%")
@example("border", "tall red")
@example("kwatch-muted", "nonsense((")
@example("block-cursor-text-style", "bold shiny")
@example("button-focus-text-style", "b reverse")
def test_variables(name: str, value: str) -> None:
    if variable_problem(name, value):
        return
    base = ThemeStore(shipped_themes()).load("nord")
    wear(Theme(**{**vars(base), "variables": {**base.variables, name: value}}))


def test_the_variables_that_are_there_may_be_set() -> None:
    theme = ThemeStore(shipped_themes()).load("nord")
    values = {**theme.to_color_system().generate(), **theme.variables}
    refused = {name: value for name, value in values.items() if variable_problem(name, value)}
    assert {value.partition(" ")[0] for value in refused.values()} == {"auto", "initial"}, refused


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("variables: {'primary': 'nonsense(('}", "mine.yaml:1: 'nonsense((' is not a colour"),
        ("variables:\n  border: tall\n", "mine.yaml:2: 'tall' is not a colour"),
        ("variables:\n  primry: red\n", "mine.yaml:2: there is no style variable 'primry'; primary?"),
        ("variables:\n  block-cursor-text-style: shiny\n", "mine.yaml:2: 'shiny' is no text style"),
        ("states:\n  added: '#gggggg'\n", "mine.yaml:2: '#gggggg' is not a colour"),
    ],
)
def test_a_mistake_has_file_line_and_reason(tmp_path: Path, line: str, says: str) -> None:
    text = "\n".join(each for each in NORD.split("states:")[0].splitlines())
    theme, problem = saved(tmp_path, f"{line}\n{text}")
    assert theme.name == DEFAULT_THEME
    assert says in problem


async def test_a_broken_theme_changes_nothing_on_the_screen(tmp_path: Path) -> None:
    session = FakeSession()
    session.feed(PODS).put(pod("web-1"))
    async with running(session, size=(120, 30)) as user:
        await user.see("1 pod")
        user.app.theme_store = ThemeStore(shipped_themes(), tmp_path)
        for number, text in enumerate(
            ("variables: {primary: 'nonsense(('}\n" + NORD, "k9s: {body: {bgColor: '#gggggg'}}")
        ):
            (tmp_path / f"odd-{number}.yaml").write_text(text)
            user.app.use_theme(f"odd-{number}")
            await user.see(f"odd-{number}.yaml:1")
        assert user.app.theme == DEFAULT_THEME
