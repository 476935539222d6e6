"""Recordings: what informers saw, in a file that survives its recorder.

`format` documents the file and finds its frames, also after damage. Writing: `recorder` gives each informer a sink, and
a thread of its own hands what came to `writer`, without what `redaction` leaves out; `saving` writes a journal, and
loads a file into one. Reading: `reader` restores versions (`base_records`), `playback` serves them like a server's
lists and watches, and `cluster` puts that in the place of a cluster. Begin with `format`.
"""
