"""What the model analyst makes of a model's word on one area."""

from __future__ import annotations

from typing import Any

import pytest

from agent import risk
from agent.analysts.filled.aliases import Aliases
from agent.analysts.model import ModelAnalyst
from agent.domain.model import Gap
from agent.domain.system import Evidence, EvidenceKind
from agent.domain.threat import Origin, Severity, Threat
from agent.errors import AnalystError, BudgetSpent, ConfigurationError
from tests.agent.analysts.model.scripted import DESCRIPTION, Case, ScriptedChat, shown

PASSAGE = Evidence(
    kind=EvidenceKind.PASSAGE,
    quote="A receiver that trusts any sender can be fed forged events.",
    source="CWE-345",
)


def found(case: Case, answer: dict[str, Any], **more: Any) -> tuple[tuple[Threat, ...], ModelAnalyst]:
    """The findings of the area when the model answers so."""
    analyst = ModelAnalyst(ScriptedChat(lambda _: answer), "run-1")
    return analyst.find(case.brief(**more)).threats, analyst


def a_threat(case: Case, **more: Any) -> dict[str, Any]:
    """A threat as a model would report it."""
    return {
        "title": "Forged payment reports clear fines",
        "on": [case.alias("Payment provider → Loan API")],
        "stride": ["tampering"],
        "who": "anybody who knows the address",
        "does": "report payments that never happened",
        "leads_to": "fines that nobody pays",
        "harm": "money",
        "control": "signature",
        "quotes": ["Payments are reported by webhook."],
        "cites": ["P1", "CWE-345"],
        "do": [{"text": "verify the signature over the raw body in {E4}", "effort": "small"}],
        **more,
    }


def test_a_new_threat_has_computed_severity_and_checked_evidence(library: Case) -> None:
    """A model's threat becomes a domain value: ids, quoted evidence, severity from its factors."""
    (threat,), analyst = found(library, {"threats": [a_threat(library)]}, passages=(PASSAGE,))

    assert threat.origin is Origin.MODEL
    assert library.system.name_of(threat.targets[0]) == "Payment provider → Loan API"
    assert threat.evidence[0].kind is EvidenceKind.DESCRIPTION
    assert threat.evidence[0].quote in DESCRIPTION
    assert threat == risk.rescore(threat)
    assert [r.id for r in threat.references] == ["CWE-345"]
    assert analyst.tally.quotes == 1


def test_aliases_in_a_models_words_become_names(library: Case) -> None:
    """A person never reads E4: texts carry the names of the diagram."""
    alias = library.alias("Loan API")
    said = a_threat(library, does=f"post events to {{{alias}}} and to {{E999}}")
    (threat,), _ = found(library, {"threats": [said]})

    assert threat.statement.action == "post events to Loan API and to another part"


@pytest.mark.parametrize(
    "quote", ["Nobody signs the webhook.", "webhook is fine", "reported by web-hook", "e"]
)
def test_a_quote_that_stands_nowhere_is_dropped_and_counted(library: Case, quote: str) -> None:
    """Evidence is word for word in the input or it is none."""
    (threat,), analyst = found(library, {"threats": [a_threat(library, quotes=[quote])]})

    assert quote not in {e.quote for e in threat.evidence}
    assert analyst.tally.quotes_dropped == 1


def test_a_quote_is_given_back_in_the_words_of_its_source(library: Case) -> None:
    """Case, white space and quotation marks may differ; what is kept is the source's own text."""
    said = a_threat(library, quotes=["“payments   are REPORTED by webhook”"])
    (threat,), _ = found(library, {"threats": [said]})

    assert threat.evidence[0].quote == "Payments are reported by webhook"


def test_quotes_passages_and_proof_raise_confidence(library: Case) -> None:
    """More evidence, more confidence; nothing to show, the least."""
    bare = a_threat(library, quotes=[], cites=[], title="Nothing to show")
    quoted = a_threat(library, cites=[], title="With a quote")
    passage = a_threat(library, title="With a quote and a passage")
    threats, _ = found(library, {"threats": [bare, quoted, passage]}, passages=(PASSAGE,))

    assert [t.confidence for t in threats] == sorted({t.confidence for t in threats})


def test_a_control_counts_only_when_the_quote_says_so(library: Case) -> None:
    """“Present” with another sentence changes nothing; “absent” with one that denies it does."""
    claimed = a_threat(
        library, control_state="present", control_quote="Customers borrow books and pay fines online."
    )
    proven = a_threat(
        library,
        title="Nobody can say who changed a loan",
        control="audit_log",
        control_state="absent",
        control_quote="Audit logs are not kept.",
    )
    (first, second), analyst = found(library, {"threats": [claimed, proven]})

    assert not risk.is_answered(first)
    assert any("stated to be missing" in f.reason for f in second.likelihood.factors)
    assert analyst.tally.controls_unproven == 1


def test_parts_outside_of_the_area_are_dropped(library: Case) -> None:
    """A threat on a part that this branch was not asked about does not count."""
    threats, analyst = found(library, {"threats": [a_threat(library, on=[library.alias("Customer")])]})

    assert threats == ()
    assert analyst.tally.parts_dropped == 1
    assert analyst.tally.threats_dropped == 1


def test_a_passage_that_was_not_shown_is_no_reference(library: Case) -> None:
    """P7 of a call with one passage cites nothing, and is counted."""
    (threat,), analyst = found(library, {"threats": [a_threat(library, cites=["P7"])]}, passages=(PASSAGE,))

    assert threat.references == ()
    assert analyst.tally.references_dropped == 1


