"""A timeline as lines of text or of JSON: `kwatch history --related`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kwatch.base.printable import printable
from kwatch.base.timestamp import rfc3339
from kwatch.output.history_lines import change_json, moment
from kwatch.output.json_lines import json_text
from kwatch.output.timeline import RenderedEntry
from kwatch.view.timeline import object_words, relation_words


def timeline_text(line: RenderedEntry) -> Iterable[str]:
    """When, what it is to the object, which object, what happened, who did it; nothing for noise."""
    entry, rendered = line.entry, line.rendered
    if rendered.noise:
        return
    mark = "≈" if entry.approximate else " "
    head = f"{mark}{moment(entry.at)}  {relation_words(entry):<9}  {rendered.sign} {rendered.type:<8}"
    yield printable(
        "  ".join(part for part in (head, object_words(entry.relation), rendered.who, rendered.words) if part)
    )


def timeline_json(line: RenderedEntry) -> Iterable[str]:
    """`{type, time, approximate, relation, distance, resource, key, who, words, noise, ...}`; noise is marked."""
    entry, rendered, comparison = line.entry, line.rendered, line.comparison
    found: dict[str, Any] = {
        "type": rendered.type.upper(),
        "time": rfc3339(entry.at),
        "approximate": entry.approximate,
        "relation": str(entry.relation_type),
        "distance": entry.distance,
    }
    if entry.relation is not None:
        found |= {"resource": entry.relation.resource, "key": entry.relation.key, "uid": entry.relation.uid}
        if entry.relation.about is not None:
            about = entry.relation.about
            found["about"] = {"relation": str(about.type), "resource": about.resource, "key": about.key}
    if entry.version is not None:
        found["resource_version"] = entry.version.resource_version
    if entry.gap is not None:
        found |= {"until": rfc3339(entry.gap.until), "resources": entry.resources}
    if entry.event is not None:
        found["count"] = entry.event.count
    found |= {"who": [rendered.who] if rendered.who else [], "words": rendered.words, "noise": rendered.noise}
    if comparison is not None and comparison.previous is not None and not comparison.version.deleted:
        found["who"] = [str(writer) for writer in comparison.writers]
        pairs = zip(comparison.changes, comparison.who, strict=True)
        found["changed"] = [change_json(change, str(who)) for change, who in pairs]
    yield json_text(found)
