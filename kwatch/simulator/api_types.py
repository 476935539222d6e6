"""The types an API server serves: one APIType a resource and version, built-in ones and those of definitions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

STANDARD_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
CUSTOM_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
"""The same verbs in the order in which the server names them for custom resources."""


@dataclass(frozen=True, slots=True)
class Subresource:
    """`pods/log`, `deployments/scale`: what can be asked of one object beside the object itself."""

    name: str
    kind: str
    verbs: tuple[str, ...]
    group: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class APIType:
    group: str
    version: str
    resource: str
    kind: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = STANDARD_VERBS
    subresources: tuple[Subresource, ...] = ()
    singular: str = ""
    list_kind: str = ""
    has_generation: bool = False
    """Whether metadata.generation counts the changes of its spec."""
    custom: bool = False
    """Whether a CustomResourceDefinition brought it."""
    stored_as: str = ""
    """The name in the store when another group's resource holds the objects: events.k8s.io is served from `events`."""
    selectable_fields: tuple[str, ...] = ()
    """Field labels a CustomResourceDefinition adds, as JSON paths: `.spec.color`."""

    @property
    def api_version(self) -> str:
        """What its objects carry: `v1`, `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def group_resource(self) -> str:
        """`pods`, `deployments.apps`: how messages and kubectl name it."""
        return f"{self.resource}.{self.group}" if self.group else self.resource

    @property
    def storage(self) -> str:
        return self.stored_as or self.group_resource

    @property
    def singular_name(self) -> str:
        """`pod`."""
        return self.singular or self.kind.lower()

    @property
    def kind_of_list(self) -> str:
        """`PodList`."""
        return self.list_kind or f"{self.kind}List"


class APITypes:
    """Every type served at the moment, in the order in which discovery names them; custom ones come and go."""

    def __init__(self, types: tuple[APIType, ...] = ()) -> None:
        self._by_path: dict[tuple[str, str, str], APIType] = {}
        self._by_kind: dict[tuple[str, str], APIType] = {}
        self._by_storage: dict[str, APIType] = {}
        self.generation = 0
        """Grows with every change, so that answers of discovery can be kept until then."""
        self.add(*types)

    def __iter__(self) -> Iterator[APIType]:
        return iter(self._by_path.values())

    def add(self, *types: APIType) -> None:
        """Serve more types. The first version of a group that comes is the preferred and the stored one."""
        for added in types:
            self._by_path[added.group, added.version, added.resource] = added
            self._by_kind[added.api_version, added.kind] = added
            if not added.stored_as:
                self._by_storage.setdefault(added.group_resource, added)
        self.generation += 1

    def remove(self, group: str, resource: str) -> None:
        """Serve a resource no longer, in none of its versions."""
        for removed in [each for each in self if (each.group, each.resource) == (group, resource)]:
            del self._by_path[removed.group, removed.version, removed.resource]
            del self._by_kind[removed.api_version, removed.kind]
            self._by_storage.pop(removed.group_resource, None)
        self.generation += 1

    def find(self, group: str, version: str, resource: str) -> APIType | None:
        """The type behind a path, or None."""
        return self._by_path.get((group, version, resource))

    def of_object(self, api_version: str, kind: str) -> APIType | None:
        """The type an object claims to be of, or None."""
        return self._by_kind.get((api_version, kind))

    def stored(self, storage: str) -> APIType | None:
        """The version in which the objects of a collection are stored: of `deployments.apps`, apps/v1."""
        return self._by_storage.get(storage)

    def versions(self) -> dict[str, list[str]]:
        """Group -> its versions, the preferred first. The core group is the empty string."""
        found: dict[str, list[str]] = {}
        for each in self:
            versions = found.setdefault(each.group, [])
            if each.version not in versions:
                versions.append(each.version)
        return found

    def in_version(self, group: str, version: str) -> list[APIType]:
        return [each for each in self if (each.group, each.version) == (group, version)]


CRD_STORAGE = "customresourcedefinitions.apiextensions.k8s.io"
_CHANGE = ("get", "patch", "update")


def types_of_definition(definition: dict[str, Any]) -> tuple[APIType, ...]:
    """One type a served version; the storage version first, for it is the one objects are stored in."""
    spec = definition["spec"]
    served = [version for version in spec["versions"] if version.get("served", True)]
    served.sort(key=lambda version: not version.get("storage", False))
    return tuple(_custom_type(spec, version) for version in served)


def _custom_type(spec: dict[str, Any], version: dict[str, Any]) -> APIType:
    names = spec["names"]
    return APIType(
        spec["group"],
        version["name"],
        names["plural"],
        names["kind"],
        namespaced=spec.get("scope", "Namespaced") == "Namespaced",
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        verbs=CUSTOM_VERBS,
        subresources=_subresources(spec["group"], version["name"], names["kind"], version.get("subresources") or {}),
        singular=names.get("singular", ""),
        list_kind=names.get("listKind", ""),
        has_generation=True,
        custom=True,
        selectable_fields=tuple(field["jsonPath"] for field in version.get("selectableFields") or ()),
    )


def _subresources(group: str, version: str, kind: str, declared: dict[str, Any]) -> tuple[Subresource, ...]:
    found = []
    if "status" in declared:
        found.append(Subresource("status", kind, _CHANGE, group, version))
    if "scale" in declared:
        found.append(Subresource("scale", "Scale", _CHANGE, "autoscaling", "v1"))
    return tuple(found)


OLDEST_MINOR, NEWEST_MINOR = 36, 37
"""Versions of Kubernetes as which the simulator can answer."""

_SUBRESOURCES = {
    "attach": ("PodAttachOptions", ("create", "get"), "", ""),
    "binding": ("Binding", ("create",), "", ""),
    "eviction": ("Eviction", ("create",), "policy", "v1"),
    "exec": ("PodExecOptions", ("create", "get"), "", ""),
    "finalize": ("", ("update",), "", ""),
    "log": ("Pod", ("get",), "", ""),
    "portforward": ("PodPortForwardOptions", ("create", "get"), "", ""),
    "proxy": ("ProxyOptions", ("create", "delete", "get", "patch", "update"), "", ""),
    "scale": ("Scale", _CHANGE, "autoscaling", "v1"),
    "token": ("TokenRequest", ("create",), "authentication.k8s.io", "v1"),
}
"""Kind, verbs, group and version of those that are not the object itself, to be read, patched and updated."""

# A line without indent is an apiVersion; below it: resource, kind, scope, and what is not as usual.
_TYPES = """
v1
  bindings Binding namespaced verbs=create
  componentstatuses ComponentStatus cluster short=cs verbs=get,list
  configmaps ConfigMap namespaced short=cm
  endpoints Endpoints namespaced short=ep
  events Event namespaced short=ev
  limitranges LimitRange namespaced short=limits
  namespaces Namespace cluster short=ns sub=finalize,status verbs=create,delete,get,list,patch,update,watch
  nodes Node cluster short=no sub=proxy,status
  persistentvolumeclaims PersistentVolumeClaim namespaced short=pvc sub=status
  persistentvolumes PersistentVolume cluster short=pv sub=status
  pods Pod namespaced short=po categories=all sub=attach,binding,ephemeralcontainers,eviction,\
