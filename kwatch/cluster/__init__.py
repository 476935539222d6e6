"""A real API server: kubeconfig, credentials, raw list and watch, discovery, logs."""

from kwatch.cluster.api_server import ApiServer
from kwatch.cluster.config_error import ConfigError
from kwatch.cluster.connecting import ContextEntry, connect, contexts, preload

Cluster = ApiServer

__all__ = ["ApiServer", "Cluster", "ConfigError", "ContextEntry", "connect", "contexts", "preload"]
