from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from agent.catalog.patterns import cited_references
from agent.catalog.vocabulary import Trait
from agent.domain.threat import Stride
from knowledge.corpora import starter
from knowledge.passages import Passage, Query
from knowledge.stores.sqlite import SqliteStore

PACK = {p.id: p for p in starter.load()}
FORMS = {
    "cwe": (r"CWE-\d+", "weakness", "cwe.mitre.org"),
    "capec": (r"CAPEC-\d+", "attack_pattern", "capec.mitre.org"),
    "attack": (r"T\d{4}(\.\d{3})?", "technique", "attack.mitre.org"),
    "atlas": (r"AML\.T\d{4}(\.\d{3})?", "technique", "atlas.mitre.org"),
    "owasp": (r"(A\d\d:2021|A\d\d:2025|API\d\d?:2023|LLM\d\d:2025)", "risk", "owasp.org"),
    "asvs": (r"ASVS-\d+\.\d+\.\d+", "requirement", "github.com"),
}


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    """An empty store in memory."""
    with closing(SqliteStore()) as made:
        yield made


def test_every_identifier_of_the_catalog_is_there() -> None:
    """Whatever a threat pattern cites can be opened on the first run, without any corpus."""
    cited = cited_references()
    assert cited
    assert [id_ for id_ in cited if id_ not in PACK] == []


def test_most_passages_are_labelled() -> None:
    """The labels are there to be filtered by: nearly all have STRIDE categories, most have technologies."""
    assert sum(bool(p.stride) for p in PACK.values()) > 0.98 * len(PACK)
    assert sum(bool(p.technologies) for p in PACK.values()) > 0.9 * len(PACK)


def test_no_identifier_twice() -> None:
    """Each identifier has one passage, so that none overwrites another."""
    assert len(PACK) == len(list(starter.load())) > 500


@pytest.mark.parametrize("passage", PACK.values(), ids=list(PACK))
def test_each_passage_is_whole(passage: Passage) -> None:
    """Form, corpus, address at the publisher's, licence, a few sentences, known labels and relations."""
    form, kind, host = FORMS[passage.source]
    assert re.fullmatch(form, passage.id)
    assert passage.kind == kind
    url = urlsplit(passage.url)
    assert url.scheme == "https"
    assert url.hostname is not None
    assert url.hostname.endswith(host)
    assert "{" not in passage.url
    assert passage.licence == "Apache-2.0"
    assert 4 <= len(passage.title) <= 110
    assert 40 <= len(passage.text) <= 700
    assert 2 <= len(re.findall(r"[.?!](?: |$)", passage.text)) <= 6
    assert set(passage.stride) <= set(Stride)
    assert set(passage.technologies) <= set(Trait)
    assert passage.id not in passage.related
    assert [id_ for id_ in passage.related if id_ not in PACK] == []


def test_addresses_follow_the_publishers_forms() -> None:
    """One address of each form, in full."""
    assert PACK["CWE-345"].url == "https://cwe.mitre.org/data/definitions/345.html"
    assert PACK["CAPEC-148"].url == "https://capec.mitre.org/data/definitions/148.html"
    assert PACK["T1078.004"].url == "https://attack.mitre.org/techniques/T1078/004/"
    assert PACK["AML.T0051.001"].url == "https://atlas.mitre.org/techniques/AML.T0051.001"
    assert PACK["ASVS-4.1.5"].url.endswith("/v5.0.0/5.0/en/0x13-V4-API-and-Web-Service.md")


def test_it_is_loaded_once(store: SqliteStore) -> None:
    """The first call writes the pack, the second one nothing; searching never shows the mark."""
    assert starter.ensure(store) == len(PACK)
    assert starter.ensure(store) == 0
    assert sum(store.counts().values()) == len(PACK) + 1
    hits = store.search(Query(text="starter pack mark", limit=50))
    assert [h.passage.id for h in hits if h.passage.source == starter.MARK] == []


def test_a_loaded_corpus_is_left_alone(store: SqliteStore) -> None:
    """A passage of the publisher's own under the same identifier is not overwritten."""
    theirs = Passage(
        id="CWE-345", source="cwe", title="Theirs", text="Their text", licence="CWE Terms of Use"
    )
    store.upsert([theirs])
    assert starter.ensure(store) == len(PACK) - 1
    assert store.get(["CWE-345"]) == (theirs,)
    assert starter.ensure(store) == 0


def test_what_was_deleted_comes_back(store: SqliteStore) -> None:
    """After a corpus has been thrown out, the pack's passages of it are put in again."""
    starter.ensure(store)
    assert store.delete_source("cwe") > 0
    assert starter.ensure(store) == len(PACK)
    assert store.get(["CWE-345"]) == (PACK["CWE-345"],)


def test_an_older_pack_is_replaced(store: SqliteStore) -> None:
    """The mark of another version does not count, and does not stay."""
    old = PACK["CWE-345"].model_copy(update={"text": "What an older version said."})
    store.upsert(
        [old, Passage(id="starter:older", source=starter.MARK, title="", text="", related=("CWE-345",))]
    )
    assert starter.ensure(store) == len(PACK)
    assert store.get(["CWE-345"]) == (PACK["CWE-345"],)
    assert store.counts()[starter.MARK] == 1


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("anyone can post a fake payment event to our webhook", "CWE-345"),
        ("change the id in the request and read another customer's order", "CWE-639"),
        ("the bucket policy names everyone", "CWE-732"),
        ("voucher used twice at the same moment", "CWE-362"),
        ("hidden instruction in a page that the assistant reads", "AML.T0051.001"),
        ("backups deleted by the same administrator account", "T1490"),
    ],
)
def test_people_find_their_weakness(store: SqliteStore, question: str, expected: str) -> None:
    """A sentence as engineers say it brings the passage among the first ten."""
    starter.ensure(store)
    assert expected in [h.passage.id for h in store.search(Query(text=question, limit=10))]
