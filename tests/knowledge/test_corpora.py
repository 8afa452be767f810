"""The loaders on small files of the publishers' forms, in our own words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.corpora import asvs, atlas, attack, capec, clean, cwe, owasp, starter
from knowledge.corpora.loading import MARK, load, status
from knowledge.corpora.sources import CorpusError, Source, chosen, load_sources, parse_checksums
from knowledge.passages import Passage
from knowledge.stores.sqlite import SqliteStore

WEAKNESS = {
    "ID": "345",
    "Name": "Trusting what nobody proved",
    "Status": "Draft",
    "Description": "A message is believed.\n\n  Its sender is <b>not</b> checked [REF-12].",
    "ExtendedDescription": "Seen where hooks are open.",
    "AlternateTerms": [{"Term": "Blind trust", "Description": "the same"}],
    "CommonConsequences": [{"Scope": ["Integrity", "Other"]}, {"Scope": ["Integrity", "Availability"]}],
    "RelatedWeaknesses": [{"Nature": "ChildOf", "CweID": "693"}, {"Nature": "PeerOf", "CweID": "693"}],
    "RelatedAttackPatterns": ["148"],
    "ObservedExamples": [{"Description": "a shop believed a cheque"}],
    "DemonstrativeExamples": [{"Entries": [{"IntroText": "an example of belief"}]}],
}
CAPEC_XML = """<?xml version="1.0"?>
<Attack_Pattern_Catalog xmlns="http://capec.mitre.org/capec-3" xmlns:h="http://www.w3.org/1999/xhtml">
 <Attack_Patterns>
  <Attack_Pattern ID="148" Name="Lying about content" Status="Draft">
   <Description>Somebody shows
      what is not so.</Description>
   <Extended_Description><h:p>It looks real.</h:p></Extended_Description>
   <Alternate_Terms><Alternate_Term><Term>Faking</Term></Alternate_Term></Alternate_Terms>
   <Related_Attack_Patterns>
    <Related_Attack_Pattern Nature="ChildOf" CAPEC_ID="151"/>
   </Related_Attack_Patterns>
   <Execution_Flow><Attack_Step><Description>step one of a play</Description></Attack_Step></Execution_Flow>
   <Consequences><Consequence><Scope>Integrity</Scope></Consequence></Consequences>
   <Example_Instances><Example>an instance of lying</Example></Example_Instances>
   <Related_Weaknesses><Related_Weakness CWE_ID="345"/></Related_Weaknesses>
   <Taxonomy_Mappings><Taxonomy_Mapping Taxonomy_Name="ATTACK"><Entry_ID>1491</Entry_ID></Taxonomy_Mapping>
   </Taxonomy_Mappings>
  </Attack_Pattern>
  <Attack_Pattern ID="5" Name="Old one" Status="Deprecated"><Description>Gone.</Description></Attack_Pattern>
 </Attack_Patterns>
</Attack_Pattern_Catalog>"""


def _technique(id_: str, name: str, text: str, **more: object) -> dict[str, object]:
    meta = {"external_id": id_, "kill_chain": ["attack-Linux:credential-access", "attack-SaaS:stealth"]}
    return {"uuid": f"u-{id_}", "value": f"{name} - {id_}", "description": text, "meta": meta, **more}


ATTACK_JSON = {
    "values": [
        _technique("T1110", "Trying keys", "Adversaries [try](https://x.y) `keys`.(Citation: Some One 2020)"),
        _technique(
            "T1110.001", "Guessing", "They guess.", related=[{"dest-uuid": "u-T1078", "type": "similar"}]
        ),
        _technique("T1078", "Own keys", "They have keys."),
        _technique("T1562", "Old", "Gone.", revoked=True),
        _technique("T1393", "Older", "This object is deprecated as it moved."),
        _technique("T1060", "Some Mitigation", "An old form of advice."),
        _technique("M1032", "Second factor", "Ask twice."),
    ]
}
ATLAS_YAML = """
id: ATLAS
version: 1.0.0
matrices:
- id: ATLAS
  techniques:
  - {id: AML.T0051, name: Talking it round, description: "Text that\\n  steers."}
  - {id: AML.T0051.001, name: From afar, description: Text in a page., subtechnique-of: AML.T0051}
  - {id: AML.T0049, name: Front door, description: A flaw., ATT&CK-reference: {id: T1190, url: x}}
  mitigations:
  - {id: AML.M0001, name: Say less, description: Publish little., techniques: [{id: AML.T0051, use: x}]}
