"""Pods."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.catalog.column import Level
from kwatch.catalog.overview.common import condition_facts, metadata_facts, words
from kwatch.catalog.overview.containers import container_sections, optional
from kwatch.catalog.overview.facts import Fact, Section, fact, moment, sections
from kwatch.catalog.tree import Tree

_PHASES = {
    "Running": Level.GOOD,
    "Succeeded": Level.DONE,
    "Pending": Level.PROGRESS,
    "Terminating": Level.PROGRESS,
    "Failed": Level.BAD,
    "Unknown": Level.BAD,
}


def describe_pod(pod: Tree) -> tuple[Section, ...]:
    """All about a pod."""
    spec, status = pod["spec"], pod["status"]
    return sections(
        ("Pod", (*metadata_facts(pod), *_pod_facts(pod))),
        *container_sections(spec, status),
        ("Conditions", condition_facts(pod)),
        ("Volumes", volume_facts(spec)),
        ("Scheduling", scheduling_facts(spec)),
    )


def _pod_facts(pod: Tree) -> Iterator[Fact | None]:
    spec, status = pod["spec"], pod["status"]
    phase = status["phase"].text()
    if pod.at("metadata", "deletionTimestamp") and phase not in ("Succeeded", "Failed"):
        phase = "Terminating"
    yield fact("Status", phase, _PHASES.get(phase, Level.NONE))
    yield fact("Reason", status["reason"], Level.BAD)
    yield fact("Message", status["message"])
    node, host = spec["nodeName"].text(), status["hostIP"].text()
    yield fact("Node", f"{node}/{host}" if node and host else node)
    yield fact("Nominated Node", status["nominatedNodeName"])
    yield moment("Start Time", status["startTime"])
    yield fact("IPs", ", ".join([each["ip"].text() for each in status["podIPs"]]) or status["podIP"].text())
    yield fact("Service Account", spec["serviceAccountName"])
    yield fact("Priority", spec["priority"])
    yield fact("Priority Class", spec["priorityClassName"])
    yield fact("Runtime Class", spec["runtimeClassName"])
    yield fact("QoS Class", status["qosClass"])
    yield fact("Restart Policy", spec["restartPolicy"])
    yield fact("Seccomp Profile", spec.at("securityContext", "seccompProfile", "type"))
    yield fact("Limits", spec.at("resources", "limits").pairs())
    yield fact("Requests", spec.at("resources", "requests").pairs())
    grace = spec["terminationGracePeriodSeconds"].text()
    yield fact("Termination Grace Period", f"{grace}s" if grace else "")
    yield fact("Host Network", "yes" if spec["hostNetwork"].value is True else "")
    yield fact("Readiness Gates", ", ".join([each["conditionType"].text() for each in spec["readinessGates"]]))


def volume_facts(spec: Tree) -> Iterator[Fact | None]:
    """One fact a volume: what kind, and of what."""
    for volume in spec["volumes"]:
        kind = next((key for key, _ in volume.entries() if key != "name"), "")
        yield Fact(volume["name"].text("?"), _volume_text(kind, volume[kind]))


def _volume_text(kind: str, source: Tree) -> str:
    match kind:
        case "configMap":
            return f"config map {source['name'].text()}{optional(source)}"
        case "secret":
            return f"secret {source['secretName'].text()}{optional(source)}"
        case "persistentVolumeClaim":
            return f"claim {source['claimName'].text()}{', read only' if source['readOnly'].value is True else ''}"
        case "ephemeral":
            claim = source.at("volumeClaimTemplate", "spec")
            size, of_class = claim.at("resources", "requests", "storage").text(), claim["storageClassName"].text()
            return " ".join(["a claim of its own", *(each for each in (size, of_class) if each)])
        case "image":
            return f"image {source['reference'].text()}"
        case "downwardAPI":
            return "pod fields"
        case "emptyDir":
            medium, limit = source["medium"].text(), source["sizeLimit"].text()
            return " ".join(["empty directory", *(each for each in (medium, limit) if each)])
        case "hostPath":
            return f"host path {source['path'].text()}"
        case "projected":
            parts = [_projection_text(each) for each in source["sources"]]
            return f"projected from {', '.join([part for part in parts if part])}"
        case "csi":
            return f"CSI driver {source['driver'].text()}{', read only' if source['readOnly'].value is True else ''}"
        case "nfs":
            return f"NFS {source['server'].text()}:{source['path'].text()}"
    return kind


def _projection_text(source: Tree) -> str:
    if source["serviceAccountToken"]:
        return "service account token"
    if source["downwardAPI"]:
        return "pod fields"
    for key, word in (("configMap", "config map"), ("secret", "secret")):
        if source[key]:
            return f"{word} {source[key]['name'].text()}"
    return ""


def scheduling_facts(spec: Tree) -> Iterator[Fact | None]:
    """Where it may run."""
    yield fact("Scheduler", spec["schedulerName"])
    yield fact("Node Selectors", spec["nodeSelector"].pairs())
    yield fact("Scheduling Gates", ", ".join([each["name"].text() for each in spec["schedulingGates"]]))
    for key in ("nodeAffinity", "podAffinity", "podAntiAffinity"):
        yield fact(words(key), spec.at("affinity", key).compact())
    for each in spec["topologySpreadConstraints"]:
        skew, when = each["maxSkew"].text("1"), each["whenUnsatisfiable"].text()
        yield Fact("Topology Spread", f"{each['topologyKey'].text()} by at most {skew}, else {when}")
    for each in spec["tolerations"]:
        yield Fact("Toleration", toleration_text(each))


def toleration_text(toleration: Tree) -> str:
    """`node.kubernetes.io/not-ready:NoExecute op=Exists for 300s`."""
    text = toleration["key"].text()
    if toleration["value"]:
        text += f"={toleration['value'].text()}"
    if toleration["effect"]:
        text += f":{toleration['effect'].text()}"
    if toleration["operator"].text() == "Exists":
        text = f"{text} op=Exists".strip()
    seconds = toleration["tolerationSeconds"].text()
    return f"{text} for {seconds}s" if seconds else text
