"""Random filters over random pods: the indices, a scan, and a plain reading of the rules agree."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.informer.kube_object import KubeObject
from kwatch.query import parse
from tests.query.cluster import context, indexer, pod

Rule = Callable[[KubeObject], bool]

keys = st.builds(
    "{}/{}-{}".format, st.sampled_from(["a", "a-b", "c"]), st.sampled_from(["web", "Db"]), st.integers(0, 4)
)
labels = st.dictionaries(st.sampled_from(["app", "env", "tier"]), st.sampled_from(["", "x", "y", "web"]), max_size=3)
specs = st.fixed_dictionaries({}, optional={"priority": st.integers(0, 4), "paused": st.booleans()})
pods = st.builds(
    lambda key, given_labels, node, phase, restarts, spec: pod(
        key, labels=given_labels, node=node, phase=phase, restarts=restarts, spec=spec
    ),
    keys,
    labels,
    st.sampled_from(["", "node-1", "node-2"]),
    st.sampled_from(["Running", "Pending", "Failed"]),
    st.integers(0, 4),
    specs,
)


def label_rule(key: str, value: str) -> tuple[str, Rule]:
    return f"{key}={value}", lambda each: each.labels.get(key) == value


def priority(each: KubeObject) -> Any:
    return each["spec"].get("priority")


def over(limit: int) -> Rule:
    return lambda each: priority(each) is not None and priority(each) > limit


def text_rule(word: str) -> tuple[str, Rule]:
    def holds(each: KubeObject) -> bool:
        status = each["status"]["phase"]
        cells = [each.name, "1/1", status, each.node or "<none>", "<none>"]
        return any(word in cell.lower() for cell in cells) or word in each.labels

    return word, holds


simple = st.one_of(
    st.builds(label_rule, st.sampled_from(["app", "env", "tier"]), st.sampled_from(["x", "y", "web", ""])),
    st.sampled_from(["web", "db", "run", "env", "1/1", "node-", "zzz"]).map(text_rule),
    st.sampled_from(["x", "y"]).map(
        lambda value: (f"env notin ({value},z)", lambda each: each.labels.get("env") not in (value, "z"))
    ),
    st.sampled_from(["a", "c"]).map(lambda value: (f"ns:{value}", lambda each: each.namespace == value)),
    st.just(("ns:a*", lambda each: each.namespace.startswith("a"))),
    st.sampled_from(["1", "2"]).map(lambda value: (f"node:node-{value}", lambda each: each.node == f"node-{value}")),
    st.sampled_from(["Running", "Failed"]).map(
        lambda value: (f"status:{value}", lambda each: each["status"]["phase"] == value)
    ),
    st.integers(0, 4).map(lambda limit: (f".spec.priority>{limit}", over(limit))),
    st.just((".spec.paused=true", lambda each: each["spec"].get("paused") is True)),
    st.just((".spec.priority", lambda each: priority(each) is not None)),
    st.integers(0, 4).map(
        lambda limit: (
            f"restarts<={limit}",
            lambda each: each["status"]["containerStatuses"][0]["restartCount"] <= limit,
        )
    ),
    st.just(("/^web-[0-2]$/", lambda each: re.fullmatch("web-[0-2]", each.name) is not None)),
    st.just(("-l tier,!app", lambda each: "tier" in each.labels and "app" not in each.labels)),
)


def opposite(rule: tuple[str, Rule]) -> tuple[str, Rule]:
    text, holds = rule
    return f"!{text}", lambda each: not holds(each)


rules = st.lists(st.one_of(simple, simple.map(opposite)), min_size=1, max_size=4)


@settings(max_examples=400)
@given(st.lists(pods, max_size=25), rules, st.booleans())
def test_indices_scans_and_the_rules_agree(
    objects: list[KubeObject], terms: list[tuple[str, Rule]], all_indices: bool
) -> None:
    by_key = {each.key: each for each in objects}
    cache = indexer(by_key.values(), on_demand=all_indices)
    expected = {key for key, each in by_key.items() if all(holds(each) for _, holds in terms)}
    compiled = parse(" ".join(text for text, _ in terms)).compile(context(cache))
    candidates = compiled.candidates()
    assert {key for key, each in by_key.items() if compiled.matches(key, each)} == expected
    assert candidates is None or candidates >= expected
    if not compiled.needs_scan:
        assert candidates == expected
