"""The panel beside the table that shows what the indexes hold, with live counts, and filters by it.

`explorer` opens it, `explorer_panel` is the widget, `facet_rows` its lines; `view.exploration` counts. Begin with the
panel.
"""
