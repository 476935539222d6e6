"""The keys and values that completion knows: from indices with their counts, without them from a sample."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice

from kwatch.informer.index import LABEL_INDEX
from kwatch.informer.metadata import labels_of
from kwatch.informer.protocol import Object
from kwatch.query.context import Context
from kwatch.query.index_names import OWNER, IndexName
from kwatch.query.owners import OwnerIndex
from kwatch.query.row import Row, RowReader
from kwatch.query.terms.label_matcher import LABEL_KEY_INDEX
from kwatch.query.terms.named_index import value_index

SAMPLE = 200
"""Objects looked at where no index knows; decoding them must not delay a key press."""


def label_keys(context: Context) -> Mapping[str, int]:
    """Every label key, with how many objects carry it."""
    index = context.index
    if LABEL_KEY_INDEX in index.index_names:
        return index.index_counts(LABEL_KEY_INDEX)
    counts: Counter[str] = Counter()
    if LABEL_INDEX in index.index_names:
        for pair, count in index.index_counts(LABEL_INDEX).items():
            counts[pair.partition("=")[0]] += count
    else:
        for _, obj in sample(context):
            counts.update(labels_of(obj).keys())
    return counts


def label_values(context: Context, key: str) -> Mapping[str, int]:
    """Every value of a label, with how many objects have it."""
    index = context.index
    if LABEL_INDEX in index.index_names:
        prefix = f"{key}="
        counts = index.index_counts(LABEL_INDEX)
        return {pair[len(prefix) :]: count for pair, count in counts.items() if pair.startswith(prefix)}
    values = (labels_of(obj).get(key) for _, obj in sample(context))
    return Counter(value for value in values if value is not None)


def index_values(context: Context, name: IndexName) -> Mapping[str, int]:
    """Every value of a named index, with how many objects are filed under it."""
    with suppress(KeyError):  # not asked for by its name in index_names: it may be dropped right after that
        if name is OWNER:
            return OwnerIndex(context.index, context.owners).counts()
        return context.index.index_counts(name.index)
    values = value_index(name, context)
    if values is None:
        return {}
    reader = RowReader(context.kind)
    return Counter(value for key, obj in sample(context) for value in values.read(Row(key, obj, reader)))


def sample(context: Context) -> Iterator[tuple[str, Object]]:
    """Some objects, spread over all of them."""
    keys = context.index.list_keys()
    step = max(1, len(keys) // SAMPLE)
    for key in islice(keys, 0, None, step):
        obj = context.index.get_by_key(key)
        if obj is not None:
            yield key, obj
