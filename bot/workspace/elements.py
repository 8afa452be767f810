"""Interactive elements: where they stand in blocks, what is in them, and what they send when used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.errors import InputError, NotFound
from bot.workspace.values import Json

State = Mapping[str, Mapping[str, Json]]
"""block_id → action_id → what stands in the input."""


@dataclass(frozen=True)
class _Kind:
    """How one type of stateful element writes its value."""

    key: str
    initial: str
    many: bool = False
    options: bool = False


_KINDS = {
    "plain_text_input": _Kind("value", "initial_value"),
    "email_text_input": _Kind("value", "initial_value"),
    "url_text_input": _Kind("value", "initial_value"),
    "number_input": _Kind("value", "initial_value"),
    "static_select": _Kind("selected_option", "initial_option", options=True),
    "radio_buttons": _Kind("selected_option", "initial_option", options=True),
    "multi_static_select": _Kind("selected_options", "initial_options", many=True, options=True),
    "checkboxes": _Kind("selected_options", "initial_options", many=True, options=True),
    "users_select": _Kind("selected_user", "initial_user"),
    "multi_users_select": _Kind("selected_users", "initial_users", many=True),
    "conversations_select": _Kind("selected_conversation", "initial_conversation"),
    "multi_conversations_select": _Kind("selected_conversations", "initial_conversations", many=True),
    "channels_select": _Kind("selected_channel", "initial_channel"),
    "multi_channels_select": _Kind("selected_channels", "initial_channels", many=True),
    "datepicker": _Kind("selected_date", "initial_date"),
    "timepicker": _Kind("selected_time", "initial_time"),
    "datetimepicker": _Kind("selected_date_time", "initial_date_time"),
    "file_input": _Kind("files", "initial_files", many=True),
}


def with_ids(blocks: Sequence[Json], make: Callable[[], str]) -> tuple[Json, ...]:
    """The blocks with a block_id on each and an action_id on each element, made up where missing."""
    return tuple(_with_id(block, make) for block in blocks)


def _with_id(block: Json, make: Callable[[], str]) -> Json:
    out: dict[str, Any] = {**block}
    if out.get("type") != "markdown":
        out["block_id"] = out.get("block_id") or make()
    for key in ("accessory", "element"):
        if isinstance(out.get(key), Mapping):
            out[key] = _with_action_id(out[key], make)
    if out.get("type") in {"actions", "context_actions"}:
        out["elements"] = [_with_action_id(element, make) for element in out.get("elements", ())]
    return out


def _with_action_id(element: Json, make: Callable[[], str]) -> Json:
    if element.get("type") in {"image", "workflow_button"} or element.get("action_id"):
        return element
    return {**element, "action_id": make()}


def interactive(blocks: Sequence[Json]) -> Iterator[tuple[Json, Json]]:
    """(block, element) for everything that can be used, in reading order."""
    for block in blocks:
        for element in _elements(block):
            if element.get("action_id"):
                yield block, element


def _elements(block: Json) -> Iterator[Json]:
    for key in ("accessory", "element"):
        if isinstance(block.get(key), Mapping):
            yield block[key]
    if block.get("type") in {"actions", "context_actions"}:
        yield from block.get("elements", ())
    if block.get("type") == "card":
        yield from block.get("actions", ())


Address = str | tuple[str, str]
"""An action_id, or a block_id alone, or (block_id, action_id), or "block_id/action_id"."""


def find(blocks: Sequence[Json], address: Address, value: Any = None) -> tuple[Json, Json]:
    """The (block, element) at an address; of several with one action_id, the one that can take `value`.

    NotFound, with what there is, when nothing stands there.
    """
    found = _at(blocks, address)
    if value is not None and len(found) > 1:
        found = [(b, e) for b, e in found if _takes(e, value)] or found
    if found:
        return found[0]
    there = ", ".join(f"{b.get('block_id')}/{e['action_id']}" for b, e in interactive(blocks)) or "nothing"
    raise NotFound(f"There is no element {address!r} here; there is: {there}.")


def holds(blocks: Sequence[Json], address: Address) -> bool:
    """Whether anything stands at the address."""
    return bool(_at(blocks, address))


def _at(blocks: Sequence[Json], address: Address) -> list[tuple[Json, Json]]:
    block_id, action_id = _split(address)
    return [(b, e) for b, e in interactive(blocks) if _matches(b, e, block_id, action_id)]


def _split(address: Address) -> tuple[str, str]:
    return ("", address) if isinstance(address, str) else address


def _matches(block: Json, element: Json, block_id: str, action_id: str) -> bool:
    here, name = block.get("block_id", ""), element["action_id"]
    if block_id:
        return bool(here == block_id and name == action_id)
    return bool(action_id in {name, here, f"{here}/{name}"})


def _takes(element: Json, value: Any) -> bool:
    if element["type"] == "button":
        return bool(element.get("value") == value)
    return not element.get("options") or any(o.get("value") == value for o in options(element))


def options(element: Json) -> list[Json]:
    """Every option of an element, those in groups and those of feedback buttons included."""
    flat = list(element.get("options", ()))
    for group in element.get("option_groups", ()):
        flat.extend(group.get("options", ()))
    flat.extend(element[key] for key in ("positive_button", "negative_button") if key in element)
    return flat


def is_stateful(element: Json) -> bool:
    """Whether the element keeps a value that stands in `state.values`."""
    return element.get("type") in _KINDS


def chosen(element: Json, raw: Any) -> Json:
    """What stands in a stateful element after a person put `raw` into it.

    Options are given by their value, several of them as a list; people and channels by id, files as file
    objects. InputError when the element has no such option.
    """
    kind = _KINDS[element["type"]]
    if kind.options:
        found = [_option(element, value) for value in _many(raw)]
        content: Any = found if kind.many else (found[0] if found else None)
    elif kind.many:
        content = _many(raw)
    else:
        content = None if raw in ("", None) else raw
        if kind.key == "value" and content is not None:
            content = str(content)
    return {"type": element["type"], kind.key: content}


def _many(raw: Any) -> list[Any]:
    if raw is None or raw == "":
        return []
    return list(raw) if isinstance(raw, list | tuple | set | frozenset) else [raw]


def _option(element: Json, value: Any) -> Json:
    for option in options(element):
        if option.get("value") == value:
            return option
    there = ", ".join(str(o.get("value")) for o in options(element))
    raise InputError(f"{element['action_id']} has no option {value!r}; it has: {there}.")


def initial(element: Json) -> Json:
    """What stands in a stateful element before anybody touched it."""
    kind = _KINDS[element["type"]]
    return {"type": element["type"], kind.key: element.get(kind.initial, [] if kind.many else None)}


def content(entry: Json) -> Any:
    """The value inside a state entry: text, an option, a list, or None."""
    return entry.get(_KINDS[entry["type"]].key)


def state_of(blocks: Sequence[Json], kept: State) -> dict[str, dict[str, Json]]:
    """`state.values` of these blocks: what was put in before where the element is still there."""
    values: dict[str, dict[str, Json]] = {}
    for block, element in interactive(blocks):
        if is_stateful(element):
            before = kept.get(block["block_id"], {}).get(element["action_id"])
            same = before is not None and before["type"] == element["type"]
            entry = before if same and before is not None else initial(element)
            values.setdefault(block["block_id"], {})[element["action_id"]] = entry
    return values


def action(block: Json, element: Json, raw: Any, ts: str) -> Json:
    """The entry of `actions[]` that using this element sends."""
    base = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": ts,
    }
    match element["type"]:
        case "button" | "icon_button":
            return base | {k: element[k] for k in ("text", "value", "style") if k in element}
        case "overflow":
            return base | {"selected_option": _option(element, raw)}
        case "feedback_buttons":
            return base | dict(_option(element, raw))
        case kind if kind in _KINDS:
            extra = {k: element[k] for k in ("placeholder", _KINDS[kind].initial) if k in element}
            return base | extra | dict(chosen(element, raw))
        case other:
            raise InputError(f"A {other} cannot be used.")
