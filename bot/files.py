"""Fetch an uploaded file safely: only from Slack's own hosts, without redirects, and never too much."""

from __future__ import annotations

import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from agent.diagrams.base import MAX_BYTES
from agent.errors import DeliveryError, TooLarge, UnreadableFile

SECONDS = 20.0
UPLOAD_AGAIN = "Upload the file itself into the thread."


# urllib's own opener without its redirect handler: a redirect is an error like any other status.
_OPENER = urllib.request.OpenerDirector()
for _handler in (
    urllib.request.ProxyHandler(),
    urllib.request.HTTPHandler(),
    urllib.request.HTTPSHandler(),
    urllib.request.HTTPDefaultErrorHandler(),
    urllib.request.HTTPErrorProcessor(),
):
    _OPENER.add_handler(_handler)


def check_file(file: dict[str, Any], channel: str, origins: tuple[str, ...], called: str = "") -> str:
    """The URL to download, from the `file` object of files.info.

    UnreadableFile when the file was not shared in this channel, is not Slack's own, is gone or is too large.
    Of one that was shared elsewhere nothing is told, not even its name: a token of a whole organisation sees
    the files of all of its workspaces.

    Args:
        file: the object.
        channel: where somebody dropped it.
        origins: scheme and host of every address that Slack serves files from.
        called: the name that was given with it there.
    """
    shares = file.get("shares") or {}
    shared_in = {c for kind in shares.values() for c in kind} | set(file.get("channels") or ())
    if shared_in and channel not in shared_in:
        raise UnreadableFile(
            called or str(file.get("id") or "the file"), "it was not shared in this channel", UPLOAD_AGAIN
        )
    name = str(file.get("name") or file.get("id") or "the file")
    if file.get("is_external") or file.get("mode") in {"external", "remote"}:
        raise UnreadableFile(name, "it lies outside Slack", UPLOAD_AGAIN)
    if file.get("mode") in {"tombstone", "hidden_by_limit"}:
        raise UnreadableFile(name, "Slack no longer keeps it", UPLOAD_AGAIN)
    if int(file.get("size") or 0) > MAX_BYTES:
        raise TooLarge(
            name, "it is over 10 MB", "Send the part of the diagram that matters, or its source file."
        )
    url = str(file.get("url_private_download") or file.get("url_private") or "")
    parts = urlsplit(url)
    if parts.username or f"{parts.scheme}://{parts.netloc}" not in origins:
        raise UnreadableFile(name, "its address is not one of Slack's", UPLOAD_AGAIN)
    return url


def fetch(url: str, name: str, token: str) -> bytes:
    """The bytes behind a URL that `check_file` gave.

    UnreadableFile when Slack answers with something else; DeliveryError when it does not answer.
    """
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - origins checked
    try:
        with _OPENER.open(request, timeout=SECONDS) as response:
            kind = str(response.headers.get("Content-Type", ""))
            content: bytes = response.read(MAX_BYTES + 1)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 429 or error.code >= 500:  # noqa: PLR2004 - HTTP status
            raise DeliveryError(
                f"Slack answered {error.code} when I fetched {name}.", retryable=True
            ) from error
        raise UnreadableFile(name, f"Slack answered {error.code} when I fetched it", UPLOAD_AGAIN) from error
    except (OSError, HTTPException) as error:
        raise DeliveryError(f"Slack did not send {name}: {error}.", retryable=True) from error
    if len(content) > MAX_BYTES:
        raise TooLarge(
            name, "it is over 10 MB", "Send the part of the diagram that matters, or its source file."
        )
    if kind.startswith("text/html") and not name.lower().endswith((".html", ".htm")):
        raise UnreadableFile(
            name, "Slack sent a login page instead of it", "An admin must give the app the files:read scope."
        )
    return content
