"""How well descriptions find their passages, and how fast: with and without the bridge, by kind of question.

    python -m benchmarks.retrieval [DIR] [--embedder] [--passages N]

DIR holds corpus.jsonl (id, source, title, text) and dev.jsonl (query, kind, relevant: grades by id). Only
titles and texts are indexed: no examples, no relations; relations are not followed. The bridge names
identifiers side by side, which for kinds made from cross references touches the labels: those have a star.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from math import log2
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from agent.bridging import phrases
from knowledge.bridge import Bridge
from knowledge.embedders.base import Embedder
from knowledge.embedders.minilm import MiniLm, missing
from knowledge.passages import Passage, Query
from knowledge.retrieve import retrieve
from knowledge.stores.base import KnowledgeStore
from knowledge.stores.sqlite import SqliteStore

WRITTEN = "component->any"
BAR = 0.65
"""Recall of the anchors (grade 2) among the first 20 for the written questions, without a language model."""

SPEED_BAR = 50.0
"""Milliseconds: the 95th percentile of a retrieval among 100,000 passages."""

CROSS_REFERENCES = frozenset({"capec_desc->cwe", "capec_desc->attack", "cwe_desc->capec", "cwe_desc->owasp"})
SAMPLE = 200
"""Questions of a kind that are asked at most, drawn with a fixed seed."""

GRADED = 2
OURS = Path(__file__).with_name("descriptions.yaml")
OUR_KIND = "our descriptions->any"
Ways = dict[str, Callable[[KnowledgeStore, Query], Query]]

WARM = "cve_example->cwe"
"""The kind whose questions a process has answered before its times are taken."""


def main(folder: Path | None = None) -> None:
    """Print every table; nothing without a folder that has the files."""
    places = [p for f in (folder, folder and folder.parent) if f for p in (f, f / "retrieval")]
    place = next((p for p in places if (p / "dev.jsonl").is_file()), None)
    if place is None:
        print("left out: give a folder with corpus.jsonl and dev.jsonl")
        return
    embedders: list[Embedder | None] = [None] if missing() else [None, MiniLm()]
    for embedder in embedders:
        print(f"\nby words{' and ' + embedder.name if embedder else ' alone'}")
        across = bridge(embedder)
        if not embedder:  # with one it takes minutes: python -m benchmarks.retrieval DIR --embedder
            measure(place, None, across)
        speed(place, embedder, 100_000, across)


def bridge(embedder: Embedder | None) -> Bridge:
    """The bridge as the agent has it, and one that looks by meaning as well."""
    return Bridge(embedder=embedder, also=phrases())


def measure(place: Path, embedder: Embedder | None, across: Bridge) -> None:
    """Recall at 10 and 20 and nDCG at 10, by kind of question and way of asking."""
    ways = _ways(across)
    with closing(SqliteStore(embedder=embedder)) as store:
        store.upsert(_corpus(place))
        kinds = _questions(place)
        print(f"| kind | questions | {' | '.join(f'{w}: r@10 r@20 nDCG@10' for w in ways)} |")
        print(f"|---|---|{'---|' * len(ways)}")
        for kind in sorted(kinds, key=lambda k: (k not in {WRITTEN, OUR_KIND}, k)):
            rows = [_scores(store, way, kinds[kind]) for way in ways.values()]
            cells = " | ".join(" ".join(f"{v:.3f}" for v in row) for row in rows)
            star = "*" if kind in CROSS_REFERENCES else ""
            print(f"| {kind}{star} | {len(kinds[kind])} | {cells} |")
            if kind == WRITTEN:
                written = rows[-1][1]
        print(
            f"\nwritten questions, recall@20 with the bridge: {written:.3f}"
            f" (bar {BAR}: {_verdict(written >= BAR)})"
        )


class Quick:
    """An embedder for loading many passages: random vectors until `ready`, then those of the real one."""

    def __init__(self, real: Embedder) -> None:
        self.name, self.dimension = real.name, real.dimension
        self.ready = False
        self._real = real
        self._draw = random.Random(2)  # noqa: S311 - a fixed sample

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See Embedder."""
        return self._real.embed(texts) if self.ready else [self._any() for _ in texts]

    def _any(self) -> list[float]:
        values = [self._draw.random() - 0.5 for _ in range(self.dimension)]
        length = sum(v * v for v in values) ** 0.5
        return [v / length for v in values]


def speed(place: Path, embedder: Embedder | None, count: int, across: Bridge) -> None:
    """Milliseconds of a retrieval among many passages, made of the corpus's sentences.

    Each question is asked once, after others, so that none is answered from memory. With an embedder the
    passages get random vectors, which cost the search as much as real ones; the embedding of the question is
    real and counted in.
    """
    quick = Quick(embedder) if embedder else None
    kinds = _questions(place)
    queries = [q["query"] for kind in (WRITTEN, OUR_KIND) for q in kinds[kind]]
    before = [q["query"] for q in kinds[WARM][:20]]
    with (
        TemporaryDirectory() as folder,
        closing(SqliteStore(Path(folder) / "k.db", embedder=quick)) as store,
    ):
        began = time.perf_counter()
        store.upsert(_many(place, count))
        print(f"\n{count} passages loaded in {time.perf_counter() - began:.0f} s")
        if quick:
            quick.ready = True
        for name, way in _ways(across).items():
            for text in before:
                retrieve(store, way(store, Query(text=text, limit=10)))
            times = []
            for text in (f"{text}." if name == BRIDGED else text for text in queries):
                began = time.perf_counter()
                retrieve(store, way(store, Query(text=text, limit=10)))
                times.append(1000 * (time.perf_counter() - began))
            p95 = statistics.quantiles(times, n=20)[-1]
            print(
                f"{name}: median {statistics.median(times):.1f} ms, p95 {p95:.1f} ms"
                f" (bar {SPEED_BAR:.0f}: {_verdict(p95 <= SPEED_BAR)})"
            )


