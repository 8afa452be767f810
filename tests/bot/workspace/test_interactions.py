from __future__ import annotations

from typing import Any

import pytest

from agent.errors import InputError, NotAllowed, NotFound
from bot.workspace import Workspace

PAYMENTS = "C0PAYMENTS"


def plain(text: str) -> dict[str, Any]:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def option(name: str) -> dict[str, Any]:
    """An option whose value is the name."""
    return {"text": plain(name.title()), "value": name}


def form(callback_id: str = "form", **more: Any) -> dict[str, Any]:
    """A modal with one input of every kind that a form may need."""

    def field(name: str, element: dict[str, Any], *, optional: bool = True) -> dict[str, Any]:
        return {
            "type": "input",
            "block_id": name,
            "label": plain(name),
            "optional": optional,
            "element": {"action_id": "v"} | element,
        }

    colours = [option("red"), option("green"), option("blue")]
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain("Form"),
        "submit": plain("Send"),
        "private_metadata": "kept",
        "blocks": [
            field("title", {"type": "plain_text_input", "max_length": 10}, optional=False),
            field("one", {"type": "static_select", "options": colours, "initial_option": colours[0]}),
            field("radio", {"type": "radio_buttons", "options": colours}),
            field("some", {"type": "checkboxes", "options": colours}),
            field("many", {"type": "multi_static_select", "options": colours}),
            field("people", {"type": "multi_users_select"}),
            field("day", {"type": "datepicker"}),
            field("files", {"type": "file_input", "max_files": 2}),
        ],
    } | more


BLOCKS: list[dict[str, Any]] = [
    {
        "type": "section",
        "block_id": "head",
        "text": {"type": "mrkdwn", "text": "*T-001*"},
        "accessory": {
            "type": "static_select",
            "action_id": "severity",
            "placeholder": plain("Severity"),
            "options": [option("high"), option("low")],
        },
    },
    {
        "type": "actions",
        "block_id": "act",
        "elements": [
            {"type": "button", "action_id": "accept", "text": plain("Accept"), "value": "T-001"},
            {"type": "overflow", "action_id": "more", "options": [option("edit"), option("undo")]},
            {"type": "checkboxes", "action_id": "done", "options": [option("a"), option("b")]},
        ],
    },
    {
        "type": "context_actions",
        "block_id": "said",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "useful",
                "positive_button": {"text": plain("Good"), "value": "yes"},
                "negative_button": {"text": plain("Bad"), "value": "no"},
            },
            {
                "type": "icon_button",
                "action_id": "drop",
                "icon": "trash",
                "text": plain("Drop"),
                "value": "x",
            },
        ],
    },
]


def test_a_command_arrives_as_slack_sends_it(workspace: Workspace, echo: Any) -> None:
    """Every field of the form, signed, so that Bolt takes it."""
    outcome = workspace.person("dana").command("/threatmodel", "new Shop & <co>", channel="payments")
    (body,) = echo.heard
    assert outcome.ok
    assert (body["command"], body["text"]) == ("/threatmodel", "new Shop &amp; &lt;co&gt;")
    assert (body["user_id"], body["user_name"]) == ("U0DANA", "dana")
    assert (body["channel_id"], body["channel_name"]) == (PAYMENTS, "payments")
    assert body["team_id"] == "T0LOCAL"
    assert body["response_url"].startswith(workspace.url)
    assert body["trigger_id"]


def test_private_channels_are_not_named_in_a_command(workspace: Workspace, echo: Any) -> None:
    """Slack says privategroup and directmessage instead."""
    workspace.person("dana").command("/threatmodel", channel="security")
    workspace.person("dana").command("/threatmodel", channel="dm")
    assert [body["channel_name"] for body in echo.heard] == ["privategroup", "directmessage"]


@pytest.mark.parametrize(
    ("answer", "private", "public"),
    [
        ("plain words", ["plain words"], []),
        ({"text": "only you"}, ["only you"], []),
        ({"text": "all of you", "response_type": "in_channel"}, [], ["all of you"]),
        ("", [], []),
    ],
)
def test_an_acknowledgement_is_shown_as_it_asks(
    workspace: Workspace, echo: Any, answer: Any, private: list[str], public: list[str]
) -> None:
    """To one person by default, to the channel on demand, and nothing for nothing."""
    echo.on["command"] = lambda ack, _body, _client: ack(answer)
    outcome = workspace.person("dana").command("/threatmodel", "help")
    assert outcome.text == "".join([*private, *public])
    assert [m.text for m in workspace.ephemerals("dana")] == private
    assert [m.text for m in workspace.messages("payments")] == public


