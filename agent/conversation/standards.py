"""What of a threat model a law or a standard is about; whether it is kept is never judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from agent.conversation import telling
from agent.conversation.context import NAMED, Context, Draft, joined
from agent.conversation.reply import count, listed, of_part, of_passage, of_threat, one_line
from agent.conversation.speech import Framework, load_speech
from agent.domain.threat import Threat

_SHOWN = 5
_MOST = 3


def standard(context: Context) -> Draft:
    """The data that it is about and the threats on it, or the threats that cite it."""
    several = context.asked.frameworks[:_MOST]
    if len(several) > 1:
        return _each(context, several)
    framework = several[0]
    if framework.cites:
        return _citing(context, framework)
    if framework.data:
        return _touching(context, framework)
    told = (
        f"I do not judge {framework.name}: the model says what can go wrong, not which rules apply."
        f"{_catalogues(context)} What usually helps there: the list with every decision and its reason"
        " (“Export as …” under the summary), “what did you not look at?” and “what was dismissed?”."
    )
    return _with_company(context, [told], [])


def _each(context: Context, several: Sequence[Framework]) -> Draft:
    """One after the other; those that are not judged together."""
    judged = [f for f in several if f.cites or f.data]
    names = listed((f.name for f in several if f not in judged), "or")
    drafts = [standard(replace(context, asked=replace(context.asked, frameworks=(f,)))) for f in judged]
    if names:
        one = Framework(names)
        drafts.append(standard(replace(context, asked=replace(context.asked, frameworks=(one,)))))
    return joined(drafts)


def _catalogues(context: Context) -> str:
    """Which catalogues the threats cite, so that somebody may map them."""
    counts = {
        f.name: sum(any(_is_of(r.id, f.cites) for r in t.references) for t in context.model.threats)
        for f in load_speech().catalogues
    }
    named = listed(
        f"{name} ({n})" for name, n in sorted(counts.items(), key=lambda c: (-c[1], c[0]))[:3] if n
    )
    return f" Its threats cite {named}, which can be mapped to it." if named else ""


def _citing(context: Context, framework: Framework) -> Draft:
    """How many threats cite each of its entries."""
    model = context.model
    found: dict[str, list[Threat]] = {}
    for threat in model.threats:
        for reference in threat.references:
            if _is_of(reference.id, framework.cites):
                found.setdefault(reference.id, []).append(threat)
    if not found:
        return _with_company(context, [f"No threat of this model cites {framework.name}."], [])
    titles = {p.id: one_line(p.title) for p in context.knowing.passages(found)}
    threats = [t for t in model.threats if any(t in ts for ts in found.values())]
    counts = Counter({id_: len(ts) for id_, ts in found.items()}).most_common(_SHOWN)
    lines = [
        f"• {id_}{f' {titles[id_]}' if titles.get(id_) else ''}: {number}, first {found[id_][0].id}"
        for id_, number in counts
    ]
    lead = f"{len(threats)} of {count(len(model.threats), 'threat')} cite {framework.name}:"
    more = f"\n… and {len(found) - _SHOWN} more entries." if len(found) > _SHOWN else ""
    first = [found[id_][0] for id_, _ in counts]
    return Draft(["\n".join([lead, *lines]) + more], [*map(of_threat, first)], threats)


def _is_of(id_: str, cites: str) -> bool:
    """Whether the identifier is one of the catalogue's: “A01:2025” is of “A”, “API1:2023” is not."""
    rest = id_.removeprefix(cites)
    return rest != id_ and (not rest or not rest[0].isalpha()) and (cites != "T" or not id_.startswith("T-"))


def _touching(context: Context, framework: Framework) -> Draft:
    """Where the data lies that it is about, and the gravest threats there."""
    model, tags = context.model, {d.value for d in framework.data}
    assets = [a for a in model.system.assets if a.tag in tags]
    if not assets:
        none = f"The model names no data that {framework.name} is about. Whether it applies I do not judge."
        return _with_company(context, [none], [])
    ids = {a.id for a in assets}
    places = [e for e in model.system.elements if ids & set(e.assets)]
    flows = [f for f in model.system.flows if ids & set(f.assets)]
    names = listed(f"{one_line(a.name)} ({a.classification.value})" for a in assets[:NAMED])
    where = f", held or handled by {telling.names(places[:NAMED])}" if places else ""
    on = {*(e.id for e in places), *(f.id for f in flows)}
    threats = [t for t in model.threats if on & set(t.targets) and _is_about(t)]
    lead = f"Data that {framework.name} is about: {names}{where}."
    told = [f"{lead} Whether {framework.name} applies or is kept I do not judge."]
    if threats:
        lines = [telling.headline(model, t) for t in threats[:_SHOWN]]
        told.append("\n".join([f"{count(len(threats), 'threat')} on its confidentiality there:", *lines]))
    cited = [*map(of_threat, threats[:_SHOWN]), *(of_part(model, e.id) for e in places[:3])]
    draft = _with_company(context, told, threats)
    return Draft(draft.paragraphs, [*cited, *draft.citations], threats, more=threats[_SHOWN:])


def _is_about(threat: Threat) -> bool:
    return bool({s.value for s in threat.stride} & {"information_disclosure", "repudiation"})


def _with_company(context: Context, told: list[str], threats: list[Threat]) -> Draft:
    """With what the company's own documents say about it."""
    ours = context.knowing.of_company(context.asked)[:1]
    said = [f"The company's own documents say: {p.id} ({one_line(p.title)})." for p in ours]
    return Draft([*told, *said], [*map(of_passage, ours)], threats)
