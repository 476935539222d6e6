"""The panel beside the table that shows what the indexes hold, with live counts, and filters by it.

`explorer_panel` is the widget and what opens it, `facet_rows` its lines; `view.exploration` counts. Begin with the
panel.
"""
