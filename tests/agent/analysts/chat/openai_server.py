"""A small server of chat completions on the loopback interface, for models that are not Bedrock's."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class Completions:
    """What was asked, and what is answered next: a tool's arguments, a text, or a status with an error."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    answers: deque[dict[str, Any] | str | tuple[int, str]] = field(default_factory=deque)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    completions: Completions


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing on the console."""

    def do_POST(self) -> None:
        """Chat completions."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        state = self.server.completions
        state.asked.append(body)
        answer = state.answers.popleft()
        if isinstance(answer, tuple):
            self._send(answer[0], {"error": {"message": answer[1], "code": None}})
            return
        if body.get("stream"):
            self._stream(body, str(answer))
            return
        self._send(200, _completion(body, answer))

    def _stream(self, body: dict[str, Any], text: str) -> None:
        frame = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": body["model"]}
        chunks: list[dict[str, Any]] = [
            {**frame, "choices": [{"index": 0, "delta": {"content": word + " "}, "finish_reason": None}]}
            for word in text.split()
        ]
        chunks.append({**frame, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        chunks.append({**frame, "choices": [], "usage": _USAGE})
        content = "".join(f"data: {json.dumps(c)}\n\n" for c in chunks) + "data: [DONE]\n\n"
        self._write(200, "text/event-stream", content.encode())

    def _send(self, status: int, body: dict[str, Any]) -> None:
        self._write(status, "application/json", json.dumps(body).encode())

    def _write(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


_USAGE = {
    "prompt_tokens": 120,
    "completion_tokens": 30,
    "total_tokens": 150,
    "prompt_tokens_details": {"cached_tokens": 100},
}


def _completion(body: dict[str, Any], answer: dict[str, Any] | str) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": answer if isinstance(answer, str) else None}
    if not isinstance(answer, str):
        function = {"name": body["tools"][0]["function"]["name"], "arguments": json.dumps(answer)}
        message["tool_calls"] = [{"id": "call_1", "type": "function", "function": function}]
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    frame = {"id": "c1", "object": "chat.completion", "created": 1, "model": body["model"]}
    return {**frame, "choices": [choice], "usage": _USAGE}


@contextmanager
def completions() -> Iterator[Completions]:
    """The server, while the block lasts."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.completions = Completions(url=f"http://127.0.0.1:{server.server_port}/v1")
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server.completions
    finally:
        server.shutdown()
        server.server_close()
