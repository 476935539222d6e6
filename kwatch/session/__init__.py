"""One open context: it connects, discovers, and shares one informer among all views of the same thing.

Begin with `session`: a Session connects in its own thread and hands out feeds. The way of a change: `informer_pool`
opens an informer for what is `Watched`, its deltas fill each view's DirtySet, and the view drains that through its
Feed; `sharing` counts the users, and what is unused for a while ends. `columns` learns what the server prints,
`metrics` polls what pods and nodes use, `related_feeds` watches owners and neighbours for as long as a view needs them,
`background` what explains other things, from the start. `logs` merges the logs of many containers: `log_pods` says of
which, `container_log` what to ask for next, `log_reading` reads one; `container_ends` keeps the last lines of those
that failed. `hooks` act when objects begin to match a filter (`hook_actions`: a command, a webhook, a notification),
`memory` is watched so that the process stays within its limit. `ports` is what a cluster must offer; `kwatch.cluster`
implements it, and a recording does. `state` stands alone so that the first screen can be drawn before the machinery is
imported.
"""
