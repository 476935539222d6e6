"""`kwatch diff --by path`: what changed in how many objects, the most frequent first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kwatch.base.printable import printable
from kwatch.history.diff.change import CREATED_WORD, DELETED_WORD, grouped, words_at
from kwatch.history.diff.path import general_path
from kwatch.output.difference import Difference
from kwatch.output.json_lines import json_text


@dataclass(frozen=True, slots=True)
class Member:
    """An object, and what changed in it at the path of its group."""

    sign: str
    resource: str
    key: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class PathGroup:
    """`path` leaves out the names of list items; `created` and `deleted` stand in its place."""

    path: str
    members: tuple[Member, ...]


def path_groups(found: Iterable[Difference]) -> Iterator[PathGroup]:
    """One for each path."""
    for path, members in grouped(pair for each in found for pair in _pairs(each)).items():
        yield PathGroup(path, members)


def path_text(group: PathGroup) -> Iterator[str]:
    """How many, where, from what to what if that is the same everywhere; then the objects."""
    count = len(group.members)
    same = {member.words for member in group.members}
    told = f"  {same.copy().pop()}" if len(same) == 1 else ""
    yield printable(f"{count:>5}  {group.path}{told}").rstrip()
    for member in group.members:
        words = f"  {member.words}" if len(same) > 1 else ""
        yield printable(f"         {member.sign} {member.resource} {member.key}{words}")


def path_json(group: PathGroup) -> Iterator[str]:
    """The same as JSON: `{path, count, objects: [{type, resource, key, words}]}`."""
    types = {"+": "ADDED", "-": "DELETED", "~": "MODIFIED"}
    objects = [
        {"type": types[each.sign], "resource": each.resource, "key": each.key, "words": each.words}
        for each in group.members
    ]
    yield json_text({"path": group.path, "count": len(objects), "objects": objects})


def _pairs(difference: Difference) -> Iterator[tuple[str, Member]]:
    sign, resource, key = difference.sign, difference.resource, difference.key
    if sign != "~":
        yield CREATED_WORD if sign == "+" else DELETED_WORD, Member(sign, resource, key)
        return
    words: dict[str, list[str]] = {}
    for change in difference.changes:
        words.setdefault(general_path(change.steps), []).append(words_at(change))
    for path, told in words.items():
        yield path, Member(sign, resource, key, ", ".join(told))
