"""The flags that say which cluster, and as whom."""

from __future__ import annotations

import argparse

from kwatch.cli.arguments import ConnectionArguments


def add_connection(parser: argparse.ArgumentParser) -> None:
    """kubectl's flags, with kubectl's meaning."""
    group = parser.add_argument_group("which cluster, as kubectl takes it")
    group.add_argument("--kubeconfig", metavar="FILE")
    group.add_argument("--context", metavar="NAME")
    group.add_argument("--cluster", metavar="NAME")
    group.add_argument("--user", metavar="NAME")
    group.add_argument("-s", "--server", metavar="URL")
    group.add_argument("--token", metavar="TOKEN")
    group.add_argument("--as", dest="as_user", metavar="USER", help="impersonate a user")
    group.add_argument("--as-group", action="append", default=[], metavar="GROUP", help="impersonate groups")
    group.add_argument(
        "--insecure-skip-tls-verify",
        nargs="?",
        const=True,
        default=None,
        type=_boolean,
        metavar="BOOL",
        help="do not verify the server's certificate (anyone could answer)",
    )
    group.add_argument("--certificate-authority", metavar="FILE")
    group.add_argument("--request-timeout", metavar="TIME", help="give up on one request after this long, e.g. 10s")


def connection_of(found: argparse.Namespace) -> ConnectionArguments:
    """What was found of the cluster."""
    if "kubeconfig" not in found:
        return ConnectionArguments()
    return ConnectionArguments(
        kubeconfig=found.kubeconfig,
        context=found.context,
        cluster=found.cluster,
        user=found.user,
        server=found.server,
        token=found.token,
        as_user=found.as_user,
        as_groups=tuple(found.as_group),
        insecure_skip_tls_verify=found.insecure_skip_tls_verify,
        certificate_authority=found.certificate_authority,
        request_timeout=found.request_timeout,
    )


def _boolean(text: str) -> bool:
    if text.casefold() in ("true", "1", "t"):
        return True
    if text.casefold() in ("false", "0", "f"):
        return False
    raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")
