"""What happened and what differs, as lines of text or of JSON: `kwatch history` and `kwatch diff`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from kwatch.base.printable import printable
from kwatch.base.timestamp import rfc3339
from kwatch.history.comparison import Comparison
from kwatch.history.diff import ABSENT, Change
from kwatch.history.reconstruction import ReconstructedEntry
from kwatch.history.watches import Gap
from kwatch.output.difference import Difference
from kwatch.output.json_lines import json_text
from kwatch.output.object_history import Entry
from kwatch.view.timeline import type_of


def history_text(entry: Entry) -> Iterable[str]:
    """The lines of one entry."""
    if isinstance(entry, Comparison):
        return _version_text(entry)
    return (_gap_text(entry) if isinstance(entry, Gap) else _reconstructed_text(entry),)


def history_json(entry: Entry) -> Iterable[str]:
    """The line of one entry."""
    if isinstance(entry, Comparison):
        return (_version_json(entry),)
    return (_gap_json(entry) if isinstance(entry, Gap) else _reconstructed_json(entry),)


def _version_text(comparison: Comparison) -> Iterable[str]:
    """When, what, which version, who; then a line for each change."""
    version = comparison.version
    sign, word, _ = type_of(version)
    who = ", ".join(map(str, comparison.writers)) or ("" if comparison.previous is None else "unknown")
    yield printable(
        f"{moment(version.at)}  {sign} {word:<8}  {version.resource_version:>10}  {who}  "
        f"{comparison.words(0) if not comparison.changes or comparison.previous is None else ''}"
    ).rstrip()
    if comparison.previous is not None and not version.deleted:
        for change in comparison.changes:
            yield printable(f"    {change.sign} {change.words}")


def _version_json(comparison: Comparison) -> str:
    """`{type, time, resource_version, uid, who, changed: [{path, old, new, words, who}], noise}`."""
    version = comparison.version
    changed = () if comparison.previous is None or version.deleted else comparison.changes
    line: dict[str, Any] = {
        "type": str(version.type).upper(),
        "time": rfc3339(version.at),
        "resource_version": version.resource_version,
        "uid": version.uid,
        "who": [str(writer) for writer in comparison.writers],
        "changed": [change_json(change, str(who)) for change, who in zip(changed, comparison.who, strict=False)],
        "noise": [change.path for change in comparison.noise],
    }
    return json_text(line)


def _gap_text(gap: Gap) -> str:
    """A time in which nobody watched."""
    return printable(f"{moment(gap.since)}  ! gap       not watched until {moment(gap.until)}: {gap.cause}")


def _gap_json(gap: Gap) -> str:
    """The same as JSON."""
    line = {"type": "GAP", "since": rfc3339(gap.since), "until": rfc3339(gap.until), "cause": gap.cause}
    return json_text(line)


def _reconstructed_text(entry: ReconstructedEntry) -> str:
    """What is proved though nobody watched, marked so."""
    times = f" ({entry.count} times)" if entry.count > 1 else ""
    who = f"{entry.who}  " if entry.who.known else ""
    return printable(f"{moment(entry.at)}  ≈ before    {' ':>10}  {who}{entry.words}{times}")


def _reconstructed_json(entry: ReconstructedEntry) -> str:
    """The same as JSON."""
    line = {
        "type": "RECONSTRUCTED",
        "time": rfc3339(entry.at),
        "source": entry.source,
        "who": [str(entry.who)] if entry.who.known else [],
        "words": entry.words,
        "count": entry.count,
    }
    return json_text(line)


def diff_text(difference: Difference) -> Iterable[str]:
    """An object that differs between two moments, and how."""
    yield printable(f"{difference.sign} {difference.resource} {difference.key}")
    for change in difference.changes:
        yield printable(f"    {change.sign} {change.words}")


def diff_json(difference: Difference) -> Iterable[str]:
    """The same as JSON: `{type, resource, key, changed}`."""
    line = {
        "type": {"+": "ADDED", "-": "DELETED", "~": "MODIFIED"}[difference.sign],
        "resource": difference.resource,
        "key": difference.key,
        "changed": [change_json(change, None) for change in difference.changes],
    }
    yield json_text(line)


def change_json(change: Change, who: str | None) -> dict[str, Any]:
    """One changed path: `{path, words, old, new, who}`."""
    line: dict[str, Any] = {"path": change.path, "words": change.words}
    if change.old is not ABSENT:
        line["old"] = change.old
    if change.new is not ABSENT:
        line["new"] = change.new
    if who is not None:
        line["who"] = who
    return line


def moment(at: float) -> str:
    """Seconds since the epoch in local time, to the millisecond."""
    return datetime.fromtimestamp(at).astimezone().isoformat(sep=" ", timespec="milliseconds")
