"""A double of bedrock-runtime: InvokeModel for Titan text embeddings v2 over real HTTP, with its refusals."""

from __future__ import annotations

import hashlib
import json
import math
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

import numpy as np

MODEL = "amazon.titan-embed-text-v2:0"
DIMENSIONS = (1024, 512, 256)
MOST_TOKENS, MOST_CHARACTERS = 8192, 50_000

_SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=\w+/\d{8}/[\w-]+/bedrock/aws4_request, .*Signature=[0-9a-f]{64}"
)


class Refused(Exception):
    """An error as the service answers it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


THROTTLED = Refused(429, "ThrottlingException", "Too many requests, please wait before trying again.")
BROKEN = Refused(500, "InternalServerException", "The system encountered an unexpected error.")
OUT_OF_SERVICE = Refused(503, "ServiceUnavailableException", "Bedrock is unable to process your request.")
DENIED = Refused(403, "AccessDeniedException", "The account has no access to this model.")


@dataclass
class BedrockDouble:
    """What it was asked, and what it does next."""

    url: str
    faults: list[Refused] = field(default_factory=list)
    """The next answers, instead of a vector."""
    cut_to: int = 0
    """Give vectors of this many numbers, whatever was asked for; 0 for what was asked for."""
    seconds: float = 0.0
    """How long each answer takes."""
    texts: list[str] = field(default_factory=list)
    """The texts that it gave vectors for."""
    calls: int = 0
    most_at_once: int = 0
    _running: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def counted(self) -> Iterator[None]:
        """One more call at the same time."""
        with self._lock:
            self.calls += 1
            self._running += 1
            self.most_at_once = max(self.most_at_once, self._running)
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1

    def answer(self, model: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to one call; Refused when the service would refuse."""
        with self._lock:
            fault = self.faults.pop(0) if self.faults else None
        if fault:
            raise fault
        time.sleep(self.seconds)
        text, dimension = _checked(model, body)
        vector = embedding(text, dimension)
        with self._lock:
            self.texts.append(text)
        if not body.get("normalize", True):
            vector = [3.5 * n for n in vector]
        vector = vector[: self.cut_to] if self.cut_to else vector
        return {
            "embedding": vector,
            "embeddingsByType": {"float": vector},
            "inputTextTokenCount": tokens(text),
        }


def _checked(model: str, body: dict[str, Any]) -> tuple[str, int]:
    text, dimension = body.get("inputText"), body.get("dimensions", DIMENSIONS[0])
    unknown = sorted(set(body) - {"inputText", "dimensions", "normalize", "embeddingTypes"})
    if model != MODEL:
        raise _invalid(f"there is no model {model}")
    if unknown:
        raise _invalid(f"extraneous key [{unknown[0]}] is not permitted")
    if not isinstance(text, str) or not text:
        raise _invalid("expected minLength: 1, actual: 0")
    if len(text) > MOST_CHARACTERS:
        raise _invalid(f"expected maxLength: {MOST_CHARACTERS}, actual: {len(text)}")
    if dimension not in DIMENSIONS:
        raise _invalid(f"{dimension} is not a valid enum value")
    if tokens(text) > MOST_TOKENS:
        raise _invalid(f"Too many input tokens. Max input tokens: {MOST_TOKENS}, given: {tokens(text)} ")
    return text, dimension


def _invalid(message: str) -> Refused:
    return Refused(400, "ValidationException", message)


def tokens(text: str) -> int:
    """About the model's count: a word of the Latin alphabet is one or more, any other sign is one."""
    words = re.findall(r"[a-zA-Z]{1,6}|[^\sa-zA-Z]", text)
    return len(words)


def embedding(text: str, dimension: int) -> list[float]:
    """A unit vector; texts with words in common are near each other."""
    words = re.findall(r"\w+", text.lower()) or [text]
    total = np.sum([_direction(word, dimension) for word in words], axis=0)
    vector: list[float] = (total / math.sqrt(float(total @ total))).tolist()
    return vector


@lru_cache(maxsize=10_000)
def _direction(word: str, dimension: int) -> Any:
    return np.frombuffer(hashlib.shake_128(word.encode()).digest(dimension), np.uint8) - 127.5


@contextmanager
def bedrock() -> Iterator[BedrockDouble]:
    """A running double on a free port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with double.counted():
                try:
                    status, headers, said = 200, {}, self._answer(body)
                except Refused as error:
                    status, said = error.status, {"message": str(error)}
                    headers = {"x-amzn-ErrorType": f"{error.code}:"}
            data = json.dumps(said).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Type": "application/json"}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _answer(self, body: bytes) -> dict[str, Any]:
            if not _SIGNED.fullmatch(self.headers.get("Authorization", "")):
                raise Refused(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
            asked = re.fullmatch(r"/model/([^/]+)/invoke", self.path)
            if not asked:
                raise Refused(404, "UnknownOperationException", "")
            return double.answer(unquote(asked[1]), json.loads(body))

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    double = BedrockDouble(url=f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
