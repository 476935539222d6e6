"""What the screen and the printed output show, without either: rows of tables, relations, facets, problems, timelines.

The way through it: a `Source` gives the objects of one or several kinds, now or as of a moment; a `Projection` filters
and orders them into rows and is kept current one changed key at a time; the table draws the rows that are visible.
Begin with `source` and `projection`, then `filtering` and `ordering`.

Of rows: `row_cache` keeps them, `merged` and `union_kind` make several kinds one, `united` several namespaces one,
`as_of_source` is the past, `activity_columns` are CHANGED, DELTAS and CHURN, `recent` what lights up, and
`indexes_on_demand` what a filter needs.

Beside the rows, each in a file (or folder) of its own: `relations` (owners, children, what uses what), `owner_resolver`
(owners of owners, for filters), `exploration` (facets), `problems` (what is unhealthy) and `problem_past` (since when),
`suspects` (what may have caused it), `report` (a story of it, as a file), `rollouts`, `timeline` (what a history says),
`containers` and `usage` of pods (with its sparkline), `freshness` (how current everything is, and why something is
missing), `delta_filter` (the filter language over the log of deltas), `yaml_text`, `log_lines` (cleaned, JSON folded).

Nothing here knows Textual or a server. Unless a class says otherwise it is used on one thread, the UI's or that of the
printed output; `scan` and `exploration` have threads of their own for what takes long.
"""
