"""Containers: what they run, how they are, what they may use."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.catalog.column import Level
from kwatch.catalog.overview.facts import Fact, fact, moment
from kwatch.catalog.tree import Tree

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
    yield fact("Resource Claims", ", ".join([each["name"].text() for each in container.at("resources", "claims")]))


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
