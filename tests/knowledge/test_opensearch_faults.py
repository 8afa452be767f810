"""What happens when OpenSearch is busy, refuses, is away, or dies."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from typing import Any

import pytest

from agent.analysts.rules import RulesAnalyst
from agent.artifacts import MemoryArtifacts
from agent.domain.request import Attachment, Request
from agent.graph import Agent, Task
from knowledge.corpora import starter
from knowledge.passages import Hit, Passage, Query
from knowledge.stores.base import StoreError
from knowledge.stores.opensearch import OpenSearchStore
from knowledge.stores.opensearch_client import Endpoint
from knowledge.stores.opensearch_layout import Dialect
from tests.http_front import CUT, Asked, Front, Said, front
from tests.knowledge.store_contract import ALL, FORGERY, ids
from tests.opensearch_node import Node
from tests.ports import free_port

pytest.importorskip("opensearchpy", reason="opensearch-py is not installed (extra aws)")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("opensearch")]

Forward = Callable[[], Said]

REFUSED = Passage(id="refused", source="x", kind="k" * 40_000, title="Refused", text="its kind is too long")
BAKERY = """flowchart LR
  customer([Customer]) -->|HTTPS| shop[Bakery web shop]
  subgraph cloud [Cloud account]
    shop -->|REST| orders[Order API]
    orders -->|SQL| db[(Orders DB)]
  end
  subgraph kitchen [Kitchen]
    orders --> oven[Oven scheduler]
  end
"""


@pytest.fixture
def between(node: Node) -> Iterator[Front]:
    """A front before the node, whose rule a test may change."""
    with front(node.url) as running:
        yield running


@pytest.fixture
def slept() -> list[float]:
    """The pauses that the store would have made."""
    return []


@pytest.fixture
def store(node: Node, between: Front, prefix: str, slept: list[float]) -> Iterator[OpenSearchStore]:
    """A store behind the front that does not really wait."""
    with closing(OpenSearchStore(node.endpoint(between.url), prefix=prefix, sleep=slept.append)) as made:
        yield made


def bulks(between: Front) -> list[list[str]]:
    """The keys in each bulk request."""
    found = []
    for asked in between.asked:
        if asked.path.split("?")[0].endswith("/_bulk"):
            actions = [line for line in asked.lines if set(line) <= {"index", "delete"}]
            found.append([next(iter(action.values())).get("_id", "") for action in actions])
    return found


def on_bulk(*answers: Said | None) -> Any:
    """A rule: these answers to the first bulk requests, None to pass one on; everything else passes."""
    left = iter(answers)

    def rule(asked: Asked, forward: Forward) -> Said:
        said = next(left, None) if "/_bulk" in asked.path else None
        return said or forward()

    return rule


def busy(status: int = 429, reason: str = "rejected execution") -> Said:
    """A whole request turned away."""
    return Said(status, {"error": {"type": "rejected", "reason": reason}, "status": status})


def half_rejected(asked: Asked, forward: Forward) -> Said:
    """Every bulk request of several writes is carried out, but every second answer says: busy."""
    said = forward()
    if "/_bulk" in asked.path and len(said.body["items"]) > 1:
        for item in said.body["items"][1::2]:
            (word,) = item.values()
            word.update(status=429, error={"type": "rejected", "reason": "queue is full"})
    return said


def test_only_rejected_writes_are_sent_again(
    store: OpenSearchStore, between: Front, slept: list[float]
) -> None:
    """Of a request that was taken in part, the rest goes again after a pause, until all of it is there."""
    between.rule = half_rejected
    assert store.upsert(ALL) == 4
    assert bulks(between) == [
        ["CWE-345", "CAPEC-148", "T1110.004", "company:links"],
        ["CAPEC-148", "company:links"],
        ["company:links"],
    ]
    assert slept == [0.5, 1.0]
    assert store.get(p.id for p in ALL) == ALL


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_a_busy_cluster_is_waited_for(
    store: OpenSearchStore, between: Front, slept: list[float], status: int
) -> None:
    """A request turned away as a whole is sent again, each pause twice as long."""
    between.rule = on_bulk(busy(status), busy(status), busy(status))
    assert store.upsert(ALL) == 4
    assert slept == [0.5, 1.0, 2.0]
    assert store.counts() == {"attack": 1, "capec": 1, "company": 1, "cwe": 1}


@pytest.mark.parametrize("dialect", [Dialect(), Dialect(keyed=False)], ids=["keyed", "unkeyed"])
def test_a_refused_passage_takes_the_load_back(
    node: Node, between: Front, prefix: str, dialect: Dialect
) -> None:
    """When one passage can never be kept, the error names it, and everything is as it was before."""
    with closing(OpenSearchStore(node.endpoint(between.url), prefix=prefix, dialect=dialect)) as store:
        store.upsert([FORGERY])
        changed = FORGERY.model_copy(update={"title": "Changed"})
        with pytest.raises(StoreError, match=r"keep 5 passages: refused was refused: 400.* none of them is"):
            store.upsert([changed, *ALL[1:], REFUSED])
        store.upsert([])
        assert store.counts() == {"cwe": 1}
        assert store.get(p.id for p in ALL) == (FORGERY,)
        assert ids(store, "authenticity") == ["CWE-345"]


def test_what_was_written_meanwhile_is_not_taken_back(
    store: OpenSearchStore, node: Node, between: Front, prefix: str
) -> None:
    """Taking back leaves alone what somebody else has written since."""
    newer = ALL[1].model_copy(update={"title": "Somebody else's words"})

    def rule(asked: Asked, forward: Forward) -> Said:
        said = forward()
        if "/_bulk" in asked.path and said.body.get("errors"):
            between.rule = lambda _, forward: forward()
            with closing(OpenSearchStore(node.endpoint(), prefix=prefix)) as other:
                other.upsert([newer])
        return said

    between.rule = rule
    with pytest.raises(StoreError, match="did not keep 5 passages"):
        store.upsert([*ALL, REFUSED])
    assert store.get(p.id for p in ALL) == (newer,)


def test_endless_business_ends_in_a_sentence(
    store: OpenSearchStore, between: Front, slept: list[float]
) -> None:
    """After six attempts the load is given up with OpenSearch's own reason, and nothing of it stays."""
    between.rule = on_bulk(*[busy(reason="too many requests in flight")] * 6)
    with pytest.raises(StoreError, match=r"did not keep 4 passages: 429, too many requests in flight; none"):
        store.upsert(ALL)
    assert slept == [0.5, 1.0, 2.0, 4.0, 8.0]
    assert store.counts() == {}


