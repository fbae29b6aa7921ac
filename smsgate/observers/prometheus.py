"""Metrics for Prometheus. It needs `pip install "smsgate[prometheus]"`."""

from typing import TYPE_CHECKING, Final

from smsgate.model.errors import ConfigurationError
from smsgate.observers.events import (
    Event,
    FailedOver,
    HealthChanged,
    MessageRefused,
    RequestEnded,
    RequestStarted,
    ResultRecorded,
)

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

__all__ = ["PrometheusObserver"]

_SECONDS: Final = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
"""The buckets of durations: vendors answer within 20 to 500 ms, and a try may take 20 s by default."""
_STATES: Final = ("up", "probing", "down")


class PrometheusObserver:
    """Counts what a gateway does, as metrics that begin with `smsgate_`.

    *registry*: in place of the library's own, which its HTTP servers show. Make one observer for all gateways of a
    registry: a registry takes each metric once. No label has a number, a template's text or a key.

    Raises `ConfigurationError` without the extra `prometheus`, or if the registry has such metrics already.
    """

    def __init__(self, registry: "CollectorRegistry | None" = None) -> None:
        try:
            from prometheus_client import REGISTRY, Counter, Gauge, Histogram
        except ImportError:
            raise ConfigurationError('PrometheusObserver needs: pip install "smsgate[prometheus]"') from None
        where = REGISTRY if registry is None else registry
        labels = ("provider", "outcome", "reason")
        self._seen: set[str] = set()
        try:
            self._attempts = Counter(
                "smsgate_attempts_total",
                "Tries of a provider for a message, by what came of them.",
                labels,
                registry=where,
            )
            self._requests = Histogram(
                "smsgate_request_duration_seconds",
                "How long requests to a provider took.",
                ("provider",),
                buckets=_SECONDS,
                registry=where,
            )
            self._in_flight = Gauge(
                "smsgate_requests_in_flight", "Requests to a provider.", ("provider",), registry=where
            )
            self._results = Counter(
                "smsgate_results_total",
                "Messages by their final outcome.",
                ("provider", "outcome", "reason", "kind"),
                registry=where,
            )
            self._segments = Counter(
                "smsgate_segments_total",
                "Segments that providers said they charge for accepted messages.",
                ("provider",),
                registry=where,
            )
            self._duplicates = Counter(
                "smsgate_possible_duplicates_total",
                "Messages that more than one provider may have sent.",
                registry=where,
            )
            self._failovers = Counter(
                "smsgate_failovers_total",
                "Messages that left one provider for another.",
                ("left", "provider", "reason"),
                registry=where,
            )
            self._refused = Counter(
                "smsgate_refused_total", "Messages refused before any request.", ("reason",), registry=where
            )
            self._health = Gauge(
                "smsgate_provider_state",
                "1 for the state of health that a provider is in, 0 for the others.",
                ("provider", "state"),
                registry=where,
            )
        except ValueError:
            raise ConfigurationError(
                "PrometheusObserver: this registry has the metrics of smsgate already: "
                "make one observer for all gateways, or give each a registry of its own"
            ) from None

    def observe(self, event: Event) -> None:
        """Count *event*."""
        match event:
            case RequestStarted():
                self._in_flight.labels(event.provider).inc()
                if event.provider not in self._seen:  # until it changes, nothing else says that it is up
                    self._show_state(event.provider, "up")
            case RequestEnded():
                self._in_flight.labels(event.provider).dec()
                self._requests.labels(event.provider).observe(event.duration)
                for attempt in event.attempts:
                    self._attempts.labels(event.provider, attempt.outcome, attempt.reason or "").inc()
            case FailedOver():
                self._failovers.labels(event.left, event.provider, event.reason or "").inc(event.messages)
            case MessageRefused():
                self._refused.labels(event.reason or "").inc()
            case ResultRecorded():
                self._count_result(event)
            case HealthChanged():
                self._show_state(event.provider, event.state)

    def _count_result(self, event: ResultRecorded) -> None:
        provider = event.provider or ""
        self._results.labels(provider, event.outcome, event.reason or "", event.kind or "").inc()
        if event.segments:
            self._segments.labels(provider).inc(event.segments)
        if event.possible_duplicate:
            self._duplicates.inc()

    def _show_state(self, provider: str, state: str) -> None:
        self._seen.add(provider)
        for each in _STATES:
            self._health.labels(provider, each).set(each == state)
