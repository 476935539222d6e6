"""Whatever a name is the name of, and wherever it is said, it is in no report that masks names."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwatch.query.parser import parse
from kwatch.view.report import Log
from kwatch.view.report.html import html
from kwatch.view.report.markdown import markdown
from kwatch.view.report.masking import NameMask
from kwatch.view.report.story import Asked
from tests.view.report.incident import report_of, shop
from tests.view.suspects.story import BROKE, Story, crashed, template


class Names:
    """Each place's own, which nothing else is called."""

    def __init__(self) -> None:
        self.of: dict[str, str] = {}

    def __call__(self, place: str) -> str:
        return self.of.setdefault(place, f"zq{len(self.of)}x{place.replace(' ', '')[:3].lower()}")

    def left_in(self, text: str) -> list[str]:
        return [place for place, name in self.of.items() if name in text.lower()]


@pytest.fixture
def names() -> Names:
    return Names()


def named(names: Names) -> Story:
    """A workload that fails, and everything about it is called something."""
    story, n = shop(), names
    image = f"registry.{n('registry')}.example/{n('repository')}/{n('image')}:1-{n('tag')}@sha256:{'0' * 64}"
    mounted = {"name": n("volume"), "persistentVolumeClaim": {"claimName": n("claim")}}
    made = template(
        image,
        name=n("container"),
        env=[
            {"name": f"{n('variable').upper()}_HOST", "value": n("value of a variable")},
            {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": n("secret"), "key": n("key of a secret")}}},
        ],
        envFrom=[{"configMapRef": {"name": n("config map")}}],
        args=[f"--to={n('argument')}"],
        volumeMounts=[{"name": n("volume"), "mountPath": f"/srv/{n('path')}"}],
        readinessProbe={"httpGet": {"path": f"/{n('path of a probe')}", "port": n("name of a port")}},
    )
    made["metadata"]["labels"] |= {f"{n('domain of a label')}.example/owner": n("label"), n("key of a label"): "yes"}
    made["metadata"]["annotations"] = {f"{n('domain of an annotation')}.io/note": n("annotation")}
    made["spec"] |= {
        "serviceAccountName": n("account"),
        "volumes": [mounted],
        "nodeSelector": {n("key of a selector"): n("selected")},
        "imagePullSecrets": [{"name": n("pull secret")}],
        "priorityClassName": n("priority"),
        "schedulerName": n("scheduler"),
        "hostAliases": [{"ip": "10.0.0.7", "hostnames": [f"{n('alias')}.example"]}],
    }
    story.put(BROKE - 60, "ConfigMap", f"shop/{n('config map')}", n("writer"), data={f"{n('file')}.conf": n("content")})
    story.roll_out(BROKE, made, by=f"{n('user')}@example.com")
    addresses = [
        {"type": "Hostname", "address": f"ip.{n('host')}.internal"},
        {"type": "InternalIP", "address": "10.9.8.7"},
    ]
    story.put(
        BROKE, "Node", n("node"), spec={"providerID": f"cloud:///{n('machine')}"}, status={"addresses": addresses}
    )
    said = (
        f'Failed to pull image "{image}": {n("image")} on {n("node")}; MountVolume.SetUp failed for "{n("volume")}": '
        f"configmap '{n('config map')}' and secret `{n('secret')}` for pod {n('node')}_shop({n('account')}), "
        f"user system:serviceaccount:shop:{n('account')} cannot; {n('variable').upper()}_HOST, "
        f"key {n('key of a secret')}"
    )
    for number in range(3):
        story.pod(f"{n('pod')}-{number}", crashed(), BROKE + 20, nodeName=n("node"))
        story.warn(BROKE + 25, ("Pod", f"shop/web-2-{n('pod')}-{number}"), "Failed", said)
    status = {
        "phase": "Running",
        "containerStatuses": [{"name": n("other container"), **crashed()["containerStatuses"][0]}],
    }
    status["containerStatuses"][0]["name"] = n("other container")  # type: ignore[index]
    spec = {"containers": [{"name": n("other container"), "image": n("bare image")}]}
    story.put(BROKE, "Pod", f"{n('namespace')}/{n('other pod')}", spec=spec, status=status)
    story.put(BROKE, "ServiceAccount", f"shop/system:{n('part of a name')}:x", secrets=[])
    return story


def logs(names: Names) -> Iterator[Log]:
    yield Log(
        f"shop/web, container {names('container')}: exit 1",
        (
            f"GET https://{names('host')}.example/ from {names('node')}",
            f"loading {names('config map')}, {names('label')}",
        ),
    )


def test_no_name_is_left_wherever_it_is_said(names: Names) -> None:
    story = named(names)
    names("recording"), names("filter")
    asked = Asked(
        words=f"what matches {names('filter')} in {names('namespace')}",
        query=parse(f"!{names('filter')}"),
        mask_names=True,
    )
    report = report_of(
        story, asked, logs=lambda pod: logs(names), is_recording=True, recording=f"{names('recording')}.kwatch"
    )
    for text in (html(report), markdown(report)):
        assert names.left_in(text) == []
        assert not re.search(r"\b(shop|web|settings|credentials|node-1)\b", text)
    story.journal.close()


def test_the_same_story_has_all_of_them_unless_names_are_masked(names: Names) -> None:
    """Else the test above would prove nothing."""
    story = named(names)
    text = html(report_of(story, logs=lambda pod: logs(names)))
    said = {
        "registry",
        "image",
        "container",
        "config map",
        "secret",
        "node",
        "pod",
        "user",
        "namespace",
        "other container",
    }
    assert said <= set(names.left_in(text))
    story.journal.close()


NAME = st.from_regex(r"[a-u][a-z0-9]{2,8}(-[a-z0-9]{1,5}){0,2}", fullmatch=True)


@settings(max_examples=200)
@given(
    st.lists(NAME, min_size=1, max_size=6, unique=True), st.sampled_from(["{}", '"{}"', "({})", "/{}/", "x:{},", "{}."])
)
def test_no_name_is_left_in_any_text(known: list[str], around: str) -> None:
    mask = NameMask()
    for name in known:
        mask.know(name, "name")
    text = mask.masked(" ".join(around.format(name) for name in known))
    pseudonym = re.compile(r"name-\d+")
    for name in known:
        if not pseudonym.search(name) and name not in ("default", "kubernetes") and name not in "name":
            assert not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", pseudonym.sub("", text)), text
