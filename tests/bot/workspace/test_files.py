from __future__ import annotations

from http.client import RemoteDisconnected
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.workspace import Workspace

DIAGRAM = b"flowchart LR\n  shop --> orders\n"


def test_the_sdks_upload_shares_a_file_in_a_thread(workspace: Workspace, client: WebClient) -> None:
    """files_upload_v2 goes its three steps, and the message carries the file."""
    root = workspace.person("dana").say("payments", "please").ts
    client.files_upload_v2(
        channel="C0PAYMENTS", thread_ts=root, filename="model.md", content="# Shop", initial_comment="Here"
    )
    reply = workspace.thread("payments", root)[1]
    (file,) = (workspace.store.files[id_] for id_ in reply.files)
    assert (reply.text, file.name, file.content) == ("Here", "model.md", b"# Shop")
    assert file.shares == (("C0PAYMENTS", reply.ts, root),)


def test_an_upload_must_have_the_length_that_was_announced(client: WebClient, fetch: Any) -> None:
    """The bytes are refused otherwise, and the upload cannot be completed."""
    ticket = client.files_getUploadURLExternal(filename="a.txt", length=4)
    assert fetch(ticket["upload_url"], b"12345").status == 400
    with pytest.raises(SlackApiError, match="file_not_found"):
        client.files_completeUploadExternal(files=[{"id": ticket["file_id"], "title": "a"}])


def test_an_upload_may_come_as_a_form(workspace: Workspace, client: WebClient, fetch: Any) -> None:
    """multipart/form-data is taken as well as raw bytes."""
    ticket = client.files_getUploadURLExternal(filename="a.bin", length=3)
    form = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n\x00\xff\n\r\n--x--\r\n'
    )
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert fetch(ticket["upload_url"], form, headers).body == b"OK - 3"
    client.files_completeUploadExternal(files=[{"id": ticket["file_id"], "title": "a"}])
    assert workspace.store.files[ticket["file_id"]].content == b"\x00\xff\n"


def test_a_file_that_a_person_uploads_can_be_fetched_with_the_token(
    workspace: Workspace, client: WebClient, fetch: Any
) -> None:
    """Both private addresses give the bytes to the app."""
    message = workspace.person("dana").upload("payments", "", [("shop.mmd", DIAGRAM)])
    file = client.files_info(file=message.files[0])["file"]
    assert (file["name"], file["size"], file["mode"], file["is_external"]) == (
        "shop.mmd",
        len(DIAGRAM),
        "hosted",
        False,
    )
    with_token = {"Authorization": f"Bearer {workspace.bot_token}"}
    for key in ("url_private", "url_private_download"):
        assert fetch(file[key], headers=with_token).body == DIAGRAM


@pytest.mark.parametrize("token", ["", "xoxb-other"])
def test_without_the_token_a_download_ends_on_a_sign_in_page(
    workspace: Workspace, fetch: Any, token: str
) -> None:
    """A redirect, and behind it HTML with status 200: as Slack does, to trap the careless."""
    message = workspace.person("dana").upload("payments", "", [("shop.mmd", DIAGRAM)])
    url = f"{workspace.url}/files-pri/T0LOCAL-{message.files[0]}/shop.mmd"
    answer = fetch(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    assert answer.status == 302
    page = fetch(workspace.url + answer.headers["location"])
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert DIAGRAM not in page.body


def test_a_remote_file_says_so(workspace: Workspace, client: WebClient) -> None:
    """Its address is of somebody's choosing, and it has no bytes here."""
    dana = workspace.person("dana")
    message = dana.share("payments", [dana.stage_remote("x.png", "https://elsewhere.example/x.png")])
    file = client.files_info(file=message.files[0])["file"]
    assert (file["mode"], file["is_external"]) == ("external", True)
    assert file["url_private"] == "https://elsewhere.example/x.png"


def test_the_app_deletes_only_its_own_files(workspace: Workspace, client: WebClient) -> None:
    """cant_delete_file for a person's; its own are gone afterwards."""
    theirs = workspace.person("dana").upload("payments", "", [("a.txt", b"a")]).files[0]
    with pytest.raises(SlackApiError, match="cant_delete_file"):
        client.files_delete(file=theirs)
    client.files_upload_v2(channel="C0PAYMENTS", filename="b.txt", content="b")
    own = workspace.messages("payments")[-1].files[0]
    client.files_delete(file=own)
    with pytest.raises(SlackApiError, match="file_not_found"):
        client.files_info(file=own)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"filename": "a.txt", "length": 0}, "missing_argument"),
        ({"filename": "a.txt", "length": 10**9}, "file_upload_size_restricted"),
        ({"length": 5}, "invalid_arguments"),
        ({"filename": "a.txt", "length": "many"}, "invalid_arguments"),
    ],
)
def test_bad_announcements_are_refused(client: WebClient, arguments: dict[str, Any], error: str) -> None:
    """Each with its word."""
    with pytest.raises(SlackApiError) as caught:
        client.api_call("files.getUploadURLExternal", params=arguments)
    assert caught.value.response["error"] == error


def test_completing_into_a_channel_without_the_app_is_refused(client: WebClient, fetch: Any) -> None:
    """not_in_channel, and the upload is not spent."""
    ticket = client.files_getUploadURLExternal(filename="a.txt", length=1)
    assert fetch(ticket["upload_url"], b"a").status == 200
    files: list[dict[str, str | None]] = [{"id": ticket["file_id"], "title": "a"}]
    with pytest.raises(SlackApiError, match="not_in_channel"):
        client.files_completeUploadExternal(files=files, channel_id="C0PLATFORM")
    assert client.files_completeUploadExternal(files=files, channel_id="C0PAYMENTS")["ok"]


def test_a_cut_upload_has_arrived(workspace: Workspace, client: WebClient) -> None:
    """The connection goes after the bytes were kept: who asks sees an error."""
    workspace.faults.add("files.upload", "drop_after")
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        client.files_upload_v2(channel="C0PAYMENTS", filename="a.md", content="# A")
    (ticket,) = workspace.store.tickets.values()
    assert ticket.content == b"# A"
