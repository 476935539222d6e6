"""`kwatch __complete WORDS...`, what shells ask at a Tab: the candidates, one a line, in the form that cobra's programs
use, so that kubectl understands it too. A cluster that does not answer is waited for less than a second.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kwatch.base.files import expand
from kwatch.base.threads import spawn
from kwatch.cli.arguments import ConnectionArguments
from kwatch.cli.candidates import Candidate, Place, Sort, place_of

if TYPE_CHECKING:
    from kwatch.cluster import ApiServer
    from kwatch.informer.resource import Resource

PATIENCE = 0.6
"""Seconds. Beside the start of Python, and the end of a login command that must be killed, a second in all."""
WAIT = "KWATCH_COMPLETION_WAIT"
"""The variable that says other seconds: for a cluster that is far away."""
PAGE = 500
"""Names a request."""
NO_SPACE, NO_FILES = 2, 4
"""Cobra's directives."""
_OPEN_ENDS = ("=", "/", ",")
_SEVERAL = frozenset(",*?[")
RESOURCES = (
    "pods deployments replicasets statefulsets daemonsets jobs cronjobs services ingresses endpointslices configmaps "
    "secrets persistentvolumeclaims persistentvolumes storageclasses serviceaccounts nodes namespaces events "
    "horizontalpodautoscalers poddisruptionbudgets networkpolicies customresourcedefinitions"
)
"""What nearly every cluster serves: offered where none can be asked."""


def complete(words: Sequence[str]) -> int:
    """Print what may stand in place of the last word."""
    from kwatch.cli.terminal import complain, write

    place = place_of(words)
    if place.sort is Sort.FILE:
        write(":0\n")
        return 0
    found: dict[str, str] = {}
    world = World(place, complain)
    done = threading.Event()

    def gather() -> None:
        for word, meaning in world.candidates():
            if word.startswith(place.typed) and word not in place.chosen and _is_one_word(word):
                found.setdefault(word, meaning)
        done.set()

    spawn("kwatch-complete", gather, lambda error: done.set())
    done.wait(_patience())
    there = dict(found)
    lines = [
        f"{place.before}{word}\t{meaning}" if meaning else f"{place.before}{word}" for word, meaning in there.items()
    ]
    is_open = bool(there) and all(word.endswith(_OPEN_ENDS) for word in there)
    directive = NO_FILES | (NO_SPACE if is_open else 0)
    if place.sort is Sort.SCENARIO:
        directive &= ~NO_FILES
    write("\n".join([*lines, f":{directive}"]) + "\n")
    world.close()
    return 0


def complete_for_kubectl() -> None:
    """The script `kubectl_complete-kwatch`: kubectl asks it at a Tab after `kubectl kwatch`."""
    from kwatch.base.threads import end_process

    end_process(complete(sys.argv[1:] or [""]))


def _patience() -> float:
    text = os.environ.get(WAIT, "")
    try:
        seconds = float(text or PATIENCE)
    except ValueError:
        return PATIENCE
    return seconds if 0 <= seconds < threading.TIMEOUT_MAX else PATIENCE


def _is_one_word(text: str) -> bool:
    """Names of a kubeconfig may be anything; what moves a cursor or is several lines cannot be typed."""
    return bool(text) and text.isprintable()


