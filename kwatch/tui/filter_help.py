"""The filter language, term by term, as the help shows it."""

from __future__ import annotations

FILTER_TERMS: tuple[tuple[str, str], ...] = (
    ("cart", "in the name or any shown cell; case counts only if capitals are typed"),
    ("/^web-.*7$/", "a regular expression"),
    ("app=cart  tier!=data", "labels, as kubectl's -l"),
    ("env in (a,b)  -l app", "label in a set, label present"),
    ("ns:shop  node:node-7", "a namespace, a node: answered by an index"),
    ("owner:deploy/web", "what belongs to it"),
    ("status:Running", "the status column"),
    ("image:nginx*", "an image; * stands for anything"),
    (".spec.replicas>3", "a field of the object"),
    ("restarts>5  age<10m", "a column, compared by its type"),
    ("unhealthy  marked  deleted", "the state of the row"),
)
