"""The names under which filters and completion know the indexes (`ns:`, `image:`), and those defined by users."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kwatch.catalog.jsonpath import JSONPath, JSONPathError, parse_json_path
from kwatch.informer.resource import Resource


@dataclass(frozen=True, slots=True)
class IndexName:
    """`name` and `aliases` are typed before the colon; `index` is what the cache calls it.

    `parted` values are `namespace/name`: a pattern without a slash is matched with the name. `path` is what the values
    of a user's own index are read from.
    """

    name: str
    index: str
    meaning: str
    example: str
    aliases: tuple[str, ...] = ()
    parted: bool = False
    path: str = ""


OWNER = IndexName("owner", "owner-name", "belongs to that owner, directly or through another", "owner:deploy/web")

INDEX_NAMES = (
    IndexName("ctx", "context", "in that context, where several are shown", "ctx:prod-*", ("context",)),
    IndexName("kind", "kind", "of that kind, where several are shown", "kind:deploy"),
    IndexName("ns", "namespace", "in that namespace", "ns:shop", ("namespace",)),
    IndexName("node", "node", "on that node", "node:node-7"),
    OWNER,
    IndexName("status", "status", "the word in the STATUS column", "status:Running"),
    IndexName("image", "image", "runs that image; registry and tag may be left out", "image:nginx*"),
    IndexName("label", "label-key", "carries a label with that key", "label:app"),
    IndexName("annotation", "annotation-key", "carries an annotation with that key", "annotation:*checksum*"),
    IndexName("sa", "service-account", "runs as that service account", "sa:builder", ("service-account",), True),
    IndexName("cm", "config-map", "uses that config map", "cm:settings", ("config-map", "configmap"), True),
    IndexName("secret", "secret", "uses that secret", "secret:db-*", (), True),
    IndexName("pvc", "claim", "mounts that volume claim", "pvc:data-0", ("claim",), True),
    IndexName("about", "involved-object", "an event about that object", "about:pod/web-*", ("for",)),
)

BY_NAME = {alias: each for each in INDEX_NAMES for alias in (each.name, *each.aliases)}


@dataclass(frozen=True, slots=True)
class IndexNames:
    """The names in force: those above, and the user's own."""

    of_user: tuple[IndexName, ...] = ()

    def __iter__(self) -> Iterator[IndexName]:
        yield from INDEX_NAMES
        yield from self.of_user

    def get(self, word: str) -> IndexName | None:
        return BY_NAME.get(word) or next((each for each in self.of_user if each.name == word), None)


BUILT_IN = IndexNames()
"""Without a user's own."""


_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
_TAKEN = frozenset({"since"})


class IndexEntryError(Exception):
    """An entry that defines no index; says why."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """An entry that is wrong: of which resource, at which place among its entries, and why."""

    resource: str
    place: int
    reason: str


@dataclass(frozen=True, slots=True)
class UserIndices:
    """`configured`: a resource's name -> entries such as `tier:.metadata.labels.tier`. Wrong ones are left out."""

    configured: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def names_for(self, *resources: Resource) -> IndexNames:
        """The names in force in a view. Those defined for other resources are known, but mean nothing there."""
        wanted = {name for resource in resources for name in (str(resource), resource.name)}
        found: dict[str, IndexName] = {}
        for resource, index in self._defined():
            here = resource in wanted
            if index.name not in found or (here and not found[index.name].path):
                found[index.name] = index if here else replace(index, index="", path="")
        return IndexNames(tuple(found.values()))

    @property
    def names(self) -> IndexNames:
        return IndexNames(tuple({index.name: index for _, index in self._defined()}.values()))

    def mistakes(self) -> Iterator[Mistake]:
        for resource, place, entry in self._entries():
            try:
                defined(resource, entry)
            except IndexEntryError as error:
                yield Mistake(resource, place, str(error))

    def _defined(self) -> Iterator[tuple[str, IndexName]]:
        for resource, _, entry in self._entries():
            try:
                yield resource, defined(resource, entry)
            except IndexEntryError:
                continue

    def _entries(self) -> Iterator[tuple[str, int, str]]:
        for resource, entries in self.configured.items():
            for place, entry in enumerate(entries):
                yield resource, place, entry


NO_INDICES = UserIndices()


def defined(resource: str, entry: str) -> IndexName:
    """What an entry defines; raise IndexEntryError."""
    name, colon, path = entry.partition(":")
    name, path = name.strip(), path.strip().removeprefix("{").removesuffix("}")
    if not colon or not path:
        raise IndexEntryError(f"{entry!r} must be a name, a colon and a path, such as tier:.metadata.labels.tier")
    if not _NAME.match(name):
        raise IndexEntryError(f"{name!r} is not a name for an index: letters, digits, - and _ may stand in one")
    if name in BY_NAME or name in _TAKEN:
        raise IndexEntryError(f"{name}: is there already and means something else; choose another name")
    if not path.startswith("."):
        raise IndexEntryError(f"the path of {name} must begin with a dot: .{path}")
    try:
        parsed = parse_json_path(path)
    except (JSONPathError, RecursionError) as error:
        raise IndexEntryError(f"the path of {name} is broken: {error}") from error
    return IndexName(name, field_index_name(parsed), f"{path} of {resource} is that", f"{name}:*", path=path)


def field_index_name(path: JSONPath) -> str:
    """What a cache calls the index over a path."""
    return f"field:{path.text}"
