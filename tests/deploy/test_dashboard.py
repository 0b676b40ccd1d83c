"""The dashboard asks only for what a running Penumbra tells, and leaves none of that out."""

import json
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from config.demo import LOOPBACK, free_port
from config.run import Listen, serving
from playground.stage import Stage
from tests.faults.process import PenumbraProcess

BOARD: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "deploy" / "grafana" / "penumbra.json").read_text("utf-8")
)
OF_PROMETHEUS = {"instance", "job"}
"""Labels that Prometheus adds to whatever it scrapes."""
GROWING = re.compile(r"(?:rate|increase)\(\s*(penumbra_\w+)")
ASKED = re.compile(r"(penumbra_\w+)(?:\{([^}]*)\})?")
PICKED = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"')


@dataclass(frozen=True)
class Told:
    """What a scrape gave: each metric's kind, and its labels with the values they had."""

    kinds: dict[str, str]
    labels: dict[str, dict[str, set[str]]]


@dataclass(frozen=True)
class Query:
    """One expression of the dashboard, taken apart."""

    expr: str
    legend: str

    @property
    def metrics(self) -> list[tuple[str, dict[str, set[str]]]]:
        found = ASKED.findall(self.expr)
        return [(name, {label: set(words.split("|")) for label, words in PICKED.findall(of)}) for name, of in found]

    @property
    def growing(self) -> set[str]:
        return set(GROWING.findall(self.expr))

    @property
    def by(self) -> set[str]:
        return {label for labels in re.findall(r"by \(([^)]*)\)", self.expr) for label in labels.split(", ")}


def queries() -> Iterator[Query]:
    for panel in BOARD["panels"]:
        for target in panel["targets"]:
            yield Query(target["expr"], target["legendFormat"])


def faults(query: Query, told: Told) -> Iterator[str]:
    """What an expression asks for that nobody tells."""
    for name, picked in query.metrics:
        known = told.labels.get(name)
        if known is None:
            yield f"{name} is not told"
            continue
        for label in query.by - known.keys() - OF_PROMETHEUS:
            yield f"{name} has no label {label}"
        for label, words in picked.items():
            if unknown := words - known.get(label, set()):
                yield f"{name} is never told with {label} {sorted(unknown)}"
        if (name in query.growing) != (told.kinds[name] == "counter"):
            yield f"{name} is a {told.kinds[name]}"
    shown = set(re.findall(r"\{\{(\w+)\}\}", query.legend))
    aggregated = re.match(r"(sum|min|max|avg)\b", query.expr) is not None
    for label in shown - (query.by if aggregated else query.by | OF_PROMETHEUS):
        yield f"{query.expr} is shown by {label}, which it does not keep"


@pytest.fixture
async def process(sqlite_url: str, tmp_path: Path) -> AsyncIterator[PenumbraProcess]:
    page = free_port()
    async with AsyncExitStack() as stack:
        stage = Stage(f"http://{LOOPBACK}:{page}")
        await stack.enter_async_context(serving(stage.app, Listen(LOOPBACK, page)))
        stack.push_async_callback(stage.aclose)
        running = PenumbraProcess(stage, sqlite_url, tmp_path)
        await running.start()
        stack.push_async_callback(running.stop)
        yield running


async def scraped(process: PenumbraProcess, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=process.url) as prometheus:
        return await prometheus.get(
            "/metrics", headers={each.replace("_", "-"): value for each, value in headers.items()}
        )


def told_in(text: str) -> Told:
    """A scrape as Prometheus's own client reads it. Raises ValueError for what is not its text format."""
    kinds: dict[str, str] = {}
    labels: dict[str, dict[str, set[str]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            kinds[sample.name] = family.type
            values = labels.setdefault(sample.name, defaultdict(set))
            for label, value in sample.labels.items():
                values[label].add(value)
    return Told(kinds, labels)


async def test_a_fresh_process_tells_what_the_dashboard_shows_and_to_this_machine_alone(
    process: PenumbraProcess,
) -> None:
    answer = await scraped(process)
    assert answer.status_code == 200
    told = told_in(answer.text)
    assert [fault for query in queries() for fault in faults(query, told)] == []
    assert told.labels.keys() - {name for query in queries() for name, _ in query.metrics} == set()
    for header in ("x_forwarded_for", "forwarded", "x_real_ip"):
        assert (await scraped(process, **{header: "127.0.0.1"})).status_code == 404
    assert (await scraped(process, host="links.example")).status_code == 404


SOME = """# TYPE penumbra_inbox gauge
penumbra_inbox{state="waiting"} 0.0
# TYPE penumbra_segments gauge
penumbra_segments 0.0
# TYPE penumbra_drops_total counter
penumbra_drops_total{reason="no_link"} 0.0
"""


@pytest.mark.parametrize(
    ("expr", "legend", "fault"),
    [
        ("max(penumbra_inbox_delay)", "oldest", "penumbra_inbox_delay is not told"),
        ("sum by (why) (rate(penumbra_drops_total[5m]))", "", "penumbra_drops_total has no label why"),
        ('max(penumbra_inbox{state="lost"})', "", "penumbra_inbox is never told with state ['lost']"),
        ("sum(rate(penumbra_segments[5m]))", "", "penumbra_segments is a gauge"),
        ("sum(penumbra_drops_total)", "", "penumbra_drops_total is a counter"),
        (
            "max(penumbra_segments)",
            "{{instance}}",
            "max(penumbra_segments) is shown by instance, which it does not keep",
        ),
    ],
)
def test_a_wrong_expression_would_be_found(expr: str, legend: str, fault: str) -> None:
    assert list(faults(Query(expr, legend), told_in(SOME))) == [fault]


def test_panels_are_whole_and_none_lies_over_another() -> None:
    assert BOARD["schemaVersion"] == 42  # the newest of Grafana's classic model
    taken: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        assert {"id", "type", "title", "description", "gridPos", "datasource", "fieldConfig", "targets"} <= panel.keys()
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert [target["refId"] for target in panel["targets"]] == ["A", "B", "C"][: len(panel["targets"])]
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
