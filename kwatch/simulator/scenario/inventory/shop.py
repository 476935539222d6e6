"""The shop: what the team works on all day."""

from __future__ import annotations

from kwatch.simulator.scenario.inventory.workload import GIT_REGISTRY, KUBECTL, CronWorkload, Part, Workload

_PROXY = Part("otel-agent", "otel/opentelemetry-collector-contrib:0.139.0", port=4317, memory_limit="128Mi")
_MIGRATE = Part("migrate", f"{GIT_REGISTRY}/shop/migrations:2026.11.2", ("migrate", "up", "--lock-timeout=30s"))

WORKLOADS = (
    Workload(
        "cart", "shop", f"{GIT_REGISTRY}/shop/cart:2.14.1", replicas=4, cpu="150m", memory="192Mi",
        memory_limit="384Mi", config=True, secret=True, sidecars=(_PROXY,), init=(_MIGRATE,), min_available="50%",
        environment=(("CART_TTL", "72h"), ("REDIS_ADDR", "redis.shop.svc:6379"), ("LOG_LEVEL", "info")),
        max_surge=1, max_unavailable=1, host="cart.shop.example", age_days=203, deployed_hours=41,
        labels=(("tier", "backend"), ("team", "checkout")), history=("2.12.0", "2.13.0", "2.13.1", "2.14.0"),
    ),
    Workload(
        "web", "shop", f"{GIT_REGISTRY}/shop/web:5.3.0", replicas=4, language="nginx", cpu="100m", memory="96Mi",
        cpu_limit="500m", memory_limit="192Mi", health="/", config=True, host="shop.example", autoscale=(3, 9, 60),
        min_available=2, age_days=211, deployed_hours=19, labels=(("tier", "frontend"), ("team", "storefront")),
        history=("5.1.4", "5.2.0", "5.2.1"),
    ),
    Workload(
        "checkout", "shop", f"{GIT_REGISTRY}/shop/checkout:1.42.0", replicas=3, language="java", cpu="250m",
        memory="512Mi", memory_limit="768Mi", config=True, secret=True, health="/actuator/health",
        ready_after=(7.0, 14.0), stops_in=(2.0, 8.0), sidecars=(_PROXY,), min_available=2, age_days=198,
        environment=(("JAVA_TOOL_OPTIONS", "-XX:MaxRAMPercentage=70"), ("SPRING_PROFILES_ACTIVE", "production")),
        deployed_hours=66, labels=(("tier", "backend"), ("team", "checkout")), history=("1.40.2", "1.41.0"),
    ),
    Workload(
        "catalog", "shop", f"{GIT_REGISTRY}/shop/catalog:3.9.7", replicas=3, cpu="150m", memory="256Mi",
        memory_limit="512Mi", config=True, secret=True, autoscale=(2, 8, 70), age_days=203, deployed_hours=122,
        labels=(("tier", "backend"), ("team", "discovery")), history=("3.9.5", "3.9.6"),
    ),
    Workload(
        "recommender", "shop", f"{GIT_REGISTRY}/shop/recommender:0.9.0-rc2", replicas=2, language="python", cpu="200m",
        memory="384Mi", memory_limit="512Mi", config=True, age_days=61, deployed_hours=0.0925, health="/ready",
        labels=(("tier", "backend"), ("team", "discovery")), history=("0.8.3", "0.8.4"),
    ),
    Workload(
        "search", "shop", f"{GIT_REGISTRY}/shop/search:2.7.3", replicas=2, language="java", cpu="250m", memory="640Mi",
        memory_limit="1Gi", config=True, health="/actuator/health", ready_after=(6.0, 11.0), age_days=176,
        deployed_hours=9, labels=(("tier", "backend"), ("team", "discovery")), history=("2.7.1", "2.7.2"),
    ),
    Workload(
        "orders", "shop", f"{GIT_REGISTRY}/shop/orders:4.1.0", replicas=3, cpu="100m", memory="160Mi",
        memory_limit="320Mi", secret=True, config=True, init=(_MIGRATE,), min_available=1, age_days=203,
        deployed_hours=52, labels=(("tier", "backend"), ("team", "checkout")), history=("4.0.2", "4.0.3"),
    ),
    Workload(
        "redis", "shop", "redis:8.2.2-alpine", kind="StatefulSet", replicas=3, language="redis", port=6379, cpu="100m",
        memory="256Mi", memory_limit="512Mi", claim="8Gi", health="", service="headless", age_days=203,
        deployed_hours=700, config=True, sidecars=(Part("metrics", "oliver006/redis_exporter:v1.79.0", port=9121),),
        labels=(("tier", "data"),), min_available=2,
    ),
    Workload(
        "postgres", "shop", "postgres:17.6", kind="StatefulSet", replicas=2, language="postgres", port=5432, cpu="500m",
        memory="1Gi", memory_limit="2Gi", claim="50Gi", storage_class="io2-retain", health="", service="headless",
        age_days=203, deployed_hours=900, secret=True, config=True, labels=(("tier", "data"),),
        ready_after=(5.0, 9.0), stops_in=(4.0, 9.0),
    ),
    Workload(
        "notifications", "shop", f"{GIT_REGISTRY}/shop/notifications:1.8.4", replicas=2, language="node", cpu="50m",
        memory="128Mi", memory_limit="160Mi", secret=True, service="", age_days=150, deployed_hours=300,
        labels=(("tier", "worker"), ("team", "storefront")), history=("1.8.3",),
    ),
    Workload(
        "image-resizer", "shop", f"{GIT_REGISTRY}/shop/image-resizer:0.21.0", replicas=2, language="python",
        cpu="200m", memory="192Mi", memory_limit="256Mi", service="", health="", age_days=97, deployed_hours=210,
        applied_by=KUBECTL, labels=(("tier", "worker"), ("team", "storefront")), history=("0.20.4",),
    ),
)  # fmt: skip

CRON_JOBS = (
    CronWorkload(
        "sitemap", "shop", f"{GIT_REGISTRY}/shop/sitemap:1.2.0", "* * * * *", ("python", "-m", "sitemap"),
        takes=(8.0, 16.0), keep_succeeded=2,
    ),
    CronWorkload(
        "abandoned-carts", "shop", f"{GIT_REGISTRY}/shop/cart:2.14.1", "*/5 * * * *", ("/cart", "sweep", "--older=72h"),
        takes=(10.0, 25.0), language="go", keep_succeeded=2, fails_every=4,
    ),
    CronWorkload(
        "postgres-backup", "shop", "postgres:17.6", "0 3 * * *", ("/scripts/backup.sh",), takes=(40.0, 90.0),
        language="postgres", cpu="200m", memory="256Mi",
    ),
)  # fmt: skip
