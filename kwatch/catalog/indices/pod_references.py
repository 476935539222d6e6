"""What pods, and the templates of workloads, refer to: images, service accounts, config maps, secrets and claims.

References are indexed as `namespace/name`, so that a lookup needs no second look at the namespace.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from sys import intern

from kwatch.catalog.indices.partial import read_partially
from kwatch.catalog.shapes import Shape
from kwatch.informer.metadata import namespace_of
from kwatch.informer.protocol import Object


class _Named(Shape, frozen=True):
    name: str = ""


class _KeyReference(Shape, frozen=True):
    config_map_key_ref: _Named | None = None
    secret_key_ref: _Named | None = None


class _Variable(Shape, frozen=True):
    value_from: _KeyReference | None = None


class _Source(Shape, frozen=True):
    config_map_ref: _Named | None = None
    secret_ref: _Named | None = None


class _Container(Shape, frozen=True):
    image: str = ""
    env: tuple[_Variable, ...] | None = None
    env_from: tuple[_Source, ...] | None = None


class _Secret(Shape, frozen=True):
    secret_name: str = ""


class _Claim(Shape, frozen=True):
    claim_name: str = ""


class _Projection(Shape, frozen=True):
    config_map: _Named | None = None
    secret: _Named | None = None


class _Projected(Shape, frozen=True):
    sources: tuple[_Projection, ...] | None = None


class _Volume(Shape, frozen=True):
    config_map: _Named | None = None
    secret: _Secret | None = None
    persistent_volume_claim: _Claim | None = None
    projected: _Projected | None = None


class _PodSpec(Shape, frozen=True):
    containers: tuple[_Container, ...] | None = None
    init_containers: tuple[_Container, ...] | None = None
    volumes: tuple[_Volume, ...] | None = None
    image_pull_secrets: tuple[_Named, ...] | None = None
    service_account_name: str = ""


class _Template(Shape, frozen=True):
    spec: _PodSpec = _PodSpec()


class _Job(Shape, frozen=True):
    template: _Template | None = None


class _JobTemplate(Shape, frozen=True):
    spec: _Job = _Job()


class _Spec(_PodSpec, frozen=True):
    template: _Template | None = None
    job_template: _JobTemplate | None = None


class _Object(Shape, frozen=True):
    spec: _Spec = _Spec()
    template: _Template | None = None


def _pod_spec(obj: Object) -> _PodSpec:
    """The pod's own spec, or that of the template inside a workload, a cron job or a pod template."""
    shaped = read_partially(obj, _Object)
    job_template = shaped.spec.job_template
    template = (job_template.spec.template if job_template else None) or shaped.spec.template or shaped.template
    return template.spec if template else shaped.spec


def _containers(spec: _PodSpec) -> Iterator[_Container]:
    yield from spec.init_containers or ()
    yield from spec.containers or ()


def _in_namespace(obj: Object, names: Iterable[str]) -> Sequence[str]:
    namespace = namespace_of(obj)
    return tuple(dict.fromkeys([intern(f"{namespace}/{name}") for name in names if name]))


def image_index(obj: Object) -> Sequence[str]:
    """The images as written, each once."""
    return tuple({intern(container.image): None for container in _containers(_pod_spec(obj)) if container.image})


def service_account_index(obj: Object) -> Sequence[str]:
    """The service account."""
    return _in_namespace(obj, (_pod_spec(obj).service_account_name,))


def config_map_index(obj: Object) -> Sequence[str]:
    """Config maps in volumes and environments."""
    return _in_namespace(obj, _config_maps(_pod_spec(obj)))


def secret_index(obj: Object) -> Sequence[str]:
    """Secrets in volumes and environments, and those that pull images."""
    return _in_namespace(obj, _secrets(_pod_spec(obj)))


def claim_index(obj: Object) -> Sequence[str]:
    """Persistent volume claims that are mounted."""
    volumes = _pod_spec(obj).volumes or ()
    claims = (volume.persistent_volume_claim for volume in volumes)
    return _in_namespace(obj, (claim.claim_name for claim in claims if claim))


def _config_maps(spec: _PodSpec) -> Iterator[str]:
    for volume in spec.volumes or ():
        if volume.config_map:
            yield volume.config_map.name
        for source in (volume.projected.sources if volume.projected else None) or ():
            if source.config_map:
                yield source.config_map.name
    for container in _containers(spec):
        for each in container.env_from or ():
            if each.config_map_ref:
                yield each.config_map_ref.name
        for variable in container.env or ():
            if variable.value_from and variable.value_from.config_map_key_ref:
                yield variable.value_from.config_map_key_ref.name


def _secrets(spec: _PodSpec) -> Iterator[str]:
    for pull in spec.image_pull_secrets or ():
        yield pull.name
    for volume in spec.volumes or ():
        if volume.secret:
            yield volume.secret.secret_name
        for source in (volume.projected.sources if volume.projected else None) or ():
            if source.secret:
                yield source.secret.name
    for container in _containers(spec):
        for each in container.env_from or ():
            if each.secret_ref:
                yield each.secret_ref.name
        for variable in container.env or ():
            if variable.value_from and variable.value_from.secret_key_ref:
                yield variable.value_from.secret_key_ref.name
