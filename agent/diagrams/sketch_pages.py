"""Several pages or diagrams of one file as one sketch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agent.diagrams.sketch import Group, Node, Sketch, one_line


def merge(sketches: Sequence[Sketch]) -> Sketch:
    """One sketch of several pages of a file. What bears the same name on two pages is the same thing.

    A name that a page bears twice stays twice, and arrows that two pages show alike count once.
    """
    if len(sketches) == 1:
        return sketches[0]
    whole = Sketch(source=sketches[0].source, format=sketches[0].format, title=sketches[0].title)
    for page, sketch in enumerate(sketches):
        _Page(whole, sketch, page).add()
    return whole


class _Page:
    def __init__(self, whole: Sketch, sketch: Sketch, page: int) -> None:
        self._whole = whole
        self._sketch = sketch
        self._page = page

    def add(self) -> None:
        names = {**self._names(self._sketch.groups, self._whole.groups)}
        for key, group in self._sketch.groups.items():
            parent = names.get(group.parent) if group.parent else None
            self._whole.group(replace(group, key=names[key], parent=parent))
        nodes = self._names(self._sketch.nodes, self._whole.nodes)
        for key, node in self._sketch.nodes.items():
            kept = self._whole.node(replace(node, key=nodes[key], group=names.get(node.group or "")))
            kept.group = kept.group or names.get(node.group or "")
        self._add_edges({**names, **nodes})
        self._whole.facts += self._sketch.facts
        self._whole.assets += self._sketch.assets
        for assumption in self._sketch.assumptions:
            targets = tuple(nodes.get(t, t) for t in assumption.targets)
            self._whole.assumptions.append(assumption.model_copy(update={"targets": targets}))
        self._whole.warnings += self._sketch.warnings
        self._whole.text = "\n\n".join(t for t in (self._whole.text, self._sketch.text) if t)

    def _names(self, here: Mapping[str, Group | Node], there: Mapping[str, Group | Node]) -> dict[str, str]:
        """The key in the whole of each key on this page."""
        known = _once(there)
        single = {key: label for label, key in _once(here).items()}
        return {key: known.get(single.get(key, ""), f"{self._page} {key}") for key in here}

    def _add_edges(self, keys: Mapping[str, str]) -> None:
        seen = {(e.source, e.target, one_line(e.label)) for e in self._whole.edges}
        for edge in self._sketch.edges:
            ends = keys.get(edge.source, edge.source), keys.get(edge.target, edge.target)
            if (*ends, one_line(edge.label)) not in seen:
                self._whole.edge(replace(edge, source=ends[0], target=ends[1]))


def _once(items: Mapping[str, Group | Node]) -> dict[str, str]:
    """Label → key of the labels that stand once."""
    labels = [(one_line(item.label).casefold(), key) for key, item in items.items()]
    counts = Counter(label for label, _ in labels)
    return {label: key for label, key in labels if label and counts[label] == 1}
