"""`kwatch diff`: what differs between two moments of a recording, between a recording's end and a cluster now, or
between two clusters; by object, or by changed path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kwatch.base.printable import printable
from kwatch.catalog.names import ResourceNames, UnknownResource
from kwatch.history.baseline import came_after
from kwatch.history.coverage import Scope
from kwatch.history.diff.change import ABSENT, CREATED_WORD, DELETED_WORD, Change, grouped, words_at
from kwatch.history.diff.compare import as_wanted, diff
from kwatch.history.diff.path import general_path
from kwatch.history.recording.format import RecordedGap
from kwatch.history.recording.reader import Recording
from kwatch.history.recording.redaction import Redaction
from kwatch.informer.delta import DeltaType
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.masking import without_marks
from kwatch.output.opening import Run, SelectedFeeds, Selection, StreamError, await_connection, await_synced
from kwatch.output.printer import json_text
from kwatch.session.open_sessions import chosen_contexts

Place = tuple[str, str]
"""Resource and key."""
State = Mapping[Place, Mapping[str, Any]]
"""What there was: the objects as trees, without what must not be shown."""


@dataclass(frozen=True, slots=True)
class Difference:
    """`sign` is + for what is new, - for what is gone, ~ for what changed."""

    sign: str
    resource: str
    key: str
    changes: tuple[Change, ...] = ()
    context: str = ""
    """Where several contexts are compared."""


def differences(old: State, new: State, context: str = "") -> Iterator[Difference]:
    """By resource, then by key; another object under the same name went and came."""
    found = _differences(old, new)
    yield from (replace(each, context=context) for each in found) if context else found


def _differences(old: State, new: State) -> Iterator[Difference]:
    for place in sorted(old.keys() | new.keys()):
        before, after = old.get(place), new.get(place)
        if before is not None and (after is None or _uid(before) != _uid(after)):
            yield Difference("-", *place)
        if after is not None and (before is None or _uid(before) != _uid(after)):
            yield Difference("+", *place)
        elif before is not None and after is not None and (changes := diff(before, after)):
            yield Difference("~", *place, changes)


def recorded_states(
    path: Path, selection: Selection, seconds: float, complain: Callable[[str], None], wanted: str | None = None
) -> dict[str, tuple[State, State]]:
    """What a recording held `seconds` before its end, and at its end: of each context of those `wanted`, or of all."""
    recording = Recording(path)
    try:
        start, end = recording.span
        if end - seconds < start:
            complain(f"the recording is only {end - start:.0f} s long; all of it is compared")
        found: dict[str, tuple[State, State]] = {}
        lacking: list[StreamError] = []
        for context in chosen_contexts(wanted, recording.contexts) if wanted else recording.contexts or ("",):
            try:
                part = _Part(recording, context, selection)
            except StreamError as error:
                lacking.append(error)
                continue
            seen = Scope(selection.namespace, selection.label_selector or "", selection.fields() or "")
            found[context] = part.known_at(max(start, end - seconds), seen), part.state_at(end, seen)
        if not found:
            raise lacking[0]
        for problem in recording.problems:
            complain(problem)
        return found
    finally:
        recording.close()


def baseline_states(path: Path, run: Run, selection: Selection) -> tuple[State, State]:
    """What a recording held at its end, and what the cluster holds now: selected alike, masked alike. Of a recording of
    several contexts that is what it held of this one.
    """
    recording = Recording(path)
    try:
        if not await_connection(run):
            return {}, {}
        part = _Part(recording, _context_of(recording, run), selection)
        feeds = SelectedFeeds(run, part.as_recorded(selection))
        if not await_synced(run, feeds):
            return {}, {}
        redaction = Redaction(recording.info.redacted)
        old: dict[Place, Mapping[str, Any]] = {}
        for feed in feeds:
            watched = feed.watched
            seen = Scope(watched.namespace, watched.label_selector or "", watched.field_selector or "")
            old |= part.state_at(recording.span[1], seen, str(feed.resource))
        new = {
            (str(feed.resource), key): redaction.redact(str(feed.resource), thing.tree())
            for feed in feeds
            for key, thing in feed.indexer.items()
            if isinstance(thing, KubeObject)
        }
        for problem in recording.problems:
            run.complain(problem)
        unmarked_old, unmarked_new = _without_marks(old), _without_marks(new)
        if unmarked_old != old:
            run.complain(
                "of values that are masked in the recording, such as those of Secrets, only the length is compared"
            )
        return unmarked_old, unmarked_new
    finally:
        recording.close()


def _context_of(recording: Recording, run: Run) -> str:
    """Which context of the recording is compared: the only one, whatever it is called here. Raise StreamError."""
    contexts, name = recording.contexts, run.session.context
    if len(contexts) < 2 and not run.context:
        return next(iter(contexts), "")
    if name not in contexts:
        raise StreamError(f"the recording has nothing of the context {name!r}; it holds {', '.join(contexts)}")
    return name


def wanted_state(run: Run, selection: Selection) -> State:
    """What a cluster is wanted to hold now; nothing if stopped before. Raise StreamError."""
    if not await_connection(run):
        return {}
    feeds = SelectedFeeds(run, selection)
    if not await_synced(run, feeds):
        return {}
    return {
        (str(feed.resource), key): as_wanted(thing.tree())
        for feed in feeds
        for key, thing in feed.indexer.items()
        if isinstance(thing, KubeObject)
    }


def _without_marks(state: State) -> State:
    """Masks without the mark that distinguishes values: it differs from process to process."""
    return {place: without_marks(tree) for place, tree in state.items()}


class _Part:
    """What a recording holds of one context, of the resources that are selected."""

    def __init__(self, recording: Recording, context: str, selection: Selection) -> None:
        """Raise StreamError for a resource that was not recorded."""
        resources = recording.resources(context)
        try:
            found = ResourceNames(resources).resolve(selection.resource)
        except UnknownResource as error:
            held = ", ".join(map(str, resources)) or "nothing"
            raise StreamError(f"the recording has no {selection.resource!r}; it holds {held}") from error
        self._recording = recording
        self._context = context
        self._wanted = {str(resource) for resource in found}

    def as_recorded(self, selection: Selection) -> Selection:
        """What the words leave open is as it was recorded: else everything that was not recorded would be new."""
        streams = (each for each in self._recording.streams.values() if each.context == self._context)
        stream = next(streams, None)
        if stream is None or selection.namespace or selection.all_namespaces:
            return selection
        return replace(
            selection,
            namespace=stream.namespace,
            all_namespaces=stream.namespace is None,
            label_selector=selection.label_selector or stream.label_selector,
            field_selector=selection.field_selector or stream.field_selector,
        )

    def known_at(self, at: float, seen: Scope) -> State:
        """What there was at a moment; what was only listed later was there before, unless it came to be after it."""
        state = dict(self.state_at(at, seen))
        touched = set(state)
        for each in self._recording.deltas(after=at):
            if isinstance(each, RecordedGap) or each.stream.context != self._context:
                continue
            place = (str(each.stream.resource), each.key)
            if place not in touched and place[0] in self._wanted and seen.matches(each.object):
                if each.type is DeltaType.REPLACED and not came_after(each.object, at):
                    state[place] = each.object.tree()
                touched.add(place)
        return state

    def state_at(self, at: float, seen: Scope, resource: str = "") -> State:
        """Of one of its resources, or of all."""
        wanted = self._wanted & {resource} if resource else self._wanted
        return {
            (str(each.stream.resource), each.key): each.object.tree()
            for each in self._recording.state_at(at).values()
            if each.stream.context == self._context
            and str(each.stream.resource) in wanted
            and seen.matches(each.object)
        }


def _uid(tree: Mapping[str, Any]) -> Any:
    metadata = tree.get("metadata")
    return metadata.get("uid") if isinstance(metadata, Mapping) else None


def diff_text(difference: Difference) -> Iterable[str]:
    """An object that differs between two moments, and how."""
    where = f"{difference.context}  " if difference.context else ""
    yield printable(f"{where}{difference.sign} {difference.resource} {difference.key}")
    for change in difference.changes:
        yield printable(f"{where}    {change.sign} {change.words}")


def diff_json(difference: Difference) -> Iterable[str]:
    """The same as JSON: `{type, resource, key, changed}`."""
    line = {
        "type": {"+": "ADDED", "-": "DELETED", "~": "MODIFIED"}[difference.sign],
        "resource": difference.resource,
        "key": difference.key,
        "changed": [change_json(change, None) for change in difference.changes],
    }
    yield json_text({"context": difference.context, **line} if difference.context else line)


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


@dataclass(frozen=True, slots=True)
class Member:
    """An object, and what changed in it at the path of its group."""

    sign: str
    resource: str
    key: str
    words: str = ""
    context: str = ""


@dataclass(frozen=True, slots=True)
class PathGroup:
    """`path` leaves out the names of list items; `created` and `deleted` stand in its place."""

    path: str
    members: tuple[Member, ...]


def path_groups(found: Iterable[Difference]) -> Iterator[PathGroup]:
    for path, members in grouped(pair for each in found for pair in _pairs(each)).items():
        yield PathGroup(path, members)


def path_text(group: PathGroup) -> Iterator[str]:
    """How many, where, from what to what if that is the same everywhere; then the objects."""
    count = len(group.members)
    same = {member.words for member in group.members}
    words = f"  {same.copy().pop()}" if len(same) == 1 else ""
    yield printable(f"{count:>5}  {group.path}{words}").rstrip()
    for member in group.members:
        words = f"  {member.words}" if len(same) > 1 else ""
        where = f"{member.context}  " if member.context else ""
        yield printable(f"         {member.sign} {where}{member.resource} {member.key}{words}")


def path_json(group: PathGroup) -> Iterator[str]:
    """The same as JSON: `{path, count, objects: [{type, resource, key, words}]}`."""
    types = {"+": "ADDED", "-": "DELETED", "~": "MODIFIED"}
    objects = [
        {"type": types[each.sign], "resource": each.resource, "key": each.key, "words": each.words}
        | ({"context": each.context} if each.context else {})
        for each in group.members
    ]
    yield json_text({"path": group.path, "count": len(objects), "objects": objects})


def _pairs(difference: Difference) -> Iterator[tuple[str, Member]]:
    sign, resource, key, context = difference.sign, difference.resource, difference.key, difference.context
    if sign != "~":
        yield CREATED_WORD if sign == "+" else DELETED_WORD, Member(sign, resource, key, context=context)
        return
    words: dict[str, list[str]] = {}
    for change in difference.changes:
        words.setdefault(general_path(change.steps), []).append(words_at(change))
    for path, changes in words.items():
        yield path, Member(sign, resource, key, ", ".join(changes), context)