def test_a_part_that_does_not_exist_breaks_the_schema(library: Case) -> None:
    """The schema lists what exists, so that an invented part fails the branch, which is named."""
    with pytest.raises(AnalystError, match="Library network"):
        found(library, {"threats": [a_threat(library, on=["E999"])]})


def test_a_confirmed_candidate_keeps_everything_but_gains_confidence(library: Case) -> None:
    """Agreement of rules and model shows in the confidence alone."""
    before = library.candidates[0]
    (after,), _ = found(library, {"confirmed": [library.candidate(before.pattern)]})

    assert after.confidence > before.confidence
    assert after.model_copy(update={"confidence": before.confidence}) == before


def test_a_rejected_candidate_stays_with_its_reason(library: Case) -> None:
    """A model's doubt lowers confidence and is told; factors and severity stay."""
    before = library.candidates[0]
    said = {"id": library.candidate(before.pattern), "why": "unlikely", "reason": "nobody can reach it"}
    (after,), analyst = found(library, {"rejected": [said]})

    assert after.confidence < before.confidence
    assert after.severity is before.severity
    assert after.status_reason == "The language model doubts it: nobody can reach it."
    assert analyst.tally.rejected == 1


def signed(case: Case) -> Case:
    """The same area, whose description says that the webhook is signed."""
    said = f"{DESCRIPTION} Every webhook is signed with an HMAC."
    return Case(
        case.system, case.request.model_copy(update={"description": said}), case.area, case.candidates
    )


def test_a_candidate_is_answered_only_by_a_sentence_that_states_the_control(library: Case) -> None:
    """With the sentence it becomes a control to test; with any other sentence it only loses confidence."""
    case = signed(library)
    before = next(t for t in case.candidates if "signature" in str(t.likelihood.factors))
    alias = case.candidate(before.pattern)
    proof = "Every webhook is signed with an HMAC."
    said = {"id": alias, "why": "answered", "control": "signature"}
    (tested,), _ = found(case, {"rejected": [{**said, "quote": proof}]})
    (doubted,), _ = found(
        case, {"rejected": [{**said, "quote": "Customers borrow books and pay fines online."}]}
    )

    assert tested.severity is Severity.LOW
    assert risk.is_answered(tested)
    assert doubted.severity is before.severity
    assert doubted.confidence < before.confidence


def test_a_sharpened_candidate_keeps_its_key_and_its_factors(library: Case) -> None:
    """The model may say it better; it stays the same threat with the same severity."""
    before = library.candidates[0]
    said = {"id": library.candidate(before.pattern), "title": "said better", "does": "do exactly this"}
    (after,), _ = found(library, {"sharpened": [said]})

    assert after.title == "Said better"
    assert after.statement.action == "do exactly this"
    assert (after.key, after.severity, after.likelihood) == (before.key, before.severity, before.likelihood)


def test_calls_of_a_run_share_their_stable_part(library: Case) -> None:
    """Method, schema and prefix are the same for every area, so that a provider can keep them."""
    chat = ScriptedChat()
    analyst = ModelAnalyst(chat, "run-1")
    analyst.find(library.brief())
    analyst.find(
        library.brief(gaps=(Gap(area=library.area.id, reason="spoofing of the job"),), lessons=("x",))
    )
    one, other = chat.calls

    assert (one.system, one.schema, one.prefix) == (other.system, other.schema, other.prefix)
    assert one.varying != other.varying


def test_a_call_shows_the_area_its_candidates_passages_gaps_and_lessons(library: Case) -> None:
    """Everything that a brief holds for the area stands in the call, under our own short names."""
    chat = ScriptedChat()
    gap = Gap(area=library.area.id, reason="who may fill the queue")
    ModelAnalyst(chat, "run-1").find(
        library.brief(passages=(PASSAGE,), lessons=("We run a WAF.",), gaps=(gap,))
    )
    text = shown(chat.calls[0])

    for piece in (DESCRIPTION, "Loan API", "P1 [CWE-345]", "We run a WAF.", gap.reason, "C1 ", "E1 "):
        assert piece in text


def test_the_schema_holds_no_word_from_outside(library: Case) -> None:
    """Names of the input stand between markers in messages only, never in a schema or the method."""
    chat = ScriptedChat()
    ModelAnalyst(chat, "run-1").find(library.brief())
    fixed = f"{chat.calls[0].schema.model_json_schema()} {chat.calls[0].system}".lower()

    assert not [n for n in Aliases(library.system).names if n.lower() in fixed and " " in n]


@pytest.mark.parametrize(
    "error",
    [BudgetSpent("Library network: no budget", limit="usd"), ConfigurationError("a package is missing")],
)
def test_every_failure_names_the_branch(library: Case, error: Exception) -> None:
    """Whatever the calls raise, the graph gets an AnalystError that names the area."""

    def fail(_: object) -> dict[str, Any]:
        raise error

    with pytest.raises(AnalystError, match="Library network"):
        ModelAnalyst(ScriptedChat(fail), "run-1").find(library.brief())


def test_a_flood_of_threats_is_cut(library: Case) -> None:
    """A model that reports hundreds of threats adds a dozen, and the rest are counted."""
    said = [a_threat(library, title=f"Threat number {i}") for i in range(300)]
    threats, analyst = found(library, {"threats": said})

    assert len(threats) == analyst.tally.threats == 12
    assert analyst.tally.threats_dropped == 288
