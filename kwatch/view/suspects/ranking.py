"""The changes that may have caused a failure, the likeliest first, each with its reason in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kwatch.base.duration import humanize
from kwatch.history.attribution import Writer
from kwatch.history.diff.change import Change, changed_paths
from kwatch.history.diff.path import path_text
from kwatch.history.rollouts import within_template
from kwatch.view.suspects.aspect import FITS, Aspect, aspect_of, aspects_of, aspects_within, routine, whole_of
from kwatch.view.suspects.evidence import Evidence
from kwatch.view.suspects.failure import Failure, FailureKind, Statement

ALIKE = 5.0
"""Seconds after the onset up to which a change may still have been before it: receipts and times in whole seconds."""
HALF_AS_LIKELY = 1800.0
"""Seconds before the onset after which a change is half as likely to be the cause."""
_LEAST_NEAR = 0.25
_UNTIMED = 0.5
"""Nearness of a change of which it is not known when it was, or of a failure of which it is not known since when."""
_UNREAD = 0.45
"""How well a write fits of which it is not known what it changed, as a part of what the best change would."""
_NEARLY_READ = 0.85
"""The same if its writer owns no more than a few fields."""
_FEW = 3
_UNDONE, _SURVIVED, _HARMLESS = 0.15, 0.6, 0.5
"""What is left of the weight of a change that was taken back, after which pods started well, and of a log level."""
_WORKED, _WORKED_YET = 0.15, 0.6
"""What is left of the weight of a change after which it worked: where things fail at once, and where it may take."""
_SLOW = frozenset(
    {*(FailureKind.CRASH, FailureKind.MEMORY, FailureKind.LIVENESS, FailureKind.READINESS), FailureKind.EVICTION}
)
"""Kinds of failures that may come some time after what causes them."""
_CANNOT_PULL = 1.5
"""What it weighs that a secret is missing with which an image is pulled that cannot be: more than any rollout."""
_NAMED = 2.0
"""What the server's own word weighs: more than any change that it does not name."""
_KIND_OF: dict[str, str] = {
    "configmaps": "configmap",
    "secrets": "secret",
    "serviceaccounts": "serviceaccount",
    "persistentvolumeclaims": "persistentvolumeclaim",
    "storageclasses.storage.k8s.io": "storageclass",
    "resourcequotas": "resourcequota",
    "limitranges": "limitrange",
    "namespaces": "namespace",
    "priorityclasses.scheduling.k8s.io": "priorityclass",
}
_KINDS = frozenset(_KIND_OF.values()) | {"runtimeclass"}
_ASPECTS_OF: dict[str, frozenset[Aspect]] = {
    "node taint": frozenset({Aspect.TAINTS, Aspect.PLACEMENT}),
    "node cordon": frozenset({Aspect.CORDON}),
    "node selector": frozenset({Aspect.PLACEMENT, Aspect.NODE_LABELS}),
    "node room": frozenset({Aspect.LIMITS, Aspect.REPLICAS, Aspect.CAPACITY}),
    "node ports": frozenset({Aspect.PORTS, Aspect.REPLICAS}),
    "node spread": frozenset({Aspect.PLACEMENT, Aspect.REPLICAS, Aspect.NODE_LABELS, Aspect.LABELS}),
    "node volume": frozenset({Aspect.VOLUMES, Aspect.PLACEMENT, Aspect.CORDON, Aspect.TAINTS}),
    "node pressure": frozenset({Aspect.CONDITIONS, Aspect.LIMITS}),
    "rights": frozenset({Aspect.RIGHTS, Aspect.ACCOUNT}),
    "pod security": frozenset({Aspect.SECURITY, Aspect.POLICY}),
    "certificate": frozenset({Aspect.EXPIRY}),
    "webhook's service": frozenset(),
    "metrics": frozenset(),
}
"""What a statement that names no object speaks of."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """`evidence` None: the server names it, and nothing is known of it. `score` is only for the order."""

    score: float
    what: str
    """What changed, on one line."""
    why: str
    """Why it may be the cause."""
    evidence: Evidence | None = None
    statement: Statement | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The suspects of one failure."""

    failure: Failure
    is_failing: bool
    """Whether anything is known to be wrong; if not, the suspects are what changed around it last."""
    suspects: tuple[Suspect, ...]
    alike: int
    """How many pods of the workload fail in the same way, the object included."""
    pods: int
    unknown: tuple[str, ...]
    """Resources that could not be asked, with why."""
    seen_late: tuple[tuple[str, float], ...] = ()
    """Resources that were not watched yet when it began to fail, and from when on they were: what changed in them
    before is not known.
    """


