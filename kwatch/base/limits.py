"""What servers, login commands and recordings may hold at most. More is left out, with a sentence that says so.

Kubernetes takes no request above 3 MB, etcd no object above 1.5 MB: each limit leaves what is real several times its
room, and together they keep the process under 300 MB whatever comes. Bytes are counted as they are unpacked.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from urllib.parse import urlsplit

from kwatch.base.duration import parse_span
from kwatch.base.quantity import parse_size

MB = 1 << 20

LARGEST_OBJECT = 16 * MB
"""Bytes of one object, listed, watched or alone. Of a larger one the beginning is quarantined, the rest goes on."""
OBJECT_HEAD = 64 << 10
"""Bytes of an object that is too large that are kept, to tell who it is."""
MOST_VALUES = 250_000
"""Values in one object or small document: parsed, `[[],[],...` takes thirty times its bytes."""
LARGEST_PAGE = 64 * MB
"""Bytes of one answer to a list, without the objects that are too large. Beyond it fewer objects are asked for."""
LARGEST_UNSPLIT_PAGE = 16 * MB
"""Bytes of such an answer up to which it is decoded in one go; then object by object, which takes longer and less."""
MOST_PAGE_VALUES = 1_000_000
"""Values in an answer that is decoded in one go."""
MOST_PAGE_ITEMS = 200_000
"""Objects in one answer."""
LONGEST_SKIPPED = 256 * MB
"""Bytes of one answer to a list, or of one line of a watch, with all that is left out: what goes on has no end."""
LARGEST_LIST = 192 * MB
"""Bytes that all objects of a resource may take, packed, each with OBJECT_COST: what the 150,000 pods take that
Kubernetes supports at most."""
OBJECT_COST = 600
"""Bytes that an object takes beside its JSON."""
INDEXED_COST = 300
"""Bytes that it takes once it is in the cache: in the indexes, and the beginning of its history..."""
SHOWN_COST = 1200
"""...and with its row, the text that is searched in it, and what it uses, as measured of 100,000 pods."""
MOST_MEAGRE_PAGES = 100
"""Pages of one list that bring less than a twentieth of the objects that were asked for."""
LARGEST_DISCOVERY = 8 * MB
"""Bytes of one document of what the server offers; hundreds of CRDs make 2 MB."""
MOST_RESOURCES = 20_000
"""Resources that a server may offer."""
LARGEST_ANSWER = 64 * MB
"""Bytes of any other answer, such as the usage of every pod."""
MOST_ANSWER_VALUES = 4_000_000
"""Values in such an answer: 25 for the usage of each of 150,000 pods."""
LARGEST_REFUSAL = MB
"""Bytes of the body of an error; of a longer one the beginning is read."""
LARGEST_STATUS = MB
"""Bytes of an ERROR or BOOKMARK event."""
LONGEST_MESSAGE = 2000
"""Characters of what a server says in an error."""
MOST_CAUSES = 50
LONGEST_VERSION = 1024
"""Characters of a resourceVersion, a name, a namespace: they become part of addresses and keys. A server's have 253."""
LONGEST_TOKEN = 64 << 10
"""Characters of a continue token or a bearer token: what a server takes in a request's head is no more."""
LONGEST_LOG_LINE = MB
"""Bytes after which a log line without an end is cut."""
LARGEST_CREDENTIAL = MB
"""Bytes that a login command may print."""
SLOWEST = 1000.0
"""Bytes a second, on average beyond the timeout: what comes slower than that will not end."""


LARGEST_FRAME = 20 * MB
"""Bytes of a frame of a recording, packed and unpacked; an object and a quarter of a megabyte of others at most."""
LARGEST_DECLARATION = MB
"""Bytes of a frame that holds no records: about the file, a stream, the end."""
LARGEST_WINDOW = 25
"""Base-two logarithm of the memory that unpacking a zstd frame may ask for."""
MOST_RECORDS = 10_000
"""Records in a frame; kwatch writes 4,500 at most."""
MOST_FRAMES = 500_000
"""Frames that are read; kwatch writes one a second at most, where anything happens."""
MOST_STREAMS = 10_000
"""Streams in a recording."""
LARGEST_CELLS = 64 << 10
"""Bytes of a server's cells of one object."""
MOST_CELLS = 200
"""Cells of one object; a screen shows no more columns."""
MOST_PROBLEMS = 100
"""Sentences about what is wrong with one file."""
EARLIEST, LATEST = -62_135_424_000.0, 253_402_128_000.0
"""The years 1 to 9999, but for two days, in seconds since the epoch: what is outside is no time that can be shown."""
ALLOWED = 64 * MB
"""Bytes that any file may unpack to; beyond it the size of the file counts."""
MOST_KEPT_RATIO = 50
"""How many times its size a recording may take while it is read: ten to forty is what real ones take."""
MOST_UNPACKED_RATIO = 1000
"""How many times its size a recording may unpack to, one version after the other; 300 is what real ones do."""


