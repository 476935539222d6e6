"""What lives in the simulated cluster: a small platform team's objects, and controllers that keep them moving."""

from kwatch.simulator.scenario.scenario import Scenario

__all__ = ["Scenario"]
