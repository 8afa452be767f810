from __future__ import annotations

import re
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.workspace import Workspace

PAYMENTS = "C0PAYMENTS"


def section(text: str) -> dict[str, Any]:
    """A section of mrkdwn."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def refusal(call: Any, **arguments: Any) -> str:
    """The word that the call is refused with."""
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return str(caught.value.response["error"])


def test_auth_test_names_the_bot(client: WebClient) -> None:
    """The token's owner is the app's bot user in the local team."""
    answer = client.auth_test()
    assert (answer["user_id"], answer["team_id"]) == ("U0THREATBOT", "T0LOCAL")
    assert answer["bot_id"] == "B0THREATBOT"


def test_wrong_and_missing_tokens_are_refused(workspace: Workspace) -> None:
    """Only the workspace's own token passes."""
    assert refusal(WebClient("xoxb-other", base_url=workspace.api_url).auth_test) == "invalid_auth"
    assert refusal(WebClient(base_url=workspace.api_url).auth_test) == "not_authed"


def test_api_test_answers_with_its_arguments_or_the_wanted_error(client: WebClient) -> None:
    """api.test echoes, and fails on request."""
    assert client.api_test(foo="bar")["args"] == {"foo": "bar"}
    assert refusal(client.api_test, error="my_error") == "my_error"


def test_unknown_methods_are_named(client: WebClient) -> None:
    """A method that does not exist is answered as Slack answers it."""
    with pytest.raises(SlackApiError) as caught:
        client.api_call("chat.fly")
    assert caught.value.response.data == {"ok": False, "error": "unknown_method", "req_method": "chat.fly"}


def test_a_posted_message_stands_in_the_channel(workspace: Workspace, client: WebClient) -> None:
    """chat.postMessage gives the ts under which the message is found."""
    answer = client.chat_postMessage(channel=PAYMENTS, text="Hello")
    (message,) = workspace.messages("payments")
    assert (message.ts, message.text, message.from_app) == (answer["ts"], "Hello", True)
    assert answer["message"]["bot_id"] == "B0THREATBOT"


def test_timestamps_are_unique_and_grow_though_the_clock_stands(client: WebClient) -> None:
    """Two messages of one instant have two timestamps, in order, of Slack's form."""
    first, second = (client.chat_postMessage(channel=PAYMENTS, text="x")["ts"] for _ in range(2))
    assert re.fullmatch(r"\d{10}\.\d{6}", first)
    assert first < second


def test_channels_can_be_named_and_people_reached(workspace: Workspace, client: WebClient) -> None:
    """A #name and a user id are channels too."""
    assert client.chat_postMessage(channel="#payments", text="x")["channel"] == PAYMENTS
    assert client.chat_postMessage(channel="U0DANA", text="x")["channel"] == workspace.direct("dana").id


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C404", "text": "x"}, "channel_not_found"),
        ({"channel": "C0PLATFORM", "text": "x"}, "not_in_channel"),
        ({"channel": PAYMENTS, "thread_ts": ""}, "no_text"),
        ({"text": "x", "channel": ""}, "invalid_arguments"),
        ({"channel": PAYMENTS, "text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"channel": PAYMENTS, "text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
        ({"channel": PAYMENTS, "text": "x", "blocks": "no json"}, "invalid_blocks_format"),
        ({"channel": PAYMENTS, "text": "x", "blocks": '{"a": 1}'}, "invalid_blocks_format"),
        ({"channel": PAYMENTS, "text": "x", "attachments": [{}] * 101}, "too_many_attachments"),
    ],
)
def test_bad_posts_are_refused_with_slacks_words(
    client: WebClient, arguments: dict[str, Any], error: str
) -> None:
    """Each way to be wrong has its error."""
    assert refusal(client.api_call, api_method="chat.postMessage", json=arguments) == error


