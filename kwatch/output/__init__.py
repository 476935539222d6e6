"""Output without a screen: streams of changes for pipes and scripts, and what record, history and diff print.

The way through: `opening` connects, resolves the names of the command line and opens the feeds; `stream` takes their
deltas through a bounded queue to a `printer`. `formats` says which printer an `-o` names; `rows` and
`jsonpath_template` are the two larger ones. `record`, `history`, `timeline` (history --related) and `diff` are the
commands of these names. Everything runs in the main thread, until its stop event is set. Begin with `stream`.
"""
