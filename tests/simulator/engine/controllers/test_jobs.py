from __future__ import annotations

import pytest

from kwatch.simulator.engine import jobs
from kwatch.simulator.engine.objects import find_condition
from kwatch.simulator.engine.shapes import cron_job
from kwatch.simulator.scenario.plan import Behaviour
from kwatch.simulator.scenario.spec import CronWorkload
from tests.simulator.engine.controllers.small_cluster import SmallCluster


def _cluster(cron: CronWorkload) -> SmallCluster:
    cluster = SmallCluster(crons=(cron,))
    cluster.world.create(cron_job(cron), "argocd-controller")
    cluster.world.spawn(cluster.control.cron_jobs.keep_time((cron.namespace, cron.name)))
    return cluster


def test_a_cron_job_runs_in_time_and_keeps_a_few() -> None:
    cron = CronWorkload("tick", "shop", "tick:1", "* * * * *", ("tick",), takes=(3.0, 6.0), keep_succeeded=2)
    cluster = _cluster(cron)
    cluster.run(370.0)
    jobs = cluster.store.list("jobs.batch")
    assert 2 <= len(jobs) <= 3
    done = [job for job in jobs if find_condition(job["status"].get("conditions", ()), "Complete")]
    assert len(done) == 2
    assert all(job["status"]["succeeded"] == 1 for job in done)
    assert all(job["metadata"]["name"] == f"tick-{_minute(job)}" for job in jobs)
    status = cluster.get("cronjobs.batch", "tick")["status"]
    assert status["lastSuccessfulTime"] > status["lastScheduleTime"] or "active" in status
    assert len(cluster.pods()) == len(jobs)


def _minute(job: dict[str, dict[str, dict[str, str]]]) -> int:
    from kwatch.base.timestamp import parse_timestamp

    return int(parse_timestamp(job["metadata"]["annotations"]["batch.kubernetes.io/cronjob-scheduled-timestamp"]) // 60)


def test_a_job_that_fails_is_tried_again_and_then_given_up() -> None:
    cron = CronWorkload("fail", "shop", "fail:1", "*/30 * * * *", ("fail",), takes=(2.0, 3.0), fails_every=1)
    cluster = _cluster(cron)
    cluster.run(jobs.next_time(cron.schedule, cluster.clock.now) - cluster.clock.now + 90.0)
    (job,) = cluster.store.list("jobs.batch")
    failed = find_condition(job["status"]["conditions"], "Failed")
    assert failed is not None
    assert failed["reason"] == "BackoffLimitExceeded"
    assert job["status"]["failed"] == 3
    assert [pod["status"]["phase"] for pod in cluster.pods()] == ["Failed"] * 3
    assert {pod["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"] for pod in cluster.pods()} == {1}


def test_a_run_is_left_out_while_the_one_before_goes_on() -> None:
    cron = CronWorkload("slow", "shop", "slow:1", "* * * * *", ("slow",), takes=(100.0, 100.0))
    cluster = _cluster(cron)
    cluster.run(180.0)
    assert len(cluster.store.list("jobs.batch")) <= 2
    assert "JobAlreadyActive" in {each["reason"] for each in cluster.store.list("events")}


@pytest.mark.parametrize("every", [1, 3, 5])
def test_every_nth_run_fails(every: int) -> None:
    cron = CronWorkload("fail", "shop", "fail:1", "*/2 * * * *", ("fail",), fails_every=every)
    behaviour = Behaviour((), (cron,))
    runs = [behaviour.fails(cron, 120.0 * number) for number in range(30)]
    assert sum(runs) == 30 // every
