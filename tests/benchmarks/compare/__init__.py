"""`python -m tests.benchmarks compare`: kwatch beside its peers, on the same cluster, in the same run.

- `cluster`: what is watched: the simulator in a process of its own, whose pods change as often as it is told, or any
  kubeconfig.
- `contestants`: the programs, and what they show on a terminal.
- `measuring`: one program on a cluster: its first rows, all rows, memory, processor, keys, end.
- `document`: the JSON; medians and spread; what got worse between two of them.
- `reach`: what is aimed at, and why a figure misses it.
- `plots`, `page`: the README's pictures and tables, made from the JSON alone.
"""
