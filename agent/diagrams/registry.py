"""Which reader takes a file: decided by its content."""

from __future__ import annotations

from agent.diagrams.base import MAX_BYTES, Reader, SourceFile
from agent.diagrams.document import Document
from agent.diagrams.dot import Dot
from agent.diagrams.drawio import Drawio
from agent.diagrams.drawio_image import DrawioImage
from agent.diagrams.mermaid import Mermaid
from agent.diagrams.otm import OpenThreatModel
from agent.diagrams.plantuml import PlantUml
from agent.diagrams.sniff import foreign, stranger
from agent.diagrams.threat_dragon import ThreatDragon
from agent.domain.system import SystemFragment
from agent.errors import TooLarge, UnreadableFile, UnsupportedFormat

READERS: tuple[Reader, ...] = (Drawio(), Mermaid(), ThreatDragon(), OpenThreatModel(), PlantUml(), Dot())
"""Asked in this order."""
IMAGES: Reader = DrawioImage()
"""Takes the pictures that carry their diagram with them; asked before all others."""
PROSE: Reader = Document()
"""Takes the text that no other reader takes."""

WELCOME = (
    "Send a diagram as Mermaid, draw.io, PlantUML, Graphviz DOT, Threat Dragon or Open Threat Model, "
    "or describe the system in words."
)
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
    if IMAGES.recognises(file):
        return IMAGES.read(file)
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
