"""The names under which filters and completion know the indices."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IndexName:
    """`name` and `aliases` are typed before the colon; `index` is what the cache calls it.

    `parted` values are `namespace/name`: a pattern without a slash is matched with the name.
    """

    name: str
    index: str
    meaning: str
    example: str
    aliases: tuple[str, ...] = ()
    parted: bool = False


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
