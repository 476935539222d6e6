"""kwatch: an interactive terminal watcher for Kubernetes."""

__version__ = "0.1.0"
