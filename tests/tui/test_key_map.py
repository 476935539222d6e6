"""Every command: unique, named, documented; key maps checked against them."""

from __future__ import annotations

from collections import Counter

from kwatch.tui.commands.everywhere import APPLICATION_COMMANDS, COPY_SELECTION
from kwatch.tui.features.table.table_screen import TableScreen
from kwatch.tui.keys import KeysInForce, readable
from kwatch.tui.kwatch_screen import KwatchScreen
from kwatch.tui.navigation import SCREENS, load
from kwatch.tui.settings_reload import COMMANDS, binding_ids, unknown_bindings


def test_every_command_has_an_id_of_its_own_and_a_title() -> None:
    ids = Counter(command.id for command in COMMANDS)
    assert [name for name, count in ids.items() if count > 1] == []
    assert all(command.title and command.group for command in COMMANDS)


def test_no_key_means_two_things_on_the_table() -> None:
    keys = Counter(
        key
        for command in (*TableScreen.COMMANDS_OF_SCREEN, *APPLICATION_COMMANDS)
        if command is not COPY_SELECTION  # where c means nothing else: the table's own copies a selection too
        for key in command.keys.split(",")
        if key
    )
    assert [key for key, count in keys.items() if count > 1] == []


def test_the_keys_of_the_design_are_there() -> None:
    keys = {key for command in COMMANDS for key in command.keys.split(",")}
    wanted = "enter slash colon escape question_mark left_square_bracket right_square_bracket minus 0 1 9 N A S O"
    assert set(wanted.split()) <= keys
    assert {"shift+left", "shift+right", "ctrl+w", "ctrl+z", "ctrl+p", "ctrl+c", *"yvelpodDIcJqi"} <= keys


def test_a_key_map_is_checked() -> None:
    assert unknown_bindings({"filter": "f3", "table.up": "w"}) == ()
    assert unknown_bindings({"filtre": "f3"}) == ("keys: there is nothing called 'filtre'; did you mean filter?",)
    assert "text.search" in binding_ids()


def test_keys_are_written_for_people() -> None:
    keys = ("ctrl+w", "question_mark", "exclamation_mark", "N", "shift+left", "f4", "space")
    assert [readable(key) for key in keys] == [
        "Ctrl-W",
        "?",
        "!",
        "Shift-N",
        "Shift-←",
        "F4",
        "Space",
    ]
    mapped = KeysInForce({"filter": "f3,slash"})
    found = next(command for command in COMMANDS if command.id == "filter")
    assert mapped.keys(found) == ("f3", "slash")
    assert mapped.display(found) == "F3"


def test_every_name_in_a_command_is_there() -> None:
    """Commands name what does them; what is in an instance alone is found by running every command."""
    for command in COMMANDS:
        names = (command.run, command.run_with_args, command.candidates)
        for name in names:
            if isinstance(name, str) and ":" in name:
                assert callable(load(name)), command.id


def test_every_screen_can_be_opened_by_name() -> None:
    assert all(issubclass(load(name), KwatchScreen) for name in SCREENS.values())
