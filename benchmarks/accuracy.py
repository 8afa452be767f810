"""How good the rules' threat models are: the accuracy protocol, its bars, and how long it took."""

from __future__ import annotations

import time
from pathlib import Path

from agent.evaluation.matching import TEXT_ONLY
from agent.evaluation.report import FIRST, Report
from bot.evaluate import evaluate_folder

BARS = {"recall": 0.30, "precision": 0.17, "lift": 0.27}
"""At 20 threats, text only, cut 0.60, averaged over all systems."""


def main(folder: Path | None = None) -> None:
    """Print every table; nothing without a folder."""
    if folder is None:
        print("left out: give --eval DIR")
        return
    began = time.perf_counter()
    report = evaluate_folder(folder)
    took = time.perf_counter() - began
    print(_bars(report))
    print(f"\n{len(report.systems)} systems in {took:.1f} s, models and comparison together\n")
    print(report.markdown())


def _bars(report: Report) -> str:
    macro = report.macro(report.lists[0], gated=TEXT_ONLY.gated, cut=TEXT_ONLY.cut, budget=FIRST)
    figures = {"recall": macro.recall, "precision": macro.precision, "lift": macro.lift}
    said = (f"{name} {figures[name]:.3f} (bar {bar})" for name, bar in BARS.items())
    return f"At {FIRST} threats, {TEXT_ONLY.label}, {macro.systems} systems: " + ", ".join(said)
