"""Nodes, volumes, claims, events, autoscalers, quotas, limits; config maps, secrets, service accounts, roles, bindings.

Never a value of a secret.
"""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.base.quantity import quantity_order, quantity_text
from kwatch.catalog.column import Level
from kwatch.catalog.overview.facts import (
    Fact,
    Section,
    condition_facts,
    fact,
    flag,
    metadata_facts,
    moment,
    plain_facts,
    seconds,
    sections,
    words,
)
from kwatch.catalog.tree import Tree
from kwatch.informer.masking import masked_length


def describe_node(node: Tree) -> tuple[Section, ...]:
    spec, status = node["spec"], node["status"]
    info = status["nodeInfo"]
    return sections(
        ("Node", (*metadata_facts(node), *_spec_facts(spec))),
        ("Conditions", condition_facts(node)),
        ("Addresses", (fact(each["type"].text("?"), each["address"]) for each in status["addresses"])),
        ("Resources", _resource_facts(status)),
        ("System", (fact(words(key), value) for key, value in info.entries())),
        ("Images", (fact(_image_name(each), _size(each["sizeBytes"])) for each in status["images"])),
    )


def _spec_facts(spec: Tree) -> Iterator[Fact | None]:
    if spec["unschedulable"].value is True:
        yield Fact("Unschedulable", "yes", Level.WARNING)
    for taint in spec["taints"]:
        value = f"={taint['value'].text()}" if taint["value"] else ""
        yield Fact("Taint", f"{taint['key'].text()}{value}:{taint['effect'].text()}")
    yield fact("Pod CIDRs", spec["podCIDRs"].joined() or spec["podCIDR"].text())
    yield fact("Provider ID", spec["providerID"])


def _resource_facts(status: Tree) -> Iterator[Fact | None]:
    allocatable = status["allocatable"]
    for name, capacity in status["capacity"].entries():
        usable = _amount(name, allocatable[name] or capacity)
        yield Fact(name, f"{usable} allocatable of {_amount(name, capacity)}")


def _amount(name: str, quantity: Tree) -> str:
    number = quantity_order(quantity.text())
    return quantity.text() if number is None else quantity_text(name, number)


def _image_name(image: Tree) -> str:
    return next((name.text() for name in image["names"] if "@" not in name.text()), image["names"].joined())


def _size(size: Tree) -> str:
    return f"{size.number() / 1e6:.0f} MB"


def describe_event(event: Tree) -> tuple[Section, ...]:
    about = event["involvedObject"] or event["regarding"]
    source = event["source"] or event["deprecatedSource"]
    place = "/".join([part for part in (about["namespace"].text(), about["name"].text()) if part])
    kind = event["type"].text()
    facts = (
        fact("Type", kind, Level.WARNING if kind == "Warning" else Level.NONE),
        fact("Reason", event["reason"]),
        fact("Message", event["message"].text() or event["note"].text()),
        fact("About", f"{about['kind'].text()} {place}".strip()),
        fact("Part", about["fieldPath"]),
        fact("Action", event["action"]),
        fact("Count", event["count"].text() or event["deprecatedCount"].text() or event.at("series", "count").text()),
        moment("First Seen", event["firstTimestamp"] or event["deprecatedFirstTimestamp"] or event["eventTime"]),
        moment("Last Seen", _last(event)),
        fact("Reported By", event["reportingComponent"].text() or event["reportingController"].text()),
        fact("Source", " on ".join([part for part in (source["component"].text(), source["host"].text()) if part])),
    )
    return sections(("Event", (*facts, *metadata_facts(event))))


def _last(event: Tree) -> Tree:
    return event.at("series", "lastObservedTime") or event["lastTimestamp"] or event["deprecatedLastTimestamp"]


def describe_autoscaler(autoscaler: Tree) -> tuple[Section, ...]:
    spec, status = autoscaler["spec"], autoscaler["status"]
    target = spec["scaleTargetRef"]
    facts = (
        fact("Reference", f"{target['kind'].text()}/{target['name'].text()}"),
        fact("Minimum Replicas", spec["minReplicas"].text("1")),
        fact("Maximum Replicas", spec["maxReplicas"]),
        Fact("Replicas", f"{status['currentReplicas'].number()} current, {status['desiredReplicas'].number()} desired"),
        moment("Last Scale", status["lastScaleTime"]),
    )
    return sections(
        ("Horizontal Pod Autoscaler", (*metadata_facts(autoscaler), *facts)),
        ("Metrics", _metrics(spec, status)),
        *((f"{words(key)} Behavior", _scaling(spec.at("behavior", key))) for key in ("scaleUp", "scaleDown")),
        ("Conditions", condition_facts(autoscaler)),
    )


