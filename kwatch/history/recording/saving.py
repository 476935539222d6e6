"""A journal saved as a recording, and a recording loaded into a journal: what asks a journal works on a file too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kwatch.history.coverage import Gap, Scope
from kwatch.history.journal import Journal
from kwatch.history.journal_sink import JournalSink
from kwatch.history.recording.format import ColumnRow, FileInfo, Recorded, RecordedStream, RecordingError
from kwatch.history.recording.reader import Recording
from kwatch.history.recording.redaction import Redaction
from kwatch.history.recording.writer import RecordingWriter
from kwatch.history.version import Version
from kwatch.informer.delta import DeletedFinalStateUnknown, Delta
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.metadata import split_key
from kwatch.informer.packing import ObjectPacker
from kwatch.informer.resource import Resource

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Described:
    """What discovery says of a journalled resource, and its server's columns if its objects carry cells."""

    resource: Resource
    columns: tuple[ColumnRow, ...] = ()


Describe = Callable[[str], Described | None]
"""Asked by the name under which a resource is journalled: `pods`, `deployments.apps`."""


def save(
    journal: Journal,
    path: Path,
    describe: Describe,
    *,
    created: float,
    redaction: Redaction | None = None,
    on_progress: Callable[[int, int], bool] | None = None,
) -> int:
    """Write everything that is remembered up to now; returns how many deltas. Raise RecordingError.

    Data of Secrets are never written, nor what `redaction` names. `on_progress` is called now and then with what is
    done and about how much there is, and returns whether to go on.
    """
    redaction = redaction or Redaction()
    writer = RecordingWriter(path, FileInfo(created=created, redacted=redaction.paths))
    streams = _Streams(writer, describe, journal)
    try:
        done = 0
        for done, item in enumerate(_in_order(journal), 1):
            if isinstance(item, Gap):
                streams.add_gap(item)
            else:
                _add(journal, item, streams, redaction)
            if on_progress is not None and done % _PAGE == 0 and not on_progress(done, journal.log_length):
                break
        writer.close(created)
    except OSError as error:
        writer.abandon()
        raise RecordingError(f"{path} cannot be written: {error.strerror}.") from error
    return writer.records


class _Streams:
    """Declares each resource of each context with its first record. One that was only watched in some namespaces is a
    stream for each of them, because each has gaps of its own.
    """

    def __init__(self, writer: RecordingWriter, describe: Describe, journal: Journal) -> None:
        self.writer = writer
        self._describe = describe
        self._journal = journal
        self._numbers: dict[tuple[str, str, str | None], int] = {}
        self._namespaces: dict[tuple[str, str], frozenset[str | None]] = {}

    def number_of(self, context: str, name: str, namespace: str | None) -> int | None:
        """The number of the stream that a namespace of a resource belongs to; None if the resource is unknown."""
        if namespace not in self._watched(context, name):
            namespace = None
        number = self._numbers.get((context, name, namespace))
        if number is not None:
            return number
        described = self._describe(name)
        if described is None:
            return None
        number = self._numbers[context, name, namespace] = len(self._numbers)
        stream = RecordedStream.of(number, context, described.resource, namespace, columns=described.columns)
        self.writer.declare(stream)
        return number

    def _watched(self, context: str, name: str) -> frozenset[str | None]:
        """The namespaces that are kept apart: none where all were ever watched together."""
        found = self._namespaces.get((context, name))
        if found is None:
            known = self._journal.namespaces(context, name)
            found = self._namespaces[context, name] = known if None not in known else frozenset()
        return found

    def add_gap(self, gap: Gap) -> None:
        number = self.number_of(gap.context, gap.resource, gap.namespace)
        if number is not None:
            self.writer.add_gap(number, gap.since, gap.until, gap.cause)


def _add(journal: Journal, version: Version, streams: _Streams, redaction: Redaction) -> None:
    number = streams.number_of(version.context, version.resource, split_key(version.key)[0] or None)
    if number is None:
        return
    obj = journal.object_or_none(version)
    if obj is None:
        return  # it was evicted since the log was read
    obj = redaction.redact_object(version.resource, obj)
    content: KubeObject | DeletedFinalStateUnknown[KubeObject] = obj
    if version.inferred:
        content = DeletedFinalStateUnknown(version.key, obj)
    delta = Delta(version.type, content, version.sequence, version.at, version.departed)
    streams.writer.add(number, delta, obj, inferred=version.inferred)


def _gaps(journal: Journal) -> Iterator[Gap]:
    """What was missed of all of a resource; of one that was only watched in some namespaces, of each of them."""
    for context, resource in dict.fromkeys((gap.context, gap.resource) for gap in journal.gaps()):
        namespaces = journal.namespaces(context, resource)
        if None in namespaces:
            yield from journal.gaps(context, resource)
        else:
            for namespace in sorted(filter(None, namespaces)):
                yield from journal.gaps(context, resource, Scope(namespace))


def _in_order(journal: Journal) -> Iterator[Version | Gap]:
    """Every delta up to the newest there is now, by sequence, and each gap when it ended."""
    gaps = sorted(_gaps(journal), key=lambda gap: gap.until)
    last, after = journal.last_sequence, 0
    while page := journal.log(after, _PAGE):
        for version in page:
            if version.sequence > last:
                break
            while gaps and gaps[0].until <= version.at:
                yield gaps.pop(0)
            yield version
        after = page[-1].sequence
        if after >= last:
            break
    yield from gaps


def load(recording: Recording, journal: Journal, *, on_progress: Callable[[int, int], bool] | None = None) -> int:
    """Journal what was recorded; returns how many deltas and gaps.

    Sequences and times stay as they were. `on_progress` is called now and then with what is done and what there is,
    and returns whether to go on.
    """
    sinks: dict[int, JournalSink] = {}
    packers: dict[int, ObjectPacker] = {}
    done = 0
    for each in recording.deltas():
        number = each.stream.number
        sink = sinks.get(number)
        if sink is None:
            sink = sinks[number] = _sink(journal, each.stream)
            packers[number] = ObjectPacker()
        if isinstance(each, Recorded):
            packers[number].pack(each.object)
            content = DeletedFinalStateUnknown(each.key, each.object) if each.inferred else each.object
            sink.on_delta(each.key, Delta(each.type, content, each.sequence, each.at, each.departed), None)
        else:
            sink.on_gap(each.since, each.until, each.cause)
        done += 1
        if on_progress is not None and done % _PAGE == 0 and not on_progress(done, recording.count):
            break
    return done


def _sink(journal: Journal, stream: RecordedStream) -> JournalSink:
    """It is never closed: the end of a recording is no gap."""
    return journal.sink(
        stream.context, str(stream.resource), stream.namespace, stream.label_selector, stream.field_selector
    )
