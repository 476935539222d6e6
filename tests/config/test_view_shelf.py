"""Saved views as files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kwatch.config.document import InvalidDocument
from kwatch.config.saved_view import SavedView
from kwatch.config.view_shelf import InvalidViewName, ViewShelf

BROKEN = SavedView("pods,deploy", "*", "app=cart", filter="unhealthy restarts>3", sort="-restarts", wide=True)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    shelf = ViewShelf(tmp_path / "views")
    assert shelf.names() == ()
    path = shelf.save("broken-carts", BROKEN)
    shelf.save("all", SavedView(resource="nodes"))
    assert shelf.names() == ("all", "broken-carts")
    assert shelf.load("broken-carts") == BROKEN
    assert path.read_text().splitlines()[0] == "resource: pods,deploy", "people read and write these files"
    assert "fieldSelector" not in path.read_text(), "what was not said is not written"
    assert [each.name for each in path.parent.iterdir() if each.suffix != ".yaml"] == []


def test_saving_again_replaces_and_removing_removes(tmp_path: Path) -> None:
    shelf = ViewShelf(tmp_path)
    shelf.save("mine", BROKEN)
    shelf.save("mine", SavedView(filter="cart"))
    assert shelf.load("mine") == SavedView(filter="cart")
    shelf.remove("mine")
    assert shelf.names() == ()
    with pytest.raises(FileNotFoundError):
        shelf.load("mine")


@pytest.mark.parametrize("name", ["", "../theme", "a/b", ".hidden", "with space", "x" * 80, "a\nb"])
def test_a_name_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    shelf = ViewShelf(tmp_path / "views")
    with pytest.raises(InvalidViewName, match="letters, digits"):
        shelf.save(name, BROKEN)
    with pytest.raises(InvalidViewName):
        shelf.remove(name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "says"), [("resource: [pods]\n", "mine.yaml:1"), ("wide: true\nfliter: a\n", "fliter"), ("{", "mine.yaml")]
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(InvalidDocument, match=says):
        ViewShelf(tmp_path).load("mine")


@settings(max_examples=200)
@given(st.text(max_size=30), st.text(max_size=30))
@example("2024-13-45", "0x_")
@example("~", "null")
@example("yes", "1e3")
@example("\x85", "\u2028")
@example("'", "# no comment")
def test_whatever_is_saved_is_loaded(tmp_path_factory: pytest.TempPathFactory, one: str, other: str) -> None:
    shelf = ViewShelf(tmp_path_factory.mktemp("views"))
    view = SavedView(resource=one, filter=other, sort=one)
    shelf.save("mine", view)
    assert shelf.load("mine") == view


def test_where_there_is_no_place_nothing_is_kept() -> None:
    shelf = ViewShelf(None)
    assert shelf.names() == ()
    with pytest.raises(OSError, match="there is no home folder"):
        shelf.save("mine", BROKEN)
    with pytest.raises(FileNotFoundError):
        shelf.load("mine")
