"""The changes that may have caused a failure, the likeliest first, each with its reason in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kwatch.base.duration import humanize
from kwatch.history.attribution import Writer
from kwatch.history.diff.change import Change, changed_paths
from kwatch.history.rollouts import Rollout, within_template
from kwatch.view.suspects.aspect import FITS, Aspect, aspect_of, aspects_of
from kwatch.view.suspects.failure import Failure, Statement

ALIKE = 5.0
"""Seconds after the onset up to which a change may still have been before it: receipts and times in whole seconds."""
HALF_AS_LIKELY = 1800.0
"""Seconds before the onset after which a change is half as likely to be the cause."""
_LEAST_NEAR = 0.25
_UNTIMED = 0.5
"""Nearness of a change of which it is not known when it was, or of a failure of which it is not known since when."""
_UNREAD = 0.45
"""How well a write fits of which it is not known what it changed, as a part of what the best change would."""
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
}
_ASPECTS_OF: dict[str, frozenset[Aspect]] = {
    "node taint": frozenset({Aspect.TAINTS, Aspect.PLACEMENT}),
    "node cordon": frozenset({Aspect.CORDON}),
    "node selector": frozenset({Aspect.PLACEMENT, Aspect.NODE_LABELS}),
    "node room": frozenset({Aspect.LIMITS, Aspect.REPLICAS, Aspect.CAPACITY}),
    "metrics": frozenset(),
}
"""What a statement that names no object speaks of."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """An object that is related to what fails changed, or was last written at a time that is still known."""

    relation: str
    """What it is to what fails: `its config map`."""
    resource: str
    """As kubectl prints it: `configmaps`."""
    key: str
    at: float | None
    changes: tuple[Change, ...] = ()
    """Empty where it is only known that it was written."""
    who: tuple[Writer, ...] = ()
    """The writer of each change; without changes, who wrote."""
    approximate: bool = False
    closeness: float = 1.0
    """How closely it is related, 0 to 1: 1 for itself, its owners, and what its template names."""
    all_share_it: bool | None = None
    """Of a rollout: whether all pods that fail were made from it, and those that do not were not; None: not known."""
    sequence: int | None = None
    """The version in the journal."""
    rollout: Rollout | None = None
    is_there: bool = True


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
    for each in evidence:
        statement = next((said for said in failure.statements if _names(said, each)), None)
        suspect = _suspect(failure, each, statement)
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


def _suspect(failure: Failure, evidence: Evidence, statement: Statement | None) -> Suspect | None:
    fits = FITS[failure.kind]
    weighed = sorted(_weighed(evidence, fits), key=lambda one: -one[0])
    if weighed:
        fitting, best = weighed[0][:2]
    else:
        fitting, best = (0.0 if evidence.changes else _unread(evidence, fits)), None
    spoken = _spoken_of(failure.statements, {aspect for weight, aspect, *_ in weighed if weight})
    if not fitting and statement is None:
        return None
    nearness = _nearness(evidence, failure.since)
    if nearness is None:
        return None
    score = fitting * nearness * evidence.closeness
    if evidence.all_share_it is not None:
        score *= 1.4 if evidence.all_share_it else 0.5
    if statement is not None or spoken is not None:
        score += _NAMED if statement is not None else fitting
    said = statement or spoken
    said_so = f"the server says: {said.words}" if said is not None else ""
    what_and_when = f"{_what(evidence, best)} {_when(evidence, failure.since)}".rstrip()
    why = "; ".join(filter(None, (said_so, what_and_when, _shared(evidence))))
    changes, who = tuple(one[2] for one in weighed), tuple(one[3] for one in weighed)
    what = changed_paths(map(within_template, changes), 2) or ("written" if evidence.is_there else "not there")
    told = replace(evidence, changes=changes, who=who) if weighed else evidence
    return Suspect(score, what, why, told, statement)


def _unread(evidence: Evidence, fits: Mapping[Aspect, float]) -> float:
    """How well it fits that an object is gone, or was written, though not what."""
    if not evidence.is_there:
        return fits.get(Aspect.WHOLE, 0.0)
    return _UNREAD * max((fits.get(aspect, 0.0) for aspect in aspects_of(evidence.resource)), default=0.0)


def _weighed(evidence: Evidence, fits: Mapping[Aspect, float]) -> Iterator[tuple[float, Aspect, Change, Writer]]:
    """The changes that may cause anything: how well each fits, and what it touches."""
    for change, writer in zip(evidence.changes, evidence.who, strict=False):  # without changes there are writers alone
        aspect = aspect_of(evidence.resource, change)
        if aspect is not None:
            yield fits.get(aspect, 0.0), aspect, change, writer


def _names(said: Statement, evidence: Evidence) -> bool:
    kind = _KIND_OF.get(evidence.resource)
    if "webhook" in evidence.resource:
        return said.kind == "webhook"
    return said.kind == kind and said.name in ("", evidence.key.rpartition("/")[2])


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
        return "it is not there"
    if not evidence.changes:
        return "it was written"
    return "it changed" if aspect in (None, Aspect.OTHER, Aspect.WHOLE) else f"{aspect.value} changed"


def _when(evidence: Evidence, since: float | None) -> str:
    if evidence.at is None or since is None:
        return ""
    before = since - evidence.at
    return f"{humanize(before)} before it began to fail" if before >= 1 else "as it began to fail"


def _shared(evidence: Evidence) -> str:
    if evidence.all_share_it is None:
        return ""
    return (
        "all that fail were made from it, and no other"
        if evidence.all_share_it
        else "others that were made from it run"
    )
