"""Where a replay begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from kwatch.cli.arguments import SelectionArguments
from kwatch.cli.replay import _selection
from kwatch.history.journal import Journal
from kwatch.history.recording.cluster import RecordedCluster
from kwatch.history.recording.saving import Described, save
from tests.history.objects import Feeder, pod
from tests.history.recording.samples import PODS


@pytest.mark.parametrize(
    ("recorded", "asked", "shown"),
    [
        (("shop",), SelectionArguments(), SelectionArguments(namespace="shop")),
        ((None,), SelectionArguments(), SelectionArguments(all_namespaces=True)),
        (("shop", "data"), SelectionArguments(), SelectionArguments(all_namespaces=True)),
        (("shop",), SelectionArguments(all_namespaces=True), SelectionArguments(all_namespaces=True)),
        (("shop", "data"), SelectionArguments(namespace="data"), SelectionArguments(namespace="data")),
    ],
)
def test_it_does_not_say_more_than_was_recorded(
    recorded: tuple[str | None, ...], asked: SelectionArguments, shown: SelectionArguments, tmp_path: Path
) -> None:
    journal, path = Journal(), tmp_path / "r.kwatch"
    for number, namespace in enumerate(recorded):
        feeder = Feeder(journal.sink("here", "pods", namespace))
        feeder.replace(pod("web", 1 + number, namespace=namespace or "shop", uid=f"u{number}"))
    save(journal, path, {"pods": Described(PODS)}.get, created=50.0)
    journal.close()
    assert _selection(asked, False, [RecordedCluster(path)]) == shown
