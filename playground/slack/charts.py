"""The `data_visualization` block as rules (docs.slack.dev, reference/block-kit/blocks/data-visualization-block)."""

from playground.slack.rules import Rule, also, listing, number, one_of, record, string, typed

_LABEL = string(20)
_POINT = record({"label": _LABEL, "value": number()})
_SERIES = record({"name": _LABEL, "data": listing(_POINT, 1, 20)})
_AXES = record({"categories": listing(_LABEL, 1, 20)}, {"x_label": string(50), "y_label": string(50)})
_SEGMENT = record({"label": _LABEL, "value": number(above=0)})


def _series_fit(chart: dict[str, object]) -> str | None:
    series, axes = chart["series"], chart["axis_config"]
    if not isinstance(series, list) or not isinstance(axes, dict):
        return None
    if len({one["name"] for one in series}) != len(series):
        return "series names must be unique"
    categories = axes["categories"]
    if any([point["label"] for point in one["data"]] != categories for one in series):
        return "the labels of each series must match axis_config.categories"
    return None


def _plot(kind: str) -> Rule:
    shape = record({"type": one_of(kind), "series": listing(_SERIES, 1, 6), "axis_config": _AXES})
    return also(shape, _series_fit)


_CHARTS: dict[str, Rule] = {
    "pie": record({"type": one_of("pie"), "segments": listing(_SEGMENT, 1, 6)}),
    "bar": _plot("bar"),
    "area": _plot("area"),
    "line": _plot("line"),
}
DATA_VISUALIZATION = record(
    {"type": one_of("data_visualization"), "title": string(50), "chart": typed(_CHARTS)}, {"block_id": string(255)}
)
MOST_PER_MESSAGE = 2
