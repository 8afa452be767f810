"""A worker that is killed loses nothing and doubles nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fault_bench import benched, until
from tests.fault_kills import Nursery, killed

if TYPE_CHECKING:
    from tests.aws_double import AwsDouble


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_kills_at_any_point_of_a_session_lose_and_double_nothing(tmp_path: Path) -> None:
    """Killed at seeded moments of whole sessions: runs end, verdicts are kept, no message stands twice."""
    count = killed(tmp_path, 5)

    assert count.good, count
    assert count.finished == count.runs >= 3, count
    assert count.dead == 0, count


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_kills_on_aws_lose_and_double_nothing(
    tmp_path: Path, aws_double: AwsDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same on SQS, DynamoDB and S3."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", aws_double.aws.key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", aws_double.aws.secret)
    monkeypatch.setenv("AWS_REGION", aws_double.aws.region)
    count = killed(tmp_path, 3, aws=aws_double, at_once=2, apart=(1.0, 3.0))

    assert count.good, count
    assert count.finished == count.runs >= 2, count


@pytest.mark.slow
def test_a_nursery_leaves_no_worker_behind(tmp_path: Path) -> None:
    """A test that fails between two kills ends: the workers that live end with it."""
    with benched(tmp_path, work=False) as bench:
        with Nursery(bench.settings) as nursery:
            worker = nursery.grow()
            assert lives(worker)

        assert until(lambda: not lives(worker))


def lives(process: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
