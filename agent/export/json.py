"""A threat model as JSON: complete, and read back to the very same value."""

from __future__ import annotations

import json

from pydantic import ValidationError

from agent.domain.base import SCHEMA_VERSION
from agent.domain.model import ThreatModel
from agent.errors import UnreadableFile

_INSTEAD = "Send a file that threatbot wrote as JSON, unchanged."


def to_json(model: ThreatModel) -> str:
    """The model with its schema version; keys in the order in which the domain declares them."""
    return json.dumps(model.dump(), ensure_ascii=False, indent=2) + "\n"


def from_json(text: str, name: str = "the threat model") -> ThreatModel:
    """The model that `to_json` wrote; UnreadableFile, with the place, when the text is not one.

    Args:
        text: the file's content.
        name: the file's name, for the error.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(name, f"it is not JSON ({error})", _INSTEAD) from error
    version = data.get("schema_version") if isinstance(data, dict) else None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        newer = f"its schema version is {version}, and this program reads up to {SCHEMA_VERSION}"
        raise UnreadableFile(name, newer, "Update threatbot, or export again with this version.")
    try:
        return ThreatModel.load(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = "/".join(map(str, first["loc"])) or "its top"
        raise UnreadableFile(name, f"it breaks the schema at {place}: {first['msg']}", _INSTEAD) from error
