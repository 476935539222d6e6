"""What every term finds, the same through the indices as object by object."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from kwatch.catalog.user_columns import arrange
from kwatch.informer.indexer import Indexer
from kwatch.informer.kube_object import KubeObject
from kwatch.query import Context, QuerySyntaxError, parse
from kwatch.view.projection import Projection
from kwatch.view.source import DictSource
from tests.query.cluster import NOW as NOW
from tests.query.cluster import POD_RESOURCE, FakeClock, context, indexer, pod, timestamp

PODS = [
    pod("shop/cart-1", labels={"app": "cart", "env": "a"}, node="node-7", age=60, spec={"priority": 5}),
    pod("shop/cart-2", labels={"app": "cart", "env": "b", "tier": "data"}, phase="Pending", image="redis:7"),
    pod(
        "shop/web-67f5c-x7",
        labels={"app": "web", "pod-template-hash": "67f5c", "weight": "10"},
        node="node-1",
        owner=("ReplicaSet", "web-67f5c"),
        image="docker.io/library/nginx:1.27@sha256:0123",
        restarts=7,
        spec={"priority": 50, "serviceAccountName": "builder", "volumes": [{"secret": {"secretName": "db-main"}}]},
    ),
    pod(
        "data/db-0", labels={"app": "db", "x.io/Odd Key": "a b"}, node="node-7", owner=("StatefulSet", "db"), age=86400
    ),
    pod("data/Report-28391234-z", owner=("Job", "report-28391234"), phase="Failed", age=864000),
]
NAMES = {each.name for each in PODS}


def found(text: str, pods: Iterable[KubeObject] = PODS, cache: Indexer | None = None) -> set[str]:
    """The names a filter finds, through a view; checked object by object too, and without any index."""
    pods = list(pods)
    cache = cache or indexer(pods)
    query = parse(text)
    names = _projected(text, cache)
    compiled = query.compile(context(cache))
    one_by_one = {each.name for each in pods if compiled.matches(each.key, each)}
    assert one_by_one == names
    assert _projected(text, DictSource({each.key: each for each in pods})) == names
    return names


def _projected(text: str, source: Indexer | DictSource) -> set[str]:
    base = context(indexer([]))
    view = Projection(source, base.kind, clock=FakeClock(), resource=POD_RESOURCE)
    view.rebuild()
    view.set_query(parse(text))
    return {key.rpartition("/")[2] for key in view.order}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", NAMES),
        ("cart", {"cart-1", "cart-2"}),
        ("report", {"Report-28391234-z"}),
        ("Cart", set()),
        ("Report", {"Report-28391234-z"}),
        ("pending", {"cart-2"}),
        ("web running", {"web-67f5c-x7"}),
        ('"a b"', set()),
        ("/^cart-[12]$/", {"cart-1", "cart-2"}),
        ("/^cart$/", set()),
        ("/^RUN/", set()),
        (r"/^cart-\S$/", {"cart-1", "cart-2"}),
        ("!/^cart/", NAMES - {"cart-1", "cart-2"}),
        ("-f ct2", {"cart-2"}),
        ("-f RPT", {"Report-28391234-z"}),
        ("-f shop", set()),
        ("!-f cart", NAMES - {"cart-1", "cart-2"}),
        ("weight", {"web-67f5c-x7"}),
        ('"weight"', set()),
        ("!weight", NAMES - {"web-67f5c-x7"}),
    ],
)
def test_text(text: str, expected: set[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("app=cart", {"cart-1", "cart-2"}),
        ("app==cart", {"cart-1", "cart-2"}),
        ("app=cart,env=b", {"cart-2"}),
        ("app=cart env!=b", {"cart-1"}),
        ("tier!=data", NAMES - {"cart-2"}),
        ("env in (a, b)", {"cart-1", "cart-2"}),
        ("env notin (a)", NAMES - {"cart-1"}),
        ("!env in (a,b)", NAMES - {"cart-1", "cart-2"}),
        ("!app=cart,env=b", NAMES - {"cart-2"}),
        ("-l env", {"cart-1", "cart-2"}),
        ("-l !env,app", {"web-67f5c-x7", "db-0"}),
        ("-l 'env in (a),app=cart'", {"cart-1"}),
        ("!-l env", NAMES - {"cart-1", "cart-2"}),
        ("-l weight>9", {"web-67f5c-x7"}),
        ("weight>9", {"web-67f5c-x7"}),
        ("weight<10", set()),
        ('"x.io/Odd Key"="a b"', {"db-0"}),
        ("app=", set()),
        ("status=Pending", {"cart-2"}),
        ("status!=Running", {"cart-2", "Report-28391234-z"}),
        ("restarts=7", {"web-67f5c-x7"}),
        ("-l status=Pending", set()),
        ("name in (cart-1,db-0)", {"cart-1", "db-0"}),
    ],
)
def test_labels(text: str, expected: set[str]) -> None:
    assert found(text) == expected


def test_a_label_wins_over_a_column_of_its_name() -> None:
    pods = [pod("a/1", labels={"status": "gold"}), pod("a/2"), pod("a/3", labels={"status": "Running"}, phase="Failed")]
    assert found("status=Running", pods) == {"2", "3"}
    assert found("status!=Running", pods) == {"1"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ns:shop", {"cart-1", "cart-2", "web-67f5c-x7"}),
        ("namespace:d*", {"db-0", "Report-28391234-z"}),
        ("!ns:shop", {"db-0", "Report-28391234-z"}),
        ("node:node-7", {"cart-1", "db-0"}),
        ("node:node-?", {"cart-1", "db-0", "web-67f5c-x7"}),
        ("node:node-7 ns:data", {"db-0"}),
        ("owner:deploy/web", {"web-67f5c-x7"}),
        ("owner:rs/web-*", {"web-67f5c-x7"}),
        ("owner:web", {"web-67f5c-x7"}),
        ("owner:StatefulSets/db", {"db-0"}),
        ("owner:cronjob/report", {"Report-28391234-z"}),
        ("owner:sts/*", {"db-0"}),
        ("status:pending", {"cart-2"}),
        ("status:Pending,Failed", {"cart-2", "Report-28391234-z"}),
        ("status:*ing", {"cart-1", "cart-2", "web-67f5c-x7", "db-0"}),
        ("status:run", set()),
        ("image:nginx*", {"cart-1", "db-0", "web-67f5c-x7", "Report-28391234-z"}),
        ("image:redis", {"cart-2"}),
        ("image:docker.io/library/nginx:1.27", {"web-67f5c-x7"}),
        ("image:docker.io/library/nginx", {"web-67f5c-x7"}),
        ("label:weight,tier", {"web-67f5c-x7", "cart-2"}),
        ("sa:builder", {"web-67f5c-x7"}),
        ("sa:shop/builder", {"web-67f5c-x7"}),
        ("secret:db-*", {"web-67f5c-x7"}),
        ("secret:data/db-main", set()),
    ],
)
def test_named_indices(text: str, expected: set[str]) -> None:
    assert found(text) == expected
    assert found(text, cache=indexer(PODS, on_demand=False)) == expected


def test_an_index_of_other_resources_is_refused_with_its_place() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse("cart about:pod/x").compile(context(indexer(PODS)))
    assert (caught.value.start, caught.value.end) == (5, 16)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".spec.priority>5", {"web-67f5c-x7"}),
        (".spec.priority>=5", {"cart-1", "web-67f5c-x7"}),
        (".spec.priority<10", {"cart-1"}),
        (".spec.priority<=5m", set()),
        (".spec.priority=5", {"cart-1"}),
        (".spec.priority!=5", NAMES - {"cart-1"}),
        (".spec.priority", {"cart-1", "web-67f5c-x7"}),
        ("!.spec.priority", NAMES - {"cart-1", "web-67f5c-x7"}),
        (".spec.volumes", {"web-67f5c-x7"}),
        (".spec.containers[*].image~redis", {"cart-2"}),
        (".spec.containers[0].image=redis:7", {"cart-2"}),
        ('.metadata.labels["x.io/Odd Key"]="a b"', {"db-0"}),
        (".status.containerStatuses[0].ready=true", NAMES),
        (".metadata.creationTimestamp<10m", {"cart-1"}),
        (".metadata.creationTimestamp>2d", {"Report-28391234-z"}),
        (f".metadata.creationTimestamp>{timestamp(NOW - 120)}", {"cart-1"}),
        (".nowhere.at.all=1", set()),
        (".spec.nodeName>node-1", {"cart-1", "db-0"}),
        ('.spec.containers[?(@.name=="main")].image~REDIS', set()),
    ],
)
def test_fields(text: str, expected: set[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("restarts>5", {"web-67f5c-x7"}),
        ("restarts>=7", {"web-67f5c-x7"}),
        ("restarts<7", NAMES - {"web-67f5c-x7"}),
        ("age<10m", {"cart-1"}),
        ("age>1h30m", {"db-0", "Report-28391234-z"}),
        ("!age>1d", NAMES - {"Report-28391234-z"}),
        ("name~CART", set()),
        ("name~cart", {"cart-1", "cart-2"}),
        ("nominated-node~none", NAMES),
        ('"nominated node"~none', NAMES),
        ("status~end", {"cart-2"}),
    ],
)
def test_columns(text: str, expected: set[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "words", "place"),
    [
        ("restrats>5", "There is no column restrats; did you mean restarts?", (0, 10)),
        ("a age<soon", "age is compared with a duration such as 90s, 10m or 2d.", (2, 10)),
        ("restarts>many", "restarts is compared with a number such as 5.", (0, 13)),
    ],
)
def test_a_comparison_that_means_nothing_says_so(text: str, words: str, place: tuple[int, int]) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text).compile(context(indexer(PODS)))
    assert caught.value.message == words
    assert (caught.value.start, caught.value.end) == place


def test_unhealthy_is_judged_by_the_rules_of_the_resource() -> None:
    assert "Report-28391234-z" in found("unhealthy")
    assert "cart-1" not in found("unhealthy")


class States:
    marked = frozenset({"shop/cart-1"})
    deleted = frozenset({"shop/cart-2"})


def test_marked_and_deleted_are_the_views_to_tell() -> None:
    def names(text: str, states: States | None) -> set[str]:
        compiled = parse(text).compile(_with(states))
        return {each.name for each in PODS if compiled.matches(each.key, each)}

    assert names("marked", States()) == {"cart-1"}
    assert names("deleted", States()) == {"cart-2"}
    assert names("marked deleted", States()) == set()
    assert names("marked", None) == set()


def _with(states: States | None) -> Context:
    return context(indexer(PODS), states=states)


def test_the_smallest_index_answers_and_says_so() -> None:
    compiled = parse("ns:shop app=cart cart").compile(context(indexer(PODS)))
    assert compiled.candidates() == {"shop/cart-1", "shop/cart-2"}
    assert [(answer.term, answer.by, answer.count) for answer in compiled.explain] == [
        ("ns:shop", "ns index", 3),
        ("app=cart", "label index", 2),
        ("cart", "scan", None),
    ]
    assert compiled.needs_scan


def test_negated_terms_are_complements_of_an_index() -> None:
    compiled = parse("!ns:shop app!=db").compile(context(indexer(PODS)))
    assert compiled.candidates() == {"data/Report-28391234-z"}
    assert not compiled.needs_scan


def test_without_an_index_the_wanted_one_is_named() -> None:
    compiled = parse(".spec.priority=5 image:redis").compile(context(indexer(PODS, on_demand=False)))
    assert compiled.candidates() is None
    assert set(compiled.indices) == {"field:.spec.priority", "image"}


def test_a_field_index_answers_what_a_scan_did() -> None:
    cache = indexer(PODS)
    text = ".spec.priority>=5 .spec.containers[*].image!=redis:7"
    scanned = found(text, cache=cache)
    cache.add_indexers(parse(text).compile(context(cache)).indices)
    compiled = parse(text).compile(context(cache))
    assert not compiled.needs_scan
    assert found(text, cache=cache) == scanned == {"cart-1", "web-67f5c-x7"}


NAMED = [
    pod("shop/a", node="n1"),
    pod("shop/b", phase="Failed", labels={"status": "Running", "name": "a"}),
    pod("shop/c", phase="Failed", labels={"name": "c"}),
    pod("data/a", phase="Pending", labels={"node": "n1", "status": "Failed"}),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("status=Running", {"shop/a", "shop/b"}),
        ("status=Failed", {"shop/c", "data/a"}),
        ("status in (Failed,Pending)", {"shop/c", "data/a"}),
        ("status!=Running", {"shop/c", "data/a"}),
        ("name=a", {"shop/a", "shop/b", "data/a"}),
        ("name in (a,b,c)", {"shop/a", "shop/b", "shop/c", "data/a"}),
        ("name!=a", {"shop/c"}),
        ("node=n1", {"shop/a", "data/a"}),
        ("ready=1/1", {"shop/a", "shop/b", "shop/c", "data/a"}),
        ("name~A", set()),
        ("name~a name>a", set()),
        ("name>a", {"shop/b", "shop/c"}),
    ],
)
@pytest.mark.parametrize("indexed", [False, True])
def test_a_name_that_is_a_label_and_a_column_is_the_label_where_there_is_one(
    text: str, expected: set[str], indexed: bool
) -> None:
    cache = indexer(NAMED, on_demand=False)
    if indexed:
        wanted = {
            name: func
            for name, func in parse(text).compile(context(cache)).indices.items()
            if name not in cache.index_names
        }
        cache.add_indexers(wanted)
    compiled = parse(text).compile(context(cache))
    by_test = {obj.key for obj in NAMED if compiled.matches(obj.key, obj)}
    assert by_test == expected
    found = compiled.candidates()
    if indexed or text.startswith("name"):
        assert not compiled.needs_scan and found == expected


def test_a_column_that_the_user_put_under_the_name_of_another_is_not_answered_by_its_index() -> None:

    plain = context(indexer(NAMED))
    own = Context(arrange(plain.kind, ["NAME", "NODE:.metadata.uid"]), plain.resource, plain.index, FakeClock())
    compiled = parse("node=uid-shop/b").compile(own)
    assert compiled.needs_scan and not compiled.indices
    assert [obj.key for obj in NAMED if compiled.matches(obj.key, obj)] == ["shop/b"]
