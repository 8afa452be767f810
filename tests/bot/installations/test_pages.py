"""What somebody who installs the app in a browser sees, over real HTTP, Slack included."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from bot.ingress import Answer
from bot.installations.pages import INSTALL, REDIRECT, InstallPages
from bot.installations.state import SECONDS
from bot.server import Serving
from bot.workspace.platform import Client, Platform
from bot.workspace.platform_server import PlatformServer
from tests.bot.installations.company import Company, a_platform
from tests.fakes import Clock


@dataclass
class Browser:
    """Keeps cookies, and follows nothing by itself."""

    cookies: dict[str, str] = field(default_factory=dict)

    def open(self, url: str, form: dict[str, str] | None = None) -> Answer:
        """A GET, or a POST of a form."""
        parts = urlsplit(url)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=20)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        path = f"{parts.path}?{parts.query}"
        connection.request("GET" if form is None else "POST", path, urlencode(form or {}), headers)
        answer = connection.getresponse()
        given = {k.lower(): v for k, v in answer.getheaders()}
        name, _, rest = given.get("set-cookie", "").partition("=")
        if name:
            self.cookies[name] = rest.partition(";")[0]
        body = answer.read().decode()
        connection.close()
        return Answer(answer.status, given, body)


@dataclass
class Place:
    """The bot and Slack, both served."""

    company: Company
    bot: str
    browser: Browser = field(default_factory=Browser)

    def begin(self) -> str:
        """Open the install page; Slack's address."""
        answer = self.browser.open(f"{self.bot}{INSTALL}")
        assert answer.status == 302
        return answer.headers["location"]

    def decide(self, consent: str, team: str = "T0NORTH") -> str:
        """Press a button on Slack's page; the address that one is sent back to."""
        answer = self.browser.open(consent, {"team": team})
        assert answer.status == 302, answer.body
        return answer.headers["location"]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """The bot on a free port, which Slack sends people back to."""
    with PlatformServer(a_platform()) as server:
        made = Company(server, tmp_path)
        settings = made.settings.model_copy(update={"port": 0})
        with Serving(settings, made.services, work=False) as serving:
            back = f"{serving.url}{REDIRECT}"
            server.platform.client.redirect_urls = (back,)
            object.__setattr__(made.tenants.oauth, "redirect_url", back)
            yield Place(made, serving.url)
        made.close()


def said(answer: Answer) -> str:
    """A page's text."""
    return re.sub(r"<[^>]+>", " ", answer.body)


def test_consent_installs_the_app(place: Place) -> None:
    """Install, consent, back: the workspace is served from then on, with the token that Slack gave."""
    consent = place.begin()
    asked = parse_qs(urlsplit(consent).query)
    assert "Northern office" in place.browser.open(consent).body
    done = place.browser.open(place.decide(consent))
    found = place.company.tenants.find("T0NORTH")

    assert done.status == 200
    assert "installed in Northern office" in said(done)
    assert asked["client_id"] == ["1.2"]
    assert "chat:write" in asked["scope"][0]
    assert found is not None
    assert (found.by, found.bot_user) == ("U0ADA", "U0THREATBOT")
    assert place.company.north.refusal(found.bot_token) == ""
    assert place.company.tenants.find("T0SOUTH") is None


def test_no_consent_changes_nothing(place: Place) -> None:
    """Who presses Cancel reads that nothing was changed, and how to begin again."""
    done = place.browser.open(place.decide(place.begin(), team=""))

    assert done.status == 403
    assert "did not give your consent" in said(done)
    assert INSTALL in done.body
    assert place.company.tenants.find("T0NORTH") is None


def test_an_address_is_good_once(place: Place) -> None:
    """The address that Slack sent the browser to does nothing the second time."""
    back = place.decide(place.begin())
    assert place.browser.open(back).status == 200
    again = place.browser.open(back)

    assert again.status == 400
    assert "used already" in said(again)


@pytest.mark.parametrize("how", ["none", "changed", "of another bot"])
def test_a_state_that_is_not_ours_is_refused(place: Place, how: str) -> None:
    """Without our own signed state nothing is asked of Slack, and nothing is kept."""
    back = urlsplit(place.decide(place.begin()))
    query = {k: v[0] for k, v in parse_qs(back.query).items()}
    nonce, until, mark = query["state"].split(".")
    query["state"] = {
        "none": "",
        "changed": f"{nonce}.{int(until) + 600}.{mark}",
        "of another bot": f"{nonce}.{until}.{'0' * 64}",
    }[how]
    done = place.browser.open(f"{place.bot}{REDIRECT}?{urlencode(query)}")

    assert done.status == 400
    assert "not made by this bot" in said(done)
    assert place.company.tenants.find("T0NORTH") is None