def rank(failure: Failure, evidence: Iterable[Evidence], most: int = 20) -> tuple[Suspect, ...]:
    """The likeliest first. What came after the failure began is no suspect; what does not fit it is none either."""
    found: list[Suspect] = []
    named: set[Statement] = set()
    given = [*evidence]
    undone = _undone(given, failure.since)
    for each in given:
        statement = next((said for said in failure.statements if _names(said, each)), None)
        suspect = _suspect(failure, each, statement, undone)
        if suspect is not None:
            found.append(suspect)
            named |= {statement} if statement is not None else set()
    about = {(said.kind, said.name) for said in named}
    for said in failure.statements:
        if (said.kind, said.name) not in about and said.kind not in _ASPECTS_OF:
            about.add((said.kind, said.name))
            what = f"{said.kind} {said.name}".strip()
            found.append(Suspect(_NAMED, what, f"the server says: {said.words}", statement=said))
    return tuple(sorted(found, key=lambda suspect: -suspect.score)[:most])


_Undone = frozenset[tuple[str, str, float | None, str]]
"""Resource, key, time and path of changes after which the value was, at the onset, what it had been before."""


def _undone(evidence: Iterable[Evidence], since: float | None) -> _Undone:
    by_path: dict[tuple[str, str, str], list[tuple[float, Change]]] = {}
    for each in evidence:
        if each.at is not None and (since is None or each.at <= since + ALIKE):
            for change in each.changes:
                by_path.setdefault((each.resource, each.key, change.path), []).append((each.at, change))
    found = set()
    for (resource, key, path), changes in by_path.items():
        changes.sort(key=lambda one: one[0])
        # What is as it was long ago may not do any more.
        changes = [one for one in changes if one[0] >= changes[-1][0] - HALF_AS_LIKELY]
        last = changes[-1][1].new
        first = next((place for place, (_, change) in enumerate(changes) if change.old == last), None)
        if first is not None and len(changes) > 1:
            found |= {(resource, key, at, path) for at, _ in changes[first:]}
    return frozenset(found)


def _suspect(
    failure: Failure, evidence: Evidence, statement: Statement | None, undone: _Undone = frozenset()
) -> Suspect | None:
    weighed = sorted(_weighed(failure.kind, evidence, undone), key=lambda one: -one[0])
    if weighed:
        fitting, best = weighed[0][:2]
    else:
        fitting, best = (0.0 if evidence.changes else _unread(failure.kind, evidence)), None
    if evidence.worked:
        if evidence.was_before and statement is None:
            return None
        fitting *= _WORKED_YET if failure.kind in _SLOW else _WORKED
        statement = None if evidence.rollout is not None else statement
    aspects = {aspect for weight, aspect, *_ in weighed if weight} or _unread_aspects(evidence)
    spoken = _spoken_of(failure.statements, aspects)
    if not fitting and statement is None:
        return None
    nearness = _nearness(evidence, failure.since)
    if nearness is None:
        return None
    score = fitting * nearness * evidence.closeness
    if evidence.all_share_it is not None and not (evidence.all_share_it and evidence.worked):
        score *= 1.4 if evidence.all_share_it else 0.5
    if evidence.survived:
        score *= _SURVIVED
    if statement is not None or spoken is not None:
        score += _NAMED if statement is not None else fitting * (0.5 if evidence.all_share_it is False else 1.0)
    if evidence.pulls and failure.kind in (FailureKind.IMAGE, FailureKind.REGISTRY):
        score = max(score, _CANNOT_PULL)
    said = statement or spoken
    said_so = f"the server says: {said.words}" if said is not None else ""
    what_and_when = f"{_what(evidence, best)} {_when(evidence, failure.since)}".rstrip()
    why = "; ".join(filter(None, (said_so, what_and_when, _shared(evidence))))
    changes, who = tuple(one[2] for one in weighed), tuple(one[3] for one in weighed)
    what = changed_paths(map(within_template, changes), 2) or _unread_words(evidence)
    told = replace(evidence, changes=changes, who=who) if weighed else evidence
    return Suspect(score, what, why, told, statement)


