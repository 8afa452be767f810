"""The summary and the message that says how the system was read."""

from __future__ import annotations

from agent.domain.model import Coverage
from agent.domain.request import Answer
from agent.domain.threat import Severity, ThreatStatus
from agent.export import EXPORTS
from bot.render import actions as act
from bot.render.formats import EXPORTS as OFFERED
from bot.render.reading import reading
from bot.render.routing import Route, decode
from bot.render.summary import counts, summary
from tests.agent.export import samples
from tests.bot.render import reader


def test_the_summary_says_it_all_in_a_few_lines() -> None:
    """Title, revision, counts, what presses, coverage, gaps, what was not looked at, and notes."""
    assert reader.text(summary(samples.model()).blocks).splitlines() == [
        "Parcel lockers",
        "Revision 2 · 7 threats: 7 high",
        "Most pressing: forged open commands; codes that can be guessed",
        "Covered: 1 of 2 elements, 2 of 3 element × STRIDE cells have a threat or a reason.",
        "Open cells: Parcels DB × Repudiation",
        "Not looked at: firmware updates, backups",
        "• One label looked like an instruction; it was treated as data.",
    ]


def test_counts_go_by_the_severity_that_holds() -> None:
    """From worst to least, levels without a threat left out."""
    made = samples.model(4)
    levels = (Severity.CRITICAL, Severity.HIGH, Severity.HIGH, Severity.LOW)
    mixed = tuple(t.model_copy(update={"severity": s}) for t, s in zip(made.threats, levels, strict=True))
    assert counts(samples.model(0, threats=mixed)) == "4 threats: 1 critical, 2 high, 1 low"
    assert counts(samples.model(0)) == "no threats found"


def test_the_summary_counts_verdicts() -> None:
    """Once somebody has judged, it says how far the review is."""
    made = samples.model(3)
    judged = made.threats[0].model_copy(update={"status": ThreatStatus.ACCEPTED})
    said = reader.text(summary(samples.model(0, threats=(judged, *made.threats[1:]))).blocks)
    assert "Reviewed: 1 accepted, 2 to go" in said
    assert "Reviewed" not in reader.text(summary(made).blocks)


def test_the_summary_can_export_and_run_again() -> None:
    """Re-run is a button; Export is a menu whose values name the export."""
    rerun, export = reader.controls(summary(samples.model(), {"markdown": "Markdown", "csv": "CSV"}).blocks)
    assert (rerun["action_id"], reader.route(rerun)) == (act.RERUN, Route("tm-lockers", 2))
    assert export["action_id"] == act.EXPORT
    assert [decode(o["value"]) for o in export["options"]] == [
        Route("tm-lockers", 2, value="markdown"),
        Route("tm-lockers", 2, value="csv"),
    ]


def test_the_rest_is_offered_while_there_is_one() -> None:
    """Over the budget there is a button with the number; once shown, or with nothing kept, there is none."""
    over = samples.model(7, budget=5)
    blocks = summary(over).blocks
    assert "The 5 most pressing are shown below; 2 more are kept." in reader.text(blocks)
    assert reader.labels(blocks)[0] == "Show the other 2"
    assert act.REST not in [c["action_id"] for c in reader.controls(summary(over, rest=False).blocks)]
    assert act.REST not in [c["action_id"] for c in reader.controls(summary(samples.model()).blocks)]


def test_what_is_kept_is_said_once() -> None:
    """The run's own note of it is not repeated, and not shown any more once the rest is."""
    over = samples.model(7, budget=5)
    notes = ("2 threats of lesser weight are kept and can be shown.", "Another note.")
    noted = over.model_copy(update={"summary": over.summary.model_copy(update={"notes": notes})})
    for rest in (True, False):
        said = reader.text(summary(noted, rest=rest).blocks)
        assert "of lesser weight" not in said
        assert "Another note." in said


def test_what_engineers_have_closed_presses_no_more() -> None:
    """With a verdict the gravest open threats are named, and not those that the run had called so."""
    made = samples.model(4)
    closed = made.threats[0].model_copy(update={"status": ThreatStatus.DISMISSED, "title": "Closed one"})
    threats = (closed, *(t.model_copy(update={"title": f"Open {t.id}"}) for t in made.threats[1:]))
    pressing = made.summary.model_copy(update={"pressing": ("Closed one",)})
    said = reader.text(summary(made.model_copy(update={"threats": threats, "summary": pressing})).blocks)
    led = next(text for text in said.splitlines() if text.startswith("Most pressing: "))
    assert "Closed one" not in led
    assert led.count("Open T-") == 3


