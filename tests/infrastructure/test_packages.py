"""What `make package` makes: small enough, the same every time, and able to start where nothing else is."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.domain.request import Request
from bot.aws_json import SERVICES
from bot.records.base import ModelEntry
from bot.records.dynamodb import DynamoRecords
from scripts import package
from tests.bot.test_lambdas import command, environment, keep_secret, signed
from tests.bot.test_light_lambda import FIRST
from tests.lambda_double import http_event

if TYPE_CHECKING:
    from tests.aws_double import AwsDouble
    from tests.conftest import Requires

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("packages")]
HERE = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
BUILD = "it is fetched once: `make package` where there is a network"


@pytest.fixture(scope="module")
def python(requires: Requires) -> str:
    """The runtime's own Python."""
    try:
        found = package.interpreter()
    except subprocess.CalledProcessError:
        found = ""
    return requires(f"Python {package.PYTHON}", found, BUILD)


def test_a_python_on_the_path_is_found(python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its path is told, whether uv finds it by itself or it lies where pyenv keeps its own."""
    link = tmp_path / f"python{package.PYTHON}"
    link.symlink_to(python)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert Path(package.interpreter()).resolve() == Path(python).resolve()


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our packages as they are now."""
    folder = tmp_path_factory.mktemp("sources")
    for name in package.OURS:
        shutil.copytree(package.ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="module")
def zips(tmp_path_factory: pytest.TempPathFactory, python: str, sources: Path, requires: Requires) -> Path:
    """A folder with the ingress of both architectures, and the worker of this machine's."""
    assert python
    folder = tmp_path_factory.mktemp("dist")
    wanted = [("ingress", "arm64"), ("ingress", "x86_64"), ("worker", HERE)]
    requires("the wheels of uv.lock", all(built(folder, *one, sources) for one in wanted), BUILD)
    return folder


def built(folder: Path, name: str, arch: str, sources: Path) -> bool:
    """Build one; False when the wheels cannot be had."""
    inside = folder / f"{name}-{arch}"
    inside.mkdir()
    try:
        package.fill(inside, name, arch, sources)
    except subprocess.CalledProcessError:
        return False
    package.pack(inside, folder / f"{name}-{arch}.zip")
    shutil.rmtree(inside)
    return True


def unpacked(archive: Path) -> int:
    """Bytes of what is in it."""
    with zipfile.ZipFile(archive) as opened:
        return sum(entry.file_size for entry in opened.infolist())


@pytest.mark.parametrize(("name", "most"), [("ingress-arm64", 40e6), ("ingress-x86_64", 40e6)])
def test_the_ingress_is_small(zips: Path, name: str, most: float) -> None:
    """The ingress unpacks to 40 MB at most: a cold start fetches it."""
    assert unpacked(zips / f"{name}.zip") < most


def test_the_worker_fits_into_a_zip(zips: Path) -> None:
    """The worker unpacks to less than Lambda takes: no image is needed. What it never loads is not in it."""
    archive = zips / f"worker-{HERE}.zip"
    with zipfile.ZipFile(archive) as opened:
        roots = {name.partition("/")[0] for name in opened.namelist()}

    assert unpacked(archive) < package.LIMIT
    assert roots >= {"bot", "agent", "knowledge", "langgraph", "langchain_aws", "opensearchpy", "PIL"}
    assert not roots & {"grpc", "google", "uvicorn", "starlette", "pytest", "moto"}


def test_the_ingress_can_leave_to_botocore_what_it_asks() -> None:
    """Of every service that the ingress asks, botocore's description is in the zip as well."""
    assert set(SERVICES) == package.INGRESS_SERVICES


def test_the_same_sources_give_the_same_bytes(zips: Path, sources: Path, tmp_path: Path) -> None:
    """Built again in another folder, the zip is the same byte for byte."""
    assert built(tmp_path, "ingress", HERE, sources)
    first, second = (
        hashlib.sha256((folder / f"ingress-{HERE}.zip").read_bytes()).hexdigest()
        for folder in (zips, tmp_path)
    )
    assert first == second


def test_every_module_is_compiled(zips: Path) -> None:
    """Each .py has a .pyc for the runtime's Python that is never compared with its source."""
    with zipfile.ZipFile(zips / f"ingress-{HERE}.zip") as opened:
        names = set(opened.namelist())
        tag = f"cpython-{package.PYTHON.replace('.', '')}"
        ours = [n for n in names if n.endswith(".py") and n.startswith(package.OURS)]
        for name in ours:
            folder, _, file = name.rpartition("/")
            cached = f"{folder}/__pycache__/{file[:-3]}.{tag}.pyc"
            assert int.from_bytes(opened.read(cached)[4:8], "little") == 1, name  # hashed, unchecked
    assert len(ours) > 100


def test_the_ingress_starts_where_nothing_else_is(
    zips: Path, python: str, aws_double: AwsDouble, tmp_path: Path
) -> None:
    """Unpacked before a bare Python, it answers signed deliveries, those that load the domain among them."""
    with zipfile.ZipFile(zips / f"ingress-{HERE}.zip") as opened:
        opened.extractall(tmp_path)
    given = environment(aws_double, SECRET=keep_secret(aws_double))
    DynamoRecords(aws_double.aws, given["THREATBOT_TABLE"]).add_model(
        ModelEntry(
            id="tm-1",
            workspace="T0",
            channel="C0",
            thread="17.1",
            owner="U1",
            created=datetime(2026, 3, 1, tzinfo=UTC),
            request=Request(title="Parcel lockers"),
        )
    )
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{FIRST}"
    for text, said in (("help", "/threatmodel new"), ("list", "Parcel lockers")):
        body = command(text, trigger=text)
        done = subprocess.run(
            [python, "-I", "-c", code, json.dumps(http_event(body, signed(body)))],
            check=False, capture_output=True, text=True, cwd="/",
            env={"PATH": os.environ["PATH"], **given},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        status, answer, _ = json.loads(done.stdout.splitlines()[-1])
        assert (status, said in answer) == (200, True), answer


def test_the_worker_starts_where_nothing_else_is(
    zips: Path, python: str, aws_double: AwsDouble, tmp_path: Path
) -> None:
    """Unpacked before a bare Python, it makes its clients, its model and its agent."""
    with zipfile.ZipFile(zips / f"worker-{HERE}.zip") as opened:
        opened.extractall(tmp_path)
    settings = {"ANALYST": "model", "BUCKET": aws_double.make_bucket()}
    given = environment(aws_double, SECRET=keep_secret(aws_double), **settings) | {
        "THREATBOT_DATA_DIR": str(tmp_path / "data"),
        "THREATBOT_MODEL_REGION": "eu-central-1",
        "THREATBOT_KNOWLEDGE_REGION": "eu-central-1",
        "THREATBOT_TRACES": "true",
    }
    code = "from bot.lambdas import worker\nworker._services.agent()\nprint(worker({'Records': []}, None))"
    done = subprocess.run(
        [python, "-I", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{code}"],
        check=False, capture_output=True, text=True, cwd="/", env={"PATH": os.environ["PATH"], **given},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "{'batchItemFailures': []}"
