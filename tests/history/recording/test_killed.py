"""A recorder that is killed, not ended: its file is there, and readable."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from kwatch.history.recording.format import Recorded
from kwatch.history.recording.reader import Recording

_RECORDS = """
import sys
from pathlib import Path
from kwatch.history.recording.recorder import Recorder
from kwatch.informer.clock import SystemClock
from tests.history.objects import Feeder, pod
from tests.history.recording.samples import PODS

recorder = Recorder(Path(sys.argv[1]))
pods = Feeder(recorder.sink("ctx", PODS))
for number in range(1, 500):
    pods.update(pod(f"pod-{number % 5}", version=number, phase=f"phase {number}"))
while recorder.bytes < 2000 or recorder.records < 499:
    SystemClock().wait(recorder._stop, 0.01)
print("written", flush=True)
sys.stdin.read()
"""


def test_sigkill(tmp_path: Path) -> None:
    path = tmp_path / "tape"
    command = [sys.executable, "-c", _RECORDS, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        process.kill()
    recording = Recording(path)
    found = [each.object.resource_version for each in recording.deltas() if isinstance(each, Recorded)]
    assert recording.end is None
    assert len(found) > 100
    assert found == [str(number) for number in range(1, len(found) + 1)]
