"""The flags that commands share, and what they mean: kubectl's with kubectl's meaning, and kwatch's own.

Every start imports this: nothing slow may be imported at its top, the selectors of the informer among it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import fields
from typing import TypeVar

from kwatch.base.files import expand, read_file
from kwatch.base.namespaces import in_words, is_one, read_namespaces
from kwatch.cli.arguments import ConnectionArguments, LogArguments, OutputArguments, SelectionArguments, UsageError
from kwatch.cli.kubectl_words import TEMPLATES

T = TypeVar("T")


def add_connection(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("which cluster, as kubectl takes it")
    group.add_argument("--kubeconfig", metavar="FILE")
    group.add_argument("--context", metavar="NAME", help="several at once as prod-eu,prod-us or 'prod-*'")
    group.add_argument("--cluster", metavar="NAME")
    group.add_argument("--user", metavar="NAME")
    group.add_argument("-s", "--server", metavar="URL")
    group.add_argument("--token", metavar="TOKEN")
    group.add_argument("--username", metavar="NAME", help="with --password, for servers that take that")
    group.add_argument("--password", metavar="PASSWORD")
    group.add_argument("--client-certificate", metavar="FILE", help="with --client-key: who you are, by TLS")
    group.add_argument("--client-key", metavar="FILE")
    group.add_argument("--as", dest="as_user", metavar="USER", help="impersonate a user")
    group.add_argument("--as-uid", metavar="UID", help="and its uid")
    group.add_argument(
        "--as-group", dest="as_groups", action="append", default=[], metavar="GROUP", help="impersonate groups"
    )
    group.add_argument(
        "--as-user-extra", action="append", default=[], type=read_by(_extra), metavar="KEY=VALUE", help="extra fields"
    )
    for flag, meaning in (
        ("--insecure-skip-tls-verify", "do not verify the server's certificate (anyone could answer)"),
        ("--disable-compression", "take no gzip, for fast networks (default: only from this machine)"),
    ):
        group.add_argument(flag, action="store_const", const=True, help=meaning)
    group.add_argument("--certificate-authority", metavar="FILE")
    group.add_argument("--tls-server-name", metavar="HOST", help="the name that the server's certificate is to hold")
    group.add_argument("--proxy-url", metavar="URL", help="go through this proxy: http, https, socks5")
    group.add_argument("--request-timeout", metavar="TIME", help="give up on one request after this long, e.g. 10s")
    group.add_argument("--kuberc", metavar="FILE", help="preferences: aliases, defaults, which login commands may run")


def connection_of(found: argparse.Namespace) -> ConnectionArguments:
    if "kubeconfig" not in found:
        return ConnectionArguments()
    found.as_groups, found.as_user_extra = tuple(found.as_groups), tuple(found.as_user_extra)
    return _filled(ConnectionArguments, found)


def _extra(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise ValueError(f"{text!r} is no extra field of a user; write KEY=VALUE")
    return key, value


def add_namespace(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "-n",
        "--namespace",
        type=read_by(read_namespaces),
        metavar="NS",
        help="the namespace (default: the context's); several as shop,payments, all but some as '!kube-system'",
    )


def add_selection(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what")
    add_namespace(group)
    group.add_argument("-A", "--all-namespaces", action="store_true", help="all namespaces")
    group.add_argument(
        "-l", "--selector", dest="label_selector", metavar="LABELS", help="label selector, applied by the server"
    )
    group.add_argument("--field-selector", metavar="FIELDS", help="field selector, applied by the server")


def take_names(found: argparse.Namespace) -> None:
    """Objects of one resource: `pods a b`, or `pod/a pod/b`. Raise UsageError for those of several."""
    resource, names = found.resource, found.names
    if names and "/" in resource:
        pairs = [each.partition("/") for each in (resource, *names)]
        if not all(slash for _, slash, _ in pairs):
            raise UsageError("give objects as RESOURCE/NAME or as RESOURCE NAME, not both")
        if len({kind for kind, _, _ in pairs}) > 1:
            raise UsageError("several objects must be of one resource: kwatch pods a b, or kwatch pod/a pod/b")
        found.resource, names = pairs[0][0], [name for _, _, name in pairs]
    if "" in names:
        raise UsageError("an empty name names nothing; try kwatch pods NAME")
    names = [*dict.fromkeys(names)]
    found.name, found.names = (names[0], ()) if len(names) == 1 else (None, tuple(names))


def selection_of(found: argparse.Namespace) -> SelectionArguments:
    """Raise UsageError for words that name nothing, or several things at once."""
    resource, name = found.resource, found.name
    several = getattr(found, "names", ())
    if "/" in resource:
        if name is not None:
            raise UsageError("give an object as RESOURCE/NAME or as RESOURCE NAME, not both")
        resource, _, name = resource.partition("/")
        if "/" in name:
            raise UsageError(f"{found.resource!r} has more than one slash; an object is RESOURCE/NAME")
    if not resource or name == "":
        raise UsageError(f"{found.resource!r} is not a resource; try kwatch pods, or kwatch deploy/NAME")
    is_named = name is not None or bool(several)
    if is_named and "," in resource:
        raise UsageError("a name goes with one resource, not with several")
    if is_named and found.all_namespaces:
        raise UsageError("a resource cannot be fetched by name across all namespaces; give -n NAMESPACE")
    if several and (found.label_selector or found.field_selector):
        raise UsageError("objects are named, so -l and --field-selector select nothing; leave them out")
    if is_named and found.namespace and not is_one(found.namespace):
        raise UsageError(f"an object is in one namespace, not in {in_words(found.namespace)}; give -n NAMESPACE")
    if found.all_namespaces and found.namespace and not is_one(found.namespace):
        raise UsageError(f"-A is all namespaces and -n {found.namespace} is not; give one of them")
    _check_selectors(found.label_selector, found.field_selector)
    found.resource, found.name = resource, name
    return _filled(SelectionArguments, found)


def _check_selectors(labels: str | None, fields: str | None) -> None:
    if not labels and not fields:
        return
    from kwatch.informer.selectors import SelectorSyntaxError, parse_field_selector, parse_label_selector

    try:
        parse_label_selector(labels or "")
    except SelectorSyntaxError as error:
        raise UsageError(f"the selector {labels!r} is malformed: {error}; write -l app=cart,tier!=data") from None
    try:
        parse_field_selector(fields or "")
    except SelectorSyntaxError as error:
        raise UsageError(
            f"the field selector {fields!r} is malformed: {error}; write --field-selector status.phase=Running"
        ) from None


FORMATS = (
    *("wide", "name", "json", "yaml", "kyaml", "jsonpath=", "jsonpath-file=", "jsonpath-as-json="),
    *("custom-columns=", "custom-columns-file="),
)
GO_TEMPLATES = ("go-template", "go-template-file", "template", "templatefile")


def add_output(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how")
    group.add_argument(
        "-o",
        "--output",
        dest="format",
        metavar="FORMAT",
        help="no screen but a stream of changes: " + ", ".join(FORMATS),
    )
    group.add_argument(
        "-L", "--label-columns", action="append", default=[], metavar="KEY,...", help="labels as columns"
    )
    group.add_argument("--show-labels", action="store_true", help="all labels as the last column")
    group.add_argument("--sort-by", metavar="JSONPATH", help="order of what is there at first, e.g. .metadata.name")
    group.add_argument("--no-headers", action="store_true", help="rows without a header")
    group.add_argument(
        "-w",
        "--watch",
        action="store_const",
        const=True,
        help="go on with what changes, which is the default",
    )
    group.add_argument("--watch-only", action="store_true", help="only changes, not what is there at first")
    group.add_argument("--until-synced", action="store_true", help="print what is there now, and end")
    group.add_argument("--ignore-not-found", action="store_true", help="a named object need not be there")
    group.add_argument("--show-managed-fields", action="store_true", help="keep metadata.managedFields in YAML")
    group.add_argument(
        "--show-secrets", action="store_true", help="do not mask the data of Secrets, and what repeats them"
    )


def output_of(found: argparse.Namespace) -> OutputArguments:
    """Raise UsageError if there is no such format."""
    found.format = _format_of(found.format) if found.format is not None else None
    if getattr(found, "printed", None) is not None:
        found.printed = _format_of(found.printed)
    found.until_synced |= found.watch is False
    found.label_columns = tuple(key for keys in found.label_columns for key in keys.split(",") if key)
    return _filled(OutputArguments, found)


def _format_of(text: str) -> str:
    """With what is in the file that it names, if it does; raise UsageError."""
    wanted, equals, value = text.partition("=")
    if wanted in GO_TEMPLATES:
        raise UsageError(f"kwatch has no -o {wanted}: {TEMPLATES}")
    if f"{wanted}{equals}" not in FORMATS:
        raise UsageError(f"unknown output format {text!r}; there are: {', '.join(FORMATS)}")
    return _from_file(wanted, value) if wanted in ("jsonpath-file", "custom-columns-file") else text


def _from_file(wanted: str, name: str) -> str:
    """The same format with what the file says: a template, or two lines, of titles and of paths."""
    try:
        text = read_file(expand(name)).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{name} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}") from None
    if wanted == "jsonpath-file":
        return f"jsonpath={text}"
    titles, paths = (line.split() for line in (*text.splitlines()[:2], "", "")[:2])
    if not titles or len(titles) != len(paths):
        raise UsageError(f"{name} holds {len(titles)} titles and {len(paths)} paths; write a line of each, as many")
    return "custom-columns=" + ",".join(map(":".join, zip(titles, paths, strict=True)))


def read_by(read: Callable[[str], T]) -> Callable[[str], T]:
    """A type of argparse: what `read` makes of a word; the sentence of its ValueError is the user's."""

    def typed(text: str) -> T:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return typed


def _filled(shape: type[T], found: argparse.Namespace) -> T:
    """A dataclass whose fields are named as what was found."""
    named = {each.name: getattr(found, each.name) for each in fields(shape) if each.name in found}  # type: ignore[arg-type]
    return shape(**named)


def add_log(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("kwatch itself")
    group.add_argument("--log-file", metavar="FILE", help="write kwatch's own log there; only you can read it")
    group.add_argument("--log-level", choices=("debug", "info", "warning", "error"), default="info")


def log_of(found: argparse.Namespace) -> LogArguments:
    return LogArguments(found.log_file, found.log_level)
