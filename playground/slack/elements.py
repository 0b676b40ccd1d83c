"""Block Kit's composition objects and elements as rules; limits from platforms.md 1.6 and Slack's reference pages."""

from playground.slack.rules import Rule, also, anything, boolean, listing, number, one_of, record, string, typed

_ADDRESS = r"https?://\S+"


def plain(most: int) -> Rule:
    """A `plain_text` object."""
    return record({"type": one_of("plain_text"), "text": string(most)}, {"emoji": boolean})


def text(most: int) -> Rule:
    """A `plain_text` or `mrkdwn` object."""
    marked = record({"type": one_of("mrkdwn"), "text": string(most)}, {"verbatim": boolean})
    return typed({"plain_text": plain(most), "mrkdwn": marked})


CONFIRM = record(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
OPTION = record(
    {"text": text(75), "value": string(150)}, {"description": text(75), "url": string(3000, pattern=_ADDRESS)}
)
_GROUP = record({"label": plain(75), "options": listing(OPTION, 1, 100)})
_DISPATCH = record({}, {"trigger_actions_on": listing(one_of("on_enter_pressed", "on_character_entered"), 1, 2)})
_ACTION = {"action_id": string(255)}
_ACTING = {**_ACTION, "confirm": CONFIRM}
_ASKING = {**_ACTING, "placeholder": plain(150), "focus_on_load": boolean}


def _kind(name: str) -> dict[str, Rule]:
    return {"type": one_of(name)}


def _menu_source(menu: dict[str, object]) -> str | None:
    return (
        None
        if ("options" in menu) != ("option_groups" in menu)
        else "must define exactly one of options, option_groups"
    )


def _image_source(image: dict[str, object]) -> str | None:
    return (
        None
        if ("image_url" in image) != ("slack_file" in image)
        else "must define exactly one of image_url, slack_file"
    )


SLACK_FILE = record({}, {"id": string(255), "url": string(3000, pattern=_ADDRESS)})
IMAGE = also(
    record(
        {**_kind("image"), "alt_text": string(2000)},
        {"image_url": string(3000, pattern=_ADDRESS), "slack_file": SLACK_FILE},
    ),
    _image_source,
)
BUTTON = record(
    {**_kind("button"), "text": plain(75)},
    {
        **_ACTING,
        "url": string(3000, pattern=_ADDRESS),
        "value": string(2000),
        "style": one_of("primary", "danger"),
        "accessibility_label": string(75),
    },
)
OVERFLOW = record({**_kind("overflow"), "options": listing(OPTION, 1, 5)}, _ACTING)
STATIC_SELECT = also(
    record(
        _kind("static_select"),
        {
            **_ASKING,
            "options": listing(OPTION, 1, 100),
            "option_groups": listing(_GROUP, 1, 100),
            "initial_option": OPTION,
        },
    ),
    _menu_source,
)
MULTI_STATIC_SELECT = also(
    record(
        _kind("multi_static_select"),
        {
            **_ASKING,
            "options": listing(OPTION, 1, 100),
            "option_groups": listing(_GROUP, 1, 100),
            "initial_options": listing(OPTION, 1, 100),
            "max_selected_items": number(above=0),
        },
    ),
    _menu_source,
)
_FILTER = record(
    {},
    {
        "include": listing(one_of("im", "mpim", "private", "public"), 1, 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
_IDS = string(30)
_CHECKED = {**_ACTING, "focus_on_load": boolean}
MENUS: dict[str, Rule] = {
    "static_select": STATIC_SELECT,
    "multi_static_select": MULTI_STATIC_SELECT,
    "users_select": record(_kind("users_select"), {**_ASKING, "initial_user": _IDS}),
    "channels_select": record(
        _kind("channels_select"), {**_ASKING, "initial_channel": _IDS, "response_url_enabled": boolean}
    ),
    "conversations_select": record(
        _kind("conversations_select"),
        {
            **_ASKING,
            "initial_conversation": _IDS,
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": _FILTER,
        },
    ),
    "datepicker": record(_kind("datepicker"), {**_ASKING, "initial_date": string(10, pattern=r"\d{4}-\d{2}-\d{2}")}),
    "timepicker": record(
        _kind("timepicker"), {**_ASKING, "initial_time": string(5, pattern=r"\d{2}:\d{2}"), "timezone": string(255)}
    ),
    "checkboxes": record(
        {**_kind("checkboxes"), "options": listing(OPTION, 1, 10)},
        {**_CHECKED, "initial_options": listing(OPTION, 1, 10)},
    ),
    "radio_buttons": record(
        {**_kind("radio_buttons"), "options": listing(OPTION, 1, 10)}, {**_CHECKED, "initial_option": OPTION}
    ),
}
_WRITTEN = {**_ACTION, "placeholder": plain(150), "focus_on_load": boolean, "dispatch_action_config": _DISPATCH}
INPUTS: dict[str, Rule] = {
    **MENUS,
    "plain_text_input": record(
        _kind("plain_text_input"),
        {
            **_WRITTEN,
            "initial_value": string(3000, least=0),
            "multiline": boolean,
            "min_length": number(above=-1),
            "max_length": number(above=0),
        },
    ),
    "url_text_input": record(_kind("url_text_input"), {**_WRITTEN, "initial_value": string(3000, pattern=_ADDRESS)}),
    "email_text_input": record(_kind("email_text_input"), {**_WRITTEN, "initial_value": string(3000)}),
    "number_input": record(
        {**_kind("number_input"), "is_decimal_allowed": boolean},
        {**_WRITTEN, "initial_value": string(40), "min_value": string(40), "max_value": string(40)},
    ),
}
ACTIONS: dict[str, Rule] = {"button": BUTTON, "overflow": OVERFLOW, **MENUS}
ACCESSORIES: dict[str, Rule] = {"image": IMAGE, **ACTIONS}

_STYLE = record({}, {"bold": boolean, "italic": boolean, "strike": boolean, "code": boolean, "underline": boolean})
RICH_ELEMENTS: dict[str, Rule] = {
    "text": record({**_kind("text"), "text": string(40_000)}, {"style": _STYLE}),
    "link": record(
        {**_kind("link"), "url": string(3000)}, {"text": string(40_000), "style": _STYLE, "unsafe": boolean}
    ),
    "user": record({**_kind("user"), "user_id": _IDS}, {"style": _STYLE}),
    "channel": record({**_kind("channel"), "channel_id": _IDS}, {"style": _STYLE}),
    "usergroup": record({**_kind("usergroup"), "usergroup_id": _IDS}, {"style": _STYLE}),
    "emoji": record({**_kind("emoji"), "name": string(255)}, {"unicode": string(255), "style": _STYLE}),
    "broadcast": record({**_kind("broadcast"), "range": one_of("here", "channel", "everyone")}, {"style": _STYLE}),
    "date": record(
        {**_kind("date"), "timestamp": number(), "format": string(255)},
        {"url": string(3000), "fallback": string(255), "style": _STYLE},
    ),
}
_RUN = listing(typed(RICH_ELEMENTS), 0, 1000)
_SECTION = record({**_kind("rich_text_section"), "elements": _RUN})
RICH_PARTS: dict[str, Rule] = {
    "rich_text_section": _SECTION,
    "rich_text_quote": record({**_kind("rich_text_quote"), "elements": _RUN}, {"border": number()}),
    "rich_text_preformatted": record(
        {**_kind("rich_text_preformatted"), "elements": _RUN}, {"border": number(), "language": string(255)}
    ),
    "rich_text_list": record(
        {
            **_kind("rich_text_list"),
            "style": one_of("bullet", "ordered"),
            "elements": listing(typed({"rich_text_section": _SECTION}), 1, 1000),
        },
        {"indent": number(), "offset": number(), "border": number()},
    ),
}
ANYTHING = anything
