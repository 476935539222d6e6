"""What `kwatch record` leaves behind."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kwatch.cli import record as recording
from kwatch.history.recording.redaction import Redaction
from kwatch.output.opening import Run, Selection, StreamError
from kwatch.session.session import Session
from tests.output.changes import FixedClock


def test_a_recording_that_never_began_is_not_in_the_way_of_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any) -> Any:
        raise StreamError("pods is forbidden")

    monkeypatch.setattr(recording, "await_connection", lambda *_: True)
    monkeypatch.setattr(recording, "SelectedFeeds", refused)
    session = cast(Session, SimpleNamespace(close=lambda: None))
    file, said = tmp_path / "a.kwatch", list[str]()
    for _ in range(2):
        run = Run(session, said.append, FixedClock(), threading.Event())
        with pytest.raises(StreamError, match="forbidden"):
            recording.RecordedRuns(file, Redaction(), said.append).of([run], Selection("pods"))
    assert (said, file.exists()) == ([], False)
