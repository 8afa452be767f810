"""The progress message: one plan that changes in place, and its last form, which names the outcome."""

from __future__ import annotations

from collections.abc import Sequence

from agent.domain.model import Progress, RunState, Stage
from bot.render import actions as act
from bot.render.blocks import actions, button
from bot.render.message import Message
from bot.render.rich import Json, block, bullets, said, section
from bot.render.routing import Route
from bot.render.text import count, fallback, line

TITLES = {
    Stage.READ: "Read the files",
    Stage.UNDERSTAND: "Understand the system",
    Stage.RETRIEVE: "Look up what is known",
    Stage.FIND: "Look for threats",
    Stage.MERGE: "Join what says the same",
    Stage.SCORE: "Rate them",
    Stage.REVIEW: "Check the coverage",
    Stage.SUMMARISE: "Write the summary",
}
_MARKS = {"complete": "✓", "in_progress": "⏳", "pending": "○", "error": "✕"}
_TITLE = 200
_DETAIL = 200
_SHORT, _REASON = 150, 1_500
"""Characters of a reason in the title, and below it where that has no room for all."""
_ENDED = (RunState.DONE, RunState.STOPPED, RunState.FAILED)


def progress(
    title: str,
    route: Route,
    events: Sequence[Progress],
    state: RunState = RunState.RUNNING,
    *,
    seconds: float | None = None,
    reason: str = "",
    plan: bool = True,
) -> Message:
    """Where a run stands.

    Args:
        title: the threat model's title.
        route: the model and the revision that the run makes; goes into the Stop button.
        events: what the run has told so far, in order.
        state: queued and running carry the Stop button; done, stopped and failed do not.
        seconds: how long the run took, for the last form.
        reason: why it failed, as a clause.
        plan: False for a workspace that refuses plan blocks: the same as plain paragraphs.
    """
    led = line(headline(title, events, state, seconds, reason), _TITLE)
    tasks = [(stage, *_standing(stage, events, state)) for stage in Stage]
    body = _plan(led, tasks) if plan else _paragraphs(led, tasks)
    if state in _ENDED:
        whole = (
            [block(section(said(line(reason, _REASON))))]
            if state is RunState.FAILED and _is_cut(reason)
            else []
        )
        return Message(fallback(f"{title}: {led}"), (body, *whole))
    return Message(fallback(led), (body, *_first(events), *actions(button("Stop", act.STOP, route))))


def _is_cut(reason: str) -> bool:
    """Whether the plan's title has no room for all of it."""
    return len(line(reason, _REASON)) > _SHORT


def _first(events: Sequence[Progress]) -> list[Json]:
    """What the rules found at once, while a language model is still at work."""
    first = next((e.first for e in reversed(events) if e.first), ())
    if not first:
        return []
    found = [[said(f"{t.severity.value.capitalize()} · ", "bold"), said(line(t.title, 200))] for t in first]
    led_by = "First found by the rules; the language model is still looking."
    return [block(section(said(led_by, "italic")), *bullets(found))]


def headline(
    title: str, events: Sequence[Progress], state: RunState, seconds: float | None, reason: str
) -> str:
    """The plan's title: what is being done, and at the end what came of it."""
    found = count(_found(events, state), "threat")
    took = f" in {seconds:.1f} s" if seconds is not None else ""
    match state:
        case RunState.QUEUED:
            return f"Waiting to read {line(title, 120)}"
        case RunState.RUNNING:
            return f"Reading {line(title, 120)} · {found} so far"
        case RunState.DONE:
            return f"Read{took}: {found}"
        case RunState.STOPPED:
            return f"Stopped{took}: {found} until then"
        case RunState.FAILED:
            return f"Failed{took}: {line(reason, _SHORT, 'no reason given')}"


def _found(events: Sequence[Progress], state: RunState) -> int:
    """Until the end the most that was found so far; at the end what is left without repetitions."""
    if state is RunState.DONE and events:
        return events[-1].threats
    return max((e.threats for e in events), default=0)


def _standing(stage: Stage, events: Sequence[Progress], state: RunState) -> tuple[str, str]:
    """The status of one stage's task, and its latest fact.

    Find and review may come round again: a stage counts as complete once the run has been at it or past it.
    """
    order = list(Stage)
    seen = [order.index(event.stage) for event in events]
    details = [line(event.detail, _DETAIL, "") for event in events if event.stage is stage]
    detail = details[-1] if details else ""
    if state is RunState.DONE:
        return "complete", detail
    if seen and stage is events[-1].stage:
        return _current(state, detail)
    return ("complete" if order.index(stage) <= max(seen, default=-1) else "pending"), detail


def _current(state: RunState, detail: str) -> tuple[str, str]:
    ended = {RunState.STOPPED: "stopped here", RunState.FAILED: "failed here"}.get(state)
    if ended is None:
        return "in_progress", detail
    return "error", f"{detail} · {ended}" if detail else ended


def _plan(led: str, tasks: list[tuple[Stage, str, str]]) -> Json:
    return {"type": "plan", "title": led, "tasks": [_task(*task) for task in tasks]}


def _task(stage: Stage, status: str, detail: str) -> Json:
    card: Json = {
        "type": "task_card",
        "task_id": stage.value,
        "title": TITLES[stage],
        "status": status,
    }
    return card | {"details": block(section(said(detail)))} if detail else card


def _paragraphs(led: str, tasks: list[tuple[Stage, str, str]]) -> Json:
    lines = [
        section(said(f"{_MARKS[status]} {TITLES[stage]}"), said(f" · {detail}" if detail else "", "italic"))
        for stage, status, detail in tasks
    ]
    return block(section(said(led, "bold")), *lines)
