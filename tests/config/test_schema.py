"""The JSON schemas, judged by the jsonschema package, and beside what is read in fact."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.config.document import InvalidDocument, parse_document
from kwatch.config.locations import shipped_themes
from kwatch.config.schema import first_settings, settings_schema, theme_schema
from kwatch.config.settings import BackgroundSettings, HistorySettings, HookSettings, Settings
from kwatch.config.theme import ThemeFile

CHECKOUT = Path(__file__).parents[2]
README = (CHECKOUT / "README.md").read_text()
EXAMPLES = re.findall(r"(?<!<!-- scenario -->\n)```yaml\n(.*?)```", README, re.DOTALL)
THEMES = sorted(shipped_themes().glob("*.yaml"))
SETTINGS, THEME = (jsonschema.Draft7Validator(each) for each in (settings_schema(), theme_schema()))


def test_they_are_schemas() -> None:
    for schema in (settings_schema(), theme_schema()):
        jsonschema.Draft7Validator.check_schema(schema)


@pytest.mark.parametrize("text", EXAMPLES)
def test_the_settings_in_the_readme_are_right(text: str) -> None:
    SETTINGS.validate(yaml.safe_load(text))


@pytest.mark.parametrize("path", THEMES, ids=lambda path: path.stem)
def test_every_shipped_theme_is_right(path: Path) -> None:
    THEME.validate(yaml.safe_load(path.read_text()))


@pytest.mark.parametrize(
    "text",
    [
        "theem: nord",
        "mouse: perhaps",
        "favourites: pods",
        "history: {lastLogLines: many}",
        "history: {size: 1}",
        "hooks: [{resource: pods}]",
        "keys: {filter: [f3]}",
        "background: {objects: few}",
        "- theme",
    ],
)
def test_wrong_settings_are_refused(text: str) -> None:
    assert list(SETTINGS.iter_errors(yaml.safe_load(text)))


COLOURS = dict.fromkeys(
    ("primary", "secondary", "accent", "foreground", "background", "surface", "panel", "success", "warning", "error"),
    "#123456",
)


def test_wrong_themes_are_refused_and_skins_of_k9s_left_alone() -> None:
    right: dict[str, Any] = {"name": "x", "colors": COLOURS}
    THEME.validate(right)
    THEME.validate({"k9s": {"body": {"fgColor": "dodgerblue"}}})
    for wrong in (
        {"colors": COLOURS},
        {"name": "x"},
        right | {"colour": {}},
        right | {"dark": "perhaps"},
        right | {"colors": COLOURS | {"primary": "12"}},
        right | {"colors": {"primary": "#123456"}},
        right | {"states": {"added": "rgb(1,2,3)"}},
        {"k9s": "no"},
    ):
        assert list(THEME.iter_errors(wrong)), wrong


def test_what_is_written_to_begin_with_is_all_defaults_and_names_every_setting() -> None:
    text = first_settings()
    assert text.startswith("# yaml-language-server: $schema=config.schema.json\n")
    assert parse_document(text, Settings, Path("config.yaml")) == Settings()
    said = re.sub(r"^#(?=\w)", "", text, flags=re.MULTILINE)
    tree = yaml.safe_load(said)
    assert tree.keys() == {field.encode_name for field in msgspec.structs.fields(Settings)}
    SETTINGS.validate(tree)
    assert parse_document(said, Settings, Path("config.yaml")) == Settings()


@pytest.mark.parametrize("shape", [Settings, HistorySettings, BackgroundSettings, HookSettings, ThemeFile])
def test_every_field_that_a_text_explains_is_described(shape: type[msgspec.Struct]) -> None:
    properties = str(settings_schema()) + str(theme_schema())
    assert all(f"'{field.encode_name}'" in properties for field in msgspec.structs.fields(shape))
    assert settings_schema()["properties"]["keys"]["description"].startswith("Binding id -> keys")


KEYS = st.sampled_from([field.encode_name for field in msgspec.structs.fields(Settings)])
WORDS = st.sampled_from(
    ["nord", "yaml", "1", "on", "off", "true", "2.5", "", "null", "~", "pods", "-3", "[a]", "{a: b}"]
)


def is_read(text: str) -> bool:
    """As far as types say it: the least memory, say, they do not."""
    try:
        parse_document(text, Settings, Path("config.yaml"))
    except InvalidDocument as error:
        return re.search("expected|nothing here|must be set", error.problem.reason) is None
    return True


@settings(max_examples=300)
@given(st.dictionaries(KEYS, WORDS, max_size=3))
def test_what_an_editor_calls_right_is_what_is_read(tree: dict[str, str]) -> None:
    text = "\n".join(f"{key}: {value}" for key, value in tree.items())
    assert SETTINGS.is_valid(yaml.safe_load(text) or {}) == is_read(text)


INSIDE = [f"background: {{{name}: %s}}" for name in ("objects", "kinds", "memory")]
INSIDE += [f"history: {{{name}: %s}}" for name in ("budget", "age", "lastLogLines")]


@settings(max_examples=200)
@given(st.sampled_from(INSIDE), WORDS)
def test_so_it_is_deeper_inside(where: str, word: str) -> None:
    assert SETTINGS.is_valid(yaml.safe_load(where % word)) == is_read(where % word)
