"""Two workspaces on AWS: records and installations in one table, tokens encrypted by KMS."""

from pathlib import Path

import pytest

from bot.installations.dynamodb import DynamoInstallations
from bot.intake import model_id
from bot.jobs import Actor, OpenModel
from tests.aws_double import AwsDouble
from tests.bot.installations.company import a_company


def test_two_workspaces_in_one_table(
    aws_double: AwsDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is served with its own token and lists its own models; one that removes the app is not served."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", aws_double.aws.key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", aws_double.aws.secret)
    key = str(aws_double.aws.client("kms").create_key()["KeyMetadata"]["Arn"])
    place = {"aws_region": aws_double.aws.region, "aws_endpoint_url": aws_double.aws.endpoint_url}
    with a_company(tmp_path, table=aws_double.make_table(), kms_key=key, **place) as company:
        assert isinstance(company.tenants.installations, DynamoInstallations)
        for workspace, title in ((company.north, "Badger shop"), (company.south, "Quokka shop")):
            company.install(workspace)
            team = workspace.store.seed.team["id"]
            who = Actor(user="U0DANA", team=team, workspace=team, channel="C0PAYMENTS")
            job = OpenModel(id=f"trigger:{team}:1", model=model_id(team, "x"), actor=who, title=title)
            company.services.queue.send(job)
        company.work()
        about = {"command": "/threatmodel", "text": "list", "user_id": "U0DANA", "channel_id": "C0PAYMENTS"}
        north, south = (
            company.deliver(about | {"team_id": team, "trigger_id": team}).body
            for team in ("T0NORTH", "T0SOUTH")
        )
        company.north.remove_app()
        company.tenants.revoke("T0NORTH", 4_000_000_000)
        gone = company.deliver(about | {"team_id": "T0NORTH", "trigger_id": "again"}).body

    assert ("Badger shop" in north, "Quokka shop" in north) == (True, False)
    assert ("Badger shop" in south, "Quokka shop" in south) == (False, True)
    assert [m.plain.split(" — ")[0] for m in company.north.messages("payments")] == ["Badger shop"]
    assert "not installed in this workspace" in gone
