"""kubeconfig files by kubectl's rules; never written to.

`loading` finds, reads (`go_yaml`), checks and merges them; `resolving` chooses context, cluster and user and makes them
one connection's settings (`kwatch.cluster.settings`).
"""
