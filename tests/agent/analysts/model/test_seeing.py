"""What a model adds to what readers have read exactly."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from agent.analysts.filled.fence import Fence
from agent.analysts.filled.pictures import LONGEST, Picture, picture_of, scaled
from agent.analysts.filled.seeing import Understood, joined, understand
from agent.diagrams.base import SourceFile
from agent.diagrams.prose import read_prose
from agent.diagrams.registry import read_file
from agent.domain.request import Request
from agent.domain.system import ElementKind, EvidenceKind, System, SystemFragment
from agent.errors import AnalystError, NothingToRead
from tests.agent.analysts.model.scripted import LIBRARY, ScriptedChat, pictures, shown
from tests.pictures import png

PNG = png()
NOTES = (
    "# Operations\n\nA nightly exporter copies loans to the archive vault. "
    "The Loan API is rate limited at the edge."
)


def saw(
    answer: dict[str, Any],
    *drawn: tuple[str, str],
    pictures_: tuple[Picture, ...] = (),
    description: str = "",
) -> tuple[Understood, System, ScriptedChat]:
    """What comes of the model's answer, the system with it, and the chat."""
    chat = ScriptedChat(lambda _: answer)
    request = Request(title="Library", description=description)
    fragments = [read_file(SourceFile(name, text.encode())) for name, text in drawn]
    fragments.append(
        read_prose(description) if description else SystemFragment(source="description", format="prose")
    )
    understood = understand(chat, Fence("run-1"), request, fragments, pictures_)
    return understood, joined(request, fragments, understood), chat


WHITEBOARD = Picture("whiteboard.png", PNG, "image/png")
SEEN = {
    "elements": [
        {"id": "N1", "name": "Kiosk", "kind": "external_entity", "seen_in": "I1"},
        {"id": "N2", "name": "Ticket service", "kind": "process", "zone": "Cellar", "seen_in": "I1"},
        {"id": "N3", "name": "Tickets DB", "kind": "data_store", "zone": "Cellar", "seen_in": "I1"},
    ],
    "flows": [
        {"source": "N1", "target": "N2", "label": "HTTP", "seen_in": "I1"},
        {"source": "N2", "target": "N3", "label": "SQL", "seen_in": "I1"},
    ],
}


def test_a_picture_becomes_a_system() -> None:
    """What is drawn on a photo becomes elements, flows and boundaries, all assumed, with their source."""
    understood, system, chat = saw(SEEN, pictures_=(WHITEBOARD,))

    assert [e.name for e in system.elements] == ["Kiosk", "Ticket service", "Tickets DB"]
    assert [f.protocol for f in system.flows] == ["http", "sql"]
    assert [b.name for b in system.boundaries] == ["Cellar"]
    assert all(e.assumed and e.source.source == "whiteboard.png" for e in system.elements)
    assert pictures(chat.calls[0]) == 1
    assert understood.dropped == 0


def test_a_picture_comes_back_as_mermaid_that_our_reader_reads() -> None:
    """The flowchart that a person gets to correct gives the same elements and flows when it is sent back."""
    understood, system, _ = saw(SEEN, pictures_=(WHITEBOARD,))
    ((name, text),) = understood.mermaid
    back = read_file(SourceFile("corrected.mmd", text.encode()))

    assert name == "whiteboard.png"
    assert [(e.name, e.kind) for e in back.elements] == [(e.name, e.kind) for e in system.elements]
    assert [f.label for f in back.flows] == ["HTTP", "SQL"]
    assert [b.name for b in back.boundaries] == ["Cellar"]


def test_what_was_read_exactly_wins() -> None:
    """A model that sees a drawn database as an external entity changes nothing of it."""
    wrong = {
        "elements": [{"id": "N1", "name": "Loans DB", "kind": "external_entity", "seen_in": "I1"}],
        "flows": [{"source": "E1", "target": "N1", "label": "reads", "seen_in": "I1"}],
    }
    _, system, _ = saw(wrong, ("library.mmd", LIBRARY), pictures_=(WHITEBOARD,))
    element = next(e for e in system.elements if e.name == "Loans DB")

    assert element.kind is ElementKind.DATA_STORE
    assert not element.assumed
    assert element.source.source == "library.mmd"
    assert [e.name for e in system.elements].count("Loans DB") == 1


def test_a_document_adds_what_its_sentences_name() -> None:
    """An element out of a text needs the sentence that names it; what no sentence names is dropped."""
    sentence = "A nightly exporter copies loans to the archive vault."
    answer = {
        "elements": [
            {"id": "N1", "name": "archive vault", "kind": "data_store", "seen_in": "D1", "quote": sentence},
            {"id": "N2", "name": "Backdoor", "kind": "process", "seen_in": "D1", "quote": sentence},
            {
                "id": "N3",
                "name": "exporter",
                "kind": "process",
                "seen_in": "D1",
                "quote": "There is an exporter.",
            },
        ],
        "flows": [],
    }
    understood, system, _ = saw(answer, ("library.mmd", LIBRARY), ("notes.md", NOTES))
    (fragment,) = understood.fragments

    assert [e.name for e in fragment.elements] == ["archive vault"]
    assert fragment.elements[0].source.quote == sentence
    assert fragment.elements[0].source.kind is EvidenceKind.DESCRIPTION
    assert understood.dropped == 2
    assert "Backdoor" not in {e.name for e in system.elements}


