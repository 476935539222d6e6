"""How programs of each kind write their logs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from kwatch.simulator.scenario.timestamps import micro_timestamp, timestamp

_PATHS = ("/", "/api/cart", "/api/products?page=2", "/api/orders/81723", "/healthz", "/api/search?q=lamp", "/metrics")
_AGENTS = ("Mozilla/5.0 (X11; Linux x86_64)", "kube-probe/1.36", "okhttp/5.1.0", "curl/8.15.0")
_STATUSES = (200, 200, 200, 200, 200, 204, 304, 404, 500, 503)


@dataclass(frozen=True, slots=True)
class Writer:
    """What one kind of program writes when it starts, works and fails."""

    period: float
    """Seconds from line to line."""
    startup: Callable[[Random, str, str], list[str]]
    line: Callable[[Random, str, float], str]
    failure: Callable[[Random, str, int], list[str]]


def _json(at: float, level: str, message: str, **fields: object) -> str:
    return json.dumps({"ts": micro_timestamp(at), "level": level, "msg": message, **fields})


def _go_startup(random: Random, app: str, version: str) -> list[str]:
    return [
        f'{{"level":"info","msg":"starting {app}","version":"{version}","go":"go1.26.1"}}',
        '{"level":"info","msg":"configuration loaded","path":"/etc/config"}',
        '{"level":"info","msg":"listening","address":"0.0.0.0:8080"}',
    ]


def _go_line(random: Random, app: str, at: float) -> str:
    status = random.choice(_STATUSES)
    level = "error" if status >= 500 else ("warn" if status == 404 else "info")
    fields = {
        "method": random.choice(("GET", "GET", "GET", "POST", "PUT")),
        "path": random.choice(_PATHS),
        "status": status,
        "duration_ms": round(random.lognormvariate(2.3, 0.9), 2),
        "trace_id": f"{random.getrandbits(64):016x}",
    }
    return _json(at, level, "request", **fields)


def _go_failure(random: Random, app: str, code: int) -> list[str]:
    if code == 137:
        return []
    return [
        "panic: runtime error: invalid memory address or nil pointer dereference",
        f"[signal SIGSEGV: segmentation violation code=0x1 addr=0x18 pc=0x{random.getrandbits(24) + 0x600000:x}]",
        "",
        "goroutine 1 [running]:",
        f"main.(*server).handle(0x0, {{0xc0{random.getrandbits(32):08x}, 0x4}})",
        f"\t/src/{app}/server.go:{random.randrange(40, 400)} +0x2b",
        f"main.main()\n\t/src/{app}/main.go:58 +0x1e5".replace("\n", " "),
        "exit status 2",
    ]


def _java_startup(random: Random, app: str, version: str) -> list[str]:
    return [
        "Picked up JAVA_TOOL_OPTIONS: -XX:MaxRAMPercentage=70",
        f"INFO  [main] o.s.boot.SpringApplication : Starting {app} v{version} using Java 25",
        "INFO  [main] com.zaxxer.hikari.HikariDataSource : HikariPool-1 - Start completed.",
        "INFO  [main] o.s.b.w.e.tomcat.TomcatWebServer : Tomcat started on port 8080 (http)",
        f"INFO  [main] c.s.{app}.Application : Started Application in {random.uniform(4, 9):.3f} seconds",
    ]


def _java_line(random: Random, app: str, at: float) -> str:
    level, logger, message = random.choice(
        (
            ("INFO ", "c.s.web.AccessLog", f"{random.choice(_PATHS)} {random.choice(_STATUSES)}"),
            ("INFO ", "c.s.web.AccessLog", f"{random.choice(_PATHS)} {random.choice(_STATUSES)}"),
            ("DEBUG", "c.s.cache.Caffeine", f"evicted {random.randrange(400)} entries"),
            ("WARN ", "c.z.hikari.pool.HikariPool", "HikariPool-1 - Thread starvation or clock leap detected"),
            (
                "INFO ",
                "c.s.kafka.Consumer",
                f"committed offset {random.randrange(10**6, 10**7)} of orders-{random.randrange(8)}",
            ),
        )
    )
    thread = f"exec-{random.randrange(1, 24)}"
    return f"{timestamp(at)} {level} [{thread}] {logger} : {message}"


def _java_failure(random: Random, app: str, code: int) -> list[str]:
    if code in (137, 143):
        return [] if code == 137 else ["INFO  [SpringApplicationShutdownHook] o.s.b.w.e.t.GracefulShutdown : complete"]
    return [
        "ERROR [main] o.s.boot.SpringApplication : Application run failed",
        "java.lang.IllegalStateException: Failed to load property source from location 'file:/etc/config/'",
        "\tat org.springframework.boot.context.config.ConfigDataLoader.load(ConfigDataLoader.java:98)",
        f"\tat com.shopworks.{app.replace('-', '')}.Application.main(Application.java:{random.randrange(20, 80)})",
        "Caused by: java.io.IOException: unexpected end of stream",
    ]


def _python_startup(random: Random, app: str, version: str) -> list[str]:
    return [
        f"INFO:     {app} {version}: loading model from /var/lib/models",
        "INFO:     Started server process [1]",
        "INFO:     Waiting for application startup.",
    ]


def _python_line(random: Random, app: str, at: float) -> str:
    status = random.choice(_STATUSES)
    address = f"10.244.{random.randrange(8)}.{random.randrange(2, 250)}:{random.randrange(32768, 60999)}"
    return f'INFO:     {address} - "GET {random.choice(_PATHS)} HTTP/1.1" {status}'


def _python_failure(random: Random, app: str, code: int) -> list[str]:
    if code == 137:
        return []
    module = app.replace("-", "_")
    return [
        "ERROR:    Traceback (most recent call last):",
        '  File "/usr/local/lib/python3.13/site-packages/starlette/routing.py", line 692, in lifespan',
        "    async with self.lifespan_context(app) as maybe_state:",
        f'  File "/app/{module}/main.py", line {random.randrange(30, 90)}, in lifespan',
        "    app.state.model = load_model(settings.model_path)",
        f'  File "/app/{module}/model.py", line {random.randrange(10, 60)}, in load_model',
        "    return Model.from_manifest(json.loads(manifest.read_text()))",
        f"KeyError: 'embedding_dim_v{random.randrange(2, 4)}'",
        "",
        "ERROR:    Application startup failed. Exiting.",
    ]


def _node_startup(random: Random, app: str, version: str) -> list[str]:
    return [f"> {app}@{version} start", "> node --enable-source-maps dist/main.js", f"{app} ready on :8080"]


def _node_line(random: Random, app: str, at: float) -> str:
    took = round(random.lognormvariate(2.0, 1.0), 1)
    level = random.choice(("info", "info", "info", "warn"))
    return f"[{timestamp(at)}] {level}: job {random.getrandbits(40):010x} done in {took} ms"


def _node_failure(random: Random, app: str, code: int) -> list[str]:
    if code == 137:
        return [
            "<--- Last few GCs --->",
            "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
        ]
    return [
        "Error: connect ECONNREFUSED 10.96.0.21:6379",
        "    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1637:16)",
        "Node.js v24.9.0",
    ]


def _nginx_startup(random: Random, app: str, version: str) -> list[str]:
    return [
        "/docker-entrypoint.sh: Configuration complete; ready for start up",
        "[notice] 1#1: nginx/1.29.1",
        "[notice] 1#1: start worker processes",
    ]


def _nginx_line(random: Random, app: str, at: float) -> str:
    address = f"10.244.{random.randrange(8)}.{random.randrange(2, 250)}"
    size = random.randrange(120, 48_000)
    return (
        f'{address} - - [{timestamp(at)}] "GET {random.choice(_PATHS)} HTTP/1.1" {random.choice(_STATUSES)} {size} '
        f'"-" "{random.choice(_AGENTS)}" {random.lognormvariate(-4, 1):.3f}'
    )


def _nginx_failure(random: Random, app: str, code: int) -> list[str]:
    return ['[emerg] 1#1: unknown directive "proxy_pas" in /etc/nginx/conf.d/default.conf:14']


def _postgres_startup(random: Random, app: str, version: str) -> list[str]:
    return [
        f"LOG:  starting PostgreSQL {version} on x86_64-pc-linux-gnu",
        'LOG:  listening on IPv4 address "0.0.0.0", port 5432',
        "LOG:  database system is ready to accept connections",
    ]


def _postgres_line(random: Random, app: str, at: float) -> str:
    process = random.randrange(40, 9000)
    text = random.choice(
        (
            f"checkpoint complete: wrote {random.randrange(20, 900)} buffers (0.{random.randrange(9)}%)",
            "connection authorized: user=orders database=orders SSL enabled",
            f"duration: {random.uniform(250, 1900):.3f} ms  statement: SELECT * FROM line_items WHERE order_id = $1",
            "could not receive data from client: Connection reset by peer",
        )
    )
    return f"{timestamp(at).replace('T', ' ')[:-1]} UTC [{process}] LOG:  {text}"


def _redis_startup(random: Random, app: str, version: str) -> list[str]:
    return ["1:C * oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo", "1:M * Ready to accept connections tcp"]


def _redis_line(random: Random, app: str, at: float) -> str:
    text = random.choice(
        (
            f"{random.randrange(100, 9999)} changes in 900 seconds. Saving...",
            "DB saved on disk",
            "Background saving terminated with success",
            "Replica 10.244.4.17:6379 asks for synchronization",
        )
    )
    return f"1:M {timestamp(at).replace('T', ' ')[:-1]} * {text}"


def _kube_startup(random: Random, app: str, version: str) -> list[str]:
    return [f"{app} {version} starting", "caches are synced"]


def _kube_line(random: Random, app: str, at: float) -> str:
    clock = micro_timestamp(at)[11:-1]
    source = random.choice(
        ("reconciler.go:212", "controller.go:615", "event.go:389", "proxier.go:844", "leaderelection.go:290")
    )
    text = random.choice(
        (
            f'"Finished syncing" duration="{random.uniform(0.2, 90):.3f}ms"',
            f'"Reconciling" key="shop/cart-{random.getrandbits(20):05x}"',
            f'"Updated" objects={random.randrange(1, 80)}',
            '"Watch closed" err="too old resource version"',
        )
    )
    day = timestamp(at)[5:10].replace("-", "")
    return f"{random.choice('IIIIIW')}{day} {clock}       1 {source}] {text}"


def _plain_failure(random: Random, app: str, code: int) -> list[str]:
    return [f"{app}: fatal: exiting with status {code}"]


LANGUAGES = {
    "go": Writer(0.9, _go_startup, _go_line, _go_failure),
    "java": Writer(1.7, _java_startup, _java_line, _java_failure),
    "python": Writer(1.3, _python_startup, _python_line, _python_failure),
    "node": Writer(2.1, _node_startup, _node_line, _node_failure),
    "nginx": Writer(0.5, _nginx_startup, _nginx_line, _nginx_failure),
    "postgres": Writer(4.0, _postgres_startup, _postgres_line, _plain_failure),
    "redis": Writer(11.0, _redis_startup, _redis_line, _plain_failure),
    "kube": Writer(5.0, _kube_startup, _kube_line, _plain_failure),
}
"""Every language a workload can have."""
