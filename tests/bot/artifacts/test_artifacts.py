"""What Artifacts promise. Each adapter is run through all of it."""

from pathlib import Path

import pytest

from agent.artifacts import Artifacts, MemoryArtifacts
from agent.errors import NotFound
from bot.artifacts.folder import FolderArtifacts
from bot.artifacts.s3 import S3Artifacts
from tests.aws_double import AwsDouble


@pytest.fixture(params=["memory", "folder", "s3", "s3 with versions"])
def artifacts(request: pytest.FixtureRequest, tmp_path: Path) -> Artifacts:
    """Each adapter, empty."""
    if request.param == "memory":
        return MemoryArtifacts()
    if request.param == "folder":
        return FolderArtifacts(tmp_path / "artifacts")
    server: AwsDouble = request.getfixturevalue("aws_double")
    return S3Artifacts(server.aws, server.make_bucket(versioned="versions" in request.param))


def test_bytes_come_back_as_they_were_put(artifacts: Artifacts) -> None:
    """What is got is what was put, byte for byte, the empty file too."""
    for key, content in (("tm-1/files/a.bin", bytes(range(256))), ("tm-1/files/b", b"")):
        artifacts.put(key, content)
        assert artifacts.get(key) == content


def test_the_same_key_again_replaces(artifacts: Artifacts) -> None:
    """Of two contents under one key the later one stays."""
    artifacts.put("tm-1/a", b"one")
    artifacts.put("tm-1/a", b"two")

    assert artifacts.get("tm-1/a") == b"two"


def test_what_was_never_put_is_not_found(artifacts: Artifacts) -> None:
    """A key that nobody put is NotFound, with a sentence."""
    artifacts.put("tm-1/a", b"one")
    with pytest.raises(NotFound, match=r"tm-1/b.*\.$"):
        artifacts.get("tm-1/b")


def test_forgetting_a_folder_spares_its_neighbours(artifacts: Artifacts) -> None:
    """Deleting a prefix forgets all that is under it, says how many there were, and nothing else."""
    for key in ("tm-1/a", "tm-1/files/b", "tm-10/a", "other/tm-1/a"):
        artifacts.put(key, b"x")

    assert artifacts.delete("tm-1/") == 2
    for gone in ("tm-1/a", "tm-1/files/b"):
        with pytest.raises(NotFound):
            artifacts.get(gone)
    assert artifacts.get("tm-10/a") == artifacts.get("other/tm-1/a") == b"x"
    assert artifacts.delete("tm-1/") == 0


def test_a_forgotten_key_can_be_put_again(artifacts: Artifacts) -> None:
    """After it was forgotten, a key holds what is put next."""
    artifacts.put("tm-1/a", b"one")
    artifacts.delete("tm-1/")
    artifacts.put("tm-1/a", b"two")

    assert artifacts.get("tm-1/a") == b"two"


@pytest.mark.parametrize("artifacts", ["folder", "s3"], indirect=True)
@pytest.mark.parametrize("key", ["", "/etc/passwd", "../up", "a/../b", "a//b", "a b", "a/.hidden", "ä"])
def test_what_is_no_key_is_refused(artifacts: Artifacts, key: str) -> None:
    """A key that could leave the folder or that S3 would read differently is a ValueError."""
    for use in (lambda: artifacts.put(key, b"x"), lambda: artifacts.get(key)):
        with pytest.raises(ValueError, match="artifact key"):
            use()
