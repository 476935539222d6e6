"""The words of `kwatch replay` and `kwatch diff`."""

from __future__ import annotations

import pytest

from kwatch.cli.arguments import DiffArguments, ReplayArguments, UsageError
from kwatch.cli.parser import parse
from kwatch.tui.features.time_travel.moment import Replay


def replay(*words: str) -> ReplayArguments:
    arguments = parse(("replay", *words))
    assert isinstance(arguments, ReplayArguments)
    return arguments


def test_a_recording_plays_from_its_beginning() -> None:
    found = replay("shop.kwatch")
    assert (found.file, found.anything, found.watch.selection.resource) == ("shop.kwatch", True, "pods")
    assert found.replay == Replay()
    asked = replay("shop.kwatch", "deploy", "-n", "shop")
    assert (asked.anything, asked.watch.selection.resource, asked.watch.selection.namespace) == (
        False,
        "deploy",
        "shop",
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--speed", "10x", "--paused"), Replay(speed=10.0, paused=True)),
        (("--from", "-10m"), Replay(start="-10m")),
        (("--from=+5m",), Replay(start="+5m")),
        (("--from", "14:02"), Replay(start="14:02")),
        (("-i", "2.5"), Replay(idle=2.5)),
        (("--idle-time-limit", "30s"), Replay(idle=30.0)),
    ],
)
def test_how_it_is_played(words: tuple[str, ...], expected: Replay) -> None:
    assert replay("shop.kwatch", *words).replay == expected
    assert replay(*words, "shop.kwatch").replay == expected


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--speed", "0"), "not a speed: write a number from 0.25 to 1000"),
        (("--from", "noon"), "not a moment: write 14:02"),
        (("--from", "-10"), "not a moment: write 14:02"),
        (("-i", "0"), "no seconds; write 5"),
        (("-i", "nan"), "no seconds; write 5"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(words: tuple[str, ...], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        replay("shop.kwatch", *words)


def test_a_difference_is_told_by_object_or_by_path() -> None:
    for words, by_path in (((), False), (("--by", "object"), False), (("--by", "path"), True)):
        found = parse(("diff", "pods", "--file", "shop.kwatch", *words))
        assert isinstance(found, DiffArguments)
        assert found.by_path is by_path
    with pytest.raises(UsageError, match="invalid choice: 'owner'"):
        parse(("diff", "pods", "--file", "shop.kwatch", "--by", "owner"))
