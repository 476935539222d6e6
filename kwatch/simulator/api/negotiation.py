"""In which form the client wants the answer, by its Accept header."""

from __future__ import annotations

from enum import Enum

from kwatch.simulator.api.status import not_acceptable


class Form(Enum):
    """The forms an object, a list or a watch can take."""

    OBJECT = ""
    TABLE = "Table"
    METADATA = "PartialObjectMetadata"
    METADATA_LIST = "PartialObjectMetadataList"


_ACCEPTED = "application/json"
_JSON = frozenset({"application/json", "application/*", "*/*", ""})


def negotiate(accept: str) -> Form:
    """The first form in the header that the server can give; raise StatusError 406 if there is none."""
    for clause in accept.split(","):
        media_type, *parameters = (part.strip() for part in clause.split(";"))
        given = dict(parameter.partition("=")[::2] for parameter in parameters)
        if media_type not in _JSON or given.get("stream", "watch") != "watch":
            continue
        if "as" not in given:
            return Form.OBJECT
        if given.get("g", "meta.k8s.io") == "meta.k8s.io" and given.get("v", "v1") == "v1":
            form = _FORMS.get(given["as"])
            if form is not None:
                return form
    raise not_acceptable(f"only the following media types are accepted: {_ACCEPTED}")


def wants_aggregated_discovery(accept: str) -> bool:
    """Whether the first acceptable clause asks for all groups in one answer."""
    for clause in accept.split(","):
        media_type, *parameters = (part.strip() for part in clause.split(";"))
        if media_type not in _JSON:
            continue
        given = dict(parameter.partition("=")[::2] for parameter in parameters)
        if "as" not in given:
            return False
        if (given["as"], given.get("g"), given.get("v")) == ("APIGroupDiscoveryList", "apidiscovery.k8s.io", "v2"):
            return True
    return False


_FORMS = {form.value: form for form in Form if form.value}
