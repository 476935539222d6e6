"""One object and its tabs, one file each: `tabs` lists them, `object_tab` is what each of them is.

A new tab is `<id>_tab` and an entry in `tabs`. `subject` is the object that is shown, now or as of a moment;
`comparisons` say what its versions changed; `relation_caches` answer what it is related to. `object_screen` shows the
tabs, `diff_screen` two states side by side.
"""
