"""All of it as on AWS, with the knowledge in a real OpenSearch, searched by words and by Titan's vectors."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from bot.demo import Session
from bot.settings import Settings
from bot.wiring import make_embedder
from knowledge.corpora import starter
from knowledge.passages import Passage
from knowledge.stores.opensearch import PREFIX, OpenSearchStore
from tests.bedrock.double import REGION, BedrockDouble
from tests.bedrock.records import Recorded
from tests.bedrock.replies import Output, Scripted
from tests.bedrock_double import bedrock as titan
from tests.e2e.on_aws import OnAws, latest, on_bedrock, talking
from tests.opensearch_node import Node

pytest.importorskip("opensearchpy", reason="opensearch-py is not installed (extra aws)")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("opensearch")]

OURS = "#read-by-our-team"
"""Stands behind the addresses of passages that lie in this OpenSearch and nowhere else."""
RULE = Passage(
    id="company:webhooks",
    source="company",
    kind="document",
    title="House rule for webhooks",
    text="Every payment webhook is signed by its sender, and a forged one is dropped before it is read.",
    url=f"https://cwe.mitre.org/data/definitions/345.html{OURS}",
    licence="ours",
)
"""Lies in no catalogue that the package brings."""
MARK = Passage(id=starter.digest(), source=starter.MARK, kind="mark", title="", text="", related=(RULE.id,))
"""Says that what comes with the package was loaded: one catalogue is enough here, and sooner embedded."""


@dataclass(frozen=True)
class Knowledge:
    """A knowledge base that somebody loaded before."""

    settings: dict[str, str]
    embedded: list[str]
    """The texts that Titan has made vectors of since."""


@pytest.fixture
def knowledge(
    node: Node, credentials: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Knowledge]:
    """A knowledge base that somebody loaded before: a catalogue, and a rule of the company's.

    It is searched by words and by the vectors of a Titan that answers on this machine.
    """
    with titan() as double, ExitStack() as after:
        after.callback(_emptied, node)
        found = {
            "THREATBOT_KNOWLEDGE_URL": node.url,
            "THREATBOT_KNOWLEDGE_REGION": REGION,
            "THREATBOT_EMBEDDER": "titan",
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": double.url,
        }
        for name, value in found.items():
            monkeypatch.setenv(name, value)
        loaded = [p.model_copy(update={"url": p.url + OURS}) for p in starter.load() if p.source == "cwe"]
        embedder = make_embedder(Settings())
        with closing(OpenSearchStore(node.endpoint(), embedder=embedder)) as store:
            store.upsert([RULE, *loaded, MARK])
        double.texts.clear()
        yield Knowledge(found, double.texts)


def _emptied(node: Node) -> None:
    for what in (f"/{PREFIX}*", f"/_index_template/{PREFIX}*"):
        with suppress(HTTPError), urlopen(Request(node.url + what, method="DELETE"), timeout=30):  # noqa: S310 - ours
            pass


def looking_up(request: Recorded) -> Scripted:
    """To a question in the thread: what the knowledge base says, with its source; else any valid answer."""
    if "search_passages" not in request.tools:
        return talking(request)
    if "toolResult" in json.dumps(request.body["messages"][-1]):
        return f"A forged one is dropped before it is read [{RULE.id}], so T-001 is what is left [T-001]."
    return Output(uses=(("search_passages", {"query": "a forged payment webhook"}),))


def links(node: Any) -> Iterator[str]:
    """Every address in these blocks."""
    if isinstance(node, dict) and node.get("type") == "link":
        yield str(node["url"])
    inside = node.values() if isinstance(node, dict) else node
    for part in inside if not isinstance(inside, str) and isinstance(inside, Iterable) else ():
        yield from links(part)


def test_what_the_thread_cites_comes_out_of_opensearch(
    started: Callable[..., OnAws], knowledge: Knowledge, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the command to the answered question, references in the thread are passages of OpenSearch."""
    with BedrockDouble() as bedrock:
        bedrock.replying(looking_up)
        aws = started(**on_bedrock(bedrock), **knowledge.settings)
        session = Session(aws.bot)
        assert session.run(), capsys.readouterr().out + aws.worker.output()[-5000:]
    thread = aws.bot.workspace.thread("payments", session.thread)
    model = latest(aws.bot)

    cited = {r.id: r.url for t in model.threats for r in t.references if r.id.startswith("CWE-")}
    assert cited
    assert all(url.endswith(OURS) for url in cited.values())
    shown = [url for url in links([m.blocks for m in thread]) if "//cwe.mitre.org/" in url]
    assert shown
    assert set(shown) <= {RULE.url, *cited.values()}
    answer = next(m for m in thread if m.from_app and "A forged one is dropped" in m.plain)
    assert f"{RULE.id} · {RULE.title}" in answer.plain
    assert RULE.url in links(answer.blocks)
    assert model.passages
    assert knowledge.embedded
    assert aws.bot.services.queue.depth() == 0
    assert aws.source.failures == 0
