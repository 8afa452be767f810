"""The starter pack: one passage in our own words for each identifier that the product cites.

It is what the knowledge store holds before any corpus is loaded, so that the first run needs no download and
every citation can be opened. A corpus loaded later replaces the passages of the same identifiers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from knowledge.passages import Passage
from knowledge.stores.base import KnowledgeStore

LICENCE = "Apache-2.0"
"""The texts are ours."""

MARK = "starter"
"""The source of the one passage, without text, that says which version of the pack a store holds."""

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader, in C where it was built; both give the same."""

STRIDE = {
    "S": "spoofing",
    "T": "tampering",
    "R": "repudiation",
    "I": "information_disclosure",
    "D": "denial_of_service",
    "E": "elevation_of_privilege",
}
"""The categories behind the letters that our data files use."""


def load() -> Iterator[Passage]:
    """Every passage of the pack, file by file in the order of their names, as written."""
    yield from _pack()


@cache
def _pack() -> tuple[Passage, ...]:
    """Read once a process: the store and whoever searches the pack alone ask for the same."""
    return tuple(_passage(data, entry) for data in map(_read, _files()) for entry in data["passages"])


def ensure(store: KnowledgeStore) -> int:
    """Put the pack into the store unless it is there already; how many passages were written.

    A passage whose identifier is taken by a loaded corpus is left as that corpus has it.
    """
    mark = digest()
    known = store.get([mark])
    if known and len(store.get(known[0].related)) == len(known[0].related):
        return 0
    pack = _pack()
    foreign = {p.id for p in store.get(p.id for p in pack) if p.licence != LICENCE}
    written = store.upsert(p for p in pack if p.id not in foreign)
    store.delete_source(MARK)
    # The mark is written last, so a load that was killed is done again.
    store.upsert(
        [Passage(id=mark, source=MARK, kind="mark", title="", text="", related=tuple(p.id for p in pack))]
    )
    return written


def digest() -> str:
    """The version of the pack: a hash of its files."""
    together = hashlib.sha256()
    for file in _files():
        together.update(file.name.encode() + b"\0" + file.read_bytes())
    return together.hexdigest()[:12]


def address(source: str, id_: str) -> str:
    """Where the publisher shows an identifier of a corpus; empty for one whose address is not known."""
    data = _addresses()[source]
    listed: dict[str, str] = data["listed"]
    return _url(data, id_) if data["url"] else listed.get(id_, "")


@cache
def _addresses() -> dict[str, dict[str, Any]]:
    """By corpus: the pattern of its addresses, its chapters, and what entries have of their own."""
    found = {}
    for data in map(_read, _files()):
        listed = {e["id"]: e["url"] for e in data["passages"] if "url" in e}
        found[data["source"]] = {"url": "", **data, "listed": listed, "passages": ()}
    return found


def _read(file: Traversable) -> dict[str, Any]:
    data: dict[str, Any] = yaml.load(file.read_bytes(), Loader=LOADER)  # noqa: S506 - safe, see LOADER
    return data


def _files() -> list[Traversable]:
    folder = files("knowledge.corpora").joinpath("starter")
    return sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)


def _passage(data: dict[str, Any], entry: dict[str, Any]) -> Passage:
    return Passage(
        id=entry["id"],
        source=data["source"],
        kind=data["kind"],
        title=entry["title"],
        text=" ".join(entry["text"].split()),
        url=entry.get("url") or _url(data, entry["id"]),
        licence=LICENCE,
        stride=tuple(STRIDE[letter] for letter in entry.get("stride", "")),
        technologies=tuple(entry.get("at", ())),
        related=tuple(entry.get("related", ())),
    )


def _url(data: dict[str, Any], id_: str) -> str:
    """The address that the file's pattern gives for an identifier."""
    number = id_.partition("-")[2]
    chapter = data.get("chapters", {}).get(int(number.split(".")[0])) if "chapters" in data else ""
    pattern: str = data["url"]
    return pattern.format(id=id_, number=number, path=id_.replace(".", "/"), chapter=chapter)
