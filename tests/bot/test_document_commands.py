"""What `threatbot knowledge documents`, `status` and `doctor` promise, over real files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.doctor import examine
from bot.settings import Settings
from tests.aws_double import AwsDouble
from tests.bot.test_doctor import found
from tests.knowledge.documents.writing import STANDARD, docx, paragraph

INSTEAD = "Bring the document that it was made from, as .docx, .md, .html or .txt."


def ran(folder: Path, *command: str, **more: str) -> Result:
    """A command with its data in this folder."""
    env = {
        "THREATBOT_DATA_DIR": str(folder / "data"),
        "THREATBOT_EMBEDDER": "none",
        "THREATBOT_KNOWLEDGE_URL": "",
        **more,
    }
    return CliRunner().invoke(main, ["knowledge", *command], env=env, catch_exceptions=False)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A folder of documents, two of which are none."""
    folder = tmp_path / "docs"
    (folder / "guides").mkdir(parents=True)
    (folder / "access.md").write_text(STANDARD, "utf-8")
    (folder / "guides" / "doors.docx").write_bytes(docx(paragraph("Doors close by themselves.")))
    (folder / "plan.pdf").write_bytes(b"%PDF-1.7")
    (folder / "latin.txt").write_bytes(b"caf\xe9")
    return folder


def test_documents_are_taken_in_and_found(tmp_path: Path, docs: Path) -> None:
    """Loaded, named in a line with what was refused and why; found by a search with their addresses."""
    first = ran(tmp_path, "documents", str(docs), THREATBOT_DOCUMENTS_URL="https://wiki.example.com/s")
    assert first.exit_code == 0
    assert first.stdout.splitlines() == [
        f"✗ plan.pdf: it is a PDF, which I do not read. {INSTEAD}",
        "✗ latin.txt: its bytes are not UTF-8 text (byte 3). Save it again with the encoding UTF-8.",
        f"{docs}: 4 files; 2 new, 2 refused.",
    ]
    hits = json.loads(ran(tmp_path, "search", "--json", "do doors close").stdout)
    assert hits[0]["passage"]["id"] == "company:guides/doors.docx#1"
    assert hits[0]["passage"]["url"] == "https://wiki.example.com/s/guides/doors.docx"


def test_the_second_time_only_changes_are_taken_in(tmp_path: Path, docs: Path) -> None:
    """By the setting instead of an argument; JSON says the same in numbers."""
    known = {"THREATBOT_DOCUMENTS": str(docs)}
    ran(tmp_path, "documents", **known)
    (docs / "guides" / "doors.docx").unlink()
    (docs / "latin.txt").write_text("café", "utf-8")
    told = json.loads(ran(tmp_path, "documents", "--json", **known).stdout)
    refused = told.pop("refused")
    assert told == {
        "place": str(docs), "new": 1, "changed": 0, "gone": 1, "unchanged": 1, "left": 0, "passages": 1,
    }  # fmt: skip
    assert [one["path"] for one in refused] == ["plan.pdf"]


def test_a_time_can_be_given(tmp_path: Path, docs: Path) -> None:
    """Without any time one file is done; the line says how many are left, and the next call does them."""
    first = ran(tmp_path, "documents", str(docs), "--seconds", "0")
    assert first.stdout.endswith(f"{docs}: 4 files; 1 new, 1 refused, 2 left for the next time.\n")
    assert "1 new, 1 unchanged, 2 refused" in ran(tmp_path, "documents", str(docs)).stdout


@pytest.mark.parametrize(
    ("place", "code", "said"),
    [
        ("", 3, "No place is named"),
        ("nowhere", 1, "is not there"),
        ("ftp://x", 3, "takes a folder or s3://"),
    ],
)
def test_a_place_that_is_none(tmp_path: Path, place: str, code: int, said: str) -> None:
    """Each is refused with a sentence and the exit code of its kind."""
    result = ran(tmp_path, "documents", *([place] if place else []), THREATBOT_DOCUMENTS="")
    assert (result.exit_code, said in result.stderr) == (code, True)


@pytest.mark.parametrize("command", ["documents", "status", "reindex"])
def test_a_setting_that_is_wrong(tmp_path: Path, command: str) -> None:
    """Each command names the setting, in a sentence, and ends with exit code 3."""
    result = ran(tmp_path, command, THREATBOT_DOCUMENTS_URL="http://wiki.example.com")
    assert (result.exit_code, result.stderr.startswith("THREATBOT_DOCUMENTS_URL cannot")) == (3, True)


def test_a_store_that_is_away(tmp_path: Path, docs: Path) -> None:
    """A knowledge base that does not answer is exit code 3, with its sentence."""
    result = ran(tmp_path, "documents", str(docs), THREATBOT_KNOWLEDGE_URL="http://127.0.0.1:9")
    assert result.exit_code == 3
    assert "cannot be reached" in result.stderr


def test_status_and_doctor_name_the_place(tmp_path: Path, docs: Path) -> None:
    """Where documents come from and how many are there; what is not taken in yet, and what does it."""
    known = {"THREATBOT_DOCUMENTS": str(docs)}
    settings = Settings(data_dir=tmp_path / "data", documents=str(docs))
    before = found(examine(settings), "Company documents")
    assert before.good
    assert "3 files to take in, 3 of them new" in before.seen
    assert "threatbot knowledge documents" in before.mend
    (docs / "latin.txt").unlink()
    ran(tmp_path, "documents", **known)
    assert f"2 of the company's own documents from {docs}" in ran(tmp_path, "status", **known).stdout
    told = json.loads(ran(tmp_path, "status", "--json", **known).stdout)
    assert told["documents"] == {"place": str(docs), "files": 2, "passages": 2}
    assert "documents" not in told["passages"]
    after = found(examine(settings), "Company documents")
    assert (after.seen.endswith("2 files to take in, all of them loaded"), after.mend) == (True, "")


def test_the_doctor_says_what_is_wrong_with_a_place(tmp_path: Path) -> None:
    """None is no fault; one that is not there is."""
    none = found(examine(Settings(data_dir=tmp_path)), "Company documents")
    assert (none.good, "THREATBOT_DOCUMENTS" in none.mend) == (None, True)
    lost = found(examine(Settings(data_dir=tmp_path, documents=str(tmp_path / "lost"))), "Company documents")
    assert (lost.good, "is not there" in lost.seen) == (False, True)


def test_from_a_bucket(tmp_path: Path, aws_double: AwsDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    """s3://bucket/prefix works as a folder does."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", aws_double.aws.key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", aws_double.aws.secret)
    bucket = aws_double.make_bucket()
    aws_double.s3.put_object(Bucket=bucket, Key="security/access.md", Body=STANDARD.encode())
    aws_double.s3.put_object(Bucket=bucket, Key="other/menu.md", Body=b"Soup.")
    where = {
        "THREATBOT_AWS_REGION": aws_double.aws.region,
        "THREATBOT_AWS_ENDPOINT_URL": aws_double.aws.endpoint_url,
    }
    result = ran(tmp_path, "documents", f"s3://{bucket}/security", **where)
    assert result.stdout == f"s3://{bucket}/security: 1 file; 1 new.\n"
