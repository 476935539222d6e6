"""Pods and their containers: what they run, how they are, where they may run, what they may use."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.catalog.column import Level
from kwatch.catalog.overview.facts import (
    Fact,
    Section,
    condition_facts,
    fact,
    flag,
    metadata_facts,
    moment,
    seconds,
    sections,
    words,
)
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
    yield fact("IPs", status["podIPs"].names("ip") or status["podIP"].text())
    yield fact("Service Account", spec["serviceAccountName"])
    yield fact("Priority", spec["priority"])
    yield fact("Priority Class", spec["priorityClassName"])
    yield fact("Runtime Class", spec["runtimeClassName"])
    yield fact("QoS Class", status["qosClass"])
    yield fact("Restart Policy", spec["restartPolicy"])
    yield fact("Seccomp Profile", spec.at("securityContext", "seccompProfile", "type"))
    yield fact("Limits", spec.at("resources", "limits").pairs())
    yield fact("Requests", spec.at("resources", "requests").pairs())
    yield seconds("Termination Grace Period", spec["terminationGracePeriodSeconds"])
    yield flag("Host Network", spec["hostNetwork"])
    yield fact("Readiness Gates", spec["readinessGates"].names("conditionType"))


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
    yield fact("Scheduling Gates", spec["schedulingGates"].names())
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


_PROBES = {"livenessProbe": "Liveness", "readinessProbe": "Readiness", "startupProbe": "Startup"}


def container_sections(spec: Tree, status: Tree) -> Iterator[tuple[str, Iterator[Fact | None]]]:
    """One section a container, init containers first, with what `status` says of them."""
    for key, statuses, title in (
        ("initContainers", "initContainerStatuses", "Init Container"),
        ("containers", "containerStatuses", "Container"),
        ("ephemeralContainers", "ephemeralContainerStatuses", "Ephemeral Container"),
    ):
        by_name = {each["name"].text(): each for each in status[statuses]}
        for container in spec[key]:
            name = container["name"].text("?")
            yield f"{title} {name}", container_facts(container, by_name.get(name, Tree(None)))


def container_facts(container: Tree, status: Tree) -> Iterator[Fact | None]:
    """Everything about one container."""
    yield fact("Image", container["image"])
    yield fact("Image ID", status["imageID"])
    yield fact("Container ID", status["containerID"])
    yield fact("Ports", ", ".join([_port(port) for port in container["ports"]]))
    yield fact("Command", container["command"].joined(" "))
    yield fact("Args", container["args"].joined(" "))
    if status:
        yield from _state_facts("State", status["state"])
        yield from _state_facts("Last State", status["lastState"])
        ready = status["ready"].value is True
        yield Fact("Ready", str(ready), Level.GOOD if ready else Level.WARNING)
        restarts = status["restartCount"].number()
        yield Fact("Restart Count", str(restarts), Level.WARNING if restarts else Level.NONE)
    yield fact("Restart Policy", container["restartPolicy"])
    yield fact("Limits", container.at("resources", "limits").pairs())
    yield fact("Requests", container.at("resources", "requests").pairs())
    for key, label in _PROBES.items():
        if container[key]:
            yield Fact(label, probe_text(container[key]))
    yield from _environment(container)
    for mount in container["volumeMounts"]:
        mode = "ro" if mount["readOnly"].value is True else "rw"
        part = mount["subPath"].text() or mount["subPathExpr"].text()
        within = f", path {part}" if part else ""
        yield Fact("Mount", f"{mount['mountPath'].text()} from {mount['name'].text()} ({mode}{within})")
    for device in container["volumeDevices"]:
        yield Fact("Device", f"{device['devicePath'].text()} from {device['name'].text()}")
    yield fact("Resource Claims", container.at("resources", "claims").names())


def _port(port: Tree) -> str:
    number = f"{port['containerPort'].text()}/{port['protocol'].text('TCP')}"
    named = f"{port['name'].text()}:{number}" if port["name"] else number
    return f"{named} (host {port['hostPort'].text()})" if port["hostPort"] else named


def _state_facts(label: str, state: Tree) -> Iterator[Fact | None]:
    running, waiting, ended = state["running"], state["waiting"], state["terminated"]
    if ended.value is not None:
        code = f"signal {ended['signal'].text()}" if ended["signal"] else f"exit code {ended['exitCode'].text('0')}"
        reason = ": ".join([part for part in (ended["reason"].text(), ended["message"].text()) if part])
        level = Level.DONE if ended["exitCode"].value == 0 else Level.BAD
        yield Fact(label, f"Terminated, {code}" + (f", {reason}" if reason else ""), level)
        yield moment(f"{label} Started", ended["startedAt"])
        yield moment(f"{label} Finished", ended["finishedAt"])
    elif waiting.value is not None:
        reason = ": ".join([part for part in (waiting["reason"].text(), waiting["message"].text()) if part])
        starting = waiting["reason"].text() in ("ContainerCreating", "PodInitializing", "")
        yield Fact(label, f"Waiting, {reason}" if reason else "Waiting", Level.PROGRESS if starting else Level.BAD)
    elif running.value is not None:
        yield Fact(label, "Running", Level.GOOD)
        yield moment(f"{label} Started", running["startedAt"])


def probe_text(probe: Tree) -> str:
    """`http-get http://:8080/healthz delay=0s timeout=1s period=10s #success=1 #failure=3`."""
    get, port = probe["httpGet"], probe["tcpSocket"]
    if get:
        scheme = get["scheme"].text("HTTP").lower()
        action = f"http-get {scheme}://{get['host'].text()}:{get['port'].text()}{get['path'].text('/')}"
    elif port:
        action = f"tcp-socket {port['host'].text()}:{port['port'].text()}"
    elif probe["grpc"]:
        action = f"grpc :{probe.at('grpc', 'port').text()} {probe.at('grpc', 'service').text()}".rstrip()
    else:
        action = f"exec [{probe.at('exec', 'command').joined(' ')}]"
    times = " ".join(
        [
            f"{label}={probe[key].text(default)}{unit}"
            for label, key, default, unit in (
                ("delay", "initialDelaySeconds", "0", "s"),
                ("timeout", "timeoutSeconds", "1", "s"),
                ("period", "periodSeconds", "10", "s"),
                ("#success", "successThreshold", "1", ""),
                ("#failure", "failureThreshold", "3", ""),
            )
        ]
    )
    return f"{action} {times}"


def _environment(container: Tree) -> Iterator[Fact | None]:
    for source in container["envFrom"]:
        for key, word in (("configMapRef", "config map"), ("secretRef", "secret")):
            if source[key]:
                prefix = f" with prefix {source['prefix'].text()}" if source["prefix"] else ""
                yield Fact("Environment from", f"{word} {source[key]['name'].text()}{prefix}{optional(source[key])}")
    for variable in container["env"]:
        yield Fact("Environment", f"{variable['name'].text('?')}={_variable_value(variable)}")


def optional(reference: Tree) -> str:
    """What to add to a reference that may lead nowhere."""
    return ", optional" if reference["optional"].value is True else ""


def _variable_value(variable: Tree) -> str:
    source = variable["valueFrom"]
    for key, word in (("configMapKeyRef", "config map"), ("secretKeyRef", "secret")):
        if source[key]:
            return f"<key {source[key]['key'].text()} of {word} {source[key]['name'].text()}{optional(source[key])}>"
    if source["fieldRef"]:
        return f"<field {source.at('fieldRef', 'fieldPath').text()}>"
    if source["resourceFieldRef"]:
        return f"<resource {source.at('resourceFieldRef', 'resource').text()}>"
    return variable["value"].text()
