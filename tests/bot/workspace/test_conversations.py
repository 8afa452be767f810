from __future__ import annotations

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.workspace import Workspace

PAYMENTS = "C0PAYMENTS"


def test_the_channels_differ_in_who_may_see_them(client: WebClient) -> None:
    """Public, private and shared channels say so; the app is not a member of all."""
    seen = {name: client.conversations_info(channel=name)["channel"] for name in ("payments", "platform")}
    assert (seen["payments"]["is_member"], seen["platform"]["is_member"]) == (True, False)
    assert client.conversations_info(channel="C0SECURITY")["channel"]["is_private"]
    assert client.conversations_info(channel="C0PARTNERS")["channel"]["is_ext_shared"]


def test_people_differ_in_what_they_are(client: WebClient) -> None:
    """users.info tells owner, admin, guest and stranger apart."""
    people = {
        name: client.users_info(user=f"U0{name.upper()}")["user"] for name in ("dana", "ada", "gil", "mo")
    }
    assert people["dana"]["is_owner"]
    assert people["ada"]["is_admin"]
    assert people["gil"]["is_restricted"]
    assert (people["mo"]["is_stranger"], people["mo"]["team_id"]) == (True, "T0OTHER")


def test_unknown_people_and_channels_are_refused(client: WebClient) -> None:
    """user_not_found and channel_not_found."""
    with pytest.raises(SlackApiError, match="user_not_found"):
        client.users_info(user="U404")
    with pytest.raises(SlackApiError, match="channel_not_found"):
        client.conversations_info(channel="C404")


def test_history_is_newest_first_in_pages(client: WebClient) -> None:
    """A cursor leads through every message once."""
    for number in range(5):
        client.chat_postMessage(channel=PAYMENTS, text=str(number))
    first = client.conversations_history(channel=PAYMENTS, limit=3)
    rest = client.conversations_history(
        channel=PAYMENTS, limit=3, cursor=first["response_metadata"]["next_cursor"]
    )
    assert (first["has_more"], rest["has_more"]) == (True, False)
    assert [m["text"] for m in [*first["messages"], *rest["messages"]]] == ["4", "3", "2", "1", "0"]


def test_history_is_bounded_by_oldest_and_latest(client: WebClient) -> None:
    """Bounds are exclusive unless `inclusive` is set."""
    ts = [client.chat_postMessage(channel=PAYMENTS, text=str(n))["ts"] for n in range(4)]

    def texts(**more: Any) -> list[str]:
        answer = client.conversations_history(channel=PAYMENTS, oldest=ts[0], latest=ts[2], **more)
        return [m["text"] for m in answer["messages"]]

    assert texts() == ["1"]
    assert texts(inclusive=True) == ["2", "1", "0"]


def test_replies_begin_with_the_root_and_count_themselves(workspace: Workspace, client: WebClient) -> None:
    """conversations.replies gives the root first, with how many replies it has and of whom."""
    root = client.chat_postMessage(channel=PAYMENTS, text="root")["ts"]
    workspace.person("lee").say("payments", "one", root)
    workspace.person("dana").say("payments", "two", root)
    messages: list[dict[str, Any]] = client.conversations_replies(channel=PAYMENTS, ts=root)["messages"]
    assert [m["text"] for m in messages] == ["root", "one", "two"]
    assert (messages[0]["reply_count"], messages[0]["reply_users"]) == (2, ["U0LEE", "U0DANA"])
    assert messages[1]["parent_user_id"] == "U0THREATBOT"


def test_replies_of_nothing_are_refused(client: WebClient) -> None:
    """thread_not_found for a ts that no message has."""
    with pytest.raises(SlackApiError, match="thread_not_found"):
        client.conversations_replies(channel=PAYMENTS, ts="1.000001")


def test_members_come_in_pages(client: WebClient) -> None:
    """The app is among a channel's members."""
    first = client.conversations_members(channel=PAYMENTS, limit=3)
    rest = client.conversations_members(
        channel=PAYMENTS, cursor=first["response_metadata"]["next_cursor"], limit=3
    )
    members = {*first["members"], *rest["members"]}
    assert members == {"U0DANA", "U0LEE", "U0ADA", "U0GIL", "U0THREATBOT"}


def test_direct_messages_are_opened_by_person(workspace: Workspace, client: WebClient) -> None:
    """conversations.open gives the channel that a message to the person goes to."""
    channel = client.conversations_open(users="U0LEE")["channel"]["id"]
    assert channel == workspace.direct("lee").id
    with pytest.raises(SlackApiError, match="user_not_found"):
        client.conversations_open(users="U404")


def test_the_app_reads_only_channels_that_it_is_in(workspace: Workspace, client: WebClient) -> None:
    """not_in_channel until somebody invites it."""
    with pytest.raises(SlackApiError, match="not_in_channel"):
        client.conversations_history(channel="C0PLATFORM")
    workspace.person("dana").command("/invite", "@threatbot", channel="platform")
    assert client.conversations_history(channel="C0PLATFORM")["messages"] == []


def test_a_scope_that_the_manifest_lacks_is_missed() -> None:
    """missing_scope names what is needed and what there is."""
    from bot.workspace.api.dispatch import call

    manifest = {"oauth_config": {"scopes": {"bot": ["chat:write"]}}}
    workspace = Workspace(signing_secret="s", bot_token="t", manifest=manifest)
    reply = call(workspace, "users.info", {"user": "U0DANA"}, "Bearer t")
    assert reply.body == {
        "ok": False,
        "error": "missing_scope",
        "needed": "users:read",
        "provided": "chat:write",
    }


def test_a_manifest_names_the_apps_commands_and_shortcuts() -> None:
    """What the app declares is what people can use."""
    manifest = {
        "features": {
            "bot_user": {"display_name": "modeler"},
            "slash_commands": [{"command": "/tm", "description": "d", "usage_hint": "new"}],
            "shortcuts": [{"name": "Do it", "type": "message", "callback_id": "do", "description": "d"}],
        },
        "settings": {"event_subscriptions": {"bot_events": ["message.im"]}},
    }
    app = Workspace(signing_secret="s", bot_token="t", manifest=manifest).store.app
    assert (app.name, app.commands[0].name, app.shortcuts[0].callback_id) == ("modeler", "/tm", "do")
    assert app.events == {"message.im"}
    assert app.scopes is None


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, "users_list_not_supplied"),
        ({"users": "U0DANA,U0LEE"}, "method_not_supported_for_channel_type"),
        ({"channel": "C404"}, "channel_not_found"),
    ],
)
def test_direct_messages_are_for_one_person(client: WebClient, arguments: dict[str, str], error: str) -> None:
    """conversations.open refuses the rest with Slack's words."""
    with pytest.raises(SlackApiError) as caught:
        client.api_call("conversations.open", params=arguments)
    assert caught.value.response["error"] == error


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"limit": 0}, "invalid_limit"),
        ({"cursor": "nowhere"}, "invalid_cursor"),
        ({"oldest": "yesterday"}, "invalid_ts_oldest"),
        ({"latest": "tomorrow"}, "invalid_ts_latest"),
    ],
)
def test_bad_bounds_are_refused(client: WebClient, arguments: dict[str, str], error: str) -> None:
    """Each with its word."""
    client.chat_postMessage(channel=PAYMENTS, text="x")
    with pytest.raises(SlackApiError) as caught:
        client.api_call("conversations.history", params={"channel": PAYMENTS, **arguments})
    assert caught.value.response["error"] == error
