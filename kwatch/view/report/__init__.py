"""An incident as one file that can be handed on: what broke and since when, what may have caused it, what happened.

What a report says stands here: words, times (seconds since the epoch) and numbers. `gathering` asks a journal for it,
so a live session, a moment in the past and a recording are one case; `story` tells what one failure is about. `masking`
makes every text safe and short, and names pseudonyms where that is asked for. `drawing` lays out the timelines, `html`
and `markdown` write the file. Nothing here knows a screen or a cluster.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from kwatch.base.duration import humanize

MASKED = (
    "Names are pseudonyms, the same throughout. Messages are free text, in which only names that are known were "
    "replaced: read them before you hand this on."
)


@dataclass(frozen=True, slots=True)
class Diff:
    """What changed at one path. `lines` are (sign, text): `-` what was, `+` what is, a space for what stays beside."""

    path: str
    lines: tuple[tuple[str, str], ...]
    who: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """A suspect. `at` None where it is not known when it changed."""

    what: str
    why: str
    object: str
    """What it is to what fails, and its name: `its config map settings`."""
    place: str
    """`configmaps shop/settings`."""
    at: float | None = None
    approximate: bool = False
    who: str = ""
    diffs: tuple[Diff, ...] = ()
    left_out: int = 0
    """Changed paths that are not shown."""


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of a timeline. `lane` is the object it is about, `depth` below 0 for owners, above for what it owns."""

    at: float
    sign: str
    type: str
    level: str
    lane: str
    depth: int
    relation: str
    words: str
    who: str = ""
    approximate: bool = False
    until: float | None = None
    """The end of a gap."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A rollout."""

    at: float | None
    approximate: bool
    words: str
    kept_in: str
    cause: str
    who: str
    is_current: bool
    diffs: tuple[Diff, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Reported:
    """A Warning, as it was last."""

    first: float | None
    last: float | None
    count: int
    about: str
    words: str
    source: str


@dataclass(frozen=True, slots=True)
class Log:
    """The last lines of a container. `left_out` are lines before them that were not kept."""

    title: str
    lines: tuple[str, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Affected:
    """One object with a problem."""

    kind: str
    name: str
    """With its namespace: `shop/web-1`."""
    reason: str
    level: str
    since: float | None = None
    until: float | None = None
    """When it was over, if it is."""


@dataclass(frozen=True, slots=True)
class Story:
    """What fails for one reason, as far as is known: the objects below one owner that have a problem."""

    kind: str
    name: str
    what: str
    """How it fails: `it crashes`."""
    reason: str
    level: str
    since: float | None
    is_exact: bool
    """Whether the beginning was seen, and is not what the server says."""
    alike: str
    also: tuple[str, ...]
    """Further owners, of which something fails for the same likely cause."""
    also_left_out: int
    before: str
    times: int
    said: str
    """What the server says of it, in its own words."""
    affected: tuple[Affected, ...]
    affected_count: int
    causes: tuple[Cause, ...]
    unknown: tuple[str, ...]
    """What was not watched, and so explains nothing."""
    happenings: tuple[Happening, ...]
    happenings_left_out: int
    revisions: tuple[Revision, ...]
    events: tuple[Reported, ...]
    events_left_out: int
    logs: tuple[Log, ...]
    is_failing: bool = True

    @property
    def title(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Watching:
    """How a resource was watched. `since` None: never."""

    resource: str
    namespaces: tuple[str, ...]
    """Empty: all of them."""
    since: float | None
    objects: int


@dataclass(frozen=True, slots=True)
class Missed:
    """When something was not watched."""

    resources: tuple[str, ...]
    since: float
    until: float
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """`start` to `end` is the time it tells of; `zone` None shows times as this machine does."""

    version: str
    made_at: float
    start: float
    end: float
    subject: str
    """What was asked for, in words: `everything in shop`."""
    context: str
    server: str
    source: str
    """`a live cluster`, `the recording shop.kwatch`."""
    stories: tuple[Story, ...]
    others: tuple[Affected, ...]
    """Further problems, of which no more is told than that they are."""
    healed: tuple[Affected, ...]
    """What had a problem in the time and has none at its end."""
    left_out: tuple[str, ...]
    """A sentence for each thing of which there is more."""
    watched: tuple[Watching, ...]
    gaps: tuple[Missed, ...]
    doubts: tuple[str, ...]
    """What is not certain, a sentence each: what is stale, clocks that differ."""
    objects: int
    """How many objects were looked at."""
    unhealthy: int
    is_masked: bool = False
    zone: tzinfo | None = None
    part: int = 0
    """Its number, in a file with several."""

    @property
    def anchor(self) -> str:
        """What the names of its parts begin with."""
        return f"context-{self.part}-" if self.part else ""

    @property
    def headline(self) -> str:
        """What is wrong, in a sentence."""
        if not self.unhealthy:
            many = f"{self.objects:,} object{'' if self.objects == 1 else 's'}"
            return f"Nothing is wrong among {many}." if self.objects else "Nothing was watched."
        first = self.stories[0] if self.stories else None
        what = f"{first.title}: {first.what}" if first is not None else f"{self.unhealthy:,} objects have problems"
        since = f" since {self.clock(first.since)}" if first is not None and first.since is not None else ""
        more = len(self.stories) - 1
        others = f", and {more} more {'problem' if more == 1 else 'problems'}" if more > 0 else ""
        return f"{what}{since}{others}."

    def clock(self, at: float, *, exact: bool = False) -> str:
        """`14:02:10`, with the date where it is another day than that of the report; `exact` with milliseconds."""
        moment = datetime.fromtimestamp(at, self.zone).astimezone(self.zone)
        same = moment.date() == datetime.fromtimestamp(self.end, self.zone).astimezone(self.zone).date()
        text = f"{moment:%H:%M:%S}" if same else f"{moment:%b %d %H:%M:%S}"
        return f"{text}.{moment.microsecond // 1000:03d}" if exact else text

    def date(self, at: float) -> str:
        """`2026-12-01 14:02:10 +01:00`."""
        moment = datetime.fromtimestamp(at, self.zone).astimezone(self.zone)
        return moment.isoformat(sep=" ", timespec="seconds")

    @property
    def period(self) -> str:
        """`2026-12-01, 13:02:10 to 14:02:10 (UTC+01:00)`."""
        moment = datetime.fromtimestamp(self.end, self.zone).astimezone(self.zone)
        return f"{moment:%Y-%m-%d}, {self.clock(self.start)} to {self.clock(self.end)} ({moment:%Z})"

    def ago(self, at: float) -> str:
        """How long before the end of what it tells of: `12m`."""
        return humanize(max(0.0, self.end - at))


@dataclass(frozen=True, slots=True)
class JointReport:
    """Of several contexts, in one file."""

    reports: tuple[Report, ...]
    missing: tuple[tuple[str, str], ...] = ()
    """Contexts of which nothing could be learnt, and why."""

    @property
    def headline(self) -> str:
        """`Something is wrong in 2 of 3 clusters, and 1 is not told of.`"""
        many = f"{len(self.reports)} cluster{'' if len(self.reports) == 1 else 's'}"
        words = f"Something is wrong in {self.ill} of {many}" if self.ill else f"Nothing is wrong in {many}"
        left_out = len(self.missing)
        return f"{words}, and {left_out} {'is' if left_out == 1 else 'are'} not told of." if left_out else f"{words}."

    @property
    def ill(self) -> int:
        """In how many of them something is wrong."""
        return sum(each.unhealthy > 0 for each in self.reports)

    @property
    def contexts(self) -> str:
        return ", ".join(each.context for each in self.reports)
