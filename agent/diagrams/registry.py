"""Which reader takes a file: decided by its content."""

from __future__ import annotations

from agent.diagrams.base import MAX_BYTES, Reader, SourceFile
from agent.diagrams.document import Document
from agent.diagrams.drawio import Drawio
from agent.diagrams.mermaid import Mermaid
from agent.diagrams.sniff import foreign, stranger
from agent.domain.system import SystemFragment
from agent.errors import TooLarge, UnreadableFile, UnsupportedFormat

READERS: tuple[Reader, ...] = (Drawio(), Mermaid())
"""Asked in this order."""
PROSE: Reader = Document()
"""Takes the text that no other reader takes."""

WELCOME = "Send the diagram as Mermaid or draw.io, or describe the system in words."
"""What can be sent, for everyone who has to refuse something."""


def read_file(file: SourceFile) -> SystemFragment:
    """What the file shows, read by the reader that recognises its content.

    UnreadableFile when it is empty or broken, TooLarge over a limit, UnsupportedFormat when no reader takes
    it; each says what to send instead.
    """
    if not file.content.strip():
        raise UnreadableFile(file.name, "it is empty", WELCOME)
    if len(file.content) > MAX_BYTES:
        raise TooLarge(file.name, f"it is larger than {MAX_BYTES // 1024 // 1024} MB", WELCOME)
    refusal = foreign(file)
    if refusal is not None:
        raise refusal
    for reader in READERS:
        if reader.recognises(file):
            return reader.read(file)
    refusal = stranger(file)
    if refusal is not None:
        raise refusal
    if PROSE.recognises(file):
        return PROSE.read(file)
    raise UnsupportedFormat(file.name, "its content is neither a diagram that I know nor text", WELCOME)
