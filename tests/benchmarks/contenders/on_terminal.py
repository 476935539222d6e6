"""`on_terminal reader|kwatch|kubernetes KUBECONFIG CONTEXT OBJECTS`: what shows no rows says `synced` once it has all.

The reader reads the same bytes, and does nothing with them. The informers go on watching until Ctrl-C; to each a
handler listens, as to all that are used for something.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import ssl
import sys
import threading
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PATH = "/api/v1/pods?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"


def _reader(kubeconfig: str, context: str, objects: int) -> None:
    answer = _plain_answer(kubeconfig) or _answer(kubeconfig, context)
    rest = b""
    while data := answer.read1(1 << 18):
        if b'"k8s.io/initial-events-end"' in rest + data:
            break
        rest = data[-100:]


def _plain_answer(kubeconfig: str) -> HTTPResponse | None:
    """Without TLS, or with a token: nothing but HTTP is imported. None if more is needed to log in."""
    try:
        tree = json.loads(Path(kubeconfig).read_text())
        cluster, user = tree["clusters"][0]["cluster"], tree["users"][0]["user"]
    except ValueError:
        return None
    place, token = urlsplit(cluster["server"]), user.get("token")
    connection: HTTPConnection
    if place.scheme == "http":
        connection = HTTPConnection(place.hostname or "", place.port)
    elif token and len(tree["clusters"]) == 1:
        authority = base64.b64decode(cluster.get("certificate-authority-data", "")).decode() or None
        context = ssl.create_default_context(cadata=authority)
        if cluster.get("insecure-skip-tls-verify"):
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = HTTPSConnection(place.hostname or "", place.port, context=context)
    else:
        return None
    connection.request("GET", PATH, headers={"Authorization": f"Bearer {token}"} if token else {})
    return connection.getresponse()


def _answer(kubeconfig: str, context: str) -> Any:
    from kubernetes import config

    client = config.new_client_from_config(kubeconfig, context)
    return client.call_api(*client.param_serialize("GET", PATH, auth_settings=["BearerToken"])).response


def _kwatch(kubeconfig: str, context: str, objects: int) -> None:
    from kwatch.cli.connecting import quieten_collector
    from kwatch.cluster import connect
    from kwatch.informer import SharedInformer, label_index, namespace_index, node_index, owner_index
    from kwatch.informer.resources import PODS

    quieten_collector()
    indexers = {"namespace": namespace_index, "label": label_index, "node": node_index, "owner": owner_index}
    cluster = connect(kubeconfig=kubeconfig, context=context)
    informer = SharedInformer(cluster.lister_watcher(PODS), indexers=indexers)
    informer.add_event_handler(on_update=lambda old, new: None)
    informer.start()
    assert informer.wait_for_sync(600)


def _kubernetes(kubeconfig: str, context: str, objects: int) -> None:
    from kubernetes import client, config
    from kubernetes.informer import MODIFIED, SharedInformer

    api = client.CoreV1Api(config.new_client_from_config(kubeconfig, context))
    informer = SharedInformer(api.list_pod_for_all_namespaces)
    informer.add_event_handler(MODIFIED, lambda new: None)
    informer.start()
    pause = threading.Event()
    while len(informer.cache.list_keys()) < objects - objects // 500:
        pause.wait(0.01)


def main(which: str, kubeconfig: str, context: str, objects: int) -> None:
    """Sync, say so, and stay."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    {"reader": _reader, "kwatch": _kwatch, "kubernetes": _kubernetes}[which](kubeconfig, context, objects)
    print("synced", flush=True)
    if which != "reader":
        signal.pause()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
