"""The table widget: any number of rows, of which only the lines on screen are drawn.

`virtual_table` takes keys and mouse, `canvas` keeps and repaints lines, `painter` draws one, `layout` says how wide
columns are. `rows` is the protocol that it asks for its rows, by key. Begin with `rows`.
"""