def test_a_control_is_a_fact_only_when_the_sentence_states_it() -> None:
    """The model says where a sentence belongs; what it says, the catalog reads."""
    facts = [
        {
            "about": "E3",
            "control": "rate_limit",
            "state": "present",
            "quote": "The Loan API is rate limited at the edge.",
        },
        {
            "about": "E3",
            "control": "mfa",
            "state": "present",
            "quote": "The Loan API is rate limited at the edge.",
        },
    ]
    understood, _, _ = saw({"facts": facts}, ("library.mmd", LIBRARY), ("notes.md", NOTES))

    assert [f.fact for fragment in understood.fragments for f in fragment.facts] == ["control:rate_limit"]
    assert understood.dropped == 1


def test_questions_are_in_the_catalogs_words() -> None:
    """The model chooses what to ask about; no word of its own reaches the person's buttons."""
    asked = {
        "questions": [{"about": "E3", "control": "rate_limit"}, {"about": "E3", "control": "rate_limit"}]
    }
    understood, system, _ = saw(asked, ("library.mmd", LIBRARY))
    (question,) = understood.questions

    assert question.fact == "control:rate_limit"
    assert system.name_of(question.about) in question.text
    assert [o.value for o in question.options] == ["yes", "no", "unknown"]


@pytest.mark.parametrize(
    "content",
    [PNG[:60], b"\x89PNG\r\n\x1a\n", png(9000, 9000), PNG[:8] + b"\x00" * 40],
    ids=["cut off", "a head alone", "a bomb", "no picture"],
)
def test_a_picture_that_cannot_be_sent_is_named(content: bytes) -> None:
    """It does not cost the call: it is left out, with what to do."""
    wall = Picture("wall.png", content, "image/png")
    understood, _, chat = saw(SEEN, pictures_=(WHITEBOARD, wall))

    assert pictures(chat.calls[0]) == 1
    assert [w for w in understood.warnings if w.startswith("wall.png") and "Send it" in w]


@pytest.mark.parametrize(("width", "height"), [(4000, 1000), (900, 3000)])
def test_a_large_picture_is_scaled_to_what_a_model_can_use(width: int, height: int) -> None:
    """The longer side becomes 1568 points, the shape stays; what fits is sent as it is."""
    large = scaled(Picture("wall.png", png(width, height), "image/png"))

    with Image.open(BytesIO(large.content)) as seen:
        assert max(seen.size) == LONGEST
        assert abs(seen.size[0] / seen.size[1] - width / height) < 0.01
    assert scaled(WHITEBOARD) == WHITEBOARD


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
def test_every_kind_of_picture_that_a_model_takes_can_be_scaled(form: str) -> None:
    """Whatever it came as, it leaves as a kind that a model takes."""
    picture = picture_of("wall", png(4000, 400, form=form))

    assert picture is not None
    assert picture_of("wall", scaled(picture).content) == scaled(picture)


def test_secrets_are_masked_and_reported() -> None:
    """A key in a document is not in the call, and the person is told where it stands."""
    key = "AKIA" + "Z2345672345672AB"
    _, system, chat = saw({}, ("library.mmd", LIBRARY), ("notes.md", f"The job uses {key} for now."))

    assert key not in shown(chat.calls[0])
    assert "[masked: AWS access key id]" in shown(chat.calls[0])
    assert [w for w in system.warnings if w.startswith("notes.md") and "AWS access key id" in w]


def test_nothing_seen_is_nothing_invented() -> None:
    """When neither readers nor model recognise anything, the run ends as it does without a model."""
    with pytest.raises(NothingToRead):
        saw({}, pictures_=(WHITEBOARD,))


def test_a_failure_names_what_was_lost() -> None:
    """The error says that it is about the pictures and texts, so that the readers' system can stand."""

    def fail(_: object) -> dict[str, Any]:
        return {"elements": "none"}

    request = Request(title="Library")
    with pytest.raises(AnalystError, match="The pictures and texts"):
        understand(ScriptedChat(fail), Fence("r"), request, [], (WHITEBOARD,))


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7", None),
        (b"BM\x00", None),
    ],
)
def test_pictures_are_known_by_their_content(content: bytes, media_type: str | None) -> None:
    """What a model takes as a picture is told by its first bytes, whatever its name."""
    picture = picture_of("anything.txt", content)

    assert (picture.media_type if picture else None) == media_type
