"""What happens when a person uses the app: deliver, wait for the answer, show it or say that it failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agent.errors import NotFound
from bot.workspace import answers, modals, payloads
from bot.workspace.content import view_body
from bot.workspace.deliver import Reply
from bot.workspace.elements import Address, action, chosen, find, holds, interactive, is_stateful
from bot.workspace.errors import Refused
from bot.workspace.forms import filled, shortcomings
from bot.workspace.mrkdwn import typed
from bot.workspace.outcomes import ActionOutcome, CommandOutcome, SubmitOutcome
from bot.workspace.seed import Command, Shortcut
from bot.workspace.values import Channel, Json, Message, Notice, User, View

if TYPE_CHECKING:
    from bot.workspace.workspace import Workspace

TROUBLE = "We had some trouble connecting. Try again?"


def command(ws: Workspace, user: User, channel: Channel, name: str, text: str) -> CommandOutcome:
    """A slash command, as typed into a channel's composer."""
    declared = _declared(ws, name)
    trigger = ws.store.new_trigger(user.id, channel=channel.id)
    answer = ws.store.new_response_url(user.id, channel.id)
    said = typed(ws.store, text) if declared.should_escape else text
    body = payloads.command(ws, user, channel, name, said, trigger, answer)
    reply = ws.deliveries.interact("command", name, body)
    error = reply.failure
    if error:
        tell(ws, user, f"{name} failed with the error “{error}”.", error)
    shown, error = ("", error) if error else _acknowledged(ws, user, channel, name, reply)
    view = modals.top(ws, user.id) if ws.store.triggers[trigger.id].used else None
    return CommandOutcome(error, reply.status, _content(reply), shown, view)


def shortcut(ws: Workspace, user: User, declared: Shortcut, message: Message | None) -> CommandOutcome:
    """A global shortcut, or one on a message."""
    channel = message.channel if message else ""
    trigger = ws.store.new_trigger(user.id, channel=channel)
    if message is None:
        payload = payloads.interaction(ws, "shortcut", user, trigger) | {"callback_id": declared.callback_id}
    else:
        answer = ws.store.new_response_url(user.id, channel, message_ts=message.ts)
        payload = payloads.interaction(ws, "message_action", user, trigger)
        payload |= payloads.from_message(ws, message, declared.callback_id, answer)
    reply = _interact(ws, user, payload, f"{declared.name} did not work")
    view = modals.top(ws, user.id) if ws.store.triggers[trigger.id].used else None
    return CommandOutcome(reply.failure, reply.status, _content(reply), "", view)


def act_on_message(
    ws: Workspace, user: User, message: Message, address: Address, value: Any
) -> ActionOutcome:
    """A click or a choice in a message."""
    block, element = _on_screen(message, address, value)
    sent = action(block, element, value, ws.store.new_ts())
    with ws.store.lock:
        if is_stateful(element):
            kept = ws.store.message_state.setdefault((message.ts, user.id), {})
            kept.setdefault(block["block_id"], {})[element["action_id"]] = chosen(element, value)
        if block["type"] == "input" and not block.get("dispatch_action"):
            return ActionOutcome()
        trigger = ws.store.new_trigger(user.id, channel=message.channel)
        answer = ws.store.new_response_url(
            user.id, message.channel, message_ts=message.ts, thread_ts=message.thread_ts
        )
        payload = payloads.interaction(ws, "block_actions", user, trigger)
        payload |= payloads.on_message(ws, message, user, answer) | {"actions": [sent]}
    reply = _interact(ws, user, payload, "That did not work")
    return ActionOutcome(reply.failure, reply.status, modals.top(ws, user.id))


def act_in_view(ws: Workspace, user: User, view: View, address: Address, value: Any) -> ActionOutcome:
    """A click or a choice in a modal or the Home tab."""
    block, element = find(view.blocks, address, value)
    sent = action(block, element, value, ws.store.new_ts())
    with ws.store.lock:
        if is_stateful(element):
            entry = {block["block_id"]: {element["action_id"]: chosen(element, value)}}
            view = modals.put_values(ws, view, entry)
        if block["type"] == "input" and not block.get("dispatch_action"):
            return ActionOutcome(view=modals.top(ws, user.id))
        trigger = ws.store.new_trigger(user.id, view=view.id, channel=view.channel)
        payload = payloads.interaction(ws, "block_actions", user, trigger)
        payload |= payloads.in_view(ws, view) | {"actions": [sent]}
    reply = _interact(ws, user, payload, "That did not work")
    return ActionOutcome(reply.failure, reply.status, modals.top(ws, user.id))


