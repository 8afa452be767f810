"""What the cache of installations promises: a look a minute, fresh tokens, one winner of a race."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.errors import DeliveryError
from bot.installations.base import Installation
from bot.installations.oauth import SlackOAuth
from bot.installations.sqlite import SqliteInstallations
from bot.installations.tenants import AHEAD, SECONDS, UNKNOWN_SECONDS, Tenants
from bot.workspace.platform import TOKEN_SECONDS, Platform
from bot.workspace.platform_server import PlatformServer
from tests.bot.installations.company import REDIRECT, a_platform
from tests.fakes import Clock


class Counting(SqliteInstallations):
    """Installations that count how often they are looked into."""

    looks = 0

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path

    def find(self, key: str) -> Installation | None:
        """See Installations."""
        self.looks += 1
        return super().find(key)


@pytest.fixture
def clock() -> Clock:
    """One clock for the bot and for Slack."""
    return Clock()


@pytest.fixture
def served(clock: Clock) -> Iterator[PlatformServer]:
    """A Slack whose tokens end."""
    made = a_platform(rotates=True)
    made = Platform(made.workspaces, made.client, clock)
    for workspace in made.workspaces:
        workspace.store.clock = clock
    with PlatformServer(made) as server:
        yield server


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Counting]:
    """Where installations are kept."""
    made = Counting(tmp_path / "installations.db")
    yield made
    made.close()


def tenants_of(served: PlatformServer, kept: Counting, clock: Clock, pauses: list[float]) -> Tenants:
    """What one process of the bot has."""
    client = served.platform.client
    oauth = SlackOAuth(client.id, client.secret, served.api_url, REDIRECT, clock)
    return Tenants(kept, oauth, clock=clock, sleep=pauses.append)


@pytest.fixture
def tenants(served: PlatformServer, kept: Counting, clock: Clock) -> Tenants:
    """The bot's, with the northern office installed."""
    made = tenants_of(served, kept, clock, [])
    install(made, served)
    return made


def install(tenants: Tenants, served: PlatformServer) -> Installation:
    """Install in the northern office."""
    asked = {"client_id": served.platform.client.id, "scope": "chat:write", "redirect_uri": REDIRECT}
    back = served.platform.consent("T0NORTH", "ada", asked)
    made = tenants.oauth.exchange(back.partition("code=")[2].partition("&")[0])
    tenants.installations.save(made)
    return made


def test_an_installation_is_looked_for_once_a_minute(tenants: Tenants, kept: Counting, clock: Clock) -> None:
    """Within sixty seconds the answer is remembered; afterwards it is looked for again."""
    for _ in range(3):
        assert tenants.find("T0NORTH") is not None
    assert kept.looks == 1

    clock.advance(SECONDS)
    tenants.find("T0NORTH")
    assert kept.looks == 2


def test_a_stranger_is_soon_looked_for_again(tenants: Tenants, kept: Counting, clock: Clock) -> None:
    """Somebody who installs the app just now is not kept waiting for a minute."""
    assert tenants.find("T0SOUTH") is None
    assert tenants.find("T0SOUTH") is None
    assert kept.looks == 1

    clock.advance(UNKNOWN_SECONDS)
    assert tenants.find("T0SOUTH") is None
    assert kept.looks == 2


def test_the_organisation_serves_only_where_slack_says_so(tenants: Tenants, kept: Counting) -> None:
    """An organisation's installation serves its workspaces when Slack says so; their own come first."""
    own = tenants.find("T0NORTH")
    assert own is not None
    kept.save(replace(own, workspace="", enterprise="E0ALL", bot_token="xoxb-all", refresh_token=""))

    assert tenants.find("T0WEST") is None
    found = tenants.find("T0WEST", "E0ALL")
    assert found is not None
    assert found.bot_token == "xoxb-all"
    assert tenants.find("T0NORTH", "E0ALL") == own


def test_a_token_is_renewed_before_it_ends(tenants: Tenants, kept: Counting, clock: Clock) -> None:
    """Two minutes before its end the token is a new one, kept for everybody, and good for twelve hours."""
    before = tenants.find("T0NORTH")
    assert before is not None
    clock.advance(TOKEN_SECONDS - AHEAD)
    after = tenants.find("T0NORTH")

    assert after is not None
    assert after.bot_token != before.bot_token
    assert after.expires == clock() + TOKEN_SECONDS
    assert kept.find("T0NORTH") == after


