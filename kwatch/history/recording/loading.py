"""A recording into a journal: then everything that asks a journal works on a file."""

from __future__ import annotations

from collections.abc import Callable

from kwatch.history.journal import Journal
from kwatch.history.journal_sink import JournalSink
from kwatch.history.recording.reader import Recording
from kwatch.history.recording.recorded import Recorded, RecordedStream
from kwatch.informer.delta import DeletedFinalStateUnknown, Delta
from kwatch.informer.packing import ObjectPacker

_TELL_AFTER = 1000


def load(
    recording: Recording,
    journal: Journal,
    *,
    since: float | None = None,
    until: float | None = None,
    on_progress: Callable[[int, int], bool] | None = None,
) -> int:
    """Journal what was recorded between two times (seconds since the epoch); returns how many deltas.

    Sequences and times stay as they were. `on_progress` is called now and then with what is done and what there is,
    and returns whether to go on.
    """
    sinks: dict[int, JournalSink] = {}
    packers: dict[int, ObjectPacker] = {}
    done = 0
    for each in recording.deltas(since, until):
        number = each.stream.number
        sink = sinks.get(number)
        if sink is None:
            sink = sinks[number] = _sink(journal, each.stream)
            packers[number] = ObjectPacker()
        if isinstance(each, Recorded):
            packers[number].pack(each.object)
            content = DeletedFinalStateUnknown(each.key, each.object) if each.inferred else each.object
            sink.on_delta(Delta(each.type, content, each.sequence, each.at, each.departed), None)
        else:
            sink.on_gap(each.since, each.until, each.cause)
        done += 1
        if on_progress is not None and done % _TELL_AFTER == 0 and not on_progress(done, recording.count):
            break
    return done


def _sink(journal: Journal, stream: RecordedStream) -> JournalSink:
    """It stays open: a recording ends, which is no time that was missed."""
    return journal.sink(
        stream.context, str(stream.resource), stream.namespace, stream.label_selector, stream.field_selector
    )
