"""The events that were known at a moment, if they were watched then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kwatch.base.threads import spawn
from kwatch.catalog.indices import INVOLVED_OBJECT_INDEX
from kwatch.catalog.indices.involved_object import involved_object_index
from kwatch.history.watches import Scope, Sight
from kwatch.tui.features.time_travel.past_index import PastIndex
from kwatch.tui.features.time_travel.scoped_past import ScopedPast
from kwatch.tui.place import Place

if TYPE_CHECKING:
    from kwatch.informer.resource import Resource
    from kwatch.tui.subject import Subject


def past_events(subject: Subject, events: Resource) -> PastIndex | None:
    """By what they are about; made in a thread. None for a subject of now, or if no event was known then."""
    journal = subject.session.journal
    if subject.past is None or journal is None:
        return None
    context, moment = subject.session.context, subject.past.moment
    about = f"involvedObject.kind={subject.resource.kind},involvedObject.name={subject.name}"
    scopes = (Scope(subject.namespace or None), Scope(subject.namespace or None, fields=about))
    if all(journal.sight(context, str(events), scope, moment.at) is not Sight.ALL for scope in scopes):
        return None
    as_of = journal.as_of(context, str(events), sequence=moment.sequence)
    source = ScopedPast(as_of, Place(events, subject.namespace or None))
    index = PastIndex(source, {INVOLVED_OBJECT_INDEX: involved_object_index})
    spawn("kwatch-past-index", index.make, index.give_up)
    return index
