"""Which clusters can be opened, and how: called in a session's thread, for every attempt."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING

from kwatch.base.limits import LIMIT, resident
from kwatch.base.namespaces import asked_of_server, is_one
from kwatch.base.quantity import parse_size
from kwatch.cli.arguments import ConnectionArguments, SelectionArguments, WatchArguments
from kwatch.cli.terminal import complain
from kwatch.config.locations import discovery_cache, has_kuberc
from kwatch.tui.features.time_travel.moment import Replay

if TYPE_CHECKING:
    from kwatch.cluster import ApiServer
    from kwatch.cluster.settings import PluginPolicy
    from kwatch.history.journal import Journal
    from kwatch.informer.clock import Clock
    from kwatch.session.ports import Cluster, ContextEntry


MOST_AHEAD = 4
"""Resources that are listed beside discovery."""
_SEVERAL = frozenset(",*?[")
Connect = Callable[[], "Cluster"]
AskAhead = Callable[["ApiServer"], None]


def _nothing() -> None:
    """Most ways to a cluster have nothing to cancel."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """`connect_to(context)` gives the function that builds that context's Cluster; None is the one asked for.

    `contexts` lists what there is; `cancel` ends a connect that waits; `request_timeout` is the command line's, in
    seconds, and raises ConfigError if it is none; `banner` says what is special about them;
    `remember` fills a new journal with what is known of the past. `replay` says how a recording begins, `clock` what
    time it is there. `begun` is called when a stream has printed what was there at first, `over` is asked from then on,
    now and then, whether nothing more will come.
    """

    connect_to: Callable[[str | None], Connect]
    contexts: Callable[[], tuple[ContextEntry, ...]]
    cancel: Callable[[], None] = _nothing
    request_timeout: Callable[[], float | None] = _nothing
    banner: str = ""
    remember: Callable[[Journal], None] | None = None
    replay: Replay = field(default_factory=Replay)
    clock: Clock | None = None
    begun: Callable[[], None] = _nothing
    over: Callable[[], bool] = bool
    kubectl_flags: Callable[[], Sequence[str]] = tuple
    """What kubectl is to be told to reach them, beside the context."""
    several: tuple[str, ...] = ()
    """The contexts that were asked for, if there are several."""


def configured_clusters(
    arguments: ConnectionArguments, namespace: str | None, ahead: AskAhead | None = None
) -> Clusters:
    """The clusters of the user's kubeconfig, with what the command line overrides. `ahead`: see `connector`. Raise
    ValueError with a sentence for several contexts of which one does not exist.
    """

    def contexts() -> tuple[ContextEntry, ...]:
        import kwatch.cluster

        return kwatch.cluster.contexts(arguments.kubeconfig)

    def cancel() -> None:
        from kwatch.cluster.files import USER_FILES

        USER_FILES.cancel()

    def request_timeout() -> float | None:
        from kwatch.cluster.connecting import parse_timeout

        return parse_timeout(arguments.request_timeout) or None

    several: tuple[str, ...] = ()
    if arguments.context and _means_several(arguments.context):
        from kwatch.session.open_sessions import chosen_contexts

        several = chosen_contexts(arguments.context, [each.name for each in contexts()])
        arguments = replace(arguments, context=several[0])
    at_start = connector(arguments, namespace, ahead=ahead)
    return Clusters(
        lambda context: at_start if context is None else connector(arguments, namespace, context),
        contexts,
        cancel,
        request_timeout,
        kubectl_flags=lambda: kubectl_flags(arguments),
        several=several if len(several) > 1 else (),
    )


def kubectl_flags(arguments: ConnectionArguments) -> list[str]:
    """The command line's own, as kubectl takes them, but for the context; what is secret stays where it is."""
    proxy = arguments.proxy_url or ""
    flags = {
        "--kubeconfig": arguments.kubeconfig,
        "--cluster": arguments.cluster,
        "--user": arguments.user,
        "--server": arguments.server,
        "--client-certificate": arguments.client_certificate,
        "--client-key": arguments.client_key,
        "--as": arguments.as_user,
        "--as-uid": arguments.as_uid,
        "--certificate-authority": arguments.certificate_authority,
        "--tls-server-name": arguments.tls_server_name,
        "--proxy-url": "" if "@" in proxy else proxy,
    }
    found = [f"{flag}={value}" for flag, value in flags.items() if value]
    found += [f"--as-group={group}" for group in arguments.as_groups]
    found += [f"--as-user-extra={key}={value}" for key, value in arguments.as_user_extra]
    return [*found, *(["--insecure-skip-tls-verify"] if arguments.insecure_skip_tls_verify else [])]


