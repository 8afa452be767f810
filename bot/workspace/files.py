"""Files: announced, uploaded, shared, fetched with the token, taken away."""

from __future__ import annotations

import mimetypes
from dataclasses import replace
from email.parser import BytesParser
from email.policy import HTTP
from typing import TYPE_CHECKING

from bot.workspace.errors import Refused
from bot.workspace.values import File

if TYPE_CHECKING:
    from bot.workspace.workspace import Workspace

MAX_UPLOAD = 64 * 1024 * 1024
"""Bytes that this workspace takes in one file; Slack's own limit is 1 GB."""
_TYPES = {".mmd": "text/plain", ".drawio": "text/xml", ".puml": "text/plain", ".md": "text/markdown"}


def keep(ws: Workspace, name: str, content: bytes, user: str, title: str = "") -> File:
    """A file with its bytes, not shared yet."""
    with ws.store.lock:
        file = _made(ws, name, user, title or name, len(content), content)
        ws.store.files[file.id] = file
        return file


def keep_remote(ws: Workspace, name: str, url: str, user: str) -> File:
    """A file whose bytes lie at an address of somebody's choosing."""
    with ws.store.lock:
        file = replace(_made(ws, name, user, name, 0, None), external_url=url)
        ws.store.files[file.id] = file
        return file


def announce(ws: Workspace, name: str, length: int) -> File:
    """A file that the app is going to upload: a ticket that waits for `length` bytes."""
    with ws.store.lock:
        file = _made(ws, name, ws.store.app.bot_user, name, length, None)
        ws.store.tickets[file.id] = file
        return file


def take(ws: Workspace, id_: str, content: bytes) -> None:
    """The bytes of an announced file; Refused when no such ticket waits or the length differs."""
    with ws.store.lock:
        ticket = ws.store.tickets.get(id_)
        if ticket is None:
            raise Refused("file_not_found")
        if len(content) != ticket.size:
            raise Refused("file_size_mismatch")
        ws.store.tickets[id_] = replace(ticket, content=content)


def complete(ws: Workspace, id_: str, title: str) -> File:
    """An announced file whose bytes have come becomes a file."""
    with ws.store.lock:
        ticket = ws.store.tickets.get(id_)
        if ticket is None or ticket.content is None:
            raise Refused("file_not_found")
        del ws.store.tickets[id_]
        file = replace(ticket, title=title or ticket.name)
        ws.store.files[id_] = file
        return file


def find(ws: Workspace, id_: str) -> File:
    """The file with this id; Refused file_not_found when there is none."""
    file = ws.store.files.get(id_)
    if file is None:
        raise Refused("file_not_found")
    return file


def part_of(content_type: str, body: bytes) -> dict[str, bytes]:
    """The parts of a multipart/form-data body by name; empty for any other body."""
    if not content_type.startswith("multipart/form-data"):
        return {}
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    parsed = BytesParser(policy=HTTP).parsebytes(head + body)
    parts: dict[str, bytes] = {}
    for part in parsed.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            parts[name] = content
    return parts


def _made(ws: Workspace, name: str, user: str, title: str, size: int, content: bytes | None) -> File:
    suffix = "." + name.rpartition(".")[2].lower()
    guessed = _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return File(
        id=ws.store.new_id("F"),
        name=name.replace("/", "_") or "file",
        title=title,
        user=user,
        created=ws.store.clock(),
        mimetype=guessed,
        content=content,
        size=size,
    )
