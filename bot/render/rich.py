"""Rich text: the only place of a message where text of a file, a user or a model goes.

Slack shows a `text` leaf as it is: no mark-up, no mention, no link is read out of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal
from urllib.parse import urlsplit

Json = dict[str, Any]
Style = Literal["bold", "italic", "strike", "code"]

HOSTS = frozenset(
    {
        "cwe.mitre.org",
        "capec.mitre.org",
        "attack.mitre.org",
        "atlas.mitre.org",
        "owasp.org",
        "genai.owasp.org",
        "cheatsheetseries.owasp.org",
    }
)
"""Where a message may link to."""
_REPOSITORIES = ("github.com", "/OWASP/")
_URL = re.compile(r"https://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~/%#?=&:+,;-]*)?")
_USER = re.compile(r"[UW][A-Z0-9_]{2,30}")
_LONGEST_URL = 500


def said(text: str, *styles: Style) -> Json:
    """A leaf that shows the text as it is."""
    leaf: Json = {"type": "text", "text": text}
    return leaf | {"style": dict.fromkeys(styles, True)} if styles else leaf


def person(who: str) -> Json:
    """A leaf that names whoever pressed: a mention for a Slack user id, the plain name otherwise."""
    if _USER.fullmatch(who):
        return {"type": "user", "user_id": who}
    return said(f"@{who[:60]}" if who else "somebody")


def reference(text: str, url: str, documents: str = "") -> Json:
    """A leaf that links to a catalogue's page, or shows the text alone when the host is not on the list.

    With `documents`, the address below which the company's documents are opened, it links to those too.
    """
    allowed = may_link(url) or _of_company(url, documents)
    return {"type": "link", "url": url, "text": text} if allowed else said(text)


def _of_company(url: str, documents: str) -> bool:
    below = f"{documents.rstrip('/')}/"
    if not documents or not url.startswith(below) or len(url) > _LONGEST_URL or not _URL.fullmatch(url):
        return False
    return not {"", ".", ".."} & set(url[len(below) :].split("/"))


def thread(text: str, address: str) -> Json:
    """A leaf that leads to a thread; shows the text alone when the address is none of Slack's."""
    link = permalink(text, address)
    return link | {"style": {"bold": True}} if link else said(text, "bold")


def permalink(text: str, address: str) -> Json:
    """A leaf that leads to a message; empty when the address is none of Slack's."""
    return {"type": "link", "url": address, "text": text} if _of_slack(address) else {}


def _of_slack(link: str) -> bool:
    if len(link) > _LONGEST_URL or any(c.isspace() for c in link):
        return False
    parts = urlsplit(link)
    return parts.scheme == "https" and parts.netloc.endswith(".slack.com") and "@" not in parts.netloc


def may_link(url: str) -> bool:
    """Whether a message may link there: https, a host of the list, nothing hidden in the address."""
    if len(url) > _LONGEST_URL or not _URL.fullmatch(url):
        return False
    parts = urlsplit(url)
    host, path = _REPOSITORIES
    return parts.netloc in HOSTS or (parts.netloc == host and parts.path.startswith(path))


def section(*leaves: Json) -> Json:
    """A paragraph; leaves without text are left out."""
    return {"type": "rich_text_section", "elements": _kept(leaves)}


def quote(*leaves: Json) -> Json:
    """A paragraph with a bar beside it."""
    return {"type": "rich_text_quote", "elements": _kept(leaves)}


def preformatted(text: str) -> Json:
    """A text as it is, in a fixed width, with its line breaks."""
    return {"type": "rich_text_preformatted", "elements": [said(text)]}


def bullets(entries: Iterable[Sequence[Json]], style: Literal["bullet", "ordered"] = "bullet") -> list[Json]:
    """A list, as the one container it is; no container when there are no entries."""
    sections = [section(*leaves) for leaves in entries]
    return [{"type": "rich_text_list", "style": style, "elements": sections}] if sections else []


def block(*containers: Json) -> Json:
    """A block of paragraphs, lists and quotes, one below the other."""
    return {"type": "rich_text", "elements": list(containers)}


def joined(groups: Sequence[Sequence[Json]], between: str = ", ") -> list[Json]:
    """The leaves of all groups with a separator between two groups."""
    leaves: list[Json] = []
    for index, group in enumerate(groups):
        leaves += [said(between), *group] if index else group
    return leaves


def _kept(leaves: Iterable[Json]) -> list[Json]:
    return [leaf for leaf in leaves if leaf.get("text") != ""]
