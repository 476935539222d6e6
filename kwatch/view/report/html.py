"""A report as one HTML file: nothing from elsewhere, no script, for the screen in light and dark and for paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from html import escape
from importlib.resources import files

from kwatch.base.timestamp import rfc3339
from kwatch.view.report import MASKED, Affected, Cause, Diff, Happening, JointReport, Log, Report, Revision, Story
from kwatch.view.report.drawing import LEGEND, glyph, overview_svg, timeline_svg

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_SHORT_LIST = 14
"""Lines of a timeline that are shown without asking."""
_SIGNS = {"+": "added", "-": "removed", "…": "omitted", " ": "same"}


@cache
def _style() -> str:
    return files(__package__).joinpath("report.css").read_text("utf-8")


def html(made: Report | JointReport) -> str:
    return "".join(_joint_page(made) if isinstance(made, JointReport) else _page(made))


def _page(report: Report) -> Iterator[str]:
    yield from _head(report, report.context)
    yield from _header(report)
    yield "<main>\n"
    yield from _parts(report)
    yield from _foot(report)


def _joint_page(joint: JointReport) -> Iterator[str]:
    """A part for each context, below what is wrong in which of them."""
    first, level = joint.reports[0], "bad" if joint.ill else "good"
    yield from _head(first, joint.contexts)
    yield f'<header class="{level}">\n<p class="kicker">Incident report</p>\n<h1>{escape(joint.headline)}</h1>\n'
    parts = [replace(each, part=number) for number, each in enumerate(joint.reports, 1)]
    facts = [(escape(each.context), f'<a href="#{each.anchor}part">{escape(each.headline)}</a>') for each in parts]
    facts += [(escape(context), f"is not told of: {escape(why)}") for context, why in joint.missing]
    yield from _facts(facts, "facts")
    yield "</header>\n<main>\n"
    for each in parts:
        yield f'<section id="{each.anchor}part" aria-label="{escape(each.context)}">\n'
        yield from _header(each)
        yield from _parts(each)
        yield "</section>\n"
    yield from _foot(first)


def _head(report: Report, contexts: str) -> Iterator[str]:
    title = f"Incident report: {contexts}, {report.date(report.end)}"
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        '<meta name="robots" content="noindex">\n'
        f'<meta name="generator" content="kwatch {escape(report.version)}">\n'
        f"<title>{escape(title)}</title>\n<style>{_style()}</style>\n</head>\n<body>\n"
    )


def _parts(report: Report) -> Iterator[str]:
    yield from _overview(report)
    for number, story in enumerate(report.stories, 1):
        yield from _story(report, story, number)
    yield from _others(report)
    yield from _healed(report)
    yield from _coverage(report)


def _foot(report: Report) -> Iterator[str]:
    made = _time(report, report.made_at, report.date(report.made_at))
    yield (
        f"</main>\n<footer><p>Made by kwatch {escape(report.version)}, {made}. "
        "kwatch only reads. Values of Secrets are not in this file.</p></footer>\n</body>\n</html>\n"
    )


def _section(report: Report, name: str, title: str) -> str:
    return f'<section aria-labelledby="{report.anchor}{name}">\n<h2 id="{report.anchor}{name}">{title}</h2>\n'


def _header(report: Report) -> Iterator[str]:
    level = report.stories[0].level if report.unhealthy and report.stories else "bad" if report.unhealthy else "good"
    yield f'<header class="{escape(level)}">\n<p class="kicker">Incident report</p>\n'
    heading = f"<h2 class=part>{escape(report.headline)}</h2>" if report.part else f"<h1>{escape(report.headline)}</h1>"
    yield f"{heading}\n"
    facts = [
        ("Cluster", escape(report.context)),
        ("Of", escape(report.subject)),
        ("Time", escape(report.period)),
        ("From", escape(report.source)),
    ]
    yield from _facts(facts, "facts")
    if report.is_masked:
        yield f'<p class="note">{escape(MASKED)}</p>\n'
    yield "</header>\n"


def _overview(report: Report) -> Iterator[str]:
    failing = [(number, story) for number, story in enumerate(report.stories, 1) if story.is_failing]
    if len(failing) < 2:
        return  # its own part says it all
    yield _section(report, "what-broke", "What broke")
    yield _figure(overview_svg(report), "")
    rows = []
    for number, story in failing:
        since = _since(report, story)
        first = story.causes[0] if story.causes else None
        cause = _first_cause(first) if first is not None else "nothing known explains it"
        what = f'<a href="#{report.anchor}problem-{number}">{escape(story.title)}</a><br>{_muted(escape(story.what))}'
        rows.append((what, since, f"{story.affected_count:,}", cause))
    yield _table(
        "Problems, the worst first", ("What", "Since", "Objects", "First suspect"), rows, numbers=(2,), name="plain"
    )
    yield "</section>\n"


def _first_cause(cause: Cause) -> str:
    if cause.what in (cause.object, "written", "not there"):
        return escape(cause.object if cause.what == cause.object else f"{cause.object}, {cause.what}")
    return f"{escape(cause.object)}: {_code(cause.what)}"


def _story(report: Report, story: Story, number: int) -> Iterator[str]:
    name = f"{report.anchor}problem-{number}"
    yield f'<article id="{name}" aria-labelledby="{name}-title">\n'
    yield f'<h2 id="{name}-title"><span class="number">{number}</span> {escape(story.title)}</h2>\n'
    pill = f'<span class="pill {escape(story.level)}">{escape(_word(story))}</span>'
    yield f'<p class="lead">{pill} {escape(_sentence(story.what))}</p>\n'
    facts = [("Since", _since(report, story))] if story.is_failing else []
    if story.alike:
        facts.append(("How many", escape(story.alike)))
    if story.also:
        more = f" and {story.also_left_out:,} more" if story.also_left_out else ""
        facts.append(("Also, for the same likely cause", escape(", ".join(story.also) + more)))
    if story.reason and story.reason != story.what:
        facts.append(("Reason", escape(story.reason)))
    if story.said and story.said != story.reason:
        facts.append(("The server says", f"<q>{escape(story.said)}</q>"))
    if story.before:
        facts.append(("Before that", escape(story.before)))
    if story.times > 1:
        facts.append(("Came and went", f"{story.times} times"))
    yield from _facts(facts, "facts")
    yield from _affected(report, story)
    yield from _causes(report, story)
    yield from _timeline(report, story, number)
    yield from _revisions(report, story.revisions)
    yield from _events(report, story)
    yield from _logs(story.logs)
    yield "</article>\n"


def _affected(report: Report, story: Story) -> Iterator[str]:
    if story.affected_count < 2:
        return
    yield "<h3>What has a problem</h3>\n"
    yield _table(
        "Objects with a problem",
        ("Kind", "Name", "Problem", "Since"),
        [_affected_row(report, each) for each in story.affected],
        name="plain",
    )
    if (more := story.affected_count - len(story.affected)) > 0:
        yield f'<p class="note">{more:,} more are not listed.</p>\n'


def _affected_row(report: Report, each: Affected) -> Sequence[str]:
    since = _time(report, each.since) if each.since is not None else ""
    return escape(each.kind), _code(each.name), escape(each.reason), since


def _causes(report: Report, story: Story) -> Iterator[str]:
    yield f"<h3>{'What may have caused it' if story.is_failing else 'What changed around it last'}</h3>\n"
    if not story.causes:
        yield "<p>Nothing is known to have changed that explains it.</p>\n"
    else:
        yield '<ol class="causes">\n'
        for cause in story.causes:
            yield from _cause(report, cause)
        yield "</ol>\n"
    if story.unknown:
        yield f'<p class="note">Not watched, and so not known: {escape(", ".join(story.unknown))}.</p>\n'


def _cause(report: Report, cause: Cause) -> Iterator[str]:
    yield f"<li>\n<h4>{escape(cause.object)}</h4>\n"
    at = f"{'≈ ' if cause.approximate else ''}{_time(report, cause.at)}" if cause.at is not None else "time not known"
    who = f' by <b class="who">{escape(cause.who)}</b>' if cause.who else ""
    yield f'<p class="meta">{at}{who}</p>\n'
    if not cause.diffs and cause.what not in (cause.object, "written"):
        yield f"<p>{_code(cause.what)}</p>\n"
    if cause.why:
        yield f'<p class="why">{escape(_sentence(cause.why))}</p>\n'
    yield from _diffs(cause.diffs, cause.left_out)
    yield "</li>\n"


def _diffs(diffs: Iterable[Diff], left_out: int) -> Iterator[str]:
    for diff in diffs:
        who = f" {_muted(escape(diff.who))}" if diff.who else ""
        yield f'<div class="diff"><p class="path">{_code(diff.path or "the whole object")}{who}</p>'
        yield "".join(_diff_line(sign, text) for sign, text in diff.lines)
        yield "</div>\n"
    if left_out > 0:
        yield f'<p class="note">{left_out:,} more changed paths are not shown.</p>\n'


def _diff_line(sign: str, text: str) -> str:
    name = _SIGNS.get(sign, "same")
    tag = {"added": "ins", "removed": "del"}.get(name, "span")
    return f'<p class="line {name}"><span class="sign">{escape(sign)}</span><{tag}>{escape(text) or " "}</{tag}></p>'


def _timeline(report: Report, story: Story, number: int) -> Iterator[str]:
    yield "<h3>What happened</h3>\n"
    if not story.happenings:
        yield "<p>Nothing that was watched.</p>\n"
        return
    yield _figure(timeline_svg(report, story, number), _legend(story))
    count = len(story.happenings)
    words = f"The {count:,} entries as a list" if count > 1 else "The entry as a list"
    yield f"<details{' open' if count <= _SHORT_LIST else ''}><summary>{words}</summary>\n"
    rows = [_happening_row(report, each) for each in story.happenings]
    yield _table(
        "What happened, oldest first", ("Time", "", "What", "Object", "Who", "In words"), rows, name="timeline"
    )
    if story.happenings_left_out:
        yield (
            f'<p class="note">{story.happenings_left_out:,} more entries are left out: those around the beginning and '
            "the last ones are shown.</p>\n"
        )
    yield "</details>\n"


def _happening_row(report: Report, each: Happening) -> Sequence[str]:
    at = f"{'≈ ' if each.approximate else ''}{_time(report, each.at)}"
    sign = f'<span class="sign {escape(each.level)}">{escape(each.sign)}</span>'
    return at, sign, escape(each.type), escape(each.lane), escape(each.who), escape(each.words)


def _revisions(report: Report, revisions: Sequence[Revision]) -> Iterator[str]:
    if not revisions:
        return
    yield '<h3>Rollouts</h3>\n<ol class="rollouts">\n'
    for each in revisions:
        at = f"{'≈ ' if each.approximate else ''}{_time(report, each.at)}" if each.at is not None else "time not known"
        who = f' by <b class="who">{escape(each.who)}</b>' if each.who else ""
        cause = f" <q>{escape(each.cause)}</q>" if each.cause else ""
        yield f"<li{' class=current' if each.is_current else ''}><h4>{escape(_sentence(each.words))}</h4>\n"
        yield f'<p class="meta">{at}{who} {_code(each.kept_in) if each.kept_in else ""}{cause}</p>\n'
        yield from _diffs(each.diffs, each.left_out)
        yield "</li>\n"
    yield "</ol>\n"


def _events(report: Report, story: Story) -> Iterator[str]:
    if not story.events:
        return
    yield "<h3>Warnings</h3>\n"
    rows = []
    for each in story.events:
        last = _time(report, each.last) if each.last is not None else ""
        since = each.first is not None and each.last is not None and each.last - each.first >= 1
        first = f"<br>{_muted(f'since {_time(report, each.first)}')}" if since else ""
        cells = (f"{each.count:,}", escape(each.about), escape(each.words), escape(each.source))
        rows.append((last + first, *cells))
    yield _table("Warnings", ("Last", "Times", "About", "Message", "From"), rows, numbers=(1,), name="events")
    if story.events_left_out:
        yield f'<p class="note">{story.events_left_out:,} older ones are left out.</p>\n'


def _logs(logs: Iterable[Log]) -> Iterator[str]:
    for log in logs:
        lines = "\n".join(escape(line) for line in log.lines)
        left_out = f"{log.left_out:,} lines before these are left out" if log.left_out else ""
        yield f'<h3>Log of {escape(log.title)}</h3>\n<pre class="log" tabindex="0">{lines or "(nothing)"}</pre>\n'
        yield f'<p class="note">{left_out}.</p>\n' if left_out else ""


def _others(report: Report) -> Iterator[str]:
    if report.others:
        yield _section(report, "also", "Also wrong")
        rows = [_affected_row(report, each)[:3] for each in report.others]
        yield _table("Further problems", ("Kind", "Name", "Problem"), rows, name="plain")
        yield "</section>\n"


def _healed(report: Report) -> Iterator[str]:
    if report.healed:
        yield _section(report, "healed", "Healed since")
        rows = [(*_affected_row(report, each), _time(report, each.until)) for each in report.healed]
        yield _table(
            "What had a problem and has none any more", ("Kind", "Name", "Problem", "From", "To"), rows, name="plain"
        )
        yield "</section>\n"


def _coverage(report: Report) -> Iterator[str]:
    yield _section(report, "coverage", "What this report covers")
    yield f"<p>{report.objects:,} objects were looked at; {report.unhealthy:,} of them have a problem.</p>\n"
    notes = [*report.doubts, *report.left_out]
    if notes:
        yield "<ul>\n" + "".join(f"<li>{escape(each)}</li>\n" for each in notes) + "</ul>\n"
    facts = [("Cluster", escape(report.context)), ("Server", escape(report.server)), ("Source", escape(report.source))]
    facts += [("Times", f"as of {escape(report.date(report.end))}; ≈ marks what is the server's word and was not seen")]
    yield from _facts([fact for fact in facts if fact[1]], "facts")
    rows = [
        (
            escape(each.resource),
            escape(", ".join(each.namespaces)) or "all",
            _time(report, each.since) if each.since is not None else "",
            f"{each.objects:,}",
        )
        for each in report.watched
    ]
    yield _table(
        "What was watched, and since when", ("Resource", "Namespaces", "Watched since", "Objects"), rows, numbers=(3,)
    )
    if report.gaps:
        gaps = [
            (escape(", ".join(each.resources)), _time(report, each.since), _time(report, each.until), escape(each.why))
            for each in report.gaps
        ]
        yield _table("When something was not watched", ("Resources", "From", "To", "Why"), gaps)
    else:
        yield "<p>Without a gap since then.</p>\n"
    yield "</section>\n"


def _facts(facts: Iterable[tuple[str, str]], name: str) -> Iterator[str]:
    rows = "".join(f"<div><dt>{escape(title)}</dt><dd>{value}</dd></div>\n" for title, value in facts if value)
    if rows:
        yield f'<dl class="{name}">\n{rows}</dl>\n'


def _table(
    caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Sequence[int] = (), name: str = ""
) -> str:
    """`name` is its class: those without show their caption."""
    titles = "".join(f'<th scope="col">{escape(each) or "<span class=hidden>Sign</span>"}</th>' for each in heads)
    body = "".join(
        "<tr>"
        + "".join(f"<td{' class=number-cell' if at in numbers else ''}>{cell}</td>" for at, cell in enumerate(row))
        + "</tr>\n"
        for row in rows
    )
    title = f"<caption{' class=hidden' if name else ''}>{escape(caption)}</caption>"
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table class="{name}">'
        f"{title}<thead><tr>{titles}</tr></thead>\n<tbody>\n{body}</tbody></table></div>\n"
    )


def _figure(drawing: str, legend: str) -> str:
    return f'<figure><div class="scroll" tabindex="0">{drawing}</div>{legend}</figure>\n' if drawing else ""


def _legend(story: Story) -> str:
    there = {each.sign for each in story.happenings if each.lane}
    parts = [f"<li>{glyph(sign)} {escape(words)}</li>" for sign, words in LEGEND.items() if sign in there]
    return f"<figcaption><ul>{''.join(parts)}</ul></figcaption>"


def _time(report: Report, at: float | None, text: str = "") -> str:
    if at is None:
        return ""
    return f'<time datetime="{rfc3339(at)}" title="{escape(report.date(at))}">{escape(text or report.clock(at))}</time>'


def _since(report: Report, story: Story) -> str:
    if story.since is None:
        return "not known"
    sign = "" if story.is_exact else "≈ "
    return f"{sign}{_time(report, story.since)} {_muted(f'for {report.ago(story.since)}')}"


def _word(story: Story) -> str:
    return {"bad": "failing", "warning": "warning", "good": "healthy"}.get(story.level, story.level)


def _muted(content: str) -> str:
    return f'<span class="muted">{content}</span>'


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
