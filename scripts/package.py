"""`make package`: what Lambda runs, out of uv.lock, as two zips an architecture; the same bytes every time.

    dist/ingress-arm64.zip     Slack → queue: Bolt, botocore and what it shows, nothing else
    dist/worker-arm64.zip      queue → Slack: the agent, LangGraph, Bedrock, OpenSearch

Wheels are those that uv.lock names by their hashes. Modules are compiled for the runtime's Python and never
looked at again (unchecked hashes), entries are sorted, times and rights are fixed.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
UV = str(ROOT / "scripts" / "uv")
PYTHON = "3.13"
"""The runtime of serverless.yml: .pyc files are of one Python only."""
PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
"""Amazon Linux 2023 has glibc 2.34."""
LIMIT = 262_144_000
"""Bytes that a function's zip may unpack to."""
TASK = "/var/task"
"""Where Lambda unpacks it: the path in tracebacks."""
OURS = ("agent", "bot", "knowledge")
INGRESS = {
    "annotated-types", "botocore", "jmespath", "pydantic", "pydantic-core", "python-dateutil", "six",
    "slack-bolt", "slack-sdk", "typing-extensions", "typing-inspection", "urllib3",
}  # fmt: skip
WITHOUT = {
    "aiosqlite", "grpcio", "h11", "langgraph-checkpoint-sqlite", "opensearch-protobufs", "protobuf",
    "sqlite-vec", "starlette", "uvicorn",
}  # fmt: skip
"""Of no use to the worker: what only opensearch-py's gRPC, the embedded parts and `serve` need."""
INGRESS_SERVICES = {"dynamodb", "kms", "secretsmanager", "sqs", "ssm"}
"""Of botocore's descriptions of 400 services, those that the ingress asks; it does so through botocore only
where it cannot sign for itself (bot/aws_light.py)."""
LEFT_OUT = re.compile(
    r"(^|/)(__pycache__|tests?|bin|workspace/page)(/|$)|\.(pyi|pyx|pxd|c|h)$|/RECORD$|/INSTALLER$"
)


def main() -> None:
    """Build them and print their sizes."""
    parser = argparse.ArgumentParser(prog="scripts/package.py")
    parser.add_argument("--arch", choices=PLATFORMS, action="append", help="by default both")
    parser.add_argument("--only", choices=("ingress", "worker"), help="by default both")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    for arch in given.arch or PLATFORMS:
        for name in [given.only] if given.only else ["ingress", "worker"]:
            target = given.out / f"{name}-{arch}.zip"
            with tempfile.TemporaryDirectory() as folder:
                fill(Path(folder), name, arch)
                size = pack(Path(folder), target)
            if size > LIMIT:
                sys.exit(f"{target.name} unpacks to {size:,} bytes; Lambda takes {LIMIT:,}.")
            digest = hashlib.sha256(target.read_bytes()).hexdigest()[:16]
            print(
                f"{target.name}: {size / 1e6:.1f} MB, {target.stat().st_size / 1e6:.1f} MB packed, {digest}"
            )


def fill(folder: Path, name: str, arch: str, sources: Path = ROOT) -> None:
    """Put everything that a function needs into the folder, compiled; our packages lie in `sources`."""
    wanted = folder.with_suffix(".txt")
    wanted.write_text("\n".join(requirements(name)))
    install = ["pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
    where = ["--target", str(folder), "--python-platform", PLATFORMS[arch], "--python-version", PYTHON]
    run(UV, *install, *where, "--requirements", str(wanted))
    wanted.unlink()
    for package in OURS:
        shutil.copytree(sources / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    trim(folder, name)
    compiled(folder)


def requirements(name: str) -> Iterator[str]:
    """The pinned wheels of a function with their hashes, as uv.lock has them."""
    asked = ["--frozen", "--no-dev", "--no-emit-project", "--no-annotate", "--no-header", "--quiet"]
    found = run(UV, "export", *asked, "--extra", "aws", "--extra", "bedrock", cwd=ROOT)
    for block in re.split(r"\n(?=\S)", found.stdout.strip()):
        package = re.split(r"[=\[ ;]", block, maxsplit=1)[0].lower()
        if package in INGRESS if name == "ingress" else package not in WITHOUT:
            yield block


def trim(folder: Path, name: str) -> None:
    """Take out what is never loaded."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if LEFT_OUT.search(path.relative_to(folder).as_posix()) and path.exists():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    if name == "ingress":
        for path in (folder / "botocore" / "data").iterdir():
            if path.is_dir() and path.name not in INGRESS_SERVICES:
                shutil.rmtree(path)


def compiled(folder: Path) -> None:
    """Compile all modules with the runtime's own Python."""
    command = [interpreter(), "-m", "compileall", "-q", "-q", "-j", "1"]
    paths = ["--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", TASK, str(folder)]
    kept = {
        k: v for k, v in os.environ.items() if k not in {"PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"}
    }
    run(*command, *paths, env=kept | {"PYTHONHASHSEED": "0"})


def interpreter() -> str:
    """The path of a Python of the runtime's version; fetched by uv when this machine has none."""
    find = (UV, "python", "find", "--no-project", "--system", PYTHON)  # --quiet would hide the path as well
    found = run(*find, check=False, cwd="/", stderr=subprocess.DEVNULL)
    if found.returncode:
        root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
        pyenv = sorted(root.glob(f"versions/{PYTHON}.*/bin/python"))  # not on the PATH
        if pyenv:
            return str(pyenv[-1])
        run(UV, "python", "install", "--quiet", PYTHON)
        found = run(*find, cwd="/")
    return found.stdout.strip()


def run(*command: str, check: bool = True, **how: Any) -> subprocess.CompletedProcess[str]:
    """Run one of our own commands; its errors are seen."""
    return subprocess.run(command, check=check, stdout=subprocess.PIPE, text=True, **how)  # noqa: S603 - ours


def pack(folder: Path, target: Path) -> int:
    """Write the zip; the bytes that it unpacks to."""
    size = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), (1980, 1, 1, 0, 0, 0))
            entry.external_attr = (0o755 if path.suffix == ".so" else 0o644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            content = path.read_bytes()
            size += len(content)
            archive.writestr(entry, content)
    return size


if __name__ == "__main__":
    main()
