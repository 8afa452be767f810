"""Reads small diagrams and says what they show in words that a test can compare."""

from __future__ import annotations

import base64
import zlib
from urllib.parse import quote

from agent.diagrams.base import SourceFile
from agent.diagrams.registry import read_file
from agent.domain.system import Element, Flow, SystemFragment


def read(text: str | bytes, name: str = "a.txt") -> SystemFragment:
    """The fragment in the text."""
    return read_file(SourceFile(name, text.encode() if isinstance(text, str) else text))


def kinds(fragment: SystemFragment) -> dict[str, str]:
    """Name → kind, in reading order."""
    return {e.name: e.kind.value for e in fragment.elements}


def arrows(fragment: SystemFragment) -> list[str]:
    """Flows as "A -> B" or "A -> B: label", in reading order."""
    names = {e.id: e.name for e in fragment.elements}
    return [
        f"{names[f.source]} -> {names[f.target]}" + (f": {f.label}" if f.label else "")
        for f in fragment.flows
    ]


def inside(fragment: SystemFragment) -> dict[str, set[str]]:
    """Boundary → names of its members, inner ones included."""
    names = {e.id: e.name for e in fragment.elements}
    return {b.name: {names[m] for m in b.members} for b in fragment.boundaries}


def element(fragment: SystemFragment, name: str) -> Element:
    """The only element of this name."""
    (found,) = [e for e in fragment.elements if e.name == name]
    return found


def flow(fragment: SystemFragment, label: str) -> Flow:
    """The only flow with this label."""
    (found,) = [f for f in fragment.flows if f.label == label]
    return found


def cell(
    id_: str,
    label: str,
    place: tuple[float, float, float, float],
    style: str = "rounded=1;html=1;",
    parent: str = "1",
) -> str:
    """A draw.io vertex at (x, y, width, height)."""
    x, y, width, height = place
    return (
        f'<mxCell id="{id_}" value="{label}" style="{style}" vertex="1" parent="{parent}">'
        f'<mxGeometry x="{x}" y="{y}" width="{width}" height="{height}" as="geometry"/></mxCell>'
    )


def arrow(id_: str, source: str, target: str, label: str = "", style: str = "html=1;") -> str:
    """A draw.io edge between two cells."""
    return (
        f'<mxCell id="{id_}" value="{label}" style="{style}" edge="1" parent="1" source="{source}" '
        f'target="{target}"><mxGeometry relative="1" as="geometry"/></mxCell>'
    )


def model(*cells: str) -> str:
    """A bare mxGraphModel."""
    return (
        '<mxGraphModel><root><mxCell id="0"/><mxCell id="1" parent="0"/>'
        + "".join(cells)
        + "</root></mxGraphModel>"
    )


def packed(text: str) -> str:
    """The text as draw.io compresses a page."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return base64.b64encode(squeeze.compress(quote(text).encode()) + squeeze.flush()).decode()
