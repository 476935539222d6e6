"""The list of problems as lines: one of all that fail alike, in order; and the filter language over problems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from kwatch.informer.kube_object import KubeObject
from kwatch.query.query import Query
from kwatch.query.row import SEPARATOR
from kwatch.query.term import Negated
from kwatch.query.terms.change import Change, Since
from kwatch.view.delta_filter import DeltaFilter, LoggedDelta
from kwatch.view.problems import UnhealthyObject, failure_word

FEW = 10
"""Objects of no owner that fail alike from which on they are one line."""


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """One object, or all that fail alike, the worst first. The key is that of the cause, whichever objects it has."""

    key: str
    members: Sequence[UnhealthyObject]
    reason: str
    """What all the members say."""
    parts: Sequence[str]
    """The keys of those that fail alike in one place, the worst first; of one cause there may be several."""
    is_open: bool = False
    """Whether a line of each of several members follows."""
    depth: int = 0
    """1 of such a line."""
    namespace: str = ""
    name: str = ""
    """`web-1`; of several `×12 web-1234`, by what controls them, or `×12`."""

    @property
    def first(self) -> UnhealthyObject:
        return self.members[0]

    @property
    def is_group(self) -> bool:
        return len(self.members) > 1


@dataclass(frozen=True, slots=True)
class ProblemLines:
    """All lines in order. `count` objects are unhealthy among them and `healed` were, those of folded groups, too."""

    lines: Sequence[ProblemLine] = ()
    places: Mapping[str, int] = field(default_factory=dict)
    """Key -> place."""
    alike: Mapping[str, UnhealthyObject] = field(default_factory=dict)
    """The keys of those that are unhealthy alike -> the worst of them, in order; a cause of each may be looked for."""
    count: int = 0
    healed: int = 0
    total: int = 0
    """How many would be unhealthy without a filter."""
    by_context: Mapping[str, int] = field(default_factory=dict)
    """How many of `count` are in each."""


def problem_lines(
    found: Iterable[UnhealthyObject],
    opened: Container[str] = frozenset(),
    accepts: Callable[[UnhealthyObject], bool] | None = None,
    causes: Mapping[str, str] = MappingProxyType({}),
    onsets: Mapping[str, float] = MappingProxyType({}),
) -> ProblemLines:
    """The worst first, then the newest by the `onsets` that are known of lines, then by kind, namespace and name; what
    healed comes last, the latest first.

    `causes`: keys of what fails alike -> what is known to cause it. What fails in the same way for one cause is one
    line, wherever it is.
    """
    everything = list(found)
    shown = everything if accepts is None else [each for each in everything if accepts(each)]
    alike = _alike(shown)
    groups: dict[str, list[str]] = {}
    for key, members in alike.items():
        first = members[0]
        cause = causes.get(key)
        way = "" if first.healing is None else "healed"
        word = (first.context, str(first.resource), failure_word(first.problem.reason), way)
        groups.setdefault("\n".join((*word, cause)) if cause is not None else key, []).append(key)
    # The key stays while a cause becomes known, unless that is the cause of others, too.
    heads = [_head(key if parts[1:] else parts[0], parts, alike, opened) for key, parts in groups.items()]
    heads.sort(key=lambda line: (*_rank(line.first)[:2], -onsets.get(line.key, 0.0), *_rank(line.first)[2:]))
    lines: list[ProblemLine] = []
    for head in heads:
        lines.append(head)
        if head.is_open:
            lines += [_member(each) for each in head.members]
    healed = sum(each.healing is not None for each in shown)
    ill = {key: members[0] for key, members in alike.items() if members[0].healing is None}
    return ProblemLines(
        lines,
        {line.key: place for place, line in enumerate(lines)},
        dict(sorted(ill.items(), key=lambda item: _rank(item[1]))),
        len(shown) - healed,
        healed,
        sum(each.healing is None for each in everything),
        Counter(each.context for each in shown if each.healing is None),
    )


def _alike(shown: Iterable[UnhealthyObject]) -> dict[str, list[UnhealthyObject]]:
    """Those of one owner that fail alike, the worst first; of no owner, where they are many."""
    places: dict[tuple[str, ...], list[UnhealthyObject]] = {}
    for each in shown:
        places.setdefault(each.place, []).append(each)
    found: dict[str, list[UnhealthyObject]] = {}
    for place, members in places.items():
        if members[0].owner or len(members) > FEW:
            members.sort(key=_rank)
            found["\n".join(place)] = members
        else:
            found |= {_key(each): [each] for each in members}
    return found


def _head(
    key: str, parts: Sequence[str], alike: Mapping[str, list[UnhealthyObject]], opened: Container[str]
) -> ProblemLine:
    parts = sorted(parts, key=lambda part: _rank(alike[part][0]))
    members = alike[parts[0]]
    if len(parts) > 1:
        members = sorted((each for part in parts for each in alike[part]), key=_rank)
    if len(members) == 1:
        return _member(members[0], key, parts, depth=0)
    owners = {each.owner for each in members}
    namespaces = {each.namespace for each in members}
    owner = owners.pop().partition("/")[2] if len(owners) == 1 and len(namespaces) == 1 else ""
    namespace = namespaces.pop() if len(namespaces) == 1 else f"{len(namespaces):,} of them"
    name = f"×{len(members):,} {owner}".strip()
    is_open = any(each in opened for each in (key, *parts))
    return ProblemLine(key, members, _common_reason(members), parts, is_open, 0, namespace, name)


def _member(unhealthy: UnhealthyObject, key: str = "", parts: Sequence[str] = (), depth: int = 1) -> ProblemLine:
    namespace, _, name = unhealthy.key.rpartition("/")
    parts = parts or ("\n".join(unhealthy.place),)
    reason = unhealthy.problem.reason
    return ProblemLine(key or _key(unhealthy), (unhealthy,), reason, parts, False, depth, namespace, name)


def _key(unhealthy: UnhealthyObject) -> str:
    healed = "\nhealed" if unhealthy.healing is not None else ""
    context = f"{unhealthy.context}\n" if unhealthy.context else ""
    return f"{context}{unhealthy.resource}\n{unhealthy.key}{healed}"


def _common_reason(members: Sequence[UnhealthyObject]) -> str:
    reasons = {each.problem.reason for each in members}
    if len(reasons) == 1:
        return reasons.pop()
    first, last = min(reasons), max(reasons)
    end = next((place for place, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first))
    common = first[:end].rpartition(" ")[0].rstrip(" :,;(")
    word = members[0].problem.reason.partition(": ")[0]
    return f"{common if len(common) > len(word) else word} …"


def _rank(unhealthy: UnhealthyObject) -> tuple[float, int, str, str]:
    healing = unhealthy.healing
    when = -healing.ended if healing is not None else float("-inf")
    return when, -unhealthy.problem.level, unhealthy.resource.kind, f"{unhealthy.key}\n{unhealthy.context}"


def window_of(query: Query) -> tuple[float | None, Query]:
    """The seconds of `since:`, which here asks for what healed, too, and the other terms. It bounds changes as well."""
    within = min((term.seconds for term in query.terms if isinstance(term, Since)), default=None)
    terms = [term.term if isinstance(term, Negated) else term for term in query.terms]
    if any(isinstance(term, Change) for term in terms):
        return within, query
    return within, Query(tuple(term for term in query.terms if not isinstance(term, Since)))


class ProblemFilter:
    """The filter language over problems: text is searched in kind, name, owner, reason, and in the context where there
    are several. Used by one thread.
    """

    def __init__(
        self, asked: DeltaFilter, object_of: Callable[[UnhealthyObject], KubeObject | None], *, several: bool = False
    ) -> None:
        self._asked = asked
        self._object_of = object_of
        self._several = several

    @property
    def complaint(self) -> str:
        """Why the filter means nothing; empty where it does mean something."""
        return self._asked.complaint.message if self._asked.complaint is not None else ""

    def __call__(self, unhealthy: UnhealthyObject) -> bool:
        obj = self._object_of(unhealthy)
        if obj is None:
            return False
        namespace, _, name = unhealthy.key.rpartition("/")
        context = unhealthy.context if self._several else ""
        words = (context, unhealthy.resource.kind, namespace, name, unhealthy.owner, unhealthy.problem.reason)
        is_gone = unhealthy.healing is not None and unhealthy.healing.is_gone
        text = SEPARATOR.join(filter(None, words))
        return self._asked.matches(LoggedDelta(*unhealthy.id, obj, text, 0.0, (), is_gone, context))
