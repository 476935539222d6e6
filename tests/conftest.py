"""What holds for every test: a terminal of many colours, no deadlines, and nothing crashes behind its back."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from kwatch.base import threads
from kwatch.base.threads import Crashes

# How long an example takes says how busy the machine is, and nothing about the code.
settings.register_profile("kwatch", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kwatch")

LONGEST_FIRST = (
    "tests/end_to_end/test_random",
    "tests/end_to_end/test_hostile",
    "tests/tui/test_themes_everywhere",
    "tests/tui/test_selection",
    "tests/tui/test_every_command",
    "tests/test_benchmarks",
    "tests/view/suspects/test_incidents",
    "tests/end_to_end/",
    "tests/tui/",
)
"""Where the longest tests are: begun last, they would keep one worker busy while the others have nothing left to do."""


def pytest_configure() -> None:
    """Begin with the signals of a terminal: what nohup or `&` ignores, the programs under test would inherit."""
    gc.disable()
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


def pytest_collection_finish() -> None:
    """Nine thousand tests are no garbage: looking at them again and again took two thirds of the time in which they are
    collected, and a tenth of that in which they run.
    """
    gc.freeze()
    gc.enable()


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """What `-n auto` means: some more than there are cores, because many of these tests wait rather than compute."""
    return (os.cpu_count() or 1) + 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what takes longest first."""
    rank = {place: number for number, place in enumerate(LONGEST_FIRST)}
    items.sort(
        key=lambda item: next((rank[place] for place in LONGEST_FIRST if item.nodeid.startswith(place)), len(rank))
    )


@pytest.fixture(autouse=True)
def a_terminal_with_all_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the tests run: what is shown does not depend on it."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture(autouse=True)
def nobody_set_up_k9s(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever whoever runs the tests has set up."""
    monkeypatch.setenv("K9S_CONFIG_DIR", os.devnull)


@pytest.fixture
def crashes(monkeypatch: pytest.MonkeyPatch) -> Crashes:
    """Counts what escapes in this test, which expects that something does."""
    counted = Crashes()
    monkeypatch.setattr(threads, "CRASHES", counted)
    return counted


@pytest.fixture(autouse=True)
def nothing_crashes_unseen() -> Iterator[None]:
    """A thread that ends with an exception fails the test in which it does."""
    counted = threads.CRASHES
    before = counted.total
    yield
    escaped = counted.latest[-(counted.total - before) :] if counted.total != before else ()
    if escaped:
        threads.CRASHES = Crashes()  # one test fails, and not those after it that read the header
    assert not escaped, f"nobody expected this: {', '.join(map(str, escaped))}"
