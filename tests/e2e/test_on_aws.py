"""All of it as on AWS: HTTP API → ingress → SQS → worker → Slack, on servers that speak the protocols."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.domain.threat import ThreatStatus
from bot.demo import QUESTION, REASON, TITLE, Session
from tests.bedrock.double import BedrockDouble
from tests.e2e.on_aws import SECRET, OnAws, latest, metrics, on_bedrock, talking


@pytest.mark.slow
def test_the_session_is_seen_to_its_end_on_aws(
    started: Callable[..., OnAws], capsys: pytest.CaptureFixture[str]
) -> None:
    """Command, upload, model, verdicts, question and export work on Lambda, SQS, DynamoDB, S3 and Bedrock."""
    with BedrockDouble() as bedrock:
        bedrock.replying(talking)
        aws = started(**on_bedrock(bedrock))
        seen = Session(aws.bot).run()
        assert seen, capsys.readouterr().out + aws.worker.output()[-5000:]
        assert bedrock.log.answered

    model = latest(aws.bot)
    assert model.usage.calls > 0
    assert {t.status for t in model.threats} >= {ThreatStatus.ACCEPTED, ThreatStatus.DISMISSED}
    counted = metrics(aws.worker)
    assert sum(counted["Runs"]) >= 1
    assert sum(counted["Tokens"]) > 0
    assert sum(counted["Accepted"]) == 1
    assert sum(counted["Dismissed"]) == 1
    lines = [line for line in aws.worker.lines() if line.get("message") == "job done"]
    run = next(line for line in lines if line["job"] == "add_files")
    assert run["run"] == f"run:{run['delivery']}"
    assert run["delivery"] in {line.get("delivery") for line in aws.ingress.lines()}
    assert (run["model"], run["attempt"]) == (model.id, 1)
    for said in (TITLE, QUESTION, REASON, model.threats[0].title, SECRET, aws.bot.workspace.bot_token):
        assert said not in aws.worker.output() + aws.ingress.output()
    assert aws.bot.services.queue.depth() == 0
    assert aws.source.failures == 0
