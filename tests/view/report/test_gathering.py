from __future__ import annotations

from collections.abc import Iterator

import pytest

from kwatch.base.timestamp import timestamp
from kwatch.history.version import Moment
from kwatch.informer.kube_object import KubeObject
from kwatch.query.parser import parse
from kwatch.query.syntax import QuerySyntaxError
from kwatch.view.report.gathering import MOST_STORIES, NotKnown
from kwatch.view.report.story import Asked
from tests.history.objects import Feeder
from tests.view.relations.world import RESOURCES, make
from tests.view.report.incident import broken_image, report_of, shop
from tests.view.suspects.story import BROKE, NOW, READY, START, Story, crashed, template, waiting


@pytest.fixture
def story() -> Iterator[Story]:
    story = shop()
    yield story
    story.journal.close()


def test_what_broke_since_when_and_why(story: Story) -> None:
    report = report_of(broken_image(story))
    (told,) = report.stories
    assert (told.title, told.what, told.alike) == ("Deployment shop/web", "it crashes", "2 of 4 pods fail alike")
    assert told.since is not None and BROKE <= told.since - START <= BROKE + 30
    assert {each.name for each in told.affected} >= {"shop/web-2-a", "shop/web-2-b"}
    first = told.causes[0]
    assert (first.object, first.who) == ("rollout 2 of Deployment web", "argocd")
    assert first.diffs[0].path == "containers[web].image"
    assert first.diffs[0].lines == (("-", "shop/web:1"), ("+", "shop/web:2"))
    assert [each.kept_in for each in told.revisions] == ["web-2", "web-1"]
    assert [each.about for each in told.events] == ["Pod/web-2-a", "Pod/web-2-b"]
    assert "Deployment/web" in {each.lane for each in told.happenings}
    assert report.headline.startswith("Deployment shop/web: it crashes since ")


def test_where_all_is_well(story: Story) -> None:
    report = report_of(story)
    assert not report.stories and not report.unhealthy
    assert report.headline == f"Nothing is wrong among {report.objects} objects."


def test_one_object_also_a_healthy_one(story: Story) -> None:
    asked = Asked((RESOURCES["Service"], "shop/web"), words="Service shop/web")
    (told,) = report_of(story, asked).stories
    assert not told.is_failing and told.what == "nothing is known to be wrong with it"
    with pytest.raises(NotKnown, match="Service shop/gone is not there"):
        report_of(story, Asked((RESOURCES["Service"], "shop/gone")))


def test_one_that_was_deleted(story: Story) -> None:
    story.pod("c", crashed(), BROKE)
    story.delete(BROKE + 60, "Pod", "shop/web-1-c")
    (told,) = report_of(story, Asked((RESOURCES["Pod"], "shop/web-1-c"))).stories
    assert told.name == "shop/web-1-c"
    assert "deleted" in {each.type for each in told.happenings}


def test_what_a_filter_matches(story: Story) -> None:
    broken_image(story)
    story.put(BROKE, "PersistentVolumeClaim", "shop/data", spec={}, status={"phase": "Pending"})
    assert {each.kind for each in report_of(story).stories} == {"Deployment", "PersistentVolumeClaim"}
    assert {each.kind for each in report_of(story, Asked(query=parse("app=web"))).stories} == {"Deployment"}
    assert not report_of(story, Asked(query=parse("app=other"))).stories
    with pytest.raises(QuerySyntaxError):
        report_of(story, Asked(query=parse("age>often")))


def test_a_namespace(story: Story) -> None:
    broken_image(story)
    assert report_of(story, Asked(namespace="shop")).unhealthy
    assert not report_of(story, Asked(namespace="bank")).unhealthy


def test_as_of_a_moment_nothing_that_came_later_is_told(story: Story) -> None:
    story.roll_out(BROKE, template("shop/web:2"))
    story.pod("a", crashed(), BROKE + 20)
    assert story.journal.catch_up(10)
    moment = Moment(story.journal.last_sequence, START + BROKE + 30)
    story.pod("b", crashed(), BROKE + 60)
    report = report_of(story, now=moment.at, until=moment)
    assert {each.name for told in report.stories for each in told.affected if each.kind == "Pod"} == {"shop/web-2-a"}
    assert all(each.at <= moment.at for told in report.stories for each in told.happenings)


def test_since_bounds_what_is_told(story: Story) -> None:
    broken_image(story)
    (told,) = report_of(story, Asked(since=NOW - BROKE - 10)).stories
    assert told.happenings and all(each.at >= START + BROKE + 10 for each in told.happenings)


def test_what_healed_is_listed(story: Story) -> None:
    story.pod("a", crashed(), BROKE)
    story.pod("a", READY, BROKE + 60)
    report = report_of(story)
    assert not report.stories
    (healed,) = report.healed
    assert (healed.name, healed.until) == ("shop/web-1-a", START + BROKE + 60)


def test_many_failing_pods_are_one_story_and_bounded(story: Story) -> None:
    story.roll_out(BROKE, template("shop/web:2"))
    for number in range(300):
        story.pod(f"p{number}", waiting("ImagePullBackOff", "no such image"), BROKE + 20)
    (told,) = report_of(story).stories
    assert told.affected_count >= 300 and len(told.affected) == 12
    assert len(told.happenings) <= 160 and told.happenings_left_out > 100


def test_more_problems_than_are_told_are_said_to_be_left_out(story: Story) -> None:
    for number in range(MOST_STORIES + 300):
        name = f"shop/data-{number}"
        said = f'storageclass.storage.k8s.io "c{number}" not found'
        story.put(BROKE, "PersistentVolumeClaim", name, spec={}, status={"phase": "Pending"})
        story.warn(BROKE + 1, ("PersistentVolumeClaim", name), "ProvisioningFailed", said)
    report = report_of(story)
    assert (len(report.stories), len(report.others)) == (MOST_STORIES, 200)
    assert [each.split()[0] for each in report.left_out] == ["100", "Only"]


def test_what_was_watched_and_its_gaps(story: Story) -> None:
    sink = story.journal.sink("ctx", "widgets.example.com", "bank")
    sink.on_gap(START + 3000, START + 3100, "connection refused")
    report = report_of(story)
    watched = {each.resource: each for each in report.watched}
    assert watched["widgets.example.com"].namespaces == ("bank",)
    assert watched["pods"].namespaces == () and watched["pods"].objects == 2
    (gap,) = report.gaps
    assert (gap.resources, gap.until - gap.since, gap.why) == (("widgets.example.com",), 100.0, "connection refused")


def test_clocks_that_differ_are_said(story: Story) -> None:
    feeder = Feeder(story.journal.sink("ctx", "configmaps"), at=START + BROKE + 180)
    for number in range(9):
        story.put(BROKE + number, "ConfigMap", f"shop/new-{number}", data={})
    assert not report_of(story).doubts
    for number in range(200):
        made = make("ConfigMap", f"shop/late-{number}").tree()
        made["metadata"] |= {
            "creationTimestamp": timestamp(START + BROKE + number),
            "resourceVersion": str(number + 9000),
        }
        feeder.add(KubeObject.of(made))
    (doubt,) = report_of(story).doubts
    assert "about 3m" in doubt and "behind" in doubt


def test_the_same_moment_makes_the_same_report(story: Story) -> None:
    broken_image(story)
    assert report_of(story) == report_of(story)
