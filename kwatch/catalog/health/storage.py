"""Claims that stay unbound, volumes that are lost, attachments that fail."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.catalog.column import Level
from kwatch.catalog.health import Problem, Rule, after, sentence
from kwatch.catalog.kinds.storage import Attachment, Claim, Volume

UNBOUND_AFTER = 60.0
FIRST_POD_AFTER = 300.0
_PROVISIONER = ("volume.kubernetes.io/storage-provisioner", "volume.beta.kubernetes.io/storage-provisioner")


def find_claim_problems(claim: Claim) -> Iterator[Problem]:
    """Unbound for too long, or bound to a volume that is gone."""
    if claim.status.phase == "Lost":
        yield Problem("its volume is lost")
    elif claim.status.phase == "Pending":
        why, patience = _why_unbound(claim)
        yield Problem(f"unbound: {why}", Level.WARNING, since=after(claim.metadata.created, patience))


def _why_unbound(claim: Claim) -> tuple[str, float]:
    """The reason, and for how long it is none to worry about."""
    annotations = claim.metadata.annotations or {}
    provisioner = next((annotations[each] for each in _PROVISIONER if annotations.get(each)), None)
    if provisioner is not None:
        return f"{provisioner} has made no volume yet", UNBOUND_AFTER
    if not claim.spec.storage_class_name:
        return "no volume satisfies it yet", UNBOUND_AFTER
    # Nobody was asked for a volume: its class may be missing, or binds when the first pod comes.
    return f"no volume of class {claim.spec.storage_class_name} yet; it may wait for its first pod", FIRST_POD_AFTER


def find_volume_problems(volume: Volume) -> Iterator[Problem]:
    if volume.status.phase == "Failed":
        yield Problem(sentence("could not be reclaimed", volume.status.message))


def find_attachment_problems(attachment: Attachment) -> Iterator[Problem]:
    if attachment.status.attach_error is not None:
        yield Problem(sentence("cannot be attached", attachment.status.attach_error.message))
    if attachment.status.detach_error is not None:
        yield Problem(sentence("cannot be detached", attachment.status.detach_error.message))


CLAIMS = Rule(Claim, find_claim_problems)
VOLUMES = Rule(Volume, find_volume_problems)
ATTACHMENTS = Rule(Attachment, find_attachment_problems)
