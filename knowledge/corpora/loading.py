"""Local copies of published corpora into a knowledge store."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from knowledge.corpora import starter
from knowledge.corpora.sources import CorpusError, Source, chosen
from knowledge.passages import Passage
from knowledge.stores.base import KnowledgeStore

MARK = "loaded"
"""The source of passages without text that say which version of which corpus a store holds."""

Reader = Callable[[Mapping[str, bytes]], Iterable[Passage]]
Progress = Callable[[str, int, int], None]
"""Told the source's name, passages done and passages in all."""

BATCH = 200
"""Passages kept at once when a store is slow because it embeds: a load that was killed goes on there."""


@dataclass(frozen=True)
class Loaded:
    """What a load did for one source."""

    source: Source
    passages: int
    """How many there are in it."""
    written: int
    """How many were written now; 0 when this version was there already."""


def load(
    store: KnowledgeStore,
    directory: Path,
    names: Iterable[str] = (),
    *,
    sources: Iterable[Source] | None = None,
    progress: Progress | None = None,
) -> tuple[Loaded, ...]:
    """Check, read and keep each source from its folder below the directory.

    A source whose version the store holds already is passed over. Each source is checked whole before any of
    it is written. StoreError goes through; CorpusError names the file that is missing, changed or unreadable.

    Args:
        store: where the passages go; those of the starter pack with the same identifiers are replaced.
        directory: the folder with a sub-folder for each source.
        names: only these sources; all when empty.
        sources: other sources than those of the manifest.
        progress: told after each batch.
    """
    return tuple(_load(store, directory, source, progress) for source in chosen(names, sources))


def status(store: KnowledgeStore, sources: Iterable[Source] | None = None) -> dict[str, bool]:
    """By source: whether the store holds this version of it, whole."""
    return {s.name: _marked(store, s) > 0 for s in chosen((), sources)}


def _load(store: KnowledgeStore, directory: Path, source: Source, progress: Progress | None) -> Loaded:
    held = _marked(store, source)
    if held:
        return Loaded(source, held, 0)
    passages = list(_passages(source, source.read(directory)))
    done = 0
    for start in range(0, len(passages), BATCH):
        done += store.upsert(passages[start : start + BATCH])
        if progress:
            progress(source.name, done, len(passages))
    # The mark is written last, so a load that was killed is done again.
    ids = tuple(p.id for p in passages)
    store.upsert([Passage(id=source.digest, source=MARK, kind="mark", title="", text="", related=ids)])
    return Loaded(source, len(passages), done)


def _marked(store: KnowledgeStore, source: Source) -> int:
    """How many passages of this version the store holds, 0 when it does not or they were thrown out since."""
    for mark in store.get([source.digest]):
        held = [p for p in store.get(mark.related) if p.licence == source.licence]
        if len(held) == len(mark.related):
            return len(held)
    return 0


def _passages(source: Source, files: Mapping[str, bytes]) -> Iterator[Passage]:
    """The reader's passages with the source's licence, and with the labels that our own pack gives them."""
    reader: Reader = importlib.import_module(f"knowledge.corpora.{source.reader}").read
    labels = {p.id: p for p in starter.load()}
    try:
        for passage in reader(files):
            ours = labels.get(passage.id)
            yield passage.model_copy(
                update={
                    "licence": source.licence,
                    "stride": _union(passage.stride, ours.stride if ours else ()),
                    "technologies": _union(passage.technologies, ours.technologies if ours else ()),
                }
            )
    except (LookupError, TypeError, ValueError, AttributeError, SyntaxError, yaml.YAMLError) as error:
        raise CorpusError(
            f"{source.title} {source.version} has another form than its reader knows: {error!r}."
        ) from error


def _union(one: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))
