"""What a server said it offers, kept on disk until it says otherwise, as kubectl keeps it; but never used unasked.

A document of aggregated discovery has an ETag. The next start asks with it, and the server answers 304 if nothing has
changed; a CRD installed in between changes it. A file that is damaged, of another server, too large, a link or open to
others counts for nothing, and so does a folder that cannot be written: discovery is then as without a cache.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path

import msgspec

from kwatch.base.files import open_private, read_private
from kwatch.base.limits import LARGEST_DISCOVERY, MB

log = logging.getLogger("kwatch.cluster.discovery")

MOST_FILES = 64
"""Two a server."""
MOST_BYTES = 64 * MB
_LARGEST_HEAD = 4096
_ETAG = re.compile(r"(?:W/)?\"[\x21\x23-\x7e]{1,512}\"")


@dataclass(frozen=True, slots=True)
class Document:
    """One answer."""

    etag: str
    body: bytes


class _Head(msgspec.Struct):
    """The first line of a file."""

    asked: str
    """A digest of the server and of the path and form of what was asked."""
    etag: str
    sha256: str
    """Of the body, which is the rest of the file."""


class DiscoveryCache:
    """Of one server. `folder` None keeps nothing. Safe to use from several threads and processes."""

    def __init__(self, folder: Path | None, server: str) -> None:
        self._folder = folder
        self._server = server

    def find(self, path: str, accept: str) -> Document | None:
        """The last answer, if it is here and whole."""
        asked = self._asked(path, accept)
        if self._folder is None:
            return None
        file = self._folder / asked
        try:
            first, _, body = read_private(file, LARGEST_DISCOVERY + _LARGEST_HEAD).partition(b"\n")
            head = msgspec.json.decode(first, type=_Head)
            if head.asked != asked or head.sha256 != hashlib.sha256(body).hexdigest() or not _is_etag(head.etag):
                raise ValueError("it is damaged, or of another server")
            os.utime(file)  # what is in use is the last to go
        except FileNotFoundError:
            return None
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            log.info("what is kept of the discovery of %s is not used: %s", self._server, error)
            return None
        return Document(head.etag, body)

    def keep(self, path: str, accept: str, document: Document) -> None:
        """Put it in place of the last one, in one step; where that cannot be, it is not kept."""
        if self._folder is None or not _is_etag(document.etag):
            return
        asked = self._asked(path, accept)
        head = msgspec.json.encode(_Head(asked, document.etag, hashlib.sha256(document.body).hexdigest()))
        new = self._folder / f".{asked}.{os.getpid()}-{threading.get_ident()}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(open_private(new, os.O_WRONLY | os.O_EXCL), "wb") as file:
                file.write(head + b"\n" + document.body)
            new.replace(self._folder / asked)
            _drop_oldest(self._folder)
        except OSError as error:
            log.info("the discovery of %s is not kept: %s", self._server, error)
            _unlink(new)

    def _asked(self, path: str, accept: str) -> str:
        return hashlib.sha256("\n".join((self._server, path, accept)).encode()).hexdigest()


def _is_etag(text: str) -> bool:
    return _ETAG.fullmatch(text) is not None


def _drop_oldest(folder: Path) -> None:
    """Files beyond the limits, those of writers that were killed among them."""
    with os.scandir(folder) as entries:
        files = [(entry.stat(follow_symlinks=False), entry.path) for entry in entries]
    size = 0
    for number, (found, path) in enumerate(sorted(files, key=lambda each: -each[0].st_mtime)):
        size += found.st_size
        if number >= MOST_FILES or size > MOST_BYTES:
            _unlink(Path(path))


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.info("%s stays: %s", path, error)