class World:
    """What files and the cluster know; the cluster is asked in the thread that calls `candidates`."""

    def __init__(self, place: Place, complain: Callable[[str], None]) -> None:
        self._place = place
        self._complain = complain
        self._cluster: ApiServer | None = None

    def close(self) -> None:
        """End a login command that still runs."""
        if self._cluster is not None:
            self._cluster.close()

    def candidates(self) -> Iterator[Candidate]:
        """What is near first: it is what is shown if the cluster does not answer."""
        yield from self._place.fixed
        try:
            yield from self._asked()
        except (ValueError, OSError) as error:
            self._complain(str(error))
        except Exception as error:  # noqa: BLE001 - whatever a cluster answers: a Tab shows what else there is
            self._complain(str(error))

    def _asked(self) -> Iterator[Candidate]:
        match self._place.sort:
            case Sort.CONTEXT if self._place.recording is not None:
                from kwatch.history.recording.reader import Recording

                recording = Recording(expand(self._place.recording))
                yield from ((name, "") for name in recording.contexts)
                recording.close()
            case Sort.CONTEXT | Sort.CLUSTER | Sort.USER:
                yield from self._of_kubeconfig(self._place.sort)
            case Sort.NAMESPACE:
                yield from self._names("namespaces")
            case Sort.RESOURCE:
                yield from self._resources()
            case Sort.NAME:
                yield from self._names(self._place.resource)
            case Sort.VIEW:
                from kwatch.config.locations import saved_views
                from kwatch.config.saved_views import SavedViews

                yield from ((name, "") for name in SavedViews(saved_views()).names())
            case Sort.SCENARIO:
                from kwatch.simulator.scenario import incident_names

                yield from ((name, "") for name in incident_names())

    def _of_kubeconfig(self, sort: Sort) -> Iterator[Candidate]:
        import kwatch.cluster

        for each in kwatch.cluster.contexts(self._connection.kubeconfig):
            if sort is Sort.CONTEXT:
                yield each.name, each.cluster
            else:
                yield (each.cluster if sort is Sort.CLUSTER else each.user), ""

    @property
    def _connection(self) -> ConnectionArguments:
        """To the first context, where several are meant."""
        asked = self._place.connection or ConnectionArguments()
        if not asked.context or _SEVERAL.isdisjoint(asked.context):
            return asked
        import kwatch.cluster
        from kwatch.session.open_sessions import chosen_contexts

        there = [each.name for each in kwatch.cluster.contexts(asked.kubeconfig)]
        return replace(asked, context=chosen_contexts(asked.context.rstrip(","), there)[0])

    def _connected(self) -> ApiServer | None:
        if self._place.connection is None:
            return None
        if self._cluster is None:
            from kwatch.cli.connecting import connector

            self._cluster = connector(self._connection, self._place.namespace)()  # type: ignore[assignment]
        return self._cluster

    def _resources(self) -> Iterator[Candidate]:
        if self._place.objects:
            yield from self._kinds(RESOURCES.split(), "/")
        cluster = self._connected() if self._place.typed or not self._place.fixed else None
        ending = "/" if self._place.objects else ""
        remembered = cluster.remembered() if cluster is not None else ()
        yield from self._kinds(_plurals(remembered) or RESOURCES.split(), ending)
        if self._place.objects:
            yield from self._names("pods")
        if cluster is not None:
            yield from self._kinds(_plurals(cluster.discover()), ending)

    def _kinds(self, names: Iterable[str], ending: str) -> Iterator[Candidate]:
        yield from ((f"{name}{ending}", "") for name in names)

    def _names(self, named: str) -> Iterator[Candidate]:
        from kwatch.informer.protocol import Form, ListOptions

        cluster = self._connected()
        resource = self._resource(cluster, named) if cluster is not None else None
        if cluster is None or resource is None:
            return
        namespace = None if self._place.all_namespaces else cluster.namespace
        lister, token = cluster.lister_watcher(resource, namespace, form=Form.METADATA), None
        while True:
            page = lister.list(ListOptions(limit=PAGE, continue_token=token))
            for each in page.items:
                yield each["metadata"]["name"], ""
            token = page.continue_token
            if not token:
                return

    def _resource(self, cluster: ApiServer, named: str) -> Resource | None:
        from kwatch.catalog.names import ResourceNames
        from kwatch.informer.resources import BUILTIN_RESOURCES

        for resources in (
            cluster.remembered,
            lambda: [*BUILTIN_RESOURCES.values()],
            lambda: cluster.discover().resources,
        ):
            found = ResourceNames([*resources()]).find(named)
            if found is not None:
                return found
        return None


def _plurals(resources: Iterable[Resource]) -> list[str]:
    """Of what can be watched; with its group where another one has that name already."""
    names: dict[str, str] = {}
    for each in resources:
        if each.watchable and each.preferred:
            names.setdefault(
                each.name if each.name not in names or names[each.name] == each.group else f"{each.name}.{each.group}",
                each.group,
            )
    return [*names]