exec,log,portforward,proxy,resize,status generation
  podtemplates PodTemplate namespaced
  replicationcontrollers ReplicationController namespaced short=rc categories=all sub=scale,status generation
  resourcequotas ResourceQuota namespaced short=quota sub=status
  secrets Secret namespaced
  serviceaccounts ServiceAccount namespaced short=sa sub=token
  services Service namespaced short=svc categories=all sub=proxy,status
apiregistration.k8s.io/v1
  apiservices APIService cluster categories=api-extensions sub=status
apps/v1
  controllerrevisions ControllerRevision namespaced
  daemonsets DaemonSet namespaced short=ds categories=all sub=status generation
  deployments Deployment namespaced short=deploy categories=all sub=scale,status generation
  replicasets ReplicaSet namespaced short=rs categories=all sub=scale,status generation
  statefulsets StatefulSet namespaced short=sts categories=all sub=scale,status generation
events.k8s.io/v1
  events Event namespaced short=ev stored_as=events
authentication.k8s.io/v1
  selfsubjectreviews SelfSubjectReview cluster verbs=create
  tokenreviews TokenReview cluster verbs=create
authorization.k8s.io/v1
  localsubjectaccessreviews LocalSubjectAccessReview namespaced verbs=create
  selfsubjectaccessreviews SelfSubjectAccessReview cluster verbs=create
  selfsubjectrulesreviews SelfSubjectRulesReview cluster verbs=create
  subjectaccessreviews SubjectAccessReview cluster verbs=create
autoscaling/v2
  horizontalpodautoscalers HorizontalPodAutoscaler namespaced short=hpa categories=all sub=status
autoscaling/v1
  horizontalpodautoscalers HorizontalPodAutoscaler namespaced short=hpa categories=all sub=status
batch/v1
  cronjobs CronJob namespaced short=cj categories=all sub=status generation
  jobs Job namespaced categories=all sub=status generation
certificates.k8s.io/v1
  certificatesigningrequests CertificateSigningRequest cluster short=csr sub=approval,status
networking.k8s.io/v1
  ingressclasses IngressClass cluster generation
  ingresses Ingress namespaced short=ing sub=status generation
  ipaddresses IPAddress cluster short=ip
  networkpolicies NetworkPolicy namespaced short=netpol generation
  servicecidrs ServiceCIDR cluster sub=status
