"""Config maps, secrets, service accounts and roles: never a value of a secret."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.catalog.overview.common import metadata_facts, words
from kwatch.catalog.overview.facts import Fact, Section, fact, sections
from kwatch.catalog.tree import Tree
from kwatch.informer.redaction import masked_length


def describe_config_map(config_map: Tree) -> tuple[Section, ...]:
    """All about a config map."""
    return sections(
        ("Config Map", (*metadata_facts(config_map), _immutable(config_map))),
        ("Data", (Fact(key, value.text()) for key, value in config_map["data"].entries())),
        ("Binary Data", (Fact(key, _size(value)) for key, value in config_map["binaryData"].entries())),
    )


def describe_secret(secret: Tree) -> tuple[Section, ...]:
    """All about a secret but what it hides."""
    return sections(
        ("Secret", (*metadata_facts(secret), fact("Type", secret["type"]), _immutable(secret))),
        ("Data", (Fact(key, _size(value)) for key, value in secret["data"].entries())),
    )


def _immutable(obj: Tree) -> Fact | None:
    return fact("Immutable", "yes" if obj["immutable"].value is True else "")


def _size(encoded: Tree) -> str:
    """How many bytes a base64 text stands for, or its mask."""
    text = encoded.text()
    masked = masked_length(text)
    size = masked if masked is not None else len(text) * 3 // 4 - text[-2:].count("=")
    return "1 byte" if size == 1 else f"{size} bytes"


def describe_service_account(account: Tree) -> tuple[Section, ...]:
    """All about a service account."""
    facts = (
        fact("Image Pull Secrets", ", ".join([each["name"].text() for each in account["imagePullSecrets"]])),
        fact("Mountable Secrets", ", ".join([each["name"].text() for each in account["secrets"]])),
        fact("Mounts Its Token", account["automountServiceAccountToken"]),
    )
    return sections(("Service Account", (*metadata_facts(account), *facts)))


def describe_role(role: Tree) -> tuple[Section, ...]:
    """All about a role: what it allows on what."""
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
    """All about a binding: which role, and who has it."""
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
