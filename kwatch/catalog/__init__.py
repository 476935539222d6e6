"""What a kind looks like: columns by the server's own rules, names, indices, printer columns of CRDs.

`kinds/` declares the built-in kinds, one file a family, and `registry` finds them; `printer_columns` and `server_cells`
make kinds of what a server says; `arrangement` is what users make of them. `indices/`, `health/` and `overview/` say by
what objects are found, what is wrong with one, and all that is known of one.
"""