case-studies:
- {id: AML.CS0001, name: A case, summary: a case that is left out}
"""
TOP10_MD = """# A05:2025 Slipping in ![icon](../x.png){: style="height:80px" align="right"}

## Background.

Ranks are left out.

## Description.

Words become **commands** in [a query](https://x.y).

* First sign.

## How to prevent.

Keep them apart.

## Example attack scenarios.

A scenario that is left out.

### Deeper in the scenario

Left out as well.

## List of Mapped CWEs

* [CWE-89 Name](https://cwe.mitre.org/data/definitions/89.html)
"""
API_MD = """# API4:2023 Too much

| Threat agents/Attack vectors | Security Weakness |
| - | - |
| a rating that is left out | another |

## Is the API Vulnerable?

It may be, see [CWE-770](https://x.y).

## References

### OWASP

left out
"""
ASVS_JSON = {
    "requirements": [
        {
            "chapter_id": "V4",
            "chapter_name": "API",
            "section_id": "V4.1",
            "section_name": "Services",
            "req_id": "V4.1.5",
            "req_description": "Verify that messages carry a signature.",
            "L": "3",
        }
    ]
}


def one(passages: Iterator[Passage]) -> Passage:
    """The only passage."""
    (passage,) = passages
    return passage


def test_cwe() -> None:
    """Name, texts in one line, terms, STRIDE from the scopes, relations once; no examples."""
    gone = {**WEAKNESS, "ID": "1", "Status": "Deprecated"}
    files = {"W/345.json": json.dumps(WEAKNESS).encode(), "W/1.json": json.dumps(gone).encode()}
    passage = one(cwe.read(files))
    assert passage == Passage(
        id="CWE-345",
        source="cwe",
        kind="weakness",
        title="Trusting what nobody proved",
        text="A message is believed. Its sender is not checked. Seen where hooks are open."
        " Also called: Blind trust.",
        url="https://cwe.mitre.org/data/definitions/345.html",
        stride=("tampering", "denial_of_service"),
        related=("CWE-693", "CAPEC-148"),
    )


def test_cwe_comes_in_the_order_of_numbers() -> None:
    """Whatever order a folder gives its files in."""
    files = {f"W/{n}.json": json.dumps({**WEAKNESS, "ID": str(n)}).encode() for n in (1000, 89, 345)}
    assert [p.id for p in cwe.read(files)] == ["CWE-89", "CWE-345", "CWE-1000"]


def test_capec() -> None:
    """Descriptions, terms, STRIDE, relations to all three catalogues; no flows, examples or old entries."""
    passage = one(capec.read({"capec.xml": CAPEC_XML.encode()}))
    assert (passage.id, passage.title, passage.kind) == ("CAPEC-148", "Lying about content", "attack_pattern")
    assert passage.text == "Somebody shows what is not so. It looks real. Also called: Faking."
    assert passage.related == ("CAPEC-151", "CWE-345", "T1491")
    assert passage.stride == ("tampering",)


def test_capec_refuses_entities() -> None:
    """An XML with a document type is not parsed."""
    evil = CAPEC_XML.replace(
        "<Attack_Pattern_Catalog", '<!DOCTYPE x [<!ENTITY a "b">]><Attack_Pattern_Catalog'
    )
    with pytest.raises(ValueError, match="DTD"):
        list(capec.read({"capec.xml": evil.encode()}))


def test_attack() -> None:
    """Techniques with their parent's name, mitigations apart; links, citations and old entries are gone."""
    found = {p.id: p for p in attack.read({"a.json": json.dumps(ATTACK_JSON).encode()})}
    assert list(found) == ["M1032", "T1078", "T1110", "T1110.001"]
    assert found["T1110"].text == "Adversaries try keys."
    assert found["T1110.001"].title == "Trying keys: Guessing"
    assert found["T1110.001"].related == ("T1110", "T1078")
    assert found["T1110.001"].url == "https://attack.mitre.org/techniques/T1110/001/"
    assert found["T1110"].stride == ("spoofing",)
    assert (found["M1032"].kind, found["M1032"].url) == (
        "mitigation",
        "https://attack.mitre.org/mitigations/M1032/",
    )


def test_atlas() -> None:
    """Techniques and mitigations with their relations; no case studies."""
    found = {p.id: p for p in atlas.read({"ATLAS.yaml": ATLAS_YAML.encode()})}
    assert list(found) == ["AML.T0051", "AML.T0051.001", "AML.T0049", "AML.M0001"]
    assert found["AML.T0051.001"].title == "Talking it round: From afar"
    assert found["AML.T0051.001"].related == ("AML.T0051",)
    assert found["AML.T0049"].related == ("T1190",)
    assert found["AML.M0001"].url == "https://atlas.mitre.org/mitigations/AML.M0001"
    assert found["AML.T0051"].text == "Text that steers."


def test_owasp() -> None:
    """What the risk is and what stops it; ratings, scenarios and references stay out, CWEs are relations."""
    found = {
        p.id: p
        for p in owasp.read({"a.md": TOP10_MD.encode(), "b.md": API_MD.encode(), "c.md": b"# Preface"})
    }
    assert list(found) == ["A05:2025", "API4:2023"]
    assert found["A05:2025"].title == "Slipping in"
    assert found["A05:2025"].text == "Words become commands in a query. First sign. Keep them apart."
    assert found["A05:2025"].related == ("CWE-89",)
    assert found["A05:2025"].url == "https://owasp.org/Top10/2025/A05_2025-Injection/"
    assert found["API4:2023"].text == "It may be, see CWE-770."


def test_asvs() -> None:
    """A requirement under the identifier that the product cites, with its chapter's address."""
    passage = one(asvs.read({"a.json": json.dumps(ASVS_JSON).encode()}))
    assert (passage.id, passage.title) == ("ASVS-4.1.5", "Services (API, level 3)")
    assert passage.url.endswith("0x13-V4-API-and-Web-Service.md")


@given(st.text(max_size=400))
def test_plain_text_has_no_mark_up(text: str) -> None:
    """Whatever comes in: one line, no tags, no links."""
    cleaned = clean.plain(text)
    assert cleaned == " ".join(cleaned.split())
    assert "](" not in cleaned or "](" in cleaned.replace("[", "")


def test_long_texts_end_with_a_sentence() -> None:
    """A text beyond the limit is cut after its last whole sentence."""
    assert clean.cut("One. Two. Three is long.", 12) == "One. Two."
    assert clean.cut("short", 12) == "short"


# loading

FILES = {
    "cwe": ("cwe", "W/345.json", json.dumps(WEAKNESS)),
    "asvs": ("asvs", "flat.json", json.dumps(ASVS_JSON)),
}


def _sources() -> tuple[Source, ...]:
    known = {s.name: s for s in load_sources()}
    return tuple(
        replace(known[name], folder=folder, checksums=((path, hashlib.sha256(text.encode()).hexdigest()),))
        for name, (folder, path, text) in FILES.items()
    )


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A folder with one file of each of two sources."""
    for folder, path, text in FILES.values():
        place = tmp_path / folder / path
        place.parent.mkdir(parents=True)
        place.write_text(text)
    return tmp_path


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    """A store with the starter pack."""
    with closing(SqliteStore()) as made:
        starter.ensure(made)
        yield made


def test_the_manifest_is_whole() -> None:
    """Every source has files, terms, and an https address for each file."""
    sources = load_sources()
    assert [s.name for s in sources] == [
        "cwe", "capec", "attack", "atlas", "owasp_top10", "owasp_api", "owasp_llm", "asvs",
    ]  # fmt: skip
    for source in sources:
        assert source.licence
        assert source.attribution
        assert source.terms.startswith("https://")
        assert source.checksums
        assert all(source.url(path).startswith("https://") for path, _ in source.checksums)
        assert len({path for path, _ in source.checksums}) == len(source.checksums)
    assert len({s.digest for s in sources}) == len(sources)


def test_load(store: SqliteStore, directory: Path) -> None:
    """The publisher's text replaces ours under the same identifier and keeps our labels; a mark is left."""
    told: list[tuple[str, int, int]] = []
    done = load(store, directory, sources=_sources(), progress=lambda *event: told.append(event))
    assert [(d.source.name, d.passages, d.written) for d in done] == [("cwe", 1, 1), ("asvs", 1, 1)]
    assert told == [("cwe", 1, 1), ("asvs", 1, 1)]
    (passage,) = store.get(["CWE-345"])
    assert passage.title == "Trusting what nobody proved"
    assert passage.licence == "CWE Terms of Use"
    assert "webhook" in passage.technologies
    assert "spoofing" in passage.stride
    assert status(store, _sources()) == {"cwe": True, "asvs": True}
    assert store.counts()[MARK] == 2
    assert starter.ensure(store) == 0


def test_a_second_load_writes_nothing(store: SqliteStore, directory: Path) -> None:
    """What is there in this version is passed over, also when the files are gone; what was deleted is not."""
    load(store, directory, sources=_sources())
    (directory / "asvs" / "flat.json").unlink()
    assert [d.written for d in load(store, directory, sources=_sources())] == [0, 0]
    store.delete_source("cwe")
    assert status(store, _sources()) == {"cwe": False, "asvs": True}
    assert [d.written for d in load(store, directory, ["cwe"], sources=_sources())] == [1]


def test_a_new_version_is_loaded(store: SqliteStore, directory: Path) -> None:
    """Files with other checksums are another version."""
    load(store, directory, sources=_sources())
    text = json.dumps({**WEAKNESS, "Name": "Renamed"})
    (directory / "cwe" / "W" / "345.json").write_text(text)
    newer = replace(_sources()[0], checksums=(("W/345.json", hashlib.sha256(text.encode()).hexdigest()),))
    assert status(store, [newer]) == {"cwe": False}
    assert [d.written for d in load(store, directory, sources=[newer])] == [1]
    assert store.get(["CWE-345"])[0].title == "Renamed"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda p: p.write_text("{}"), r"345\.json is not the published file"),
        (lambda p: p.unlink(), r"345\.json cannot be read \(No such file"),
    ],
)
def test_a_changed_or_missing_file_is_named(
    store: SqliteStore, directory: Path, spoil: Callable[[Path], object], message: str
) -> None:
    """Nothing of the source is loaded; the message names the file and where to fetch it."""
    spoil(directory / "cwe" / "W" / "345.json")
    with pytest.raises(CorpusError, match=message) as caught:
        load(store, directory, ["cwe"], sources=_sources())
    assert "json_repo/W/345.json" in str(caught.value)
    assert store.get(["CWE-345"])[0].licence == starter.LICENCE


