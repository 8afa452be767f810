"""Lambda on this machine: real handlers under awslambdaric, AWS's own runtime interface, and what calls them.

::

    Function("bot.lambdas.ingress", settings)   a process; `invoke(event)` gives the answer
    Gateway(function)                           an HTTP API in front of it, payload version 2.0
    Source(function, sqs, url)                  an event source mapping: polls a FIFO queue, in batches of one
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent
NEXT = "/2018-06-01/runtime/invocation/next"
UNSAMPLED = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"
SECONDS = 120.0
"""How long an answer may take before a test fails."""
_ids = itertools.count(1)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a function that is killed breaks its connection."""


class FunctionError(Exception):
    """What a function answered with an error: its type and message, as Lambda would report them."""


@dataclass
class _Call:
    event: Mapping[str, Any]
    seconds: float
    id: str = field(default_factory=lambda: f"request-{next(_ids)}")
    answered: threading.Event = field(default_factory=threading.Event)
    answer: Any = None
    error: str = ""


class Function:
    """One instance of a function, in a process of its own; a context manager.

    Args:
        handler: such as "bot.lambdas.ingress".
        environment: its environment variables.
        folder: where its code lies.
        command: what runs the handler, before its name.
    """

    def __init__(
        self,
        handler: str,
        environment: Mapping[str, str],
        folder: Path = ROOT,
        command: tuple[str, ...] = (sys.executable, "-m", "awslambdaric"),
    ) -> None:
        self._handler = handler
        self._environment = environment
        self.trace = environment.get("_X_AMZN_TRACE_ID", UNSAMPLED)
        """The trace header of each of its calls."""
        self._folder = folder
        self._command = command
        self._waiting: queue.Queue[_Call] = queue.Queue()
        self._calls: dict[str, _Call] = {}
        self._init_error = ""
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed in __exit__
        self._server = _Server(("127.0.0.1", 0), _runtime(self))
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "THREATBOT_"))}
        mine = {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": self._handler.rpartition(".")[2],
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "_HANDLER": self._handler,
            "PYTHONPATH": str(self._folder),
            "PYTHONUNBUFFERED": "1",
        }
        self._process = subprocess.Popen(
            [*self._command, self._handler],
            cwd=self._folder,
            env={**kept, **mine, **self._environment},
            stdout=self._said,
            stderr=subprocess.STDOUT,
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(30)
        self._server.shutdown()
        self._server.server_close()
        self._said.close()

    def invoke(self, event: Mapping[str, Any], seconds: float = SECONDS) -> Any:
        """The function's answer; `seconds` is its time limit. FunctionError when it failed."""
        call = _Call(event, seconds)
        self._calls[call.id] = call
        self._waiting.put(call)
        deadline = time.monotonic() + SECONDS
        while not call.answered.wait(0.05):
            assert self._process is not None
            if self._init_error:
                raise FunctionError(self._init_error)
            assert self._process.poll() is None, f"the function has ended:\n{self.output()}"
            assert time.monotonic() < deadline, f"the function does not answer:\n{self.output()}"
        if call.error:
            raise FunctionError(call.error)
        return call.answer

    def output(self) -> str:
        """What it wrote to its log."""
        return os.pread(self._said.fileno(), 10_000_000, 0).decode("utf-8", "replace")

    def lines(self) -> list[dict[str, Any]]:
        """Those lines of the log that are JSON objects."""
        return [json.loads(line) for line in self.output().splitlines() if line.startswith("{")]

    def cpu_seconds(self) -> float:
        """Processor time that its process has used so far."""
        assert self._process is not None
        fields = Path(f"/proc/{self._process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        """SIGKILL, as when memory runs out."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(30)

    def take(self) -> _Call:
        """The next call, as soon as there is one."""
        return self._waiting.get()

    def answered(self, path: str, body: bytes) -> None:
        """What the runtime interface says of a call, or of its own start."""
        said = json.loads(body or b"null")
        if path.endswith("/init/error"):
            self._init_error = f"{said.get('errorType')}: {said.get('errorMessage')}"
            return
        *_, id_, kind = path.split("/")
        call = self._calls.pop(id_)
        if kind == "error":
            call.error = f"{said.get('errorType')}: {said.get('errorMessage')}"
        else:
            call.answer = said
        call.answered.set()


def _runtime(function: Function) -> type[BaseHTTPRequestHandler]:
    """Lambda's Runtime API, as far as awslambdaric asks it."""

    class Runtime(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body are two packets, of which the second would wait

        def do_GET(self) -> None:
            assert self.path == NEXT
            call = function.take()
            deadline = int((time.time() + call.seconds) * 1000)
            self._answer(
                200,
                json.dumps(call.event).encode(),
                {
                    "Lambda-Runtime-Aws-Request-Id": call.id,
                    "Lambda-Runtime-Deadline-Ms": str(deadline),
                    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-central-1:1:function:double",
                    "Lambda-Runtime-Trace-Id": function.trace,
                },
            )

        def do_POST(self) -> None:
            body = self._body()
            self._answer(202, b"{}", {})
            function.answered(self.path, body)

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        def _answer(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Type": "application/json"}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class' name
            pass

    return Runtime


def http_event(
    body: bytes,
    headers: Mapping[str, str],
    *,
    path: str = "/slack/events",
    method: str = "POST",
    as_base64: bool = False,
) -> dict[str, Any]:
    """A request as an HTTP API gives it to a function, payload version 2.0."""
    return {
        "version": "2.0",
        "routeKey": "POST /slack/events",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {name.lower(): value for name, value in headers.items()},
        "requestContext": {
            "apiId": "double",
            "http": {"method": method, "path": path, "sourceIp": "127.0.0.1", "protocol": "HTTP/1.1"},
            "requestId": "gateway-1",
            "stage": "$default",
        },
        "body": base64.b64encode(body).decode() if as_base64 else body.decode(),
        "isBase64Encoded": as_base64,
    }


class Gateway:
    """An HTTP API in front of a function; a context manager. Every second body comes as base64."""

    def __init__(self, function: Function) -> None:
        self._server = _Server(("127.0.0.1", 0), _gateway(function))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _gateway(function: Function) -> type[BaseHTTPRequestHandler]:
    numbers = itertools.count()

    class Front(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            event = http_event(body, dict(self.headers), path=self.path, as_base64=next(numbers) % 2 == 1)
            answer = function.invoke(event)
            content = str(answer["body"]).encode()
            self.send_response(int(answer["statusCode"]))
            for name, value in answer["headers"].items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class' name
            pass

    return Front


def sqs_record(message: Mapping[str, Any], queue_arn: str = "arn:aws:sqs:eu-central-1:1:jobs.fifo") -> Any:
    """A received message as an event source mapping gives it to a function."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": "eu-central-1",
    }


def received(sqs: Any, url: str, most: int = 10) -> list[Any]:
    """What a poll of the queue gives, as records of an event."""
    answer = sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=most, WaitTimeSeconds=1, AttributeNames=["All"]
    )
    return [sqs_record(message) for message in answer.get("Messages", ())]


class Source:
    """An event source mapping with ReportBatchItemFailures and batches of one; a context manager."""

    def __init__(self, function: Function, sqs: Any, url: str, seconds: float = SECONDS) -> None:
        self._function = function
        self._sqs = sqs
        self._url = url
        self._seconds = seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="event source", daemon=True)
        self.failures = 0
        """Records that stayed on the queue."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(SECONDS)

    def _poll(self) -> None:
        while not self._over.is_set():
            records = received(self._sqs, self._url, 1)
            if not records:
                continue
            answer = self._function.invoke({"Records": records}, self._seconds)
            failed = {f["itemIdentifier"] for f in answer["batchItemFailures"]}
            self.failures += len(failed)
            for record in records:
                if record["messageId"] not in failed:
                    self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=record["receiptHandle"])
