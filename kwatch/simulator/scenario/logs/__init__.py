"""What containers write: believable lines at believable times, the same whenever they are asked for."""

from kwatch.simulator.scenario.logs.logs import Logs

__all__ = ["Logs"]
