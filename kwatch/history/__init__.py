"""What happened: every version of every watched object, kept in memory within a budget, and what is asked of it.

The way of one change: an informer calls `journal_sink`, which appends the version to `store` (an `object_history` for
each object, one log over all) and returns. `background` then finds out what changed (`indexing` into `change_index`),
packs versions against each other (`packing`) and evicts the oldest. Everything that reads goes through `journal`:

- one object: its `version`s, `comparison` of two of them with who changed what (`attribution`), its `timeline` among
  related objects (`ownership`), what the server proves of the time before (`reconstruction`)
- one resource: `as_of` a moment, `journal_changes` for filters, `activity` for columns
- everything: `baseline` differences, and the gaps when something was not watched (`coverage`)

`rollouts` reads a workload's templates, `last_lines` are logs of containers that ended. `diff` compares objects field
by field; `recording` writes all this to files and plays them back. Begin with `journal` and `store`.
"""
