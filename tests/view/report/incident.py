"""A report of the small shop in which something breaks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

from kwatch.catalog.names import ResourceNames
from kwatch.view.report import Report
from kwatch.view.report.gathering import Origin, gather
from kwatch.view.report.story import Asked
from tests.view.relations.world import RESOURCES
from tests.view.suspects.story import BROKE, NOW, START, Story, crashed, template

ZONE = timezone(timedelta(hours=2))


def shop() -> Story:
    """In which all is well."""
    story = Story()
    counts = {"replicas": 2, "readyReplicas": 2, "availableReplicas": 2, "updatedReplicas": 2}
    story.put(0, "Deployment", "shop/web", status=counts)
    story.put(0, "ReplicaSet", "shop/web-1", status=counts)
    return story


def broken_image(story: Story) -> Story:
    """A rollout after which both pods crash."""
    story.roll_out(BROKE, template("shop/web:2"))
    for name in ("a", "b"):
        story.pod(name, crashed(), BROKE + 20)
        story.warn(BROKE + 25, ("Pod", f"shop/web-2-{name}"), "BackOff", "Back-off restarting failed container web")
    return story


def report_of(story: Story, asked: Asked = Asked(words="everything"), **origin: Any) -> Report:  # noqa: B008
    assert story.journal.catch_up(10)
    names = ResourceNames(tuple(RESOURCES.values()))
    made = {"now": START + NOW, "made_at": START + NOW + 1} | origin
    return replace(gather(Origin(story.journal, "ctx", names, **made), asked), zone=ZONE)
