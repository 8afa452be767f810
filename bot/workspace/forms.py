"""A form's values: put in by address, and checked as Slack's own client does before it sends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.workspace.elements import chosen, content, find, interactive, is_stateful
from bot.workspace.shapes import file_json
from bot.workspace.values import Json, View

if TYPE_CHECKING:
    from bot.workspace.workspace import Workspace

REQUIRED = "Please complete this required field."


def filled(ws: Workspace, view: View, values: Mapping[Any, Any]) -> dict[str, dict[str, Json]]:
    """State entries for these values, by address: (block_id, action_id), "block/action", or either alone.

    People are given by id or name, files by id. NotFound or InputError when one does not fit.
    """
    entries: dict[str, dict[str, Json]] = {}
    for address, raw in values.items():
        block, element = find(view.blocks, address)
        given = _resolved(ws, element["type"], raw)
        entries.setdefault(block["block_id"], {})[element["action_id"]] = chosen(element, given)
    return entries


def _resolved(ws: Workspace, kind: str, raw: Any) -> Any:
    many = raw if isinstance(raw, list | tuple) else [raw] if raw else []
    if kind in {"users_select", "multi_users_select"}:
        ids = [ws.store.user(str(key)).id for key in many]
        return ids if kind.startswith("multi") else (ids[0] if ids else None)
    if kind == "file_input":
        return [file_json(ws.store, ws.store.files[str(id_)], ws.url) for id_ in many]
    return raw


def shortcomings(view: View) -> dict[str, str]:
    """block_id → sentence for every input that is required and empty, too short or too long."""
    errors: dict[str, str] = {}
    for block, element in interactive(view.blocks):
        if block["type"] == "input" and is_stateful(element):
            entry = view.state.get(block["block_id"], {}).get(element["action_id"])
            problem = _shortcoming(block, element, content(entry) if entry else None)
            if problem:
                errors[block["block_id"]] = problem
    return errors


def _shortcoming(block: Json, element: Json, value: Any) -> str:
    if value in (None, "", []):
        return "" if block.get("optional") else REQUIRED
    if isinstance(value, str):
        if len(value) < element.get("min_length", 0):
            return f"Please write at least {element['min_length']} characters."
        if len(value) > element.get("max_length", 3000):
            return f"Please write at most {element.get('max_length', 3000)} characters."
    if element["type"] == "file_input" and len(value) > element.get("max_files", 10):
        return f"Please attach at most {element.get('max_files', 10)} files."
    return ""
