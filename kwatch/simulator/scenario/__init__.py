"""What is played: scenario files (shopworks.yaml is that of `kwatch demo`), the stories and logs that all of them share.

`spec` says what a file may contain, `loader` reads one, `checks` finds what could not be played.
"""