def _verdict(held: bool) -> str:  # noqa: FBT001 - one word for one fact
    return "held" if held else "missed"


PLAIN, BRIDGED = "words as they are", "with the bridge"


def _ways(across: Bridge) -> Ways:
    ours = {"owasp_top10": "owasp", "owasp_api": "owasp", "owasp_llm": "owasp"}

    held: dict[int, frozenset[str]] = {}

    def within(store: KnowledgeStore, query: Query) -> Query:
        """Names of corpora that the store does not have would take places from those that it has."""
        if id(store) not in held:
            held[id(store)] = frozenset(ours.get(source, source) for source in store.counts())
        added = across.sub_queries(query.text, sources=held[id(store)])
        return query.model_copy(update={"sub_queries": added})

    return {PLAIN: lambda _, query: query, BRIDGED: within}


def _corpus(place: Path) -> list[Passage]:
    found = []
    for line in (place / "corpus.jsonl").read_text("utf-8").splitlines():
        d = json.loads(line)
        found.append(Passage(id=d["id"], source=d["source"], title=d["title"], text=d["text"]))
    return found


def _many(place: Path, count: int) -> Iterable[Passage]:
    corpus = _corpus(place)
    sentences = [s.strip() for p in corpus for s in p.text.split(". ") if len(s) > 30]
    draw = random.Random(1)  # noqa: S311 - a fixed sample
    for i in range(count):
        like = corpus[i % len(corpus)]
        text = ". ".join(draw.choice(sentences) for _ in range(4))
        yield Passage(id=f"{like.id}/{i}", source=like.source, title=like.title, text=text)


def _questions(place: Path) -> dict[str, list[dict[str, Any]]]:
    kinds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in (place / "dev.jsonl").read_text("utf-8").splitlines():
        question = json.loads(line)
        kinds[question["kind"]].append(question)
    draw = random.Random(3)  # noqa: S311 - a fixed sample
    ours = yaml.safe_load(OURS.read_text("utf-8"))
    kinds[OUR_KIND] = [{"query": o["says"], "relevant": dict.fromkeys(o["finds"], GRADED)} for o in ours]
    return {k: q if len(q) <= SAMPLE else draw.sample(q, SAMPLE) for k, q in sorted(kinds.items())}


def _scores(
    store: KnowledgeStore,
    way: Callable[[KnowledgeStore, Query], Query],
    questions: Sequence[dict[str, Any]],
) -> tuple[float, float, float]:
    at10, at20, gains = [], [], []
    for question in questions:
        relevant: dict[str, int] = question["relevant"]
        wanted = {id_ for id_, grade in relevant.items() if grade == GRADED} or set(relevant)
        hits = retrieve(store, way(store, Query(text=question["query"], limit=20)))
        ids = [h.passage.id for h in hits]
        at10.append(len(wanted & set(ids[:10])) / len(wanted))
        at20.append(len(wanted & set(ids)) / len(wanted))
        gains.append(_ndcg(ids, relevant))
    return statistics.mean(at10), statistics.mean(at20), statistics.mean(gains)


def _ndcg(ids: Sequence[str], relevant: dict[str, int], depth: int = 10) -> float:
    """Normalised discounted cumulative gain with exponential gains (Burges et al., 2005)."""
    gain: float = sum(
        (2 ** relevant.get(id_, 0) - 1) / log2(place + 2) for place, id_ in enumerate(ids[:depth])
    )
    best = sorted(relevant.values(), reverse=True)[:depth]
    ideal: float = sum((2**grade - 1) / log2(place + 2) for place, grade in enumerate(best))
    return gain / ideal


def _command_line() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retrieval")
    parser.add_argument("directory", type=Path, nargs="?", help="a folder with corpus.jsonl and dev.jsonl")
    parser.add_argument(
        "--embedder", action="store_true", help="rank by meaning as well, with the local embedder"
    )
    parser.add_argument(
        "--passages", type=int, default=100_000, help="how many for the times; 0 leaves them out"
    )
    given = parser.parse_args()
    if given.directory is None or not (given.directory / "dev.jsonl").is_file():
        print("left out: give a folder with corpus.jsonl and dev.jsonl")
        return
    if given.embedder and missing():
        print(f"left out: the local embedder needs {', '.join(missing())}")
        return
    embedder = MiniLm() if given.embedder else None
    across = bridge(embedder)
    measure(given.directory, embedder, across)
    if given.passages:
        speed(given.directory, embedder, given.passages, across)


if __name__ == "__main__":
    _command_line()