def _means_several(context: str) -> bool:
    """Whether it must be looked up which are meant: every other start need not read the list of contexts."""
    return not _SEVERAL.isdisjoint(context)


def connector(
    arguments: ConnectionArguments,
    namespace: str | None = None,
    context: str | None = None,
    *,
    ahead: AskAhead | None = None,
    cache: bool = True,
) -> Connect:
    """`context` overrides the one that was asked for: `:ctx` in the running program. `ahead` is called with the first
    cluster, and with none that is built after that failed; with `cache` the answers of discovery are kept on disk.
    """
    asking = [ahead] if ahead is not None else []

    def connect() -> Cluster:
        import kwatch.cluster

        wanted = arguments if context is None else replace(arguments, context=context)
        words = {each.name: getattr(wanted, each.name) for each in fields(wanted) if each.name != "kuberc"}
        # -n is for the context that was asked for; another one has its own default.
        own = namespace if context is None and is_one(namespace) else None
        cluster = kwatch.cluster.connect(
            **words,
            namespace=own,
            plugin_policy=_plugin_policy(wanted.kuberc),
            cache_folder=discovery_cache() if cache else None,
        )
        if asking:
            asking.pop()(cluster)
        return cluster

    return connect


def _plugin_policy(kuberc: str | None) -> PluginPolicy:
    """Which login commands may be run; raise KubercError."""
    from kwatch.cluster.settings import PluginPolicy

    if kuberc is None and not has_kuberc():
        return PluginPolicy()
    from kwatch.config.kuberc import load_kuberc

    found = load_kuberc(kuberc, os.environ)
    asks = found.kuberc.credential_plugin_policy in ("Allowlist", "DenyAll")
    return PluginPolicy(found.kuberc.allowed_plugins if asks else None, f"the kuberc {found.path}")


def first_list(arguments: WatchArguments, plain: bool) -> AskAhead | None:
    """Asks a cluster ahead for what `kwatch RESOURCE` lists first; None where that is not known yet."""
    columns = not plain or arguments.output.format in (None, "wide")
    return None if arguments.view else asking_ahead(arguments.selection, columns=columns)


def asking_ahead(selection: SelectionArguments, *, columns: bool = False) -> AskAhead:
    """Asks a cluster ahead for the lists of what is selected, beside discovery, where the paths are known; with
    `columns` for how the server prints them, too.
    """

    def ask(cluster: ApiServer) -> None:
        from kwatch.catalog.names import ResourceNames, UnknownResource
        from kwatch.informer.resources import BUILTIN_RESOURCES
        from kwatch.output.opening import Selection

        try:
            resources = ResourceNames([*BUILTIN_RESOURCES.values()]).resolve(selection.resource)
        except UnknownResource:
            return
        namespace = None if selection.all_namespaces else selection.namespace or cluster.namespace
        asked, *others = asked_of_server(namespace, Selection(**asdict(selection)).fields())
        if not others:
            narrowed = (asked.namespace, selection.label_selector, asked.fields)
            cluster.ask_ahead(resources[:MOST_AHEAD], *narrowed, columns=columns)

    return ask


def limit_memory(said: str | None = None) -> None:
    """What --memory-limit says, or else the settings, counts from now on."""
    size = said or _limit_of_settings()
    LIMIT.bytes = parse_size(size)
    if LIMIT.bytes and not resident():
        complain(f"this system does not say how much memory a program takes, so the limit of {size} is not kept")


def _limit_of_settings() -> str:
    from kwatch.config.locations import settings_file

    file = settings_file()
    if file is None or not os.path.isfile(file):  # noqa: PTH113 - a folder that may not be read is no mistake
        return "0"
    from kwatch.config.settings import load_settings  # what reads them is imported only where there are any

    return load_settings(file, alone=True)[0].memory_limit or "0"


def quieten_collector() -> None:
    """Keep the garbage collector out of the hot path: a full collection over a large cache is a visible freeze.

    What is imported by now stays, so it is frozen; young objects are collected less often, old ones rarely.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
