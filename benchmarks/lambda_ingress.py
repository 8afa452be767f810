"""The ingress' cold start on Lambda: import, clients, first signed request, beside the smallest Bolt apps.

Measured from the start of a process to its answer: how long it takes to end, nobody waits for.

Both Bolt apps do nothing with what they get. The second is what Bolt's documentation shows for Lambda, with
the two boto3 clients that any app needs which keeps a delivery and passes it on.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.process import HERE, compiled
from tests.aws_double import AwsDouble

RUNS = 9
_SIGN = """
import hashlib, hmac, json, os, sys, time
from types import SimpleNamespace
stamp = str(int(time.time()))
now = time.time_ns()
body = json.dumps({"type": "event_callback", "team_id": "T0", "event_id": f"Ev{now}", "event": {"type":
    "message", "channel": "C0", "user": "U1", "ts": f"{now}.1", "thread_ts": "17.1", "text": "why?"}})
headers = {"x-slack-request-timestamp": stamp, "content-type": "application/json", "x-slack-signature":
    "v0=" + hmac.new(b"a signing secret", f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()}
event = {"rawPath": "/slack/events", "headers": headers, "body": body, "isBase64Encoded": False,
    "requestContext": {"http": {"method": "POST", "path": "/slack/events"}, "stage": "$default"}}
context = SimpleNamespace(aws_request_id="r", function_name="f", invoked_function_arn="a")
"""
_BOLT = """
from slack_bolt import App, BoltRequest
from slack_bolt.authorization import AuthorizeResult
app = App(signing_secret="a signing secret", process_before_response=True,
    authorize=lambda: AuthorizeResult(enterprise_id=None, team_id="T0", bot_token="xoxb-1"))
app.event("message")(lambda ack: ack())
"""
_END = "\nos._exit(0)"
_BARE = _SIGN + _BOLT + "assert app.dispatch(BoltRequest(body=body, headers=headers)).status == 200" + _END
_BOTO3 = (
    _SIGN
    + _BOLT
    + """
import boto3
from slack_bolt.adapter.aws_lambda import SlackRequestHandler
where = {"endpoint_url": os.environ["THREATBOT_AWS_ENDPOINT_URL"], "region_name": "eu-central-1"}
sqs, table = boto3.client("sqs", **where), boto3.client("dynamodb", **where)
table.get_item(TableName=os.environ["THREATBOT_TABLE"], Key={"PK": {"S": body[:50]}, "SK": {"S": "a"}})
assert SlackRequestHandler(app).handle(event, context)["statusCode"] == 200
"""
    + _END
)
_OURS = _SIGN + "from bot.lambdas import ingress\nassert ingress(event, context)['statusCode'] == 200" + _END


def main(_: Path | None = None) -> None:
    """Print all three."""
    server = AwsDouble()
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            here = {k: v for k, v in compiled(Path(folder)).items() if not k.startswith("AWS_")}
            environment = {**here, **_environment(server)}
            apps = {"bare Bolt": _BARE, "Bolt with boto3": _BOTO3, "ours": _OURS}
            times: dict[str, list[float]] = {name: [] for name in apps}
            for _run in range(RUNS + 1):
                for name, code in apps.items():
                    times[name].append(_timed(code, environment))
    finally:
        server.stop()
    print(f"cold start on Lambda, import, clients and first signed request, median of {RUNS}")
    middle = {name: statistics.median(found[1:]) for name, found in times.items()}
    print("  " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in middle.items()))
    for other in ("bare Bolt", "Bolt with boto3"):
        ratios = [o / b for o, b in zip(times["ours"][1:], times[other][1:], strict=True)]
        print(f"  ours / {other}: {statistics.median(ratios):.2f}")


def _environment(server: AwsDouble) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": server.aws.key_id,
        "AWS_SECRET_ACCESS_KEY": server.aws.secret,
        "THREATBOT_QUEUE_URL": server.make_queue(),
        "THREATBOT_TABLE": server.make_table(),
        "THREATBOT_AWS_REGION": server.aws.region,
        "THREATBOT_AWS_ENDPOINT_URL": server.aws.endpoint_url,
        "THREATBOT_SLACK_SIGNING_SECRET": "a signing secret",
        "THREATBOT_SLACK_BOT_TOKEN": "xoxb-1",
    }


def _timed(code: str, environment: Mapping[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, env=environment, cwd=HERE)
    return time.perf_counter() - began