def submit(ws: Workspace, user: User, view: View, values: Mapping[Any, Any]) -> SubmitOutcome:
    """A modal's form, with these values put in first."""
    view = modals.put_values(ws, view, filled(ws, view, values))
    errors = shortcomings(view)
    if errors:
        return SubmitOutcome(errors=errors, view=view)
    trigger = ws.store.new_trigger(user.id, view=view.id, channel=view.channel)
    payload = payloads.interaction(ws, "view_submission", user, trigger) | payloads.submission(ws, view)
    reply = _interact(ws, user, payload, TROUBLE)
    if reply.failure:
        return SubmitOutcome(reply.failure, reply.status, view=view)
    try:
        return _submitted(ws, user, view, reply)
    except Refused as refused:
        tell(ws, user, TROUBLE, refused.code)
        return SubmitOutcome(refused.code, reply.status, view=modals.top(ws, user.id))


def close(ws: Workspace, user: User, view: View, *, all_of_them: bool = False) -> None:
    """A person closes the modal they see, or the whole stack with the cross in its corner."""
    with ws.store.lock:
        if all_of_them or view.body.get("clear_on_close"):
            modals.close_all(ws, user.id)
        else:
            modals.close_top(ws, user.id)
    if view.body.get("notify_on_close"):
        payload = payloads.interaction(ws, "view_closed", user, None) | payloads.submission(ws, view)
        payload |= {"is_cleared": all_of_them}
        ws.deliveries.interact("interaction", "view_closed", payloads.form(payload))


def tell(ws: Workspace, user: User, text: str, error: str) -> None:
    """A notice of the workspace itself to one person."""
    with ws.store.lock:
        ws.store.notices.append(Notice(user.id, text, error))
        ws.store.publish("notice", {user.id}, {"text": text, "error": error})


def _on_screen(message: Message, address: Address, value: Any) -> tuple[Json, Json]:
    """The element as it stands now, or as it stood when the person last looked: Slack takes both."""
    for blocks in (message.blocks, *message.former):
        if holds(blocks, address):
            return find(blocks, address, value)
    return find(message.blocks, address, value)


def _declared(ws: Workspace, name: str) -> Command:
    for declared in ws.store.app.commands:
        if declared.name == name:
            return declared
    raise NotFound(f"{name} is not a command of this workspace.")


def _interact(ws: Workspace, user: User, payload: Json, failed: str) -> Reply:
    reply = ws.deliveries.interact("interaction", str(payload["type"]), payloads.form(payload))
    if reply.failure:
        tell(ws, user, failed, reply.failure)
    return reply


def _content(reply: Reply) -> Any:
    parsed = reply.json()
    return parsed if parsed is not None else (reply.body.decode("utf-8", "replace") or None)


def _acknowledged(ws: Workspace, user: User, channel: Channel, name: str, reply: Reply) -> tuple[str, str]:
    """Show what a command was acknowledged with: (its plain text, the error when it cannot be shown)."""
    given = reply.json() or {"text": reply.body.decode("utf-8", "replace")}
    if not (given.get("text") or given.get("blocks") or given.get("attachments")):
        return "", ""
    try:
        return answers.show(ws, user.id, channel.id, given).plain, ""
    except Refused as refused:
        tell(ws, user, f"{name} failed with the error “{refused.code}”.", refused.code)
        return "", refused.code


def _submitted(ws: Workspace, user: User, view: View, reply: Reply) -> SubmitOutcome:
    given = reply.json() or {}
    wanted = str(given.get("response_action", ""))
    match wanted:
        case "":
            modals.close_top(ws, user.id)
        case "clear":
            modals.close_all(ws, user.id)
        case "errors":
            errors = {str(k): str(v) for k, v in given.get("errors", {}).items()}
            _known_blocks(view, errors)
            return SubmitOutcome(status=reply.status, errors=errors, view=view, response_action=wanted)
        case "update":
            modals.update_view(ws, view, given.get("view"))
        case "push":
            modals.push_on(ws, view, view_body(ws.store, given.get("view"), "modal"))
        case other:
            raise Refused(f"unknown_response_action_{other}")
    return SubmitOutcome(status=reply.status, view=modals.top(ws, user.id), response_action=wanted)


def _known_blocks(view: View, errors: Mapping[str, str]) -> None:
    inputs = {block["block_id"] for block, _ in interactive(view.blocks) if block["type"] == "input"}
    if not errors or not errors.keys() <= inputs:
        raise Refused("errors_without_an_input_block")
