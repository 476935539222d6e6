"""What fails alike, why, and what healed: the list of problems on the screen."""

from __future__ import annotations

import time
from typing import Any

import pytest

from kwatch.base.timestamp import timestamp
from kwatch.informer.kube_object import KubeObject
from kwatch.tui.features.object.object_screen import ObjectScreen
from kwatch.tui.features.problems.problems_screen import ProblemsScreen
from kwatch.view.problem_past import past_of
from kwatch.view.suspects import group_by_cause
from tests.tui import fakes
from tests.tui.driving import Driver, running

REPLICA_SETS = fakes.resource("replicasets", "ReplicaSet", "apps", "rs")
RESOURCES = (*fakes.RESOURCES, REPLICA_SETS)
SMALL, LARGE = (80, 24), (180, 50)
ROWS = "kwatch.tui.features.problems.investigator"


def owned(kind: str, name: str, owner: str, **parts: Any) -> KubeObject:
    """By a deployment or a replica set."""
    owner_kind, _, owner_name = owner.partition("/")
    reference = {"apiVersion": "apps/v1", "kind": owner_kind, "name": owner_name, "controller": True}
    metadata = parts.pop("metadata", {})
    uid = f"uid-{owner_kind}-shop-{owner_name}"
    return fakes.make(kind, name, metadata={"ownerReferences": [reference | {"uid": uid}], **metadata}, **parts)


def pod(name: str, replica_set: str, *, phase: str = "ImagePullBackOff", version: int = 1) -> KubeObject:
    tree = fakes.pod(name, phase=phase, version=version).tree()
    made = owned("Pod", name, f"ReplicaSet/{replica_set}").tree()
    tree["metadata"]["ownerReferences"] = made["metadata"]["ownerReferences"]
    tree["metadata"]["labels"]["pod-template-hash"] = replica_set.rpartition("-")[2]
    tree["metadata"]["creationTimestamp"] = timestamp(time.time() - 300)
    return KubeObject.of(tree)


def template(image: str) -> dict[str, Any]:
    return {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "main", "image": image}]}}


def replica_set(revision: int, image: str, age: float) -> KubeObject:
    metadata = {
        "annotations": {"deployment.kubernetes.io/revision": str(revision)},
        "creationTimestamp": timestamp(time.time() - age),
        "labels": {"pod-template-hash": str(revision)},
    }
    spec = {"template": template(image), "replicas": 0}
    return owned("ReplicaSet", f"web-{revision}", "Deployment/web", metadata=metadata, spec=spec)


def world(pods: int = 3, session: fakes.FakeSession | None = None) -> fakes.FakeSession:
    """A rollout broke all pods of a deployment."""
    session = session or fakes.FakeSession(RESOURCES)
    now = time.time()
    for feed in (session.feed(), session.feed(REPLICA_SETS), session.feed(fakes.DEPLOYMENTS)):
        feed.at = now - 290
    spec = {"template": template("web:2"), "selector": {"matchLabels": {"app": "web"}}, "replicas": 0}
    session.feed(fakes.DEPLOYMENTS).put(fakes.make("Deployment", "web", spec=spec))
    session.feed(REPLICA_SETS).put(replica_set(1, "web:1", 7200), replica_set(2, "web:2", 310))
    session.feed().put(*(pod(f"web-2-{number}", "web-2") for number in range(pods)))
    return session


