"""One difference between two versions of an object, and how values and their changes read on one line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, TypeVar

import msgspec

from kwatch.history.diff.path import ItemKey, Steps, is_noise, items_of

T = TypeVar("T")

LONGEST = 60
"""Characters of a value that are shown."""
CREATED_WORD, DELETED_WORD = "created", "deleted"
"""What stands in a path's place over what came, and over what went."""
_SHORT_DIGEST = 12
_IMAGE = re.compile(
    r"(?P<repository>(?:[\w.-]+(?::\d+)?/)*[\w.-]+)(?P<tag>:[\w][\w.-]{0,127})?(?P<digest>@[a-z0-9]+:[0-9a-f]{32,})?"
)
_DIGEST = re.compile(r"@?\b(sha\d{3}):([0-9a-f]{32,})")


class _Absent(Enum):
    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent.ABSENT
"""Stands for a value that is not there; JSON's null is None."""


@dataclass(frozen=True, slots=True)
class Change:
    """`path` had the value `old` and has the value `new`; one of them may be ABSENT.

    A part that came or went as a whole is one change. The empty path is the object itself.
    """

    path: str
    old: Any
    new: Any
    steps: Steps = field(default=(), repr=False)
    """The path as its steps, for programs."""
    noise: bool = False
    """Whether it says nothing to people, see `is_noise`."""

    @property
    def words(self) -> str:
        """`spec.template.spec.containers[web].image 1.4.2 -> 1.5.0`."""
        if not self.path:
            return "created" if self.old is ABSENT else "deleted"
        if self.old is ABSENT:
            return f"{self.path} added {value_words(_unnamed(self.new, self.steps))}"
        if self.new is ABSENT:
            return f"{self.path} removed, was {value_words(_unnamed(self.old, self.steps))}"
        return f"{self.path} {value_change_words(self.old, self.new)}"

    @property
    def sign(self) -> str:
        """`+` added, `-` removed, `~` changed."""
        return "+" if self.old is ABSENT else "-" if self.new is ABSENT else "~"


def _unnamed(value: Any, steps: Steps) -> Any:
    """A part without the fields that its path names already, and without noise; whole if nothing would be left."""
    if not isinstance(value, Mapping):
        return value
    named = dict(steps[-1].fields) if steps and isinstance(steps[-1], ItemKey) else {}
    left = {
        name: item for name, item in value.items() if not (name in named or item is None or is_noise((*steps, name)))
    }
    return left or value


def changed_paths(changes: Iterable[Change], limit: int = 3) -> str:
    """The first changes in words, and how many more there are: for one line of a list."""
    listed = list(changes)
    text = ", ".join(change.words for change in listed[:limit])
    more = len(listed) - limit
    return f"{text}, {more} more" if more > 0 else text


def value_words(value: Any) -> str:
    """A value on one line, shortened if it is long."""
    if isinstance(value, str):
        return _string_words(value)
    if isinstance(value, Mapping):
        return _mapping_words(value)
    if isinstance(value, list | tuple):
        if all(not isinstance(item, Mapping | list) for item in value):
            return _shorten("[" + ", ".join(map(value_words, value)) + "]")
        named = [_item_words(item) for item in value]
        if all(named):
            return _shorten("[" + ", ".join(named) + "]")
        if len(value) == 1 and isinstance(value[0], Mapping) and value[0]:
            return f"[{_mapping_words(value[0])}]"
        return f"[{len(value)} item{'s' if len(value) != 1 else ''}]"
    return msgspec.json.encode(value).decode()


def value_change_words(old: Any, new: Any) -> str:
    """`Pending -> Running`; of two images of one repository only what differs."""
    if isinstance(old, str) and isinstance(new, str):
        tags = _tags(old, new)
        if tags is not None:
            return f"{tags[0]} -> {tags[1]}"
        return _long_change_words(old, new)
    return f"{value_words(old)} -> {value_words(new)}"


def _string_words(text: str) -> str:
    if not text:
        return '""'
    short = _shorten(_DIGEST.sub(lambda found: found[0].replace(found[2], found[2][:_SHORT_DIGEST] + "…"), text))
    return short.replace("\n", "⏎").replace("\t", " ")


def _mapping_words(value: Mapping[str, Any]) -> str:
    """As many fields as fit: `{type: Ready, status: False, …}`."""
    parts: list[str] = []
    for name, item in value.items():
        part = f"{name}: {'{…}' if isinstance(item, Mapping) and item else value_words(item)}"
        if parts and len(", ".join((*parts, part))) > LONGEST:
            parts.append("…")
            break
        parts.append(part)
    return "{" + ", ".join(parts) + "}"


def _item_words(item: Any) -> str:
    """What an item of a list is called: `web`, of a condition `Ready: True`, of a taint `key:NoSchedule`; empty if it
    has no name.
    """
    if not isinstance(item, Mapping):
        return ""
    name, type_, status, key, effect = (item.get(field) for field in ("name", "type", "status", "key", "effect"))
    if isinstance(name, str) and name:
        return _string_words(name)
    if isinstance(type_, str) and type_:
        return f"{_string_words(type_)}: {_string_words(status)}" if isinstance(status, str) else _string_words(type_)
    if isinstance(key, str) and key and isinstance(effect, str):
        value = item.get("value")
        return f"{_string_words(key)}{f'={_string_words(value)}' if isinstance(value, str) and value else ''}:{effect}"
    return ""


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _long_change_words(old: str, new: str) -> str:
    """Long texts that begin alike are shown from where they part."""
    if max(len(old), len(new)) <= LONGEST:
        return f"{_string_words(old)} -> {_string_words(new)}"
    same = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    start = max(0, same - LONGEST // 3)
    if start == 0:
        return f"{_string_words(old)} -> {_string_words(new)}"
    return f"…{_string_words(old[start:])} -> …{_string_words(new[start:])}"


def _tags(old: str, new: str) -> tuple[str, str] | None:
    before, after = _IMAGE.fullmatch(old), _IMAGE.fullmatch(new)
    if before is None or after is None or before["repository"] != after["repository"]:
        return None
    was, now = _tag(before), _tag(after)
    return (was, now) if was != now and was and now else None


def _tag(image: re.Match[str]) -> str:
    tag, digest = (image["tag"] or "")[1:], image["digest"] or ""
    return tag + _string_words(digest) if digest else tag


def grouped(pairs: Iterable[tuple[str, T]]) -> Mapping[str, tuple[T, ...]]:
    """Things by general path: the most frequent path first, then desired state before status."""
    groups: dict[str, list[T]] = {}
    for path, thing in pairs:
        groups.setdefault(path, []).append(thing)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0].startswith("status."), item[0]))
    return {path: tuple(things) for path, things in ordered}


def words_at(change: Change) -> str:
    """A change without its path, and with what its general path leaves out: `1.4.2 -> 1.5.0 [web]`."""
    items = "".join(f" [{item}]" for item in items_of(change.steps))
    return change.words.removeprefix(change.path).strip() + items
