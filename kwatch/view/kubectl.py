"""What kubectl would be told to do the same: rows as they are narrowed and ordered, an object, its logs and Events, and
what changes it. Where kubectl has nothing, it is said what it lacks.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from kwatch.base.namespaces import hidden, is_one, named
from kwatch.informer.resource import Resource
from kwatch.informer.selectors import Operator
from kwatch.query.columns import Compare
from kwatch.query.query import Query
from kwatch.query.syntax import shortened
from kwatch.query.term import Negated, Term
from kwatch.query.terms.field import Field
from kwatch.query.terms.label import Labels, requirement_text
from kwatch.query.terms.named_index import NamedIndex
from kwatch.query.terms.regex import Regex, has_capitals
from kwatch.query.terms.text import Text

EVERYWHERE = ("metadata.name", "metadata.namespace")
FIELDS = {
    "pods": (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    ),
    "events": (
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
    "nodes": ("spec.unschedulable",),
    "secrets": ("type",),
    "namespaces": ("status.phase",),
    "jobs.batch": ("status.successful",),
    "replicasets.apps": ("status.replicas",),
    "replicationcontrollers": ("status.replicas",),
    "certificatesigningrequests.certificates.k8s.io": ("spec.signerName",),
}
"""What a server's field selectors know of each resource, beside EVERYWHERE."""
_PATHS = {
    "name": ".metadata.name",
    "namespace": ".metadata.namespace",
    "age": ".metadata.creationTimestamp",
    "restarts": ".status.containerStatuses[0].restartCount",
    "node": ".spec.nodeName",
    "ip": ".status.podIP",
    "type": ".type",
    "reason": ".reason",
    "last seen": ".lastTimestamp",
}
"""What --sort-by is told for a column."""
_WITH_LOGS = frozenset({"deployments.apps", "replicasets.apps", "statefulsets.apps", "daemonsets.apps", "jobs.batch"})
_ROLLED_OUT = frozenset({"deployments.apps", "statefulsets.apps", "daemonsets.apps"})
_SCALED = frozenset({"deployments.apps", "statefulsets.apps", "replicasets.apps", "replicationcontrollers"})
CHANGES = "changes the cluster"
"""Stands beside a command that kwatch itself would never run."""


@dataclass(frozen=True, slots=True)
class KubectlCommand:
    """`id` names it among the others of one object; `words` are empty where kubectl has nothing like it."""

    id: str
    what: str
    """What it shows or does, in a few words."""
    words: tuple[str, ...] = ()
    pipe: str = ""
    """What its output goes through, as one types it in a shell."""
    lacks: tuple[str, ...] = ()
    """What it does not do that the screen does, in sentences."""
    changes: bool = False
    """Whether it would change something."""

    @property
    def text(self) -> str:
        """As one types it in a shell."""
        return shlex.join(self.words) + self.pipe if self.words else ""


@dataclass(frozen=True, slots=True)
class RowsShown:
    """Rows of a table, as far as a command can show the same. `sort` is a column's title and whether it descends."""

    resources: Sequence[Resource]
    namespace: str | None = None
    label_selector: str | None = None
    field_selector: str | None = None
    query: Query = field(default_factory=Query)
    sort: tuple[str, bool] | None = None
    sort_path: str = ""
    """Where the column comes from, if that is known."""
    columns: frozenset[str] = frozenset()
    """Titles, in small letters: what a filter may compare where there is no such label."""
    wide: bool = False
    label_columns: tuple[str, ...] = ()
    show_labels: bool = False
    moment: str = ""
    """Which moment in the past is shown; empty for now."""


@dataclass(frozen=True, slots=True)
class ObjectShown:
    """One object. `selector` is what selects its pods, as -l takes it, where that is known."""

    resource: Resource
    namespace: str
    name: str
    selector: str = ""
    container: str = ""
    moment: str = ""


@dataclass(frozen=True, slots=True)
class LogsShown:
    """Which lines; an empty container is all of them."""

    container: str = ""
    previous: bool = False
    since: str = ""
    tail: int | None = None
    times: bool = False


NO_PAST = "kubectl knows no past: it shows how things are now."


