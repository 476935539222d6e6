"""Volumes for claims: provisioned once the first pod that needs them has found its node."""

from __future__ import annotations

from kwatch.simulator.scenario.agenda import Process
from kwatch.simulator.scenario.objects import storage
from kwatch.simulator.scenario.objects.kube import Object, name_of, namespace_of, revised
from kwatch.simulator.scenario.recorder import Recorder
from kwatch.simulator.scenario.world import World

CLAIMS = "persistentvolumeclaims"
_PROVISIONER = f"{storage.PROVISIONER}_ebs-csi-controller-0"
_BINDER = "persistentvolume-controller"


class VolumeBinder:
    """Provisions and binds."""

    def __init__(self, world: World, recorder: Recorder) -> None:
        self._world = world
        self._recorder = recorder

    def bind_claims(self, pod: Object, node: Object) -> Process:
        """Wait until every claim of a pod that is to run on a node has its volume."""
        for volume in pod["spec"].get("volumes", ()):
            if "persistentVolumeClaim" in volume:
                key = (namespace_of(pod), volume["persistentVolumeClaim"]["claimName"])
                claim = self._world.get(CLAIMS, key)
                if claim is not None and claim["status"]["phase"] == "Pending":
                    yield from self._provision(claim, node)

    def _provision(self, claim: Object, node: Object) -> Process:
        key = (namespace_of(claim), name_of(claim))
        notes = {
            "volume.kubernetes.io/selected-node": name_of(node),
            "volume.kubernetes.io/storage-provisioner": storage.PROVISIONER,
        }
        given = {**claim["metadata"].get("annotations", {}), **notes}
        claim = self._world.update(revised(claim, metadata={"annotations": given}), "kube-scheduler")
        waiting = (
            f"Waiting for a volume to be created either by the external provisioner '{storage.PROVISIONER}' or "
            "manually by the system administrator. If volume creation is delayed, please verify that the provisioner "
            "is running and correctly registered."
        )
        self._recorder.normal(claim, "ExternalProvisioning", waiting, _BINDER)
        text = f'External provisioner is provisioning volume for claim "{key[0]}/{key[1]}"'
        self._recorder.normal(claim, "Provisioning", text, _PROVISIONER)
        yield self._world.between(2.0, 5.0)
        current = self._world.get(CLAIMS, key)
        if current is None or current["status"]["phase"] == "Bound":
            return
        zone = node["metadata"]["labels"]["topology.kubernetes.io/zone"]
        volume = storage.volume(current, zone, self._reclaim_policy(current), self._world.now())
        self._world.create(volume, "csi-provisioner")
        text = f"Successfully provisioned volume {name_of(volume)}"
        self._recorder.normal(current, "ProvisioningSucceeded", text, _PROVISIONER)
        yield self._world.between(0.1, 0.4)
        current = self._world.get(CLAIMS, key)
        if current is not None:
            self._bind(current, volume)

    def _reclaim_policy(self, claim: Object) -> str:
        storage_class = self._world.get("storageclasses.storage.k8s.io", ("", claim["spec"]["storageClassName"]))
        return str(storage_class["reclaimPolicy"]) if storage_class else "Delete"

    def _bind(self, claim: Object, volume: Object) -> None:
        given = {**claim["metadata"].get("annotations", {}), **storage.bound_annotations()}
        bound = revised(claim, metadata={"annotations": given}, spec={"volumeName": name_of(volume)})
        claim = self._world.update(bound, "kube-controller-manager")
        status = {
            "phase": "Bound",
            "accessModes": claim["spec"]["accessModes"],
            "capacity": volume["spec"]["capacity"],
        }
        self._world.update({**claim, "status": status}, "kube-controller-manager", "status")
