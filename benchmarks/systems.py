"""Every system of a folder modelled: how much was read, how many threats, how long, what was not read."""

from __future__ import annotations

import time
from pathlib import Path

from agent.domain.model import ThreatModel
from agent.errors import ThreatbotError
from bot.local import threat_model

DIAGRAMS = ("diagram.mmd", "diagram.drawio", "diagram.puml", "dataflow.png", "architecture.png")


def main(folder: Path | None = None) -> None:
    """Print a row a system; nothing without a folder."""
    if folder is None:
        print("left out: give --eval DIR")
        return
    print("| system | input | elements | flows | threats | seconds | not read |")
    print("|---|---|---|---|---|---|---|")
    for group in ("systems", "microsecend"):
        for system in sorted(p for p in (folder / group).iterdir() if p.is_dir()):
            for line in _rows(system):
                print(line)


def _rows(system: Path) -> list[str]:
    files = [(name, (system / name).read_bytes()) for name in DIAGRAMS if (system / name).exists()]
    words = (system / "system.md").read_text(encoding="utf-8")
    rows = []
    if files:
        rows.append(_row(system.name, "diagram", files, ""))
    rows.append(_row(system.name, "diagram and words" if files else "words", files, words))
    return rows


def _row(name: str, kind: str, files: list[tuple[str, bytes]], words: str) -> str:
    began = time.perf_counter()
    try:
        model = threat_model(files, description=words, title=name)
    except ThreatbotError as error:
        return f"| {name} | {kind} | – | – | – | {time.perf_counter() - began:.2f} | {error.message} |"
    return f"| {name} | {kind} | {_counts(model)} | {time.perf_counter() - began:.2f} | {_unread(model)} |"


def _counts(model: ThreatModel) -> str:
    return f"{len(model.system.elements)} | {len(model.system.flows)} | {len(model.threats)}"


def _unread(model: ThreatModel) -> str:
    return "; ".join(w.partition(". ")[0].replace("|", "/") for w in model.system.warnings[:2]) or "–"
