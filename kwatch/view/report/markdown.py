"""A report as Markdown, for a ticket or a terminal: whatever comes from a cluster stays text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from kwatch.view.report import MASKED, Cause, Diff, JointReport, Log, Report, Revision, Story
from kwatch.view.report.drawing import LEGEND, timeline_text

_ACTIVE = re.compile(r"[\\`*\[\]<>{}#|~&!@$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=//)|(?<=www)\.", re.IGNORECASE)
_AT_START = re.compile(r"^(?:(\d{1,9})([.)])|([-+=:]))")
_TICKS = re.compile(r"`+")


def markdown(made: Report | JointReport) -> str:
    lines = _joint_lines(made) if isinstance(made, JointReport) else _lines(made, made.headline)
    return "\n".join(lines).rstrip("\n") + "\n"


def _joint_lines(joint: JointReport) -> Iterator[str]:
    yield f"# {_text(joint.headline)}"
    yield ""
    yield from (f"- **{_text(each.context)}:** {_text(each.headline)}" for each in joint.reports)
    yield from (f"- **{_text(context)}:** is not told of: {_text(why)}" for context, why in joint.missing)
    for each in joint.reports:
        yield ""
        yield from _lines(each, f"{each.context}: {each.headline}")


def _lines(report: Report, title: str) -> Iterator[str]:
    yield f"# {_text(title)}"
    yield ""
    yield f"- **Cluster:** {_text(report.context)}"
    yield f"- **Of:** {_text(report.subject)}"
    yield f"- **Time:** {_text(report.period)}"
    yield f"- **From:** {_text(report.source)}"
    if report.is_masked:
        yield f"- {MASKED}"
    yield ""
    failing = [(number, story) for number, story in enumerate(report.stories, 1) if story.is_failing]
    if failing:
        yield "## What broke"
        yield ""
        rows = []
        for number, story in failing:
            first = f"{story.causes[0].object}: {story.causes[0].what}" if story.causes else "nothing known explains it"
            rows.append(
                (f"{number}. {story.title}: {story.what}", _since(report, story), f"{story.affected_count:,}", first)
            )
        yield from _table(("What", "Since", "Objects", "First suspect"), rows)
    for number, story in enumerate(report.stories, 1):
        yield from _story(report, story, number)
    if report.others:
        yield "## Also wrong"
        yield ""
        yield from _table(("Kind", "Name", "Problem"), [(each.kind, each.name, each.reason) for each in report.others])
    if report.healed:
        yield "## Healed since"
        yield ""
        rows = [(each.kind, each.name, each.reason, report.clock(each.until or 0.0)) for each in report.healed]
        yield from _table(("Kind", "Name", "Problem", "Until"), rows)
    yield from _coverage(report)
    yield f"Made by kwatch {_text(report.version)}, {_text(report.date(report.made_at))}."
    yield "Values of Secrets are not in this file."


def _story(report: Report, story: Story, number: int) -> Iterator[str]:
    yield f"## {number}. {_text(story.title)}: {_text(story.what)}"
    yield ""
    facts = [("Since", _since(report, story) if story.is_failing else ""), ("How many", story.alike)]
    others = f" and {story.also_left_out:,} more" if story.also_left_out else ""
    facts += [("Also, for the same likely cause", ", ".join(story.also) + others)]
    facts += [("Reason", story.reason if story.reason != story.what else ""), ("The server says", story.said)]
    facts += [("Before that", story.before), ("Came and went", f"{story.times} times" if story.times > 1 else "")]
    yield from [f"- **{name}:** {_text(value)}" for name, value in facts if value]
    yield ""
    if story.affected_count > 1:
        yield "### What has a problem"
        yield ""
        yield from _table(("Kind", "Name", "Problem"), [(each.kind, each.name, each.reason) for each in story.affected])
        if (more := story.affected_count - len(story.affected)) > 0:
            yield f"{more:,} more are not listed."
            yield ""
    yield f"### {'What may have caused it' if story.is_failing else 'What changed around it last'}"
    yield ""
    if not story.causes:
        yield "Nothing is known to have changed that explains it."
        yield ""
    for place, cause in enumerate(story.causes, 1):
        yield from _cause(report, cause, place)
    if story.unknown:
        yield f"Not watched, and so not known: {_text(', '.join(story.unknown))}."
        yield ""
    yield from _timeline(report, story)
    yield from _revisions(report, story.revisions)
    if story.events:
        yield "### Warnings"
        yield ""
        rows = [
            (
                report.clock(each.last) if each.last is not None else "",
                f"{each.count:,}",
                each.about,
                each.words,
            )
            for each in story.events
        ]
        yield from _table(("Last", "Times", "About", "Message"), rows)
        if story.events_left_out:
            yield f"{story.events_left_out:,} older ones are left out."
            yield ""
    yield from _logs(story.logs)


def _cause(report: Report, cause: Cause, place: int) -> Iterator[str]:
    at = f"{'≈ ' if cause.approximate else ''}{report.clock(cause.at)}" if cause.at is not None else "time not known"
    who = f" by **{_text(cause.who)}**" if cause.who else ""
    yield f"{place}. **{_text(cause.object)}**, {_text(at)}{who}: {_text(cause.what)}"
    if cause.why:
        yield f"   {_line(cause.why)}"
    yield ""
    yield from _diffs(cause.diffs, cause.left_out, "   ")


def _diffs(diffs: Sequence[Diff], left_out: int, indent: str = "") -> Iterator[str]:
    if not diffs:
        return
    lines: list[str] = []
    for diff in diffs:
        lines.append(f"  {diff.path or 'the whole object'}{f'   ({diff.who})' if diff.who else ''}")
        lines += [f"{sign} {text}" for sign, text in diff.lines]
    if left_out > 0:
        lines.append(f"  {left_out:,} more changed paths are not shown")
    yield from _fenced(lines, "diff", indent)


def _timeline(report: Report, story: Story) -> Iterator[str]:
    if not story.happenings:
        return
    yield "### What happened"
    yield ""
    yield from _fenced(timeline_text(report, story))
    there = {each.sign for each in story.happenings if each.lane}
    yield _line(", ".join(f"{sign} {words}" for sign, words in LEGEND.items() if sign in there))
    yield ""
    rows = [
        (
            f"{'≈ ' if each.approximate else ''}{report.clock(each.at)}",
            f"{each.sign} {each.type}",
            each.lane,
            each.who,
            each.words,
        )
        for each in story.happenings
    ]
    yield from _table(("Time", "What", "Object", "Who", "In words"), rows)
    if story.happenings_left_out:
        yield (
            f"{story.happenings_left_out:,} more entries are left out: those around the beginning and the last ones "
            "are shown."
        )
        yield ""


def _revisions(report: Report, revisions: Sequence[Revision]) -> Iterator[str]:
    if not revisions:
        return
    yield "### Rollouts"
    yield ""
    for each in revisions:
        at = f"{'≈ ' if each.approximate else ''}{report.clock(each.at)}" if each.at is not None else "time not known"
        parts = (at, each.words, each.kept_in, each.cause, f"by {each.who}" if each.who else "")
        yield f"- {_line(', '.join(part for part in parts if part))}"
        yield ""
        yield from _diffs(each.diffs, each.left_out, "  ")


def _logs(logs: Iterable[Log]) -> Iterator[str]:
    for log in logs:
        yield f"### Log of {_text(log.title)}"
        yield ""
        yield from _fenced(log.lines or ("(nothing)",))
        if log.left_out:
            yield f"{log.left_out:,} lines before these are left out."
            yield ""


def _coverage(report: Report) -> Iterator[str]:
    yield "## What this report covers"
    yield ""
    yield f"{report.objects:,} objects were looked at; {report.unhealthy:,} of them have a problem."
    yield ""
    yield from (f"- {_line(each)}" for each in (*report.doubts, *report.left_out))
    if report.server:
        yield f"- Server: {_text(report.server)}"
    yield f"- Times are as of {_text(report.date(report.end))}; ≈ marks what is the server's word and was not seen."
    yield ""
    rows = [
        (
            each.resource,
            ", ".join(each.namespaces) or "all",
            report.date(each.since) if each.since is not None else "",
            f"{each.objects:,}",
        )
        for each in report.watched
    ]
    yield from _table(("Resource", "Namespaces", "Watched since", "Objects"), rows)
    gaps = [
        (", ".join(each.resources), report.clock(each.since), report.clock(each.until), each.why)
        for each in report.gaps
    ]
    if gaps:
        yield from _table(("Not watched", "From", "To", "Why"), gaps)
    else:
        yield "Without a gap since then."
        yield ""


def _since(report: Report, story: Story) -> str:
    if story.since is None:
        return "not known"
    return f"{'' if story.is_exact else '≈ '}{report.clock(story.since)}, for {report.ago(story.since)}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(_text(cell) for cell in row)} |"
    yield ""


def _fenced(lines: Iterable[str], language: str = "", indent: str = "") -> Iterator[str]:
    """Between more backticks than any line holds."""
    inside = [*lines]
    longest = max((len(found[0]) for line in inside for found in _TICKS.finditer(line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{indent}{fence}{language}"
    yield from (f"{indent}{line}".rstrip() for line in inside)
    yield f"{indent}{fence}"
    yield ""


def _text(text: str) -> str:
    """Text that is no markup, within a line."""
    return _ACTIVE.sub(lambda found: f"\\{found[0]}", text)


def _line(text: str) -> str:
    """Text that is no markup at the beginning of a line."""
    escaped = _text(text)
    return _AT_START.sub(lambda found: f"{found[1]}\\{found[2]}" if found[1] else f"\\{found[3]}", escaped)
