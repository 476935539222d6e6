"""Output without a screen: streams of changes for pipes and scripts, and what history, diff, wait and logs print.

The way through: `opening` connects, resolves the names of the command line and opens the feeds; `stream` takes their
deltas through a bounded queue to a `printer`. `formats` says which printer an `-o` names, and has the smaller ones;
`rows` and `jsonpath` are the larger. `history`, `timeline` (history --related), `diff`, `report`,
`waiting` and `logs` are what the commands of these names print. Everything runs in the main thread, until its stop
event is set. Begin with `stream`.
"""
