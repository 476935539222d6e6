from __future__ import annotations

import pytest

from kwatch.simulator.api.responses import Form, StatusError, negotiate, wants_aggregated_discovery

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", Form.OBJECT),
        ("*/*", Form.OBJECT),
        ("application/json", Form.OBJECT),
        ("application/json;stream=watch", Form.OBJECT),
        ("application/vnd.kubernetes.protobuf,application/json", Form.OBJECT),
        (TABLE, Form.TABLE),
        (f"{TABLE},application/json", Form.TABLE),
        (f"application/json;as=Table;v=v1beta1;g=meta.k8s.io, {TABLE}", Form.TABLE),
        ("application/json; as=Table; v=v1beta1; g=meta.k8s.io, application/json", Form.OBJECT),
        (f"application/json,{TABLE}", Form.OBJECT),
        ("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", Form.METADATA),
        ("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", Form.METADATA_LIST),
    ],
)
def test_the_first_acceptable_clause_decides(accept: str, form: Form) -> None:
    assert negotiate(accept) is form


@pytest.mark.parametrize("accept", ["text/html", "application/vnd.kubernetes.protobuf", "application/json;as=Poem"])
def test_what_cannot_be_given_is_406(accept: str) -> None:
    with pytest.raises(StatusError) as refused:
        negotiate(accept)
    assert (refused.value.code, refused.value.reason) == (406, "NotAcceptable")


def test_aggregated_discovery() -> None:
    asked = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
    assert wants_aggregated_discovery(asked)
    assert not wants_aggregated_discovery("application/json")
    assert not wants_aggregated_discovery(asked.replace("v=v2;", "v=v2beta1;"))
    assert not wants_aggregated_discovery("")
