from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.view.suspects.story import BROKE, Story, crashed, template, waiting


@pytest.fixture
def story() -> Iterator[Story]:
    story = Story()
    yield story
    story.journal.close()


def keys(story: Story, *kinds: str) -> dict[str, list[str]]:
    groups = story.groups(*(kinds or ("Pod",)))
    return {group.words: [each.obj.key for each in group.objects] for group in groups}


def test_what_one_rollout_broke_is_one_group(story: Story) -> None:
    story.roll_out(BROKE, template("shop/web:2"))
    for name in ("a", "b", "c"):
        story.pod(name, crashed(), BROKE + 5)
    assert keys(story) == {
        "rollout 2 of Deployment shop/web: containers[web].image 1 -> 2": [f"shop/web-2-{name}" for name in "abc"]
    }


def test_pods_that_fail_differently_have_different_causes(story: Story) -> None:
    story.put(BROKE, "ConfigMap", "shop/settings", "kubectl-edit", data={"PORT": "8080"})
    said = "couldn't find key LOG_LEVEL in ConfigMap shop/settings"
    story.pod("c", waiting("CreateContainerConfigError", said), BROKE + 20)
    story.roll_out(BROKE + 30, template("shop/web:no-such"))
    for name in ("a", "b"):
        story.pod(name, waiting("ImagePullBackOff", "Back-off pulling image"), BROKE + 40)
    assert keys(story) == {
        "rollout 2 of Deployment shop/web: containers[web].image 1 -> no-such": ["shop/web-2-a", "shop/web-2-b"],
        "configmaps shop/settings: data.LOG_LEVEL removed, was info": ["shop/web-1-c"],
    }


def test_a_workload_that_fails_is_with_its_pods(story: Story) -> None:
    story.pod("c", crashed(), BROKE - 900)
    story.roll_out(BROKE, template("shop/web:2"))
    story.pod("a", waiting("ImagePullBackOff"), BROKE + 5)
    groups = keys(story, "Pod", "ReplicaSet")
    assert groups["rollout 2 of Deployment shop/web: containers[web].image 1 -> 2"] == ["shop/web-2", "shop/web-2-a"]


def test_what_nothing_explains_is_together(story: Story) -> None:
    story.pod("a", crashed(), BROKE - 40)
    story.pod("b", crashed(), BROKE - 40)
    assert keys(story) == {"nothing known: it crashes": ["shop/web-1-a", "shop/web-1-b"]}


def test_in_the_past_what_came_later_explains_nothing(story: Story) -> None:
    story.pod("a", crashed(), BROKE)
    story.world()
    moment = story.journal.last_sequence
    story.put(BROKE + 60, "Secret", "shop/credentials", "vault", data={"password": "Yg=="})
    assert [group.suspect for group in story.groups("Pod", until=moment)] == [None]


def test_when_it_is_stopped_no_more_is_ranked(story: Story) -> None:
    story.pod("a", crashed(), BROKE)
    assert story.groups("Pod", is_stopped=lambda: True) == ()


MISSING = "couldn't find key LOG_LEVEL in ConfigMap shop/settings"
STATES: dict[str, dict[str, Any]] = {
    "image": waiting("ImagePullBackOff", "Back-off pulling image"),
    "config": waiting("CreateContainerConfigError", MISSING),
    "crash": crashed(),
    "memory": crashed("OOMKilled", 137),
}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([1, 2]), st.sampled_from([*STATES])), min_size=1, max_size=8), st.booleans())
def test_each_is_in_one_group_and_has_the_cause_that_it_has_alone(pods: list[tuple[int, str]], is_whole: bool) -> None:
    """Of pods that were made at one time; a group is named by the first of those that are alike."""
    story = Story()
    try:
        story.put(BROKE, "ConfigMap", "shop/settings", "kubectl-edit", data={"PORT": "8080"})
        given_pods = sorted(enumerate(pods), key=lambda each: each[1][0])
        for number, (revision, state) in given_pods:
            if revision == 2 and story.revision == 1:
                story.roll_out(BROKE + 5, template("shop/web:2"))
            story.pod(f"{number}", STATES[state], BROKE + 20)
        groups = story.groups("Pod", is_whole=is_whole)
        keys = [f"shop/web-{revision}-{number}" for number, (revision, _) in given_pods]
        assert sorted(each.obj.key for group in groups for each in group.objects) == sorted(keys)
        for group in groups:
            members = [each.obj.key for each in group.objects]
            assert members == sorted(members, key=keys.index)
            alone = story.suspects("Pod", members[0]).suspects
            assert (alone[0].what if alone else None) == (group.suspect.what if group.suspect else None)
        sizes = [len(group.objects) for group in groups]
        assert sizes == sorted(sizes, reverse=True)
    finally:
        story.journal.close()