def test_an_acknowledgement_that_cannot_be_shown_fails(workspace: Workspace, echo: Any) -> None:
    """The person reads Slack's word for it."""
    bad = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]
    echo.on["command"] = lambda ack, _body, _client: ack(blocks=bad, text="x")
    outcome = workspace.person("dana").command("/threatmodel", "help")
    assert outcome.error == "invalid_blocks"
    assert "invalid_blocks" in workspace.notices("dana")[0].text


def test_a_command_that_crashes_fails(workspace: Workspace, echo: Any) -> None:
    """dispatch_failed for any answer that is not 2xx."""
    echo.on["command"] = lambda _ack, _body, _client: 1 / 0
    outcome = workspace.person("dana").command("/threatmodel")
    assert (outcome.error, outcome.status) == ("dispatch_failed", 500)


def test_a_command_opens_a_modal(workspace: Workspace, echo: Any) -> None:
    """The outcome holds the view that was opened with its trigger."""
    echo.on["command"] = lambda ack, body, client: (
        client.views_open(trigger_id=body["trigger_id"], view=form()),
        ack(),
    )
    outcome = workspace.person("dana").command("/threatmodel", "new")
    assert outcome.view is not None
    assert outcome.view.callback_id == "form"
    assert workspace.person("dana").open_modal() == outcome.view


def test_a_command_that_nobody_declared_is_refused(workspace: Workspace) -> None:
    """NotFound, before anything is sent."""
    with pytest.raises(NotFound, match="/weather"):
        workspace.person("dana").command("/weather")


def test_people_act_only_where_they_are(workspace: Workspace) -> None:
    """A guest is not in every channel, a stranger only in the shared one."""
    with pytest.raises(NotAllowed):
        workspace.person("gil").command("/threatmodel", channel="platform")
    with pytest.raises(NotAllowed):
        workspace.person("mo").say("payments", "hello")
    assert workspace.person("mo").say("partners", "hello").text == "hello"


def open_form(workspace: Workspace, echo: Any, **more: Any) -> str:
    """Dana has the form open; its id."""
    echo.on["command"] = lambda ack, body, client: (
        client.views_open(trigger_id=body["trigger_id"], view=form(**more)),
        ack(),
    )
    view = workspace.person("dana").command("/threatmodel", "new").view
    assert view is not None
    return view.id


def test_a_submission_carries_every_value(workspace: Workspace, echo: Any) -> None:
    """view.state.values has one entry an input, in the shape of its type."""
    dana = workspace.person("dana")
    view = open_form(workspace, echo)
    upload = dana.stage("a.mmd", b"flowchart LR")
    values = {
        "title": "Shop",
        "radio": "green",
        "some": ["red", "blue"],
        ("many", "v"): ["green"],
        "people": ["lee", "U0ADA"],
        "day/v": "2027-01-31",
        "files": [upload],
    }
    outcome = dana.submit(view, values)
    assert (outcome.ok, outcome.view, dana.modal) == (True, None, None)
    (body,) = echo.bodies("view_submission")
    state = {block: entry["v"] for block, entry in body["view"]["state"]["values"].items()}
    assert state["title"] == {"type": "plain_text_input", "value": "Shop"}
    assert state["one"]["selected_option"]["value"] == "red"
    assert state["radio"]["selected_option"]["value"] == "green"
    assert [o["value"] for o in state["some"]["selected_options"]] == ["red", "blue"]
    assert [o["value"] for o in state["many"]["selected_options"]] == ["green"]
    assert state["people"]["selected_users"] == ["U0LEE", "U0ADA"]
    assert state["day"]["selected_date"] == "2027-01-31"
    assert [file["id"] for file in state["files"]["files"]] == [upload]
    assert (body["user"]["id"], body["view"]["private_metadata"]) == ("U0DANA", "kept")


