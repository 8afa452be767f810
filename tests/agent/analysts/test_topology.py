"""What the topology knows: who stands outside, what is exposed, which way leads in, what data is where."""

from __future__ import annotations

from agent.analysts.edge import SOMEBODY
from agent.analysts.topology import Crossing, Party, Topology
from agent.catalog.vocabulary import DataTag, Trait
from agent.domain.system import Classification, Known
from tests.sketching import sketch, traits_of


def topology(text: str) -> Topology:
    """The topology of a sketch."""
    return Topology(sketch(text), traits_of)


def test_users_staff_partners_and_clients_stand_outside() -> None:
    """People, other people's systems, and clients in users' hands even where they are drawn as processes."""
    found = topology("""
        (Guest: end_user)
        (Janitor: admin_person)
        (Courier: third_party)
        [Phone app: mobile_app]
        [Desk: web_frontend]
        (Nameless)
        Nameless -> Desk
    """).parties
    assert found == {
        "guest": Party.USER,
        "janitor": Party.STAFF,
        "courier": Party.PARTNER,
        "phone-app": Party.USER,
        "nameless": Party.USER,
    }


def test_what_only_receives_without_a_hint_is_somebody_elses_system() -> None:
    """An external entity that says nothing of itself and only receives is a partner."""
    assert topology("[Desk: api]\n(Archive)\nDesk -> Archive").parties["archive"] is Party.PARTNER


def test_exposed_is_what_strangers_talk_to() -> None:
    """Users and partners expose; staff, a VPN and our own calls to partners do not."""
    found = topology("""
        (Guest: end_user)
        (Janitor: admin_person)
        (Courier: third_party)
        [Desk: web_frontend]
        [Hooks: api]
        [Back room: admin_console]
        [Shipping: service]
        Guest -> Desk
        Courier -> Hooks: webhook
        Janitor -> Back room
        Guest -> Shipping: over VPN
        Shipping -> Courier: ask
    """).exposed
    assert set(found) == {"desk", "hooks"}


def test_what_the_input_says_about_exposure_outweighs_the_drawing() -> None:
    """Stated internal is not exposed; stated internet is."""
    found = topology("""
        (Guest: end_user)
        [Desk: web_frontend | exposure: internal]
        [Lonely: service | exposure: internet]
        Guest -> Desk
    """).exposed
    assert set(found) == {"lonely"}


def test_where_no_entry_is_drawn_somebody_comes_in_at_the_edge() -> None:
    """A system drawn without its users has an entry all the same; the supposed user is in no result."""
    found = topology("[Edge: cdn]\n[Site: web_server]\n{Notes: sql}\nEdge -> Site\nSite -> Notes")
    assert set(found.exposed) == {"edge"}
    assert found.entry_path("notes") == (SOMEBODY.id, "edge", "site", "notes")
    assert SOMEBODY not in found.drawn.elements


def test_a_user_drawn_apart_comes_in_at_the_edge() -> None:
    """A user without a flow is the one who comes in."""
    found = topology("(Guest: end_user)\n[Site: web_server]\n{Notes: sql}\nSite -> Notes")
    assert found.entry_path("notes") == ("guest", "site", "notes")


def test_nobody_comes_in_at_the_machinery_of_a_cluster() -> None:
    """A cluster's own interface is no edge that strangers are supposed to stand at."""
    assert not topology("[API server: kubernetes api]\n{State: database}\nAPI server -> State").exposed


def test_a_page_that_nobody_is_drawn_at_is_opened_by_the_users_there_are() -> None:
    """Users drawn at one part also open the page, and the page calls the gateway that nobody else calls."""
    found = topology("""
        (Guest: end_user)
        [Sign-in: identity_provider]
        [Menu page: web_frontend]
        [Gateway: gateway]
        [Kitchen: service]
        Guest -> Sign-in
        Menu page -> Kitchen
        Gateway -> Kitchen
    """)
    assert {"menu-page", "sign-in"} <= set(found.exposed)
    assert found.entry_path("gateway") == ("guest", "menu-page", "gateway")


def test_a_service_that_nobody_calls_is_not_opened_by_users() -> None:
    """Only pages and gateways are supposed to be used; a worker that nothing is drawn to start is not."""
    found = topology(
        "(Guest: end_user)\n[Desk: web_frontend]\n[Cleaner: worker]\n{Log: database}\n"
        "Guest -> Desk\nCleaner -> Log"
    )
    assert not found.entry_path("cleaner")


def test_employees_are_the_users_of_what_only_they_use() -> None:
    """Where nobody else uses a system its employees are its users; administrators stay staff."""
    portal = "(Employees: admin_person)\n(Administrators: admin_person)\n[Portal: web_frontend]\n"
    flows = "Employees -> Portal\nAdministrators -> Portal\n"
    assert topology(portal + flows).parties == {"employees": Party.USER, "administrators": Party.STAFF}
    shared = topology(portal + "(Guest: end_user)\nGuest -> Portal\n" + flows).parties
    assert shared["employees"] is Party.STAFF