def _metrics(spec: Tree, status: Tree) -> Iterator[Fact]:
    measured = list(status["currentMetrics"])
    for place, metric in enumerate(spec["metrics"]):
        kind = metric["type"].text()
        key = kind[:1].lower() + kind[1:]
        wanted = metric[key]
        current = measured[place][key]["current"] if place < len(measured) else Tree(None)
        name = wanted["name"].text() or wanted.at("metric", "name").text()
        container = f" of container {wanted['container'].text()}" if wanted["container"] else ""
        yield Fact(f"{kind} {name}{container}", f"{_metric_amount(current)} of {_metric_amount(wanted['target'])}")


def _scaling(rules: Tree) -> Iterator[Fact | None]:
    yield seconds("Stabilization", rules["stabilizationWindowSeconds"])
    yield fact("Chosen Policy", rules["selectPolicy"])
    yield fact("Tolerance", rules["tolerance"])
    for policy in rules["policies"]:
        kind, value = policy["type"].text(), policy["value"].text()
        amount = f"{value}%" if kind == "Percent" else f"{value} {kind.lower()}"
        yield Fact("Policy", f"at most {amount} in {policy['periodSeconds'].text('?')}s")


def _metric_amount(place: Tree) -> str:
    if place["averageUtilization"].value is not None:
        measured = f" ({place['averageValue'].text()})" if place["averageValue"] else ""
        return f"{place['averageUtilization'].text()}%{measured}"
    if place["averageValue"]:
        return f"{place['averageValue'].text()} on average"
    return place["value"].text("unknown")


def describe_quota(quota: Tree) -> tuple[Section, ...]:
    return sections(
        ("Resource Quota", (*metadata_facts(quota), fact("Scopes", quota.at("spec", "scopes").joined()))),
        ("Used", quota_facts(quota)),
    )


def quota_facts(quota: Tree) -> Iterator[Fact]:
    """How much of each resource is used."""
    used = quota.at("status", "used")
    hard = quota.at("status", "hard") or quota.at("spec", "hard")
    for name, most in hard.entries():
        yield Fact(name, f"{used[name].text('0')} of {most.text()}")


def describe_limit_range(limit_range: Tree) -> tuple[Section, ...]:
    return sections(
        ("Limit Range", metadata_facts(limit_range)),
        *((f"Limits of a {each['type'].text('?')}", limit_facts(each)) for each in limit_range.at("spec", "limits")),
    )


def limit_facts(limit: Tree) -> Iterator[Fact]:
    """What containers, pods or claims must keep to."""
    for key, meaning in (
        ("min", "at least"),
        ("max", "at most"),
        ("defaultRequest", "default request"),
        ("default", "default limit"),
        ("maxLimitRequestRatio", "limit to request ratio at most"),
    ):
        for name, value in limit[key].entries():
            yield Fact(name, f"{meaning} {value.text()}")


def describe_config_map(config_map: Tree) -> tuple[Section, ...]:
    return sections(
        ("Config Map", (*metadata_facts(config_map), _immutable(config_map))),
        ("Data", (Fact(key, value.text()) for key, value in config_map["data"].entries())),
        ("Binary Data", (Fact(key, _decoded_size(value)) for key, value in config_map["binaryData"].entries())),
    )


def describe_secret(secret: Tree) -> tuple[Section, ...]:
    return sections(
        ("Secret", (*metadata_facts(secret), fact("Type", secret["type"]), _immutable(secret))),
        ("Data", (Fact(key, _decoded_size(value)) for key, value in secret["data"].entries())),
    )


def _immutable(obj: Tree) -> Fact | None:
    return flag("Immutable", obj["immutable"])