def test_another_form_is_a_corpus_error(store: SqliteStore, directory: Path) -> None:
    """A file that is the known one but that the reader cannot read is reported, and nothing is loaded."""
    text = '{"ID": "1"}'
    (directory / "cwe" / "W" / "345.json").write_text(text)
    odd = replace(_sources()[0], checksums=(("W/345.json", hashlib.sha256(text.encode()).hexdigest()),))
    with pytest.raises(CorpusError, match=r"another form than its reader knows: KeyError\('Status'\)"):
        load(store, directory, sources=[odd])


def test_unknown_names_are_refused() -> None:
    """The known names are listed."""
    with pytest.raises(CorpusError, match="There is no source nvd; there are cwe, capec"):
        chosen(["cwe", "nvd"])


@pytest.mark.parametrize(
    "line", ["nothing", "00 a", f"{'0' * 64}  ../../etc/passwd", f"{'0' * 64}  /etc/passwd"]
)
def test_checksum_lists_stay_in_their_folder(line: str) -> None:
    """A line of another form or with a path outside is refused."""
    with pytest.raises(CorpusError, match="checksum list"):
        parse_checksums(line)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    reader=st.sampled_from([cwe, capec, attack, atlas, owasp, asvs]),
    text=st.sampled_from([json.dumps(WEAKNESS), CAPEC_XML, json.dumps(ATTACK_JSON), ATLAS_YAML, TOP10_MD]),
    end=st.integers(0, 4000),
)
def test_broken_files_are_corpus_errors(
    store: SqliteStore, tmp_path: Path, reader: object, text: str, end: int
) -> None:
    """A truncated or foreign file gives passages or a CorpusError, never another error."""
    content = text.encode()[:end]
    place = tmp_path / "any" / "file"
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(content)
    name = str(getattr(reader, "__name__", "")).rpartition(".")[2]
    source = replace(
        load_sources()[0],
        reader=name,
        folder="any",
        checksums=(("file", hashlib.sha256(content).hexdigest()),),
    )
    with suppress(CorpusError):
        done = load(store, tmp_path, sources=[source])
        assert status(store, [source]) == {"cwe": done[0].passages > 0}


def test_the_notice_names_every_source() -> None:
    """What each publisher's licence asks for stands in NOTICE: title, version, copyright, terms."""
    notice = " ".join((Path(__file__).parents[2] / "NOTICE").read_text(encoding="utf-8").split())
    for source in load_sources():
        assert source.version in notice, source.name
        assert source.terms in notice or source.licence in notice, source.name
    assert notice.count("The MITRE Corporation.") >= 3
    assert "reproduced and distributed with the permission of The MITRE Corporation." in notice


def test_every_address_is_of_the_publisher_at_a_fixed_place() -> None:
    """Files come over TLS from a folder of the publisher's; every file of a source has a checksum."""
    for source in load_sources():
        address = urlsplit(source.files)
        assert address.scheme == "https"
        assert address.netloc in {"raw.githubusercontent.com", "capec.mitre.org"}
        assert address.path.endswith("/")
        assert not address.query
        assert source.checksums
