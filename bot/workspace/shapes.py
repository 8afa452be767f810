"""Domain values as Slack writes them in JSON."""

from __future__ import annotations

from typing import Any

from bot.workspace.state import Store
from bot.workspace.values import Channel, File, Message, User, View

_PRETTY = {"png": "PNG", "jpg": "JPEG", "gif": "GIF", "pdf": "PDF", "txt": "Plain Text", "md": "Markdown"}


def user_json(store: Store, user: User) -> dict[str, Any]:
    """A person as users.info gives them."""
    return {
        "id": user.id,
        "team_id": user.team,
        "name": user.name,
        "real_name": user.real_name,
        "deleted": False,
        "tz": "Etc/UTC",
        "tz_offset": 0,
        "profile": {
            "real_name": user.real_name,
            "display_name": user.name,
            "title": user.title,
            "team": user.team,
        },
        "is_admin": user.is_admin,
        "is_owner": user.is_owner,
        "is_primary_owner": user.is_owner,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": False,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "is_stranger": user.is_stranger,
        "updated": int(store.clock()),
    }


def channel_json(store: Store, channel: Channel) -> dict[str, Any]:
    """A channel as conversations.info gives it to the app."""
    common = {"id": channel.id, "created": 0, "is_archived": False, "context_team_id": store.seed.team["id"]}
    if channel.is_im:
        return common | {"is_im": True, "user": channel.im_with, "is_user_deleted": False}
    return common | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_general": False,
        "is_member": store.app.bot_user in channel.members,
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": channel.is_org_shared,
        "is_pending_ext_shared": False,
        "creator": store.seed.users[0].id,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def file_json(store: Store, file: File, base: str) -> dict[str, Any]:
    """A file object; its private URLs stand under `base`."""
    team = store.seed.team["id"]
    extension = file.name.rpartition(".")[2].lower() if "." in file.name else "text"
    where = f"{base}/files-pri/{team}-{file.id}"
    url = file.external_url or f"{where}/{file.name}"
    return {
        "id": file.id,
        "created": int(file.created),
        "timestamp": int(file.created),
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": extension,
        "pretty_type": _PRETTY.get(extension, extension.upper()),
        "user": file.user,
        "user_team": store.users[file.user].team,
        "size": file.size,
        "mode": "external" if file.external_url else "hosted",
        "is_external": bool(file.external_url),
        "external_type": "app" if file.external_url else "",
        "is_public": any(not store.channels[c].is_private for c, _, _ in file.shares),
        "file_access": "visible",
        "url_private": url,
        "url_private_download": file.external_url or f"{where}/download/{file.name}",
        "permalink": f"{base}/files/{file.user}/{file.id}/{file.name}",
        "channels": [c for c, _, _ in file.shares if store.channels[c].type == "channel"],
        "groups": [c for c, _, _ in file.shares if store.channels[c].type == "group"],
        "ims": [c for c, _, _ in file.shares if store.channels[c].type == "im"],
        "shares": _shares(store, file),
    }


def _shares(store: Store, file: File) -> dict[str, dict[str, list[dict[str, Any]]]]:
    shares: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for channel, ts, thread_ts in file.shares:
        side = "public" if store.channels[channel].type == "channel" else "private"
        entry = {"ts": ts, "channel_name": store.channels[channel].name, "share_user_id": file.user}
        if thread_ts:
            entry["thread_ts"] = thread_ts
        shares.setdefault(side, {}).setdefault(channel, []).append(entry)
    return shares


def message_json(store: Store, message: Message, base: str, *, metadata: bool = False) -> dict[str, Any]:
    """A message as conversations.history gives it; with its metadata only when asked for."""
    user = store.users[message.user]
    out: dict[str, Any] = {
        "type": "message",
        "user": message.user,
        "text": message.text,
        "ts": message.ts,
        "team": user.team,
    }
    optional = {
        "subtype": message.subtype,
        "thread_ts": message.thread_ts,
        "blocks": list(message.blocks),
        "attachments": list(message.attachments),
        "files": [file_json(store, store.files[id_], base) for id_ in message.files if id_ in store.files],
        "metadata": message.metadata if metadata else None,
        "reactions": [{"name": n, "users": list(u), "count": len(u)} for n, u in message.reactions],
    }
    out |= {key: value for key, value in optional.items() if value}
    if message.edited:
        out["edited"] = {"user": message.edited_by, "ts": message.edited}
    if message.from_app:
        out |= {"bot_id": store.app.bot_id, "app_id": store.app.id}
    else:
        out["client_msg_id"] = f"client-{message.ts}"
    if user.team != store.seed.team["id"]:
        out |= {"user_team": user.team, "source_team": user.team}
    if message.only_for:
        return out | {"is_ephemeral": True}
    return out | _replies(store, message)


def _replies(store: Store, message: Message) -> dict[str, Any]:
    if message.is_reply:
        root = store.messages[message.channel].get(message.thread_ts)
        return {"parent_user_id": root.user} if root else {}
    replies = [m for m in store.thread(message.channel, message.ts) if m.ts != message.ts]
    if not replies:
        return {}
    users = list(dict.fromkeys(m.user for m in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users": users,
        "reply_users_count": len(users),
        "latest_reply": replies[-1].ts,
    }


def view_json(store: Store, view: View) -> dict[str, Any]:
    """A view as views.open answers it and as interactions carry it."""
    team = store.seed.team["id"]
    given = {k: v for k, v in view.body.items() if k not in {"blocks", "state"}}
    empty = {"private_metadata": "", "callback_id": "", "external_id": "", "close": None, "submit": None}
    return (
        empty
        | {"clear_on_close": False, "notify_on_close": False}
        | given
        | {
            "id": view.id,
            "team_id": team,
            "type": view.type,
            "blocks": list(view.blocks),
            "state": {"values": {block: dict(actions) for block, actions in view.state.items()}},
            "hash": view.hash,
            "root_view_id": view.root or view.id,
            "previous_view_id": view.previous or None,
            "app_id": store.app.id,
            "app_installed_team_id": team,
            "bot_id": store.app.bot_id,
        }
    )