def test_a_load_that_cannot_be_taken_back_says_so(store: OpenSearchStore, between: Front) -> None:
    """When OpenSearch goes away for good in the middle, the error says how many are there all the same."""
    many = [Passage(id=f"p{i}", source="x", title="Load", text="") for i in range(1200)]
    between.rule = on_bulk(None, None, *[CUT] * 99)
    with pytest.raises(StoreError, match=r"up to 1000 of them are there all the same; load them again"):
        store.upsert(many)
    between.rule = on_bulk()
    assert store.upsert(many) == 1200
    assert store.counts() == {"x": 1200}


def test_a_lost_answer_doubles_nothing(store: OpenSearchStore, between: Front, slept: list[float]) -> None:
    """A request that was carried out, but whose answer was lost, is sent again and changes nothing."""
    lost = count()

    def rule(asked: Asked, forward: Forward) -> Said:
        said = forward()
        return CUT if "/_bulk" in asked.path and next(lost) == 0 else said

    between.rule = rule
    assert store.upsert(ALL) == 4
    assert slept == [0.5]
    assert store.counts() == {"attack": 1, "capec": 1, "company": 1, "cwe": 1}


def test_large_loads_go_in_several_requests(store: OpenSearchStore, between: Front) -> None:
    """No request is larger than 5 MB, however long the passages are."""
    store.upsert(Passage(id=f"p{i}", source="x", title="Long", text="words " * 50_000) for i in range(40))
    sizes = [len(asked.body) for asked in between.asked if "/_bulk" in asked.path]
    assert len(sizes) > 1
    assert max(sizes) <= 5_000_000
    assert store.counts() == {"x": 40}


