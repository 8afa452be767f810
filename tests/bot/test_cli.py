"""The command line, run as a person runs it: a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bedrock.double import BedrockDouble

SHOP = "flowchart LR\n  customer([Customer]) -->|HTTP| shop[Web shop]\n  shop -->|SQL| db[(Orders DB)]\n"


def threatbot(
    *arguments: str, cwd: Path, code: int = 0, settings: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command with these settings; the test fails when the exit code is another."""
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={
            **os.environ,
            **{f"THREATBOT_{name.upper()}": value for name, value in (settings or {}).items()},
        },
        check=False,
        timeout=120,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A diagram in a folder of its own."""
    path = tmp_path / "shop.mmd"
    path.write_text(SHOP)
    return path


def test_a_diagram_gives_a_report_without_colours_in_a_pipe(shop: Path) -> None:
    """The report names threats and evidence, and holds no control characters when piped."""
    out = threatbot("model", shop.name, cwd=shop.parent).stdout

    assert "T-001" in out
    assert "because:" in out
    assert "\x1b" not in out
    assert max(len(line) for line in out.splitlines()) <= 100


def test_one_flow_is_counted_as_one(shop: Path) -> None:
    """The report counts as people do."""
    shop.write_text("flowchart LR\n  customer([Customer]) --> shop[Web shop]\n")
    out = threatbot("model", shop.name, cwd=shop.parent).stdout

    assert "\n  1 flow\n" in out


def test_the_same_input_gives_the_same_bytes(shop: Path) -> None:
    """Two runs print the same, whichever format."""
    for arguments in (("model", shop.name), ("model", shop.name, "--json")):
        first, second = (threatbot(*arguments, cwd=shop.parent).stdout for _ in range(2))
        assert first == second


def test_exports_are_written_by_their_ending(shop: Path) -> None:
    """-o writes Markdown and JSON beside each other, and prints nothing else."""
    done = threatbot("model", shop.name, "-o", "a.md", "-o", "a.json", cwd=shop.parent)

    assert done.stdout == ""
    assert (shop.parent / "a.md").read_text().startswith("# ")
    assert json.loads((shop.parent / "a.json").read_text())["title"] == "shop"


def test_a_description_is_heard(shop: Path) -> None:
    """What the description says about a control changes a severity."""
    plain = json.loads(threatbot("model", shop.name, "--json", cwd=shop.parent).stdout)
    said = "The web shop uses parameterized queries for every statement."
    (shop.parent / "words.md").write_text(said)
    told = json.loads(
        threatbot("model", shop.name, "--description", "@words.md", "--json", cwd=shop.parent).stdout
    )

    assert [t["severity"] for t in plain["threats"]] != [t["severity"] for t in told["threats"]]
    assert said in json.dumps(told, ensure_ascii=False)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("model",), 1, "nothing to model"),
        (("model", "missing.mmd"), 1, "missing.mmd"),
        (("model", "shop.mmd", "-o", "a.xls"), 1, "a.xls"),
        (("model", "shop.mmd", "--budget", "0"), 2, "budget"),
        (("model", "shop.mmd", "--record", "a", "--replay", "a"), 1, "not both"),
        (("model", "shop.mmd", "--replay", "nowhere"), 1, "no folder nowhere"),
        (("serve",), 3, "THREATBOT_SLACK_SIGNING_SECRET"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_says_so_and_exits_as_documented(
    shop: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """Bad input exits with 1, wrong usage with 2, missing configuration with 3; each says what is wrong."""
    done = threatbot(*arguments, cwd=shop.parent, code=code)

    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_with_a_language_model_is_recorded_and_replayed_byte_for_byte(shop: Path) -> None:
    """What --record keeps, --replay gives again without asking anybody; a changed input is told."""
    with BedrockDouble() as bedrock:
        asked = {
            "model_region": "eu-central-1",
            "model_endpoint_url": bedrock.url,
            "model_aws_access_key_id": "AKIADOUBLE",
            "model_aws_secret_access_key": "not-a-secret",
        }
        live = threatbot(
            "model", shop.name, "--record", "kept", "--json", cwd=shop.parent, settings=asked
        ).stdout
    again = threatbot("model", shop.name, "--replay", "kept", "--json", cwd=shop.parent).stdout
    other = threatbot("model", shop.name, "--replay", "kept", "--title", "Other", cwd=shop.parent).stdout

    assert again == live
    assert any(t["origin"] == "model" for t in json.loads(live)["threats"])
    assert "no recording of this call" in " ".join(other.split())


def test_diff_tells_what_changed(shop: Path) -> None:
    """Comparing a diagram with a grown one names new elements and new threats."""
    grown = shop.with_name("grown.mmd")
    grown.write_text(SHOP + "  bank([Payment provider]) -->|webhook| shop\n")
    out = threatbot("diff", shop.name, grown.name, cwd=shop.parent).stdout

    assert "elements new: Payment provider" in out
    assert "0 new" not in out.splitlines()[-1]


def test_help_names_every_command(tmp_path: Path) -> None:
    """The bare help lists what there is."""
    out = threatbot("--help", cwd=tmp_path).stdout

    assert all(name in out for name in ("model", "diff", "serve", "work", "demo", "doctor", "redrive"))
