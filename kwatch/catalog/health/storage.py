"""Claims that nobody binds, volumes that are lost, attachments that fail."""

from __future__ import annotations

from collections.abc import Iterator

from kwatch.catalog.column import Level
from kwatch.catalog.health.assessment import Finding, after, sentence
from kwatch.catalog.health.shapes import Judged
from kwatch.catalog.shapes import Shape

UNBOUND_AFTER = 60.0


class ClaimStatus(Shape, frozen=True):
    """What is read of the status."""

    phase: str = "Pending"


class Claim(Judged, frozen=True):
    """What is read of a claim."""

    status: ClaimStatus = ClaimStatus()


class VolumeStatus(Shape, frozen=True):
    """What is read of the status."""

    phase: str = "Pending"
    message: str = ""


class Volume(Judged, frozen=True):
    """What is read of a volume."""

    status: VolumeStatus = VolumeStatus()


class VolumeError(Shape, frozen=True):
    """Why attaching or detaching failed."""

    message: str = ""


class AttachmentStatus(Shape, frozen=True):
    """What is read of the status."""

    attach_error: VolumeError | None = None
    detach_error: VolumeError | None = None


class Attachment(Judged, frozen=True):
    """What is read of an attachment."""

    status: AttachmentStatus = AttachmentStatus()


def find_claim_problems(claim: Claim) -> Iterator[Finding]:
    """Unbound for too long, or bound to a volume that is gone."""
    if claim.status.phase == "Lost":
        yield Finding("its volume is lost")
    elif claim.status.phase == "Pending":
        since = after(claim.metadata.created, UNBOUND_AFTER)
        yield Finding("unbound: no volume satisfies it yet", Level.WARNING, since=since)


def find_volume_problems(volume: Volume) -> Iterator[Finding]:
    """A volume that could not be reclaimed."""
    if volume.status.phase == "Failed":
        yield Finding(sentence("could not be reclaimed", volume.status.message))


def find_attachment_problems(attachment: Attachment) -> Iterator[Finding]:
    """What the attacher complains of."""
    if attachment.status.attach_error is not None:
        yield Finding(sentence("cannot be attached", attachment.status.attach_error.message))
    if attachment.status.detach_error is not None:
        yield Finding(sentence("cannot be detached", attachment.status.detach_error.message))