def test_forgetting_that_breaks_off_can_be_finished(store: OpenSearchStore, between: Front) -> None:
    """A deletion that fails says how far it came, and the same call again does the rest."""
    store.upsert(Passage(id=f"p{i:04}", source="x", title="Load", text="") for i in range(700))
    between.rule = on_bulk(None, *[busy()] * 6)
    with pytest.raises(StoreError, match=r"forgot 500 of 700 passages of x: 429, .* Ask again"):
        store.delete_source("x")
    between.rule = on_bulk()
    assert store.delete_source("x") == 200
    assert store.counts() == {}


def test_deleting_by_id_that_breaks_off_can_be_finished(store: OpenSearchStore, between: Front) -> None:
    """A deletion that fails says how far it came, and the same call again does the rest."""
    names = [f"p{i:04}" for i in range(700)]
    store.upsert(Passage(id=name, source="x", title="Load", text="") for name in names)
    between.rule = on_bulk(None, *[busy()] * 6)
    with pytest.raises(StoreError, match=r"forgot 500 of 700 passages: 429, .* Ask again"):
        store.delete(names)
    between.rule = on_bulk()
    assert store.delete(names) == 200
    assert store.counts() == {}


@pytest.mark.parametrize(
    "call", ["search", "get", "ids", "counts", "describe", "upsert", "delete", "delete_source", "reindex"]
)
def test_nobody_there(call: str) -> None:
    """Every call is a StoreError at once when nothing listens at the address."""
    port = free_port()
    with (
        closing(OpenSearchStore(Endpoint(url=f"http://127.0.0.1:{port}"))) as store,
        pytest.raises(
            StoreError, match=rf"127\.0\.0\.1:{port} cannot be reached while .*: .*[Cc]onnection refused\.$"
        ),
    ):
        _call(store, call)


def _call(store: OpenSearchStore, name: str) -> object:
    given: dict[str, Any] = {
        "search": Query(text="anything"),
        "get": ["a"],
        "ids": "cwe",
        "upsert": ALL,
        "delete": ["a"],
        "delete_source": "cwe",
    }
    return getattr(store, name)(*([given[name]] if name in given else []))


