"""ChatCalls over any langchain chat model: one forced tool, validated, one repair, errors that help."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agent.analysts.chat.base import Answer, Asked, Call, Reply, Role, Said, Talk, ToolUse
from agent.analysts.chat.binding import forced, is_forced, prefix_of, size, talking
from agent.analysts.chat.budget import Ledger
from agent.analysts.chat.gate import Gate
from agent.analysts.chat.messages import conversation, images_of, opening, repair
from agent.analysts.chat.replies import Ended, ended, text_of, written
from agent.analysts.chat.schema import Broken, read, tool_for
from agent.analysts.chat.settings import setting
from agent.analysts.chat.trying import Answered, Ask, Trier
from agent.domain.usage import Usage
from agent.errors import AnalystError, ModelUnavailable

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage

    from agent.analysts.chat.models import ChatModels, Model


class RunCalls:
    """See ChatCalls.

    Args:
        models: the process's models.
        ledger: what this run may use and has used.
    """

    def __init__(self, models: ChatModels, ledger: Ledger) -> None:
        self._models = models
        self._ledger = ledger
        self._gate = Gate()
        self._trier = Trier(ledger, models.time, models.settings.model_attempts)

    @property
    def usage(self) -> Usage:
        """See ChatCalls."""
        return self._ledger.usage

    def call(self, request: Call[Answer]) -> Reply[Answer]:
        """See ChatCalls."""
        model = self._model(request.role, request.branch)
        ask, prefix = _ask(model, request)
        with self._gate.passing(prefix) as begun:
            answered = self._whole(replace(ask, begun=begun))
        try:
            return _reply(request, model, answered)
        except Broken as broken:
            more = repair(written(answered.message), str(broken))
        again = self._whole(replace(ask, messages=[*ask.messages, *more], repairs=1))
        try:
            return _reply(request, model, again, answered.usage)
        except Broken as broken:
            raise _twice(request, model, broken) from None

    def stream(self, request: Talk) -> Iterator[str | Said]:
        """See ChatCalls."""
        model = self._model(request.role, request.branch)
        parts = (*request.prefix, *(p for t in request.turns if isinstance(t, Asked) for p in t.parts))
        said = (t.text for t in request.turns if isinstance(t, Said))
        ask = Ask(
            model=model,
            branch=request.branch,
            bound=talking(model, request),
            messages=conversation(request, model.provider.cache),
            tokens=size((request.system, *said), parts) + request.max_output,
            images=images_of(parts),
            reader=True,
        )
        for piece in self._trier.pieces(ask):
            yield piece if isinstance(piece, str) else _said(model, request, piece)

    def stop(self) -> None:
        """See ChatCalls. Each ends in an AnalystError, so that nobody need wait for whole replies."""
        self._trier.stop()

    def _whole(self, ask: Ask) -> Answered:
        answered = self._trier.whole(ask)
        if answered is None or ended(answered.message) is Ended.BLOCKED:
            raise _blocked(ask.model, ask.branch)
        return answered

    def _model(self, role: Role, branch: str) -> Model:
        try:
            model = self._models.model(role)
        except ModelUnavailable as error:
            sentence = error.message.partition(": ")[2]
            raise ModelUnavailable(
                f"{branch}: {sentence}", cause=error.cause, setting=error.setting
            ) from error
        self._trier.still_there(model, branch)
        return model


def _ask(model: Model, request: Call[Any]) -> tuple[Ask, str]:
    """The request, and what identifies its cacheable part."""
    asked = tool_for(request.schema)
    name = "" if is_forced(model, request) else asked["function"]["name"]
    parts = (*request.prefix, *request.varying)
    ask = Ask(
        model=model,
        branch=request.branch,
        bound=forced(model, request, asked),
        messages=opening(request, model.provider.cache, name),
        tokens=size((request.system, json.dumps(asked)), parts) + request.max_output,
        images=images_of(parts),
        stream=model.streams,
    )
    return ask, prefix_of(model, request, asked)


def _reply(
    request: Call[Answer], model: Model, answered: Answered, before: Usage | None = None
) -> Reply[Answer]:
    message = answered.message
    if ended(message) is Ended.CUT_OFF:
        raise Broken(
            f"it was cut off after {request.max_output} tokens: say the same in fewer words and fewer items"
        )
    found = message.tool_calls[0]["args"] if message.tool_calls else written(message)
    usage = answered.usage if before is None else before + answered.usage
    return Reply(read(request.schema, found), usage, model.place.model, written(message))


def _said(model: Model, request: Talk, answered: Answered) -> Said:
    message: AIMessage = answered.message
    if ended(message) is Ended.BLOCKED:
        raise _blocked(model, request.branch)
    uses = tuple(ToolUse(id=str(c["id"]), name=c["name"], arguments=c["args"]) for c in message.tool_calls)
    return Said(text_of(message), uses, answered.usage, model.place.model, opaque=message)


def _twice(request: Call[Any], model: Model, broken: Broken) -> AnalystError:
    problem = str(broken).partition("\n")[0]
    return AnalystError(
        f"{request.branch}: {model.place.model} broke the schema of {request.stage} twice ({problem}). "
        f"Try again, or name a stronger model in {setting(model.place.field)}."
    )


def _blocked(model: Model, branch: str) -> AnalystError:
    return AnalystError(
        f"{branch}: {model.place.model} or a guardrail before it would not answer. "
        f"Look at the guardrail in {setting('model_guardrail')}, or name another model in "
        f"{setting(model.place.field)}."
    )