class Kubectl:
    """`flags` say which cluster, and as whom: they stand in every command."""

    def __init__(self, flags: Sequence[str] = ()) -> None:
        self._flags = tuple(flags)

    def rows(self, shown: RowsShown, *, watch: bool = False) -> KubectlCommand:
        """The same rows in the same order."""
        narrowed = _Narrowed(shown)
        words = ["get", ",".join(map(str, shown.resources)), *_in_namespace(shown.resources, narrowed.namespace)]
        for flag, parts in (("-l", narrowed.labels), ("--field-selector", narrowed.fields)):
            if parts:
                words += [flag, ",".join(parts)]
        words += list(_order(shown, narrowed.lacks))
        words += [*(("-L", ",".join(shown.label_columns)) if shown.label_columns else ())]
        words += [*(("--show-labels",) if shown.show_labels else ()), *(("-o", "wide") if shown.wide else ())]
        if watch:
            words += ["--watch", "--output-watch-events"]
        lacks = (*([NO_PAST] if shown.moment else ()), *narrowed.lacks)
        pipe = "".join(f" | {each}" for each in narrowed.greps)
        return KubectlCommand("rows", "these rows", self._whole(words), pipe, lacks)

    def reading(self, shown: ObjectShown, logs: LogsShown = LogsShown()) -> Iterator[KubectlCommand]:
        """What shows an object: describe, YAML, Events, logs, rollouts."""
        lacks = (NO_PAST,) if shown.moment else ()
        what = _called(shown)
        yield KubectlCommand("describe", f"{what} at a glance", self._of(shown, "describe"), lacks=lacks)
        yield KubectlCommand("yaml", f"{what} as YAML", (*self._of(shown, "get"), "-o", "yaml"), lacks=lacks)
        about = f"--for={shown.resource}/{shown.name}"
        where = ("-n", shown.namespace) if shown.namespace else ("-A",)
        yield KubectlCommand("events", "Events about it", self._whole(["events", about, *where]), lacks=lacks)
        found = self.logs(shown, logs)
        if found is not None:
            yield found
        if str(shown.resource) in _ROLLED_OUT:
            yield KubectlCommand("rollouts", "its rollouts", self._of(shown, "rollout", "history"))
        follows = (*self._of(shown, "get"), "--watch", "--output-watch-events", "-o", "yaml")
        yield KubectlCommand(
            "history",
            "every change of it from now on",
            follows,
            lacks=("kubectl keeps no versions: what changed before, and who did it, it cannot show.",),
        )

    def logs(self, shown: ObjectShown, wanted: LogsShown) -> KubectlCommand | None:
        """None for what has no pods that kubectl could find."""
        name, lacks = str(shown.resource), []
        how = ["-c", wanted.container] if wanted.container else ["--all-containers"]
        if name == "pods":
            whose = [shown.name]
        elif name in _WITH_LOGS:
            whose, how = [f"{name}/{shown.name}", "--all-pods"], [*how, "--prefix"]
        elif shown.selector:
            whose, how = ["-l", shown.selector], [*how, "--prefix"]
        else:
            return None
        if name != "pods":
            lacks.append("kubectl does not put the lines of several pods into one order, and reads no pods that come.")
        how += ["--previous"] if wanted.previous else ["--follow"]
        how += ["--timestamps"] if wanted.times else []
        how += [f"--since={wanted.since}"] if wanted.since else []
        how += [f"--tail={wanted.tail}"] if wanted.tail is not None else []
        where = ["-n", shown.namespace] if shown.namespace else []
        return KubectlCommand(
            "logs", f"logs of {_called(shown)}", self._whole(["logs", *whose, *where, *how]), lacks=tuple(lacks)
        )

    def changing(self, shown: ObjectShown) -> Iterator[KubectlCommand]:
        """What k9s has keys for and kwatch never does."""
        name, what = str(shown.resource), _called(shown)

        def does(id_: str, words: str, command: Iterable[str]) -> KubectlCommand:
            return KubectlCommand(id_, f"{words} {what}", tuple(command), changes=True)

        if name == "pods":
            container = ("-c", shown.container) if shown.container else ()
            yield does("shell", "a shell in", (*self._of_pod(shown, "exec", "-it"), *container, "--", "sh"))
            yield does("attach", "attach to", (*self._of_pod(shown, "attach", "-it"), *container))
        if name in ("pods", "services", "deployments.apps"):
            target = shown.name if name == "pods" else f"{name}/{shown.name}"
            forward = ["port-forward", target, "-n", shown.namespace, "8080:80"]
            yield does("forward", "forward a port (say which) to", self._whole(forward))
        if name in _SCALED:
            yield does("scale", "scale (say how far)", (*self._of(shown, "scale"), "--replicas=1"))
        if name in _ROLLED_OUT:
            yield does("restart", "restart", self._of(shown, "rollout", "restart"))
        if name == "nodes":
            for id_, verb in (("cordon", "cordon"), ("uncordon", "uncordon"), ("drain", "drain")):
                more = ("--ignore-daemonsets",) if verb == "drain" else ()
                yield does(id_, verb, self._whole([verb, shown.name, *more]))
        yield does("edit", "edit", self._of(shown, "edit"))
        yield does("delete", "delete", self._of(shown, "delete"))

    def _of(self, shown: ObjectShown, *verb: str) -> tuple[str, ...]:
        where = ("-n", shown.namespace) if shown.namespace else ()
        return self._whole([*verb, str(shown.resource), shown.name, *where])

    def _of_pod(self, shown: ObjectShown, *verb: str) -> tuple[str, ...]:
        return self._whole([*verb, shown.name, "-n", shown.namespace])

    def _whole(self, words: Sequence[str]) -> tuple[str, ...]:
        return ("kubectl", *words, *self._flags)


def _called(shown: ObjectShown) -> str:
    return f"the {shown.resource.singular or shown.resource.name}"


