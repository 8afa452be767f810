"""What leaves the client: signatures, names and passwords. Nothing here needs an OpenSearch."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from knowledge.passages import Passage, Query
from knowledge.stores.base import StoreError
from knowledge.stores.opensearch import OpenSearchStore
from knowledge.stores.opensearch_client import Endpoint
from tests.bedrock_double import embedding
from tests.http_front import Asked, Front, Said, front

pytest.importorskip("opensearchpy", reason="opensearch-py is not installed (extra aws)")
credentials = pytest.importorskip("botocore.credentials", reason="boto3 is not installed (extra aws)")

KEY, SECRET, TOKEN = "AKIDEXAMPLE", "wJalrXUtnFEMI/EXAMPLE", "session token"
PASSAGE = Passage(id="a/b c", source="x", title="Tîtle", text="text")


class Ones:
    """An embedder of one meaning."""

    name = "ones"
    dimension = 4

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See Embedder."""
        return [embedding(text, 4) for text in texts]


def empty(asked: Asked, _: object) -> Said:
    """An OpenSearch without an index that agrees to everything."""
    path = urlsplit(asked.path).path
    if asked.method == "GET" and made_of(asked, path):
        meta = {"threatbot": "passages", "schema": 1, "embedder": "ones"}
        return Said(200, {"p-v1-ones-4": {"mappings": {"_meta": meta}}})
    if path.endswith("/_bulk"):
        words = [{"index": {"status": 201, "_id": "1", "_seq_no": 0, "_primary_term": 1}}]
        return Said(200, {"errors": False, "items": words})
    if path.endswith("/_msearch"):
        return Said(200, {"responses": [{"hits": {"hits": []}}] * (len(asked.lines) // 2)})
    if path.endswith("/_mget"):
        return Said(200, {"docs": [{"_id": id_, "found": False} for id_ in asked.lines[0]["ids"]]})
    return Said(200, {"hits": {"hits": []}, "acknowledged": True})


def made_of(asked: Asked, path: str) -> bool:
    """Whether the alias is looked up."""
    return asked.method == "GET" and path == "/p"


@pytest.fixture
def alone() -> Iterator[Front]:
    """A front with nobody behind it."""
    with front() as running:
        running.rule = empty
        yield running


def signed(url: str, service: str) -> Endpoint:
    """An endpoint with credentials of our own."""
    given = credentials.Credentials(KEY, SECRET, TOKEN)
    return Endpoint(url=url, service=service, region="eu-central-1", credentials=given)


def signature(asked: Asked, service: str) -> str:
    """The signature that the request should have: AWS Signature Version 4, computed from what arrived."""
    authorization = asked.headers["authorization"]
    names = re.search(r"SignedHeaders=([^,]+)", authorization)
    assert names
    parts = urlsplit(asked.path)
    query = sorted(parse_qsl(parts.query, keep_blank_values=True))
    canonical = "\n".join(
        [
            asked.method,
            quote(parts.path, safe="/~"),
            "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in query),
            *(f"{name}:{asked.headers[name].strip()}" for name in names[1].split(";")),
            "",
            names[1],
            hashlib.sha256(asked.raw).hexdigest(),
        ]
    )
    moment = asked.headers["x-amz-date"]
    scope = f"{moment[:8]}/eu-central-1/{service}/aws4_request"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    key = ("AWS4" + SECRET).encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashed}".encode(), "sha256").hexdigest()


@pytest.mark.parametrize("service", ["es", "aoss"])
def test_every_request_is_signed(alone: Front, service: str) -> None:
    """Each request carries a signature that AWS would compute from what arrives, body and all."""
    with closing(OpenSearchStore(signed(alone.url, service), embedder=Ones(), prefix="p")) as store:
        store.upsert([PASSAGE])
        store.search(Query(text="a question", sources=("x",)))
        store.get(["a/b c"])
        store.delete_source("x")
    assert len(alone.asked) > 6
    for asked in alone.asked:
        assert asked.headers["authorization"].endswith(f"Signature={signature(asked, service)}")
        assert asked.headers["x-amz-content-sha256"] == hashlib.sha256(asked.raw).hexdigest()
        assert asked.headers["x-amz-security-token"] == TOKEN
        assert f"Credential={KEY}/" in asked.headers["authorization"]


def test_serverless_is_asked_only_what_it_knows(alone: Front) -> None:
    """A serverless collection is asked for no refresh, given no keys, no shards, and faiss vectors."""
    alone.rule = lambda asked, forward: (
        Said(404, {"error": "none", "status": 404})
        if made_of(asked, asked.path) and not [a for a in alone.asked if a.path == "/_aliases"]
        else empty(asked, forward)
    )
    with closing(OpenSearchStore(signed(alone.url, "aoss"), embedder=Ones(), prefix="p")) as store:
        store.upsert([PASSAGE])
        store.delete_source("x")
    by_path = {urlsplit(asked.path).path: asked for asked in alone.asked}
    assert not [path for path in by_path if re.search("refresh|_mget|_block|health", path)]
    assert by_path["/p/_bulk"].lines[0] == {"index": {}}
    assert by_path["/p/_bulk"].path == "/p/_bulk"
    (created,) = by_path["/p-v1-ones-4"].lines
    (vector,) = created["mappings"]["properties"].values()
    assert (vector["method"]["engine"], vector["dimension"]) == ("faiss", 4)
    (template,) = by_path["/_index_template/p"].lines
    assert template["template"]["settings"]["index"] == {"knn": True}


def test_a_name_and_a_password(alone: Front) -> None:
    """Without signing a user and a password go as basic authentication."""
    with closing(OpenSearchStore(Endpoint(url=alone.url, user="me", password="päss"), prefix="p")) as store:
        store.get(["a"])
    assert alone.asked
    expected = "Basic " + base64.b64encode("me:päss".encode()).decode()
    assert {asked.headers["authorization"] for asked in alone.asked} == {expected}


def test_an_unknown_service_is_refused() -> None:
    """Signing for another service than the two is a mistake, named before anything is sent."""
    with pytest.raises(StoreError, match='no signing for "s3": it is "es" or "aoss"'):
        OpenSearchStore(signed("https://example.org", "s3"))


def test_signing_without_credentials_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where AWS finds no credentials, or no region, the message says which is missing."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(StoreError, match="needs credentials"):
        OpenSearchStore(Endpoint(url="https://example.org", service="es", region="eu-central-1"))
    given = credentials.Credentials(KEY, SECRET)
    with pytest.raises(StoreError, match="needs a region"):
        OpenSearchStore(Endpoint(url="https://example.org", service="es", credentials=given))
