"""A baseline, and everything that changed since it.

`baseline` is what is set: it keeps watched what was watched then. `changes_screen` sets it, compares in a thread
(`change_list`), and shows the result as `rows` with a `header`. Begin with `change_list`.
"""
