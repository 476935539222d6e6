"""Tab completion of filters: keys, values, names, with how many objects each would find, from indexes or a sample."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from os.path import commonprefix
from typing import Any

from kwatch.catalog.indices import texts_at
from kwatch.catalog.jsonpath import JSONPathError, parse_json_path
from kwatch.informer.index import LABEL_INDEX
from kwatch.informer.kube_object import KubeObject
from kwatch.informer.metadata import labels_of
from kwatch.informer.protocol import Object
from kwatch.query.columns import column_name
from kwatch.query.context import Context
from kwatch.query.index_names import OWNER, IndexName
from kwatch.query.patterns import OF_A_KIND, spelled_as
from kwatch.query.row import Row, RowReader
from kwatch.query.syntax import quoted_name, quoted_value
from kwatch.query.terms.named_index import value_index
from kwatch.query.terms.owner import OwnerIndex
from kwatch.query.terms.state import StateName

_LAST_TERM = re.compile(
    r"""(?:"(?:[^"\\]|\\.)*(?:"|\Z)|'(?:[^'\\]|\\.)*(?:'|\Z)|\([^)]*(?:\)|\Z)|[^\s"'(])*\Z""", re.DOTALL
)
_SET = re.compile(r"""([^\s=!<>~:(),"']+)\s+(?:in|notin)\s*\((?:[^,)]*,)*\s*([^,)]*)\Z""")
_SELECTOR = re.compile(r"(?:^|\s)!?-l\s+\Z")
_INDEX = re.compile(r"([\w-]+):(?:[^,]*,)*([^,]*)\Z")
_LABEL = re.compile(r"""(?:.*,)?!?([^\s=!<>~:(),"']+)(?:==|!=|=)([^,]*)\Z""")
_LABEL_KEY = re.compile(r"(?:.*,)?!?([^,]*)\Z")
_FIELD = re.compile(r"(\.[^\s=!<>~]*?)(?:==|!=|>=|<=|[=<>~])(.*)\Z")
_STEP = re.compile(r"(.*[.\]])?([^.\]\[]*)\Z")
_LONGEST = 300
"""Characters before the cursor that are looked at: a term that is longer is no more completed."""
_OPERATORS = {"number": ">", "quantity": ">", "duration": "<"}


def complete(text: str, cursor: int, context: Context) -> Completion:
    """How the term before the cursor may go on. Fast enough for every key press: asks indexes and a sample."""
    before = text[max(0, cursor - _LONGEST) : cursor]
    among = _SET.search(before)
    if among is not None:
        return _values(cursor, among[2], label_values(context, among[1]))
    found = _LAST_TERM.search(before)
    word = found[0] if found is not None else ""
    if len(word) >= _LONGEST:
        return Completion(cursor, cursor)
    start = cursor - len(word)
    in_selector = _SELECTOR.search(text[:start]) is not None
    while word.startswith("!") and not in_selector:
        word = word[1:]
    return _of_word(word, cursor, in_selector, context)


def _of_word(word: str, cursor: int, in_selector: bool, context: Context) -> Completion:
    if word.startswith("."):
        return _field(word, cursor, context)
    if word.startswith("~"):
        return _change(word[1:], cursor, context)
    if word.startswith(("/", '"', "'")):
        return Completion(cursor, cursor)
    index = _INDEX.match(word)
    known = context.names.get(index[1]) if index is not None and not in_selector else None
    if index is not None and known is not None:
        values = index_values(context, known)
        return _values(cursor, index[2], spelled_as(index[2], values) if known.index in OF_A_KIND else values)
    label = _LABEL.match(word)
    if label is not None:
        return _values(cursor, label[2], label_values(context, label[1]))
    if in_selector or "," in word:
        key = _LABEL_KEY.match(word)
        typed = key[1] if key is not None else ""
        keys = {quoted_name(key): count for key, count in label_keys(context).items()}
        return Completion(cursor - len(typed), cursor, best(counted(keys, "label"), typed))
    return Completion(cursor - len(word), cursor, best(_beginnings(context), word))


def _values(cursor: int, typed: str, counts: Mapping[str, int]) -> Completion:
    written = {quoted_value(value): count for value, count in counts.items() if value}
    return Completion(cursor - len(typed), cursor, best(counted(written), typed.lstrip("\"'")))


def _beginnings(context: Context) -> list[Suggestion]:
    """Everything that a term may begin with."""
    found = [Suggestion(f"{quoted_name(key)}=", count, "label") for key, count in label_keys(context).items()]
    names = context.index.index_names
    found += [
        Suggestion(f"{each.name}:", None, each.meaning)
        for each in context.names
        if context.makes_sense(each.index) and (each.index in names or value_index(each, context) is not None)
    ]
    for column in context.kind.columns:
        operator = _OPERATORS.get(column.compare, "~")
        found.append(Suggestion(f"{column_name(column)}{operator}", None, f"column {column.title}"))
    found += [Suggestion(str(name), None, "state") for name in StateName]
    if context.journal is not None:
        found += [Suggestion("since:", None, "changed within"), Suggestion("~", None, "changed")]
    return found


def _field(word: str, cursor: int, context: Context) -> Completion:
    compared = _FIELD.match(word)
    if compared is not None:
        return _values(cursor, compared[2], field_texts(context, compared[1]))
    step = _STEP.match(word)
    parent, typed = (step[1] or "", step[2]) if step is not None else ("", word)
    return Completion(cursor - len(typed), cursor, best(counted(field_steps(context, parent), "field"), typed))


def _change(path: str, cursor: int, context: Context) -> Completion:
    if context.journal is None or ":" in path:
        return Completion(cursor, cursor)
    return Completion(cursor - len(path), cursor, best(counted(context.journal.paths(), "changed path"), path))


LIMIT = 100
"""Suggestions at most."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`text` replaces what is completed. `count` is how many objects carry it now, None if that is not known."""

    text: str
    count: int | None = None
    note: str = ""
    """What it is, in a few words."""


@dataclass(frozen=True, slots=True)
class Completion:
    """Suggestions for text[start:end] of the filter, the best first."""

    start: int
    end: int
    suggestions: tuple[Suggestion, ...] = ()

    @property
    def common(self) -> str:
        """What all suggestions begin with: as much as one Tab can write."""
        return commonprefix([each.text for each in self.suggestions])  # noqa: RUF071 - by character is meant


def best(suggestions: Iterable[Suggestion], typed: str) -> tuple[Suggestion, ...]:
    """Those that begin with what was typed, then those that hold it; the more objects, the earlier."""
    lower = typed.lower()
    found = [each for each in suggestions if lower in each.text.lower()]
    found.sort(key=lambda each: (not each.text.lower().lstrip('"').startswith(lower), -(each.count or 0), each.text))
    return tuple(found[:LIMIT])


def counted(counts: Mapping[str, int], note: str = "") -> list[Suggestion]:
    """One suggestion a value."""
    return [Suggestion(value, count, note) for value, count in counts.items()]


SAMPLE = 200
"""Objects looked at where no index knows; decoding them must not delay a key press."""


def label_keys(context: Context) -> Mapping[str, int]:
    """Every label key, with how many objects carry it."""
    index = context.index
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
