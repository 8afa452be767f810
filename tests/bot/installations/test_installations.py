"""What Installations promise. Each adapter is run through all of it."""

import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.errors import NotFound, StorageError
from bot.installations.base import Installation, Installations
from bot.installations.dynamodb import DynamoInstallations
from bot.installations.sqlite import SqliteInstallations
from tests.aws_double import AwsDouble
from tests.fakes import Clock

NORTH = Installation(
    workspace="T0NORTH",
    name="Northern office",
    app="A0THREATBOT",
    bot_token="xoxe.xoxb-north",
    refresh_token="xoxe-1-north",
    expires=1_700_043_200.0,
    bot_user="U0BOT",
    scopes=("chat:write", "commands"),
    installed=1_700_000_000.0,
    by="U0ADA",
)
SOUTH = replace(NORTH, workspace="T0SOUTH", name="Southern office", bot_token="xoxb-south", refresh_token="")
LATER = NORTH.installed + 60


@pytest.fixture
def kms_key(aws_double: AwsDouble) -> str:
    """A KMS key for tokens."""
    return str(aws_double.aws.client("kms").create_key()["KeyMetadata"]["Arn"])


@pytest.fixture(params=["sqlite", "dynamodb", "light"])
def installations(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installations]:
    """Each adapter, empty."""
    made: Installations
    if request.param == "sqlite":
        made = SqliteInstallations(tmp_path / "installations.db", clock=Clock())
    else:
        server: AwsDouble = request.getfixturevalue("aws_double")
        key: str = request.getfixturevalue("kms_key")
        aws = request.getfixturevalue("light_aws") if request.param == "light" else server.aws
        made = DynamoInstallations(aws, server.make_table(), key, clock=Clock())
    yield made
    made.close()


def test_what_is_saved_is_found_whole(installations: Installations) -> None:
    """Every field comes back as it was, tokens included, and each workspace has its own."""
    installations.save(NORTH)
    installations.save(SOUTH)

    assert installations.find("T0NORTH") == NORTH
    assert installations.find("T0SOUTH") == SOUTH


def test_a_stranger_is_not_found(installations: Installations) -> None:
    """A workspace that never installed the app has no installation."""
    installations.save(NORTH)

    assert installations.find("T0WEST") is None


def test_an_organisation_is_found_by_its_own_id(installations: Installations) -> None:
    """An installation for the whole organisation has no workspace, and is kept under the organisation."""
    whole = replace(NORTH, workspace="", enterprise="E0ALL")
    installations.save(whole)

    assert installations.find("E0ALL") == whole


def test_a_new_installation_replaces_the_old(installations: Installations) -> None:
    """Installed again after it was revoked, it stands again with the new token."""
    installations.save(NORTH)
    installations.revoke("T0NORTH", LATER)
    again = replace(NORTH, bot_token="xoxb-again", installed=LATER + 60)
    installations.save(again)

    assert installations.find("T0NORTH") == again


def test_revoking_forgets_the_tokens(installations: Installations) -> None:
    """A revoked installation says since when, has no token left, and is revoked once."""
    installations.save(NORTH)

    assert installations.revoke("T0NORTH", LATER)
    assert not installations.revoke("T0NORTH", LATER + 1)
    assert installations.find("T0NORTH") == replace(
        NORTH, bot_token="", refresh_token="", expires=0.0, revoked=LATER
    )


def test_an_older_revocation_does_not_touch_a_newer_installation(installations: Installations) -> None:
    """An event about the installation before, come late, leaves the new one alone; so does a stranger's."""
    installations.save(NORTH)

    assert not installations.revoke("T0NORTH", NORTH.installed - 60)
    assert not installations.revoke("T0WEST", LATER)
    assert installations.find("T0NORTH") == NORTH


def test_rotated_tokens_stand(installations: Installations) -> None:
    """The winner of a rotation is given its own tokens, and so is everyone afterwards."""
    installations.save(NORTH)
    after = replace(NORTH, bot_token="xoxe.xoxb-2", refresh_token="xoxe-1-2", expires=NORTH.expires + 43_200)

    assert installations.rotate(NORTH, after) == after
    assert installations.find("T0NORTH") == after


def test_who_loses_a_rotation_takes_the_winners(installations: Installations) -> None:
    """Of two that rotate the same tokens, the second is given the first one's, which stay."""
    installations.save(NORTH)
    first = replace(NORTH, bot_token="xoxe.xoxb-2", refresh_token="xoxe-1-2")
    second = replace(NORTH, bot_token="xoxe.xoxb-3", refresh_token="xoxe-1-3")
    installations.rotate(NORTH, first)

    assert installations.rotate(NORTH, second) == first
    assert installations.find("T0NORTH") == first


def test_nothing_is_rotated_once_it_is_revoked(installations: Installations) -> None:
    """A rotation that ends after the app was removed does not bring it back."""
    installations.save(NORTH)
    installations.revoke("T0NORTH", LATER)

    with pytest.raises(NotFound, match="Northern office"):
        installations.rotate(NORTH, replace(NORTH, bot_token="xoxe.xoxb-2"))
    found = installations.find("T0NORTH")
    assert found is not None
    assert found.bot_token == ""


