"""What a conversation with tools answers and proposes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from agent.analysts.chat.base import Talk
from agent.analysts.filled.aliases import Aliases
from agent.analysts.filled.proposals import ProposalKind
from agent.conversation import ReplyKind
from agent.domain.model import ThreatModel
from agent.domain.system import Known
from agent.domain.verdict import Verdict, VerdictKind
from agent.errors import ModelUnavailable
from knowledge.passages import Passage
from knowledge.stores.base import KnowledgeStore
from tests.agent.analysts.model.scripted import ScriptedChat, Turns, shown, talked


def steps(*turns: Turns) -> Callable[[Talk], Turns]:
    """A talker that says one of these a turn."""
    waiting = list(turns)
    return lambda _: waiting.pop(0)


def test_an_answer_streams_and_cites(modelled: ThreatModel, store: KnowledgeStore) -> None:
    """The text comes in pieces; what it names in brackets are its sources, with their titles."""
    first = modelled.threats[0]
    text = f"That is the worst of them [{first.id}]. It stands on {{E1}}."
    streamed, said = talked(ScriptedChat(talker=steps([text])), modelled, store, "what is worst?")

    assert (
        streamed
        == f"That is the worst of them ({first.id}). It stands on {modelled.system.elements[0].name}."
    )
    assert said.reply.paragraphs == (streamed,)
    assert [c.id for c in said.reply.citations] == [first.id]
    assert said.reply.threats == (first.id,)
    assert said.reply.kind is ReplyKind.ANSWER


def test_invented_sources_are_taken_out_and_counted(modelled: ThreatModel, store: KnowledgeStore) -> None:
    """A threat or a weakness that nobody has cannot be cited."""
    text = "See [T-999] and CWE-99999. And [CWE-88888, T-998] too."
    streamed, said = talked(ScriptedChat(talker=steps([text])), modelled, store, "why?")

    assert "999" not in streamed
    assert "888" not in streamed
    assert said.reply.citations == ()
    assert said.reply.kind is ReplyKind.UNKNOWN
    assert "4 sources that it named do not exist" in said.reply.how


def test_a_company_document_is_cited_by_its_path(modelled: ThreatModel, store: KnowledgeStore) -> None:
    """A document that was looked up is a source, with its title and address; one that was not is none."""
    document = Passage(
        id="company:guides/Access-v2.docx-1a2b3c4d#12",
        source="company",
        kind="document",
        title="Access standard · Sessions",
        text="A session of the booking desk ends after twenty minutes.",
        url="https://wiki.example.com/guides/Access%20v2.docx",
    )
    store.upsert([document])
    look: Turns = [("search_passages", {"query": "sessions of the booking desk"})]
    said = f"After twenty minutes [{document.id}]. Also [company:guides/nothing.md#3]."
    streamed, conversed = talked(ScriptedChat(talker=steps(look, [said])), modelled, store, "how long?")
    store.delete([document.id])
    assert streamed.startswith(f"After twenty minutes ({document.id}).")
    assert "nothing.md" not in streamed
    (source,) = conversed.reply.citations
    assert (source.kind, source.id, source.url) == ("passage", document.id, document.url)
    assert source.title == f"{document.id} · {document.title}"


def test_tools_read_what_is_there(modelled: ThreatModel, store: KnowledgeStore) -> None:
    """Each look-up comes back as data: the threat, the part, passages, decisions."""
    first = modelled.threats[0]
    verdict = Verdict(
        id="v",
        who="U1",
        when=datetime(2026, 1, 2, tzinfo=UTC),
        model=modelled.id,
        revision=1,
        threat=first.id,
        kind=VerdictKind.STATUS,
        after="accepted",
        reason="we saw this happen",
    )
    look: Turns = [
        ("read_threat", {"id": first.id}),
        ("read_part", {"id": "E1"}),
        ("search_passages", {"query": "forged webhook"}),
        ("read_verdicts", {"id": first.id}),
    ]
    chat = ScriptedChat(talker=steps(look, ["So it is."]))
    talked(chat, modelled, store, "tell me", verdicts=(verdict,))
    text = shown(chat.talks[-1])

    for piece in (first.statement.text(), modelled.system.elements[0].name, "CWE-", "we saw this happen"):
        assert piece in text


def test_a_wrong_tool_use_is_said_back(modelled: ThreatModel, store: KnowledgeStore) -> None:
    """What a tool cannot do comes back as a failure, and the conversation goes on."""
    look: Turns = [("read_threat", {"id": "T-999"}), ("delete_all", {}), ("what_if", {"control": "magic"})]
    chat = ScriptedChat(talker=steps(look, ["I see."]))
    _, said = talked(chat, modelled, store, "tell me")
    results = chat.talks[-1].turns[-1].results  # type: ignore[union-attr]  # the last turn is the tools'

    assert [r.failed for r in results] == [True, True, True]
    assert said.reply.paragraphs == ("I see.",)


def webhook(model: ThreatModel) -> str:
    """The alias of the flow that brings the webhook."""
    aliases = Aliases(model.system)
    return next(a for i, a in aliases.of.items() if model.system.name_of(i) == "Payment provider → Loan API")


def test_a_statement_becomes_a_proposal_with_what_it_would_change(
    modelled: ThreatModel, store: KnowledgeStore
) -> None:
    """“We sign the webhook” is proposed with computed effects; the model itself stays as it is."""
    before = modelled.model_dump_json()
    use: Turns = [("propose_fact", {"on": webhook(modelled), "control": "signature", "state": "present"})]
    _, said = talked(ScriptedChat(talker=steps(use, ["Shall I?"])), modelled, store, "we sign the webhook")
    (proposal,) = said.proposals

    assert proposal.kind is ProposalKind.FACT
    assert proposal.state is Known.YES
    assert proposal.outcomes
    assert "would go from" in proposal.text
    assert said.reply.kind is ReplyKind.CHANGE
    assert modelled.model_dump_json() == before


def test_what_if_changes_nothing_and_agrees_with_the_proposal(
    modelled: ThreatModel, store: KnowledgeStore
) -> None:
    """The effects that a question shows are those that a proposal would name."""
    fact: dict[str, Any] = {"on": webhook(modelled), "control": "signature"}
    chat = ScriptedChat(talker=steps([("what_if", fact)], [("propose_fact", fact)], ["Done."]))
    _, said = talked(chat, modelled, store, "what if we signed it?")
    effects = said.proposals[0].text.partition("? ")[2]

    assert effects in chat.talks[1].turns[-1].results[0].text  # type: ignore[union-attr]  # the tools' turn


def test_threats_dismissals_and_mitigations_are_only_proposed(
    modelled: ThreatModel, store: KnowledgeStore
) -> None:
    """Each kind of change waits for a person, in our own words, and three are the most."""
    first = modelled.threats[0]
    threat = {"title": "late fee fraud", "on": ["E1"], "stride": ["repudiation"], "does": "deny a loan"}
    use: Turns = [
        ("propose_threat", threat),
        ("propose_dismissal", {"id": first.id, "reason": "our <!channel> WAF stops it"}),
        ("propose_mitigation", {"id": first.id, "text": "log it at https://evil.example/log"}),
        ("propose_mitigation", {"id": first.id, "text": "one too many"}),
    ]
    chat = ScriptedChat(talker=steps(use, ["Three wait."]))
    _, said = talked(chat, modelled, store, "add these")
    kinds = [p.kind for p in said.proposals]

    assert kinds == [ProposalKind.THREAT, ProposalKind.DISMISS, ProposalKind.MITIGATION]
    assert said.proposals[0].draft is not None
    assert said.proposals[1].reason == "our WAF stops it"
    assert "evil" not in said.proposals[2].text


def test_it_says_when_it_does_not_know(modelled: ThreatModel, store: KnowledgeStore) -> None:
    """An answer that the model cannot give is marked as such, with what is missing."""
    use: Turns = [("cannot_tell", {"missing": "how long sessions live"})]
    _, said = talked(ScriptedChat(talker=steps(use, ["I cannot say."])), modelled, store, "sessions?")

    assert said.reply.kind is ReplyKind.UNKNOWN
    assert said.reply.paragraphs[-1] == "What would have to be known: how long sessions live"


def test_a_model_that_only_looks_things_up_is_stopped(modelled: ThreatModel, store: KnowledgeStore) -> None:
    """After six turns there is an answer, even if it is that there is none."""
    chat = ScriptedChat(talker=lambda _: [("read_part", {"id": "E1"})])
    _, said = talked(chat, modelled, store, "?")

    assert len(chat.talks) == 6
    assert said.reply.kind is ReplyKind.UNKNOWN


def test_without_the_model_the_answer_comes_from_the_rules(
    modelled: ThreatModel, store: KnowledgeStore
) -> None:
    """When the model fails in mid-sentence, the person gets the answer without it, and is told."""

    def fail(_: Talk) -> Turns:
        yield "That is "
        raise ModelUnavailable("The question: no access. Look at THREATBOT_MODEL_REGION.", cause="x")

    _, said = talked(ScriptedChat(talker=fail), modelled, store, "what should we do first?")

    assert said.trouble.startswith("The question: no access")
    assert said.reply.citations
    assert "THREATBOT_MODEL_REGION" in said.reply.how
