"""`kwatch [RESOURCE]`: the screen, or the plain stream."""

from __future__ import annotations

from kwatch.cli.arguments import WatchArguments
from kwatch.cli.connecting import Clusters, configured_clusters
from kwatch.cli.output_flags import prints_plainly


def watch(arguments: WatchArguments) -> int:
    """Run it on the cluster that the arguments name."""
    return watch_clusters(arguments, configured_clusters(arguments.connection, arguments.selection.namespace))


def watch_clusters(arguments: WatchArguments, clusters: Clusters) -> int:
    """Run it on given clusters."""
    if prints_plainly(arguments.output):
        from kwatch.cli.plain import run_plain

        return run_plain(clusters, arguments.selection, arguments.output)
    from kwatch.cli.screen import run_screen

    return run_screen(clusters, arguments)
