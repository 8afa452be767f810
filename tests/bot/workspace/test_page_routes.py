from __future__ import annotations

import json
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from bot.workspace import Workspace

OWN = {"X-Local-Workspace": "1"}


def act(workspace: Workspace, fetch: Any, person: str, **given: Any) -> dict[str, Any]:
    """What came of an action of the page."""
    answer = fetch(f"{workspace.url}/person/act?user={person}", json.dumps(given).encode(), OWN)
    assert answer.status == 200
    return dict(json.loads(answer.body))


def test_the_page_runs_under_a_strict_policy(workspace: Workspace, fetch: Any) -> None:
    """Nothing but its own files may be loaded, and no other page may frame it."""
    answer = fetch(workspace.url + "/")
    policy = answer.headers["content-security-policy"]
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert b"<script>" not in answer.body


@pytest.mark.parametrize("name", ["app.js", "style.css", "icon.svg"])
def test_its_files_are_served_and_no_others(workspace: Workspace, fetch: Any, name: str) -> None:
    """Only what lies in the page's folder has an address."""
    assert fetch(f"{workspace.url}/page/{name}").status == 200
    assert fetch(f"{workspace.url}/page/..%2Fseed.yaml").status == 404


def test_other_sites_cannot_act_for_a_person(workspace: Workspace, fetch: Any) -> None:
    """Without the page's own header, or under another host name, nothing is done."""
    said = json.dumps({"do": "say", "channel": "C0PAYMENTS", "text": "x"}).encode()
    where = f"{workspace.url}/person/act?user=dana"
    assert fetch(where, said).status == 403
    assert fetch(where, said, OWN | {"Host": "evil.example"}).status == 403
    assert fetch(f"{workspace.url}/person/state?user=dana", headers={"Host": "evil.example"}).status == 403
    assert workspace.messages("payments") == []
    assert fetch(where, said, OWN).status == 200


def test_a_snapshot_holds_what_the_person_may_see(workspace: Workspace, fetch: Any) -> None:
    """Private and shared channels only for their members, ephemerals only for their reader."""
    workspace.person("dana").say("security", "between us")
    dana, gil = (
        json.loads(fetch(f"{workspace.url}/person/state?user={name}").body) for name in ("dana", "gil")
    )
    assert [m["text"] for m in dana["messages"]] == ["between us"]
    assert gil["messages"] == []
    assert [c["name"] for c in gil["channels"]] == ["payments", "gil"]
    assert fetch(f"{workspace.url}/person/state?user=nobody").status == 404


def test_changes_are_streamed_to_those_who_may_see_them(workspace: Workspace) -> None:
    """A stream begins with hello and goes on with every change for this person only."""
    parts = urlsplit(workspace.url)
    with closing(HTTPConnection(parts.hostname or "", parts.port, timeout=20)) as connection:
        connection.request("GET", "/person/stream?user=gil")
        answer = connection.getresponse()
        lines = iter(answer.readline, b"")
        assert next(lines) == b"event: hello\n"
        workspace.person("dana").say("security", "between us")
        workspace.person("dana").say("payments", "for all")
        data = next(line for line in lines if line.startswith(b'data: {"seq"'))
        change = json.loads(data.removeprefix(b"data: "))
        assert (change["kind"], change["payload"]["text"]) == ("message", "for all")


def test_the_page_does_what_a_person_does(workspace: Workspace, echo: Any, fetch: Any) -> None:
    """Say, react, edit, delete and commands go through Person."""
    ts = act(workspace, fetch, "dana", do="say", channel="C0PAYMENTS", text="hello")["ts"]
    act(workspace, fetch, "lee", do="react", ts=ts, name="eyes")
    act(workspace, fetch, "dana", do="edit", ts=ts, text="hello again")
    message = workspace.message(ts)
    assert (message.text, message.reactions) == ("hello again", (("eyes", ("U0LEE",)),))
    act(workspace, fetch, "lee", do="react", ts=ts, name="eyes")
    assert not workspace.message(ts).reacted("eyes")
    assert act(workspace, fetch, "dana", do="command", channel="C0PAYMENTS", line="/threatmodel new")["ok"]
    act(workspace, fetch, "dana", do="delete", ts=ts)
    assert workspace.messages("payments") == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"do": "edit", "ts": "1.000001", "text": "x"}, "no message"),
        ({"do": "say", "channel": "C0PLATFORM", "text": "x"}, "not in #platform"),
        ({"do": "say", "channel": "C0PAYMENTS", "text": " "}, "needs text or a file"),
        ({"do": "command", "channel": "C0PAYMENTS", "line": "/weather"}, "/weather"),
        ({"do": "submit", "view": "V9"}, "no view V9"),
        ({"do": "shortcut", "callback_id": "nothing"}, "'nothing'"),
        ({"do": "say"}, "'channel'"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    workspace: Workspace, fetch: Any, given: dict[str, Any], sentence: str
) -> None:
    """Never a traceback: the page shows why."""
    outcome = act(workspace, fetch, "gil", **given)
    assert outcome["ok"] is False
    assert sentence in outcome["message"]


def test_unknown_actions_and_bad_json_are_refused(workspace: Workspace, fetch: Any) -> None:
    """404 and 400."""
    where = f"{workspace.url}/person/act?user=dana"
    assert fetch(where, b'{"do": "fly"}', OWN).status == 404
    assert fetch(where, b"not json", OWN).status == 400


def test_files_are_saved_and_only_pictures_are_shown(workspace: Workspace, fetch: Any) -> None:
    """An uploaded page of HTML or SVG never runs under the workspace's address."""
    ids = {}
    for name in ("a.svg", "b.png"):
        answer = fetch(f"{workspace.url}/person/upload?user=dana&name={name}", b"<svg/>", OWN)
        ids[name] = json.loads(answer.body)["id"]
    svg, png = (fetch(f"{workspace.url}/person/files/{ids[name]}") for name in ("a.svg", "b.png"))
    assert svg.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in svg.headers["content-security-policy"]
    assert "content-disposition" not in png.headers
    assert png.headers["x-content-type-options"] == "nosniff"


def test_a_permalink_leads_into_the_page(workspace: Workspace, fetch: Any) -> None:
    """It becomes the page's own address of channel and thread."""
    answer = fetch(f"{workspace.url}/archives/C0PAYMENTS/p1790000000000001")
    assert answer.status == 302
    assert answer.headers["location"] == "/?channel=C0PAYMENTS&ts=1790000000.000001"
