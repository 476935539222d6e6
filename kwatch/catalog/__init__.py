"""What a kind looks like: its columns, by the server's own rules, and everything else that is known of it.

Begin with `kind` (a Kind is columns and one function that reads them all) and `kinds/pods`. `registry` says which
built-in resource is declared where; `server_columns` makes kinds of what a server says; `user_columns` is what users
make of them. A family (`pods`, `workloads`, `network`, `storage` ...) has the same name in three packages:

- `kinds/` has the shapes (the fields that are read, `shapes`) and the columns of a family,
- `health/` has its rules of suspicion, which read the same shapes,
- `overview/` has what `kubectl describe` says of it.

Nodes, events, namespaces and quotas are `cluster`; so are, in the last two, the kinds of `access`, `api_server`,
`policy`, `scheduling` and `storage`, and in `health` those of `network`. There, pods are with `workloads`.

To add a kind: declare its shapes and columns in `kinds/`, name it in `registry`; where it can be unwell, add a rule in
`health/` and name that in `health._RULES`. `indices` says by which values objects are found without looking at each.
"""
