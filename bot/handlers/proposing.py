"""Answers with proposals: kept before their buttons are shown, and shown as they stand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from agent.errors import NotFound
from bot.render.answer import Proposed
from bot.render.answer import answer as rendered
from bot.render.message import Message
from bot.render.routing import Route
from bot.services import Services

if TYPE_CHECKING:
    from agent.analysts.filled.proposals import Conversed, Proposal
    from agent.domain.base import Value


def keep_answer(services: Services, model: str, revision: int, ts: str, said: Conversed) -> None:
    """Keep what was answered at `ts`, and each proposal of it under its own id."""
    for proposal in said.proposals:
        _put(services, f"{_proposal_key(model, proposal.id)}.json", proposal, revision)
    _put(services, _answer_key(model, ts), said, revision)


def kept_answer(services: Services, model: str, ts: str) -> tuple[int, Conversed] | None:
    """The revision and the answer that stands at `ts`; None when none was kept."""
    from agent.analysts.filled.proposals import Conversed

    kept = _get(services, _answer_key(model, ts))
    return None if kept is None else (int(kept["revision"]), Conversed.load(kept["value"]))


def kept_proposal(services: Services, model: str, id_: str) -> tuple[int, Proposal] | None:
    """The revision that a proposal is about, and the proposal; None when none was kept."""
    from agent.analysts.filled.proposals import Proposal

    kept = _get(services, f"{_proposal_key(model, id_)}.json") if id_.isalnum() else None
    return None if kept is None else (int(kept["revision"]), Proposal.load(kept["value"]))


def keep_decision(services: Services, model: str, proposal: str, decision: dict[str, str]) -> None:
    """Keep who decided, when, what, and what was done."""
    content = json.dumps(decision, ensure_ascii=False, sort_keys=True).encode()
    services.artifacts.put(f"{_proposal_key(model, proposal)}.decided.json", content)


def kept_decision(services: Services, model: str, proposal: str) -> dict[str, str] | None:
    """What was decided about a proposal; None while nobody has."""
    return _get(services, f"{_proposal_key(model, proposal)}.decided.json")


def show_answer(services: Services, model: str, revision: int, said: Conversed) -> Message:
    """The answer with its proposals as they stand now."""
    proposed = []
    for proposal in said.proposals:
        route = Route(model, revision, value=proposal.id)
        decided = kept_decision(services, model, proposal.id) or {}
        proposed.append(
            Proposed(
                text=proposal.text,
                route=route,
                who=decided.get("who", ""),
                when=decided.get("when", "")[:16].replace("T", " ") + " UTC" if decided else "",
                confirmed=decided.get("confirmed") == "yes",
                done=decided.get("done", ""),
            )
        )
    reply = said.reply
    citations = [(c.title, c.url) for c in reply.citations]
    return rendered(reply.paragraphs, citations, reply.how, proposed, services.documents_url)


def _proposal_key(model: str, id_: str) -> str:
    return f"{model}/proposals/{id_}"


def _answer_key(model: str, ts: str) -> str:
    return f"{model}/answers/{ts}.json"


def _put(services: Services, key: str, value: Value, revision: int) -> None:
    content = json.dumps({"revision": revision, "value": value.dump()}, ensure_ascii=False).encode()
    services.artifacts.put(key, content)


def _get(services: Services, key: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(services.artifacts.get(key))
    except NotFound:
        return None
    return found