def _in_namespace(resources: Sequence[Resource], namespace: str | None) -> Sequence[str]:
    if not any(resource.namespaced for resource in resources):
        return ()
    return ("-n", namespace) if namespace else ("-A",)


class _Narrowed:
    """A filter in kubectl's words: selectors for the server, the rest for grep, and what neither can do."""

    def __init__(self, shown: RowsShown) -> None:
        self.namespace = shown.namespace if is_one(shown.namespace) else None
        self.labels = [shown.label_selector] if shown.label_selector else []
        self.fields = [shown.field_selector] if shown.field_selector else []
        self.greps: list[str] = []
        self.lacks: list[str] = []
        self.fields += [f"metadata.namespace!={each}" for each in hidden(shown.namespace)]
        self._several = list(named(shown.namespace)) if self.namespace is None else []
        """Namespaces of which rows may be, where not all of them."""
        known = [{*EVERYWHERE, *FIELDS.get(str(each), ())} for each in shown.resources]
        self._known = set.intersection(*known) if known else set()
        self._columns = shown.columns
        missing = [str(term) for term in shown.query.terms if not self._takes(term)]
        if len(self._several) == 1:
            self.namespace = self._several[0]
        elif self._several:
            self.lacks.append("kubectl takes one namespace or all of them: it shows more rows.")
        if missing:
            self.lacks.append(f"kubectl has nothing for {shortened(' '.join(missing))}: it shows more rows.")

    def _takes(self, term: Term) -> bool:
        negated = isinstance(term, Negated)
        plain = term.term if isinstance(term, Negated) else term
        if isinstance(plain, Labels):
            return not negated and self._takes_labels(plain)
        if isinstance(plain, Field):
            return self._takes_field(plain, negated)
        if isinstance(plain, NamedIndex):
            return self._takes_index(plain, negated)
        if isinstance(plain, Text | Regex):
            return self._takes_text(plain, negated)
        return False

    def _takes_labels(self, term: Labels) -> bool:
        """A key that is also a column's asks for that where there is no label: kubectl cannot."""
        odd = (Operator.GREATER_THAN, Operator.LESS_THAN)
        for each in term.requirements:
            if not term.explicit and each.key.casefold() in self._columns:
                return False
            if each.operator in odd or '"' in requirement_text(each):
                return False
        self.labels += [requirement_text(each) for each in term.requirements]
        return True

    def _takes_field(self, term: Field, negated: bool) -> bool:
        path = term.path.removeprefix(".")
        if path not in self._known or term.compare not in (Compare.EQUAL, Compare.NOT_EQUAL):
            return False
        is_equal = (term.compare is Compare.EQUAL) is not negated
        escaped = "".join(f"\\{each}" if each in "\\,=" else each for each in term.operand)
        self.fields.append(f"{path}{'=' if is_equal else '!='}{escaped}")
        return True

    def _takes_index(self, term: NamedIndex, negated: bool) -> bool:
        if len(term.patterns) > 1 or any(sign in term.patterns[0] for sign in "*?["):
            return False
        value, equals = term.patterns[0], "!=" if negated else "="
        if term.index.name == "ns":
            self._take_namespace(value, equals)
            return True
        if term.index.name == "node" and "spec.nodeName" in self._known:
            self.fields.append(f"spec.nodeName{equals}{value}")
            return True
        if term.index.name == "label":
            self.labels.append(f"!{value}" if negated else value)
            return True
        return False

    def _take_namespace(self, value: str, equals: str) -> None:
        among = self._several
        if equals == "=" and self.namespace is None:
            # Of others there is nothing to show, which one of these and the field say together.
            self.namespace = value if value in among or not among else among[0]
            self._several = []
            if self.namespace == value:
                return
        elif equals == "!=" and value in among and len(among) > 1:
            among.remove(value)
            return
        self.fields.append(f"metadata.namespace{equals}{value}")

    def _takes_text(self, term: Text | Regex, negated: bool) -> bool:
        if isinstance(term, Text):
            pattern, how = term.text, ["-F"]
            any_case = pattern == pattern.lower()
        else:
            pattern, how = term.pattern, ["-E"]
            any_case = not has_capitals(pattern)
            if any(sign in pattern for sign in ("^", "$", "\\")):
                return False  # the ends of a cell are not those of a line, and grep knows other classes
        how += ["-i"] if any_case else []
        how += ["-v"] if negated else []
        self.greps.append(shlex.join(["grep", *how, "-e", pattern]))
        return True


def _order(shown: RowsShown, lacks: list[str]) -> Iterator[str]:
    """kubectl sorts by a path, and only upwards; by name it does so by itself."""
    if shown.sort is None:
        return
    column, descending = shown.sort
    path = shown.sort_path or _PATHS.get(column.casefold(), "")
    if not path:
        lacks.append(f"kubectl has no --sort-by for {column.upper()}.")
        return
    if column.casefold() == "age":
        descending = not descending  # the youngest was created last
    if descending:
        lacks.append("kubectl only sorts upwards: the rows come the other way round.")
    if path != ".metadata.name" or descending:
        yield f"--sort-by={path}"
