"""`GET /metrics`: figures about the service in Prometheus's text format; never about a person, a group or a link."""

import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"  # prometheus.io/docs/instrumenting/exposition_formats
_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host", "x-forwarded-proto", "via")
Family = CounterMetricFamily | GaugeMetricFamily


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, or one for each value of a label.

    Attributes:
        name: without `penumbra_`; a counter's without `_total`.
        meaning: one line.
        values: by the label's value; by the empty string when there is no label.
        label: the label's name; its values are words of ours, never of a person, a group or a link.
        kind: whether it only grows.
    """

    name: str
    meaning: str
    values: Mapping[str, float]
    label: str = ""
    kind: Literal["counter", "gauge"] = "gauge"


Collect = Callable[[], Awaitable[list[Figure]]]


class Metrics:
    """The page that a Prometheus asks.

    Args:
        collect: gathers the figures.
        token: who asks must send it as a bearer; without one only this machine may ask, and not through a proxy.
    """

    def __init__(self, collect: Collect, token: SecretStr | None) -> None:
        self._collect = collect
        self._token = token

    async def tell(self, request: Request) -> Response:
        """`GET /metrics`; 404 for everybody who may not ask."""
        if not self._may_ask(request):
            return PlainTextResponse("not found\n", 404)
        return Response(text_of(await self._collect()), media_type=_CONTENT_TYPE, headers={"cache-control": "no-store"})

    def _may_ask(self, request: Request) -> bool:
        if self._token is not None:
            scheme, _, sent = request.headers.get("authorization", "").partition(" ")
            wanted = self._token.get_secret_value().encode()
            return scheme.lower() == "bearer" and secrets.compare_digest(sent.strip().encode(), wanted)
        forwarded = any(name in request.headers for name in _FORWARDED)
        asked_here = _is_this_machine(request.url.hostname or "")  # a proxy that tells nothing else passes on its name
        return not forwarded and asked_here and request.client is not None and _is_this_machine(request.client.host)


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def text_of(figures: Iterable[Figure]) -> bytes:
    """Figures in Prometheus's text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Given([_family(each) for each in figures]))
    return generate_latest(registry)


class _Given(Collector):
    def __init__(self, families: list[Family]) -> None:
        self._families = families

    def collect(self) -> list[Family]:
        return self._families


def _family(figure: Figure) -> Family:
    of: type[Family] = CounterMetricFamily if figure.kind == "counter" else GaugeMetricFamily
    family = of(f"penumbra_{figure.name}", figure.meaning, labels=[figure.label] if figure.label else [])
    for value, number in sorted(figure.values.items()):
        family.add_metric([value] if figure.label else [], number)
    return family
