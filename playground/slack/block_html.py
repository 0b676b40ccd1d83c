"""Block Kit as safe HTML: everything but the elements one can press, which the page draws itself (pure)."""

from collections.abc import Callable
from html import escape

from playground.slack.html import Names, link, mrkdwn, rich_text, text_object
from playground.slack.state import Json


def blocks(items: list[Json], names: Names) -> str:
    """Return blocks as HTML, in order."""
    return "".join(_BLOCKS.get(block["type"], _nothing)(block, names) for block in items)


def attachment(item: Json, names: Names) -> str:
    """Return an attachment or an unfurl: its blocks, or its old-fashioned title and text."""
    if item.get("blocks"):
        return blocks(item["blocks"], names)
    title, address = str(item.get("title") or ""), str(item.get("title_link") or "")
    head = link(address, title) if address else escape(title)
    return f"<p><strong>{head}</strong></p><p>{mrkdwn(str(item.get('text') or ''), names)}</p>"


def _nothing(block: Json, names: Names) -> str:
    del block, names
    return ""


def _header(block: Json, names: Names) -> str:
    return f"<h3>{text_object(block['text'], names)}</h3>"


def _divider(block: Json, names: Names) -> str:
    del block, names
    return "<hr>"


def _section(block: Json, names: Names) -> str:
    html = f"<p>{text_object(block['text'], names)}</p>" if "text" in block else ""
    if block.get("fields"):
        items = "".join(f"<li>{text_object(field, names)}</li>" for field in block["fields"])
        html += f'<ul class="fields">{items}</ul>'
    accessory = block.get("accessory") or {}
    return html + (_picture(accessory) if accessory.get("type") == "image" else "")


def _context(block: Json, names: Names) -> str:
    shown = [_picture(one) if one["type"] == "image" else text_object(one, names) for one in block["elements"]]
    return f"<p><small>{' '.join(shown)}</small></p>"


def _image(block: Json, names: Names) -> str:
    caption = f"<figcaption>{text_object(block['title'], names)}</figcaption>" if "title" in block else ""
    return f"<figure>{_picture(block)}{caption}</figure>"


def _picture(image: Json) -> str:
    source = str(image.get("image_url") or (image.get("slack_file") or {}).get("url") or "")
    alt = escape(str(image["alt_text"]))
    if not source.startswith(("https://", "http://")):
        return f"<em>{alt}</em>"
    return f'<img src="{escape(source)}" alt="{alt}" loading="lazy" referrerpolicy="no-referrer">'


def _rich(block: Json, names: Names) -> str:
    return f"<div>{rich_text(block, names)}</div>"


def _input(block: Json, names: Names) -> str:
    del block, names
    return ""  # inputs are data of the modal, not text


def _markdown(block: Json, names: Names) -> str:
    del names
    return f"<p>{escape(str(block['text']))}</p>"


def _table(block: Json, names: Names) -> str:
    rows = "".join(f"<tr>{''.join(_cell(cell, names) for cell in row)}</tr>" for row in block["rows"])
    return f"<table>{rows}</table>"


def _cell(cell: Json, names: Names) -> str:
    inner = rich_text(cell, names) if cell["type"] == "rich_text" else escape(str(cell["text"]))
    return f"<td>{inner}</td>"


def _chart(block: Json, names: Names) -> str:
    del names
    chart = block["chart"]
    if chart["type"] == "pie":
        heads = ["", ""]
        lines = [[part["label"], part["value"]] for part in chart["segments"]]
    else:
        axes = chart["axis_config"]
        heads = [axes.get("x_label", ""), *(series["name"] for series in chart["series"])]
        columns = [[point["value"] for point in series["data"]] for series in chart["series"]]
        lines = [list(row) for row in zip(axes["categories"], *columns, strict=True)]
    head = "".join(f'<th scope="col">{escape(str(cell))}</th>' for cell in heads)
    body = "".join(_chart_row(line) for line in lines)
    caption = f"<caption>{escape(block['title'])}</caption>"
    return f'<table class="chart">{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _chart_row(line: list[object]) -> str:
    cells = "".join(f"<td>{escape(str(cell))}</td>" for cell in line[1:])
    return f'<tr><th scope="row">{escape(str(line[0]))}</th>{cells}</tr>'


_BLOCKS: dict[str, Callable[[Json, Names], str]] = {
    "header": _header,
    "divider": _divider,
    "section": _section,
    "context": _context,
    "image": _image,
    "rich_text": _rich,
    "input": _input,
    "markdown": _markdown,
    "table": _table,
    "data_visualization": _chart,
}