def test_invalid_blocks_are_refused_with_a_sentence_each(client: WebClient) -> None:
    """Blocks over a limit of Slack's are not kept, and the answer says what is wrong."""
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=PAYMENTS, text="x", blocks=[section("y" * 3001)])
    assert caught.value.response["error"] == "invalid_blocks"
    (sentence,) = caught.value.response["response_metadata"]["messages"]
    assert sentence.startswith("[ERROR] /blocks/0/text")


def test_too_much_text_in_all_blocks_together_is_refused(client: WebClient) -> None:
    """Blocks that are fine one by one are too long together at about 12,000 characters."""
    blocks = [section("y" * 2900) for _ in range(5)]
    assert (
        refusal(client.chat_postMessage, channel=PAYMENTS, text="x", blocks=blocks) == "msg_blocks_too_long"
    )


def test_long_text_is_cut_when_posted_and_refused_when_updated(
    workspace: Workspace, client: WebClient
) -> None:
    """40,000 characters stay of a post; an update takes 4,000."""
    ts = client.chat_postMessage(channel=PAYMENTS, text="x" * 40_001)["ts"]
    assert len(workspace.message(ts).text) == 40_000
    assert refusal(client.chat_update, channel=PAYMENTS, ts=ts, text="x" * 4001) == "msg_too_long"


def test_block_and_action_ids_are_made_up_where_missing(workspace: Workspace, client: WebClient) -> None:
    """Every block and element can be addressed, whether the app named it or not."""
    button = {"type": "button", "text": {"type": "plain_text", "text": "Go"}}
    named = {"type": "actions", "block_id": "mine", "elements": [button | {"action_id": "go"}]}
    blocks = [{"type": "actions", "elements": [button]}, named]
    ts = client.chat_postMessage(channel=PAYMENTS, text="x", blocks=blocks)["ts"]
    made, kept = workspace.message(ts).blocks
    assert made["block_id"]
    assert made["elements"][0]["action_id"]
    assert (kept["block_id"], kept["elements"][0]["action_id"]) == ("mine", "go")


def test_replies_stand_in_the_thread_and_not_in_the_history(workspace: Workspace, client: WebClient) -> None:
    """A reply is in its thread; one that is broadcast is in the channel as well."""
    root = client.chat_postMessage(channel=PAYMENTS, text="root")["ts"]
    client.chat_postMessage(channel=PAYMENTS, text="reply", thread_ts=root)
    client.chat_postMessage(channel=PAYMENTS, text="loud", thread_ts=root, reply_broadcast=True)
    assert [m.text for m in workspace.thread("payments", root)] == ["root", "reply", "loud"]
    assert [m.text for m in workspace.messages("payments")] == ["root", "loud"]


def test_a_reply_to_a_reply_is_refused(client: WebClient) -> None:
    """thread_ts must name a root."""
    root = client.chat_postMessage(channel=PAYMENTS, text="root")["ts"]
    reply = client.chat_postMessage(channel=PAYMENTS, text="reply", thread_ts=root)["ts"]
    error = refusal(client.chat_postMessage, channel=PAYMENTS, text="x", thread_ts=reply)
    assert error == "cannot_reply_to_message"


def test_an_update_changes_the_message_in_place(workspace: Workspace, client: WebClient) -> None:
    """The ts stays, the content changes, and the message says that it was edited."""
    ts = client.chat_postMessage(channel=PAYMENTS, text="before", blocks=[section("before")])["ts"]
    client.chat_update(channel=PAYMENTS, ts=ts, text="after", blocks=[section("after *all*")])
    (message,) = workspace.messages("payments")
    assert (message.ts, message.text, message.plain) == (ts, "after", "after *all*")
    assert message.edited > ts


def test_only_the_apps_own_messages_can_be_changed(workspace: Workspace, client: WebClient) -> None:
    """A person's message is not the app's to edit or delete."""
    ts = workspace.person("dana").say("payments", "mine").ts
    assert refusal(client.chat_update, channel=PAYMENTS, ts=ts, text="x") == "cant_update_message"
    assert refusal(client.chat_delete, channel=PAYMENTS, ts=ts) == "cant_delete_message"
    assert refusal(client.chat_update, channel=PAYMENTS, ts="1.000001", text="x") == "message_not_found"


