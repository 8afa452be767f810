"""Block elements with their limits, and which of them each block takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.render.limits.checks import (
    Check,
    anything,
    boolean,
    enum,
    integer,
    is_array,
    items,
    members,
    objects,
    one_of,
    string,
    typed,
)
from bot.render.limits.objects import (
    CHANNEL,
    CHOICE,
    CONFIRM,
    DISPATCH,
    FILTER,
    GROUP,
    ID,
    OPTION,
    OVERFLOW_OPTION,
    PLACEHOLDER,
    RICH_TEXT,
    SLACK_FILE,
    STYLE,
    URL,
    USER,
    WORKFLOW,
    plain,
    text,
)

_DECIMAL = string(pattern=r"-?[0-9]+(\.[0-9]+)?")
_ACTION: dict[str, Check] = {"action_id": ID, "confirm": CONFIRM}
_FOCUS: dict[str, Check] = _ACTION | {"focus_on_load": boolean}
_HELD: dict[str, Check] = _FOCUS | {"placeholder": PLACEHOLDER}
_TYPED: dict[str, Check] = {
    "action_id": ID,
    "focus_on_load": boolean,
    "placeholder": PLACEHOLDER,
    "dispatch_action_config": DISPATCH,
}
_MANY: dict[str, Check] = _HELD | {"max_selected_items": integer(1)}
_PERIOD = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"


def _element(optional: dict[str, Check], required: dict[str, Check] | None = None, *rules: Check) -> Check:
    return members({"type": anything} | (required or {}), optional, *rules)


def _initial_is_offered(value: Any, at: str) -> Iterator[str]:
    """A rule: what is picked at first is one of the options, member for member."""
    offered = [*objects(value.get("options"))]
    for group in objects(value.get("option_groups")):
        offered += objects(group.get("options"))
    if "initial_option" in value and value["initial_option"] not in offered:
        yield f"{at}/initial_option: is not one of the options"
    initial = value.get("initial_options")
    if is_array(initial) and any(option not in offered for option in initial or ()):
        yield f"{at}/initial_options: holds what is not one of the options"


def _lengths_in_order(value: Any, at: str) -> Iterator[str]:
    least, most = value.get("min_length"), value.get("max_length")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        yield f"{at}/min_length: {least} is above max_length {most}"


_OPTIONS: dict[str, Check] = {"options": items(OPTION, 100), "option_groups": items(GROUP, 100)}
_FEEDBACK = members({"text": plain(75), "value": string(2000)}, {"accessibility_label": string(75)})
_BUTTON: dict[str, Check] = _ACTION | {"value": string(2000), "accessibility_label": string(75)}

IMAGE = members(
    {"type": anything, "alt_text": string(2000)},
    {"image_url": URL, "slack_file": SLACK_FILE},
    one_of("image_url", "slack_file"),
)
BUTTON = _element(_BUTTON | {"url": URL, "style": STYLE, "agent_prompt": string(4000)}, {"text": plain(75)})

_ELEMENTS: dict[str, Check] = {
    "button": BUTTON,
    "workflow_button": _element(
        {"style": STYLE, "accessibility_label": string(75)},
        {"text": plain(75), "workflow": WORKFLOW, "action_id": ID},
    ),
    "checkboxes": _element(
        _FOCUS | {"initial_options": items(CHOICE)}, {"options": items(CHOICE, 10)}, _initial_is_offered
    ),
    "radio_buttons": _element(
        _FOCUS | {"initial_option": CHOICE}, {"options": items(CHOICE, 10)}, _initial_is_offered
    ),
    "overflow": _element(_ACTION, {"options": items(OVERFLOW_OPTION, 5)}),
    "static_select": _element(
        _HELD | _OPTIONS | {"initial_option": OPTION}, {}, one_of(*_OPTIONS), _initial_is_offered
    ),
    "multi_static_select": _element(
        _MANY | _OPTIONS | {"initial_options": items(OPTION)}, {}, one_of(*_OPTIONS), _initial_is_offered
    ),
    "external_select": _element(_HELD | {"initial_option": OPTION, "min_query_length": integer(0)}),
    "multi_external_select": _element(
        _MANY | {"initial_options": items(OPTION), "min_query_length": integer(0)}
    ),
    "users_select": _element(_HELD | {"initial_user": USER}),
    "multi_users_select": _element(_MANY | {"initial_users": items(USER)}),
    "conversations_select": _element(
        _HELD
        | {
            "initial_conversation": string(),
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": FILTER,
        }
    ),
    "multi_conversations_select": _element(
        _MANY
        | {
            "initial_conversations": items(string()),
            "default_to_current_conversation": boolean,
            "filter": FILTER,
        }
    ),
    "channels_select": _element(_HELD | {"initial_channel": CHANNEL, "response_url_enabled": boolean}),
    "multi_channels_select": _element(_MANY | {"initial_channels": items(CHANNEL)}),
    "datepicker": _element(_HELD | {"initial_date": string(pattern=_PERIOD)}),
    "timepicker": _element(
        _HELD | {"initial_time": string(pattern=r"([01][0-9]|2[0-3]):[0-5][0-9]"), "timezone": string()}
    ),
    "datetimepicker": _element(_FOCUS | {"initial_date_time": integer(0, 9_999_999_999)}),
    "plain_text_input": _element(
        _TYPED
        | {
            "initial_value": string(3000, at_least=0),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
        {},
        _lengths_in_order,
    ),
    "email_text_input": _element(_TYPED | {"initial_value": string(at_least=0)}),
    "url_text_input": _element(_TYPED | {"initial_value": string(at_least=0)}),
    "number_input": _element(
        _TYPED | {"initial_value": _DECIMAL, "min_value": _DECIMAL, "max_value": _DECIMAL},
        {"is_decimal_allowed": boolean},
    ),
    "rich_text_input": _element(_TYPED | {"initial_value": RICH_TEXT}, {"action_id": ID}),
    "file_input": _element({"action_id": ID, "filetypes": items(string()), "max_files": integer(1, 10)}),
    "image": IMAGE,
    "feedback_buttons": _element(
        {"action_id": ID}, {"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}
    ),
    "icon_button": _element(
        _BUTTON | {"visible_to_user_ids": items(USER, 10)}, {"icon": enum("trash"), "text": plain(75)}
    ),
}

_PICKED = (
    "checkboxes",
    "radio_buttons",
    "datepicker",
    "timepicker",
    "static_select",
    "multi_static_select",
    "external_select",
    "multi_external_select",
    "users_select",
    "multi_users_select",
    "conversations_select",
    "multi_conversations_select",
    "channels_select",
    "multi_channels_select",
)
_WRITTEN = ("plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input")


def _place(what: str, *kinds: str, also: Mapping[str, Check] | None = None) -> Check:
    return typed({kind: _ELEMENTS[kind] for kind in kinds} | dict(also or {}), what)


IN_ACTIONS = _place("an actions block", "button", "workflow_button", "overflow", "datetimepicker", *_PICKED)
IN_SECTION = _place("the accessory of a section", "button", "workflow_button", "overflow", "image", *_PICKED)
IN_INPUT = _place("an input block", "datetimepicker", "file_input", *_WRITTEN, *_PICKED)
IN_CONTEXT = _place("a context block", "image", also={"plain_text": text(), "mrkdwn": text()})
IN_CONTEXT_ACTIONS = _place("a context_actions block", "feedback_buttons", "icon_button")
