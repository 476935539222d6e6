"""What a report shows is made safe and short; and names become pseudonyms where that is asked for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from kwatch.base.printable import printable
from kwatch.informer.masking import without_marks
from kwatch.view.suspects.aspect import Aspect
from kwatch.view.suspects.failure import FailureKind

T = TypeVar("T")
LONGEST = 600
"""Characters of one text."""
_OWN = frozenset({"sign", "type", "level", "version"})
"""Fields that hold words of kwatch's own, and no name."""
_OPEN = frozenset({"default", "kube-system", "kube-public", "kube-node-lease", "kubernetes", "kube-root-ca.crt"})
"""Names that every cluster has."""
_PROMINENT = frozenset({"deployment", "statefulset", "daemonset", "cronjob", "namespace", "node"})
"""Kinds after which a name is called that objects of several kinds have."""
_TOOLS = re.compile(
    r"(?:kube|kubectl|argocd|argo|flux|helm|kustomize|cluster-autoscaler|coredns|karpenter|keda|istio|prometheus)\b"
    r"|Go-http-client|Mozilla|curl|OpenAPI-Generator",
)
"""What field managers that are known everywhere begin with."""
_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s\"'<>]+")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_UID = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b")
_ADDRESS = re.compile(
    r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\w)"
    r"|(?<![\w:.])(?:(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{0,4}|(?:[0-9a-f]{1,4}:){1,7}(?::[0-9a-f]{1,4}){1,6}"
    r"|::(?:[0-9a-f]{1,4}:){0,6}[0-9a-f]{1,4})(?![\w:])",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"""(?<=["“'`])[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?(?=["”'`])""")
_WORD = re.compile(r"[A-Za-z0-9](?:[-._A-Za-z0-9]*[A-Za-z0-9])?")
_UNFINISHED = re.compile(r"[-._A-Za-z0-9]{1,300}$")
"""A word at the end of what was cut: part of a name would not be known."""
_BETWEEN = re.compile(r"([-._])")
_PLAIN = re.compile(r"v?\d[\d.]*[a-z]{0,2}|true|false|yes|no|none|.")
_VERSION = re.compile(r"v?\d*(?:rc|alpha|beta|p|r)?\d*")
_COMMON = """
app apps application component tier version env environment name part-of managed-by instance role release chart heritage
track region zone owner team stage type revision job-name controller-uid pod-template-hash controller-revision-hash
production staging test prod dev http https grpc tcp udp metrics health healthz ready readyz live livez status ping
admin latest stable main master alpine slim debian rc beta alpha root bin etc usr var tmp lib run home data config conf
json yaml yml properties txt log logs password username user token url uri host port key cert tls.crt tls.key
ca.crt path id
"""
_ORDINARY = frozenset([*_COMMON.split(), *(word for each in (*FailureKind, *Aspect) for word in each.value.split())])
"""Values of labels, keys, ports, paths and tags that name nothing; and words of which kwatch's sentences are made."""
_MAY_BE_ORDINARY = frozenset({"label", "key", "port", "path", "tag"})
"""What such a name is the name of."""
_FREE_FIELDS = frozenset(("annotations", "args", "command", "data", "binaryData", "stringData"))
_FREE = re.compile(rf"(?:^|\.)(?:{'|'.join(sorted(_FREE_FIELDS))}|env\b.*\.value|hosts?|externalName)(?![\w-])")
"""Paths of values in which anything may be written."""


def finished(report: T, mask: NameMask | None = None) -> T:
    """Every text on one line that no terminal and no reader obeys, without the marks of masked values, not too long."""
    return _walk(report, mask)  # type: ignore[no-any-return]


def _walk(thing: Any, mask: NameMask | None) -> Any:
    if isinstance(thing, str):
        text = thing if len(thing) <= LONGEST * 4 else _UNFINISHED.sub("", thing[: LONGEST * 4])
        text = printable(without_marks(text))
        text = mask.masked(text) if mask is not None else text
        left = len(thing) - LONGEST
        return text if len(text) <= LONGEST else f"{text[:LONGEST]} … {max(left, 1):,} more characters"
    if isinstance(thing, tuple):
        return tuple(_walk(each, mask) for each in thing)
    if is_dataclass(thing) and not isinstance(thing, type):
        values = {each.name: getattr(thing, each.name) for each in fields(thing)}
        walked = {
            name: _walk(value, None if name in _OWN else mask)
            for name, value in values.items()
            if isinstance(value, str | tuple) or is_dataclass(value)
        }
        return replace(thing, **walked)
    return thing


