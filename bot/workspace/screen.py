"""What the page shows a person, and what it lets them do: JSON in, Person's methods, JSON out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agent.errors import InputError
from bot.workspace import modals
from bot.workspace.outcomes import Outcome, SubmitOutcome
from bot.workspace.people import Person
from bot.workspace.shapes import message_json
from bot.workspace.state import by_ts
from bot.workspace.values import Channel, Json, Message, User

Given = Mapping[str, Any]


def snapshot(person: Person) -> Json:
    """Everything that a person sees: channels, messages, modals, statuses; `seq` dates it."""
    ws, store = person.workspace, person.workspace.store
    with store.lock:
        channels = [c for c in store.channels.values() if person.id in store.audience(c)]
        ids = {channel.id for channel in channels}
        return {
            "seq": store.seq,
            "team": dict(store.seed.team),
            "me": person.id,
            "app": _app(person),
            "users": [_user(person, key) for key in store.users],
            "channels": [_channel(person, channel) for channel in channels],
            "messages": [_message(person, m) for m in _messages(person, ids)],
            "views": modals.views_of(ws, person.id),
            "statuses": _statuses(person, ids),
            "sessions": [
                {"channel": s.channel, "thread_ts": s.thread_ts, "state": s.state, "title": s.title}
                for s in store.sessions.values()
                if s.channel in ids
            ],
            "prompts": {key: value for key, value in store.prompts.items() if key in ids},
        }


def _app(person: Person) -> Json:
    app = person.workspace.store.app
    return {
        "name": app.name,
        "bot_user": app.bot_user,
        "commands": [
            {"name": c.name, "description": c.description, "usage_hint": c.usage_hint} for c in app.commands
        ],
        "shortcuts": [
            {"name": s.name, "type": s.type, "callback_id": s.callback_id, "description": s.description}
            for s in app.shortcuts
        ],
    }


def _user(person: Person, key: str) -> Json:
    store = person.workspace.store
    user = store.users[key]
    return {
        "id": key,
        "name": user.name,
        "real_name": user.real_name,
        "title": user.title,
        "role": _role(user),
    }


def _role(user: User) -> str:
    roles = {
        "app": user.is_bot,
        "external": user.is_stranger,
        "guest": user.is_restricted,
        "owner": user.is_owner,
        "admin": user.is_admin,
    }
    return next((name for name, held in roles.items() if held), "member")


def _channel(person: Person, channel: Channel) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "topic": channel.topic,
        "type": channel.type,
        "shared": channel.is_ext_shared,
        "has_app": person.workspace.store.app.bot_user in channel.members,
        "member": person.id in channel.members,
    }


def _messages(person: Person, ids: set[str]) -> list[Message]:
    store = person.workspace.store
    kept = [m for channel in ids for m in store.messages[channel].values()]
    mine = [m for m in store.whispers.values() if m.only_for == person.id]
    return sorted([*kept, *mine], key=by_ts)


def _message(person: Person, message: Message) -> Json:
    ws = person.workspace
    return message_json(ws.store, message, ws.url) | {"channel": message.channel}


def _statuses(person: Person, ids: set[str]) -> list[Json]:
    store = person.workspace.store
    now = store.clock()
    return [
        {"channel": s.channel, "thread_ts": s.thread_ts, "status": s.text}
        for s in store.statuses.values()
        if s.channel in ids and now < s.until
    ]


def _text(given: Given, name: str) -> str:
    """A field of what the page sent; InputError when it is not there."""
    if name not in given:
        raise InputError(f"The page sent no {name!r}.")
    return str(given[name])


def _came_to(outcome: Outcome) -> Json:
    errors = dict(outcome.errors) if isinstance(outcome, SubmitOutcome) else {}
    return {"ok": outcome.ok, "error": outcome.error, "errors": errors}


def _command(person: Person, given: Given) -> Json:
    name, _, text = _text(given, "line").strip().partition(" ")
    return _came_to(person.command(name, text, channel=_text(given, "channel")))


def _say(person: Person, given: Given) -> Json:
    message = person.share(
        _text(given, "channel"),
        [str(id_) for id_ in given.get("files", ())],
        str(given.get("text", "")),
        str(given.get("thread_ts", "")),
    )
    return {"ts": message.ts}


def _click(person: Person, given: Given) -> Json:
    if given.get("values"):
        person.fill(_text(given, "where"), _values(given))
    address = (_text(given, "block_id"), _text(given, "action_id"))
    return _came_to(person.click(_text(given, "where"), address, given.get("value")))


def _submit(person: Person, given: Given) -> Json:
    return _came_to(person.submit(_text(given, "view"), _values(given)))


def _values(given: Given) -> dict[tuple[str, str], Any]:
    return {(str(block), str(action)): value for block, action, value in given.get("values", ())}


def _close(person: Person, given: Given) -> Json:
    person.close(_text(given, "view"), all_of_them=bool(given.get("all")))
    return {}


def _shortcut(person: Person, given: Given) -> Json:
    return _came_to(person.shortcut(_text(given, "callback_id"), str(given.get("ts", ""))))


def _react(person: Person, given: Given) -> Json:
    person.react(_text(given, "ts"), _text(given, "name"))
    return {}


def _edit(person: Person, given: Given) -> Json:
    person.edit(_text(given, "ts"), _text(given, "text"))
    return {}


def _delete(person: Person, given: Given) -> Json:
    person.delete(_text(given, "ts"))
    return {}


def _dismiss(person: Person, given: Given) -> Json:
    person.dismiss(_text(given, "ts"))
    return {}


def _home(person: Person, given: Given) -> Json:
    person.open_home(str(given.get("tab", "home")))
    return {}


def _stop(person: Person, given: Given) -> Json:
    person.stop(_text(given, "channel"), _text(given, "thread_ts"))
    return {}


ACTIONS: dict[str, Callable[[Person, Given], Json]] = {
    "command": _command,
    "say": _say,
    "click": _click,
    "submit": _submit,
    "close": _close,
    "shortcut": _shortcut,
    "react": _react,
    "edit": _edit,
    "delete": _delete,
    "dismiss": _dismiss,
    "home": _home,
    "stop": _stop,
}
"""Everything that the page can ask for, by the word in `do`."""
