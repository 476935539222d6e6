"""The names under which filters and completion know the indices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


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
        """What is meant by a word before a colon."""
        return BY_NAME.get(word) or next((each for each in self.of_user if each.name == word), None)


BUILT_IN = IndexNames()
"""Without a user's own."""
