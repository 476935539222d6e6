"""The table widget: `virtual_table` takes keys and mouse, `canvas` draws, `rows` is what it asks of its rows."""
