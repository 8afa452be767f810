"""What stereotypes say about protections, exposure and data. The words are data: `stereotypes.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from agent.catalog.vocabulary import ControlName, DataTag
from agent.diagrams.sketch import Edge, Node, Sketch
from agent.diagrams.wire import NOTHING, Wire, joined, read_wire
from agent.domain.system import Control, Exposure, Fact, Known
from agent.errors import CatalogError

FILE = "stereotypes.yaml"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS = re.compile(r"[^\W_]+")
_COLUMNS = frozenset({"controls", "exposure", "encrypted", "authenticated", "data", "silent"})


@dataclass(frozen=True)
class Meaning:
    """What one stereotype says."""

    controls: Mapping[ControlName, Known] = field(default_factory=dict)
    exposure: Exposure = Exposure.UNKNOWN
    wire: Wire = NOTHING
    data: DataTag | None = None


def apply_to_node(sketch: Sketch, node: Node, stereotypes: Iterable[str]) -> None:
    """Give the node what its stereotypes say; those that the table lacks may name a technology."""
    technologies = list(node.stereotypes)
    for said in stereotypes:
        meaning = meaning_of(said)
        if meaning is None:
            technologies.append(said)
            continue
        node.controls += _controls(sketch, meaning, said)
        if meaning.exposure is not Exposure.UNKNOWN:
            node.exposure = meaning.exposure
        _note_data(sketch, meaning, said, node.label)
    node.stereotypes = tuple(technologies)


def apply_to_edge(sketch: Sketch, edge: Edge, stereotypes: Sequence[str], ends: tuple[str, str]) -> None:
    """Give the arrow what its stereotypes say; `ends` are its ends' names.

    Stereotypes that the table lacks may name the protocol, where the label does not.
    """
    wire = edge.wire or NOTHING
    labelled = bool(stereotypes) and bool(read_wire(edge.label).protocol)
    for said in stereotypes:
        meaning = meaning_of(said)
        if meaning is None:
            named = NOTHING if labelled else read_wire(" ".join(_WORDS.findall(said)))
            wire = joined(wire, replace(named, data=()))
            continue
        wire = joined(meaning.wire, wire)
        edge.controls += _controls(sketch, meaning, said)
        _note_data(sketch, meaning, said, " -> ".join(ends))
    edge.wire = wire


def meaning_of(stereotype: str) -> Meaning | None:
    """What the table says about a stereotype; None when it says nothing."""
    return _table().get(" ".join(_WORDS.findall(stereotype.lower())))


def _controls(sketch: Sketch, meaning: Meaning, said: str) -> tuple[Control, ...]:
    return tuple(
        Control(name=name.value, state=state, evidence=sketch.quote(said))
        for name, state in meaning.controls.items()
    )


def _note_data(sketch: Sketch, meaning: Meaning, said: str, about: str) -> None:
    if meaning.data is not None:
        fact = Fact(about=about, fact=f"data:{meaning.data.value}", evidence=sketch.quote(said))
        sketch.facts.append(fact)


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Meaning]:
    text = resources.files("agent.diagrams").joinpath(FILE).read_text("utf-8")
    rows = yaml.load(text, _LOADER)  # noqa: S506 - a safe loader, in C where there is one
    return {words: _meaning(words, row) for words, row in rows.items()}


def _meaning(words: str, row: Mapping[str, Any]) -> Meaning:
    strange = row.keys() - _COLUMNS
    if strange:
        raise CatalogError(f"{FILE}, {words}: there is no column {min(strange)}.")
    try:
        return Meaning(
            controls={ControlName(n): Known(s) for n, s in row.get("controls", {}).items()},
            exposure=Exposure(row.get("exposure", "unknown")),
            wire=Wire(
                encrypted=Known(row.get("encrypted", "unknown")),
                authenticated=Known(row.get("authenticated", "unknown")),
            ),
            data=DataTag(row["data"]) if "data" in row else None,
        )
    except (AttributeError, ValueError) as error:
        raise CatalogError(f"{FILE}, {words}: {error}.") from None
