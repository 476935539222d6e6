"""The table of one location: where its rows come from, and how they are filtered, ordered and shown.

`table_screen` is the screen; it holds the filter bar, the navigator, the explorer and time travel, which know it as a
`live_table_screen`. What it shows is a `TableModel` (`table_model`): a `LiveTable`, or an `AsOfTable` of time travel.
A model asks its sources (`table_sources` now, `view.as_of_source` as of a moment) for objects and their changes, has
them made into rows by `view.projection`, and hands them to the widget as `projected_rows`. One kind is several kinds
with n = 1. Begin with `live_table`.
"""
