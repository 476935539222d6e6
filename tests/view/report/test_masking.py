"""Names that are not to be known: the same pseudonym throughout, and no trace of the name."""

from __future__ import annotations

import pytest

from kwatch.view.report.html import html
from kwatch.view.report.markdown import markdown
from kwatch.view.report.masking import LONGEST, NameMask, finished
from kwatch.view.report.story import Asked
from tests.history.objects import Feeder
from tests.test_secrets import HIDDEN, secret
from tests.view.report.incident import broken_image, report_of, shop
from tests.view.suspects.story import BROKE, START, Story, crashed, template

NAMES = ("acme", "warehouse", "node-eu-7", "registry.acme.example", "10.1.2.3", "alice@acme.example", "fd00:1::7")


def named() -> Story:
    story = shop()
    image = "registry.acme.example/warehouse/web:2"
    story.put(BROKE - 60, "ConfigMap", "shop/warehouse", "alice@acme.example", data={"HOST": "db.acme.example"})
    environment = [{"configMapRef": {"name": "warehouse"}}]
    story.roll_out(
        BROKE, template(image, envFrom=environment, env=[{"name": "URL", "value": "acme"}]), by="acme-deployer"
    )
    story.put(BROKE, "Node", "node-eu-7", spec={}, status={})
    story.pod("a", crashed(), BROKE + 20, nodeName="node-eu-7")
    said = f'Failed to pull image "{image}": dial tcp 10.1.2.3:443, [fd00:1::7]:443, pod "warehouse-x" on node-eu-7'
    story.warn(BROKE + 25, ("Pod", "shop/web-2-a"), "Failed", said)
    return story


def test_no_name_is_left() -> None:
    story = named()
    asked = Asked(words="everything in shop", mask_names=True)
    report = report_of(story, asked, server="https://api.acme.example")
    for text in (html(report), markdown(report)):
        assert not [name for name in NAMES if name in text]
        assert not [name for name in ("web-2-a", "shop/web", "argocd-acme", "acme-deployer") if name in text]
        assert "address-1" in text and "image-1" in text
    told = next(each for each in report.stories if each.kind == "Deployment")
    assert told.name == "namespace-1/deployment-1"
    assert {each.lane.partition("/")[2] for each in told.happenings if each.lane.startswith("Deployment")} == {
        "deployment-1"
    }
    assert {line for diff in told.causes[0].diffs for _, line in diff.lines if "left out" in line}
    story.journal.close()


def test_without_being_asked_names_stay() -> None:
    story = named()
    text = html(report_of(story))
    assert all(name in text for name in ("warehouse", "node-eu-7", "10.1.2.3", "acme-deployer"))
    story.journal.close()


def test_pseudonyms_are_the_same_throughout_and_made_of_parts() -> None:
    mask = NameMask()
    for name, kind in (("web", "deployment"), ("web-1", "pod"), ("shop", "namespace"), ("true", "label"), ("7", "pod")):
        mask.know(name, kind)
    assert mask.masked("web-1 of web in shop, web-1-x, shop/web, true 7") == (
        "pod-1 of deployment-1 in namespace-1, pod-1-x, namespace-1/deployment-1, true 7"
    )
    assert mask.masked('configmap "nowhere" not found, configmap "nowhere"') == (
        'configmap "name-1" not found, configmap "name-1"'
    )


@pytest.mark.parametrize(
    "text",
    ["at 14:02:10", "spec.template.spec.containers 1.4.2 -> 1.5.0", "8 of 10 pods", "kube-system", "kubectl-edit"],
)
def test_what_names_nothing_stays(text: str) -> None:
    mask = NameMask()
    mask.know("web", "deployment")
    mask.know("kube-system", "namespace")
    mask.know_writer("kubectl-edit")
    assert mask.masked(text) == text


def test_texts_are_on_one_line_harmless_and_not_too_long() -> None:
    (text, long, marked) = finished(("a\nb\x1b[2J\u202e", "x" * 5000, "*** (5 bytes, 0a1b2c)"))
    assert text.isprintable() and "\n" not in text
    assert long.startswith("x" * LONGEST) and long.endswith(" more characters") and len(long) < LONGEST + 40
    assert marked == "*** (5 bytes)"


def test_secrets_are_in_no_report() -> None:
    story = broken_image(shop())
    feeder = Feeder(story.journal.sink("ctx", "secrets"), at=START + BROKE - 30)
    feeder.replace(secret(version=1, name="credentials"))
    feeder.update(secret("swordfish-2026", version=2, name="credentials"))
    report = report_of(story)
    assert any(cause.place == "secrets shop/credentials" for cause in report.stories[0].causes)
    for text in (html(report), markdown(report), repr(report)):
        assert not [word for word in HIDDEN if word in text]
        assert "bytes" in text
    story.journal.close()
