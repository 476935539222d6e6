"""Saved views as files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kwatch.config.document import InvalidDocument
from kwatch.config.saved_views import InvalidViewName, SavedView, SavedViews

BROKEN = SavedView("pods,deploy", "*", "app=cart", filter="unhealthy restarts>3", sort="-restarts", wide=True)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    saved = SavedViews(tmp_path / "views")
    assert saved.names() == ()
    path = saved.save("broken-carts", BROKEN)
    saved.save("all", SavedView(resource="nodes"))
    assert saved.names() == ("all", "broken-carts")
    assert saved.load("broken-carts") == BROKEN
    assert path.read_text().splitlines()[0] == "resource: pods,deploy", "people read and write these files"
    assert "fieldSelector" not in path.read_text(), "what was not said is not written"
    assert [each.name for each in path.parent.iterdir() if each.suffix != ".yaml"] == []


def test_saving_again_replaces_and_removing_removes(tmp_path: Path) -> None:
    saved = SavedViews(tmp_path)
    saved.save("mine", BROKEN)
    saved.save("mine", SavedView(filter="cart"))
    assert saved.load("mine") == SavedView(filter="cart")
    saved.remove("mine")
    assert saved.names() == ()
    with pytest.raises(FileNotFoundError):
        saved.load("mine")


@pytest.mark.parametrize("name", ["", "../theme", "a/b", ".hidden", "with space", "x" * 80, "a\nb"])
def test_a_name_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    saved = SavedViews(tmp_path / "views")
    with pytest.raises(InvalidViewName, match="letters, digits"):
        saved.save(name, BROKEN)
    with pytest.raises(InvalidViewName):
        saved.remove(name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "says"), [("resource: [pods]\n", "mine.yaml:1"), ("wide: true\nfliter: a\n", "fliter"), ("{", "mine.yaml")]
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(InvalidDocument, match=says):
        SavedViews(tmp_path).load("mine")


@settings(max_examples=200)
@given(st.text(max_size=30), st.text(max_size=30))
@example("2024-13-45", "0x_")
@example("~", "null")
@example("yes", "1e3")
@example("\x85", "\u2028")
@example("'", "# no comment")
def test_whatever_is_saved_is_loaded(tmp_path_factory: pytest.TempPathFactory, one: str, other: str) -> None:
    saved = SavedViews(tmp_path_factory.mktemp("views"))
    view = SavedView(resource=one, filter=other, sort=one)
    saved.save("mine", view)
    assert saved.load("mine") == view


def test_where_there_is_no_place_nothing_is_kept() -> None:
    saved = SavedViews(None)
    assert saved.names() == ()
    with pytest.raises(OSError, match="there is no home folder"):
        saved.save("mine", BROKEN)
    with pytest.raises(FileNotFoundError):
        saved.load("mine")
