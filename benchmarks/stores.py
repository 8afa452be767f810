"""Both knowledge stores on one corpus with the same questions: recall and times side by side.

    python -m benchmarks.stores CORPUS.jsonl QUERIES.jsonl [--url http://127.0.0.1:9200]

A line of the corpus has id, source, title and text; a line of the queries has query, kind and relevant
(grades by id). Without --url an OpenSearch is started, which needs a JDK and Maven. Every text is embedded
once, before the measuring: the times are the stores' own.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from knowledge.embedders.base import Embedder
from knowledge.embedders.minilm import MiniLm, missing
from knowledge.passages import Passage, Query
from knowledge.stores.base import KnowledgeStore
from knowledge.stores.opensearch import OpenSearchStore
from knowledge.stores.opensearch_client import Endpoint, connect
from knowledge.stores.sqlite import SqliteStore
from knowledge.stores.sqlite_rows import meant
from tests.opensearch_node import INSTALL, Node, found

WRITTEN = "component->any"
"""The kind of the questions that people wrote; the others come from cross references."""

DEPTHS = (10, 20)

BAR = 0.02
"""How far apart the recall of the two stores may be."""


@dataclass(frozen=True)
class Asked:
    """A question and the passages that answer it."""

    text: str
    written: bool
    relevant: frozenset[str]


@dataclass(frozen=True)
class Row:
    """What was measured of one store."""

    name: str
    load: float
    milliseconds: list[float]
    recalls: tuple[float, ...]
    """At each depth over the written questions, then over the others."""


class Remembered:
    """An embedder that has embedded everything before."""

    def __init__(self, embedder: Embedder, texts: Sequence[str]) -> None:
        self.name, self.dimension = embedder.name, embedder.dimension
        unlike = list(dict.fromkeys(texts))
        began = time.perf_counter()
        self._vectors = dict(zip(unlike, embedder.embed(unlike), strict=True))
        print(f"{len(unlike)} texts embedded by {self.name} in {time.perf_counter() - began:.0f} s\n")

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See Embedder."""
        return [self._vectors[text] for text in texts]


def main(folder: Path | None = None) -> None:
    """Print the table for the corpus and the queries in FOLDER/retrieval; leave it out without them."""
    place = folder / "retrieval" if folder else None
    if place is None or not (place / "corpus.jsonl").is_file():
        print("left out: give --eval DIR with a folder retrieval in it")
    elif not found():
        print(f"left out: OpenSearch needs a JDK and Maven; {INSTALL}")
    else:
        compare(place / "corpus.jsonl", place / "dev.jsonl", "")


def compare(corpus: Path, queries: Path, url: str) -> None:
    """Print the table; `url` is a running OpenSearch, empty starts one."""
    passages = [Passage(**{k: line[k] for k in ("id", "source", "title", "text")}) for line in _lines(corpus)]
    asked = [
        Asked(line["query"], line["kind"] == WRITTEN, frozenset(line["relevant"])) for line in _lines(queries)
    ]
    print(f"{len(passages)} passages, {sum(a.written for a in asked)} written questions of {len(asked)}")
    embedders: list[Embedder | None] = [None]
    if not missing():
        texts = [meant(p.title, p.text) for p in passages] + [a.text for a in asked]
        embedders.append(Remembered(MiniLm(), texts))
    with _opensearch(url) as endpoint:
        for embedder in embedders:
            _print([_measured(store, passages, asked) for store in _stores(endpoint, embedder)], embedder)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


@contextmanager
def _opensearch(url: str) -> Iterator[Endpoint]:
    if url:
        yield Endpoint(url=url, timeout=60)
        return
    with tempfile.TemporaryDirectory() as folder:
        node = Node(Path(folder), heap="1g")
        node.start()
        try:
            yield node.endpoint()
        finally:
            node.stop()


def _stores(endpoint: Endpoint, embedder: Embedder | None) -> Iterator[KnowledgeStore]:
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(SqliteStore(f"{folder}/k.db", embedder=embedder)) as one,
    ):
        yield one
    prefix = f"benchmark-{uuid4().hex[:8]}"
    with closing(OpenSearchStore(endpoint, embedder=embedder, prefix=prefix)) as other:
        yield other
    client = connect(endpoint)
    client.indices.delete(index=f"{prefix}-*")
    client.indices.delete_index_template(name=prefix)


def _measured(store: KnowledgeStore, passages: Sequence[Passage], asked: Sequence[Asked]) -> Row:
    began = time.perf_counter()
    store.upsert(passages)
    load = time.perf_counter() - began
    for one in asked[:20]:  # warm
        store.search(Query(text=one.text))
    found_by: list[list[str]] = []
    times: list[float] = []
    for one in asked:
        began = time.perf_counter()
        hits = store.search(Query(text=one.text, limit=max(DEPTHS)))
        times.append((time.perf_counter() - began) * 1000)
        found_by.append([h.passage.id for h in hits])
    recalls = (_recall(asked, found_by, depth, written) for written in (True, False) for depth in DEPTHS)
    return Row(type(store).__name__, load, times, tuple(recalls))


def _recall(asked: Sequence[Asked], answers: Sequence[Sequence[str]], depth: int, written: bool) -> float:  # noqa: FBT001
    parts = [
        len(one.relevant & set(answer[:depth])) / len(one.relevant)
        for one, answer in zip(asked, answers, strict=True)
        if one.written == written and one.relevant
    ]
    return statistics.fmean(parts) if parts else 0.0


def _print(rows: Sequence[Row], embedder: Embedder | None) -> None:
    print(f"by words{f' and by {embedder.name}' if embedder else ' alone'}\n")
    heads = [f"recall@{depth} {which}" for which in ("written", "others") for depth in DEPTHS]
    print(f"| store | load s | p50 ms | p95 ms | {' | '.join(heads)} |")
    print("|---|---|---|---|---|---|---|---|")
    for row in rows:
        p50, p95 = (statistics.quantiles(row.milliseconds, n=100)[at] for at in (49, 94))
        recalls = " | ".join(f"{r:.3f}" for r in row.recalls)
        print(f"| {row.name} | {row.load:.1f} | {p50:.0f} | {p95:.0f} | {recalls} |")
    gap = max(abs(a - b) for a, b in zip(*(row.recalls for row in rows), strict=True))
    print(f"\nlargest difference {gap:.3f} (bar {BAR})\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stores")
    parser.add_argument("corpus", type=Path, metavar="CORPUS.jsonl")
    parser.add_argument("queries", type=Path, metavar="QUERIES.jsonl")
    parser.add_argument("--url", default="", help="an OpenSearch that runs; without it one is started")
    given = parser.parse_args()
    compare(given.corpus, given.queries, given.url)
