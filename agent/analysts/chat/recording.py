"""Recorded calls: every call to a language model kept as an artifact, and a run replayed from them.

A call's key is made from everything that the model is shown: a replay gives the same bytes, and a call that
was never made like this is missed by name instead of being guessed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Any

from agent.analysts.chat.base import Answer, Asked, Call, ChatCalls, Part, Reply, Said, Talk, Text, ToolUse
from agent.artifacts import Artifacts
from agent.domain.usage import Usage
from agent.errors import AnalystError, NotFound

FORM = 1
"""The version of what is kept."""
_PIECE = 80
"""Characters of a replayed stream's pieces."""


class RecordedCalls:
    """See ChatCalls. What the live calls answer, or fail with, is kept; without live calls it is replayed.

    Args:
        artifacts: where the recordings lie, one a call.
        live: the calls to keep; None to replay.
        folder: what stands before each key, such as "recordings/"; may be empty.
    """

    def __init__(self, artifacts: Artifacts, live: ChatCalls | None, folder: str = "") -> None:
        self._artifacts = artifacts
        self._live = live
        self._folder = folder
        self._lock = Lock()
        self._replayed = Usage()

    @property
    def usage(self) -> Usage:
        """See ChatCalls; in a replay, what the recorded calls took."""
        if self._live is not None:
            return self._live.usage
        with self._lock:
            return self._replayed

    def call(self, request: Call[Answer]) -> Reply[Answer]:
        """See ChatCalls; AnalystError for a call that was not recorded."""
        asked = _asked(request)
        if self._live is None:
            kept = self._kept(request.stage, request.branch, asked)
            answer = request.schema.model_validate(kept["answer"])
            return Reply(answer, Usage.load(kept["usage"]), kept["model"], kept["text"])
        try:
            reply = self._live.call(request)
        except AnalystError as error:
            self._keep(request.stage, asked, {"error": error.message})
            raise
        self._keep(
            request.stage,
            asked,
            {
                "answer": reply.answer.model_dump(mode="json"),
                "usage": reply.usage.dump(),
                "model": reply.model,
                "text": reply.text,
            },
        )
        return reply

    def stream(self, request: Talk) -> Iterator[str | Said]:
        """See ChatCalls; AnalystError for a step that was not recorded."""
        asked = _asked_in(request)
        if self._live is None:
            yield from _spoken(self._kept(request.stage, request.branch, asked))
            return
        try:
            for piece in self._live.stream(request):
                if isinstance(piece, Said):
                    self._keep(request.stage, asked, _said(piece))
                yield piece
        except AnalystError as error:
            self._keep(request.stage, asked, {"error": error.message})
            raise

    def stop(self) -> None:
        """See ChatCalls."""
        if self._live is not None:
            self._live.stop()

    def _keep(self, stage: str, asked: dict[str, Any], came: dict[str, Any]) -> None:
        whole = {"form": FORM, "asked": asked, **came}
        text = json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True)
        self._artifacts.put(self._key(stage, asked), text.encode())

    def _kept(self, stage: str, branch: str, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            kept: dict[str, Any] = json.loads(self._artifacts.get(self._key(stage, asked)))
        except NotFound:
            raise AnalystError(
                f"{branch}: there is no recording of this call. The input, the options or the prompts have "
                "changed since; record again."
            ) from None
        except ValueError:
            raise AnalystError(
                f"{branch}: the recording of this call is damaged. Delete it and record again."
            ) from None
        if "error" in kept:
            raise AnalystError(str(kept["error"]))
        with self._lock:
            self._replayed = self._replayed + Usage.load(kept["usage"])
        return kept

    def _key(self, stage: str, asked: dict[str, Any]) -> str:
        text = json.dumps(asked, ensure_ascii=False, sort_keys=True)
        return f"{self._folder}{stage}-{hashlib.sha256(text.encode()).hexdigest()[:32]}.json"


def _asked(call: Call[Any]) -> dict[str, Any]:
    return {
        "branch": call.branch,
        "system": call.system,
        "prefix": _parts(call.prefix),
        "varying": _parts(call.varying),
        "schema": call.schema.model_json_schema(),
        "role": call.role.value,
        "reasoning": call.reasoning.value,
        "max_output": call.max_output,
    }


def _asked_in(talk: Talk) -> dict[str, Any]:
    return {
        "branch": talk.branch,
        "system": talk.system,
        "prefix": _parts(talk.prefix),
        "turns": [_turn(turn) for turn in talk.turns],
        "tools": [{"name": t.name, "schema": t.schema.model_json_schema()} for t in talk.tools],
        "role": talk.role.value,
        "reasoning": talk.reasoning.value,
        "max_output": talk.max_output,
    }


def _turn(turn: Asked | Said) -> dict[str, Any]:
    if isinstance(turn, Said):
        return {"said": turn.text, "uses": [[u.name, u.arguments] for u in turn.uses]}
    results = [[r.text, r.failed] for r in turn.results]
    return {"asked": _parts(turn.parts), "results": results}


def _parts(parts: Sequence[Part]) -> list[str]:
    """Texts as they are, pictures by their content's digest."""
    return [
        p.text if isinstance(p, Text) else f"{p.media_type} {hashlib.sha256(p.content).hexdigest()}"
        for p in parts
    ]


def _said(said: Said) -> dict[str, Any]:
    return {
        "said": said.text,
        "uses": [{"id": u.id, "name": u.name, "arguments": u.arguments} for u in said.uses],
        "usage": said.usage.dump(),
        "model": said.model,
    }


def _spoken(kept: dict[str, Any]) -> Iterator[str | Said]:
    text = str(kept["said"])
    yield from (text[i : i + _PIECE] for i in range(0, len(text), _PIECE))
    uses = tuple(ToolUse(**use) for use in kept["uses"])
    yield Said(text, uses, Usage.load(kept["usage"]), str(kept["model"]))