def test_a_deleted_message_is_gone(workspace: Workspace, client: WebClient) -> None:
    """chat.delete takes the message out of the channel."""
    ts = client.chat_postMessage(channel=PAYMENTS, text="x")["ts"]
    client.chat_delete(channel=PAYMENTS, ts=ts)
    assert workspace.messages("payments") == []
    assert refusal(client.chat_delete, channel=PAYMENTS, ts=ts) == "message_not_found"


def test_an_ephemeral_is_for_one_person_and_in_no_history(workspace: Workspace, client: WebClient) -> None:
    """Only its reader sees it, and conversations.history does not know it."""
    client.chat_postEphemeral(channel=PAYMENTS, user="U0DANA", text="psst")
    assert [m.text for m in workspace.ephemerals("dana")] == ["psst"]
    assert [m.text for m in workspace.person("dana").sees("payments")] == ["psst"]
    assert workspace.person("lee").sees("payments") == []
    assert client.conversations_history(channel=PAYMENTS)["messages"] == []


def test_an_ephemeral_needs_its_reader_in_the_channel(client: WebClient) -> None:
    """user_not_in_channel, as Slack says."""
    error = refusal(client.chat_postEphemeral, channel=PAYMENTS, user="U0MO", text="psst")
    assert error == "user_not_in_channel"


def test_an_ephemeral_cannot_be_updated(client: WebClient) -> None:
    """chat.update does not find it."""
    ts = client.chat_postEphemeral(channel=PAYMENTS, user="U0DANA", text="psst")["message_ts"]
    assert refusal(client.chat_update, channel=PAYMENTS, ts=ts, text="x") == "message_not_found"


def test_a_permalink_leads_to_the_message(client: WebClient) -> None:
    """The link holds channel, ts and, for a reply, its thread."""
    root = client.chat_postMessage(channel=PAYMENTS, text="root")["ts"]
    reply = client.chat_postMessage(channel=PAYMENTS, text="reply", thread_ts=root)["ts"]
    link = client.chat_getPermalink(channel=PAYMENTS, message_ts=reply)["permalink"]
    assert link.endswith(f"/archives/C0PAYMENTS/p{reply.replace('.', '')}?thread_ts={root}&cid=C0PAYMENTS")


def test_metadata_comes_back_only_when_asked_for(client: WebClient) -> None:
    """include_all_metadata shows what the app put on its message."""
    metadata = {"event_type": "review", "event_payload": {"id": "m-1"}}
    client.chat_postMessage(channel=PAYMENTS, text="x", metadata=metadata)
    (without,) = client.conversations_history(channel=PAYMENTS)["messages"]
    (with_it,) = client.conversations_history(channel=PAYMENTS, include_all_metadata=True)["messages"]
    assert "metadata" not in without
    assert with_it["metadata"] == metadata


def test_reactions_are_counted_once_a_user(workspace: Workspace, client: WebClient) -> None:
    """already_reacted and no_reaction guard both ways."""
    ts = workspace.person("dana").say("payments", "look").ts
    at = {"channel": PAYMENTS, "timestamp": ts}
    client.reactions_add(name="eyes", **at)
    assert workspace.message(ts).reacted("eyes")
    assert refusal(client.reactions_add, name="eyes", **at) == "already_reacted"
    client.reactions_remove(name="eyes", **at)
    assert not workspace.message(ts).reacted("eyes")
    assert refusal(client.reactions_remove, name="eyes", **at) == "no_reaction"
    assert refusal(client.reactions_add, name="not a name", **at) == "invalid_name"


