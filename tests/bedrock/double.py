"""The Bedrock double: a small server on the loopback interface that speaks Converse and ConverseStream.

::

    with BedrockDouble() as bedrock:
        bedrock.reply({"threats": []})           # the next answer: the forced tool's input
        bedrock.throttle(2)                      # the next two requests are refused
        settings = bedrock.settings()            # ModelSettings that point at it
        …
        bedrock.log.assert_complete("method", "the description")

Without a script every answer is a valid instance of the forced tool's schema. With a SimulatedClock nothing
waits for real, and `log.seconds` and `log.depth` say how long it would have taken.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self

from agent.analysts.chat.pacing import Time
from agent.analysts.chat.profiles import split
from agent.analysts.chat.settings import ModelSettings
from tests.bedrock.account import MODELS, Account
from tests.bedrock.cache import PrefixCache
from tests.bedrock.clock import Clock, ScaledClock
from tests.bedrock.records import Log, Recorded
from tests.bedrock.refusals import Refusal, Served, check, size_of, thinking_of
from tests.bedrock.replies import Output, Replier, Scripted, as_output, generated
from tests.bedrock.server import Server

REGION = "eu-central-1"
_THOUGHT = "Considering what enters from outside and what nobody checks. "


@dataclass(frozen=True)
class Latency:
    """How long the model takes, in the clock's seconds."""

    first_token: float = 1.5
    tokens_per_second: float = 60.0
    thinking: Mapping[str, int] = field(default_factory=lambda: {"low": 250, "medium": 1_000, "high": 3_000})
    """Tokens of thought by level."""


class BedrockDouble:
    """One double; a context manager.

    Args:
        clock: ScaledClock(0), which never waits, by default.
        latency: of every model.
        models: what is served, by bare id.
        keys: access key ids that are known; others are refused.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        latency: Latency | None = None,
        models: Mapping[str, Served] = MODELS,
        keys: frozenset[str] = frozenset({"AKIADOUBLE"}),
    ) -> None:
        self.clock = clock or ScaledClock()
        self.latency = latency or Latency()
        self.log = Log()
        self._account = Account(models, keys)
        self._cache = PrefixCache()
        self._script: deque[Scripted] = deque()
        self._faults: deque[Refusal] = deque()
        self._breaks: deque[tuple[int, str]] = deque()
        self._replier: Replier = generated()
        self._lock = Lock()
        self._server = Server(("127.0.0.1", 0), self)

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.02,), name="bedrock double", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def settings(self, **more: Any) -> ModelSettings:
        """Settings that point here, with dummy credentials; `more` adds to them or replaces some."""
        return ModelSettings.model_validate(
            {
                "model_region": REGION,
                "model_endpoint_url": self.url,
                "model_aws_access_key_id": "AKIADOUBLE",
                "model_aws_secret_access_key": "not-a-secret",
                **more,
            }
        )

    def time(self) -> Time:
        """A Time for the client on the double's own clock, without chance."""
        return Time(now=self.clock.now, sleep=self.clock.sleep, chance=lambda: 0.5)

    def reply(self, *scripted: Scripted) -> None:
        """The next answers, in the order that requests come."""
        self._script.extend(scripted)

    def replying(self, replier: Replier) -> None:
        """Answers for all requests that no script covers, by what they say."""
        self._replier = replier

    def refuse(self, code: str, message: str, status: int = 400, times: int = 1, **headers: str) -> None:
        """The next requests get this error."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._faults.extend(Refusal(status, code, message, named) for _ in range(times))

    def throttle(self, times: int = 1, **headers: str) -> None:
        """The next requests are throttled."""
        text = "Too many requests, please wait before trying again."
        self.refuse("ThrottlingException", text, 429, times, **headers)

    def break_stream(self, after: int, code: str = "") -> None:
        """The next stream ends after so many events: with an error event, or cut off when `code` is empty."""
        self._breaks.append((after, code))

    def take(self, request: Recorded, authorization: str) -> Output:
        """The answer to a request; counts it and waits for nothing. Refusal when there is none."""
        with self._lock:
            fault = self._faults.popleft() if self._faults else None
        if fault is not None:
            raise fault
        served = self._account.admit(request, authorization)
        check(request.body, served, size_of(request.body))
        with self._lock:
            scripted = self._script.popleft() if self._script else None
        output = as_output(self._replier(request) if scripted is None else scripted, request)
        output = self._thinking(output, request.body)
        model = split(request.model)[1]
        request.counted = self._cache.count(model, request.body, served.cache_from, request.started)
        return output

    def begun(self, request: Recorded) -> None:
        """The first token of an answer is there."""
        self._cache.keep(request.counted, self.clock.now())

    def next_break(self) -> tuple[int, str] | None:
        """After how many events the stream that begins now breaks, and how."""
        with self._lock:
            return self._breaks.popleft() if self._breaks else None

    def _thinking(self, output: Output, body: dict[str, Any]) -> Output:
        count = self.latency.thinking.get(thinking_of(body), 0)
        if not count or output.thought:
            return output
        characters = int(count * 3.5)
        thought = (_THOUGHT * (characters // len(_THOUGHT) + 1))[:characters]
        return Output(output.text, output.uses, thought, output.stop, output.raw, output.first_token)