def withheld(value: Any, path: str = "") -> Any:
    """A value without what may be anything: arguments, values of variables and annotations, data."""
    holder = path.rpartition(".")[2].partition("[")[0]
    return _withheld(value, is_free=_FREE.search(path) is not None, holder=holder)


def _withheld(value: Any, *, is_free: bool, holder: str) -> Any:
    """`holder` is the field that it is in."""
    if isinstance(value, str):
        return f"({len(value):,} characters, left out with the names)" if is_free else value
    if isinstance(value, Mapping):
        free = {key for key in value if is_free or key in _FREE_FIELDS or (key == "value" and holder == "env")}
        return {key: _withheld(each, is_free=key in free, holder=key) for key, each in value.items()}
    if isinstance(value, list):
        return [_withheld(each, is_free=is_free, holder=holder) for each in value]
    return value


class NameMask:
    """The same pseudonym for the same name throughout: `namespace-1`, `pod-3`. Numbered as they are met."""

    def __init__(self) -> None:
        self._kinds: dict[str, str] = {}
        self._images: dict[str, None] = {}
        self._image: re.Pattern[str] | None = None
        self._given: dict[str, str] = {}
        self._taken: set[str] = set()
        """The pseudonyms that were given."""
        self._counts = Counter[str]()

    def know(self, name: str, kind: str) -> None:
        """A name, and what its pseudonym begins with. Where it is several words, each of them is one."""
        if not _WORD.fullmatch(name):
            for part in _WORD.findall(name):
                self.know(part, kind)
            return
        name = name.lower()
        if kind in _MAY_BE_ORDINARY and name in _ORDINARY:
            return
        if name not in _OPEN and not _PLAIN.fullmatch(name):
            known = self._kinds.get(name)
            if known is None or (kind in _PROMINENT and known not in _PROMINENT):
                self._kinds[name] = kind

    def know_writer(self, manager: str) -> None:
        if not _TOOLS.match(manager):
            self.know(manager, "writer")

    def know_object(self, tree: Mapping[str, Any]) -> None:
        """What an object names inside: labels and their keys, containers and their images, hosts, accounts, claims."""
        for field, value in _texts(tree):
            if field == "labels":
                self.know(value, "label")
            elif field in ("image", "imageID"):
                self._know_image(value)
            elif field in _NAMING:
                self.know(value, _NAMING[field])
            elif field == "manager":
                self.know_writer(value)
        for key in _keys(tree):
            domain, slash, _ = key.partition("/")
            if not slash:
                self.know(key, "key")
            elif slash and not _KNOWN_DOMAINS.search(domain):
                self.know(domain, "domain")

    def _know_image(self, image: str) -> None:
        """Its parts too: messages name the last one alone."""
        repository = image.rpartition("://")[2].partition("@")[0]
        head, slash, last = repository.rpartition("/")
        last, _, tag = last.partition(":")
        for part in (*head.split("/"), last):
            if part not in _HUBS:
                self.know(part.partition(":")[0], "image")
        for part in _BETWEEN.split(tag):
            if not _VERSION.fullmatch(part):
                self.know(part, "tag")
        repository = f"{head}{slash}{last}"
        if repository and repository not in self._images:
            self._images[repository] = None
            self._image = None

    def masked(self, text: str) -> str:
        if self._image is None and self._images:
            longest = sorted(self._images, key=lambda each: (-len(each), each))
            self._image = re.compile(rf"(?<![\w/.-])(?:{'|'.join(map(_as_image, longest))})(?![\w/-])")
        if self._image is not None:
            text = self._image.sub(lambda found: self._pseudonym(found[0], "image"), text)
        text = _URL.sub(lambda found: self._pseudonym(found[0], "url"), text)
        text = _MAIL.sub(lambda found: self._pseudonym(found[0], "writer"), text)
        text = _UID.sub(lambda found: self._pseudonym(found[0], "uid"), text)
        text = _ADDRESS.sub(lambda found: self._pseudonym(found[0], "address"), text)
        for found in _QUOTED.finditer(text):
            if found[0] not in self._taken:
                self.know(found[0], "name")
        return _WORD.sub(lambda found: self._word(found[0]), text)

    def _word(self, word: str) -> str:
        """Known as a whole, or made of what is known: the longest such parts are replaced."""
        if word in self._taken:
            return word
        parts, kinds = _BETWEEN.split(word), self._kinds
        made: list[str] = []
        at = 0
        while at < len(parts):
            ends = (end for end in range(len(parts), at, -1) if "".join(parts[at:end]).lower() in kinds)
            end = next(ends, None)
            if end is None:
                made.append(parts[at])
                at += 1
            else:
                name = "".join(parts[at:end]).lower()
                made.append(self._pseudonym(name, kinds[name]))
                at = end
        return "".join(made)

    def _pseudonym(self, name: str, kind: str) -> str:
        """One that is nobody's name."""
        given = self._given.get(name)
        while given is None:
            self._counts[kind] += 1
            made = f"{kind}-{self._counts[kind]}"
            if made not in self._kinds:
                given = self._given[name] = made
                self._taken.add(made)
        return given


