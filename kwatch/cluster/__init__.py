"""A real API server: kubeconfig, credentials, raw list and watch, discovery, logs.

Begin with `connecting.connect`: from files (`kubeconfig`), environment and words to `settings.ConnectionSettings`, and
with them an `api_server.ApiServer`. That hands out a `lister_watcher` for each resource, whose lists and watches are
cut into objects and events by `framing`, and decoded by kwatch.informer (or by `table`, with the server's own cells).
Everything goes through `transport`, as the user that `credentials` (or the login command of `exec_plugin`) make us,
with `tls` as Go's client does it, perhaps through a `proxy`. No other package imports kubernetes.

A start is one round trip: `ApiServer.ask_ahead` sends what the first table needs beside `discovery`, whose answers
`discovery_cache` keeps.
"""

from kwatch.cluster.api_server import ApiServer
from kwatch.cluster.connecting import ContextEntry, connect, contexts, preload
from kwatch.cluster.settings import ConfigError

__all__ = ["ApiServer", "ConfigError", "ContextEntry", "connect", "contexts", "preload"]
