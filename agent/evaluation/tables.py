"""A report as Markdown tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import fmean

from agent.evaluation.matching import PROTOCOL, RULES, TEXT_ONLY, Rule
from agent.evaluation.report import BUDGETS, FIRST, Macro, Missed, Pair, Report, Subject
from agent.evaluation.soundness import total

_PREFACE = (
    "Measured with {embedder}. Recall and precision are averaged over systems, each counting the same; "
    "chance is the same list against the references of every other system; lift is recall less chance. "
    "Precision is a lower bound: no reference is complete."
)


def markdown(report: Report) -> str:
    """Every table of the report, without the pairs."""
    parts = (
        _PREFACE.format(embedder=report.embedder),
        "### At 20 threats\n\n" + _groups(report),
        "### Every cut and budget, all systems\n\n" + _everything(report),
        "### System by system, at 20 threats\n\n" + _by_system(report),
        "### The lists themselves, first 20 threats\n\n" + _qualities(report),
        "### What must hold of every threat\n\n" + _sound(report) if report.soundness else "",
        _runs(report) if len(report.runs) > 1 else "",
        _failures(report),
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def pairs_markdown(report: Report) -> str:
    """The matched pairs of every system, then the references that nothing matched."""
    return "\n\n".join(_pairs_of(report, s) for s in report.systems) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; a float is written with three decimals, a bar in a cell is escaped."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(_cell(c) for c in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    return " ".join(str(value).split()).replace("|", "\\|")


_GROUPS: tuple[tuple[str, Callable[[Subject], bool]], ...] = (
    ("all", lambda _: True),
    ("written by people", lambda s: not s.machine_written),
    ("partly machine-written", lambda s: s.machine_written),
    ("with a data-flow diagram", lambda s: s.listed),
)
_FIGURES = ("recall", "precision", "chance", "chance precision", "lift")


def _figures(macro: Macro) -> tuple[float, ...]:
    return (macro.recall, macro.precision, macro.chance_recall, macro.chance_precision, macro.lift)


def _groups(report: Report) -> str:
    rows = []
    for rule in (TEXT_ONLY, PROTOCOL):
        for name, among in _GROUPS:
            for list_ in report.lists:
                macro = report.macro(list_, gated=rule.gated, cut=rule.cut, budget=FIRST, among=among)
                if macro.systems:
                    rows.append((rule.label, f"{name} ({macro.systems})", list_, *_figures(macro)))
    return table(("rule", "references", "list", *_FIGURES), rows)


def _everything(report: Report) -> str:
    rows = [
        (
            rule.label,
            "all" if budget is None else budget,
            list_,
            *_figures(_macro(report, list_, rule, budget)),
        )
        for rule in RULES
        for budget in BUDGETS
        for list_ in report.lists
    ]
    return table(("rule", "threats", "list", *_FIGURES), rows)


def _macro(report: Report, list_: str, rule: Rule, budget: int | None) -> Macro:
    return report.macro(list_, gated=rule.gated, cut=rule.cut, budget=budget)


def _by_system(report: Report) -> str:
    """One row a system and list: matched of references, then recall and precision, for both main rules."""
    scores = {(s.list, s.system, s.gated, s.cut): s for s in report.scores if s.budget == FIRST}
    rows = []
    for system in report.systems:
        for list_ in report.lists:
            text, gated = (scores[list_, system.name, r.gated, r.cut] for r in (TEXT_ONLY, PROTOCOL))
            mark = " *" if system.machine_written else ""
            counts = (system.references, text.produced, text.matched)
            alone = (text.recall, text.precision, text.chance_recall)
            figures = (*alone, gated.matched, gated.recall, gated.precision)
            rows.append((system.name + mark, list_, *counts, *figures))
    head = ("system", "list", "references", "threats", "matched", "recall", "precision", "chance")
    gates = ("matched with gates", "recall with gates", "precision with gates")
    return table((*head, *gates), rows) + "\n\n\\* references that read as partly machine-written"


def _qualities(report: Report) -> str:
    rows = []
    for list_ in report.lists:
        mine = [q for q in report.qualities if q.list == list_ and q.produced]
        read, pairs = sum(q.produced for q in mine), sum(q.severities for q in mine)
        rows.append(
            (
                list_,
                read,
                f"{_percent(sum(q.repeated for q in mine), read)}",
                f"{_percent(sum(q.nameless for q in mine), read)}",
                f"{_percent(sum(q.agreed for q in mine), pairs)} of {pairs}" if pairs else "–",
            )
        )
    return table(
        ("list", "threats", "repeat an earlier one", "name no element", "severity as the reference"), rows
    )


def _sound(report: Report) -> str:
    rows = []
    for name in report.runs:
        t = total(name, report.soundness)
        rows.append(
            (
                name,
                t.threats,
                f"{t.verbatim} of {t.quotes}",
                f"{t.existing} of {t.references}",
                f"{t.unexplained} of {t.answered}",
                _percent(t.own, t.threats),
                _percent(t.later, t.threats),
            )
        )
    head = (
        "list",
        "threats",
        "quotes found in the input",
        "references that exist",
        "answered by a stated control, unexplained",
        "only the model named",
        "only a second look found",
    )
    return table(head, rows)


def _runs(report: Report) -> str:
    """Mean and minimum over the runs, at the bars' budget."""
    rows = []
    for rule in (TEXT_ONLY, PROTOCOL):
        figures = [_figures(_macro(report, name, rule, FIRST)) for name in report.runs]
        rows.append((rule.label, "mean", *(fmean(column) for column in zip(*figures, strict=True))))
        rows.append((rule.label, "minimum", *(min(column) for column in zip(*figures, strict=True))))
    return f"### {len(report.runs)} runs, at 20 threats\n\n" + table(("rule", "of the runs", *_FIGURES), rows)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def _failures(report: Report) -> str:
    failed = [s for s in report.systems if s.failed]
    return "\n".join(f"{s.name} could not be modelled: {s.failed}" for s in failed)


def _pairs_of(report: Report, system: Subject) -> str:
    parts = [f"### {system.name}"]
    for rule in (TEXT_ONLY, PROTOCOL):
        pairs = [p for p in report.pairs if (p.system, p.gated, p.cut) == (system.name, rule.gated, rule.cut)]
        matched = f"{len(pairs)} of {system.references} references"
        parts.append(f"{rule.label}: {matched}" + (f"\n\n{_pairs(pairs)}" if pairs else ""))
    missed = [m for m in report.missed if m.system == system.name]
    if missed:
        parts.append(
            f"Not matched ({TEXT_ONLY.label}), with what comes nearest in the whole list\n\n{_missed(missed)}"
        )
    return "\n\n".join(parts)


def _pairs(pairs: Sequence[Pair]) -> str:
    return table(
        ("rank", "threat", "reference", "cosine"), ((p.rank, p.title, p.reference, p.cosine) for p in pairs)
    )


def _missed(missed: Sequence[Missed]) -> str:
    rows = ((m.reference, m.nearest or "–", "–" if m.rank is None else m.rank, m.cosine) for m in missed)
    return table(("reference", "nearest threat", "rank", "cosine"), rows)
