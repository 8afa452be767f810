"""Open Threat Model (IriusRisk's exchange format), as YAML or JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from agent.catalog.technologies import load_technologies
from agent.diagrams.base import SourceFile
from agent.diagrams.sketch import Edge, Group, Node, Sketch
from agent.diagrams.trees import (
    Tree,
    flag,
    json_of,
    looks_like_json,
    mapping,
    mappings,
    number,
    text_at,
    yaml_of,
)
from agent.diagrams.wire import read_wire
from agent.domain.base import slug
from agent.domain.system import Asset, Classification, SystemFragment
from agent.errors import UnreadableFile

_MARK = re.compile(r"^[\"'\s{]*otmVersion[\"']?\s*:", re.MULTILINE)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NETWORK = re.compile(r"\AAWS::EC2::(?!Instance\b)")
_CLASSES = (
    (75.0, Classification.RESTRICTED),
    (50.0, Classification.CONFIDENTIAL),
    (25.0, Classification.INTERNAL),
)
"""From which confidentiality (0 to 100) on an asset is of a class."""
_AGAIN = "Send an Open Threat Model file with components and dataflows."


class OpenThreatModel:
    """Reads .otm files: trust zones become boundaries, components elements, data flows flows."""

    name = "otm"

    def recognises(self, file: SourceFile) -> bool:
        """Whether a key otmVersion stands in it."""
        return _MARK.search(file.text[:20_000]) is not None

    def read(self, file: SourceFile) -> SystemFragment:
        """The system in the model; threats and mitigations that it lists are not part of a system."""
        tree = json_of(file) if looks_like_json(file) else yaml_of(file)
        if not isinstance(tree, dict) or "otmVersion" not in tree:
            raise UnreadableFile(file.name, "its otmVersion does not stand at the top", _AGAIN)
        return _Model(tree, file.name, self.name).sketch().fragment()


class _Model:
    def __init__(self, tree: Mapping[str, Tree], source: str, form: str) -> None:
        self._tree = tree
        self._sketch = Sketch(source, form, title=text_at(tree, "project", "name"))
        self._sketch.text = text_at(tree, "project", "description")
        self._assets = {
            text_at(a, "id"): slug(text_at(a, "name") or text_at(a, "id")) for a in mappings(tree, "assets")
        }
        self._components = {text_at(c, "id"): c for c in mappings(tree, "components")}
        self._parents = {text_at(mapping(c, "parent"), "component") for c in self._components.values()}

    def sketch(self) -> Sketch:
        """Zones, frames and elements in their places, then flows."""
        for zone in mappings(self._tree, "trustZones"):
            self._sketch.group(_group("zone ", zone))
        for id_, component in self._components.items():
            if self._is_frame(id_, component):
                self._sketch.group(_group("", component, key=id_))
        for asset in mappings(self._tree, "assets"):
            self._sketch.assets.append(self._asset(asset))
        for id_, component in self._components.items():
            if id_ not in self._sketch.groups:
                self._add_element(id_, component)
        for dataflow in mappings(self._tree, "dataflows"):
            self._add_flow(dataflow)
        return self._sketch

    def _is_frame(self, id_: str, component: Mapping[str, Tree]) -> bool:
        """Whether it only holds others, such as a network: it has parts and is no known technology itself."""
        if id_ not in self._parents:
            return False
        return load_technologies().read(text_at(component, "name"), stereotypes=_said(component)).kind is None

    def _place(self, component: Mapping[str, Tree]) -> str | None:
        """The frame around it: its zone, or the nearest component around it that is a frame."""
        for _ in range(100):
            parent = mapping(component, "parent")
            zone, around = text_at(parent, "trustZone"), text_at(parent, "component")
            if zone:
                return f"zone {zone}"
            if around in self._sketch.groups or around not in self._components:
                return around or None
            component = self._components[around]
        return None

    def _add_element(self, id_: str, component: Mapping[str, Tree]) -> None:
        held = mapping(component, "assets")
        assets = (*_ids(held.get("processed")), *_ids(held.get("stored")))
        self._sketch.node(
            Node(
                key=id_,
                label=text_at(component, "name") or id_,
                stereotypes=_said(component),
                group=self._place(component),
                description=text_at(component, "description"),
                assets=tuple(dict.fromkeys(self._assets[a] for a in assets if a in self._assets)),
            )
        )

    def _asset(self, asset: Mapping[str, Tree]) -> Asset:
        name = text_at(asset, "name") or text_at(asset, "id") or "asset"
        level = number(asset, "risk", "confidentiality")
        return Asset(
            id=slug(name),
            name=name,
            classification=next((c for least, c in _CLASSES if level >= least), Classification.PUBLIC),
            evidence=self._sketch.quote(name),
        )

    def _add_flow(self, dataflow: Mapping[str, Tree]) -> None:
        name = text_at(dataflow, "name")
        label = "" if _UUID.fullmatch(name) else name
        said = (label, *_texts(dataflow.get("tags")), text_at(dataflow, "attributes", "protocol"))
        wire = read_wire(", ".join(s for s in said if s))
        self._sketch.edge(
            Edge(
                text_at(dataflow, "source"),
                text_at(dataflow, "destination"),
                label=label,
                both=flag(dataflow, "bidirectional"),
                wire=replace(wire, data=read_wire(label).data),
                assets=tuple(self._assets[a] for a in _ids(dataflow.get("assets")) if a in self._assets),
            )
        )


def _group(prefix: str, tree: Mapping[str, Tree], key: str = "") -> Group:
    id_ = key or text_at(tree, "id")
    parent = mapping(tree, "parent")
    zone = text_at(parent, "trustZone")
    around = f"zone {zone}" if zone else text_at(parent, "component") or None
    return Group(prefix + id_, text_at(tree, "name") or id_, parent=around)


def _said(component: Mapping[str, Tree]) -> tuple[str, ...]:
    """Its type and tags: "postgresql", "AWS::RDS::DBInstance"; parts of a network are not what it is."""
    said = [text_at(component, "type"), *_texts(component.get("tags"))]
    return tuple(_NETWORK.sub("", s).replace("::", " ") for s in said if s)[:10]


def _texts(tree: Tree) -> Iterator[str]:
    for item in tree if isinstance(tree, list) else ():
        if isinstance(item, str):
            yield item


def _ids(tree: Tree) -> Iterator[str]:
    """The ids in a list of assets, which may be texts or mappings with an id."""
    for item in tree if isinstance(tree, list) else ():
        if isinstance(item, str | dict):
            yield item if isinstance(item, str) else text_at(item, "id") or text_at(item, "asset")
