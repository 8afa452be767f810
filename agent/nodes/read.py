"""read: one attachment, or the description, becomes a fragment of the system."""

from __future__ import annotations

from agent.artifacts import Artifacts
from agent.diagrams.base import SourceFile
from agent.diagrams.prose import read_prose
from agent.diagrams.registry import read_file
from agent.domain.request import Attachment
from agent.domain.system import UNREADABLE, SystemFragment
from agent.errors import InputError

DESCRIPTION = "description"
"""The source name of the fragment that the request's own text gives."""


def read_attachment(attachment: Attachment, artifacts: Artifacts) -> SystemFragment:
    """What the file shows. A file that cannot be read gives an empty fragment whose warning says why."""
    try:
        return read_file(SourceFile(attachment.name, artifacts.get(attachment.key)))
    except InputError as error:
        return SystemFragment(source=attachment.name, format=UNREADABLE, warnings=(error.message,))


def read_description(text: str) -> SystemFragment:
    """What the description names and says; empty for an empty description."""
    if not text.strip():
        return SystemFragment(source=DESCRIPTION, format="prose")
    return read_prose(text, source=DESCRIPTION)
