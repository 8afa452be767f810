"""files.*: uploads in three steps, and what is known of a file."""

from __future__ import annotations

from typing import Any

from bot.workspace import files, posting
from bot.workspace.api.registry import Answer, Call, Method
from bot.workspace.content import Draft, draft
from bot.workspace.errors import Refused, invalid
from bot.workspace.ratelimit import TIERS
from bot.workspace.shapes import file_json
from bot.workspace.values import Channel, File


def _get_upload_url(call: Call) -> Answer:
    name = call.needed("filename")
    length = call.number("length", 0)
    if length <= 0:
        raise Refused("missing_argument")
    if length > files.MAX_UPLOAD:
        raise Refused("file_upload_size_restricted")
    ticket = files.announce(call.ws, name, length)
    return {"upload_url": f"{call.ws.url}/upload/{ticket.id}", "file_id": ticket.id}


def _complete_upload(call: Call) -> Answer:
    wanted = call.json("files")
    if not isinstance(wanted, list) or not all(isinstance(w, dict) and w.get("id") for w in wanted):
        raise invalid("[ERROR] missing required field: files")
    channels = _targets(call)
    done = [files.complete(call.ws, str(w["id"]), str(w.get("title") or "")) for w in wanted]
    for channel in channels:
        posting.post(call.ws, channel, call.ws.store.app.bot_user, _message(call, done))
    return {"files": [_shown(call, file) for file in done]}


def _targets(call: Call) -> list[Channel]:
    ids = [call.text("channel_id"), *call.text("channels").split(",")]
    return [Call(call.ws, {"channel": id_}).joined_channel() for id_ in ids if id_]


def _message(call: Call, done: list[File]) -> Draft:
    ids = tuple(file.id for file in done)
    thread_ts = call.text("thread_ts")
    given: dict[str, Any] = {"text": call.text("initial_comment"), "blocks": call.given.get("blocks")}
    if not (given["text"] or given["blocks"]):
        return Draft(files=ids, thread_ts=thread_ts)
    base = draft(call.ws.store, given)
    return Draft(base.text, base.blocks, files=ids, thread_ts=thread_ts)


def _info(call: Call) -> Answer:
    file = files.find(call.ws, call.needed("file"))
    return {"file": _shown(call, file), "comments": [], "response_metadata": {"next_cursor": ""}}


def _delete(call: Call) -> Answer:
    file = files.find(call.ws, call.needed("file"))
    if file.user != call.ws.store.app.bot_user:
        raise Refused("cant_delete_file")
    del call.ws.store.files[file.id]
    for channel, ts, _ in file.shares:
        message = call.ws.store.messages[channel].get(ts)
        if message is not None:
            posting.announce(call.ws, message)
    return {}


def _shown(call: Call, file: File) -> dict[str, Any]:
    return file_json(call.ws.store, call.ws.store.files.get(file.id, file), call.ws.url)


METHODS = (
    Method("files.getUploadURLExternal", _get_upload_url, "files:write", TIERS[4]),
    Method("files.completeUploadExternal", _complete_upload, "files:write", TIERS[4]),
    Method("files.info", _info, "files:read", TIERS[4]),
    Method("files.delete", _delete, "files:write", TIERS[3]),
)
