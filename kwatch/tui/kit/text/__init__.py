"""Long texts: YAML, logs, diffs. `text_view` is the widget, `document` what it shows, `line` a line in several inks."""