policy/v1
  poddisruptionbudgets PodDisruptionBudget namespaced short=pdb sub=status generation
rbac.authorization.k8s.io/v1
  clusterrolebindings ClusterRoleBinding cluster
  clusterroles ClusterRole cluster
  rolebindings RoleBinding namespaced
  roles Role namespaced
storage.k8s.io/v1
  csidrivers CSIDriver cluster
  csinodes CSINode cluster
  csistoragecapacities CSIStorageCapacity namespaced
  storageclasses StorageClass cluster short=sc
  volumeattachments VolumeAttachment cluster sub=status
  volumeattributesclasses VolumeAttributesClass cluster short=vac
admissionregistration.k8s.io/v1
  mutatingadmissionpolicies MutatingAdmissionPolicy cluster categories=api-extensions generation
  mutatingadmissionpolicybindings MutatingAdmissionPolicyBinding cluster categories=api-extensions
  mutatingwebhookconfigurations MutatingWebhookConfiguration cluster categories=api-extensions generation
  validatingadmissionpolicies ValidatingAdmissionPolicy cluster \
categories=api-extensions sub=status generation
  validatingadmissionpolicybindings ValidatingAdmissionPolicyBinding cluster \
categories=api-extensions
  validatingwebhookconfigurations ValidatingWebhookConfiguration cluster \
categories=api-extensions generation
apiextensions.k8s.io/v1
  customresourcedefinitions CustomResourceDefinition cluster \
short=crd,crds categories=api-extensions sub=status generation
scheduling.k8s.io/v1
  priorityclasses PriorityClass cluster short=pc generation
coordination.k8s.io/v1
  leases Lease namespaced
node.k8s.io/v1
  runtimeclasses RuntimeClass cluster
discovery.k8s.io/v1
  endpointslices EndpointSlice namespaced generation
resource.k8s.io/v1
  deviceclasses DeviceClass cluster
  resourceclaims ResourceClaim namespaced sub=status
  resourceclaimtemplates ResourceClaimTemplate namespaced
  resourceslices ResourceSlice cluster
flowcontrol.apiserver.k8s.io/v1
  flowschemas FlowSchema cluster sub=status generation
  prioritylevelconfigurations PriorityLevelConfiguration cluster sub=status generation
"""
_SINCE_37 = """
certificates.k8s.io/v1
  clustertrustbundles ClusterTrustBundle cluster
  podcertificaterequests PodCertificateRequest namespaced sub=status
storage.k8s.io/v1
  csinodes CSINode cluster sub=status
resource.k8s.io/v1
  devicetaintrules DeviceTaintRule cluster sub=status
storagemigration.k8s.io/v1
  storageversionmigrations StorageVersionMigration cluster sub=status
"""
_METRICS = """
metrics.k8s.io/v1beta1
  nodes NodeMetrics cluster verbs=get,list
  pods PodMetrics namespaced verbs=get,list
"""


def _subresource(name: str, kind: str) -> Subresource:
    own, verbs, group, version = _SUBRESOURCES.get(name, ("", _CHANGE, "", ""))
    return Subresource(name, f"{kind}{own}" if name == "proxy" else own or kind, verbs, group, version)


def _type(api_version: str, line: str) -> APIType:
    group, _, version = api_version.rpartition("/")
    resource, kind, scope, *rest = line.split()
    more = dict(word.partition("=")[::2] for word in rest)

    def listed(name: str) -> tuple[str, ...]:
        return tuple(more[name].split(",")) if name in more else ()

    return APIType(
        group,
        version,
        resource,
        kind,
        namespaced=scope == "namespaced",
        short_names=listed("short"),
        categories=listed("categories"),
        verbs=listed("verbs") or STANDARD_VERBS,
        subresources=tuple(_subresource(name, kind) for name in listed("sub")),
        has_generation="generation" in more,
        stored_as=more.get("stored_as", ""),
    )


def _types(table: str) -> tuple[APIType, ...]:
    found = []
    api_version = ""
    for line in table.strip().splitlines():
        if line.startswith(" "):
            found.append(_type(api_version, line))
        else:
            api_version = line
    return tuple(found)


BUILTIN_TYPES = _types(_TYPES)
METRICS_TYPES = _types(_METRICS)
"""What a metrics server adds: computed, never stored."""


@lru_cache(maxsize=4)
def builtin_types(minor: int) -> tuple[APIType, ...]:
    """The types of a server of version 1.`minor`: within a version of a group they are in order of their names."""
    if minor < 37:
        return BUILTIN_TYPES
    of_group: dict[tuple[str, str], dict[str, APIType]] = {}
    for each in (*BUILTIN_TYPES, *_types(_SINCE_37)):
        of_group.setdefault((each.group, each.version), {})[each.resource] = each
    return tuple(types[name] for types in of_group.values() for name in sorted(types))
