"""How long a threat model takes: the whole command on the largest example, and the rules on made systems."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from agent.analysts.areas import split
from agent.analysts.base import Brief
from agent.analysts.rules import RulesAnalyst
from agent.coverage import coverage
from agent.domain.request import Request
from agent.domain.system import Boundary, Element, ElementKind, Evidence, EvidenceKind, Flow, System
from agent.merge import merge
from benchmarks.process import HERE, compiled

EXAMPLES = HERE / "examples"
RUNS = 5


def main(_: Path | None = None) -> None:
    """Print both tables."""
    _whole_command()
    print()
    _growth()


def _whole_command() -> None:
    diagram = max(EXAMPLES.rglob("*.mmd"), key=lambda p: p.stat().st_size)
    command = [sys.executable, "-m", "bot.cli", "model", str(diagram)]
    times, worked = [], []
    with tempfile.TemporaryDirectory() as bytecode:
        for _ in range(RUNS + 1):
            began, before = time.perf_counter(), _worked()
            subprocess.run(command, check=True, capture_output=True, env=compiled(Path(bytecode)), cwd=HERE)
            times.append(time.perf_counter() - began)
            worked.append(_worked() - before)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"`threatbot model {diagram.name}`, whole process, median of {RUNS}")
    print(f"  {statistics.median(times[1:]):.2f} s (bar 2.5 s), {peak:.0f} MB (bar 350 MB)")
    print(f"  {statistics.median(worked[1:]):.2f} s of a processor; the rest was waiting for a busy machine")


def _worked() -> float:
    """Seconds of a processor that ended child processes took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _growth() -> None:
    print("rules analyst, merge and coverage")
    print(f"  {'elements':>8} {'flows':>6} {'threats':>8} {'seconds':>8}   (bar: 10 s at 1,000 and 2,000)")
    for size in (125, 250, 500, 1000):
        system = made(size)
        began = time.perf_counter()
        threats = _threats(system)
        print(f"  {size:>8} {len(system.flows):>6} {threats:>8} {time.perf_counter() - began:>8.2f}")


def _threats(system: System) -> int:
    analyst = RulesAnalyst()
    request = Request(title="made")
    findings = [analyst.find(Brief(request=request, system=system, area=area)) for area in split(system)]
    threats, _ = merge(findings, system)
    coverage(system, threats)
    return len(threats)


def made(size: int) -> System:
    """A system of `size` elements and twice as many flows: services with stores and queues in boundaries."""
    kinds = (
        ("Service", ElementKind.PROCESS, ("api",)),
        ("Worker", ElementKind.PROCESS, ("worker",)),
        ("Database", ElementKind.DATA_STORE, ("database",)),
        ("Queue", ElementKind.DATA_STORE, ("queue",)),
        ("Customer", ElementKind.EXTERNAL_ENTITY, ("end-user",)),
    )
    drawn = Evidence(kind=EvidenceKind.DIAGRAM, quote="made")
    elements = []
    for n in range(size):
        name, kind, technologies = kinds[n % len(kinds)]
        elements.append(
            Element(
                id=f"e{n}",
                name=f"{name} {n}",
                kind=kind,
                technologies=technologies,
                zone=f"Zone {n // 50}",
                source=drawn,
            )
        )
    flows = []
    for n in range(size):
        for step in (1, 7):
            target = (n + step) % size
            flows.append(
                Flow(
                    id=f"f{n}-{step}",
                    source=f"e{n}",
                    target=f"e{target}",
                    label="REST",
                    protocol="http",
                    evidence=drawn,
                )
            )
    boundaries = [
        Boundary(
            id=f"z{z}",
            name=f"Zone {z}",
            members=tuple(f"e{n}" for n in range(z * 50, min(size, (z + 1) * 50))),
        )
        for z in range(-(-size // 50))
    ]
    return System(name="made", elements=tuple(elements), flows=tuple(flows), boundaries=tuple(boundaries))