def test_nobody_answers() -> None:
    """An address that takes the call and says nothing is given up after the time-out."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with (
            closing(OpenSearchStore(Endpoint(url=url, timeout=0.3))) as store,
            pytest.raises(StoreError, match="did not answer in time while searching"),
        ):
            store.search(Query(text="anything"))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (Said(401, "Unauthorized"), r"does not allow searching \(401: Unauthorized\): check the cred"),
        (Said(403, {"Message": "not authorized"}), r"does not allow searching \(403: .*not authorized"),
        (Said(500, "<html>sorry</html>"), r"failed while searching: .*sorry"),
        (Said(503, {"error": {"reason": "no master"}}), r"failed while searching: no master\."),
        (Said(200, {}), r"what answers there is no OpenSearch"),
        (Said(200, "<html>Please log in</html>"), r"failed while searching: .*text/html"),
    ],
)
def test_a_refusal_is_passed_on(said: Said, sentence: str) -> None:
    """What OpenSearch, or a proxy before it, answers is in the sentence."""
    with front() as alone:
        alone.rule = lambda _, __: said
        with (
            closing(OpenSearchStore(Endpoint(url=alone.url))) as store,
            pytest.raises(StoreError, match=sentence),
        ):
            store.search(Query(text="anything"))


@pytest.mark.parametrize("url", ["", "localhost:9200", "ftp://host", "http://"])
def test_a_senseless_address_is_refused(url: str) -> None:
    """An address without a scheme or a host is refused before anything is sent."""
    with pytest.raises(StoreError, match="is not an address of OpenSearch"):
        OpenSearchStore(Endpoint(url=url))


def test_secrets_stay_out_of_messages() -> None:
    """A password, in the address or beside it, is in no message and no representation."""
    endpoint = Endpoint(url="http://me:hidden@127.0.0.1:9", user="me", password="hidden")
    with closing(OpenSearchStore(endpoint)) as store, pytest.raises(StoreError) as caught:
        store.counts()
    assert "hidden" not in str(caught.value) + repr(Endpoint(url="", password="hidden"))


def test_a_run_goes_on_without_the_store(store: OpenSearchStore, between: Front) -> None:
    """OpenSearch goes away in the middle of a run: the threats come all the same, and it is said."""
    store.upsert(ALL)
    asked = count()
    between.rule = lambda _, forward: forward() if next(asked) < 3 else CUT
    artifacts = MemoryArtifacts()
    sha256 = hashlib.sha256(BAKERY.encode()).hexdigest()
    artifacts.put(sha256, BAKERY.encode())
    drawn = Attachment(name="bakery.mmd", key=sha256, sha256=sha256, size=len(BAKERY))
    request = Request(title="Bakery", attachments=(drawn,))
    agent = Agent(artifacts=artifacts, analysts=(RulesAnalyst(),), store=store)
    model = agent.run(Task(run="run-1", model="tm-1", revision=1, request=request))
    assert next(asked) > 3
    assert model.threats
    assert any("OpenSearch" in note and "cannot be reached" in note for note in model.summary.notes)


class _Struck:
    """A store whose OpenSearch is killed between its first search and the second."""

    def __init__(self, store: OpenSearchStore, node: Node) -> None:
        self._store, self._node = store, node
        self.searches = 0

    def search(self, query: Query) -> tuple[Hit, ...]:
        """See KnowledgeStore."""
        self.searches += 1
        if self.searches == 2:
            self._node.kill()
        return self._store.search(query)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def test_a_run_outlives_the_node(node: Node, prefix: str) -> None:
    """The node dies between two areas of a run: threats, the first area's passages, and a note says so."""
    artifacts = MemoryArtifacts()
    sha256 = hashlib.sha256(BAKERY.encode()).hexdigest()
    artifacts.put(sha256, BAKERY.encode())
    drawn = Attachment(name="bakery.mmd", key=sha256, sha256=sha256, size=len(BAKERY))
    request = Request(title="Bakery", attachments=(drawn,))
    with closing(OpenSearchStore(node.endpoint(), prefix=prefix)) as store:
        store.upsert(starter.load())
        struck = _Struck(store, node)
        agent = Agent(artifacts=artifacts, analysts=(RulesAnalyst(),), store=struck)
        try:
            model = agent.run(Task(run="run-2", model="tm-1", revision=1, request=request))
        finally:
            node.start()
        assert struck.searches == 2  # the rest of the areas was not tried
        assert model.threats
        assert model.passages
        assert any("OpenSearch" in note and "cannot be reached" in note for note in model.summary.notes)
        assert store.search(Query(text="SQL injection"))


def test_what_was_acknowledged_outlives_a_kill(node: Node, prefix: str) -> None:
    """Killed in the middle of a load and started again, the node has every load that was acknowledged."""
    acknowledged: list[list[Passage]] = []
    trouble: list[StoreError] = []
    enough = threading.Event()

    def loading() -> None:
        with closing(OpenSearchStore(node.endpoint(), prefix=prefix, sleep=lambda _: None)) as store:
            for i in count():
                load = [
                    Passage(id=f"{i}-{n}", source="load", title=f"Load{i}", text=json.dumps([i, n] * 50))
                    for n in range(100)
                ]
                try:
                    store.upsert(load)
                except StoreError as error:
                    trouble.append(error)
                    return
                acknowledged.append(load)
                if i == 4:
                    enough.set()

    thread = threading.Thread(target=loading)
    thread.start()
    assert enough.wait(120)
    node.kill()
    thread.join()
    node.start()
    assert "cannot be reached" in str(trouble[0]) or "did not keep 100 passages" in str(trouble[0])
    assert len(acknowledged) >= 5
    with closing(OpenSearchStore(node.endpoint(), prefix=prefix)) as store:
        for load in acknowledged:
            assert store.get(p.id for p in load) == tuple(load)
        assert store.counts()["load"] >= 100 * len(acknowledged)
        assert store.upsert(acknowledged[-1]) == 100
