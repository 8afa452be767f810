"""The accuracy protocol: systems and a producer of threat models in, a report out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from agent.domain.model import ThreatModel
from agent.errors import ThreatbotError
from agent.evaluation.baselines import naive
from agent.evaluation.compared import Compared, placed, places, produced
from agent.evaluation.matching import PROTOCOL, TEXT_ONLY, Cosines
from agent.evaluation.report import FIRST, Report, Subject
from agent.evaluation.soundness import soundness
from agent.evaluation.systems import ReferenceSystem, load_systems
from agent.evaluation.trial import Measured, Trial
from knowledge.embedders.base import Embedder

MACHINE_WRITTEN = frozenset({"cncf_tikv", "cncf_longhorn", "tf_ecommerce", "tc_knowledge_packs"})
"""Evaluation systems whose references read as written by a machine in part: they are reported apart."""
PRODUCT, NAIVE = "threatbot", "naive STRIDE per element"

Produce = Callable[[str, Sequence[tuple[str, bytes]], str], ThreatModel]
"""A system's title, its diagrams (name, content) and its description in, a threat model out.

A ThreatbotError says why there is none: the system then counts as one without any threat.
"""


def evaluate(
    folder: Path, produce: Produce, embedder: Embedder, *, again: Sequence[Produce] = (), seed: str = "1"
) -> Report:
    """Model every system of the folder and hold the threats, and a naive list, against its references.

    Args:
        folder: see `load_systems`; InputError when it holds none.
        produce: makes a threat model of one system; it never sees the references.
        embedder: all-MiniLM-L6-v2, where figures are to be compared with published ones.
        again: further runs, for a producer that does not say the same twice.
        seed: of the naive list's draw.
    """
    return measure([modelled(s, (produce, *again), seed) for s in load_systems(folder)], embedder)


def modelled(system: ReferenceSystem, producers: Sequence[Produce], seed: str) -> Measured:
    """The system with the product's lists, one a run, and the naive one."""
    fields = dict(system)
    names = [name_of(run) for run in range(len(producers))]
    try:
        models = [produce(system.title, system.files, system.description) for produce in producers]
    except ThreatbotError as error:
        nothing: dict[str, tuple[Compared, ...]] = dict.fromkeys((*names, NAIVE), ())
        return Measured(**fields, known=system.listed, lists=nothing, failed=error.message)
    lists = {
        name: tuple(produced(threat, model.system) for threat in model.threats)
        for name, model in zip(names, models, strict=True)
    }
    lists[NAIVE] = naive(models[0].system, FIRST, f"{seed}:{system.name}")
    given = (system.title, system.description, *(c.decode("utf-8", "replace") for _, c in system.files))
    return Measured(
        **fields,
        known=(*system.listed, *places(models[0].system)),
        lists=lists,
        soundness=tuple(
            soundness(name, system.name, model, given) for name, model in zip(names, models, strict=True)
        ),
    )


def name_of(run: int) -> str:
    """The name of the product's list of one run, counted from 0."""
    return f"{PRODUCT}, run {run + 1}" if run else PRODUCT


def measure(systems: Sequence[Measured], embedder: Embedder) -> Report:
    """Hold every list of every system against the references of its own system and of the others.

    The first list of the first system is the one whose pairs and misses are told.
    """
    ready = [s.model_copy(update={"references": placed(s.references, s.known)}) for s in systems]
    every = [c for s in ready for listed in (s.references, *s.lists.values()) for c in listed]
    cosines = Cosines(embedder, (text for c in every for text in (c.statement, c.whole)))
    names = tuple(dict.fromkeys(name for s in ready for name in s.lists))
    trials = [
        Trial(name, s, [o for o in ready if o.name != s.name], cosines) for name in names for s in ready
    ]
    told = [t for t in trials if t.name == names[0]]
    return Report(
        embedder=embedder.name,
        lists=names,
        systems=tuple(_subject(s) for s in ready),
        scores=tuple(score for trial in trials for score in trial.scores()),
        qualities=tuple(trial.quality() for trial in trials),
        pairs=tuple(pair for trial in told for rule in (TEXT_ONLY, PROTOCOL) for pair in trial.pairs(rule)),
        missed=tuple(missed for trial in told for missed in trial.missed()),
        soundness=tuple(counts for s in ready for counts in s.soundness),
    )


def _subject(system: Measured) -> Subject:
    return Subject(
        name=system.name,
        references=len(system.references),
        machine_written=system.name in MACHINE_WRITTEN,
        listed=bool(system.listed),
        failed=system.failed,
    )
