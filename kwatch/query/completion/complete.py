"""Finds out what is being typed, and who knows how it may go on."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kwatch.query.columns import column_name
from kwatch.query.completion.fields import field_steps, field_texts
from kwatch.query.completion.suggestion import Completion, Suggestion, best, counted
from kwatch.query.completion.values import index_values, label_keys, label_values
from kwatch.query.context import Context
from kwatch.query.index_patterns import OF_A_KIND, spelled_as
from kwatch.query.quoting import quoted_name, quoted_value
from kwatch.query.terms.named_index import value_index
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
    """How the term before the cursor may go on. Fast enough for every key press: asks indices and a sample."""
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
        if (each.index != "kind" or context.others) and (each.index in names or value_index(each, context) is not None)
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