def test_the_worker_renews_earlier(tenants: Tenants, clock: Clock, served: PlatformServer) -> None:
    """Nobody waits for the worker: it renews two hours ahead, and speaks with the new token."""
    before = tenants.desk("T0NORTH")
    clock.advance(TOKEN_SECONDS - 7000)
    after = tenants.desk("T0NORTH")

    assert before is not None
    assert after is not None
    assert after.slack.token != before.slack.token
    assert after.slack.call("auth.test")["team_id"] == "T0NORTH"


def test_a_desk_is_kept_while_its_token_is(tenants: Tenants) -> None:
    """What the worker has learnt of people stays from job to job."""
    assert tenants.desk("T0NORTH") is tenants.desk("T0NORTH")


def test_who_loses_the_race_takes_the_winners_token(
    tenants: Tenants, served: PlatformServer, kept: Counting, clock: Clock
) -> None:
    """A process that Slack refuses because another one was first uses what that one has written down."""
    first = tenants.find("T0NORTH")
    assert first is not None
    winner = tenants.oauth.refresh(first)  # Slack takes a refresh token once

    def written(_: float) -> None:
        kept.rotate(first, winner)

    loser = Tenants(kept, tenants.oauth, clock=clock, sleep=written)
    clock.advance(TOKEN_SECONDS)

    assert loser.find("T0NORTH") == winner


def test_a_token_that_is_still_good_stands_in(tenants: Tenants, served: PlatformServer, clock: Clock) -> None:
    """While Slack does not renew it, the old one is used to its end, and Slack is not asked all the time."""
    before = tenants.find("T0NORTH")
    served.platform.client.secret = "changed meanwhile"
    clock.advance(TOKEN_SECONDS - AHEAD)
    assert tenants.find("T0NORTH") == before
    assert tenants.find("T0NORTH") == before

    clock.advance(AHEAD)
    with pytest.raises(DeliveryError, match="bad_client_secret"):
        tenants.find("T0NORTH")


def test_a_revocation_counts_at_once(tenants: Tenants, clock: Clock) -> None:
    """After the app was removed nothing is served, remembered or not; installed again, it is."""
    assert tenants.find("T0NORTH") is not None
    assert tenants.revoke("T0NORTH", clock() + 1)

    assert tenants.find("T0NORTH") is None
    assert tenants.desk("T0NORTH") is None


def test_a_removal_while_somebody_looks(tenants: Tenants, kept: Counting, clock: Clock) -> None:
    """What was read before the app was removed, and comes back after it, is not remembered."""

    class Slow(Counting):
        def find(self, key: str) -> Installation | None:
            """Another thread hears of the removal between the answer and its use."""
            found = super().find(key)
            if self.looks == 1:
                slow.revoke("T0NORTH", clock() + 1)
            return found

    slow = Tenants(Slow(kept.path), tenants.oauth, clock=clock)
    slow.find("T0NORTH")

    assert slow.find("T0NORTH") is None
    slow.close()


def test_a_removal_right_after_a_renewal(tenants: Tenants, kept: Counting, clock: Clock) -> None:
    """The same for a token that was just renewed."""

    class Slow(Counting):
        def rotate(self, before: Installation, after: Installation) -> Installation:
            """Another thread hears of the removal between the answer and its use."""
            found = super().rotate(before, after)
            slow.revoke("T0NORTH", clock() + 1)
            return found

    slow = Tenants(Slow(kept.path), tenants.oauth, clock=clock)
    clock.advance(TOKEN_SECONDS)
    slow.find("T0NORTH")

    assert slow.find("T0NORTH") is None
    slow.close()


def test_a_removal_during_a_renewal_ends_it(tenants: Tenants, kept: Counting, clock: Clock) -> None:
    """A token that is renewed while the app is removed does not bring the installation back."""
    found = tenants.find("T0NORTH")
    assert found is not None

    class Removing(SlackOAuth):
        def refresh(self, installation: Installation) -> Installation:
            """Slack answers, and meanwhile somebody removes the app."""
            renewed = super().refresh(installation)
            kept.revoke("T0NORTH", clock() + 1)
            return renewed

    slow = Removing(
        tenants.oauth.client_id, tenants.oauth.client_secret, tenants.oauth.api_url, REDIRECT, clock
    )
    clock.advance(TOKEN_SECONDS)

    assert Tenants(kept, slow, clock=clock).find("T0NORTH") is None
