"""What Prometheus is told. No label holds an id, a name or a key: their number has no bound."""

from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0, generate_latest

from chanplan.ports.metrics import Metrics

CONTENT_TYPE = CONTENT_TYPE_PLAIN_1_0_0
_METHODS = frozenset({"GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Measures:
    """The figures of one server, in a registry of its own. Safe under many threads."""

    def __init__(self, version: str, heard_by: Metrics | None = None) -> None:
        """`heard_by` hears of every call to a service, too."""
        self._heard_by = heard_by
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        Gauge("chanplan_build_info", "Always 1", ["version"], registry=self._registry).labels(version).set(1)
        self._requests = Counter(
            "chanplan_http_requests",
            "Answers, by route, method and status",
            ["route", "method", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "chanplan_http_request_seconds",
            "From a request's head to the end of its answer",
            ["route", "method"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.in_flight = Gauge(
            "chanplan_http_requests_in_flight", "Requests that aren't answered yet", registry=self._registry
        )
        self.connections_refused = Counter(
            "chanplan_http_connections_refused",
            "Connections that were ended before a request, by status",
            ["status"],
            registry=self._registry,
        )
        self.log_lines_dropped = Counter(
            "chanplan_log_lines_dropped",
            "Lines of the access log that nobody read in time",
            registry=self._registry,
        )
        self.serial = Gauge(
            "chanplan_state_serial", "The state's serial when it was last read", registry=self._registry
        )
        self.lock_seconds = Histogram(
            "chanplan_lock_wait_seconds",
            "How long changes waited for the workspace's lock",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._calls = Counter(
            "chanplan_service_calls",
            "Calls to SES, Twilio and DNS, by outcome",
            ["provider", "operation", "outcome"],
            registry=self._registry,
        )
        self._call_seconds = Histogram(
            "chanplan_service_call_seconds",
            "How long calls to services took",
            ["provider"],
            buckets=_SECONDS,
            registry=self._registry,
        )

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answer. `route` is a template, never a path."""
        known = method if method in _METHODS else "other"
        self._requests.labels(route, known, str(status)).inc()
        self._seconds.labels(route, known).observe(seconds)

    def called(self, provider: str, operation: str, seconds: float, outcome: str) -> None:
        """Count a call to a service (`ports.metrics.Metrics`)."""
        self._calls.labels(provider, operation, outcome).inc()
        self._call_seconds.labels(provider).observe(seconds)
        if self._heard_by is not None:
            self._heard_by.called(provider, operation, seconds, outcome)

    def serves_with(self, expires: datetime) -> None:
        """Tell until when the server's certificate is valid."""
        Gauge(
            "chanplan_tls_certificate_expires_seconds",
            "When the certificate expires, in seconds since 1970",
            registry=self._registry,
        ).set(expires.timestamp())

    def text(self) -> bytes:
        """Give all figures in Prometheus's text format."""
        return generate_latest(self._registry)