def test_a_form_is_checked_before_it_is_sent(workspace: Workspace, echo: Any) -> None:
    """Required and length are the client's business: the app hears nothing."""
    dana = workspace.person("dana")
    view = open_form(workspace, echo)
    assert "required" in dana.submit(view, {"title": ""}).errors["title"]
    assert "at most 10" in dana.submit(view, {"title": "much too long"}).errors["title"]
    three = [dana.stage(f"{n}.txt", b"x") for n in range(3)]
    assert "at most 2" in dana.submit(view, {"title": "Shop", "files": three}).errors["files"]
    assert echo.bodies("view_submission") == []


def test_the_apps_errors_stand_at_the_inputs_and_the_values_stay(workspace: Workspace, echo: Any) -> None:
    """The modal stays open with what was typed, to be sent again."""
    dana = workspace.person("dana")
    view = open_form(workspace, echo)
    echo.on["submit"] = lambda ack, _body, _client: ack(
        response_action="errors", errors={"title": "This title is taken."}
    )
    outcome = dana.submit(view, {"title": "Shop"})
    assert (outcome.response_action, dict(outcome.errors)) == ("errors", {"title": "This title is taken."})
    assert dana.modal is not None
    assert dana.modal.state["title"]["v"]["value"] == "Shop"


def test_errors_for_blocks_that_are_not_there_fail(workspace: Workspace, echo: Any) -> None:
    """Slack shows its own error then, and so does this workspace."""
    view = open_form(workspace, echo)
    echo.on["submit"] = lambda ack, _body, _client: ack(response_action="errors", errors={"nowhere": "?"})
    outcome = workspace.person("dana").submit(view, {"title": "Shop"})
    assert outcome.error == "errors_without_an_input_block"
    assert workspace.notices("dana")


def test_a_submission_can_change_push_and_clear(workspace: Workspace, echo: Any) -> None:
    """response_action update, push and clear do what they say."""
    dana = workspace.person("dana")
    view = open_form(workspace, echo)
    changed = form() | {"title": plain("Changed")}
    echo.on["submit"] = lambda ack, _body, _client: ack(response_action="update", view=changed)
    outcome = dana.submit(view, {"title": "Shop"})
    assert outcome.view is not None
    assert (outcome.view.id, outcome.view.title) == (view, "Changed")
    echo.on["submit"] = lambda ack, _body, _client: ack(response_action="push", view=form())
    pushed = dana.submit(view, {"title": "Shop"}).view
    assert pushed is not None
    assert pushed.previous == view
    echo.on["submit"] = lambda ack, _body, _client: ack(response_action="clear")
    assert dana.submit(pushed.id, {"title": "Shop"}).view is None
    assert dana.modal is None


def test_a_plain_acknowledgement_shows_the_modal_below(workspace: Workspace, echo: Any) -> None:
    """Only the top one closes."""
    dana = workspace.person("dana")
    view = open_form(workspace, echo)
    echo.on["submit"] = lambda ack, _body, _client: ack(response_action="push", view=form())
    pushed = dana.submit(view, {"title": "Shop"}).view
    assert pushed is not None
    echo.on["submit"] = lambda ack, _body, _client: ack()
    below = dana.submit(pushed.id, {"title": "Again"}).view
    assert below is not None
    assert below.id == view


def test_closing_is_told_only_when_asked_for(workspace: Workspace, echo: Any) -> None:
    """view_closed with notify_on_close, and not without."""
    dana = workspace.person("dana")
    open_form(workspace, echo)
    dana.close()
    assert echo.bodies("view_closed") == []
    open_form(workspace, echo, notify_on_close=True)
    dana.close(all_of_them=True)
    (body,) = echo.bodies("view_closed")
    assert body["is_cleared"] is True


def test_a_click_says_where_and_what(workspace: Workspace, echo: Any) -> None:
    """block_actions with container, message, action and answer address."""
    root = echo.client.chat_postMessage(channel=PAYMENTS, text="root")["ts"]
    ts = echo.client.chat_postMessage(channel=PAYMENTS, text="T", blocks=BLOCKS, thread_ts=root)["ts"]
    assert workspace.person("lee").click(ts, "accept").ok
    (body,) = echo.bodies("block_actions")
    assert body["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": PAYMENTS,
        "is_ephemeral": False,
        "thread_ts": root,
    }
    assert (body["message"]["ts"], body["user"]["id"]) == (ts, "U0LEE")
    (action,) = body["actions"]
    assert (action["type"], action["value"], action["block_id"]) == ("button", "T-001", "act")


