"""Services, endpoints, ingresses and network policies."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.catalog.column import Level
from kwatch.catalog.overview.facts import (
    Fact,
    Section,
    condition_facts,
    fact,
    metadata_facts,
    seconds,
    sections,
    selector_text,
)
from kwatch.catalog.tree import Tree


def describe_service(service: Tree) -> tuple[Section, ...]:
    return sections(
        ("Service", (*metadata_facts(service), *_service_facts(service))),
        ("Ports", (_service_port(each) for each in service.at("spec", "ports"))),
        ("Conditions", condition_facts(service)),
    )


def _service_facts(service: Tree) -> Iterator[Fact | None]:
    spec = service["spec"]
    yield fact("Selector", spec["selector"].pairs(","))
    yield fact("Type", spec["type"])
    yield fact("IP Family Policy", spec["ipFamilyPolicy"])
    yield fact("IP Families", spec["ipFamilies"].joined())
    yield fact("Cluster IPs", spec["clusterIPs"].joined() or spec["clusterIP"].text())
    yield fact("External IPs", spec["externalIPs"].joined())
    yield fact("External Name", spec["externalName"])
    yield fact("Load Balancer", _addresses(service))
    yield fact("Load Balancer Class", spec["loadBalancerClass"])
    yield fact("Session Affinity", spec["sessionAffinity"])
    yield seconds("Session Affinity Time", spec.at("sessionAffinityConfig", "clientIP", "timeoutSeconds"))
    yield fact("Load Balancer Sources", spec["loadBalancerSourceRanges"].joined())
    yield fact("Health Check Node Port", spec["healthCheckNodePort"] if spec["healthCheckNodePort"].number() else "")
    yield fact("Traffic Distribution", spec["trafficDistribution"])
    yield fact("Not Ready Addresses", "published" if spec["publishNotReadyAddresses"].value is True else "")
    yield fact("External Traffic Policy", spec["externalTrafficPolicy"])
    yield fact("Internal Traffic Policy", spec["internalTrafficPolicy"])


def _addresses(obj: Tree) -> str:
    entries = obj.at("status", "loadBalancer", "ingress")
    return ", ".join([each["ip"].text() or each["hostname"].text() for each in entries])


def _service_port(port: Tree) -> Fact:
    number = f"{port['port'].text()}/{port['protocol'].text('TCP')}"
    target = f" to {port['targetPort'].text()}" if port["targetPort"] else ""
    node = f", node port {port['nodePort'].text()}" if port["nodePort"].number() else ""
    return Fact(port["name"].text("<unnamed>"), f"{number}{target}{node}")


def describe_endpoint_slice(endpoint_slice: Tree) -> tuple[Section, ...]:
    ports = ", ".join([_slice_port(each) for each in endpoint_slice["ports"]])
    facts = (fact("Address Type", endpoint_slice["addressType"]), fact("Ports", ports))
    return sections(
        ("Endpoint Slice", (*metadata_facts(endpoint_slice), *facts)),
        ("Endpoints", (endpoint_fact(each) for each in endpoint_slice["endpoints"])),
    )


def _slice_port(port: Tree) -> str:
    number = f"{port['port'].text('*')}/{port['protocol'].text('TCP')}"
    return f"{port['name'].text()}:{number}" if port["name"] else number


def endpoint_fact(endpoint: Tree) -> Fact:
    """Its addresses, whether it is ready, what stands behind it and where."""
    conditions, target = endpoint["conditions"], endpoint["targetRef"]
    is_ready = conditions["ready"].value is not False
    words = ["ready" if is_ready else "not ready"]
    if conditions["terminating"].value is True:
        words.append("terminating")
    if target:
        words.append(f"{target['kind'].text()}/{target['name'].text()}")
    if endpoint["nodeName"]:
        words.append(f"on {endpoint['nodeName'].text()}")
    return Fact(endpoint["addresses"].joined(), ", ".join(words), Level.GOOD if is_ready else Level.WARNING)


def describe_ingress(ingress: Tree) -> tuple[Section, ...]:
    spec = ingress["spec"]
    return sections(
        ("Ingress", (*metadata_facts(ingress), *_ingress_facts(ingress))),
        ("TLS", (fact(each["secretName"].text("<none>"), each["hosts"].joined() or "*") for each in spec["tls"])),
        ("Rules", _rules(spec)),
    )


def _ingress_facts(ingress: Tree) -> Iterator[Fact | None]:
    spec = ingress["spec"]
    yield fact("Class", spec["ingressClassName"])
    yield fact("Address", _addresses(ingress))
    if spec["defaultBackend"]:
        yield Fact("Default Backend", _backend(spec["defaultBackend"]))


def _rules(spec: Tree) -> Iterator[Fact]:
    for rule in spec["rules"]:
        for path in rule.at("http", "paths"):
            yield Fact(f"{rule['host'].text('*')}{path['path'].text('/')}", _backend(path["backend"]))


def _backend(backend: Tree) -> str:
    service, resource = backend["service"], backend["resource"]
    if resource:
        return f"{resource['kind'].text()}/{resource['name'].text()}"
    port = service.at("port", "name").text() or service.at("port", "number").text()
    return f"{service['name'].text()}:{port}"


def describe_network_policy(policy: Tree) -> tuple[Section, ...]:
    spec = policy["spec"]
    facts = (
        fact("Pod Selector", selector_text(spec["podSelector"]) or "all pods of the namespace"),
        fact("Policy Types", spec["policyTypes"].joined()),
    )
    return sections(
        ("Network Policy", (*metadata_facts(policy), *facts)),
        ("Ingress", (_policy_rule(each, "from") for each in spec["ingress"])),
        ("Egress", (_policy_rule(each, "to") for each in spec["egress"])),
    )


def _policy_rule(rule: Tree, direction: str) -> Fact:
    peers = " or ".join([_peer(each) for each in rule[direction]]) or "anywhere"
    ports = ", ".join([f"{each['port'].text('any')}/{each['protocol'].text('TCP')}" for each in rule["ports"]])
    return Fact(f"Allowed {direction}", f"{peers} on {ports}" if ports else peers)


def _peer(peer: Tree) -> str:
    block = peer["ipBlock"]
    if block:
        beyond = block["except"].joined()
        return f"{block['cidr'].text()} except {beyond}" if beyond else block["cidr"].text()
    parts = []
    if peer["namespaceSelector"].value is not None:
        parts.append(f"namespaces {selector_text(peer['namespaceSelector']) or 'all'}")
    if peer["podSelector"].value is not None:
        parts.append(f"pods {selector_text(peer['podSelector']) or 'all'}")
    return " and ".join(parts)
