"""One Web API call: the token, the scope, the rate, then the method; answers as Slack's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from bot.workspace.api import METHODS
from bot.workspace.api.registry import Call, Method
from bot.workspace.errors import Refused
from bot.workspace.files import part_of

if TYPE_CHECKING:
    from bot.workspace.workspace import Workspace

_OPEN = {"api.test"}
"""Methods that need no token."""


@dataclass(frozen=True)
class ApiReply:
    """An answer of the Web API."""

    body: Mapping[str, Any]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def arguments(query: str, content_type: str, body: bytes) -> dict[str, Any]:
    """The arguments of a call: the query's, then those of a form or of a JSON body."""
    given: dict[str, Any] = dict(parse_qsl(query, keep_blank_values=True))
    if content_type.startswith("application/json"):
        given |= _json_object(body)
    elif content_type.startswith("multipart/form-data"):
        given |= {k: v.decode("utf-8", "replace") for k, v in part_of(content_type, body).items()}
    else:
        given |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return given


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:
        raise Refused("invalid_json") from None
    if not isinstance(parsed, dict):
        raise Refused("json_not_object")
    return parsed


def call(ws: Workspace, name: str, given: Mapping[str, Any], authorization: str) -> ApiReply:
    """Answer one call; never raises for anything that the caller sent."""
    try:
        method = _known(name)
        if name not in _OPEN:
            _check_token(ws, given, authorization)
            _check_scope(ws, method)
        wait = _wait(ws, method, given)
        if wait:
            return throttled(wait)
        with ws.store.lock:
            return ApiReply({"ok": True, **method.call(Call(ws, given))})
    except Refused as refused:
        return ApiReply({"ok": False, "error": refused.code, **refused.extra})


def _known(name: str) -> Method:
    method = METHODS.get(name)
    if method is None:
        raise Refused("unknown_method", req_method=name)
    return method


def throttled(seconds: int) -> ApiReply:
    """The answer to a call that comes too soon."""
    return ApiReply({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": str(seconds)})


def token_of(given: Mapping[str, Any], authorization: str) -> str:
    """The token that a call comes with; empty when there is none."""
    return authorization.removeprefix("Bearer ").strip() or str(given.get("token") or "")


def _check_token(ws: Workspace, given: Mapping[str, Any], authorization: str) -> None:
    token = token_of(given, authorization)
    if not token:
        raise Refused("not_authed")
    refusal = ws.refusal(token)
    if refusal:
        raise Refused(refusal)


def _check_scope(ws: Workspace, method: Method) -> None:
    scopes = ws.store.app.scopes
    if scopes is not None and method.scope and method.scope not in scopes:
        provided = ",".join(sorted(scopes))
        raise Refused("missing_scope", needed=method.scope, provided=provided)


def _wait(ws: Workspace, method: Method, given: Mapping[str, Any]) -> int:
    if ws.rate_limits is None:
        return 0
    return ws.rate_limits.wait(method.name, method.rate, str(given.get("channel", "")))