async def to_problems(user: Driver) -> None:
    await user.see("web-2-0")
    await user.press("exclamation_mark")
    await user.see("problems? in")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_what_fails_alike_is_one_line_that_opens(size: tuple[int, int]) -> None:
    async with running(world(), size=size) as user:
        await to_problems(user)
        await user.see("▸ Pod +×3 web-2 ")
        await user.see("3 problems in ")
        await user.see("↵ members")
        assert "web-2-1" not in user.text
        await user.press("right")
        await user.see("▾ Pod +×3 web-2 ")
        await user.see("! Pod +  web-2-1 ")
        await user.press("down", "down", "left")
        await user.see("▌▾ Pod +×3 web-2 ")
        await user.press("left")
        await user.see_no("! Pod +  web-2-1 ")
        await user.press("enter")
        await user.see("! Pod +  web-2-2 ")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_likely_cause_is_said_and_is_one_key_away(size: tuple[int, int]) -> None:
    async with running(world(), size=size) as user:
        await to_problems(user)
        await user.see("Likely  rollout 2 of Deployment web: .*image 1 -> 2")
        await user.see("image pull: main cannot pull web:1: ImagePullBackOff")
        if size == LARGE:
            await user.see("LIKELY CAUSE")
        else:
            assert "LIKELY CAUSE" not in user.text
        await user.press("X")
        await user.until(lambda: isinstance(user.app.screen, ObjectScreen), "its suspects")
        await user.see("1  .*rollout 2 of Deploy")
        await user.press("escape")
        await user.see("▸ Pod +×3 web-2 ")


async def test_two_owners_whose_pods_fail_for_one_cause_are_one_line() -> None:
    """A node that is not ready is that of all that ran on it."""
    session = world(pods=2)
    nodes = session.feed(fakes.NODES, None)
    nodes.at = time.time() - 400
    nodes.put(node("True"))
    nodes.at = time.time() - 295
    nodes.put(node("False", 2))
    feed = session.feed()
    for name in ("db-1-0", "cache-1-0"):
        feed.put(lost(name))
    async with running(session, size=LARGE) as user:
        await to_problems(user)
        await user.see("▸ Pod +×2 .*nodes node-1: status")
        await user.press("slash", *"cache", "enter")
        await user.see("! Pod +cache-1-0")


def node(ready: str, version: int = 1) -> KubeObject:
    conditions = [{"type": "Ready", "status": ready, "reason": "KubeletNotReady", "message": "it is asleep"}]
    return fakes.make("Node", "node-1", "", version=version, status={"conditions": conditions})


def lost(name: str) -> KubeObject:
    tree = pod(name, name.removesuffix("-0"), phase="Running").tree()
    since = timestamp(time.time() - 290)
    condition = {"type": "Ready", "status": "False", "reason": "NodeStatusUnknown", "lastTransitionTime": since}
    tree["status"] |= {"reason": "NodeLost", "conditions": [condition]}
    return KubeObject.of(tree)


async def test_the_filter_language_narrows_and_a_broken_filter_is_marked() -> None:
    session = world()
    session.feed(fakes.NODES, None).put(node("False"))
    async with running(session) as user:
        await to_problems(user)
        await user.see("Node +node-1")
        await user.press("slash", *"kind:node", "enter")
        await user.see("1 of 4 problems in .* /kind:node")
        await user.see_no("×3 web-2")
        await user.press("escape", "slash", *"ns:shop", "space", *"!kind:node", "enter")
        await user.see("3 of 4 problems")
        await user.press("slash", *"(", "enter")
        await user.press("escape", "escape", "slash", *"since:soon", "enter")
        await user.see("since: needs a duration")
        await user.press("escape")
        await user.see("4 problems in ")


async def test_since_also_lists_what_healed_and_what_was_deleted() -> None:
    session = world(pods=1)
    feed, now = session.feed(), time.time()
    for name in ("fine-1", "gone-1"):
        feed.at = now - 200
        feed.put(fakes.pod(name))
        feed.at = now - 190
        feed.put(fakes.pod(name, phase="CrashLoopBackOff", version=2))
    feed.at = now - 70
    feed.put(fakes.pod("fine-1", version=3))
    feed.remove("shop/gone-1")
    async with running(session) as user:
        await to_problems(user)
        await user.see_no("fine-1")
        await user.type(":problems since:1h")
        await user.press("enter")
        await user.see("1 problem, 2 healed in .* /since:1h")
        await user.see(r"✓ Pod +fine-1 .* healed \d\d:\d\d:\d\d after 2m: crash loop")
        await user.see(r"- Pod +gone-1 .* deleted \d\d:\d\d:\d\d after 2m: crash loop")
        await user.see("LAST 1H")
        assert isinstance(user.app.screen, ProblemsScreen)
        assert [type(each) for each in user.app.screen_stack].count(ProblemsScreen) == 1
        await user.press("slash", "space", *"gone", "enter")
        await user.see("0 of 1 problem, 1 healed")
        await user.press("escape")
        await user.see_no("gone-1")