@pytest.mark.parametrize(
    ("address", "value", "key", "sent"),
    [
        ("severity", "low", "selected_option", option("low")),
        (("act", "more"), "undo", "selected_option", option("undo")),
        ("act/done", ["a", "b"], "selected_options", [option("a"), option("b")]),
        ("useful", "no", "value", "no"),
        ("drop", None, "value", "x"),
    ],
)
def test_choices_arrive_in_the_shape_of_their_element(
    workspace: Workspace, echo: Any, address: Any, value: Any, key: str, sent: Any
) -> None:
    """Selects, menus and boxes each have their own field."""
    ts = echo.client.chat_postMessage(channel=PAYMENTS, text="T", blocks=BLOCKS)["ts"]
    workspace.person("dana").select(ts, address, value)
    (action,) = echo.bodies("block_actions")[0]["actions"]
    assert action[key] == sent


def test_a_messages_state_is_its_readers_own(workspace: Workspace, echo: Any) -> None:
    """state.values holds what this person chose before, and nobody else's choice."""
    ts = echo.client.chat_postMessage(channel=PAYMENTS, text="T", blocks=BLOCKS)["ts"]
    workspace.person("dana").select(ts, "severity", "low")
    workspace.person("dana").click(ts, "accept")
    workspace.person("lee").click(ts, "accept")
    states = [body["state"]["values"]["head"]["severity"] for body in echo.bodies("block_actions")]
    assert [s["selected_option"] and s["selected_option"]["value"] for s in states] == ["low", "low", None]


def test_an_option_that_is_not_there_cannot_be_chosen(workspace: Workspace, echo: Any) -> None:
    """InputError names the options; NotFound names the elements."""
    ts = echo.client.chat_postMessage(channel=PAYMENTS, text="T", blocks=BLOCKS)["ts"]
    with pytest.raises(InputError, match="high, low"):
        workspace.person("dana").select(ts, "severity", "medium")
    with pytest.raises(NotFound, match="act/accept"):
        workspace.person("dana").click(ts, "reject")


def test_a_click_on_what_was_on_screen_before_a_change_counts(workspace: Workspace, echo: Any) -> None:
    """The app updates with blocks without ids; whoever clicked on the old version is heard all the same."""
    nameless = [{k: v for k, v in block.items() if k != "block_id"} for block in BLOCKS]
    ts = echo.client.chat_postMessage(channel=PAYMENTS, text="T", blocks=nameless)["ts"]
    before = workspace.message(ts).blocks[1]["block_id"]
    echo.client.chat_update(channel=PAYMENTS, ts=ts, text="T2", blocks=nameless)
    assert workspace.message(ts).blocks[1]["block_id"] != before
    assert workspace.person("dana").click(ts, (before, "accept")).ok
    (body,) = echo.bodies("block_actions")
    assert (body["actions"][0]["block_id"], body["message"]["text"]) == (before, "T2")


def test_a_click_can_open_a_modal(workspace: Workspace, echo: Any) -> None:
    """The outcome holds it."""
    echo.on["action"] = lambda ack, body, client: (
        client.views_open(trigger_id=body["trigger_id"], view=form()),
        ack(),
    )
    ts = echo.client.chat_postMessage(channel=PAYMENTS, text="T", blocks=BLOCKS)["ts"]
    view = workspace.person("dana").click(ts, "accept").view
    assert view is not None
    assert view.channel == PAYMENTS


def test_a_click_in_a_view_carries_what_was_typed(workspace: Workspace, echo: Any) -> None:
    """block_actions of a view holds the whole state, and its trigger can push another view."""
    button = {"type": "actions", "block_id": "act", "elements": [BLOCKS[1]["elements"][0]]}
    view = open_form(workspace, echo, blocks=[*form()["blocks"], button])
    dana = workspace.person("dana")
    echo.on["action"] = lambda ack, body, client: (
        client.views_push(trigger_id=body["trigger_id"], view=form()),
        ack(),
    )
    dana.fill(view, {"title": "Shop"})
    pushed = dana.click(view, "accept").view
    (body,) = echo.bodies("block_actions")
    assert body["view"]["state"]["values"]["title"]["v"]["value"] == "Shop"
    assert body["container"] == {"type": "view", "view_id": view}
    assert pushed is not None
    assert pushed.root == view


