"""What an element says when a person has used it: its part of `actions` and of `state.values` (pure)."""

import re

from playground.slack.blocks import interactive
from playground.slack.state import Json

_IDS = {
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
}
_TYPED = frozenset({"plain_text_input", "url_text_input", "email_text_input", "number_input"})


def options(element: Json) -> list[Json]:
    """Return the options of a menu, groups opened up."""
    groups: list[Json] = element.get("option_groups") or []
    return [*element.get("options", []), *(option for group in groups for option in group["options"])]


def value_of(element: Json, given: object) -> Json:
    """Return the element's value once a person chose or wrote `given` (None: left as it stood).

    Raises:
        PermissionError: the element does not offer that, or does not take it.
    """
    kind = element["type"]
    if kind in _TYPED:
        return {"type": kind, "value": _written(element, given)}
    if kind in _IDS:
        initial = element.get(_IDS[kind].replace("selected", "initial"))
        return {"type": kind, _IDS[kind]: initial if given is None else given}
    if kind in {"checkboxes", "multi_static_select"}:
        chosen = given if isinstance(given, list) else [one["value"] for one in element.get("initial_options", [])]
        return {"type": kind, "selected_options": [_chosen(element, one) for one in chosen]}
    initial = element.get("initial_option")
    return {"type": kind, "selected_option": initial if given is None else _chosen(element, given)}


def action_of(element: Json, block_id: str, given: object, ts: str) -> Json:
    """Return the entry of `actions` for an element just used."""
    base: Json = {"action_id": element["action_id"], "block_id": block_id, "action_ts": ts}
    if element["type"] == "button":
        shared = {key: element[key] for key in ("text", "value", "style", "url") if key in element}
        return base | {"type": "button"} | shared
    if element["type"] == "overflow":
        return base | {"type": "overflow", "selected_option": _chosen(element, given)}
    return base | value_of(element, given)


def _chosen(element: Json, value: object) -> Json:
    for option in options(element):
        if option["value"] == value:
            return {key: option[key] for key in ("text", "value", "description") if key in option}
    raise PermissionError(f"the menu has no option {value!r}")


def _written(element: Json, given: object) -> str | None:
    text = element.get("initial_value") if given is None else str(given)
    if not text:
        return None
    if len(text) > element.get("max_length", 3000) or len(text) < element.get("min_length", 0):
        raise PermissionError("the text is too long or too short")
    if element["type"] == "url_text_input" and not re.fullmatch(r"https?://\S+", text):
        raise PermissionError("Please enter a valid URL.")
    if element["type"] == "number_input" and not re.fullmatch(r"-?\d+(\.\d+)?", text):
        raise PermissionError("Please enter a number.")
    return str(text)


def standing(blocks: list[Json]) -> Json:
    """Return `state.values` of blocks nobody has touched yet: what every input and menu shows at first."""
    values: Json = {}
    for block in blocks:
        for element in interactive(block):
            if element["type"] not in {"button", "overflow"}:
                values.setdefault(block["block_id"], {})[element["action_id"]] = value_of(element, None)
    return values


def is_empty(value: Json) -> bool:
    """Say whether a required input would be refused with this value."""
    return not any(item for key, item in value.items() if key != "type")
