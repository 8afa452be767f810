"""What the ingress loads where workspaces install the app, and where they do not."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest

from bot.installations.sqlite import SqliteInstallations
from tests.bot.installations.test_installations import SOUTH
from tests.bot.test_light_ingress import HEAVY

SERVE = """
import dataclasses, hashlib, hmac, json, sys, time
folder, body, more = sys.argv[1:]
from bot.app import make_app
from bot.ingress import handle
from bot.ingress_settings import read_ingress_settings
from bot.installations.making import make_tenants
from bot.wiring import make_ingress

settings = read_ingress_settings({"THREATBOT_SLACK_SIGNING_SECRET": "shh", "THREATBOT_DATA_DIR": folder,
    "THREATBOT_SLACK_API_URL": "http://127.0.0.1:1/api/", **json.loads(more)})
services = make_ingress(settings)
services = dataclasses.replace(services, tenants=services.tenants or make_tenants(settings))
stamp = str(int(time.time()))
signature = hmac.new(b"shh", f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": "v0=" + signature,
    "Content-Type": "application/x-www-form-urlencoded"}
answer = handle(make_app(settings, services), services, headers, body.encode())
print(answer.status, answer.body)
print(*sorted(sys.modules))
"""
ONLY_SEVERAL = {
    f"bot.installations.{name}" for name in ("authorize", "dynamodb", "oauth", "sqlite", "tenants")
}


def served(folder: Path, **settings: str) -> tuple[str, set[str]]:
    """What a fresh process answers to `/threatmodel help` of the southern office, and what it has loaded."""
    about = {"team_id": "T0SOUTH", "user_id": "U1", "channel_id": "C0", "trigger_id": "1"}
    body = urlencode({"command": "/threatmodel", "text": "help", **about})
    given = json.dumps({f"THREATBOT_{name}": value for name, value in settings.items()})
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SERVE, str(folder), body, given],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[3],
    )
    answer, modules = done.stdout.strip().rsplit("\n", 1)
    return answer, set(modules.split())


@pytest.mark.slow
def test_an_installed_workspace_is_served_by_a_light_ingress(tmp_path: Path) -> None:
    """Several workspaces cost the ingress nothing heavy either."""
    kept = SqliteInstallations(tmp_path / "installations.db")
    kept.save(replace(SOUTH, expires=0.0))
    kept.close()
    answer, modules = served(tmp_path, SLACK_CLIENT_ID="1.2", SLACK_CLIENT_SECRET="s")

    assert answer.startswith("200 ")
    assert "/threatmodel new" in answer
    assert modules & HEAVY == set()


@pytest.mark.slow
def test_one_token_loads_nothing_of_several_workspaces(tmp_path: Path) -> None:
    """With a single bot token, nothing that only several workspaces need is loaded."""
    answer, modules = served(tmp_path, SLACK_BOT_TOKEN="xoxb-1")

    assert "/threatmodel new" in answer
    assert modules & ONLY_SEVERAL == set()
