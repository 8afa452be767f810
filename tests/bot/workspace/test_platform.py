"""What several workspaces behind one Web API promise: OAuth as Slack has it, and a token for each."""

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.workspace import Workspace
from bot.workspace.errors import Refused
from bot.workspace.organisation import Organisation
from bot.workspace.platform import CODE_SECONDS, TOKEN_SECONDS, Client, Platform
from bot.workspace.platform_server import PlatformServer
from tests.bot.workspace.conftest import FakeClock, Fetch

BACK = "https://bot.example.com/back"
ASKED = {"client_id": "1.2", "scope": "chat:write,commands", "state": "s t", "redirect_uri": BACK}


@pytest.fixture
def platform(clock: FakeClock) -> Platform:
    """Two workspaces and one app."""
    teams = [{"id": f"T0{name}", "domain": name.lower(), "name": name} for name in ("NORTH", "SOUTH")]
    made = [Workspace(signing_secret="s", bot_token="unused", clock=clock, team=team) for team in teams]
    return Platform(made, Client("1.2", "shh", (BACK,)), clock)


@pytest.fixture
def served(platform: Platform) -> Iterator[PlatformServer]:
    """Over HTTP."""
    with PlatformServer(platform) as server:
        yield server


@pytest.fixture
def slack(served: PlatformServer) -> WebClient:
    """The real client, without a token."""
    return WebClient(base_url=served.api_url, timeout=20)


def code(platform: Platform, team: str = "T0NORTH") -> str:
    """What Ada's consent gives."""
    return platform.consent(team, "ada", ASKED).partition("code=")[2].partition("&")[0]


def exchange(slack: WebClient, given: str, **other: str) -> dict[str, object]:
    """oauth.v2.access with the app's own client, unless said otherwise."""
    about = {"client_id": "1.2", "client_secret": "shh", "redirect_uri": BACK} | other
    answer = slack.oauth_v2_access(code=given, **about)
    assert isinstance(answer.data, dict)
    return answer.data


def refused(call: object) -> str:
    """Slack's word."""
    assert isinstance(call, pytest.ExceptionInfo)
    return str(call.value.response["error"])


def test_a_code_is_exchanged_for_a_token(platform: Platform, slack: WebClient) -> None:
    """The answer has what Slack's has: token, scopes, bot user, workspace, and who consented."""
    answer = exchange(slack, code(platform))

    assert answer["team"] == {"id": "T0NORTH", "name": "NORTH"}
    assert answer["scope"] == "chat:write,commands"
    assert answer["authed_user"] == {"id": "U0ADA"}
    assert answer["bot_user_id"] == "U0THREATBOT"
    assert (answer["enterprise"], answer["is_enterprise_install"]) == (None, False)
    assert "refresh_token" not in answer


def test_a_token_opens_its_own_workspace(platform: Platform, slack: WebClient) -> None:
    """The same address answers for each workspace, by the token, and for nobody without one."""
    for team in ("T0NORTH", "T0SOUTH"):
        token = str(exchange(slack, code(platform, team))["access_token"])
        assert slack.auth_test(token=token)["team_id"] == team
    with pytest.raises(SlackApiError) as call:
        slack.auth_test(token="unused")

    assert refused(call) == "invalid_auth"


@pytest.mark.parametrize(
    ("other", "word"),
    [
        ({"client_id": "9.9"}, "invalid_client_id"),
        ({"client_secret": "guess"}, "bad_client_secret"),
        ({"redirect_uri": "https://elsewhere.example.com"}, "bad_redirect_uri"),
        ({"code": "made up"}, "invalid_code"),
    ],
)
def test_what_slack_refuses(platform: Platform, slack: WebClient, other: dict[str, str], word: str) -> None:
    """A wrong client, secret, redirect URL or code is refused with Slack's word."""
    given = other.pop("code", "") or code(platform)
    with pytest.raises(SlackApiError) as call:
        exchange(slack, given, **other)

    assert refused(call) == word


def test_a_code_is_good_once_and_for_ten_minutes(
    platform: Platform, slack: WebClient, clock: FakeClock
) -> None:
    """A used code and an old one are refused."""
    used, old = code(platform), code(platform)
    exchange(slack, used)
    with pytest.raises(SlackApiError) as again:
        exchange(slack, used)
    clock.now += CODE_SECONDS + 1
    with pytest.raises(SlackApiError) as late:
        exchange(slack, old)

    assert refused(again) == "code_already_used"
    assert refused(late) == "invalid_code"


