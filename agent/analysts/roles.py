"""What an element is, from its technologies and its name; and who stands outside."""

from __future__ import annotations

from agent.catalog.grams import words
from agent.catalog.name_words import traits_in
from agent.catalog.vocabulary import Trait
from agent.domain.system import Element, ElementKind

_PEOPLE = frozenset({Trait.ADMIN_PERSON, Trait.END_USER})
_CLIENTS = frozenset({Trait.BROWSER, Trait.MOBILE_APP, Trait.DESKTOP_APP, Trait.CLI, Trait.IOT_DEVICE})
_STORES = frozenset(
    {
        Trait.DATABASE,
        Trait.SQL,
        Trait.NOSQL,
        Trait.OBJECT_STORAGE,
        Trait.FILE_STORAGE,
        Trait.DATA_WAREHOUSE,
        Trait.LEDGER,
        Trait.CONFIG_STORE,
    }
)
_EITHER = frozenset(
    {
        Trait.QUEUE,
        Trait.STREAM,
        Trait.PUBSUB,
        Trait.CACHE,
        Trait.SEARCH_INDEX,
        Trait.LOG_STORE,
        Trait.BACKUP,
        Trait.VECTOR_STORE,
        Trait.SECRETS_MANAGER,
        Trait.KEY_MANAGEMENT,
        Trait.DIRECTORY,
        Trait.SOURCE_CONTROL,
        Trait.REGISTRY,
        Trait.PACKAGE_MANAGER,
        Trait.WALLET,
        Trait.BLOCKCHAIN,
        Trait.MONITORING,
        Trait.ANALYTICS,
        Trait.ML_MODEL,
    }
)
_SERVED = frozenset(
    {
        Trait.EMAIL,
        Trait.SMS,
        Trait.PAYMENT,
        Trait.LLM,
        Trait.THIRD_PARTY,
        Trait.IDENTITY_PROVIDER,
        Trait.CDN,
        Trait.DNS,
        Trait.WEBHOOK,
        Trait.MONITORING,
        Trait.CI_CD,
        Trait.API,
        Trait.SERVICE,
        Trait.WEB_FRONTEND,
        Trait.WEB_SERVER,
        Trait.DATABASE,
        Trait.GATEWAY,
        Trait.AGENT_TOOL,
    }
    | _EITHER
    | _STORES
)
"""An external entity with one of these is somebody else's system."""


def traits_for(element: Element, known: frozenset[Trait]) -> frozenset[Trait]:
    """The traits of the element's technologies, and those that its name says where its kind allows them."""
    own = known if element.kind is ElementKind.EXTERNAL_ENTITY else known - _PEOPLE
    named = traits_in(element.name) & _ALLOWED[element.kind]
    if element.kind is ElementKind.EXTERNAL_ENTITY:
        named -= _PAGES - traits_in(" ".join(words(element.name)[-1:]))
        if not _FIRMS.isdisjoint(words(element.name)[-1:]):
            named = named - _CLIENTS | {Trait.THIRD_PARTY}
            own -= _CLIENTS | {Trait.MACHINE_CONTROLLER}
    if is_driven(element.name):
        own, named = own - {Trait.BROWSER}, named - {Trait.BROWSER}
    traits = own | named
    if Trait.ADMIN_PERSON in traits and not _STRANGERS.isdisjoint(words(element.name)):
        traits = (traits - {Trait.ADMIN_PERSON, Trait.THIRD_PARTY}) | {Trait.END_USER}
    if element.kind is ElementKind.PROCESS and not _BEHIND.isdisjoint(words(element.name)[-1:]):
        traits -= {Trait.MOBILE_APP, Trait.DESKTOP_APP}
    return traits - {Trait.WEB_FRONTEND} if Trait.WAF in traits else traits


def is_driven(name: str) -> bool:
    """Whether a browser of this name is driven by a program of ours, with nobody sitting at it."""
    return not _DRIVEN.isdisjoint(words(name))


_PAGES = frozenset({Trait.WEB_FRONTEND})
"""What an outside entity is only by the last word of its name: a "site manager" is no site."""
_FIRMS = frozenset({"vendor", "manufacturer", "maker", "supplier", "provider", "dealer", "reseller"})
"""Last words of who makes or sells a thing: a "meter vendor" is no meter."""
_DRIVEN = frozenset({"headless", "pdf", "renderer", "screenshot", "crawler", "scraper"})
"""Words of a browser that a program of ours drives, and nobody sits at."""
_BEHIND = frozenset({"backend", "server", "api", "service", "bff", "gateway"})
"""Last words of what serves an app and is none: "mobile app backend"."""
_STRANGERS = frozenset({"partner", "external", "foreign"})
"""Words before a profession of people who work for somebody else: "partner developer"."""


def client_traits(traits: frozenset[Trait]) -> bool:
    """Whether something with these traits runs in the user's hand, not on our side."""
    server = {Trait.WEB_FRONTEND, Trait.API, Trait.WEB_SERVER, Trait.CONTAINER, Trait.GATEWAY}
    return not _CLIENTS.isdisjoint(traits) and server.isdisjoint(traits)


def party_of(traits: frozenset[Trait], *, has_outgoing: bool) -> str:
    """Who an external entity with these traits is: "user", "staff" or "partner".

    Without a hint it is a user when it sends something, and somebody's system when it only receives.
    """
    if Trait.ADMIN_PERSON in traits:
        return "staff"
    if not (_CLIENTS | {Trait.END_USER}).isdisjoint(traits) and Trait.THIRD_PARTY not in traits:
        return "user"
    if not _SERVED.isdisjoint(traits):
        return "partner"
    return "user" if has_outgoing else "partner"


_WORKFORCE = frozenset(
    {
        "employee",
        "staff",
        "worker",
        "clerk",
        "librarian",
        "nurse",
        "doctor",
        "teacher",
        "technician",
        "analyst",
    }
    | {"manager", "agent", "colleague", "team", "cashier", "teller", "receptionist", "dispatcher"}
    | {"underwriter", "handler"}
)
_KEEPERS = frozenset(
    {"admin", "administrator", "operator", "engineer", "sre", "maintainer", "developer", "devop"}
)


def is_workforce(name: str) -> bool:
    """Whether people of this name use a system at work and do not run it: employees, not administrators."""
    found = {w.removesuffix("s") for w in words(name)}
    return not _WORKFORCE.isdisjoint(found) and _KEEPERS.isdisjoint(found)


_SOMEWHERE = frozenset(Trait) - _PEOPLE
_ALLOWED = {
    ElementKind.EXTERNAL_ENTITY: frozenset(Trait) - {Trait.ADMIN_CONSOLE, Trait.WORKER, Trait.BATCH_JOB},
    ElementKind.PROCESS: _SOMEWHERE - _STORES - {Trait.THIRD_PARTY, Trait.BACKUP},
    ElementKind.DATA_STORE: _STORES | _EITHER,
}
