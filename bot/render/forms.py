"""What comes back from a modal: its fields' names, and its submitted state as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agent.domain.states import Methodology, MitigationStatus

# Each is the block_id and the action_id of its input.
TITLE = "title"
DESCRIPTION = "description"
FILES = "files"
METHODOLOGY = "methodology"
REASON = "reason"
OWN = "own"
DRAWING = "drawing"
_MITIGATION = "mitigation:"
_LONGEST = 200


@dataclass(frozen=True)
class Intake:
    """What a person gave in the intake modal."""

    title: str
    description: str
    files: tuple[Mapping[str, Any], ...]
    """Slack's file objects as they came: to be checked before anything is fetched."""
    methodology: Methodology = Methodology.STRIDE


@dataclass(frozen=True)
class MitigationChoices:
    """What a person picked in the mitigations modal."""

    statuses: Mapping[str, MitigationStatus]
    """By mitigation id."""
    own: str
    """A mitigation of their own; empty for none."""


def mitigation_field(id_: str) -> str:
    """The field of a mitigation; empty when its id is too long to be one."""
    return _MITIGATION + id_ if 0 < len(id_) <= _LONGEST else ""


def read_intake(view: Mapping[str, Any]) -> Intake:
    """The intake of a submitted view; what is missing is empty."""
    state = dict(_fields(view))
    files = state.get(FILES, {}).get("files") or ()
    found = tuple(f for f in files if isinstance(f, Mapping))
    chosen = _mapping(state.get(METHODOLOGY, {}).get("selected_option")).get("value")
    methodology = Methodology(chosen) if chosen in set(Methodology) else Methodology.STRIDE
    return Intake(_text(state, TITLE), _text(state, DESCRIPTION), found, methodology)


def read_reason(view: Mapping[str, Any]) -> str:
    """The reason in a submitted dismiss modal, without blanks around it."""
    return _text(dict(_fields(view)), REASON)


def read_drawing(view: Mapping[str, Any]) -> str:
    """The text in a submitted drawing modal, without blanks around it."""
    return _text(dict(_fields(view)), DRAWING)


def read_mitigations(view: Mapping[str, Any]) -> MitigationChoices:
    """The choices of a submitted mitigations modal; values that are no status are left out."""
    state = dict(_fields(view))
    statuses = {}
    for name, element in state.items():
        value = _mapping(element.get("selected_option")).get("value")
        if name.startswith(_MITIGATION) and value in set(MitigationStatus):
            statuses[name.removeprefix(_MITIGATION)] = MitigationStatus(value)
    return MitigationChoices(statuses, _text(state, OWN))


def _fields(view: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    values = _mapping(_mapping(view.get("state")).get("values"))
    for name, elements in values.items():
        yield name, _mapping(_mapping(elements).get(name))


def _text(state: Mapping[str, Mapping[str, Any]], name: str) -> str:
    value = state.get(name, {}).get("value")
    return value.strip() if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