def test_a_rotated_token_ends_and_is_renewed(platform: Platform, slack: WebClient, clock: FakeClock) -> None:
    """After twelve hours a token is expired; its refresh token gives the next one, once."""
    platform.client.rotates = True
    first = exchange(slack, code(platform))
    clock.now += TOKEN_SECONDS
    with pytest.raises(SlackApiError) as call:
        slack.auth_test(token=str(first["access_token"]))
    renew = {"grant_type": "refresh_token", "refresh_token": str(first["refresh_token"])}
    second = slack.oauth_v2_access(client_id="1.2", client_secret="shh", **renew)
    with pytest.raises(SlackApiError) as twice:
        slack.oauth_v2_access(client_id="1.2", client_secret="shh", **renew)

    assert refused(call) == "token_expired"
    assert slack.auth_test(token=str(second["access_token"]))["team_id"] == "T0NORTH"
    assert refused(twice) == "invalid_refresh_token"


def test_the_app_takes_itself_out(platform: Platform, slack: WebClient) -> None:
    """apps.uninstall ends the token of that workspace and of no other."""
    north, south = (str(exchange(slack, code(platform, t))["access_token"]) for t in ("T0NORTH", "T0SOUTH"))
    slack.apps_uninstall(client_id="1.2", client_secret="shh", token=north)
    with pytest.raises(SlackApiError) as call:
        slack.auth_test(token=north)

    assert refused(call) == "token_revoked"
    assert slack.auth_test(token=south)["ok"]


def test_only_the_apps_own_addresses_are_sent_back_to(platform: Platform) -> None:
    """A stranger's client or redirect URL is refused before anybody is asked."""
    with pytest.raises(Refused, match="bad_redirect_uri"):
        platform.consent("T0NORTH", "ada", ASKED | {"redirect_uri": "https://elsewhere.example.com"})
    with pytest.raises(Refused, match="invalid_client_id"):
        platform.deny(ASKED | {"client_id": "9.9"})


def test_the_page_asks_and_sends_back(served: PlatformServer, fetch: Fetch) -> None:
    """The page names the workspaces; Allow goes back with a code, Cancel with access_denied."""
    page = f"{served.url}/oauth/v2/authorize?client_id=1.2&scope=chat:write&state=s+t"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    asked = fetch(page).body.decode()
    allowed = fetch(page, b"team=T0SOUTH&person=dana", form)
    denied = fetch(page, b"team=", form)
    stranger = fetch(page.replace("1.2", "9.9"), b"team=T0SOUTH", form)

    assert "Allow in NORTH" in asked
    assert "Allow in SOUTH" in asked
    assert allowed.headers["location"] == f"{BACK}?code=code.T0SOUTH.1&state=s+t"
    assert denied.headers["location"] == f"{BACK}?error=access_denied&state=s+t"
    assert (stranger.status, b"invalid_client_id" in stranger.body) == (400, True)


@pytest.fixture
def grid(clock: FakeClock) -> Platform:
    """An organisation of two workspaces, and a third that is not of it."""
    teams = [
        {"id": f"T0{n}", "domain": n.lower(), "name": n, "mark": n[0]} for n in ("NORTH", "SOUTH", "WEST")
    ]
    made = [Workspace(signing_secret="s", bot_token="unused", clock=clock, team=team) for team in teams]
    whole = Organisation("E0ALL", "All of it", tuple(made[:2]))
    return Platform(made, Client("1.2", "shh", (BACK,)), clock, whole)


@pytest.fixture
def org_slack(grid: Platform) -> Iterator[WebClient]:
    """The real client over that, without a token."""
    with PlatformServer(grid) as server:
        yield WebClient(base_url=server.api_url, timeout=20)


def test_consent_for_the_whole_gives_one_token_for_all(grid: Platform, org_slack: WebClient) -> None:
    """The answer names the organisation and no workspace; what a call names says which one is meant."""
    answer = exchange(org_slack, code(grid, "E0ALL"))
    token = str(answer["access_token"])

    assert (answer["team"], answer["is_enterprise_install"]) == (None, True)
    assert answer["enterprise"] == {"id": "E0ALL", "name": "All of it"}
    for channel, workspace in (("C0PAYMENTSN", grid.workspaces[0]), ("C0PAYMENTSS", grid.workspaces[1])):
        org_slack.chat_postMessage(token=token, channel=channel, text=f"to {channel}")
        assert [m.plain for m in workspace.messages("payments")] == [f"to {channel}"]
    user = org_slack.users_info(token=token, user="U0DANA")["user"]
    assert user["enterprise_user"]["teams"] == ["T0NORTH", "T0SOUTH"]


