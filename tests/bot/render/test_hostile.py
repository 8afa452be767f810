"""Nothing that is rendered breaks a limit, mentions, links or vanishes, whatever stands in the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.domain.model import (
    Coverage,
    CoverageCell,
    Drawing,
    FailedArea,
    Progress,
    RunState,
    Stage,
    ThreatModel,
)
from agent.domain.request import Answer
from agent.domain.system import ElementKind, Option
from agent.domain.tally import tally
from bot.glance import Glance, RunGlance
from bot.render import (
    answer,
    channel,
    drawing,
    modals,
    notices,
    opening,
    pages,
    progress,
    reading,
    rich,
    summary,
    text,
)
from bot.render.answer import Proposed
from bot.render.dismissal import dismissable, dismissal
from bot.render.formats import EXPORTS
from bot.render.limits import problems
from bot.render.limits.payload import text_of
from bot.render.message import BUDGET, Message
from bot.render.routing import Route
from tests.agent.export import samples

PARSED = {"mrkdwn", "markdown"}
hostile = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        for member in value.values():
            yield from _objects(member)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from _objects(item)


def _is_harmless(blocks: Any) -> None:
    """No place that parses mark-up, no link but to the catalogues, no mention of more than one person."""
    for found in _objects(blocks):
        assert found.get("type") not in PARSED | {"broadcast", "channel", "usergroup", "image"}
        for name in ("url", "image_url"):
            assert name not in found or rich.may_link(found[name])


def _is_fine(message: Message) -> None:
    for arguments in (message.post(), message.update() | {"ts": "1.2"}, message.ephemeral()):
        assert problems(arguments, "message") == []
    assert text_of(message.blocks, text.size) <= BUDGET
    assert not set("<>") & set(message.text)
    assert message.text.strip()
    _is_harmless(message.blocks)


@hostile
@given(model=samples.MODELS)
def test_every_message_of_a_model_is_within_limits(model: ThreatModel) -> None:
    """Reading, summary and every page of any model pass every limit and can do no harm."""
    for message in (reading.reading(model), summary.summary(model), *pages.pages(model), *pages.rest(model)):
        _is_fine(message)


@hostile
@given(model=samples.MODELS)
def test_every_modal_of_a_model_is_within_limits(model: ThreatModel) -> None:
    """Details, dismissal and mitigations of any threat pass every limit and can do no harm."""
    for threat in model.threats:
        for view in (
            modals.details(model, threat),
            dismissal(dismissable(Route(model.id, 1, threat.id), threat.title)),
            modals.mitigations(model, threat),
        ):
            assert problems(view, "modal") == []
            _is_harmless(view["blocks"])


@hostile
@given(title=samples.TEXTS, description=samples.TEXTS, who=samples.TEXTS, names=st.lists(samples.TEXTS))
def test_the_opening_is_within_limits(title: str, description: str, who: str, names: list[str]) -> None:
    """Root message, form, list and explanation pass every limit whatever a person typed."""
    route = Route("tm-1", 0)
    for waiting in (True, False):
        _is_fine(opening.root(title, who, route, description=description, files=names, waiting=waiting))
    _is_fine(opening.usage(unknown=title))
    assert problems(modals.intake("C1", title, description), "modal") == []


GLANCES = st.lists(
    st.builds(
        Glance,
        id=st.sampled_from(["tm-1", f"tm-{'T' * 11}-{'0' * 16}"]),
        title=samples.TEXTS,
        owner=st.sampled_from(["U0123ABCD", ""]),
        created=st.just(samples.NOON),
        link=samples.TEXTS,
        revision=st.integers(0, 12),
        tally=st.sampled_from([tally(samples.model(0)), tally(samples.model(9))]),
        run=st.none()
        | st.builds(
            RunGlance,
            revision=st.integers(1, 9),
            by=st.sampled_from(["U0123ABCD", ""]),
            created=st.just(samples.NOON),
            state=st.sampled_from(RunState),
            error=samples.TEXTS,
            stage=samples.TEXTS | st.sampled_from(Stage),
            threats=st.integers(0, 99),
        ),
    ),
    max_size=20,
)


@hostile
@given(models=GLANCES, words=samples.TEXTS, format_=st.sampled_from(sorted(EXPORTS)))
def test_what_is_said_of_a_channel_is_within_limits(models: list[Glance], words: str, format_: str) -> None:
    """Lists, standings and menus of the models of a channel pass every limit, whatever they are called."""
    every = list(enumerate(models, start=1))
    for message in (
        channel.listing(models),
        channel.status(models),
        channel.picking(every, format_, words),
        notices.note(channel.numbered(every)),
        *(channel.under_way(m, format_) for m in models),
        *(channel.asked(m, words) for m in models),
    ):
        _is_fine(message)


@pytest.mark.parametrize("words", ["x" * 2_000, "🔐" * 1_000, "&" * 1_500, "word " * 400])
def test_the_longest_list_keeps_its_budget(words: str) -> None:
    """Twenty models with every text at its longest make messages that Slack takes."""
    run = RunGlance(revision=2, by="U0123ABCD", created=samples.NOON, state=RunState.FAILED, error=words)
    model = Glance(
        id="tm-1",
        title=words,
        owner="U0123ABCD",
        created=samples.NOON,
        revision=1,
        tally=tally(samples.model(30)),
        run=run,
    )
    for message in (channel.listing([model] * 20), channel.status([model] * 20)):
        _is_fine(message)


@hostile
@given(
    title=samples.TEXTS,
    events=st.lists(
        st.builds(Progress, stage=st.sampled_from(Stage), detail=samples.TEXTS, threats=st.integers(0, 999))
    ),
    state=st.sampled_from(RunState),
    reason=samples.TEXTS,
    plan=st.booleans(),
)
def test_progress_is_within_limits(
    title: str, events: list[Progress], state: RunState, reason: str, *, plan: bool
) -> None:
    """Any order of events in any state passes every limit, as a plan and as paragraphs."""
    route = Route("tm-1", 1)
    _is_fine(progress.progress(title, route, events, state, seconds=1.0, reason=reason, plan=plan))


@hostile
@given(one=samples.TEXTS, other=samples.TEXTS, many=st.lists(samples.TEXTS), who=samples.TEXTS)
def test_notices_and_answers_are_within_limits(one: str, other: str, many: list[str], who: str) -> None:
    """Errors, refusals, answers and the like pass every limit whatever their words."""
    route = Route("tm-1", 1, "T-001", verdict=one)
    for message in (
        notices.error(one, other, route),
        notices.unread(many),
        notices.denied(one),
        notices.note(one),
        notices.undo(one, route),
        notices.stale(one, other, who),
        channel.exported(one, other, who),
        channel.question(who, other),
        answer.answer(many, [(label, one) for label in many], other),
    ):
        _is_fine(message)


@hostile
@given(model=samples.MODELS, value=samples.TEXTS, who=samples.TEXTS)
def test_answers_given_are_within_limits(model: ThreatModel, value: str, who: str) -> None:
    """A question whose answer is known, in whatever words, passes every limit."""
    given_ = [Answer(question=q.id, value=value, who=who, when=samples.NOON) for q in model.questions]
    _is_fine(reading.reading(model, given_))


@pytest.mark.parametrize("words", ["x" * 2_000, "🔐" * 1_000, "&" * 1_500, "word " * 400])
def test_a_page_of_five_of_the_longest_threats_keeps_its_budget(words: str) -> None:
    """Five threats with every text at its longest still make one page of 9,000 characters."""
    long = samples.threat()
    long = long.model_copy(
        update={
            "title": words,
            "status_reason": words,
            "decided_by": words,
            "stride": tuple(type(long.stride[0])),
            "targets": (words,) * 9,
            "statement": long.statement.model_copy(update={"action": words, "impact": words}),
            "evidence": tuple(e.model_copy(update={"quote": words}) for e in long.evidence) * 4,
            "mitigations": tuple(m.model_copy(update={"text": words}) for m in long.mitigations) * 4,
            "references": long.references * 20,
            "likelihood": long.likelihood.model_copy(
                update={
                    "factors": tuple(f.model_copy(update={"reason": words}) for f in long.likelihood.factors)
                    * 3
                }
            ),
        }
    )
    model = samples.model(0, threats=(long,) * 5, title=words)
    (page,) = pages.pages(model)
    _is_fine(page)


def test_five_hundred_threats_make_a_hundred_pages() -> None:
    """However many threats there are, each page holds at most five and stays within the limits."""
    model = samples.model(500, budget=25)
    shown, kept = pages.pages(model), pages.rest(model)
    assert (len(shown), len(kept)) == (5, 95)
    for page in (*shown, *kept):
        assert problems(page.post(), "message") == []
    assert problems(summary.summary(model).post(), "message") == []


@pytest.mark.parametrize("words", ["x" * 2_000, "🔐" * 1_000, "&" * 1_500, "漢" * 1_500])
def test_a_large_system_is_read_out_within_limits(words: str) -> None:
    """Many boundaries full of long names, long questions and long warnings make messages that Slack takes."""
    made = samples.model()
    element, boundary = made.system.elements[0], made.system.boundaries[0]
    elements = tuple(
        element.model_copy(update={"id": f"e{n}", "name": words, "kind": list(ElementKind)[n % 3]})
        for n in range(90)
    )
    boundaries = tuple(
        boundary.model_copy(
            update={"id": f"b{n}", "name": words, "members": tuple(f"e{m}" for m in range(90))}
        )
        for n in range(20)
    )
    assumption, question = made.system.assumptions[0], made.questions[0]
    system = made.system.model_copy(
        update={
            "elements": elements,
            "boundaries": boundaries,
            "warnings": (words,) * 20,
            "assumptions": (assumption.model_copy(update={"text": words}),) * 20,
        }
    )
    options = tuple(Option(label=words, value=str(n)) for n in range(9))
    asked = question.model_copy(update={"text": words, "options": options, "decides": (words,) * 9})
    notes = made.summary.model_copy(update={"notes": (words,) * 20, "pressing": (words,) * 9})
    cells = tuple(CoverageCell(element=f"e{n}", stride=made.threats[0].stride[0]) for n in range(90))
    coverage = Coverage(cells=cells, not_looked_at=(words,) * 20)
    failed = (FailedArea(area=words, reason=words),) * 9
    large = made.model_copy(
        update={
            "title": words,
            "system": system,
            "questions": (asked,) * 5,
            "summary": notes,
            "coverage": coverage,
            "failed": failed,
        }
    )
    _is_fine(reading.reading(large))
    _is_fine(summary.summary(large))


@pytest.mark.parametrize("words", ["x" * 2_000, "🔐" * 1_000, "漢" * 2_000])
def test_the_largest_modals_are_within_limits(words: str) -> None:
    """Hundreds of mitigations and pieces of evidence in the widest letters make views that Slack takes."""
    made = samples.model(1)
    threat = made.threats[0]
    mitigation, piece = threat.mitigations[0], threat.evidence[0]
    large = threat.model_copy(
        update={
            "title": words,
            "targets": (words,) * 100,
            "evidence": (piece.model_copy(update={"quote": words, "source": words}),) * 100,
            "mitigations": tuple(
                mitigation.model_copy(update={"id": f"M-{n}", "text": words}) for n in range(200)
            ),
            "references": tuple(r.model_copy(update={"title": words}) for r in threat.references) * 50,
        }
    )
    short = dismissal(dismissable(Route(made.id, 1, large.id), large.title))
    for view in (modals.details(made, large), modals.mitigations(made, large), short):
        assert problems(view, "modal") == []


@hostile
@given(texts=st.lists(samples.TEXTS, min_size=3, max_size=12), who=samples.TEXTS)
def test_proposals_and_drawings_are_within_limits(texts: list[str], who: str) -> None:
    """Answers with three proposals, growing answers and drawings pass every limit whatever they say."""
    route = Route("tm-1", 1, value="ab12")
    proposed = [Proposed(text=t, route=route, who=w) for t, w in zip(texts, ("", who, ""), strict=False)]
    _is_fine(answer.answer(texts, [], texts[0], proposed))
    _is_fine(answer.growing("\n".join(texts)))
    seen = Drawing(source=texts[0] or "plan.png", mermaid=(f"flowchart LR\n{texts[1]}"))
    shown = drawing.seen(seen, route)
    if shown is not None:
        _is_fine(shown)
    _is_fine(drawing.corrected(seen, texts[2] or "x", who, 2))
    model = samples.model(1, drawings=(seen,))
    if shown is not None:
        assert problems(modals.drawing(model, 1, model.drawings[0]), "modal") == []
