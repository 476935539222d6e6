"""Setting the baseline: now, at the moment one looks at, or at one that is named; and showing what changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kwatch.history.version import Moment
from kwatch.tui.commands.everywhere import SHOW_CHANGES
from kwatch.tui.features.changes.baseline import Baseline
from kwatch.tui.features.time_travel.moment import clock_text, read_moment
from kwatch.view.freshness import ago

if TYPE_CHECKING:
    from kwatch.history.journal import Journal
    from kwatch.tui.kwatch_screen import KwatchScreen

WORDS_FOR_NONE = frozenset({"clear", "none", "off"})


def set_baseline(screen: KwatchScreen[Any]) -> bool:
    """Mark the moment that the screen shows, or now; False where nothing is remembered."""
    journal = _journal(screen)
    if journal is None:
        return False
    shown = screen.moment_to_mark()
    _mark(screen, shown or now_of(screen, journal))
    return True


def set_baseline_at(screen: KwatchScreen[Any], words: str) -> bool:
    """`:baseline`, `:baseline 14:02`, `:baseline -10m`, `:baseline clear`."""
    return _set_at(screen, words) if words else set_baseline(screen)


def show_changes(screen: KwatchScreen[Any]) -> None:
    """By owner or by path; in the past up to the moment shown."""
    session = screen.kwatch.session
    if session is None or session.names is None or session.journal is None:
        screen.notify("Nothing is remembered yet.", severity="warning", markup=False)
    else:
        screen.open_screen("changes", session, session.journal, screen.moment_in_view())


def show_changes_since(screen: KwatchScreen[Any], words: str) -> None:
    """`:since -10m` sets the baseline first."""
    if not words or _set_at(screen, words):
        show_changes(screen)


def _set_at(screen: KwatchScreen[Any], words: str) -> bool:
    """Mark `14:02`, `-10m` or `now`, or `clear` the mark; a notice for what makes no sense. Whether one was set."""
    journal = _journal(screen)
    if journal is None:
        return False
    if words in WORDS_FOR_NONE:
        clear_baseline(screen)
        return False
    now = now_of(screen, journal)
    if words == "now":
        _mark(screen, now)
        return True
    began = _began(journal, now.at)
    try:
        at = read_moment(words, began, now.at)
    except (ValueError, OverflowError) as error:
        screen.notify(str(error), severity="error", markup=False)
        return False
    _mark(screen, Moment(journal.sequence_at(at), at))
    if at < began:
        moment = clock_text(began, now.at, fine=False)
        screen.notify(f"Nothing is remembered before {moment}: it is since then.", severity="warning", markup=False)
    return True


def clear_baseline(screen: KwatchScreen[Any]) -> None:
    """Have none any more."""
    baseline, screen.kwatch.baseline = screen.kwatch.baseline, None
    if baseline is not None:
        baseline.clear()
    words = "The baseline is cleared." if baseline is not None else "No baseline is set; m sets one."
    screen.notify(words, timeout=2, markup=False)


def now_of(screen: KwatchScreen[Any], journal: Journal) -> Moment:
    """The newest state; of a recording, which has no now, its end."""
    session = screen.kwatch.session
    sequence = journal.last_sequence
    at = screen.kwatch.clock.time()
    if session is not None and session.state.is_recording:
        newest = journal.log_window(journal.log_length - 1, journal.log_length)
        at = newest[0].at if newest else at
    return Moment(sequence, at)


def _mark(screen: KwatchScreen[Any], moment: Moment) -> None:
    app, journal = screen.kwatch, _journal(screen)
    assert journal is not None and app.session is not None, "there is nothing to mark without them"
    before, app.baseline = app.baseline, Baseline(moment, app.session)
    if before is not None:
        before.clear()  # after the new one holds what is watched, so that nothing stops in between
    now = now_of(screen, journal).at
    when = clock_text(moment.at, now, fine=False)
    passed = now - moment.at
    far = f", {ago(passed)} ago" if passed >= 1 else ""
    key = app.keys_in_force.display(SHOW_CHANGES)
    screen.notify(f"Baseline set at {when}{far}. {key} shows what changed since.", timeout=4, markup=False)


def _began(journal: Journal, now: float) -> float:
    oldest = journal.log_window(0, 1)
    return oldest[0].at if oldest else now


def _journal(screen: KwatchScreen[Any]) -> Journal | None:
    session = screen.kwatch.session
    journal = session.journal if session is not None else None
    if journal is None:
        screen.notify("Nothing is remembered yet.", severity="warning", markup=False)
    return journal
