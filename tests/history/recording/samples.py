"""Small recordings for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kwatch.history.recording.recorder import Recorder
from kwatch.informer.resource import GroupVersionResource, Resource
from tests.history.objects import Feeder

PODS = Resource(GroupVersionResource("", "v1", "pods"), "Pod", True, "pod", ("po",), ("all",))
SECRETS = Resource(GroupVersionResource("", "v1", "secrets"), "Secret", True, "secret")


class Tape:
    """A recorder with a feeder for pods; closed at the end of the block."""

    def __init__(self, path: Path, **options: Any) -> None:
        self.recorder = Recorder(path, **options)
        self.pods = Feeder(self.recorder.sink("ctx", PODS))

    def __enter__(self) -> Tape:
        return self

    def __exit__(self, *_: object) -> None:
        self.recorder.close()
