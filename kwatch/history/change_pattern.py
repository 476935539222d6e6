"""The pattern `~path:old>new`: which changes it matches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from kwatch.history.diff.change import ABSENT, Change
from kwatch.history.diff.path import ItemKey, Steps, is_noise

_MOST_LEAVES = 200
_LONGEST_TEXT = 100
_MOST_NAMES = 5000
_STATUS, _METADATA = "status", "metadata"
_NO_FIELDS = frozenset({"labels", "annotations", "managedFields"})

Pair = tuple[str, str]
"""The old and the new value as text; an absent one is empty."""


class ChangePattern:
    """A path matches where its names follow each other (`image`, `status.phase`, `containers[web].image`), with `*`
    and `?`, the names of items left out or not; an empty path is any. Desired state comes first: names that objects
    have outside of their status are not looked for in the status, unless the path begins there (`image` is that of a
    spec, `status.image` that of a status, wherever it stands there; `phase` is only in the status). A value matches
    whole, or of an image its tag; None is any. Case is ignored.
    """

    def __init__(
        self,
        path: str = "",
        old: str | None = None,
        new: str | None = None,
        outside: AbstractSet[str] = frozenset(),
    ) -> None:
        """`outside`: the names of fields that objects have outside of their status, as `names_outside` finds them."""
        self._segments, names = _parse(path)
        self._old = old
        self._new = new
        self._begins_there = bool(self._segments) and fnmatchcase(_STATUS, self._segments[0])
        self._skips_status = bool(names) and not self._begins_there and all(_is_among(each, outside) for each in names)

    @property
    def any_value(self) -> bool:
        return self._old is None and self._new is None

    def matches_path(self, segments: tuple[str, ...]) -> bool:
        """`segments` as `segments_of` gives them."""
        if not self._segments:
            return True
        if self._skips_status and segments[:1] == (_STATUS,):
            return False
        if self._begins_there and segments[:1] == (_STATUS,) and len(self._segments) > 1:
            return any(_follows(self._segments[1:], segments[start:]) for start in range(1, len(segments)))
        return any(_follows(self._segments, segments[start:]) for start in range(len(segments)))

    def matches_pair(self, pair: Pair) -> bool:
        return _is_value(self._old, pair[0]) and _is_value(self._new, pair[1])

    def matches(self, change: Change) -> bool:
        """Whether it matches a change, or something in a part that came or went as a whole."""
        return any(
            self.matches_path(segments_of(steps)) and self.matches_pair(pair) for steps, pair in leaves_of(change)
        )


def names_outside(tree: Mapping[str, Any]) -> set[str]:
    """The names of an object's fields outside of its status, in lower case; names of labels and such are no fields."""
    found: set[str] = set()
    waiting: list[Any] = []
    left = _MOST_NAMES
    for name, value in tree.items():
        if name == _METADATA and isinstance(value, dict):
            value = {each: inner for each, inner in value.items() if each not in _NO_FIELDS}
        if name != _STATUS:
            found.add(name.lower())
            waiting.append(value)
    while waiting and left > 0:
        value = waiting.pop()
        left -= 1
        if isinstance(value, dict):
            found.update(name.lower() for name in value)
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return found


def segments_of(steps: Steps) -> tuple[str, ...]:
    """The names in a path, in lower case; positions in lists are none."""
    return tuple(str(step).lower() for step in steps if not isinstance(step, int))


def leaves_of(change: Change) -> Iterator[tuple[Steps, Pair]]:
    """The values that changed; of a part that came or went as a whole, those in it that are not noise."""
    if change.old is not ABSENT and change.new is not ABSENT:
        yield change.steps, (_text(change.old), _text(change.new))
        return
    came = change.old is ABSENT
    for steps, value in _values(change.new if came else change.old, change.steps):
        if not is_noise(steps):
            text = _text(value)
            yield steps, ("", text) if came else (text, "")


def _values(value: Any, steps: Steps) -> Iterator[tuple[Steps, Any]]:
    waiting, left = [(steps, value)], _MOST_LEAVES
    while waiting and left > 0:
        place, each = waiting.pop()
        if isinstance(each, dict) and each:
            waiting.extend(((*place, name), child) for name, child in each.items())
        elif isinstance(each, list) and each:
            waiting.extend(((*place, _item(child, at)), child) for at, child in enumerate(each))
        else:
            left -= 1
            yield place, each


def _item(child: Any, at: int) -> ItemKey | int:
    name = child.get("name", child.get("type")) if isinstance(child, dict) else None
    return ItemKey((("name", name),)) if isinstance(name, str) else at


def _text(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text[:_LONGEST_TEXT]


def _is_value(wanted: str | None, text: str) -> bool:
    if wanted is None or wanted == text:
        return True
    lowered, folded = wanted.lower(), text.lower()
    if "*" in lowered or "?" in lowered:
        return fnmatchcase(folded, lowered)
    return folded == lowered or (bool(lowered) and folded.endswith(f":{lowered}"))


def _parse(path: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """`containers[web].image` -> ("containers", "web", "image"), and of these the names of fields, without `web`."""
    segments: list[str] = []
    fields: list[str] = []
    rest = path.lower().removeprefix(".")
    while rest:
        is_item = rest[0] == "["
        if is_item:
            part, _, rest = rest[1:].partition("]")
        else:
            end = min((at for at in (rest.find("."), rest.find("[")) if at >= 0), default=len(rest))
            part, rest = rest[:end], rest[end:]
        rest = rest.removeprefix(".")
        if part:
            segments.append(part)
            if not is_item:
                fields.append(part)
    return tuple(segments), tuple(fields)


def _is_among(wanted: str, names: AbstractSet[str]) -> bool:
    if "*" in wanted or "?" in wanted:
        return any(fnmatchcase(name, wanted) for name in names)
    return wanted in names


def _follows(wanted: tuple[str, ...], segments: tuple[str, ...]) -> bool:
    if not wanted:
        return True
    if not segments or not fnmatchcase(segments[0], wanted[0]):
        return False
    return any(_follows(wanted[1:], segments[skip:]) for skip in (1, 2))
