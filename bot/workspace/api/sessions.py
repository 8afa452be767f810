"""assistant.threads.* and agents.sessions.*: what the app says it is doing in a thread."""

from __future__ import annotations

from bot.workspace.api.registry import Answer, Call, Method
from bot.workspace.errors import Refused, invalid
from bot.workspace.ratelimit import TIERS, Rate
from bot.workspace.values import Channel, Session, Status

STATES = ("active", "processing", "suspended", "closed")
MAX_LOADING_MESSAGES = 10
_STATUS_RATE = Rate(10, 600)
"""600 a minute, as others measured; Slack only says that special limits apply."""


def _set_status(call: Call) -> Answer:
    channel, thread_ts = _thread(call)
    if len(call.json("loading_messages") or ()) > MAX_LOADING_MESSAGES:
        raise invalid("[ERROR] no more than 10 items allowed [json-pointer:/loading_messages]")
    store = call.ws.store
    text = call.text("status")
    status = Status(channel.id, thread_ts, text, store.clock() + call.ws.timing.status)
    if text:
        store.statuses[channel.id, thread_ts] = status
    else:
        store.statuses.pop((channel.id, thread_ts), None)
    shown = {"channel": channel.id, "thread_ts": thread_ts, "status": text}
    store.publish("status", store.audience(channel), shown)
    return {}


def _set_title(call: Call) -> Answer:
    _thread(call)
    call.needed("title")
    return {}


def _set_prompts(call: Call) -> Answer:
    channel = call.channel("channel_id")
    prompts = call.json("prompts")
    if not isinstance(prompts, list) or not prompts:
        raise invalid("[ERROR] missing required field: prompts")
    call.ws.store.prompts[channel.id] = {"title": call.text("title"), "prompts": prompts}
    shown = {"channel": channel.id, **call.ws.store.prompts[channel.id]}
    call.ws.store.publish("prompts", call.ws.store.audience(channel), shown)
    return {}


def _set_session(call: Call) -> Answer:
    channel, thread_ts = _thread(call)
    state = call.needed("status")
    if state not in STATES:
        raise invalid(f"[ERROR] must be one of {', '.join(STATES)} [json-pointer:/status]")
    return _keep(call, Session(channel.id, thread_ts, state, call.text("title")[:200]))


def _rename_session(call: Call) -> Answer:
    channel, thread_ts = _thread(call)
    before = call.ws.store.sessions.get((channel.id, thread_ts))
    state = before.state if before else "active"
    return _keep(call, Session(channel.id, thread_ts, state, call.needed("title")[:200]))


def _keep(call: Call, session: Session) -> Answer:
    store = call.ws.store
    store.sessions[session.channel, session.thread_ts] = session
    shown = {"channel": session.channel, "thread_ts": session.thread_ts}
    shown |= {"state": session.state, "title": session.title}
    store.publish("session", store.audience(store.channels[session.channel]), shown)
    return {}


def _thread(call: Call) -> tuple[Channel, str]:
    name = "channel_id" if call.text("channel_id") else "channel"
    channel = call.joined_channel(name)
    thread_ts = call.needed("thread_ts")
    if thread_ts not in call.ws.store.messages[channel.id]:
        raise Refused("invalid_thread_ts")
    return channel, thread_ts


METHODS = (
    Method("assistant.threads.setStatus", _set_status, "chat:write", _STATUS_RATE),
    Method("assistant.threads.setTitle", _set_title, "assistant:write", TIERS[4]),
    Method("assistant.threads.setSuggestedPrompts", _set_prompts, "assistant:write", TIERS[4]),
    Method("agents.sessions.setStatus", _set_session, "chat:write", _STATUS_RATE),
    Method("agents.sessions.rename", _rename_session, "chat:write", TIERS[3]),
)
