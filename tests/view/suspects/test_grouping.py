from __future__ import annotations

from collections.abc import Iterator

import pytest

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
