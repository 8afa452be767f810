"""conversations.*: channels and what was said in them."""

from __future__ import annotations

from bot.workspace.api.registry import Answer, Call, Method, page_of
from bot.workspace.errors import Refused
from bot.workspace.ratelimit import TIERS
from bot.workspace.shapes import channel_json, message_json
from bot.workspace.values import Message


def _info(call: Call) -> Answer:
    channel = call.channel()
    shown = channel_json(call.ws.store, channel)
    whole = call.ws.organisation
    if whole is not None and channel.is_org_shared:
        shown |= {"is_shared": True, "context_team_id": whole.id}
    if call.flag("include_num_members"):
        shown["num_members"] = len(channel.members)
    return {"channel": shown}


def _members(call: Call) -> Answer:
    channel = call.channel()
    members, following = page_of(call, sorted(channel.members), 100)
    return {"members": members, "response_metadata": following["response_metadata"]}


def _open(call: Call) -> Answer:
    if call.text("channel"):
        channel = call.channel()
    else:
        if not call.text("users"):
            raise Refused("users_list_not_supplied")
        users = call.text("users").split(",")
        if len(users) > 1:
            raise Refused("method_not_supported_for_channel_type")
        if users[0] not in call.ws.store.users or users[0] == call.ws.store.app.bot_user:
            raise Refused("user_not_found")
        channel = call.ws.store.direct(users[0])
    shown = channel_json(call.ws.store, channel) if call.flag("return_im") else {"id": channel.id}
    return {"channel": shown, "no_op": True, "already_open": True}


def _history(call: Call) -> Answer:
    channel = call.joined_channel()
    kept = [m for m in call.ws.store.history(channel.id) if _within(call, m)]
    return _listed(call, kept[::-1])


def _replies(call: Call) -> Answer:
    channel = call.joined_channel()
    ts = call.needed("ts")
    root_ts = call.message(channel, "ts", "thread_not_found").root_ts
    thread = call.ws.store.thread(channel.id, root_ts)
    root = [m for m in thread if m.ts == root_ts]
    replies = [m for m in thread if m.ts != root_ts and ts in {root_ts, m.ts}]
    return _listed(call, [*root, *(m for m in replies if _within(call, m))])


def _within(call: Call, message: Message) -> bool:
    oldest, latest = call.text("oldest", "0"), call.text("latest")
    try:
        low = float(oldest or 0)
        high = float(latest) if latest and latest != "now" else float("inf")
    except ValueError:
        raise Refused("invalid_ts_oldest" if latest in {"", "now"} else "invalid_ts_latest") from None
    at = float(message.ts)
    return low <= at <= high if call.flag("inclusive") else low < at < high


def _listed(call: Call, messages: list[Message]) -> Answer:
    page, following = page_of(call, messages, 100)
    metadata = call.flag("include_all_metadata")
    shown = [message_json(call.ws.store, m, call.ws.url, metadata=metadata) for m in page]
    return {"messages": shown, "pin_count": 0} | following


METHODS = (
    Method("conversations.info", _info, "channels:read", TIERS[3]),
    Method("conversations.members", _members, "channels:read", TIERS[4]),
    Method("conversations.open", _open, "im:write", TIERS[3]),
    Method("conversations.history", _history, "channels:history", TIERS[3]),
    Method("conversations.replies", _replies, "channels:history", TIERS[3]),
)
