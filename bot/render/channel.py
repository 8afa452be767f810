"""The threat models of a channel, for one person: the list, where each stands, and which one was meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from agent.domain.states import RunState, Severity, Stage
from bot.glance import Glance, RunGlance
from bot.render import actions as act
from bot.render.blocks import actions, routed, select
from bot.render.formats import EXPORTS
from bot.render.message import Message
from bot.render.rich import Json, block, bullets, person, quote, said, section, thread
from bot.render.routing import Route
from bot.render.text import clip, count, fallback, line, lines

LISTED = 20
"""Threat models in one list."""
PART = 10
"""Threat models about which the same is to be done."""
NAMED = 8
"""Threat models in one sentence."""
EMPTY = "There is no threat model in this channel yet. /threatmodel new starts one."
AGAIN = " · a file dropped into the thread starts the next run"
DOING: Mapping[str, str] = {
    Stage.READ: "reading the files",
    Stage.UNDERSTAND: "understanding the system",
    Stage.RETRIEVE: "looking up what is known",
    Stage.FIND: "looking for threats",
    Stage.MERGE: "joining what says the same",
    Stage.SCORE: "rating them",
    Stage.REVIEW: "checking the coverage",
    Stage.SUMMARISE: "writing the summary",
}
"""What a run is at, by its stage."""
_TITLE = 80
_REASON = 200

Numbered = tuple[int, Glance]
"""A model with its place in the list, from 1."""


def listing(models: Sequence[Glance]) -> Message:
    """The threat models of a channel in the order given, numbered; at most LISTED."""
    if not models:
        return Message(fallback(EMPTY), (block(section(said(EMPTY))),))
    led = count(len(models), "threat model")
    more = ", the latest first" if len(models) > 1 else ""
    if len(models) >= LISTED:
        led, more = f"The latest {LISTED} threat models", ""
    told = [section(said(led, "bold"), said(more)), *bullets(map(_entry, models[:LISTED]), "ordered")]
    return Message(fallback(led), (block(*told),))


def _entry(model: Glance) -> list[Json]:
    facts = f" · {_facts(model)} · {model.created:%Y-%m-%d} by "
    return [_title(model), said(facts), person(model.owner)]


def _facts(model: Glance) -> str:
    """What there is of it, as a list has it."""
    run = model.run
    if model.revision:
        threats = count(model.tally.threats, "threat")
        now = f", revision {run.revision} {_in_a_word(run)}" if run else ""
        return f"revision {model.revision}, {threats}, {sum(model.tally.waiting.values())} to review{now}"
    return f"first revision {_in_a_word(run)}" if run else "waits for a diagram"


def _in_a_word(run: RunGlance) -> str:
    return {RunState.FAILED: "failed", RunState.STOPPED: "was stopped"}.get(run.state, "under way")


def status(models: Sequence[Glance]) -> Message:
    """What goes on in a channel, and what waits for somebody: the models by what is to be done about them."""
    if not models:
        return Message(fallback(EMPTY), (block(section(said(EMPTY))),))
    running, failed, review, waiting = _sorted(models)
    parts = [
        *_part("Running", [_running(m, r) for m, r in running]),
        *_part("Did not get through", [_failed(m, r) for m, r in failed], AGAIN),
        *_part("To review", map(_to_review, review)),
        *_part("Waiting for a diagram", map(_waiting, waiting)),
    ]
    seen = {m.id for m in (*review, *waiting, *(m for m, _ in (*running, *failed)))}
    rest = [m for m in models if m.id not in seen]
    led = ", ".join(
        f"{len(some)} {what}"
        for some, what in (
            (running, "running"),
            (failed, "failed or stopped"),
            (review, "to review"),
            (waiting, "without a diagram"),
            (rest, "reviewed"),
        )
        if some
    )
    return Message(fallback(led), (block(*parts, *_rest(rest, alone=not parts)),))


def _sorted(
    models: Sequence[Glance],
) -> tuple[list[tuple[Glance, RunGlance]], list[tuple[Glance, RunGlance]], list[Glance], list[Glance]]:
    """Those that run, failed, wait for verdicts, and wait for a diagram; one can be of the middle two."""
    runs = [(m, m.run) for m in models if m.run]
    going = (RunState.QUEUED, RunState.RUNNING)
    running = [(m, r) for m, r in runs if r.state in going]
    failed = [(m, r) for m, r in runs if r.state not in going]
    busy = {m.id for m, _ in running}
    review = [m for m in models if m.tally.waiting and m.id not in busy]
    waiting = [m for m in models if not m.revision and not m.run]
    return running, failed, review, waiting


def _part(led: str, entries: Iterable[list[Json]], do: str = "") -> list[Json]:
    every = list(entries)
    left = len(every) - PART
    more = [section(said(f"and {left} more"))] if left > 0 else []
    return [section(said(led, "bold"), said(do)), *bullets(every[:PART]), *more] if every else []


def _running(model: Glance, run: RunGlance) -> list[Json]:
    doing = DOING.get(run.stage, "about to begin")
    found = f" · {count(run.threats, 'threat')} so far" if run.threats else ""
    return [
        _title(model),
        said(f", revision {run.revision}: {doing}{found} · since {run.created:%H:%M} UTC by "),
        person(run.by),
    ]


def _failed(model: Glance, run: RunGlance) -> list[Json]:
    what = "was stopped" if run.state is RunState.STOPPED else "failed"
    why = line(run.error, _REASON, "No reason was given.")
    return [_title(model), said(f", revision {run.revision} {what}: {why}")]


def _to_review(model: Glance) -> list[Json]:
    waiting = model.tally.waiting
    left, threats = sum(waiting.values()), model.tally.threats
    some = f"{left} of " if left < threats else "all " if left > 1 else ""
    return [
        _title(model),
        said(f", revision {model.revision}: {some}{count(threats, 'threat')} · {_by_severity(waiting)}"),
    ]


def _by_severity(waiting: Mapping[Severity, int]) -> str:
    return ", ".join(f"{number} {severity.value}" for severity, number in waiting.items())


def _waiting(model: Glance) -> list[Json]:
    return [_title(model), said(": drop it into the thread · asked for by "), person(model.owner)]


def _rest(models: Sequence[Glance], *, alone: bool) -> list[Json]:
    """Those about which nothing is to be done."""
    if not models:
        return []
    led = "Nothing runs, and nothing waits for a verdict. Reviewed: " if alone else "Reviewed: "
    return [section(said(led), said(f"{_titles(models)}."))]


def _title(model: Glance) -> Json:
    return thread(line(model.title, _TITLE), model.link)


def _titles(models: Sequence[Glance]) -> str:
    shown = ", ".join(line(m.title, 60) for m in models[:NAMED])
    left = len(models) - NAMED
    return f"{shown} and {left} more" if left > 0 else shown


def under_way(model: Glance, name: str) -> Message:
    """An export that was asked for by the command, and where it goes."""
    told = f", revision {model.revision}, as {EXPORTS[name]}: the file is on its way into its thread."
    return _told(model, told)


def asked(model: Glance, question: str) -> Message:
    """A question that was asked by the command, and where the answer comes."""
    return _told(model, f", revision {model.revision}: the answer goes into its thread.", question)


def exported(title: str, link: str, file: str) -> Message:
    """Where an export is, for whom has picked it from a list."""
    told = section(
        thread(line(title, 150), link), said(": "), said(line(file, 120), "bold"), said(" is in its thread.")
    )
    return Message(fallback(f"{title}: {file} is in its thread."), (block(told),))


def _told(model: Glance, text: str, quoted: str = "") -> Message:
    told = [section(thread(line(model.title, 150), model.link), said(text))]
    if quoted:
        told.append(quote(said(lines(quoted, 600))))
    return Message(fallback(f"{model.title}{text}"), (block(*told),))


def question(who: str, text: str) -> Message:
    """A question that somebody asked from outside the thread, for those who read the answer in it."""
    told = (section(person(who), said(" asked with /threatmodel ask:")), quote(said(lines(text, 2_000))))
    return Message(fallback(f"Asked with /threatmodel ask: {text}"), (block(*told),))


def picking(models: Sequence[Numbered], name: str, led: str) -> Message:
    """Which one is to be exported: a menu of the models, led by a sentence.

    Args:
        models: what there is to choose from; those without a revision are left out.
        name: the export's name.
        led: why one is to be picked.
    """
    ready = [(place, m) for place, m in models if m.revision]
    options = [
        routed(f"{place}. {clip(line(m.title, 60), 60)} · rev. {m.revision}", Route(m.id, m.revision), name)
        for place, m in ready
    ]
    kept = [option for option in options if option is not None]
    menu = actions(select(act.EXPORT_OF, kept, "Which one")) if kept else []
    return Message(fallback(led), (block(section(said(led))), *menu))


def numbered(models: Sequence[Numbered]) -> str:
    """Such as "1. Shop, 3. Shop floor": the models as a sentence names them."""
    shown = ", ".join(f"{place}. {line(m.title, 60)}" for place, m in models[:NAMED])
    left = len(models) - NAMED
    return f"{shown} and {left} more" if left > 0 else shown
