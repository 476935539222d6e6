"""What the kubelets do: pull images, start containers, probe them, restart them, stop them, and report."""

from kwatch.simulator.scenario.kubelet.kubelet import Kubelet

__all__ = ["Kubelet"]
