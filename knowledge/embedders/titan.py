"""Amazon Titan text embeddings v2 on Bedrock."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

from knowledge.embedders.base import EmbedderError

MODEL = "amazon.titan-embed-text-v2:0"

DIMENSIONS = (1024, 512, 256)
"""What the model offers, its default first."""

LONGEST = 24_000
"""Characters that are sent of one text: the model takes 8,192 tokens, and English has more than three
characters a token. A text that is still too long is halved until the model takes it."""

BUSY = frozenset(
    {
        "InternalServerException",
        "ModelErrorException",
        "ModelNotReadyException",
        "ModelTimeoutException",
        "ServiceUnavailableException",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""Error codes of InvokeModel after which the same call can succeed."""

TOO_LONG = ("too many input tokens", "maxlength")
"""What a refusal of a long text says, in small letters."""


class TitanEmbedder:
    """See Embedder. Every failure is a EmbedderError with a sentence.

    Args:
        client: a boto3 client of bedrock-runtime; made from the other arguments when missing.
        region: the AWS region; empty takes the one of the AWS configuration.
        endpoint_url: where Bedrock answers; empty takes the region's own.
        dimension: 1024, 512 or 256.
        at_once: how many calls run at the same time; the model takes one text a call.
        attempts: how often a call is tried while Bedrock throttles or fails.
        pause: seconds before the second attempt; each later pause is twice as long.
        timeout: seconds that one call may take.
        sleep: how to wait.
    """

    def __init__(
        self,
        client: Any = None,
        *,
        region: str = "",
        endpoint_url: str = "",
        dimension: int = 1024,
        at_once: int = 8,
        attempts: int = 6,
        pause: float = 0.25,
        timeout: float = 10.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if dimension not in DIMENSIONS:
            offered = ", ".join(str(d) for d in DIMENSIONS)
            raise EmbedderError(f"{MODEL} has no vectors of {dimension} numbers: choose one of {offered}.")
        self.name = f"{MODEL}-{dimension}"
        self.dimension = dimension
        self._given = client
        self._region = region
        self._endpoint_url = endpoint_url
        self._at_once = at_once
        self._attempts = attempts
        self._pause = pause
        self._timeout = timeout
        self._sleep = sleep

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See Embedder. When one call fails for good, those that have not begun are left out."""
        if len(texts) <= 1:
            return [self._one(text) for text in texts]
        self._client  # noqa: B018 - made here, because boto3 makes clients in one thread only
        with ThreadPoolExecutor(min(self._at_once, len(texts)), thread_name_prefix="titan") as pool:
            running = [pool.submit(self._one, text) for text in texts]
            try:
                return [one.result() for one in running]
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    @cached_property
    def _client(self) -> Any:
        """Made at the first call: boto3 is an extra, and slow to load."""
        if self._given is not None:
            return self._given
        try:
            import boto3
            from botocore.config import Config
            from botocore.exceptions import BotoCoreError
        except ImportError as e:
            raise EmbedderError(f"{MODEL} needs boto3: install threatbot[aws].") from e
        once = Config(
            connect_timeout=min(3.0, self._timeout),
            read_timeout=self._timeout,
            retries={"total_max_attempts": 1},  # we count the attempts
            max_pool_connections=self._at_once,
        )
        try:
            return boto3.client(
                "bedrock-runtime",
                region_name=self._region or None,
                endpoint_url=self._endpoint_url or None,
                config=once,
            )
        except (BotoCoreError, ValueError) as e:
            raise EmbedderError(f"Bedrock cannot be asked for {MODEL}: {str(e).rstrip('.')}.") from e

    def _one(self, text: str) -> list[float]:
        text = text[:LONGEST]
        while True:
            try:
                return self._unit(self._asked(text))
            except _TooLong:
                if len(text) < 2:  # noqa: PLR2004 - nothing left to halve
                    raise
                text = text[: len(text) // 2]

    def _asked(self, text: str) -> Any:
        """The vector as the model gave it, after as many attempts as it takes."""
        from botocore.exceptions import BotoCoreError, ClientError

        body = json.dumps({"inputText": text, "dimensions": self.dimension, "normalize": True})
        said = ""
        for attempt in range(self._attempts):
            if attempt:
                self._sleep(self._pause * 2 ** (attempt - 1))
            try:
                answer = self._client.invoke_model(
                    modelId=MODEL, body=body, accept="application/json", contentType="application/json"
                )
                return json.loads(answer["body"].read()).get("embedding")
            except ClientError as error:
                said = _said(error)
            except BotoCoreError as error:
                said = str(error).rstrip(".")
                if attempt:  # out of reach twice
                    break
        raise EmbedderError(f"{MODEL} on Bedrock gave no vector: {said}.")

    def _unit(self, vector: Any) -> list[float]:
        if not isinstance(vector, list) or len(vector) != self.dimension:
            got = len(vector) if isinstance(vector, list) else "no"
            raise EmbedderError(f"{MODEL} gave {got} numbers where {self.dimension} were asked for.")
        length = math.sqrt(math.fsum(n * n for n in vector))
        if not length > 0 or not math.isfinite(length):
            raise EmbedderError(f"{MODEL} gave a vector without a direction.")
        return [n / length for n in vector]


class _TooLong(EmbedderError):
    """The model takes no text of this length."""


def _said(error: Any) -> str:
    """Why a call failed, when another attempt can help; raises when none can."""
    code = error.response["Error"]["Code"]
    message = error.response["Error"]["Message"].strip().rstrip(".")
    if code in BUSY or error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:  # noqa: PLR2004 - HTTP
        return f"{code}, {message}"
    if code == "ValidationException" and any(words in message.lower() for words in TOO_LONG):
        raise _TooLong(f"{MODEL} takes no text of this length: {message}.") from error
    if code == "AccessDeniedException":
        raise EmbedderError(
            f"{MODEL} on Bedrock may not be used with these credentials: {message}. Allow bedrock:InvokeModel"
            " for it, and ask for access to the model in the region's Bedrock console."
        ) from error
    raise EmbedderError(f"{MODEL} on Bedrock refused a text: {code}, {message}.") from error