def test_a_status_goes_with_the_next_message_or_after_two_minutes(
    workspace: Workspace, client: WebClient, clock: Any
) -> None:
    """assistant.threads.setStatus is cleared by a post of the app, by "", and by time."""
    root = client.chat_postMessage(channel=PAYMENTS, text="root")["ts"]
    thread = {"channel_id": PAYMENTS, "thread_ts": root}
    client.assistant_threads_setStatus(status="is reading", **thread)
    assert workspace.status("payments", root) == "is reading"
    client.chat_postMessage(channel=PAYMENTS, text="done", thread_ts=root)
    assert workspace.status("payments", root) == ""
    client.assistant_threads_setStatus(status="again", **thread)
    clock.now += 121
    assert workspace.status("payments", root) == ""


def test_an_agents_session_keeps_state_and_title(workspace: Workspace, client: WebClient) -> None:
    """agents.sessions.setStatus is ok for Slack's four states and no other."""
    root = client.chat_postMessage(channel=PAYMENTS, text="root")["ts"]
    at = {"channel": PAYMENTS, "thread_ts": root}
    client.api_call("agents.sessions.setStatus", json=at | {"status": "processing", "title": "Shop"})
    session = workspace.store.sessions[PAYMENTS, root]
    assert (session.state, session.title) == ("processing", "Shop")
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        client.api_call("agents.sessions.setStatus", json=at | {"status": "busy"})


def test_sessions_are_renamed_and_keep_their_state(workspace: Workspace, client: WebClient) -> None:
    """agents.sessions.rename changes the title alone; a thread that is not there is refused."""
    root = client.chat_postMessage(channel=PAYMENTS, text="root")["ts"]
    at = {"channel": PAYMENTS, "thread_ts": root}
    client.api_call("agents.sessions.setStatus", json=at | {"status": "processing", "title": "Shop"})
    client.api_call("agents.sessions.rename", json=at | {"title": "Parcels"})
    session = workspace.store.sessions[PAYMENTS, root]
    assert (session.state, session.title) == ("processing", "Parcels")
    lost = {"channel": PAYMENTS, "thread_ts": "1.000001", "title": "x"}
    assert refusal(client.api_call, api_method="agents.sessions.rename", json=lost) == "invalid_thread_ts"


def test_suggested_prompts_are_kept_for_a_channel(workspace: Workspace, client: WebClient) -> None:
    """They need a list, and stand in the person's snapshot."""
    direct = workspace.direct("dana").id
    prompts = [{"title": "Start", "message": "Start a threat model"}]
    client.api_call("assistant.threads.setSuggestedPrompts", json={"channel_id": direct, "prompts": prompts})
    assert workspace.store.prompts[direct]["prompts"] == prompts
    empty = {"channel_id": direct, "prompts": []}
    method = "assistant.threads.setSuggestedPrompts"
    assert refusal(client.api_call, api_method=method, json=empty) == "invalid_arguments"


def test_a_status_is_cleared_by_an_empty_one(workspace: Workspace, client: WebClient) -> None:
    """And takes at most ten loading messages."""
    root = client.chat_postMessage(channel=PAYMENTS, text="root")["ts"]
    thread = {"channel_id": PAYMENTS, "thread_ts": root}
    client.assistant_threads_setStatus(status="is reading", loading_messages=["a"] * 10, **thread)
    client.assistant_threads_setStatus(status="", **thread)
    assert workspace.status("payments", root) == ""
    many = thread | {"status": "x", "loading_messages": ["a"] * 11}
    method = "assistant.threads.setStatus"
    assert refusal(client.api_call, api_method=method, json=many) == "invalid_arguments"


def test_a_call_that_is_no_json_object_is_refused(workspace: Workspace, fetch: Any) -> None:
    """As Slack words it: invalid_json, json_not_object."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {workspace.bot_token}"}
    url = f"{workspace.api_url}chat.postMessage"
    assert b'"invalid_json"' in fetch(url, b"{", headers).body
    assert b'"json_not_object"' in fetch(url, b"[]", headers).body
