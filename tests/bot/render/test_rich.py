"""Rich text, and what a message may link to."""

from __future__ import annotations

import pytest

from bot.render import rich


@pytest.mark.parametrize(
    "url",
    [
        "https://cwe.mitre.org/data/definitions/345.html",
        "https://capec.mitre.org/data/definitions/148.html",
        "https://attack.mitre.org/techniques/T1190/",
        "https://atlas.mitre.org/techniques/AML.T0051",
        "https://owasp.org/API-Security/editions/2023/en/0xa1-broken-object-level-authorization/",
        "https://genai.owasp.org/llmrisk/llm01-prompt-injection/",
        "https://cheatsheetseries.owasp.org/cheatsheets/SAML_Security_Cheat_Sheet.html#validate",
        "https://github.com/OWASP/ASVS/blob/v5.0.0/5.0/en/0x13-V4-API.md",
    ],
)
def test_catalogues_are_linked(url: str) -> None:
    """The pages of the public catalogues become links."""
    assert rich.reference("CWE", url) == {"type": "link", "url": url, "text": "CWE"}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://cwe.mitre.org/data/definitions/345.html",
        "https://cwe.mitre.org.evil.example/",
        "https://cwe.mitre.org@evil.example/",
        "https://evil.example/https://cwe.mitre.org/",
        "https://cwe.mitre.org:444/",
        "https://github.com/evil/OWASP/",
        "https://github.com/OWASPX/",
        "javascript:alert(1)",
        "https://cwe.mitre.org/ <!channel>",
        "https://cwe.mitre.org/a|b",
        "https://owasp.org/" + "a" * 500,
    ],
)
def test_anything_else_is_not_linked(url: str) -> None:
    """Other hosts, other schemes, and addresses that hide something stay plain text."""
    assert rich.reference("CWE", url) == {"type": "text", "text": "CWE"}


def test_people_are_mentioned_by_id_only() -> None:
    """A Slack user id is a mention; a name, or anything else, is text."""
    assert rich.person("U0123ABCD") == {"type": "user", "user_id": "U0123ABCD"}
    assert rich.person("dana") == {"type": "text", "text": "@dana"}
    assert rich.person("U1> <!channel") == {"type": "text", "text": "@U1> <!channel"}
    assert rich.person("") == {"type": "text", "text": "somebody"}


def test_empty_leaves_are_left_out() -> None:
    """Slack refuses a text of nothing, so a paragraph drops it."""
    assert rich.section(rich.said(""), rich.said("a"))["elements"] == [rich.said("a")]


def test_a_list_of_nothing_is_no_list() -> None:
    """Slack refuses a list without entries, so none is made."""
    assert rich.bullets([]) == []


def test_joined_leaves_have_separators_between_groups_only() -> None:
    """Nothing before the first group and nothing after the last."""
    texts = [leaf["text"] for leaf in rich.joined([[rich.said("a"), rich.said("b")], [rich.said("c")]])]
    assert texts == ["a", "b", ", ", "c"]