async def test_the_command_filters_from_the_beginning_and_says_what_is_wrong_with_it() -> None:
    async with running(world()) as user:
        told = user.listen()
        await user.see("web-2-0")
        await user.type(":problems since:soon")
        await user.press("enter")
        await user.until(lambda: any("needs a duration" in each for each in told), "why not")
        await user.type(":problems kind:node")
        await user.press("enter")
        await user.see("0 of 3 problems")
        await user.see("No problem matches")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_how_often_it_came_and_went(size: tuple[int, int]) -> None:
    session = world(pods=0)
    feed, now = session.feed(), time.time()
    for step in range(6):
        feed.at = now - 240 + 30 * step
        phase = "CrashLoopBackOff" if step % 2 else "Running"
        feed.put(fakes.pod("flaps-1", phase=phase, restarts=step, version=step + 1))
    async with running(session, size=size) as user:
        await user.see("flaps-1")
        await user.press("exclamation_mark")
        await user.see("flaps-1 +[0-9:]+ +3 .*crash loop")
        await user.see("Since .*something was wrong with it 3 times")
        await user.see("Past    .*[▁▂▃▄▅▆▇█]")
        if size == LARGE:
            await user.see(r"LAST \d+M")


async def test_at_another_moment_the_list_is_that_of_then() -> None:
    session = world(pods=1)
    feed, now = session.feed(), time.time()
    feed.at = now - 100
    feed.put(fakes.pod("late-1", phase="CrashLoopBackOff"))
    async with running(session) as user:
        await to_problems(user)
        await user.see("late-1")
        await user.type(":at -3m")
        await user.press("enter")
        await user.see("problems +◀ as it was at ")
        await user.see("web-2-0")
        await user.see_no("late-1")
        await user.see("Likely  rollout 2 of Deployment web")
        await user.type(":at now")
        await user.press("enter")
        await user.see("late-1")
        told = user.listen()
        await user.type(":at noon")
        await user.press("enter")
        await user.until(lambda: any("not a moment" in each for each in told), "why not")


async def test_ten_thousand_that_fail_alike_are_ranked_once_and_only_some_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ranked: list[int] = []
    read: list[int] = []

    def counting_group(failing: Any, *args: Any, **more: Any) -> Any:
        found = list(failing)
        ranked.append(len(found))
        return group_by_cause(found, *args, **more)

    def counting_past(members: Any, *args: Any) -> Any:
        read.append(len(members))
        return past_of(members, *args)

    monkeypatch.setattr(f"{ROWS}.group_by_cause", counting_group)
    monkeypatch.setattr(f"{ROWS}.past_of", counting_past)
    async with running(world(pods=10_000), size=SMALL) as user:
        await to_problems(user)
        await user.see("10,000 problems in ")
        await user.see("▸ Pod +×10,000 web-2 ")
        await user.see("Likely  rollout 2 of Deployment web")
        await user.see("10 of 10,000 tell")
        assert sum(ranked) <= 2, "once while they are found, once for all"
        await user.press("right")
        await user.see("! Pod +  web-2-0 ")
        await user.press("G")
        await user.see("web-2-9999")
        await user.until(lambda: len(read) > 10, "what is in sight is read")
        assert len(read) < 200
        assert sum(ranked) <= 2
