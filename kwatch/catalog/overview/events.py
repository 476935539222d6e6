"""Events."""

from __future__ import annotations

from kwatch.catalog.column import Level
from kwatch.catalog.overview.common import metadata_facts
from kwatch.catalog.overview.facts import Section, fact, moment, sections
from kwatch.catalog.tree import Tree


def describe_event(event: Tree) -> tuple[Section, ...]:
    """All about an event, of the core group or of events.k8s.io."""
    about = event["involvedObject"] or event["regarding"]
    source = event["source"] or event["deprecatedSource"]
    place = "/".join([part for part in (about["namespace"].text(), about["name"].text()) if part])
    kind = event["type"].text()
    facts = (
        fact("Type", kind, Level.WARNING if kind == "Warning" else Level.NONE),
        fact("Reason", event["reason"]),
        fact("Message", event["message"].text() or event["note"].text()),
        fact("About", f"{about['kind'].text()} {place}".strip()),
        fact("Part", about["fieldPath"]),
        fact("Action", event["action"]),
        fact("Count", event["count"].text() or event["deprecatedCount"].text() or event.at("series", "count").text()),
        moment("First Seen", event["firstTimestamp"] or event["deprecatedFirstTimestamp"] or event["eventTime"]),
        moment("Last Seen", _last(event)),
        fact("Reported By", event["reportingComponent"].text() or event["reportingController"].text()),
        fact("Source", " on ".join([part for part in (source["component"].text(), source["host"].text()) if part])),
    )
    return sections(("Event", (*facts, *metadata_facts(event))))


def _last(event: Tree) -> Tree:
    return event.at("series", "lastObservedTime") or event["lastTimestamp"] or event["deprecatedLastTimestamp"]