def test_what_was_said_first_of_a_place_holds(installations: Installations) -> None:
    """A channel belongs to the workspace that was named first, in that organisation alone."""
    assert installations.place("E0ALL", "C0PLAN") == ""
    assert installations.settle("E0ALL", "C0PLAN", "T0NORTH") == "T0NORTH"
    assert installations.settle("E0ALL", "C0PLAN", "T0SOUTH") == "T0NORTH"

    assert installations.place("E0ALL", "C0PLAN") == "T0NORTH"
    assert installations.place("E0OTHER", "C0PLAN") == ""
    assert installations.place("E0ALL", "C0OTHER") == ""


def test_a_place_changes_only_from_what_it_was(installations: Installations) -> None:
    """Who knows to which workspace it belonged may say to which one it belongs now; nobody else may."""
    installations.settle("E0ALL", "C0PLAN", "T0NORTH")

    assert installations.settle("E0ALL", "C0PLAN", "T0SOUTH", instead_of="T0WEST") == "T0NORTH"
    assert installations.settle("E0ALL", "C0PLAN", "T0SOUTH", instead_of="T0NORTH") == "T0SOUTH"
    assert installations.place("E0ALL", "C0PLAN") == "T0SOUTH"


def test_a_place_may_be_over(installations: Installations) -> None:
    """What was said for a time is forgotten after it, and can be said anew."""
    over, good = Clock()() - 60, Clock()() + 60
    installations.settle("E0ALL", "V1", "T0NORTH", until=over)
    installations.settle("E0ALL", "V2", "T0NORTH", until=good)

    assert (installations.place("E0ALL", "V1"), installations.place("E0ALL", "V2")) == ("", "T0NORTH")
    assert installations.settle("E0ALL", "V1", "T0SOUTH", until=good) == "T0SOUTH"


def test_a_ticket_is_used_once(installations: Installations) -> None:
    """The first use is told from every other; another ticket is another one."""
    assert installations.spend("a", 1_700_000_600)
    assert not installations.spend("a", 1_700_000_600)
    assert installations.spend("b", 1_700_000_600)


def test_an_installation_shows_no_token() -> None:
    """What is logged of an installation has none of its tokens."""
    assert "xox" not in repr(NORTH)


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    """The embedded file and those that SQLite makes beside it have mode 0600, even one that was wider."""
    path = tmp_path / "installations.db"
    path.touch(0o644)
    made = SqliteInstallations(path)
    made.save(NORTH)
    modes = {stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()}
    made.close()

    assert modes == {0o600}


def test_no_token_stands_in_the_table(aws_double: AwsDouble, kms_key: str) -> None:
    """Nothing in the table is a token or shows one."""
    table = aws_double.make_table()
    DynamoInstallations(aws_double.aws, table, kms_key).save(NORTH)
    items = str(aws_double.dynamodb.scan(TableName=table)["Items"])

    assert "T0NORTH" in items
    assert "xox" not in items


def test_tokens_cannot_be_moved_to_another_workspace(aws_double: AwsDouble, kms_key: str) -> None:
    """Tokens of one workspace, copied into the item of another, are refused with what to do."""
    table = aws_double.make_table()
    made = DynamoInstallations(aws_double.aws, table, kms_key)
    made.save(NORTH)
    made.save(SOUTH)
    key = {"PK": {"S": "INSTALLATION#T0NORTH"}, "SK": {"S": "INSTALLATION"}}
    stolen = aws_double.dynamodb.get_item(TableName=table, Key=key)["Item"]["tokens"]
    aws_double.dynamodb.update_item(
        TableName=table,
        Key=key | {"PK": {"S": "INSTALLATION#T0SOUTH"}},
        UpdateExpression="SET tokens = :t",
        ExpressionAttributeValues={":t": stolen},
    )

    with pytest.raises(StorageError, match="cannot be decrypted") as refused:
        made.find("T0SOUTH")
    assert refused.value.setting == "THREATBOT_KMS_KEY"


def test_an_organisation_reaches_every_workspace_at_first(installations: Installations) -> None:
    """Until Slack says otherwise, no workspace is cut off."""
    assert installations.cut_off("E0ALL", "T0NORTH") == 0


def test_a_workspace_is_taken_out_and_let_in_again(installations: Installations) -> None:
    """What was said last holds, of that workspace and that organisation alone."""
    assert installations.set_reach("E0ALL", "T0NORTH", reached=False, at=LATER)
    assert installations.cut_off("E0ALL", "T0NORTH") == LATER
    assert installations.cut_off("E0ALL", "T0SOUTH") == 0
    assert installations.cut_off("E0OTHER", "T0NORTH") == 0

    assert installations.set_reach("E0ALL", "T0NORTH", reached=True, at=LATER + 1)
    assert installations.cut_off("E0ALL", "T0NORTH") == 0


def test_a_late_word_about_a_reach_changes_nothing(installations: Installations) -> None:
    """An event that comes after a later one is passed over."""
    installations.set_reach("E0ALL", "T0NORTH", reached=True, at=LATER)

    assert not installations.set_reach("E0ALL", "T0NORTH", reached=False, at=LATER - 1)
    assert installations.cut_off("E0ALL", "T0NORTH") == 0