def _decoded_size(encoded: Tree) -> str:
    """How many bytes a base64 text stands for, or its mask."""
    text = encoded.text()
    masked = masked_length(text)
    size = masked if masked is not None else len(text) * 3 // 4 - text[-2:].count("=")
    return "1 byte" if size == 1 else f"{size} bytes"


def describe_service_account(account: Tree) -> tuple[Section, ...]:
    facts = (
        fact("Image Pull Secrets", account["imagePullSecrets"].names()),
        fact("Mountable Secrets", account["secrets"].names()),
        fact("Mounts Its Token", account["automountServiceAccountToken"]),
    )
    return sections(("Service Account", (*metadata_facts(account), *facts)))


def describe_role(role: Tree) -> tuple[Section, ...]:
    return sections((words(role["kind"].text("Role")), metadata_facts(role)), ("Rules", _rules(role)))


def _rules(role: Tree) -> Iterator[Fact]:
    for rule in role["rules"]:
        groups = [group.value or "" for group in rule["apiGroups"]] or [""]
        subjects = [
            f"{resource.text()}.{group}" if group else resource.text()
            for group in groups
            for resource in rule["resources"]
        ]
        names = rule["resourceNames"].joined()
        what = ", ".join(subjects) or rule["nonResourceURLs"].joined()
        yield Fact(f"{what} named {names}" if names else what, rule["verbs"].joined())


def describe_binding(binding: Tree) -> tuple[Section, ...]:
    role = binding["roleRef"]
    return sections(
        (
            words(binding["kind"].text("RoleBinding")),
            (*metadata_facts(binding), Fact("Role", f"{role['kind'].text()}/{role['name'].text()}")),
        ),
        ("Subjects", (Fact(each["kind"].text("?"), _subject(each)) for each in binding["subjects"])),
    )


def _subject(subject: Tree) -> str:
    name, namespace = subject["name"].text(), subject["namespace"].text()
    return f"{namespace}/{name}" if namespace else name


_SPEC_OF_A_VOLUME = frozenset(
    {
        "accessModes",
        "capacity",
        "claimRef",
        "mountOptions",
        "nodeAffinity",
        "persistentVolumeReclaimPolicy",
        "storageClassName",
        "volumeAttributesClassName",
        "volumeMode",
    }
)


def describe_volume(volume: Tree) -> tuple[Section, ...]:
    spec = volume["spec"]
    source = next((key for key, _ in spec.entries() if key not in _SPEC_OF_A_VOLUME), "")
    return sections(
        ("Persistent Volume", (*metadata_facts(volume), *_volume_facts(volume))),
        (f"Source {source}".strip(), plain_facts(spec[source])),
        ("Node Affinity", (fact("Required", spec.at("nodeAffinity", "required").compact()),)),
    )


def _volume_facts(volume: Tree) -> Iterator[Fact | None]:
    spec, status = volume["spec"], volume["status"]
    claim = spec["claimRef"]
    yield fact("Status", status["phase"])
    yield fact("Reason", status["reason"])
    yield fact("Message", status["message"])
    yield fact("Claim", f"{claim['namespace'].text()}/{claim['name'].text()}" if claim else "")
    yield fact("Capacity", spec.at("capacity", "storage"))
    yield from _common_facts(spec)
    yield fact("Reclaim Policy", spec["persistentVolumeReclaimPolicy"])
    yield fact("Mount Options", spec["mountOptions"].joined())


def describe_claim(claim: Tree) -> tuple[Section, ...]:
    spec, status = claim["spec"], claim["status"]
    source = spec["dataSource"]
    facts = (
        fact("Status", status["phase"]),
        fact("Volume", spec["volumeName"]),
        fact("Capacity", status.at("capacity", "storage")),
        fact("Requested", spec.at("resources", "requests", "storage")),
        *_common_facts(spec),
        fact("Data Source", f"{source['kind'].text()}/{source['name'].text()}" if source else ""),
    )
    return sections(
        ("Persistent Volume Claim", (*metadata_facts(claim), *facts)), ("Conditions", condition_facts(claim))
    )


def _common_facts(spec: Tree) -> Iterator[Fact | None]:
    yield fact("Storage Class", spec["storageClassName"])
    yield fact("Volume Attributes Class", spec["volumeAttributesClassName"])
    yield fact("Access Modes", spec["accessModes"].joined())
    yield fact("Volume Mode", spec["volumeMode"])