_RAN = frozenset({FailureKind.CRASH, FailureKind.MEMORY, FailureKind.LIVENESS, FailureKind.READINESS})
"""Containers were made, so that what pods name and was not there by then is optional."""
_OF_PODS = frozenset({"configmaps", "secrets", "serviceaccounts", "persistentvolumeclaims"})
_MISSED = _OF_PODS | {"services", "nodes", "persistentvolumes", "storageclasses.storage.k8s.io"}
_MISSED |= {f"{name}.rbac.authorization.k8s.io" for name in ("roles", "clusterroles")}
"""What others cannot do without; an owner that is gone takes with it what it owns, sooner or later."""


def _unread(kind: FailureKind, evidence: Evidence) -> float:
    """How well it fits that an object is gone, expired, or was written, though not what."""
    fits, resource = FITS[kind], evidence.resource
    if not evidence.is_there:
        is_missed = resource in _MISSED and not (kind in _RAN and resource in _OF_PODS)
        return fits.get(whole_of(resource), 0.0) if evidence.at is not None or is_missed else 0.0
    manager = evidence.who[0].manager if evidence.who else ""
    fitting = (fits.get(each, 0.0) * routine(kind, resource, each, manager) for each in _unread_aspects(evidence))
    best = max(fitting, default=0.0)
    if evidence.expired:
        return best
    if evidence.owned and all(_LOG_LEVEL.search(path_text(steps)) for steps in evidence.owned):
        best *= _HARMLESS
    return best * (_NEARLY_READ if evidence.owned and len(evidence.owned) <= _FEW else _UNREAD)


def _unread_aspects(evidence: Evidence) -> set[Aspect]:
    """What a write may have touched of which it is not known what it was."""
    if evidence.expired:
        return {Aspect.EXPIRY}
    if not evidence.is_there:
        return {whole_of(evidence.resource)}
    if evidence.changes:
        return set()
    if evidence.owned is None:
        return {*aspects_of(evidence.resource)}
    return {aspect for steps in evidence.owned for aspect in aspects_within(evidence.resource, steps)}


def _unread_words(evidence: Evidence) -> str:
    if not evidence.is_there:
        return "not there" if evidence.at is None else "deleted, and not there any more"
    if evidence.expired:
        return "its certificate expired"
    if not evidence.owned or len(evidence.owned) > _FEW:
        return "written"
    return f"{', '.join(map(path_text, evidence.owned))} written"


_HEARTBEATS = frozenset({"lastHeartbeatTime", "lastTransitionTime", "lastUpdateTime", "lastProbeTime"})
_LOG_LEVEL = re.compile(r"log.?level|verbosity", re.IGNORECASE)
_LOG_LEVELS = frozenset({"trace", "debug", "info", "warn", "warning", "error", "fatal"})