def test_the_whole_does_not_open_what_is_outside(grid: Platform, org_slack: WebClient) -> None:
    """Neither another company's workspace, nor one that was taken out, takes the organisation's token."""
    token = str(exchange(org_slack, code(grid, "E0ALL"))["access_token"])
    with pytest.raises(SlackApiError) as outside:
        org_slack.chat_postMessage(token=token, channel="C0PAYMENTSW", text="hello")
    grid.take_out("T0SOUTH")
    with pytest.raises(SlackApiError) as out:
        org_slack.chat_postMessage(token=token, channel="C0PAYMENTSS", text="hello")
    grid.let_in("T0SOUTH")

    assert refused(outside) == refused(out) == "team_access_not_granted"
    assert org_slack.chat_postMessage(token=token, channel="C0PAYMENTSS", text="hello")["ok"]
    grid.remove_whole()
    with pytest.raises(SlackApiError) as gone:
        org_slack.chat_postMessage(token=token, channel="C0PAYMENTSN", text="hello")
    assert refused(gone) == "token_revoked"


def test_an_upload_is_of_no_workspace_until_it_is_completed(grid: Platform, org_slack: WebClient) -> None:
    """With the organisation's token the channel that an upload is completed with says where it is."""
    org_slack.token = str(exchange(org_slack, code(grid, "E0ALL"))["access_token"])
    for number, workspace in enumerate(grid.organisation.workspaces if grid.organisation else ()):
        channel = workspace.channel("payments").id
        org_slack.files_upload_v2(content=b"x", filename=f"{number}.txt", channel=channel)
        assert [f.name for f in workspace.store.files.values()] == [f"{number}.txt"]


def test_a_channel_by_name_could_be_in_any_workspace(grid: Platform, org_slack: WebClient) -> None:
    """With the organisation's token a name is refused; with a workspace's own it is good."""
    whole = str(exchange(org_slack, code(grid, "E0ALL"))["access_token"])
    own = str(exchange(org_slack, code(grid, "T0WEST"))["access_token"])
    with pytest.raises(SlackApiError) as call:
        org_slack.chat_postMessage(token=whole, channel="#payments", text="hello")

    assert refused(call) == "team_not_found"
    assert org_slack.chat_postMessage(token=own, channel="#payments", text="hello")["ok"]


def test_what_slack_says_of_people_and_channels_of_it(grid: Platform, org_slack: WebClient) -> None:
    """A home in the organisation has no team_id; a channel of several workspaces is of the organisation."""
    whole, north = grid.organisation, grid.workspaces[0]
    assert whole is not None
    whole.at_home("U0LEE", "E0ALL")
    whole.at_home("U0DANA", "T0SOUTH")
    whole.share(north.channel("payments"), north)
    org_slack.token = str(exchange(org_slack, code(grid, "E0ALL"))["access_token"])
    lee, dana, mo = (org_slack.users_info(user=f"U0{n}")["user"] for n in ("LEE", "DANA", "MO"))
    channel = org_slack.conversations_info(channel="C0PAYMENTSN")["channel"]

    assert (lee.get("team_id"), lee["enterprise_user"]["enterprise_id"]) == (None, "E0ALL")
    assert (dana["team_id"], dana["enterprise_user"]["teams"]) == ("T0SOUTH", ["T0NORTH", "T0SOUTH"])
    assert "enterprise_user" not in mo
    assert (channel["is_org_shared"], channel["is_ext_shared"], channel["context_team_id"]) == (
        True,
        False,
        "E0ALL",
    )


def test_a_workspace_of_it_installs_for_itself(grid: Platform, org_slack: WebClient) -> None:
    """A workspace's own installation names its organisation, and is not that of the whole."""
    answer = exchange(org_slack, code(grid, "T0SOUTH"))

    assert answer["team"] == {"id": "T0SOUTH", "name": "SOUTH"}
    assert answer["enterprise"] == {"id": "E0ALL", "name": "All of it"}
    assert answer["is_enterprise_install"] is False


def test_the_page_offers_the_organisation(grid: Platform, fetch: Fetch) -> None:
    """Who is asked can allow the app in all of the organisation with one button."""
    with PlatformServer(grid) as server:
        asked = fetch(f"{server.url}/oauth/v2/authorize?client_id=1.2&scope=chat:write").body.decode()

    assert '<button name="team" value="E0ALL">Allow in all of All of it</button>' in asked
