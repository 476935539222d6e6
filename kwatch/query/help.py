"""The filter language in a table, for help screens: every term there is."""

from __future__ import annotations

from dataclasses import dataclass

from kwatch.query.index_names import BUILT_IN, IndexNames


@dataclass(frozen=True, slots=True)
class TermHelp:
    """One row: how it is written, what it means, what answers it, and an example that parses."""

    term: str
    meaning: str
    answered_by: str
    example: str


def terms(names: IndexNames = BUILT_IN) -> tuple[TermHelp, ...]:
    """Every term, in the order in which one meets them."""
    return (*_TEXT, *_LABELS, *_indices(names), *_FIELDS, *_CHANGES, *_STATES, *_GENERAL)


_TEXT = (
    TermHelp(
        "cart",
        "in the name or any shown cell, case ignored unless capitals are typed; or the key of a label",
        "scan",
        "cart",
    ),
    TermHelp('"two words"', "text only; quotes keep spaces and signs", "scan", '"two words"'),
    TermHelp("/^web-.*7$/", "regular expression; ^ and $ are the ends of a cell", "scan", "/^web-.*7$/"),
    TermHelp("cart|web", "the same without slashes, where it can be nothing else", "scan", "^web-.*7$"),
    TermHelp("-f wbx", "these letters in this order in the name", "scan of names", "-f wbx"),
)
_LABELS = (
    TermHelp("app=cart", "label with that value; else the column of that name", "label index", "app=cart,tier=web"),
    TermHelp("tier!=data", "not that value, or no such label", "label index", "tier!=data"),
    TermHelp("env in (a,b)", "one of the values; notin: none of them", "label index", "env notin (dev,test)"),
    TermHelp(
        "-l app", "any selector as kubectl takes it; here a word alone is a label key", "label index", "-l app,!old"
    ),
)
_FIELDS = (
    TermHelp(
        ".spec.replicas>3",
        "a field: = != > >= < <= and ~ (contains); numbers, quantities, ages of times, text",
        "scan, then a field index",
        ".spec.template.spec.containers[*].image~nginx",
    ),
    TermHelp(".spec.paused", "the field is there", "scan, then a field index", ".metadata.deletionTimestamp"),
    TermHelp("restarts>5", "a column by its type: number, text", "column", "restarts>=5"),
    TermHelp("age<10m", "a time by its age: s m h d w y", "column, and the clock", "age>2d"),
    TermHelp("cpu>500m", "a quantity: m, k M G, Ki Mi Gi", "column", "capacity>2Gi"),
    TermHelp("name~web", "the column holds the text", "column", "name~web"),
)
_CHANGES = (
    TermHelp("~", "changed at all, as far as is remembered", "journal index", "~"),
    TermHelp("~image", "changed at a path or a part of one", "journal index", "~spec.replicas"),
    TermHelp(
        "~status.replicas",
        "in the status: a name that the spec has too is that of the spec otherwise",
        "journal index",
        "~status.image",
    ),
    TermHelp(
        "~status.phase:Running>Failed",
        "changed from one value to another; either may be left out",
        "journal index",
        "~status.phase:>Failed",
    ),
    TermHelp("since:10m", "the change was within that time", "journal index", "~image since:10m"),
)
_STATES = (
    TermHelp("deleted", "the object is gone", "journal", "deleted"),
    TermHelp("unhealthy", "something is wrong with it", "health rules", "unhealthy"),
    TermHelp("marked", "marked with Space", "marks", "marked"),
)
_GENERAL = (
    TermHelp("!term", "not that", "as the term", "!unhealthy"),
    TermHelp("a b", "all must hold", "smallest index first", "ns:shop app=cart cart"),
)


def _indices(names: IndexNames) -> tuple[TermHelp, ...]:
    return tuple(
        TermHelp(
            each.example,
            f"{each.meaning}; * and ? stand for anything, commas for or",
            f"{each.name} index",
            each.example,
        )
        for each in names
    )
