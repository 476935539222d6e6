"""What an object is related to: owners, children, what it uses and what uses it, answered by indexes.

Nothing here opens or watches anything: a Relation is a question to the cache of one resource.
"""

from __future__ import annotations

from kwatch.view.relations.related import (
    Group,
    answer,
    nearest_owner,
    others_around,
    owned,
    owners,
    related,
    resources_below,
)
from kwatch.view.relations.relation import Around, Relation

__all__ = [
    "Around",
    "Group",
    "Relation",
    "answer",
    "nearest_owner",
    "others_around",
    "owned",
    "owners",
    "related",
    "resources_below",
]
