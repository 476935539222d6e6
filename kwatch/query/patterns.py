"""`nginx*`, `deploy/web`, `pod/shop/web-?`: which values of an index a pattern means.

A star stands for any characters, a question mark for one; case is ignored unless the pattern has capitals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from kwatch.query.index_names import IndexName

Predicate = Callable[[str], bool]


def glob(pattern: str) -> Predicate:
    """Whether a value matches as a whole, case ignored unless the pattern has capitals. Never slow: parts between stars
    are found from left to right, each at its first place.
    """
    lower = pattern == pattern.lower()
    parts = [_part(part) for part in re.split(r"\*+", pattern)]

    def matches(value: str) -> bool:
        return _matches(parts, value.lower() if lower else value)

    return matches


def _part(text: str) -> re.Pattern[str]:
    # A part has a fixed length, so searching it cannot backtrack.
    return re.compile("".join("." if character == "?" else re.escape(character) for character in text), re.DOTALL)


def _matches(parts: list[re.Pattern[str]], value: str) -> bool:
    if len(parts) == 1:
        return parts[0].fullmatch(value) is not None
    first = parts[0].match(value)
    if first is None:
        return False
    at = first.end()
    for part in parts[1:-1]:
        found = part.search(value, at)
        if found is None:
            return False
        at = found.end()
    return _ends_with(parts[-1], value, at)


def _ends_with(part: re.Pattern[str], value: str, at: int) -> bool:
    """Whether the last part matches the end, beginning at `at` or later."""
    found = part.search(value, at)
    while found is not None:
        if found.end() == len(value):
            return True
        found = part.search(value, found.start() + 1) if found.start() < len(value) else None
    return False


_KINDS = {
    "deploy": "deployment",
    "rs": "replicaset",
    "sts": "statefulset",
    "ds": "daemonset",
    "cj": "cronjob",
    "po": "pod",
    "no": "node",
    "svc": "service",
    "rc": "replicationcontroller",
    "pvc": "persistentvolumeclaim",
    "cm": "configmap",
    "hpa": "horizontalpodautoscaler",
    "ing": "ingress",
    "ns": "namespace",
}
OF_A_KIND = frozenset({"owner-name", "involved-object"})
"""Indices whose values begin with a kind and a slash."""
_REMEMBERED = 50_000
"""Distinct values whose answer is kept: an index has few values, and many objects."""


def value_predicate(index: IndexName, patterns: Sequence[str]) -> Predicate:
    """Whether a value of the index is meant by any of the patterns."""
    make = _MAKERS.get(index.index, _parted if index.parted else glob)
    predicates = [make(pattern) for pattern in patterns]
    return remembering(lambda value: any(predicate(value) for predicate in predicates))


def remembering(predicate: Predicate) -> Predicate:
    """The same predicate, called once for each value."""
    known: dict[str, bool] = {}

    def answer(value: str) -> bool:
        result = known.get(value)
        if result is None:
            if len(known) >= _REMEMBERED:
                known.clear()
            result = known[value] = predicate(value)
        return result

    return answer


def _parted(pattern: str) -> Predicate:
    """`namespace/name`, or the name in any namespace."""
    whole = glob(pattern)
    return whole if "/" in pattern else lambda value: whole(value.rpartition("/")[2])


def _owner(pattern: str) -> Predicate:
    """`deploy/web`, `Deployment/web`, or a name of any kind."""
    kind, slash, name = pattern.rpartition("/")
    of_name = glob(name)
    if not slash:
        return lambda value: of_name(value.rpartition("/")[2])
    of_kind = _kind(kind)

    def matches(value: str) -> bool:
        its_kind, _, its_name = value.partition("/")
        return of_kind(its_kind) and of_name(its_name)

    return matches


def spelled_as(pattern: str, values: Mapping[str, int]) -> Mapping[str, int]:
    """Of values that begin with a kind those of the kind in the pattern, spelled as there: `deploy/web` for
    `Deployment/web`. All as they are, if no kind is typed yet.
    """
    kind, slash, _ = pattern.partition("/")
    if not slash:
        return values
    is_meant = _kind(kind)
    parted = ((*value.partition("/"), count) for value, count in values.items())
    return {f"{kind}/{rest}": count for its_kind, _, rest, count in parted if is_meant(its_kind)}


def kind_of_pattern(pattern: str) -> str:
    """The kind before the slash, in its full singular and lower case; empty if it may be any, or is not well known."""
    kind = pattern.rpartition("/")[0].casefold()
    known = _KINDS.get(kind, kind)
    return next((each for each in (known, known.removesuffix("s")) if each in _KINDS.values()), "")


def _about(pattern: str) -> Predicate:
    """`pod/web-1`, `pod/shop/web-1`, or a name of any kind, against `Pod/shop/web-1`."""
    parts = pattern.split("/", 2)
    of_name = glob(parts[-1])
    of_kind = _kind(parts[0] if len(parts) > 1 else "*")
    of_namespace = glob(parts[1] if len(parts) > 2 else "*")

    def matches(value: str) -> bool:
        its_kind, _, rest = value.partition("/")
        its_namespace, _, its_name = rest.partition("/")
        return of_kind(its_kind) and of_namespace(its_namespace) and of_name(its_name)

    return matches


def _kind(text: str) -> Predicate:
    """A kind, its plural or a well-known short name; any case."""
    lower = text.casefold()
    known = _KINDS.get(lower, lower)
    same, singular = glob(known), glob(known.removesuffix("s"))
    return lambda kind: same(kind.lower()) or singular(kind.lower())


def _image(pattern: str) -> Predicate:
    """An image as written, or without registry and path, without tag and digest, or both."""
    whole = glob(pattern)
    return lambda image: any(whole(form) for form in _image_forms(image))


def _image_forms(image: str) -> tuple[str, ...]:
    untagged = image.partition("@")[0]
    head, slash, last = untagged.rpartition("/")
    bare = last.partition(":")[0]
    return image, untagged, f"{head}{slash}{bare}", last, bare


_MAKERS: dict[str, Callable[[str], Predicate]] = {
    "kind": _kind,
    "owner-name": _owner,
    "involved-object": _about,
    "image": _image,
}