def test_a_machine_is_no_person_whatever_its_name() -> None:
    """A process that is called operator or driver has no trait of people."""
    assert Trait.ADMIN_PERSON not in topology("[Backup operator: admin_person]").traits["backup-operator"]


def test_the_way_in_goes_from_reader_to_store_but_not_back_out_of_a_database() -> None:
    """A process that only reads a database can still act on it; rows do not act on their readers."""
    found = topology("""
        (Guest: end_user)
        [Site: web_server]
        {Notes: sql}
        [Report: batch_job]
        Guest -> Site
        Notes -> Site: rows
        Notes -> Report: rows
    """)
    assert found.entry_path("notes") == ("guest", "site", "notes")
    assert found.entry_path("report") == ()
    assert found.hops("notes") == 2
    assert found.hops("report") is None


def test_messages_act_on_their_consumers() -> None:
    """What lies in a queue reaches who takes it out."""
    found = topology("""
        (Guest: end_user)
        [Site: api]
        {Work: queue}
        [Packer: worker]
        Guest -> Site
        Site -> Work
        Work -> Packer
    """)
    assert found.entry_path("packer") == ("guest", "site", "work", "packer")


def test_flows_cross_boundaries_inward_outward_or_not() -> None:
    """Between outside and inside always, between boundaries as they nest."""
    found = topology("""
        (Guest: end_user)
        [Site: api | in: Front]
        {Notes: sql | in: Back}
        [Helper: service | in: Front]
        Guest -> Site
        Site -> Notes
        Site -> Helper
        Helper -> Guest
    """)
    assert list(found.crossings.values()) == [
        Crossing.INWARD,
        Crossing.INWARD,
        Crossing.NONE,
        Crossing.OUTWARD,
    ]


def test_labels_and_protocols_say_whether_a_flow_is_encrypted() -> None:
    """TLS in a label is yes, HTTP without it no, silence unknown, and what is stated wins."""
    found = topology("""
        A -> B: HTTPS
        A -> C: HTTP
        A -> D: HTTP/S
        A -> E: orders
        A -> F: HTTP | encrypted: yes
        A -> G: orders | protocol: tls
    """)
    states = [found.encrypted(f) for f in found.drawn.flows]
    assert states == [Known.YES, Known.NO, Known.YES, Known.UNKNOWN, Known.YES, Known.YES]


def test_data_comes_from_assets_names_and_labels() -> None:
    """A store's name, an asset and what flows in each say what it holds; the worst class counts."""
    found = topology("""
        {Patients DB: sql}
        {Box: sql | data: payment}
        [Site: api]
        {Work: queue}
        Site -> Work: email address
    """)
    assert DataTag.HEALTH in found.own_tags["patients-db"]
    assert found.own_tags["box"] == {DataTag.PAYMENT}
    assert DataTag.PERSONAL in found.own_tags["work"]
    assert found.classification(found.elements["box"]) is Classification.RESTRICTED
    assert found.classification(found.elements["site"]) is Classification.INTERNAL


def test_a_website_is_no_public_content() -> None:
    """A store named "website" holds what everybody may read; a program of that name handles anything."""
    found = topology("""
        [Website: web_frontend]
        {Website bucket: object_storage}
        Website -> Website bucket: pages
    """)
    assert found.own_tags["website"] == frozenset()
    assert DataTag.PUBLIC in found.own_tags["website-bucket"]


def test_a_gate_is_counted_by_what_hangs_on_it() -> None:
    """The one API before everything gates the rest; two ways in gate nothing."""
    found = topology("""
        (Guest: end_user)
        [Front: api]
        [Orders: service]
        {Notes: sql}
        Guest -> Front
        Front -> Orders
        Orders -> Notes
    """)
    assert found.gates == {"front": 2, "orders": 1, "notes": 0}


def test_boundaries_that_contain_each_other_in_a_circle_do_no_harm() -> None:
    """A broken nesting ends all the same."""
    system = sketch("[Site: api | in: One]\n[Other: api | in: Two]\nSite -> Other")
    one, two = system.boundaries
    circle = (one.model_copy(update={"parent": two.id}), two.model_copy(update={"parent": one.id}))
    found = Topology(system.model_copy(update={"boundaries": circle}), traits_of)
    assert found.around["site"] == {one.id, two.id}


def test_what_a_provider_answers_is_no_way_in() -> None:
    """The answer to our own call, drawn as an arrow of its own, lets nobody in; a webhook does."""
    text = "(Buyer: end_user)\n[Front: gateway]\n(Bank: payment)\n[Consents: service]\n"
    text += "Buyer -> Front\nFront -> Consents\nConsents -> Bank: sign in\nBank -> Consents: "
    assert "consents" not in topology(text + "refresh token").exposed
    assert "consents" in topology(text + "webhook, result").exposed
