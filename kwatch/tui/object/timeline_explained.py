"""One row of a timeline in full, for the lines below the table."""

from __future__ import annotations

import time
from collections.abc import Iterator

from kwatch.history.reconstruction import ReconstructedEntry
from kwatch.tui.object.comparisons import Comparisons
from kwatch.tui.object.history_tab import explained, previous
from kwatch.tui.object.timeline_story import Line as StoryLine
from kwatch.tui.text.line import Line, Span, plain
from kwatch.view.printable import printable
from kwatch.view.timeline import object_words, relation_words

_PROOFS = {
    "metadata": "its metadata",
    "managedFields": "its managedFields, which name the last writer of each field, and not what was there before",
    "condition": "the time at which its condition last changed",
    "container": "the state of its container",
    "event": "an Event that repeated",
}


def timeline_lines(line: StoryLine, comparisons: Comparisons) -> list[Line]:
    """Whose it is, then what is known of it."""
    entry = line.entry
    if entry.gap is not None:
        return [
            plain(""),
            plain(_sentence(line.told.words), "warning"),
            plain("What changed meanwhile stands above; steps in between were not seen.", "kwatch-muted"),
        ]
    if entry.kin is None:
        return [plain(""), plain(_sentence(line.told.words), "kwatch-muted")]
    head = plain(f"{object_words(entry.kin)}   {relation_words(entry).strip()}", "kwatch-key")
    if entry.event is not None:
        return [head, *_event_lines(line)]
    if entry.proof is not None:
        return [head, *_proof_lines(entry.proof)]
    assert entry.version is not None
    pair = (previous(comparisons.journal, entry.version), entry.version)
    return [head, *explained(comparisons.of(entry.version), pair)]


def _event_lines(line: StoryLine) -> Iterator[Line]:
    entry, told = line.entry, line.told
    facts = entry.event
    assert facts is not None
    tint = "warning" if told.sign == "!" else "foreground"
    yield Line((Span(told.words, tint),))
    yield plain(f"{facts.type or 'Event'} from {facts.source or 'nobody who says so'}", "kwatch-muted")
    times = f"{facts.count} times" if facts.count > 1 else "once"
    since = f" between {moment(facts.first)} and" if facts.first != facts.last else ""
    if facts.last is not None:
        yield plain(f"Seen {times}{since or ', at'} {moment(facts.last)}", "kwatch-muted")
    if entry.version is not None and entry.approximate:
        yield plain(f"Received {moment(entry.version.at)}; it stands at its own time (≈).", "kwatch-muted")


def _proof_lines(proof: ReconstructedEntry) -> Iterator[Line]:
    yield plain(proof.detail or proof.words)
    if proof.who.known:
        operation = " ".join(part for part in (proof.who.operation, proof.who.subresource) if part)
        yield plain(f"by {proof.who!s}{f' ({operation})' if operation else ''}")
    evidence = _PROOFS.get(proof.source, printable(proof.source))
    yield plain(f"Nobody watched then (≈): the server still proves it by {evidence}.", "kwatch-muted")


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def moment(at: float | None) -> str:
    """Day and time, in local time."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at)) if at is not None else "?"
