"""Each service away in the middle of a run, for longer than one try lasts: the run ends, once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import fault_bench
from tests.bedrock.double import BedrockDouble
from tests.fault_bench import Count
from tests.fault_proxy import FaultProxy

if TYPE_CHECKING:
    from tests.aws_double import AwsDouble


def check(count: Count) -> None:
    """Every run ended with its model, every verdict is kept, nothing stands twice, nothing is left over."""
    assert count.good, count
    assert count.finished == count.runs, count
    assert count.dead == 0, count
    assert count.struck > 0, count


@pytest.fixture
def _credentials(monkeypatch: pytest.MonkeyPatch, aws_double: AwsDouble) -> None:
    """Dummy credentials in the environment, where AWS's own chain finds them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", aws_double.aws.key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", aws_double.aws.secret)
    monkeypatch.setenv("AWS_REGION", aws_double.aws.region)


@pytest.mark.slow
def test_slack_away_in_the_middle_of_a_run(tmp_path: Path) -> None:
    """Slack cuts every connection during runs, and again during verdicts: all are done once."""
    check(fault_bench.slack_away(tmp_path, "reset", threads=2))


@pytest.mark.slow
@pytest.mark.usefixtures("_credentials")
def test_aws_away_in_the_middle_of_a_run(tmp_path: Path, aws_double: AwsDouble) -> None:
    """Queue, table and bucket refuse everything during runs: these end, once."""
    check(fault_bench.aws_away(tmp_path, aws_double, "", "unavailable", threads=2, again=False))


@pytest.mark.slow
def test_the_language_model_away_in_the_middle_of_a_run(tmp_path: Path) -> None:
    """A language model that is away costs a run what it would have added, and no more."""
    with BedrockDouble() as bedrock, FaultProxy(bedrock.url) as proxy:
        count = fault_bench.model_away(tmp_path, proxy, "reset", threads=1)

    check(count)


@pytest.mark.slow
def test_a_slack_that_stumbles_all_the_time(tmp_path: Path) -> None:
    """Latency, cut connections before and after, 503 and rate limits now and then: all is done once."""
    check(fault_bench.stumbling(tmp_path, 20_261_122))
