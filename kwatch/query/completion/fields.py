"""The fields that objects of a kind have, from a few of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from kwatch.catalog.indices.by_path import texts_at
from kwatch.catalog.jsonpath import JSONPathError, parse_json_path
from kwatch.informer.kube_object import KubeObject
from kwatch.query.completion.values import sample
from kwatch.query.context import Context

_SAMPLE = 25
"""Objects that are parsed whole for one completion: about a millisecond."""
_PLAIN = re.compile(r"[A-Za-z_][\w-]*\Z")


def field_steps(context: Context, parent: str) -> Mapping[str, int]:
    """The names that may follow a path such as `.spec.` or `.spec.containers[0].`, with how many of a sample have
    them. Lists are offered with `[*]`.
    """
    counts: Counter[str] = Counter()
    for tree in _trees(context):
        counts.update(dict.fromkeys(_names(tree, parent), 1))
    return counts


def field_texts(context: Context, path: str) -> Mapping[str, int]:
    """The values at a path."""
    try:
        compiled = parse_json_path(path)
    except JSONPathError:
        return {}
    return Counter(text for tree in _trees(context) for text in texts_at(compiled, tree))


def _names(tree: Mapping[str, Any], parent: str) -> Iterator[str]:
    path = parent.removesuffix(".")
    try:
        found = parse_json_path(path).find(tree) if path else [tree]
    except JSONPathError:
        return
    for value in found:
        if not isinstance(value, dict):
            continue
        for name, child in value.items():
            step = name if _PLAIN.match(name) else f'["{name}"]'
            yield f"{step}[*]" if isinstance(child, list) else step


def _trees(context: Context) -> Iterator[Mapping[str, Any]]:
    for _, obj in islice(sample(context), _SAMPLE):
        yield obj.tree() if isinstance(obj, KubeObject) else obj
