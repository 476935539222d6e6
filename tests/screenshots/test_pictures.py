"""The pictures of the README are there, and say what their captions say; `--check` compares them with the program."""

from __future__ import annotations

import re

import pytest

from tests.screenshots.__main__ import ENDINGS, FOLDER, gallery, shown
from tests.screenshots.scenes import SCENES
from tests.screenshots.stage import foreseeable


def test_each_picture_is_there_in_each_theme() -> None:
    wanted = {f"{scene.name}{ending}.png" for scene in SCENES for ending in ENDINGS}
    assert wanted <= {path.name for path in FOLDER.glob("*.png")}


def test_the_gallery_shows_them_all() -> None:
    assert (FOLDER / "README.md").read_text() == gallery()


def test_the_readme_shows_pictures_that_are_there_by_their_captions() -> None:
    readme = (FOLDER.parent / "README.md").read_text()
    names = set(re.findall(r"screenshots/([\w-]+\.(?:png|svg))", readme))
    assert names and names <= {path.name for path in FOLDER.iterdir()}
    for scene in SCENES:
        if f"screenshots/{scene.name}.png" in readme:
            assert shown(scene).replace('="' + scene.name, '="screenshots/' + scene.name) in readme


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("/ app=cart      label index 5; 12 us", "/ app=cart   label index 5; 9.1 ms"),
        (
            " ◆ kwatch  demo › informers \n  history 65 KB of 268 MB",
            " ◆ kwatch  demo › informers \n history 7 KB of 268 MB",
        ),
    ],
)
def test_what_a_machine_takes_is_not_compared(text: str, same: str) -> None:
    assert foreseeable(text) == foreseeable(same)
    assert foreseeable(text) != foreseeable(same.replace("app", "ape").replace("history", "past"))
