"""Who stands where: programs and people, accounts of money and accounts of people, devices that call."""

from __future__ import annotations

from agent.analysts.areas import split
from agent.analysts.base import Brief
from agent.analysts.rules import RulesAnalyst
from agent.analysts.topology import Party, Topology
from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import Trait
from agent.diagrams.base import SourceFile
from agent.diagrams.registry import read_file
from agent.domain.request import Request
from agent.domain.system import Known, System
from agent.domain.threat import Threat
from agent.understanding.understand import understand
from tests.sketching import sketch, traits_of


def drawn(*lines: str) -> System:
    """The system that a flowchart of these lines shows."""
    text = "flowchart LR\n" + "\n".join(lines)
    return understand("Drawn", [read_file(SourceFile(name="drawn.mmd", content=text.encode()))], None)


def topology_of(system: System) -> Topology:
    """Its topology, with the packaged technologies."""
    return Topology(system, load_technologies().traits_of)


def threats_of(system: System) -> list[Threat]:
    """What the rules find in it."""
    request = Request(title="Drawn")
    analyst = RulesAnalyst(traits_of=traits_of)
    return [
        t
        for area in split(system)
        for t in analyst.find(Brief(request=request, system=system, area=area)).threats
    ]


def test_the_only_people_are_users_though_a_program_calls_as_well() -> None:
    """Property managers are whom the site is for; that an SCIM client calls too makes them no staff."""
    system = drawn("m([Property manager]) --> s[Site]", "c([SCIM client]) --> a[Auth service]", "s --> a")
    assert topology_of(system).parties["property-manager"] is Party.USER


def test_staff_stay_staff_beside_clients_who_are_people() -> None:
    """A client of a law firm is a person, so the firm's clerks are staff."""
    system = drawn("m([Client]) --> s[Site]", "c([Clerk]) --> d[Desk]", "s --> d")
    parties = topology_of(system).parties
    assert (parties["client"], parties["clerk"]) == (Party.USER, Party.STAFF)


def test_those_who_answer_the_telephone_are_staff() -> None:
    """A call centre's agents and an operations team work for us, whatever word calls them so."""
    system = drawn(
        "c([Customer]) --> s[Site]", "a([Call centre agent]) --> d[Desk]", "o([Operations team]) --> d"
    )
    parties = topology_of(system).parties
    assert {parties["call-centre-agent"], parties["operations-team"]} == {Party.STAFF}


def test_an_accounts_service_beside_a_login_service_signs_nobody_in() -> None:
    """Where something else signs people in, accounts are those with a balance."""
    system = drawn("c([Customer]) --> l[Login service]", "c --> a[Accounts service]")
    traits = topology_of(system).traits
    assert Trait.IDENTITY_PROVIDER in traits["login-service"]
    assert Trait.IDENTITY_PROVIDER not in traits["accounts-service"]


def test_an_accounts_service_alone_signs_people_in() -> None:
    """Where nothing else does, an accounts service keeps the accounts of people."""
    system = drawn("c([Customer]) --> a[Accounts service]")
    assert Trait.IDENTITY_PROVIDER in topology_of(system).traits["accounts-service"]


def test_a_single_point_counts_what_depends_on_it_only_where_something_does() -> None:
    """No severity is explained by "0 others depend on it"."""
    text = "(Member: end_user)\n[Site: service]\n(Door: identity_provider)\nMember -> Site\nSite -> Door"
    reasons = [f.reason for t in threats_of(sketch(text)) for f in (*t.likelihood.factors, *t.impact.factors)]
    assert not [r for r in reasons if r.startswith(("0 others", "1 others"))]


def test_a_partners_developer_is_no_staff_of_ours() -> None:
    """Who works for somebody else comes in as a user, whatever the profession."""
    system = drawn(
        "d([Partner developer]) --> p[Developer portal]", "o([Ops engineer]) --> c[Console]", "p --> c"
    )
    parties = topology_of(system).parties
    assert (parties["partner-developer"], parties["ops-engineer"]) == (Party.USER, Party.STAFF)


def test_what_sends_webhooks_is_ours() -> None:
    """A webhook sender inside our frame is a process, and no person who sends."""
    system = drawn(
        "subgraph ours [Our cloud]",
        "q[[Event queue]] --> s[Webhook sender]",
        "end",
        "s --> p([Partner backend])",
    )
    assert "webhook-sender" not in topology_of(system).parties


def test_sign_in_by_openid_connect_is_encrypted() -> None:
    """Its specification knows no endpoint without TLS, so nobody is asked for it."""
    system = drawn("m([Member]) --> s[Site]", "s -->|OIDC| o([Okta])")
    flow = next(f for f in system.flows if f.label == "OIDC")
    assert topology_of(system).encrypted(flow) is Known.YES


def test_who_works_at_a_site_is_a_person() -> None:
    """A word for pages makes an outside entity a page only at the end of its name."""
    text = "(Site investigator)\n(Hospital site)\n[Forms: api]\n"
    text += "Site investigator -> Forms\nHospital site -> Forms"
    read = Topology(sketch(text), traits_of)
    assert read.parties["site-investigator"] is Party.USER
    assert read.parties["hospital-site"] is Party.PARTNER


def test_who_sells_a_device_is_a_partner() -> None:
    """A vendor of meters is somebody else's firm, and no meter."""
    read = Topology(
        sketch("(Meter vendor)\n[Head-end: service]\nMeter vendor -> Head-end: firmware"), traits_of
    )
    assert read.parties["meter-vendor"] is Party.PARTNER
    assert Trait.IOT_DEVICE not in read.traits["meter-vendor"]


def test_a_browser_that_a_program_drives_is_ours() -> None:
    """A headless browser that makes PDF files stands on our side, and no user sits at it."""
    read = Topology(
        sketch(
            "[PDF export in headless browser: browser]\n[Wiki: api]\nWiki -> PDF export in headless browser"
        ),
        traits_of,
    )
    assert "pdf-export-in-headless-browser" not in read.parties
