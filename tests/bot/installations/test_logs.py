"""No log of any level holds a token, a secret or what people write."""

import logging
from pathlib import Path

import pytest

from bot.installations.pages import INSTALL, InstallPages
from bot.slack import Slack, web_client
from bot.workspace.platform_server import PlatformServer
from tests.bot.installations.company import Company, a_company, a_platform


def test_no_token_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Not even at DEBUG: an installation, a renewal, a call and a removal write down neither side of them."""
    with PlatformServer(a_platform(rotates=True)) as server:
        company = Company(server, tmp_path)
        with caplog.at_level(logging.DEBUG):
            pages = InstallPages(company.tenants, company.settings.ingress)
            began = pages.answer(INSTALL, "", "")
            made = company.install(company.north)
            renewed = company.tenants.oauth.refresh(made)
            Slack(web_client(renewed.bot_token, server.api_url)).call("auth.test")
            company.tenants.oauth.uninstall(renewed)
        company.close()

    secrets = {made.bot_token, made.refresh_token, renewed.bot_token, renewed.refresh_token}
    assert all(secrets)
    cookie = began.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    for secret in (*secrets, "client secret", cookie):
        assert secret not in caplog.text


def test_no_words_are_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Nor does a form that opens, or a message: what people call their systems stays out of the log."""
    with a_company(tmp_path) as company, caplog.at_level(logging.DEBUG):
        made = company.install(company.north)
        trigger = company.north.store.new_trigger("U0DANA", channel="C0PAYMENTS").id
        about = {"team_id": "T0NORTH", "user_id": "U0DANA", "channel_id": "C0PAYMENTS", "trigger_id": trigger}
        company.deliver({"command": "/threatmodel", "text": "new Quokka desk", **about})
        slack = Slack(web_client(made.bot_token, company.settings.slack_api_url))
        slack.call("chat.postMessage", channel="C0PAYMENTS", text="The numbat is open.")

        assert len(company.north.store.views) == 1
    assert "Quokka" not in caplog.text
    assert "numbat" not in caplog.text