def size_text(size: int) -> str:
    """`64 MB`, `1.5 MB`, `900 bytes`, for a sentence."""
    if size < 10_000:
        return f"{size:,} bytes"
    if size < MB:
        return f"{size / 1024:.0f} KB"
    return f"{size / MB:.1f}".removesuffix(".0") + " MB"


# What the user says of memory.

DEFAULT_BUDGET = "256Mi"
SMALLEST = 1 << 20
"""Bytes below which a budget is taken for a mistake."""


def check_budget(text: str) -> str:
    """The text itself; raise ValueError if it is no size, or too small for a history."""
    if parse_size(text) < SMALLEST:
        raise ValueError(f"{text} is too little for a history; write 64Mi or more")
    return text


def check_age(text: str) -> str:
    """The text itself; raise ValueError if it is no time, or none at all."""
    if not parse_span(text):
        raise ValueError(f"{text} keeps nothing; write 30m or 2h")
    return text


LAST_LINES = 50
"""How many last lines of a container that ended badly are kept, if nothing else is said."""
MOST_LAST_LINES = 1000


def check_lines(number: int) -> int:
    """The number itself; raise ValueError if so many last lines cannot be kept."""
    if not 0 <= number <= MOST_LAST_LINES:
        raise ValueError(f"{number:,} last lines cannot be kept; write {LAST_LINES}, or 0 for none")
    return number


_STATM = Path("/proc/self/statm")


def resident() -> int:
    """Bytes of this process that are in memory now; 0 where the system does not say."""
    try:
        return int(_STATM.read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


class MemoryLimit:
    """What `--memory-limit` says. Read in any thread; who keeps to it is kwatch.session.memory, and each Room."""

    def __init__(self) -> None:
        self.bytes = 0
        """0: as much as there is."""
        self.is_tight = False
        """Whether nothing is to be read ahead any more."""
        self.is_spent = False
        """Whether all that could be given up is gone, and more is taken: no object is to come in addition."""
        self.spare = 0
        """Bytes that history can still give up: objects may take them."""

    def is_passed(self, more: int = 0) -> bool:
        """Whether the process takes more, or would with so many bytes."""
        return bool(self.bytes) and resident() + more > self.bytes + self.spare


LIMIT = MemoryLimit()
LEAST_OBJECTS = 500
"""Of each resource so many are held whatever the limit: about a megabyte."""


class Room:
    """How many objects of one resource LIMIT has room for; the others are only counted. For one thread."""

    def __init__(self) -> None:
        self.left_out = 0
        """How many the server has that are not held. From any thread."""
        self._is_full = False
        self._is_listing = False
        self._held = self._came = 0
        """Of the last list, and since it; those of the list under way for which room is still to be taken."""

    def begin_list(self) -> None:
        """Everything comes once more."""
        self.left_out = self._held = self._came = 0
        self._is_full, self._is_listing = False, True

    def end_list(self) -> None:
        """From now on there are changes."""
        self._is_listing, self._came = False, 0

    @property
    def is_limited(self) -> bool:
        """Whether `takes` and `forget` must be told of each object."""
        return bool(LIMIT.bytes)

    def look(self) -> None:
        """Look whether there is room, now and then: it takes ten microseconds."""
        if not LIMIT.bytes or self._held < LEAST_OBJECTS:
            self._is_full = False
        elif self._is_listing or self.left_out:
            self._is_full = LIMIT.is_passed(self._came * SHOWN_COST)
        else:
            self._is_full = LIMIT.is_spent

    def takes(self, *, is_known: bool, is_new: bool = True) -> bool:
        """Whether an object is to be held. What is held stays; what is not `is_new` to the server was left out before,
        and comes in when there is room again.
        """
        if self._is_full and not is_known:
            self.left_out += is_new
            return False
        self._held += not is_known or self._is_listing
        if not is_known:
            self._came += 1
            self.left_out -= not is_new and self.left_out > 0
        return True

    def forget(self, *, is_known: bool) -> None:
        """An object was deleted."""
        if is_known:
            self._held -= 1
        else:
            self.left_out -= self.left_out > 0


LEAST_MEMORY = 100 * MB
"""The program alone takes 70."""


def check_memory(text: str) -> str:
    """The text itself; raise ValueError if it is no size, or less than the program needs."""
    if parse_size(text) < LEAST_MEMORY:
        raise ValueError(f"{text} is too little for the program itself; write 200Mi or more")
    return text


def check_url(url: str) -> str:
    """The text itself; raise ValueError for what no JSON can be posted to."""
    try:
        parts = urlsplit(url)
        is_right = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_right = False
    if not is_right or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError(f"{url!r} is no address to post to; write https://example.com/hook")
    return url


def split_words(command: str) -> tuple[str, ...]:
    """A command as a shell would split it; raise ValueError for words that do not end."""
    try:
        return tuple(shlex.split(command))
    except ValueError as error:
        raise ValueError(f"the command {command!r} cannot be split into words: {str(error).lower()}") from None
