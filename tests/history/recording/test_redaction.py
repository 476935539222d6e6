from __future__ import annotations

import json

import pytest

from kwatch.history.recording.redaction import Redaction
from kwatch.informer.masking import is_masked

WORD = "hunter2-hunter2"


def test_chosen_paths() -> None:
    tree = {
        "metadata": {"annotations": {"example.com/token": WORD, "other": "stays"}},
        "spec": {"containers": [{"name": "a", "env": [{"name": "X", "value": WORD}]}, {"name": "b"}]},
    }
    redaction = Redaction(["metadata.annotations[example.com/token]", "pods:spec.containers[*].env[*].value"])
    assert WORD not in json.dumps(redaction.redact("pods", tree))
    assert redaction.redact("pods", tree)["metadata"]["annotations"]["other"] == "stays"
    other = redaction.redact("deployments.apps", tree)
    assert other["spec"] == tree["spec"]
    assert is_masked(other["metadata"]["annotations"]["example.com/token"])


@pytest.mark.parametrize("text", ["", "pods:", "a..b", "a[x.y"])
def test_a_path_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no path"):
        Redaction([text])
