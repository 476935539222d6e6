"""Long texts: YAML, logs, diffs. Rendered by the line, searched, folded, wrapped, selected."""
