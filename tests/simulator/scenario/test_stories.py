"""Stories as data: every step that may be written can be taken, and a scenario of one's own is played."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from kwatch.simulator.engine.simulation import Scenario
from kwatch.simulator.engine.steps import Performance
from kwatch.simulator.scenario.checks import load_own_scenario
from kwatch.simulator.scenario.loader import STEPS, check_story, story_catalog
from tests.simulator.engine.timeline import Clock, Object, ObservedStore

README = Path(__file__).parents[3] / "kwatch/simulator/scenario/README.md"


def test_every_step_is_a_method_and_every_method_a_step() -> None:
    methods = {name for name, _ in inspect.getmembers(Performance, inspect.isfunction) if not name.startswith("_")}
    assert methods - {"play"} == set(STEPS)


def test_the_shipped_stories_can_be_played() -> None:
    assert [problem for story in story_catalog().stories.values() for problem in check_story(story)] == []


class Player:
    """Plays a scenario file on a clock of its own and notes what was written."""

    def __init__(self, path: Path, *, seed: int = 1) -> None:
        self.clock = Clock()
        self.store = ObservedStore(self.clock)
        spec = load_own_scenario(path)
        self.scenario = Scenario(self.store, rate=4.0, seed=seed, spec=spec)
        self.scenario.populate()
        self.seen: list[tuple[float, str, Object]] = []
        start = self.clock.now
        self.store.observers.append(lambda change, _, new: self.seen.append((self.clock.now - start, change, new)))

    def play(self, seconds: float) -> None:
        end = self.clock.now + seconds
        while self.clock.now < end:
            self.clock.now += 0.25
            self.scenario.step()

    def reasons(self) -> dict[str, float]:
        """Each reason of an event, and when it was first recorded."""
        found: dict[str, float] = {}
        for at, _, obj in self.seen:
            if obj["kind"] == "Event":
                found.setdefault(obj["reason"], at)
        return found


def test_the_scenario_of_the_readme_is_played(tmp_path: Path) -> None:
    found = re.search(r"<!-- scenario -->\n```yaml\n(.*?)```", README.read_text(), re.DOTALL)
    assert found is not None
    (tmp_path / "bakery.yaml").write_text(found[1])
    player = Player(tmp_path / "bakery.yaml")
    pods = player.store.list("pods", "bakery")
    assert len([pod for pod in pods if pod["metadata"]["labels"]["app"] == "oven"]) == 3
    waiting = [
        status["state"].get("waiting", {}).get("reason")
        for pod in pods
        for status in pod["status"]["containerStatuses"]
    ]
    assert waiting.count("CrashLoopBackOff") == 2  # both pods of the till, which has no version before
    player.play(150.0)
    deployments = [obj for _, change, obj in player.seen if obj["kind"] == "Deployment" and change == "MODIFIED"]
    images = {each["spec"]["template"]["spec"]["containers"][0]["image"] for each in deployments}
    assert "registry.example/oven:1.4.1" in images or "registry.example/oven:1.5.0" in images
    killed = [
        at
        for at, _, obj in player.seen
        if obj["kind"] == "Pod"
        for status in obj["status"].get("containerStatuses", ())
        if status["state"].get("terminated", {}).get("reason") == "OOMKilled"
    ]
    assert killed and 60.0 <= killed[0] < 150.0


def test_the_smallest_scenario_lives(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("namespace: quiet\n")
    player = Player(tmp_path / "empty.yaml")
    assert player.store.get("namespaces", "quiet") is not None
    player.play(60.0)
    assert player.seen  # at least the leases


def test_an_outage_of_ones_own_is_told_at_its_time(tmp_path: Path) -> None:
    (tmp_path / "my.yaml").write_text(
        "workloads: [{name: web, namespace: a, image: 'web:1', replicas: 2}]\n"
        "opening: [{at: 10, story: dark}]\n"
        "stories: {dark: {happens_to: node, steps: [silence, wait: 5, lose, wait: [10, 11], find]}}\n"
    )
    player = Player(tmp_path / "my.yaml")
    player.play(60.0)
    reasons = player.reasons()
    assert 15.0 <= reasons["NodeNotReady"] < 18.0
    assert 25.0 <= reasons["NodeReady"] < 32.0