def test_another_browser_cannot_end_what_one_began(place: Place) -> None:
    """A link that somebody was sent installs nothing in their name."""
    back = place.decide(place.begin())
    done = Browser().open(back)

    assert done.status == 400
    assert "another browser" in said(done)
    assert place.company.tenants.find("T0NORTH") is None


def test_ten_minutes_are_the_longest(place: Place) -> None:
    """A state that is older is refused, with what to do."""
    clock = Clock()
    pages = InstallPages(place.company.tenants, place.company.settings.ingress, clock=clock)
    began = pages.answer(INSTALL, "", "")
    state = parse_qs(urlsplit(began.headers["Location"]).query)["state"][0]
    clock.advance(SECONDS + 1)
    done = pages.answer(REDIRECT, urlencode({"code": "x", "state": state}), began.headers["Set-Cookie"])

    assert done.status == 400
    assert "ten minutes" in said(done)


def test_missing_scopes_are_named(place: Place) -> None:
    """An app that lacks a scope is not kept, and whoever installs it reads which one to add."""
    place.company.platform.client.withheld = {"files:read"}
    done = place.browser.open(place.decide(place.begin()))

    assert done.status == 400
    assert "Missing: files:read." in said(done)
    assert place.company.tenants.find("T0NORTH") is None


@pytest.mark.parametrize("named", ["T0SOUTH, E0ALL", "", " , "])
def test_only_named_workspaces_may_install(place: Place, named: str) -> None:
    """Another one is told so, and the app takes itself out of it again; so is each one when none is named."""
    company = place.company
    settings = replace(company.settings.ingress, slack_workspaces=named)
    pages = InstallPages(company.tenants, settings)
    began = pages.answer(INSTALL, "", "")
    back = urlsplit(place.decide(began.headers["Location"]))
    done = pages.answer(REDIRECT, back.query, began.headers["Set-Cookie"])

    assert done.status == 403
    assert "not among the workspaces" in said(done)
    assert "THREATBOT_SLACK_WORKSPACES" in said(done)
    assert "taken out" in said(done)
    assert set(company.north.tokens.values()) == {0.0}
    assert company.tenants.find("T0NORTH") is None


@pytest.mark.parametrize("named", ["T0SOUTH, T0NORTH", "*"])
def test_a_named_workspace_may_install(place: Place, named: str) -> None:
    """One by its id, every one by a star."""
    company = place.company
    pages = InstallPages(company.tenants, replace(company.settings.ingress, slack_workspaces=named))
    began = pages.answer(INSTALL, "", "")
    back = urlsplit(place.decide(began.headers["Location"]))

    assert pages.answer(REDIRECT, back.query, began.headers["Set-Cookie"]).status == 200
    assert company.tenants.find("T0NORTH") is not None


def test_a_code_that_slack_does_not_take_is_said(place: Place) -> None:
    """Slack's own word stands in the page, and nothing is kept."""
    back = place.decide(place.begin())
    done = place.browser.open(re.sub("code=[^&]+", "code=made-up", back))

    assert done.status == 400
    assert "invalid_code" in said(done)


def test_a_slack_that_is_away_is_said(place: Place) -> None:
    """When Slack does not answer, the page says so, and that nothing was kept."""
    back = place.decide(place.begin())
    object.__setattr__(place.company.tenants.oauth, "api_url", "http://127.0.0.1:1/api/")
    done = place.browser.open(back)

    assert done.status == 503
    assert "did not answer" in said(done)


@pytest.mark.parametrize("word", ["invalid_scope", "<script>alert(1)</script>"])
def test_what_slack_itself_refuses_is_shown_safely(place: Place, word: str) -> None:
    """Slack's word is shown when it is one; whatever else stands in the address is not."""
    done = place.browser.open(f"{place.bot}{REDIRECT}?{urlencode({'error': word})}")

    assert done.status == 400
    assert ("invalid_scope" in done.body) == (word == "invalid_scope")
    assert "<script" not in done.body
    assert "default-src 'none'" in done.headers["content-security-policy"]


def test_the_cookie_is_for_the_way_back_alone(tmp_path: Path) -> None:
    """It is HttpOnly, Secure where the bot is not on this machine, and sent to no other address."""
    with PlatformServer(Platform(a_platform().workspaces, Client("1", "s", ("https://bot/back",)))) as server:
        company = Company(server, tmp_path)
        cookie = (
            InstallPages(company.tenants, company.settings.ingress)
            .answer(INSTALL, "", "")
            .headers["Set-Cookie"]
        )
        company.close()

    assert {"HttpOnly", "Secure", "SameSite=Lax", f"Path={REDIRECT}"} <= set(cookie.split("; "))


def test_there_is_nothing_else(place: Place) -> None:
    """Every other path is unknown."""
    pages = InstallPages(place.company.tenants, place.company.settings.ingress)

    assert pages.answer("/slack/other", "", "").status == 404
