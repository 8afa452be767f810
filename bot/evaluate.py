"""The accuracy protocol on this program: our threat models of a folder of systems, held against theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from agent.analysts.chat.base import ChatCalls
from agent.domain.model import ThreatModel
from agent.domain.usage import Usage
from agent.errors import ConfigurationError, InputError
from agent.evaluation.protocol import evaluate
from agent.evaluation.report import Report
from bot.local import threat_model
from knowledge.embedders.base import Embedder, EmbedderError
from knowledge.embedders.minilm import MiniLm


def produce(
    title: str,
    files: Sequence[tuple[str, bytes]],
    description: str,
    calls: Callable[[str, Usage], ChatCalls] | None = None,
) -> ThreatModel:
    """The threat model that `threatbot model` makes of these diagrams and this description."""
    return threat_model(files, description=description, title=title, calls=calls)


def evaluate_folder(
    folder: Path,
    embedder: Embedder | None = None,
    *,
    calls: Sequence[Callable[[str, Usage], ChatCalls] | None] = (None,),
) -> Report:
    """Our threat models of every system of the folder against its references.

    Args:
        folder: holds a folder a system, with `system.md` and `threats.json`; or has them under `systems`.
        calls: language model calls, live or recorded, once for each run; None for the rules alone.
        embedder: all-MiniLM-L6-v2 on this machine by default, the one that the protocol is calibrated with.

    InputError when the folder holds no system, ConfigurationError when the embedder cannot be used.
    """
    inner = folder / "systems"
    try:
        return evaluate(
            inner if inner.is_dir() else folder,
            partial(produce, calls=calls[0]),
            embedder or MiniLm(),
            again=[partial(produce, calls=more) for more in calls[1:]],
        )
    except EmbedderError as error:
        raise ConfigurationError(str(error)) from error


def write(report: Report, folder: Path) -> tuple[Path, ...]:
    """Write `accuracy.md`, `pairs.md` and `accuracy.json` into the folder; their paths.

    The folder is made when it is missing; InputError when it cannot be written to.
    """
    texts = {
        "accuracy.md": report.markdown(),
        "pairs.md": report.pairs_markdown(),
        "accuracy.json": report.json_text(),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"I could not write into {folder}: {error.strerror}. Give another folder."
        ) from error
    return tuple(folder / name for name in texts)
