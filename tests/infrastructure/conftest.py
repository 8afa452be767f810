"""The CloudFormation that serverless.yml becomes, synthesised by osls: no network, no account."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conftest import Requires

ROOT = Path(__file__).resolve().parents[2]
OSLS = ROOT / "node_modules" / ".bin" / "osls"
CASES: dict[str, tuple[str, ...]] = {
    "dev": ("--stage", "dev"),
    "prod": ("--stage", "prod", "--param=alarmEmail=oncall@example.com"),
    "collection": ("--stage", "prod", "--param=knowledge=serverless"),
    "existing": (
        "--stage", "dev", "--param=knowledge=endpoint", "--param=network=existing",
        "--param=knowledgeUrl=https://search.example.com",
        "--param=knowledgeArn=arn:aws:es:eu-central-1:123456789012:domain/shared/*",
        "--param=documents=existing", "--param=documentsBucket=handbook", "--param=documentsPrefix=security/",
        "--param=documentsKey=arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555",
        "--param=documentsUrl=https://wiki.example.com/security",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Template:
    """One synthesised template."""

    case: str
    path: Path

    @cached_property
    def whole(self) -> dict[str, Any]:
        """All of it."""
        found: dict[str, Any] = json.loads(self.path.read_text())
        return found

    @property
    def resources(self) -> dict[str, Any]:
        """Its resources by their logical ids."""
        found: dict[str, Any] = self.whole["Resources"]
        return found

    def of(self, kind: str) -> dict[str, Any]:
        """The properties of all resources of a type such as "AWS::S3::Bucket"."""
        return {n: r.get("Properties", {}) for n, r in self.resources.items() if r["Type"] == kind}


@pytest.fixture(scope="session")
def synthesised(tmp_path_factory: pytest.TempPathFactory, requires: Requires) -> dict[str, Template]:
    """The template of each case."""
    requires("Node.js", shutil.which("node"), "install it, on Debian with apt-get install nodejs npm")
    requires("osls", OSLS.exists() and OSLS, "run `npm ci` in the project's folder")
    folder = tmp_path_factory.mktemp("service")
    shutil.copy(ROOT / "serverless.yml", folder)
    shutil.copytree(ROOT / "deploy", folder / "deploy")
    (folder / "dist").mkdir()
    for name in ("ingress", "worker"):
        with zipfile.ZipFile(folder / "dist" / f"{name}-arm64.zip", "w") as archive:
            archive.writestr("empty", "")
    return {case: _synthesise(folder, case, options) for case, options in CASES.items()}


def _synthesise(folder: Path, case: str, options: tuple[str, ...]) -> Template:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SLS_"))}
    done = subprocess.run(
        [OSLS, "package", "--package", folder / case, *options],
        cwd=folder,
        env={**kept, "SLS_TELEMETRY_DISABLED": "1", "SLS_NOTIFICATIONS_MODE": "off", "CI": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Template(case, folder / case / "cloudformation-template-update-stack.json")


@pytest.fixture(params=sorted(CASES))
def template(request: pytest.FixtureRequest, synthesised: dict[str, Template]) -> Template:
    """One template after the other."""
    return synthesised[request.param]