def _as_image(repository: str) -> str:
    """One without a registry's host looks like a namespace and a name, unless a tag follows."""
    has_host = "." in repository.partition("/")[0] and "/" in repository
    return re.escape(repository) + ("" if has_host else r"(?=[:@]\S)")


_NAMING = {
    "name": "name",
    "namespace": "namespace",
    "nodeName": "node",
    "hostname": "host",
    "hostnames": "host",
    "host": "host",
    "hosts": "host",
    "externalName": "host",
    "server": "host",
    "address": "host",
    "serviceAccountName": "account",
    "serviceAccount": "account",
    "username": "user",
    "user": "user",
    "claimName": "claim",
    "secretName": "secret",
    "volumeName": "volume",
    "volumeHandle": "volume",
    "storageClassName": "class",
    "serviceName": "service",
    "ingressClassName": "class",
    "priorityClassName": "class",
    "runtimeClassName": "class",
    "schedulerName": "scheduler",
    "key": "key",
    "port": "port",
    "targetPort": "port",
    "providerID": "machine",
    "mountPath": "path",
    "subPath": "path",
    "path": "path",
}
"""Fields whose values are names."""
_LABELS = frozenset({"labels", "matchLabels", "nodeSelector"})
"""Fields of which all values may be."""
_KEYED = frozenset({"annotations", "selector", "data", "binaryData", "stringData", *_LABELS})
"""Fields whose keys may be."""
_KNOWN_DOMAINS = re.compile(r"(?:^|\.)(?:kubernetes|k8s|argoproj|fluxcd|istio|cert-manager)\.io$|(?:^|\.)helm\.sh$")
_HUBS = frozenset({"", "docker.io", "index.docker.io", "quay.io", "gcr.io", "ghcr.io", "registry.k8s.io", "library"})
_DEEPEST = 40


def _texts(tree: Any, name: str = "", depth: int = 0) -> Iterable[tuple[str, str]]:
    """Every text with the field that it is in."""
    if isinstance(tree, str):
        yield name, tree
    elif isinstance(tree, Mapping) and depth < _DEEPEST:
        for key, value in tree.items():
            yield from _texts(value, "labels" if name in _LABELS else key, depth + 1)
    elif isinstance(tree, list) and depth < _DEEPEST:
        for value in tree:
            yield from _texts(value, name, depth + 1)


def _keys(tree: Any, depth: int = 0) -> Iterator[str]:
    """The keys that people choose."""
    if isinstance(tree, Mapping) and depth < _DEEPEST:
        for name, value in tree.items():
            if name in _KEYED and isinstance(value, Mapping):
                yield from (key for key in value if isinstance(key, str))
            yield from _keys(value, depth + 1)
    elif isinstance(tree, list) and depth < _DEEPEST:
        for value in tree:
            yield from _keys(value, depth + 1)