def test_a_stopped_run_says_so() -> None:
    """A partial model is named as one."""
    said = reader.text(summary(samples.model(partial=True)).blocks)
    assert "• The run was stopped before its end: what was found until then stands." in said


def test_titles_stand_in_when_nothing_is_called_pressing() -> None:
    """Without a summary of its own, the first three titles press."""
    made = samples.model(4)
    bare = made.model_copy(update={"summary": made.summary.model_copy(update={"pressing": ()})})
    title = "Locker opened by a forged command"
    assert f"Most pressing: {title}; {title}; {title}\n" in reader.text(summary(bare).blocks)


def test_an_unknown_coverage_is_not_made_up() -> None:
    """Without cells there is no line about coverage."""
    assert "Covered" not in reader.text(summary(samples.model(coverage=Coverage())).blocks)


def test_notes_are_counted_when_there_are_too_many() -> None:
    """The first eight stand, the rest are named with their number and place."""
    made = samples.model()
    many = made.summary.model_copy(update={"notes": tuple(f"note {n}" for n in range(20))})
    said = reader.text(summary(made.model_copy(update={"summary": many})).blocks)
    assert "• note 7\n• 12 more notes in the export." in said


def test_the_reading_shows_the_system_by_kind_and_boundary() -> None:
    """What there is, where it stands, what was assumed and what could not be taken over."""
    assert reader.text(reading(samples.model()).blocks).splitlines()[:10] == [
        "How I read it: 4 elements, 3 flows, 2 boundaries",
        "• Outside: Recipient",
        "• Processes: Locker controller, Locker API",
        "• Data stores: Parcels DB",
        "• Inside Street: Locker controller",
        "• Inside Cloud: Locker API, Parcels DB",
        "I assumed:",
        "• The API checks who a pick-up code belongs to.",
        "I could not take over:",
        "• lockers.mmd: line 9 is no edge, so I left it out.",
    ]


def test_a_question_has_a_button_an_option() -> None:
    """It says what it decides; each button has an id of its own and leads to question and answer."""
    blocks = reading(samples.model()).blocks
    said = reader.text(blocks)
    assert "One answer would change this model most:" in said
    assert "1. Does the locker check a signature on the open command?  decides T-001, T-002" in said
    buttons = reader.controls(blocks)
    assert reader.labels(blocks) == ["Yes", "No", "Don't know"]
    assert len({b["action_id"] for b in buttons}) == 3
    assert all(act.ANSWER.fullmatch(b["action_id"]) for b in buttons)
    assert reader.route(buttons[1]) == Route("tm-lockers", 2, question="q-1", value="no")


def test_an_answer_takes_the_place_of_its_buttons() -> None:
    """The option's words and who said so; no button is left."""
    given = Answer(question="q-1", value="unknown", who="U0123ABCD", when=samples.NOON)
    blocks = reading(samples.model(), [given]).blocks
    assert "→ Don't know, said @U0123ABCD" in reader.text(blocks)
    assert reader.controls(blocks) == []


def test_three_questions_are_asked_at_most() -> None:
    """The first three, which would change most."""
    (question,) = samples.model().questions
    many = tuple(question.model_copy(update={"id": f"q-{n}", "text": f"Question {n}?"}) for n in range(5))
    said = reader.text(reading(samples.model(questions=many)).blocks)
    assert "Three answers would change this model most:" in said
    assert "3. Question 2?" in said
    assert "Question 3?" not in said


def test_long_lists_of_assumptions_are_counted() -> None:
    """Six are shown and the rest counted."""
    made = samples.model()
    (assumption,) = made.system.assumptions
    many = tuple(assumption.model_copy(update={"id": f"a{n}", "text": f"Assumed {n}."}) for n in range(10))
    told = made.model_copy(update={"system": made.system.model_copy(update={"assumptions": many})})
    assert "• Assumed 5.\n• 4 more\n" in reader.text(reading(told).blocks)


def test_every_export_is_offered() -> None:
    """What the menu offers by default is what there is, under the same labels."""
    assert {name: e.label for name, e in EXPORTS.items()} == dict(OFFERED)
