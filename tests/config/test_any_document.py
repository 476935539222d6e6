"""Whatever stands in a file of settings, a view or a theme: it is taken, or told with file and reason, at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kwatch.config.document import InvalidDocument, as_plain, parse_document, parse_tree
from kwatch.config.locations import shipped_themes
from kwatch.config.saved_views import SavedView
from kwatch.config.settings import Settings, load_settings
from kwatch.config.theme import ThemeFile, from_skin, is_skin

FILE = Path("config.yaml")
ODD = (
    "2024-13-45",
    "2024-02-30T99:99:99",
    "0x_",
    "0b_",
    "0o9",
    "9" * 5000,
    "-" + "9" * 5000,
    "1e99999",
    "1:99:99",
    ".inf",
    ".nan",
    "!!python/object/apply:os.system [true]",
    "!!binary '?'",
    "!!timestamp nonsense",
    "!!int x",
    "!!set {a, b}",
    "!!omap [a]",
    "*unknown",
    "&a [*a]",
    "&a {<<: *a}",
    "<<",
    "=",
    "{",
    "]",
    "'",
    '"\\x"',
    "|\n  a\n b",
    "? a",
    "%YAML 9.9",
    "--- ---",
    "\ufeff",
    "\x85",
    "\u2028",
    "@",
    "`",
    "~",
    "",
    "#gggggg",
    "'#gggggg'",
    "[" * 2000,
    "{a: " * 500,
    "- " * 500,
)
KEYS = ("theme", "keys", "favourites", "columns", "indices", "mouse", "history", "budget", "age", "none", "<<", "k9s")
scalars = st.one_of(st.sampled_from(ODD), st.text(max_size=12), st.integers(), st.floats(), st.booleans(), st.none())
trees = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(KEYS), scalars), inner, max_size=4),
    ),
    max_leaves=12,
)


def written(tree: Any) -> str:
    """As people write it: texts without quotes."""
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{written(key)}: {written(value)}" for key, value in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(written, tree)) + "]"
    return "" if tree is None else str(tree)


def check(text: str | bytes) -> None:
    for shape in (Settings, SavedView, ThemeFile):
        try:
            found = parse_document(text, shape, FILE)
        except InvalidDocument as error:
            assert error.problem.reason
            assert str(error).startswith("config.yaml")
            assert error.problem.line >= 0
        else:
            assert isinstance(found, shape)
    try:
        plain = as_plain(parse_tree(text, FILE))
    except InvalidDocument:
        return
    if is_skin(plain):
        assert from_skin(plain, "mine").colors.background


@settings(max_examples=300)
@given(st.sampled_from(KEYS), trees)
@example("theme", "2024-13-45")
@example("history", {"age": "2024-13-45"})
@example("keys", {"9" * 5000: "9" * 5000})
@example("k9s", {"body": {"bgColor": "#gggggg"}})
def test_trees_that_people_may_write(key: str, tree: Any) -> None:
    check(f"{key}: {written(tree)}\n")
    # Well-formed, whatever it says; surrogates cannot be written.
    check(yaml.safe_dump({key: tree}, allow_unicode=True).encode("utf-8", "replace"))


@settings(max_examples=200)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200)))
def test_any_bytes(content: str | bytes) -> None:
    check(content)


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("key", KEYS)
def test_every_setting_with_every_oddity(key: str, value: str) -> None:
    check(f"theme: nord\n{key}: {value}\n")


@pytest.mark.parametrize("theme", sorted(path.name for path in shipped_themes().glob("*.yaml")))
@settings(max_examples=15)
@given(data=st.data())
def test_shipped_themes_with_a_line_changed(theme: str, data: st.DataObject) -> None:
    lines = (shipped_themes() / theme).read_text().splitlines()
    place = data.draw(st.integers(0, len(lines) - 1))
    head = lines[place].partition(":")[0]
    lines[place] = f"{head}: {data.draw(st.sampled_from(ODD))}"
    check("\n".join(lines))


@pytest.mark.parametrize("text", ["theme: 2024-13-45\n", "theme: 0x_\n", f"theme: {'9' * 5000}\n"])
def test_what_yaml_takes_for_something_else_is_the_name_of_a_theme(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    found, problems = load_settings(path)
    assert (found.theme, problems) == (text.partition(": ")[2].strip(), ())
