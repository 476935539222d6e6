from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kwatch.history.timeline import TimelineEntry
from kwatch.view.rollouts import RolloutReader, with_rollouts
from kwatch.view.timeline import TimelineRenderer
from tests.view.relations.world import RESOURCES
from tests.view.suspects.story import BROKE, Story, crashed, template


@pytest.fixture
def story() -> Iterator[Story]:
    story = Story()
    story.roll_out(BROKE, template("shop/web:2"))
    yield story
    story.journal.close()


def entries_of(story: Story, kind: str, key: str, *, watched: bool = True) -> list[TimelineEntry]:
    world = story.world()
    reader = RolloutReader(story.journal if watched else None, "ctx")
    obj: Any = world.caches[RESOURCES[kind]].get_by_key(key)
    assert obj is not None
    found = reader.of(RESOURCES[kind], obj, world.names, world.cache)
    return with_rollouts(story.journal.timeline("ctx", str(RESOURCES[kind]), key), found)


def rollouts_told(story: Story, entries: list[TimelineEntry]) -> list[str]:
    renderer = TimelineRenderer(story.journal)
    told = [(entry, renderer.render(entry)) for entry in entries if entry.rollout is not None]
    return [f"{rendered.sign} {rendered.type} {rendered.who}: {rendered.words}" for _, rendered in told]


def test_a_rollout_that_was_seen_stands_with_the_version_that_brought_it(story: Story) -> None:
    entries = entries_of(story, "Deployment", "shop/web")
    oldest, newest = [entry for entry in entries if entry.rollout is not None]
    assert oldest.version is None and oldest.approximate
    assert newest.version is not None and newest.version.resource == "deployments.apps"
    assert [entry.order for entry in entries] == sorted(entry.order for entry in entries)
    words = rollouts_told(story, entries)
    assert words[0] == "≈ rollout : revision 1: the oldest one kept"
    assert words[1].startswith("~ modified argocd: revision 2: containers[web].image")


def test_one_that_was_not_seen_is_an_entry_of_its_own_with_its_changes(story: Story) -> None:
    entries = entries_of(story, "Deployment", "shop/web", watched=False)
    newest = [entry for entry in entries if entry.rollout is not None][-1]
    assert newest.version is None and newest.approximate
    assert rollouts_told(story, entries)[-1] == "≈ rollout argocd: revision 2: containers[web].image 1 -> 2"


def test_a_pod_has_those_of_its_owner(story: Story) -> None:
    story.pod("a", crashed(), BROKE + 5)
    entries = entries_of(story, "Pod", "shop/web-2-a")
    (newest,) = [entry for entry in entries if entry.rollout is not None and entry.rollout.number == 2]
    assert newest.relation is not None and newest.relation.kind == "Deployment"


def test_what_was_rendered_before_says_of_its_rollout_later(story: Story) -> None:
    plain = story.journal.timeline("ctx", "deployments.apps", "shop/web")
    told = entries_of(story, "Deployment", "shop/web")
    renderer = TimelineRenderer(story.journal)
    sequence = next(entry.version.sequence for entry in told if entry.rollout and entry.version)
    for entries, begins in ((plain, False), (told, True)):
        (entry,) = [each for each in entries if each.version and each.version.sequence == sequence]
        assert renderer.render(entry).words.startswith("revision 2: ") is begins
