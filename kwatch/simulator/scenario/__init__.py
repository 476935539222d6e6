"""What is played: scenario files (shopworks.yaml is that of `kwatch demo`), and stories and logs that all can use.

`spec` says what a file may contain, `loader` reads one, `checks` finds what could not be played, and `plan` says how
much of it is built.
"""
