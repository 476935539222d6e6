"""What the informers screen says of history."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any, cast

from kwatch.history.journal import Journal
from kwatch.history.store import Evicted
from kwatch.tui.features.informers_screen import history_words
from tests.history.objects import Feeder, pod


def journal_with(**facts: Any) -> Journal:
    known = {
        "bytes": 12_300_000,
        "index_bytes": 3_400_000,
        "budget_bytes": 256_000_000,
        "versions_kept": 1203,
        "evicted": Evicted(),
        "backlog": 0,
    }
    return cast("Journal", SimpleNamespace(**known | facts))


def test_how_full_it_is() -> None:
    words = "history 12 MB of 256 MB, 1,203 versions, nothing evicted; index 3.4 MB, up to date"
    assert history_words(journal_with()) == words


def test_what_had_to_go_and_how_far_the_index_is_behind() -> None:
    at = 1_000_000.0
    words = history_words(journal_with(evicted=Evicted(214, 3, 99, at), backlog=1200, versions_kept=1))
    clock = time.strftime("%H:%M:%S", time.localtime(at))
    begin = f"history 12 MB of 256 MB, 1 version; 214 from before {clock} made room"
    assert words == f"{begin}; index 3.4 MB, 1,200 objects not looked at yet"


def test_versions_are_counted_until_they_make_room() -> None:
    journal = Journal(budget_bytes=0)
    pods = Feeder(journal.sink("ctx", "pods"))
    for number in range(1, 11):
        pods.update(pod(version=number))
    assert journal.catch_up(5.0, compacted=True)
    assert journal.versions_kept + journal.evicted.versions == 10
    assert journal.versions_kept >= 1
    journal.close()
