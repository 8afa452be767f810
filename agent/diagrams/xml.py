"""XML from strangers: no DTD, no entities, bounded depth and number of tags."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from agent.errors import TooLarge, UnreadableFile

MAX_TAGS = 200_000
_MAX_DEPTH = 200
_AGAIN = "Save it again in the editor that it comes from and send that file."


class _Bounded(TreeBuilder):
    """Builds the tree and stops when it grows out of bounds."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._depth = 0
        self._count = 0

    def start(self, tag: Any, attrs: Any, /) -> Any:
        """One tag more, one level deeper."""
        self._depth += 1
        self._count += 1
        if self._depth > _MAX_DEPTH:
            raise TooLarge(self._name, f"its tags nest deeper than {_MAX_DEPTH} levels", _AGAIN)
        if self._count > MAX_TAGS:
            raise TooLarge(self._name, f"it has more than {MAX_TAGS:,} tags", "Send a smaller diagram.")
        return super().start(tag, attrs)

    def end(self, tag: Any, /) -> Any:
        """One level up."""
        self._depth -= 1
        return super().end(tag)


def parse_xml(content: bytes | str, name: str) -> Element:
    """The root of the document; UnreadableFile when it is not well formed or has a DTD or entities."""
    data = content.encode() if isinstance(content, str) else content
    parser = DefusedXMLParser(target=_Bounded(name), forbid_dtd=True)
    try:
        parser.feed(data)
        root = parser.close()
    except DefusedXmlException:
        raise UnreadableFile(
            name, "its XML brings a DTD or entities of its own, which I do not open", _AGAIN
        ) from None
    except (ParseError, ValueError, LookupError) as error:
        raise UnreadableFile(name, f"its XML is broken ({error})", _AGAIN) from None
    if not isinstance(root, Element):
        raise UnreadableFile(name, "its XML is empty", _AGAIN)
    return root