def test_an_input_in_a_view_is_silent_unless_it_dispatches(workspace: Workspace, echo: Any) -> None:
    """A choice in an input block reaches the app only with dispatch_action."""
    blocks = form()["blocks"]
    blocks[1]["dispatch_action"] = True
    view = open_form(workspace, echo, blocks=blocks)
    dana = workspace.person("dana")
    dana.select(view, "radio", "green")
    assert echo.bodies("block_actions") == []
    dana.select(view, "one", "blue")
    assert echo.bodies("block_actions")[0]["actions"][0]["selected_option"]["value"] == "blue"


def test_shortcuts_arrive_with_or_without_a_message(workspace: Workspace, echo: Any) -> None:
    """message_action carries the message and its files; shortcut carries neither."""
    dana = workspace.person("dana")
    message = dana.upload("payments", "", [("a.mmd", b"flowchart LR")], "see this")
    assert dana.shortcut("tm_from_message", message.ts).ok
    assert dana.shortcut("New threat model").ok
    (on_message,), (global_,) = echo.bodies("message_action"), echo.bodies("shortcut")
    assert on_message["message"]["files"][0]["name"] == "a.mmd"
    assert (on_message["callback_id"], on_message["channel"]["id"]) == ("tm_from_message", PAYMENTS)
    assert global_["callback_id"] == "tm_new"
    assert "channel" not in global_


def test_an_ephemeral_is_answered_through_its_response_url(workspace: Workspace, echo: Any) -> None:
    """Its content is not repeated; it is replaced, then deleted, through the address given."""
    from slack_sdk.webhook import WebhookClient

    echo.client.chat_postEphemeral(channel=PAYMENTS, user="U0DANA", text="T", blocks=BLOCKS)
    (whisper,) = workspace.ephemerals("dana")
    workspace.person("dana").click(whisper.ts, "accept")
    (body,) = echo.bodies("block_actions")
    assert body["container"]["is_ephemeral"] is True
    assert "message" not in body
    answer = WebhookClient(body["response_url"])
    assert answer.send(text="replaced", replace_original=True).status_code == 200
    assert [m.text for m in workspace.ephemerals("dana")] == ["replaced"]
    assert answer.send(delete_original=True).status_code == 200
    assert workspace.ephemerals("dana") == []


def test_a_response_url_is_good_for_five_uses_and_half_an_hour(
    workspace: Workspace, echo: Any, clock: Any
) -> None:
    """used_url after the fifth, expired_url after the time; long blocks pass, bad ones do not."""
    from slack_sdk.webhook import WebhookClient

    workspace.person("dana").command("/threatmodel")
    answer = WebhookClient(echo.heard[0]["response_url"])
    long = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}] * 5
    assert answer.send(text="1", blocks=long).status_code == 200
    assert answer.send(text="2", response_type="in_channel").status_code == 200
    bad = answer.send(text="3", blocks=[{"type": "nothing"}])
    assert (bad.status_code, "invalid_blocks" in bad.body) == (400, True)
    assert [answer.send(text=str(n)).status_code for n in (4, 5, 6)] == [200, 200, 404]
    workspace.person("dana").command("/threatmodel")
    clock.now += 1801
    late = WebhookClient(echo.heard[1]["response_url"]).send(text="late")
    assert (late.status_code, "expired_url" in late.body) == (404, True)


def test_an_external_persons_click_names_their_team(workspace: Workspace, echo: Any) -> None:
    """The payload's team is the workspace's, the user's team is their own."""
    ts = echo.client.chat_postMessage(channel="C0PARTNERS", text="T", blocks=BLOCKS)["ts"]
    workspace.person("mo").click(ts, "accept")
    (body,) = echo.bodies("block_actions")
    assert (body["team"]["id"], body["user"]["team_id"]) == ("T0LOCAL", "T0OTHER")
