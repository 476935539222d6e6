"""Small shared things, each once. Every other package may use them, and they know none of the others.

What is written and read: `quantity`, `duration`, `timestamp`, `printable` (text that a terminal may be given). What
the process does: `threads` (`spawn` and `Thread`, with which each thread begins), `files` (read with care, written
for their owner only), `yaml_nodes`, `limits` (how much of what comes from outside is taken), `allocator` (what the C
library is told of memory).
"""
