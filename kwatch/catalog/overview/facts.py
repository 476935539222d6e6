"""Facts under headings, and those of any object: its metadata, its conditions, its plain fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kwatch.base.duration import humanize
from kwatch.base.timestamp import RFC3339, time_or_none
from kwatch.catalog.column import Level
from kwatch.catalog.tree import Tree


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what is true. `at` is a moment in seconds since the epoch, shown with how long ago it was."""

    label: str
    value: str
    level: Level = Level.NONE
    at: float | None = None

    def text(self, now: float) -> str:
        """The value, and where it is a moment its age."""
        return self.value if self.at is None else f"{self.value} ({humanize(now - self.at)} ago)"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its facts; there is at least one."""

    title: str
    facts: tuple[Fact, ...]


def sections(*candidates: tuple[str, Iterable[Fact | None]]) -> tuple[Section, ...]:
    """The sections that have any fact, without the facts that are absent."""
    found = []
    for title, facts in candidates:
        present = tuple(fact for fact in facts if fact is not None)
        if present:
            found.append(Section(title, present))
    return tuple(found)


def fact(label: str, value: Tree | str, level: Level = Level.NONE) -> Fact | None:
    """A fact, None if there is nothing to say."""
    text = value if isinstance(value, str) else value.text()
    return Fact(label, text, level) if text else None


def flag(label: str, value: Tree) -> Fact | None:
    """`yes` where it is true; None else."""
    return Fact(label, "yes") if value.value is True else None


def seconds(label: str, value: Tree) -> Fact | None:
    """A whole number of seconds, as `30s`."""
    text = value.text()
    return Fact(label, f"{text}s") if text else None


def moment(label: str, value: Tree) -> Fact | None:
    """A time as the server wrote it, with its age."""
    text = value.text()
    return Fact(label, text, at=time_or_none(text)) if text else None


_HIDDEN_ANNOTATIONS = frozenset({"kubectl.kubernetes.io/last-applied-configuration"})
_NEGATIVE_CONDITIONS = frozenset(
    {
        "MemoryPressure",
        "DiskPressure",
        "PIDPressure",
        "NetworkUnavailable",
        "ReplicaFailure",
        "Failed",
        "FailureTarget",
        "Suspended",
        "Degraded",
        "Stalled",
        "ScalingLimited",
        "DisruptionTarget",
        "Dangling",
        "Terminating",
    }
)


def metadata_facts(obj: Tree) -> Iterator[Fact | None]:
    """Name, namespace, age, owners, labels, annotations."""
    metadata = obj["metadata"]
    yield fact("Name", metadata["name"])
    yield fact("Namespace", metadata["namespace"])
    yield moment("Created", metadata["creationTimestamp"])
    yield moment("Deleted", metadata["deletionTimestamp"])
    yield fact("Finalizers", metadata["finalizers"].joined())
    for owner in metadata["ownerReferences"]:
        label = "Controlled By" if owner["controller"].value is True else "Owned By"
        yield Fact(label, f"{owner['kind'].text()}/{owner['name'].text()}")
    for key, value in metadata["labels"].entries():
        yield Fact("Label", f"{key}={value.text()}")
    for key, value in metadata["annotations"].entries():
        if key not in _HIDDEN_ANNOTATIONS:
            yield Fact("Annotation", f"{key}: {value.text()}")


def condition_facts(obj: Tree) -> Iterator[Fact]:
    """One fact a condition: its status, reason and message, since when."""
    for condition in obj.at("status", "conditions"):
        status = condition["status"].text("Unknown")
        value = ": ".join([part for part in (status, condition["reason"].text(), condition["message"].text()) if part])
        since = moment("", condition["lastTransitionTime"])
        label = condition["type"].text("?")
        yield Fact(label, value, _condition_level(label, status), since.at if since else None)


def _condition_level(condition_type: str, status: str) -> Level:
    if status == "Unknown":
        return Level.WARNING
    good = "False" if condition_type in _NEGATIVE_CONDITIONS else "True"
    return Level.GOOD if status == good else Level.WARNING


def plain_facts(place: Tree, *skipped: str) -> Iterator[Fact | None]:
    """The scalar fields of a place, and lists of scalars, under their own names."""
    for key, value in place.entries():
        if key in skipped:
            continue
        yield fact(words(key), value.text() or value.joined())


def nested_facts(place: Tree, *skipped: str) -> Iterator[Fact | None]:
    """Everything of a place: scalars under their names, an object in one line, a line for each item of a list."""
    for key, value in place.entries():
        if key in skipped:
            continue
        if isinstance(value.value, list) and any(isinstance(item.value, dict | list) for item in value):
            yield from (fact(words(key), one_line(item)) for item in value)
        elif isinstance(value.value, str) and RFC3339.fullmatch(value.value):
            yield moment(words(key), value)
        else:
            yield fact(words(key), one_line(value))


def one_line(value: Tree) -> str:
    """`key=value` of an object, the items of a list, a scalar; what is deeper last, as JSON, and no more than fits."""
    if isinstance(value.value, dict):
        entries = sorted(value.entries(), key=lambda entry: isinstance(entry[1].value, dict | list))
        text = ", ".join([f"{key}={each.compact()}" for key, each in entries if each])
    else:
        text = ", ".join([item.compact() for item in value]) or value.text()
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


_LONGEST = 300


def words(key: str) -> str:
    """`clusterIP` as `Cluster IP`, `storageClassName` as `Storage Class Name`."""
    spaced = "".join(
        [
            f" {letter}" if letter.isupper() and place and not key[place - 1].isupper() else letter
            for place, letter in enumerate(key)
        ]
    )
    return spaced[:1].upper() + spaced[1:]


def selector_text(selector: Tree) -> str:
    """A label selector, or a plain set of labels."""
    labels = selector["matchLabels"] if selector["matchLabels"] or selector["matchExpressions"] else selector
    parts = [f"{key}={value.text()}" for key, value in labels.entries() if key not in ("matchLabels",)]
    for each in selector["matchExpressions"]:
        key, values = each["key"].text(), each["values"].joined(",")
        match each["operator"].text():
            case "Exists":
                parts.append(key)
            case "DoesNotExist":
                parts.append(f"!{key}")
            case operator:
                parts.append(f"{key} {operator.lower()} ({values})")
    return ",".join(parts)
