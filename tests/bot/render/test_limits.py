"""Every Block Kit limit, from both sides of its boundary."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render.limits import problems

Json = dict[str, Any]
Place = Callable[[Any], Json]


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def _mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def _message(*blocks: Json) -> Json:
    return {"channel": "C1", "text": "words", "blocks": list(blocks)}


def _button(**more: Any) -> Json:
    return {"type": "button", "text": _plain("Press"), "action_id": "press"} | more


def _actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def _section(**more: Any) -> Json:
    return {"type": "section", "text": _plain("words")} | more


def _option(text: str = "One", value: str = "1", **more: Any) -> Json:
    return {"text": _plain(text), "value": value} | more


def _select(kind: str = "static_select", **more: Any) -> Json:
    return {"type": kind, "action_id": "pick"} | more


def _rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def _run(*leaves: Json, kind: str = "rich_text_section") -> Json:
    return {"type": kind, "elements": list(leaves)}


def _word(text: str = "word", **more: Any) -> Json:
    return {"type": "text", "text": text} | more


def _input(element: Json, **more: Any) -> Json:
    return {"type": "input", "label": _plain("Name"), "element": element} | more


def _modal(*blocks: Json, **more: Any) -> Json:
    view = {"type": "modal", "title": _plain("Title"), "submit": _plain("Send"), "blocks": list(blocks)}
    return view | more


def _home(*blocks: Json, **more: Any) -> Json:
    return {"type": "home", "blocks": list(blocks)} | more


def _confirm(**more: Any) -> Json:
    words = {
        "title": _plain("Sure?"),
        "text": _plain("Really?"),
        "confirm": _plain("Yes"),
        "deny": _plain("No"),
    }
    return words | more


def _image(**more: Any) -> Json:
    return {"type": "image", "image_url": "https://example.org/a.png", "alt_text": "a picture"} | more


def _task(number: int = 1, **more: Any) -> Json:
    return {
        "type": "task_card",
        "task_id": f"t{number}",
        "title": f"Task {number}",
        "status": "complete",
    } | more


def _plan(*tasks: Json, **more: Any) -> Json:
    return {"type": "plan", "title": "Plan", "tasks": list(tasks)} | more


def _table(*rows: list[Json], **more: Any) -> Json:
    return {"type": "table", "rows": list(rows)} | more


def _cell(text: str = "cell") -> Json:
    return {"type": "raw_text", "text": text}


def _filler(count: int) -> list[Json]:
    return [{"type": "divider"}] * count


# Where a text stands, and how long it may be there.
MESSAGE_TEXTS: dict[str, tuple[Place, int]] = {
    "section text": (lambda t: _section(text=_mrkdwn(t)), 3000),
    "section plain text": (lambda t: _section(text=_plain(t)), 3000),
    "section field": (lambda t: {"type": "section", "fields": [_mrkdwn(t)]}, 2000),
    "header": (lambda t: {"type": "header", "text": _plain(t)}, 150),
    "context text": (lambda t: {"type": "context", "elements": [_mrkdwn(t)]}, 3000),
    "button text": (lambda t: _actions(_button(text=_plain(t))), 75),
    "button value": (lambda t: _actions(_button(value=t)), 2000),
    "button label for screen readers": (lambda t: _actions(_button(accessibility_label=t)), 75),
    "action id": (lambda t: _actions(_button(action_id=t)), 255),
    "block id": (lambda t: _section(block_id=t), 255),
    "option text": (lambda t: _actions(_select(options=[_option(text=t)])), 75),
    "option value": (lambda t: _actions(_select(options=[_option(value=t)])), 150),
    "option description": (
        lambda t: _actions(_select(options=[_option(description=_plain(t))])),
        75,
    ),
    "option group label": (
        lambda t: _actions(_select(option_groups=[{"label": _plain(t), "options": [_option()]}])),
        75,
    ),
    "placeholder": (lambda t: _actions(_select(options=[_option()], placeholder=_plain(t))), 150),
    "overflow option": (lambda t: _actions(_select("overflow", options=[_option(text=t)])), 75),
    "radio option": (lambda t: _actions(_select("radio_buttons", options=[_option(text=t)])), 75),
    "confirm title": (lambda t: _actions(_button(confirm=_confirm(title=_plain(t)))), 100),
    "confirm text": (lambda t: _actions(_button(confirm=_confirm(text=_mrkdwn(t)))), 300),
    "confirm button": (lambda t: _actions(_button(confirm=_confirm(confirm=_plain(t)))), 30),
    "deny button": (lambda t: _actions(_button(confirm=_confirm(deny=_plain(t)))), 30),
    "image description": (lambda t: _image(alt_text=t), 2000),
    "image title": (lambda t: _image(title=_plain(t)), 2000),
    "plan title": (lambda t: _plan(_task(), title=t), 256),
    "task title": (lambda t: _plan(_task(title=t)), 256),
    "card title": (lambda t: {"type": "card", "title": _plain(t)}, 150),
    "card body": (lambda t: {"type": "card", "body": _plain(t)}, 200),
    "container title": (
        lambda t: {"type": "container", "title": _plain(t), "child_blocks": [_section()]},
        150,
    ),
    "feedback text": (
        lambda t: {
            "type": "context_actions",
            "elements": [
                {
                    "type": "feedback_buttons",
                    "positive_button": {"text": _plain(t), "value": "up"},
                    "negative_button": {"text": _plain("Bad"), "value": "down"},
                }
            ],
        },
        75,
    ),
}

MODAL_TEXTS: dict[str, tuple[Place, int]] = {
    "title": (lambda t: _modal(_section(), title=_plain(t)), 24),
    "submit": (lambda t: _modal(_section(), submit=_plain(t)), 24),
    "close": (lambda t: _modal(_section(), close=_plain(t)), 24),
    "private metadata": (lambda t: _modal(_section(), private_metadata=t), 3000),
    "callback id": (lambda t: _modal(_section(), callback_id=t), 255),
    "external id": (lambda t: _modal(_section(), external_id=t), 255),
    "input label": (lambda t: _modal(_input({"type": "plain_text_input"}, label=_plain(t))), 2000),
    "input hint": (lambda t: _modal(_input({"type": "plain_text_input"}, hint=_plain(t))), 2000),
    "initial value": (lambda t: _modal(_input({"type": "plain_text_input", "initial_value": t})), 3000),
    "alert": (lambda t: _modal({"type": "alert", "text": _plain(t)}), 200),
}


@pytest.mark.parametrize("name", MESSAGE_TEXTS)
def test_a_text_of_a_message_may_be_just_so_long(name: str) -> None:
    """A text of the very limit is fine, one character more is a problem, and none at all is one too."""
    place, limit = MESSAGE_TEXTS[name]
    assert problems(_message(place("x" * limit)), "message") == []
    found = problems(_message(place("x" * (limit + 1))), "message")
    assert len(found) == 1
    assert found[0].startswith("/blocks/0")
    assert str(limit) in found[0]
    assert problems(_message(place("")), "message")


@pytest.mark.parametrize("name", MODAL_TEXTS)
def test_a_text_of_a_modal_may_be_just_so_long(name: str) -> None:
    """A text of the very limit is fine, one character more is a problem."""
    place, limit = MODAL_TEXTS[name]
    assert problems(place("x" * limit), "modal") == []
    found = problems(place("x" * (limit + 1)), "modal")
    assert len(found) == 1
    assert str(limit) in found[0]


# Where a list stands, and how many items it may have.
LISTS: dict[str, tuple[Callable[[int], Json], int]] = {
    "actions": (lambda n: _actions(*(_button(action_id=f"a{i}") for i in range(n))), 25),
    "context": (lambda n: {"type": "context", "elements": [_plain("x")] * n}, 10),
    "fields": (lambda n: {"type": "section", "fields": [_plain("x")] * n}, 10),
    "select options": (lambda n: _actions(_select(options=[_option()] * n)), 100),
    "option groups": (
        lambda n: _actions(_select(option_groups=[{"label": _plain("G"), "options": [_option()]}] * n)),
        100,
    ),
    "overflow": (lambda n: _actions(_select("overflow", options=[_option()] * n)), 5),
    "radio buttons": (lambda n: _actions(_select("radio_buttons", options=[_option()] * n)), 10),
    "checkboxes": (lambda n: _actions(_select("checkboxes", options=[_option()] * n)), 10),
    "tasks": (lambda n: _plan(*(_task(i) for i in range(n))), 50),
    "table rows": (lambda n: _table(*([[_cell()]] * n)), 100),
    "table columns": (lambda n: _table([_cell()] * n), 20),
    "carousel": (
        lambda n: {"type": "carousel", "elements": [{"type": "card", "title": _plain("x")}] * n},
        10,
    ),
    "container": (
        lambda n: {"type": "container", "title": _plain("x"), "child_blocks": [_section()] * n},
        10,
    ),
    "card actions": (lambda n: {"type": "card", "actions": [_button()] * n}, 3),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_may_have_just_so_many_items(name: str) -> None:
    """A list of the very limit is fine, one item more is a problem."""
    place, limit = LISTS[name]
    assert problems(_message(place(limit)), "message") == []
    assert any(str(limit) in found for found in problems(_message(place(limit + 1)), "message"))


@pytest.mark.parametrize(
    "block",
    [_actions(), {"type": "context", "elements": []}, _actions(_select(options=[])), _table(), _table([])],
)
def test_a_list_that_must_hold_something_is_not_empty(block: Json) -> None:
    """Actions, context, options and table rows are refused when they are empty."""
    assert problems(_message(block), "message")


@pytest.mark.parametrize(
    ("surface", "limit"), [("message", 50), ("modal", 100), ("home", 100)], ids=["message", "modal", "home"]
)
def test_a_surface_holds_just_so_many_blocks(surface: Any, limit: int) -> None:
    """50 blocks a message, 100 a view."""
    make = {"message": _message, "modal": _modal, "home": _home}[surface]
    assert problems(make(*_filler(limit)), surface) == []
    (found,) = problems(make(*_filler(limit + 1)), surface)
    assert found.startswith(f"/blocks: {limit + 1} blocks")


def test_all_block_text_of_a_message_is_summed() -> None:
    """12,000 characters over all blocks are fine, one more is msg_blocks_too_long; a view may hold more."""
    full = [_section(text=_plain("x" * 3000))] * 4
    assert problems(_message(*full), "message") == []
    (found,) = problems(_message(*full, _rich(_run(_word("x")))), "message")
    assert "msg_blocks_too_long" in found
    assert problems(_modal(*full, *full), "modal") == []


def test_the_text_beside_the_blocks_is_limited_by_the_method() -> None:
    """40,000 characters to post, 4,000 to update."""
    post = {"channel": "C1", "text": "x" * 40_000}
    assert problems(post, "message") == []
    assert problems(post | {"text": "x" * 40_001}, "message")
    update = {"channel": "C1", "ts": "1.2", "text": "x" * 4_000}
    assert problems(update, "message") == []
    assert problems(update | {"text": "x" * 4_001}, "message")


def test_a_message_says_something() -> None:
    """Neither text nor blocks is no_text."""
    assert "no_text" in problems({"channel": "C1"}, "message")[0]
    assert "no_text" in problems({"channel": "C1", "text": "", "blocks": []}, "message")[0]


def test_lengths_are_counted_as_the_strictest_client_counts() -> None:
    """An emoji outside the basic plane is two characters, so 75 of them do not fit a header of 150 + 1."""
    assert problems(_message({"type": "header", "text": _plain("🔑" * 75)}), "message") == []
    assert problems(_message({"type": "header", "text": _plain("🔑" * 76)}), "message")


def test_block_ids_are_unique_in_a_message() -> None:
    """The same block_id twice is named at its second place; blocks without one are free."""
    assert problems(_message(_section(block_id="a"), _section(block_id="b"), _section()), "message") == []
    (found,) = problems(_message(_section(block_id="a"), _section(block_id="a")), "message")
    assert found.startswith("/blocks/1/block_id")


def test_action_ids_are_unique_in_a_block() -> None:
    """The same action_id may stand in two blocks, not twice in one."""
    assert problems(_message(_actions(_button()), _actions(_button())), "message") == []
    assert problems(_message(_actions(_button(), _button())), "message")


SURFACES = [
    ("markdown", {"type": "markdown", "text": "*x*"}, ["message"]),
    ("table", _table([_cell()]), ["message"]),
    ("plan", _plan(_task()), ["message"]),
    ("task_card", _task(), ["message"]),
    (
        "context_actions",
        {
            "type": "context_actions",
            "elements": [{"type": "icon_button", "icon": "trash", "text": _plain("x")}],
        },
        ["message"],
    ),
    ("alert", {"type": "alert", "text": _plain("x")}, ["modal"]),
    ("card", {"type": "card", "title": _plain("x")}, ["message", "home"]),
    (
        "carousel",
        {"type": "carousel", "elements": [{"type": "card", "title": _plain("x")}]},
        ["message", "home"],
    ),
    ("rich_text", _rich(_run(_word())), ["message", "modal", "home"]),
    ("input", _input({"type": "plain_text_input"}), ["message", "modal", "home"]),
    ("file_input", _input({"type": "file_input"}), ["modal"]),
    ("number_input", _input({"type": "number_input", "is_decimal_allowed": True}), ["modal"]),
    ("rich_text_input", _input({"type": "rich_text_input", "action_id": "a"}), ["modal", "home"]),
    ("datetimepicker", _actions({"type": "datetimepicker", "action_id": "a"}), ["message", "modal"]),
]


@pytest.mark.parametrize(("name", "block", "surfaces"), SURFACES, ids=[s[0] for s in SURFACES])
def test_a_block_shows_on_its_surfaces_only(name: str, block: Json, surfaces: list[str]) -> None:
    """Each block and element is fine where Slack shows it and a problem elsewhere."""
    assert (problems(_message(block), "message") == []) is ("message" in surfaces), name
    assert (problems(_modal(block), "modal") == []) is ("modal" in surfaces), name
    assert (problems(_home(block), "home") == []) is ("home" in surfaces), name


@pytest.mark.parametrize(
    "block",
    [
        {"type": "marquee", "text": _plain("x")},
        {"text": _plain("x")},
        "words",
        None,
        _section(colour="red"),
        {"type": "section"},
        {"type": "header"},
        {"type": "header", "text": _mrkdwn("x")},
        {"type": "image", "alt_text": "x"},
        _image(slack_file={"id": "F1"}),
        _actions({"type": "plain_text_input"}),
        _actions(_image()),
        _section(accessory={"type": "file_input"}),
        {"type": "context", "elements": [_button()]},
        {"type": "input", "element": {"type": "plain_text_input"}},
        _input(_button()),
        _actions({"type": "button", "action_id": "a"}),
        _actions(_button(style="loud")),
        _actions(_button(text=_mrkdwn("x"))),
        _actions(_button(url="javascript:alert(1)")),
        _actions(_button(confirm={"title": _plain("x")})),
        _actions(_select()),
        _actions(_select(options=[_option()], option_groups=[])),
        _actions(_select(options=[_option()], initial_option=_option("Two", "2"))),
        _actions(_select("checkboxes", options=[_option()], initial_options=[_option("Two", "2")])),
        _actions(_select("overflow", options=[{"text": _plain("x")}])),
        _task(status="pending"),
        _plan(_task(status="done")),
        _plan({"title": "no id"}),
        _plan({"task_id": "t", "title": " "}),
        _plan(_task(details=_plain("x"))),
        _table([{"type": "plain_text", "text": "x"}]),
        _table([_cell("")]),
        _section(text=_plain(" \n ")),
        _input({"type": "plain_text_input", "min_length": 5, "max_length": 4}),
        {"type": "container", "title": _plain("x"), "default_collapsed": True, "child_blocks": [_section()]},
    ],
    ids=str,
)
def test_a_malformed_block_is_a_problem(block: Any) -> None:
    """Unknown types and members, missing ones, and elements where they do not belong are each named."""
    found = problems(_message(block), "message")
    assert found
    assert all(f.startswith("/blocks/0") for f in found)


GOOD_RUNS = [
    _run(_word(style={"bold": True}), {"type": "link", "url": "https://example.org", "text": "x"}),
    _run({"type": "user", "user_id": "U1"}, {"type": "emoji", "name": "eyes"}),
    _run(),
    _run(_word(), kind="rich_text_quote"),
    _run(_word(), kind="rich_text_preformatted"),
    {"type": "rich_text_list", "style": "bullet", "elements": [_run(_word())]},
    {"type": "rich_text_list", "style": "ordered", "indent": 1, "elements": [_run(_word())]},
]
BAD_RUNS = [
    _word(),
    _run(_word("")),
    _run({"type": "text"}),
    _run({"type": "mrkdwn", "text": "x"}),
    _run(_word(style={"loud": True})),
    _run(_word(style={})),
    _run({"type": "link", "url": "not a url"}),
    _run({"type": "user", "user_id": "dana"}),
    _run({"type": "broadcast", "range": "all"}),
    {"type": "rich_text_list", "style": "bullet", "elements": []},
    {"type": "rich_text_list", "elements": [_run(_word())]},
    {"type": "rich_text_list", "style": "bullet", "elements": [_word()]},
    _run(_run(_word())),
]


@pytest.mark.parametrize("element", GOOD_RUNS, ids=str)
def test_well_formed_rich_text_passes(element: Json) -> None:
    """Sections, lists, quotes and preformatted text with their leaves are fine."""
    assert problems(_message(_rich(element)), "message") == []


@pytest.mark.parametrize("element", BAD_RUNS, ids=str)
def test_malformed_rich_text_is_a_problem(element: Json) -> None:
    """A leaf without its container, an empty text, an unknown style or a list of nothing is named."""
    assert problems(_message(_rich(element)), "message")


def test_one_table_a_message_within_its_characters() -> None:
    """One table of 10,000 characters is fine; a second table, or one character more, is a problem."""
    rows = [[_cell("x" * 100)]] * 100
    assert problems(_message(_table(*rows)), "message") == []
    assert problems(_message(_table([_cell()]), _table([_cell()])), "message")
    longer = [*rows[:-1], [_cell("x" * 101)]]
    assert problems(_message(_table(*longer)), "message")


def test_markdown_blocks_are_summed() -> None:
    """12,000 characters of markdown over all blocks are fine, one more is a problem."""
    assert problems(_message({"type": "markdown", "text": "x" * 12_000}), "message") == []
    half = {"type": "markdown", "text": "x" * 6_001}
    assert any("markdown" in found for found in problems(_message(half, half), "message"))


def test_a_modal_with_inputs_has_a_submit_button() -> None:
    """Input blocks without `submit` are a problem; a modal that only shows needs none."""
    asking = _modal(_input({"type": "plain_text_input"}))
    del asking["submit"]
    showing = _modal(_section())
    del showing["submit"]
    assert problems(asking, "modal") == ["/submit: is missing, and there are input blocks"]
    assert problems(showing, "modal") == []


def test_a_view_has_its_type_title_and_blocks() -> None:
    """Each missing member of a view is named, and so is the wrong type."""
    assert set(problems({"type": "modal"}, "modal")) == {"/title: is missing", "/blocks: is missing"}
    assert problems(_home(), "modal")
    assert problems(_modal(), "home")


def test_a_view_is_not_larger_than_slack_takes() -> None:
    """250 KB a view."""
    section = _section(text=_plain("é" * 3000))
    assert problems(_modal(*[section] * 40), "modal") == []
    assert "view_too_large" in problems(_modal(*[section] * 45), "modal")[-1]


def test_a_file_input_takes_one_to_ten_files() -> None:
    """max_files is 1 to 10, and a file input cannot dispatch."""
    for count, fine in ((0, False), (1, True), (10, True), (11, False)):
        found = problems(_modal(_input({"type": "file_input", "max_files": count})), "modal")
        assert (found == []) is fine
    assert problems(_modal(_input({"type": "file_input"}, dispatch_action=True)), "modal")


def test_only_one_field_has_the_focus() -> None:
    """Two elements with focus_on_load are a problem."""
    field = _input({"type": "plain_text_input", "focus_on_load": True})
    assert problems(_modal(field), "modal") == []
    assert problems(_modal(field, field), "modal")


def test_an_input_may_ask_for_3000_characters() -> None:
    """max_length is at most 3,000."""
    assert problems(_modal(_input({"type": "plain_text_input", "max_length": 3000})), "modal") == []
    assert problems(_modal(_input({"type": "plain_text_input", "max_length": 3001})), "modal")


def test_metadata_has_its_two_members() -> None:
    """event_type and event_payload are both needed."""
    good = {"event_type": "tm_root", "event_payload": {"id": "m1"}}
    assert problems(_message() | {"metadata": good}, "message") == []
    assert problems(_message() | {"metadata": {"event_type": "tm_root"}}, "message")


def test_blocks_must_be_an_array() -> None:
    """Anything but an array of blocks is named, and nothing breaks over it."""
    assert problems({"text": "x", "blocks": "[]"}, "message") == ["/blocks: must be an array"]
    assert problems({"text": "x", "blocks": {"type": "divider"}}, "message")
    assert problems({"text": "x", "blocks": ({"type": "divider"},)}, "message") == []


@pytest.mark.parametrize(
    "block",
    [
        _section(text=_plain(3)),  # type: ignore[arg-type]
        _section(text="words"),
        _section(expand="yes"),
        _section(fields={"type": "plain_text"}),
        _table([{"type": "raw_number", "value": "1"}]),
        _actions(_select("multi_external_select", min_query_length="2")),
        {"type": "rich_text", "elements": [{"type": "rich_text_list", "style": ["bullet"], "elements": []}]},
        {"type": ["section"]},
        _input({"type": ["file_input"]}),
    ],
    ids=str,
)
def test_a_value_of_the_wrong_type_is_a_problem(block: Json) -> None:
    """Numbers for strings, strings for flags, objects for arrays are named, never stumbled over."""
    found = problems(_message(block), "message")
    assert found
    assert all(f.startswith("/blocks/0") for f in found)


def test_a_message_shows_two_charts_at_most() -> None:
    """A third data_visualization block is a problem."""
    chart = {"type": "data_visualization", "title": "Threats", "chart": {"type": "pie"}}
    assert problems(_message(chart, chart), "message") == []
    assert problems(_message(chart, chart, chart), "message")


_NAMES = st.sampled_from(
    ["type", "text", "elements", "blocks", "element", "options", "value", "title", "rows", "tasks", "submit"]
)
_WORDS = st.sampled_from(
    ["section", "actions", "rich_text", "plan", "table", "input", "button", "plain_text", "static_select", ""]
)
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | _WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=5),
    max_leaves=40,
)


@given(payload=st.dictionaries(_NAMES, _ANYTHING), surface=st.sampled_from(["message", "modal", "home"]))
def test_any_payload_gets_an_answer(payload: Json, surface: Any) -> None:
    """Whatever is sent, the answer is a list of sentences that begin with a pointer; nothing is raised."""
    assert all(isinstance(found, str) and ": " in found for found in problems(payload, surface))
