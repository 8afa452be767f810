"""The HTTP side of the double: paths, errors, whole answers and streams, each at the latency model's pace."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.bedrock import frames
from tests.bedrock.answering import cut, events, usage, whole
from tests.bedrock.records import Recorded
from tests.bedrock.refusals import Refusal
from tests.bedrock.replies import Output

if TYPE_CHECKING:
    from tests.bedrock.double import BedrockDouble

_OPERATIONS = {"converse": "Converse", "converse-stream": "ConverseStream"}


class Server(ThreadingHTTPServer):
    """Answers for one double, each request in a thread of its own."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], double: BedrockDouble) -> None:
        super().__init__(address, Handler)
        self.double = double


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing on the console."""

    def do_POST(self) -> None:
        """Converse and ConverseStream."""
        with self.server.double.clock.working():
            self._answer()

    def _answer(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        _, _, model, operation = (*self.path.split("/"), "", "", "")[:4]
        double = self.server.double
        request = Recorded(_OPERATIONS.get(operation, operation), unquote(model), body, double.clock.now())
        double.log.add(request)
        try:
            output = double.take(request, self.headers.get("Authorization", ""))
        except Refusal as refusal:
            request.error = refusal.code
            request.ended = double.clock.now()
            self._refuse(refusal)
            return
        output = cut(output, body.get("inferenceConfig", {}).get("maxTokens"))
        request.output = output.tokens
        try:
            if operation == "converse":
                self._whole(request, output)
            else:
                self._stream(request, output)
        except (BrokenPipeError, ConnectionResetError):
            request.error = "ClientDisconnected"
            self.close_connection = True
        finally:
            request.ended = double.clock.now()

    def _begin(self, request: Recorded, output: Output) -> None:
        """Wait for the first token."""
        double = self.server.double
        wait = output.first_token
        double.clock.sleep(double.latency.first_token if wait is None else wait)
        double.begun(request)

    def _wait(self, tokens: int) -> None:
        self.server.double.clock.sleep(tokens / self.server.double.latency.tokens_per_second)

    def _whole(self, request: Recorded, output: Output) -> None:
        self._begin(request, output)
        self._wait(output.tokens)
        request.ended = self.server.double.clock.now()
        milliseconds = int(1000 * (request.ended - request.started))
        self._send(200, whole(output, request.counted, milliseconds), {})

    def _stream(self, request: Recorded, output: Output) -> None:
        self._begin(request, output)
        self.send_response(200)
        self.send_header("Content-Type", "application/vnd.amazon.eventstream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        broken = self.server.double.next_break()
        for place, (name, payload, tokens) in enumerate(events(output)):
            if broken is not None and place >= broken[0]:
                self._break(request, broken[1])
                return
            self._wait(tokens)
            self._chunk(frames.event(name, payload))
        request.ended = self.server.double.clock.now()
        milliseconds = int(1000 * (request.ended - request.started))
        metadata = {"usage": usage(request.counted, output.tokens), "metrics": {"latencyMs": milliseconds}}
        self._chunk(frames.event("metadata", metadata))
        self.wfile.write(b"0\r\n\r\n")

    def _break(self, request: Recorded, code: str) -> None:
        request.error = code or "ConnectionCut"
        if code:
            self._chunk(frames.exception(code, "The stream ended with an error."))
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = True

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
        self.wfile.flush()

    def _refuse(self, refusal: Refusal) -> None:
        headers = {"x-amzn-ErrorType": refusal.code, **refusal.headers}
        self._send(refusal.status, {"message": refusal.message}, headers)

    def _send(self, status: int, body: dict[str, Any], headers: dict[str, str]) -> None:
        content = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("x-amzn-RequestId", "00000000-0000-4000-8000-000000000000")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
