"""The track of the time bar."""

from __future__ import annotations

from kwatch.tui.features.time_travel.time_bar import density, track


def text(stretches: object) -> str:
    return "".join(each.text for each in stretches)  # type: ignore[attr-defined]


def test_density_shows_single_deltas_beside_bursts() -> None:
    assert density([100, 0, 0, 0, 0, 1]) == "█    ▁"
    assert density([0, 0]) == "  "


def test_what_was_not_watched_is_marked_where_nothing_arrived() -> None:
    assert text(track([0, 0, 0, 0, 3, 0], 0.0, 0.0, 6.0, gaps=[(2.0, 4.5)])) == "┃ ╳╳█ "
    assert "╳" not in text(track([0] * 6, 0.0, 0.0, 6.0, gaps=[(7.0, 9.0), (-3.0, -1.0)]))


def test_where_one_is_hides_the_baseline_and_both_stay_on_the_track() -> None:
    assert text(track([0] * 4, 4.0, 0.0, 4.0, baseline=1.0)) == " ◆ ┃"
    assert text(track([0] * 4, 1.0, 0.0, 4.0, baseline=1.0)) == " ┃  "
    assert text(track([0] * 4, 9.0, 0.0, 4.0, baseline=9.0)) == "   ┃"


def test_no_room_and_no_time() -> None:
    assert track([], 0.0, 0.0, 1.0) == []
    assert text(track([0] * 3, 5.0, 5.0, 5.0)) == "  ┃"


def test_what_has_passed_is_in_another_ink_than_what_comes() -> None:
    inks = [stretch.ink for stretch in track([1] * 5, 2.5, 0.0, 5.0)]
    assert inks == ["kwatch-changed", "secondary", "kwatch-muted"]
