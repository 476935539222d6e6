"""Scenario files: what is wrong with one is a sentence with file and place; what is right can be played."""

from __future__ import annotations

from pathlib import Path

import pytest

from kwatch.simulator.scenario.checks import load_own_scenario
from kwatch.simulator.scenario.loader import DEFAULT, ScenarioError, calm_scenario, incident_scenario
from kwatch.simulator.scenario.plan import plan

WEB = "{name: web, namespace: a, image: 'web:1'%s}"
CRON = "{name: sweep, namespace: a, image: 'sweep:1', schedule: '* * * * *'%s}"


def _load(tmp_path: Path, text: str) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(text)
    load_own_scenario(path)


def test_an_incident_is_what_it_adds_to_what_goes_on_every_day() -> None:
    calm, incident = calm_scenario(), incident_scenario("lowered-limit")
    assert [each for each in incident.opening if each not in calm.opening] == [incident.opening[-1]]
    assert incident.stories.keys() - calm.stories.keys() == {"lowered-limit"}
    assert (incident.deck, incident.workloads) == (calm.deck, calm.workloads)


def test_aliases_cannot_blow_a_file_up(tmp_path: Path) -> None:
    rows = [f"    k{n}: &a{n} [{', '.join([f'*a{n - 1}' if n else 'x'] * 10)}]" for n in range(12)]
    with pytest.raises(ScenarioError, match="aliases"):
        _load(tmp_path, "\n".join(["cluster_objects:", "  - applied_by: x", *rows]))


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("workloads: [", "line 2, column 1", "did not find"),
        ("[]", "", "Expected `object`, got `array`"),
        ("", "", "Expected `object`, got `null`"),
        ("namespace: a\nnamespace: b", "line 2, column 1", "namespace is there twice"),
        ("deck: &a\n  - {x: *a}", "its aliases make it larger", ""),
        ('"a\\e[31m": 1', "", "unknown field `a?[31m`"),
        ("colour: red", "", "unknown field `colour`"),
        (f"workloads: [{WEB % ', replicas: many'}]", "workloads[0].replicas", "Expected `int`, got `str`"),
        (f"workloads: [{WEB % ', replics: 3'}]", "workloads[0]", "unknown field `replics`"),
        ("workloads: [{name: web, namespace: a}]", "workloads[0]", "missing required field `image`"),
        (f"workloads: [{WEB % ', replicas: -1'}]", "workloads[0].replicas", "Expected `int` >= 0"),
        (f"workloads: [{WEB % ', language: cobol'}]", "workloads[0] (web).language", "cobol is none of go"),
        (f"workloads: [{WEB % ', kind: DaemonSet'}]", "workloads[0] (web).kind", "belongs to `daemons`"),
        (f"workloads: [{WEB % ', cpu: fast'}]", "workloads[0] (web).cpu", "'fast' is no amount of CPU"),
        (f"workloads: [{WEB % ', memory: 1Q'}]", "workloads[0] (web).memory", "'1Q' is no amount of memory"),
        (f"workloads: [{WEB % ', memory_limit: lots'}]", "workloads[0] (web).memory_limit", "no amount of memory"),
        (f"workloads: [{WEB % ', max_surge: some'}]", "workloads[0] (web).max_surge", "neither a number nor a share"),
        (f"workloads: [{WEB % ', ready_after: [5, 1]'}]", "workloads[0] (web).ready_after", "no range of seconds"),
        (f"workloads: [{WEB % ', history: [0.1, 0.1]'}]", "workloads[0].history[0]", "Expected `str`"),
        ("workloads: [{name: web, namespace: a, image: 'w:a', history: [a]}]", "workloads[0] (web).history", "twice"),
        ("stories: {x: {happens_to: workload, target: Pod/a/b, steps: []}}", "stories.x.target", "'Pod/a/b' is no"),
        (f"workloads: [{WEB % ', service: Internal'}]", "workloads[0] (web).service", "Internal is none of"),
        (f"workloads: [{WEB % ''}, {WEB % ''}]", "workloads[1] (web)", "two of this name in a"),
        ("workloads: [{name: Web, namespace: a, image: 'web:1'}]", "workloads[0] (Web).name", "is no name"),
        ("workloads: [{name: web, namespace: a, image: web}]", "workloads[0] (web).image", "has no tag"),
        (f"cron_jobs: [{CRON.replace('* * * * *', 'daily') % ''}]", "cron_jobs[0] (sweep).schedule", "five fields"),
        (f"cron_jobs: [{CRON.replace('* * * * *', '61 * * * *') % ''}]", "cron_jobs[0] (sweep).schedule", "'61 *"),
        (f"cron_jobs: [{CRON.replace('* * * * *', '9-5 * * * *') % ''}]", "cron_jobs[0] (sweep).schedule", "'9-5 *"),
        (f"cron_jobs: [{CRON % ', takes: [9, 1]'}]", "cron_jobs[0] (sweep).takes", "no range of seconds"),
        ("troubles: {crash_loops: [{workload: x, namespace: a}]}", "troubles.crash_loops[0]", "no deployment x in a"),
        ("cluster_objects: [{applied_by: me, objects: [{kind: Role}]}]",
         "cluster_objects[0].objects[0]", "field apiVersion"),
        ("cluster_objects: [{applied_by: me, objects: [{apiVersion: v9, kind: Odd, metadata: {name: x}}]}]",
         "cluster_objects[0].objects[0]", "serves no Odd of v9"),
        ("opening: [{at: 1, story: dance}]", "opening[0].story", "there is no story 'dance'"),
        ("deck: [{times: 0, story: release}]", "deck[0].times", "Expected `int` >= 1"),
        ("stories: {x: {happens_to: king, steps: []}}", "stories.x.happens_to", "'king' is none of"),
        ("stories: {x: {happens_to: pod, steps: [fail_probe: {seconds: [1, 2], messages: []}]}}",
         "stories.x.steps[0].fail_probe", "length >= 1"),
        ("stories: {x: {happens_to: pod, steps: [dance]}}", "stories.x.steps[0]", "there is no step 'dance'"),
        ("stories: {x: {happens_to: pod, steps: [cordon]}}", "stories.x.steps[0]", "happens to a node, not to a pod"),
        ("stories: {x: {happens_to: pod, steps: [wait: long]}}", "stories.x.steps[0].wait", "neither a number nor"),
        ("stories: {x: {happens_to: pod, steps: [wait: -1]}}", "stories.x.steps[0].wait", "neither a number nor"),
        ("stories: {x: {happens_to: pod, repeat: true, steps: [delete_pod]}}", "stories.x.repeat", "needs a wait"),
        ("stories: {x: {happens_to: workload, target: web, steps: []}}", "stories.x.target", "KIND/NAMESPACE/NAME"),
        ("programs: {bash: {period: 0, lines: [x]}}", "programs[...].period", "Expected `float` >= 0.01"),
        ("generated: {replicas: [0]}", "generated.replicas[0]", "Expected `int` >= 1"),
        ("pods: -5", "pods", "Expected `int` >= 0"),
        (f"workloads: [{WEB % ', age_days: .inf'}]", "workloads[0].age_days", "Expected `float` <= 10000.0"),
        (f"workloads: [{WEB % ', age_days: .nan'}]", "workloads[0].age_days", "Expected `float` >= 0.0"),
        ("namespace: Shop", "namespace", "'Shop' is no name"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_file_and_place(tmp_path: Path, text: str, place: str, problem: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        _load(tmp_path, text)
    message = str(raised.value)
    assert message.startswith(f"{tmp_path}/my.yaml: {place}"), message
    assert problem in message
    assert "\n" not in message


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"nothing\.yaml: No such file"):
        load_own_scenario(tmp_path / "nothing.yaml")
    with pytest.raises(ScenarioError, match="not a file"):
        load_own_scenario(tmp_path)
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00\xff")
    with pytest.raises(ScenarioError, match=r"bytes\.yaml"):
        load_own_scenario(tmp_path / "bytes.yaml")


def test_the_shipped_scenario_is_as_strict_as_ones_own(tmp_path: Path) -> None:
    _load(tmp_path, DEFAULT.read_text())


def test_without_a_number_a_scenario_has_the_pods_of_its_workloads(tmp_path: Path) -> None:
    from random import Random

    (tmp_path / "my.yaml").write_text(f"workloads: [{WEB % ', replicas: 7'}]")
    made = plan(load_own_scenario(tmp_path / "my.yaml"), 0, Random(1))
    assert [each.replicas for each in made.workloads] == [7]
    assert made.generated == ()