def _weighed(
    kind: FailureKind, evidence: Evidence, undone: _Undone = frozenset()
) -> Iterator[tuple[float, Aspect, Change, Writer]]:
    """The changes that may cause anything: how well each fits, and what it touches."""
    fits = FITS[kind]
    for change, writer in zip(evidence.changes, evidence.who, strict=False):  # without changes there are writers alone
        aspect = aspect_of(evidence.resource, change)
        if aspect is not None and not (change.steps and change.steps[-1] in _HEARTBEATS):
            weight = fits.get(aspect, 0.0) * _gravity(aspect, change)
            weight *= routine(kind, evidence.resource, aspect, writer.manager)
            if (evidence.resource, evidence.key, evidence.at, change.path) in undone:
                weight *= _UNDONE
            yield weight, aspect, change, writer


def _gravity(aspect: Aspect, change: Change) -> float:
    """What a change weighs among those of its aspect: a log level is turned without anybody's harm, the status of a
    condition says more than its words, and readiness more than the rest.
    """
    if aspect is Aspect.CONDITIONS:
        is_ready = any(str(step) == "Ready" for step in change.steps)
        return (1.0 if is_ready else 0.95) * (1.0 if change.steps[-1] == "status" else 0.9)
    if _LOG_LEVEL.search(change.path):
        return _HARMLESS  # also where its values are masked
    levels = {str(change.old).strip().lower(), str(change.new).strip().lower()}
    return _HARMLESS if levels <= _LOG_LEVELS else 1.0


def _names(said: Statement, evidence: Evidence) -> bool:
    if said.kind == "webhook's service":
        return evidence.relation in ("the webhook's service", "what answers for the webhook")
    kind = _KIND_OF.get(evidence.resource)
    if "webhook" in evidence.resource:
        return said.kind == "webhook" and evidence.relation == "the webhook"
    if said.kind == kind:
        return said.name in ("", evidence.key.rpartition("/")[2])
    brought = (change for change in evidence.changes if change.steps)  # what is created names itself, and more
    return said.kind in _KINDS and bool(said.name) and any(_brings(change, said.name) for change in brought)


def _texts_within(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _texts_within(each)


def _brings(change: Change, name: str) -> bool:
    """Whether a change is why something of that name is asked for: it names it, and what was before did not."""
    return name in _texts_within(change.new) and name not in _texts_within(change.old)


def _spoken_of(statements: Sequence[Statement], aspects: set[Aspect]) -> Statement | None:
    return next((said for said in statements if _ASPECTS_OF.get(said.kind, frozenset()) & aspects), None)


def _nearness(evidence: Evidence, since: float | None) -> float | None:
    """1 at the onset, less the longer before; None after it."""
    if evidence.at is None or since is None:
        return _UNTIMED
    before = since - evidence.at
    if before < -(ALIKE if not evidence.approximate else ALIKE * 2):
        return None
    return max(_LEAST_NEAR, float(0.5 ** (max(before, 0.0) / HALF_AS_LIKELY)))


def _what(evidence: Evidence, aspect: Aspect | None) -> str:
    if not evidence.is_there:
        return "it is not there" if evidence.at is None else "it was deleted"
    if evidence.expired:
        return "its certificate expired"
    if not evidence.changes:
        return "it was written"
    what = "it changed" if aspect in (None, Aspect.OTHER, Aspect.WHOLE) else f"{aspect.value} changed"
    return f"it was deleted and created again, and {what}" if evidence.is_another else what


def _when(evidence: Evidence, since: float | None) -> str:
    if evidence.at is None or since is None:
        return ""
    before = since - evidence.at
    return f"{humanize(before)} before it began to fail" if before >= 1 else "as it began to fail"


def _shared(evidence: Evidence) -> str:
    if evidence.pulls:
        return "imagePullSecrets names it"
    if evidence.worked:
        return f"it worked for {humanize(evidence.worked)} after it"
    if evidence.survived:
        return "pods that started after it run"
    if evidence.all_share_it is None:
        return ""
    return (
        "all that fail were made from it, and no other"
        if evidence.all_share_it
        else "others that were made from it run"
    )
