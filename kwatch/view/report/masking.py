"""What a report shows is made safe and short; and names become pseudonyms where that is asked for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
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
_QUOTED = re.compile(r'(?<=["“])[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?(?=["”])')
_WORD = re.compile(r"[A-Za-z0-9](?:[-._A-Za-z0-9]*[A-Za-z0-9])?")
_BETWEEN = re.compile(r"([-._])")
_PLAIN = re.compile(r"v?\d[\d.]*[a-z]{0,2}|true|false|yes|no|none|.")
_ORDINARY = frozenset(word for each in (*FailureKind, *Aspect) for word in each.value.split())
"""Labels' values that name nothing: numbers, and words of which kwatch's own sentences are made."""
_FREE = re.compile(
    r"(?:^|\.)(?:annotations\b|env\b|env\[|args\b|command\b|data\b|data\[|binaryData\b|host\b|hosts\b|externalName\b)"
)
"""Paths of values in which anything may be written."""


def finished(report: T, mask: NameMask | None = None) -> T:
    """Every text on one line that no terminal and no reader obeys, without the marks of masked values, not too long."""
    return _walk(report, mask)  # type: ignore[no-any-return]


def _walk(thing: Any, mask: NameMask | None) -> Any:
    if isinstance(thing, str):
        text = printable(without_marks(thing[: LONGEST * 4]))
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
        if mask is not None and isinstance(values.get("lines"), tuple) and _FREE.search(str(values.get("path", ""))):
            walked["lines"] = tuple((sign, _withheld(text)) for sign, text in values["lines"])
        return replace(thing, **walked)
    return thing


def _withheld(text: str) -> str:
    return f"({len(text):,} characters, left out with the names)"


class NameMask:
    """The same pseudonym for the same name throughout: `namespace-1`, `pod-3`. Numbered as they are met."""

    def __init__(self) -> None:
        self._kinds: dict[str, str] = {}
        self._images: dict[str, None] = {}
        self._image: re.Pattern[str] | None = None
        self._given: dict[str, str] = {}
        self._counts = Counter[str]()

    def know(self, name: str, kind: str) -> None:
        """A name, and what its pseudonym begins with."""
        if name and name not in _OPEN and not _PLAIN.fullmatch(name):
            known = self._kinds.get(name)
            if known is None or (kind in _PROMINENT and known not in _PROMINENT):
                self._kinds[name] = kind

    def know_writer(self, manager: str) -> None:
        if not _TOOLS.match(manager):
            self.know(manager, "writer")

    def know_object(self, tree: Mapping[str, Any]) -> None:
        """What an object names inside: labels, containers and their images, hosts, accounts, claims."""
        labels = (tree.get("metadata") or {}).get("labels") if isinstance(tree.get("metadata"), Mapping) else None
        for value in labels.values() if isinstance(labels, Mapping) else ():
            if isinstance(value, str) and value not in _ORDINARY:
                self.know(value, "label")
        for name, value in _texts(tree):
            if name == "image":
                self._know_image(value)
            elif name in _NAMING:
                self.know(value, _NAMING[name])
            elif name == "manager":
                self.know_writer(value)

    def _know_image(self, image: str) -> None:
        repository = image.partition("@")[0]
        head, slash, last = repository.rpartition("/")
        repository = f"{head}{slash}{last.partition(':')[0]}"
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
            if found[0] not in self._given.values():
                self.know(found[0], "name")
        return _WORD.sub(lambda found: self._word(found[0]), text)

    def _word(self, word: str) -> str:
        """Known as a whole, or made of what is known: the longest such parts are replaced."""
        if word in self._kinds:
            return self._pseudonym(word, self._kinds[word])
        parts = _BETWEEN.split(word)
        made: list[str] = []
        at = 0
        while at < len(parts):
            end = next((end for end in range(len(parts), at, -1) if "".join(parts[at:end]) in self._kinds), None)
            if end is None:
                made.append(parts[at])
                at += 1
            else:
                name = "".join(parts[at:end])
                made.append(self._pseudonym(name, self._kinds[name]))
                at = end
        return "".join(made)

    def _pseudonym(self, name: str, kind: str) -> str:
        given = self._given.get(name)
        if given is None:
            self._counts[kind] += 1
            given = self._given[name] = f"{kind}-{self._counts[kind]}"
        return given


def _as_image(repository: str) -> str:
    """One without a registry's host looks like a namespace and a name, unless a tag follows."""
    has_host = "." in repository.partition("/")[0] and "/" in repository
    return re.escape(repository) + ("" if has_host else r"(?=[:@]\S)")


_NAMING = {
    "name": "name",
    "nodeName": "node",
    "hostname": "host",
    "host": "host",
    "serviceAccountName": "account",
    "claimName": "claim",
    "secretName": "secret",
    "volumeName": "volume",
    "storageClassName": "class",
    "serviceName": "service",
    "ingressClassName": "class",
    "providerID": "machine",
}
"""Fields whose values are names."""
_DEEPEST = 40


def _texts(tree: Any, name: str = "", depth: int = 0) -> Iterable[tuple[str, str]]:
    """Every text with the field that it is in."""
    if isinstance(tree, str):
        yield name, tree
    elif isinstance(tree, Mapping) and depth < _DEEPEST:
        for key, value in tree.items():
            yield from _texts(value, key, depth + 1)
    elif isinstance(tree, list) and depth < _DEEPEST:
        for value in tree:
            yield from _texts(value, name, depth + 1)
