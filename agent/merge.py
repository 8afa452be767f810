"""Findings from several areas and analysts become one ranked, numbered list, the same for the same input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from agent.analysts.base import Findings
from agent.catalog.grams import words
from agent.catalog.patterns import load_patterns
from agent.domain.model import ThreatModel
from agent.domain.system import Evidence, Question, System
from agent.domain.threat import Mitigation, Threat
from agent.risk import is_answered

SAME_MEANING = 0.6
"""From this share of common words on, two threats on one target with a common category say the same."""

QUESTIONS = 8
"""How many open questions are kept."""

_SPECIFIC = 2.0
_LOOK_BACK = 12
_MITIGATIONS = 6
_EVIDENCE = 8
_GREEDY = 150


def merge(
    findings: Iterable[Findings], system: System, previous: ThreatModel | None = None
) -> tuple[tuple[Threat, ...], tuple[Question, ...]]:
    """Everything found, joined, ranked and numbered; and the questions that matter most.

    Args:
        findings: of every area, in any order.
        system: what they are about.
        previous: the revision before, whose threats keep their ids.
    """
    said = sorted(findings, key=lambda f: f.area)
    threats = number(rank(join([t for f in said for t in f.threats], system)), previous)
    return threats, rank_questions([q for f in said for q in f.questions], threats)


def join(threats: Iterable[Threat], system: System) -> tuple[Threat, ...]:
    """The threats with repetitions and near-duplicates folded into the gravest of them.

    The same: the same key; patterns of one group at a common place; or a common target, a common category
    and nearly the same words. The one that stays takes over targets, evidence and mitigations.
    """
    kept = _Kept(system)
    for threat in sorted(_by_key(threats).values(), key=_gravity):
        kept.take(threat)
    return tuple(kept.threats.values())


class _Kept:
    """The threats that stay, and where each says what."""

    def __init__(self, system: System) -> None:
        self.threats: dict[str, Threat] = {}
        self._places = _Places(system)
        self._by_group: dict[tuple[str, str], str] = {}
        self._by_title: dict[tuple[str, str], str] = {}
        self._by_target: dict[str, list[str]] = {}

    def take(self, threat: Threat) -> None:
        """Keep the threat, or fold it into the one that says the same."""
        home = self._home(threat)
        key = home or threat.key
        self.threats[key] = _folded(self.threats[home], threat) if home else threat
        self._by_title.setdefault((threat.pattern, threat.title), key)
        group = _group_of(threat)
        if group:
            for mark in self._places.marks(threat):
                self._by_group.setdefault((group, mark), key)
        for target in threat.targets:
            self._by_target.setdefault(target, []).append(key)

    def _home(self, threat: Threat) -> str:
        """The key of the kept threat that says the same; "" when there is none."""
        group = _group_of(threat)
        if group:
            for wish in self._places.wishes(threat):
                if (group, wish) in self._by_group:
                    return self._by_group[group, wish]
        same = self._by_title.get((threat.pattern, threat.title), "") if threat.pattern else ""
        return same or self._near(threat)

    def _near(self, threat: Threat) -> str:
        mine = _meaning(threat)
        for target in threat.targets[:3]:
            for key in dict.fromkeys(self._by_target.get(target, [])[-_LOOK_BACK:]):
                other = self.threats[key]
                if set(other.stride).isdisjoint(threat.stride):
                    continue
                theirs = _meaning(other)
                if len(mine & theirs) >= SAME_MEANING * len(mine | theirs):
                    return key
        return ""


def rank(threats: Iterable[Threat]) -> tuple[Threat, ...]:
    """The most pressing first: by severity; within one, by rating and confidence, the kinds mixed.

    What repeats a target or a category already shown steps back within its severity, so that the first
    page is not all of one kind.
    """
    bands: dict[int, list[Threat]] = {}
    for threat in threats:
        bands.setdefault(threat.effective_severity.rank, []).append(threat)
    ranked: list[Threat] = []
    seen: dict[str, int] = {}
    for severity in sorted(bands, reverse=True):
        waiting = sorted(bands[severity], key=lambda t: (-_worth(t), t.key))
        while waiting:
            window = waiting[:_GREEDY] if len(ranked) < _GREEDY else waiting[:1]
            best = max(window, key=lambda t: (_worth(t) - _repeats(t, seen), -_worth(t)))
            waiting.remove(best)
            ranked.append(best)
            for mark in _marks(best):
                seen[mark] = seen.get(mark, 0) + 1
    return tuple(ranked)


def number(threats: Sequence[Threat], previous: ThreatModel | None) -> tuple[Threat, ...]:
    """The threats with ids: that of the revision before for the same threat, else the next free one.

    The same is the same key; else a key that the one or the other stood for; else a pattern of the same
    group on the same first target, such as "may be unencrypted" become "is unencrypted" by an answer.
    """
    before = previous.threats if previous else ()
    taken: dict[str, str] = {}
    for marks in (_own_key, _all_keys, _group_place):
        known: dict[str, str] = {}
        for threat in before:
            for mark in marks(threat):
                known.setdefault(mark, threat.id)
        for threat in threats:
            free = (known[m] for m in marks(threat) if m in known and known[m] not in taken.values())
            if threat.key not in taken and (id_ := next(free, "")):
                taken[threat.key] = id_
    last = max((_number(t.id) for t in before), default=0)
    numbered: list[Threat] = []
    for threat in threats:
        if threat.key not in taken:
            last += 1
            taken[threat.key] = f"T-{last:03d}"
        numbered.append(threat.model_copy(update={"id": taken[threat.key]}))
    return tuple(numbered)


def _own_key(threat: Threat) -> tuple[str, ...]:
    return (threat.key,)


def _all_keys(threat: Threat) -> tuple[str, ...]:
    return (threat.key, *threat.merged)


def _group_place(threat: Threat) -> tuple[str, ...]:
    group = _groups().get(threat.pattern, "")
    return (f"{group}@{threat.targets[0]}",) if group else ()


def rank_questions(
    questions: Iterable[Question], threats: Sequence[Threat], most: int = QUESTIONS
) -> tuple[Question, ...]:
    """The questions once each, with the ids of the threats they decide, the weightiest first.

    Args:
        questions: with threat keys in `decides`.
        threats: numbered; a question that decides none of them is dropped.
        most: how many are kept.
    """
    ids = {key: t.id for t in threats for key in (t.key, *t.merged)}
    joined: dict[str, Question] = {}
    for question in questions:
        decides = tuple(dict.fromkeys(ids[k] for k in question.decides if k in ids))
        before = joined.get(question.id)
        if not decides:
            continue
        if before is None:
            joined[question.id] = question.model_copy(update={"decides": decides})
            continue
        new = tuple(d for d in decides if d not in before.decides)
        weight = before.weight + (question.weight if new else 0.0)
        joined[question.id] = before.model_copy(update={"decides": (*before.decides, *new), "weight": weight})
    place = {t.id: i for i, t in enumerate(threats)}
    ordered = sorted(joined.values(), key=lambda q: (-q.weight, min(place[d] for d in q.decides), q.id))
    return tuple(ordered[:most])


class _Places:
    """Where threats stand, as marks: threats of one group meet where one's marks meet the other's wishes.

    A flow meets itself, and an element meets the flows that lead to it; two flows to one element do not meet.
    """

    def __init__(self, system: System) -> None:
        self._target_of = {f.id: f.target for f in system.flows}

    def marks(self, threat: Threat) -> tuple[str, ...]:
        into = (f"into {self._target_of[t]}" for t in threat.targets if t in self._target_of)
        return (*(f"at {t}" for t in threat.targets), *into)

    def wishes(self, threat: Threat) -> tuple[str, ...]:
        flows = [t for t in threat.targets if t in self._target_of]
        elements = (f"into {t}" for t in threat.targets if t not in self._target_of)
        return (*(f"at {t}" for t in threat.targets), *(f"at {self._target_of[t]}" for t in flows), *elements)


def _by_key(threats: Iterable[Threat]) -> dict[str, Threat]:
    found: dict[str, Threat] = {}
    for threat in threats:
        before = found.get(threat.key)
        if before is None:
            found[threat.key] = threat
        else:
            first, second = sorted((before, threat), key=_gravity)
            found[threat.key] = _folded(first, second)
    return found


def _meaning(threat: Threat) -> frozenset[str]:
    return frozenset(words(f"{threat.title} {threat.statement.action}")) - _EMPTY


_EMPTY = frozenset(
    words("a an the of to in on and or by with for from at as it its that which can could may is are be")
)


def _folded(keeper: Threat, other: Threat) -> Threat:
    """The keeper, standing for the other as well."""
    merged = (*keeper.merged, *(() if other.key == keeper.key else (other.key,)), *other.merged)
    evidence: dict[tuple[str, str], Evidence] = {}
    for item in (*keeper.evidence, *other.evidence):
        evidence.setdefault((item.kind.value, item.quote), item)
    return keeper.model_copy(
        update={
            "targets": tuple(dict.fromkeys((*keeper.targets, *other.targets))),
            "stride": tuple(dict.fromkeys((*keeper.stride, *other.stride)))
            if other.key != keeper.key
            else keeper.stride,
            "categories": tuple(dict.fromkeys((*keeper.categories, *other.categories))),
            "evidence": tuple(evidence.values())[:_EVIDENCE],
            "references": tuple({r.id: r for r in (*keeper.references, *other.references)}.values()),
            "mitigations": _mitigations(keeper, other),
            "merged": tuple(dict.fromkeys(m for m in merged if m != keeper.key)),
        }
    )


def _mitigations(keeper: Threat, other: Threat) -> tuple[Mitigation, ...]:
    texts = {m.text for m in keeper.mitigations}
    more = [m for m in other.mitigations if m.text not in texts]
    room = max(0, _MITIGATIONS - len(keeper.mitigations))
    start = len(keeper.mitigations) + 1
    added = (m.model_copy(update={"id": f"M-{start + i}"}) for i, m in enumerate(more[:room]))
    return (*keeper.mitigations, *added)


@cache
def _groups() -> dict[str, str]:
    return {p.id: p.group for p in load_patterns()}


def _group_of(threat: Threat) -> str:
    """The group that the threat may join; a control to test stays apart from what is still open."""
    group = _groups().get(threat.pattern, "")
    return f"{group}, answered" if group and is_answered(threat) else group


def _gravity(threat: Threat) -> tuple[float, float, str]:
    return (-threat.effective_severity.rank, -_worth(threat), threat.key)


def _worth(threat: Threat) -> float:
    """How pressing it is within its severity; what fits by the system's own words comes first."""
    own = _SPECIFIC if threat.pattern in _specific() else 0.0
    return threat.likelihood.score * threat.impact.score + 12 * threat.confidence + own


@cache
def _specific() -> frozenset[str]:
    return frozenset(p.id for p in load_patterns() if p.specific)


def _marks(threat: Threat) -> tuple[str, ...]:
    """What a shown threat makes others repeat."""
    return (*(f"at {t}" for t in threat.targets[:2]), f"kind {threat.stride[0]}", f"pattern {threat.pattern}")


def _repeats(threat: Threat, seen: Mapping[str, int]) -> float:
    """How far it steps back: by its gravest target alone, so that what names several does not pay twice."""
    marks = (f"at {threat.targets[0]}", f"kind {threat.stride[0]}", f"pattern {threat.pattern}")
    return sum(1.5 * min(3, seen.get(mark, 0)) for mark in marks)


def _number(id_: str) -> int:
    digits = id_.rpartition("-")[2]
    return int(digits) if digits.isdigit() else 0
