"""What splitting promises: no word is lost, pieces have a size, sentences stay whole, ids are stable."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.documents.blocks import Block
from knowledge.documents.reading import LONGEST_SLUG, passages, slug
from knowledge.documents.splitting import LEAST, MOST, TITLE, split
from tests.knowledge.documents.writing import CALM, STANDARD

WORDS = st.text("abcdefgäöü.", min_size=1, max_size=30).filter(lambda word: word.strip("."))
TEXTS = st.lists(WORDS, min_size=1, max_size=400).map(" ".join)
BLOCKS = st.lists(
    st.one_of(
        st.builds(Block, TEXTS),
        st.builds(Block, st.lists(WORDS, min_size=1, max_size=40).map(" ".join), st.integers(0, 4)),
    ),
    min_size=1,
    max_size=25,
)


@settings(CALM, max_examples=150)
@given(blocks=BLOCKS)
def test_no_word_is_lost(blocks: list[Block]) -> None:
    """The words of the text come in their order, each once; those of a heading in a title or a text."""
    pieces = split(blocks, "file")
    everything = " ".join(f"{piece.title} {piece.text}" for piece in pieces).casefold()
    told = iter(" ".join(piece.text for piece in pieces).split())
    for block in blocks:
        if block.level is None:
            assert all(word in told for word in block.text.split())
        else:
            assert " ".join(block.text.split()).casefold() in " ".join(everything.split())


@settings(CALM, max_examples=150)
@given(blocks=BLOCKS)
def test_pieces_have_a_size(blocks: list[Block]) -> None:
    """No piece is empty or longer than the bounds; without headings, there are no two crumbs side by side."""
    pieces = split(blocks, "file")
    assert pieces
    assert all(0 < len(piece.text) <= MOST and 0 < len(piece.title) <= TITLE for piece in pieces)
    texts = [len(p.text) for p in split([b for b in blocks if b.level is None] or [Block("text")], "file")]
    assert all(one + other > LEAST / 2 for one, other in pairwise(texts))


@CALM
@given(st.lists(st.lists(WORDS, min_size=3, max_size=30).map(" ".join), min_size=1, max_size=60))
def test_sentences_stay_whole(sentences: list[str]) -> None:
    """Each sentence of a long paragraph stands in one piece."""
    said = [f"{sentence.replace('.', '')} Z{number}." for number, sentence in enumerate(sentences)]
    pieces = split([Block(" ".join(said))], "file")
    assert all(any(" ".join(sentence.split()) in piece.text for piece in pieces) for sentence in said)


@CALM
@given(st.text(min_size=MOST + 1, max_size=3 * MOST, alphabet="ab"))
def test_a_word_without_end_is_cut(word: str) -> None:
    """Where there is neither a sentence nor a space, a text is cut anywhere, and nothing is lost."""
    pieces = split([Block(word)], "file")
    assert "".join(piece.text for piece in pieces) == word
    assert all(len(piece.text) <= MOST for piece in pieces)


def test_titles_are_the_headings() -> None:
    """Small neighbours stand together under their common heading, and the title names them."""
    made = passages("access.md", STANDARD.encode())
    assert [p.title for p in made] == ["Access standard · Sessions, Storage"]
    longer = STANDARD.replace("Sign in again afterwards.", "Sign in again afterwards. " * 40)
    assert [p.title for p in passages("access.md", longer.encode())] == [
        "Access standard · Sessions · Lifetime",
        "Access standard · Sessions · Devices",
        "Access standard · Storage",
    ]


def test_without_a_title_the_file_gives_its_name() -> None:
    """A text without headings, and one with several highest ones, is called what its file is called."""
    assert passages("guides/api_design-rules.txt", b"Use nouns.")[0].title == "api design rules"
    made = passages("rules.md", b"# One\n\n" + b"word " * 200 + b"\n\n# Two\n\nmore")
    assert [p.title for p in made] == ["rules · One", "rules · Two"]


@CALM
@given(st.text(min_size=1, max_size=200), st.text(min_size=1, max_size=200))
def test_ids_tell_files_apart(one: str, other: str) -> None:
    """Unlike paths have unlike slugs, of bounded length and of characters that a citation may have."""
    assert (slug(one) == slug(other)) == (one == other)
    assert len(slug(one)) <= LONGEST_SLUG + 9
    assert set(slug(one)) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-")


@CALM
@given(TEXTS, st.sampled_from(["a.md", "b/c d.txt", "ü.html"]))
def test_the_same_file_gives_the_same_passages(text: str, path: str) -> None:
    """Ids are unique, numbered from 1, and the same each time; so is everything else."""
    made = passages(path, text.encode())
    assert made == passages(path, text.encode())
    assert [p.id for p in made] == [f"company:{slug(path)}#{n}" for n in range(1, len(made) + 1)]
    assert {(p.source, p.kind, p.url) for p in made} == {("company", "document", "")}


def test_addresses_are_below_the_base() -> None:
    """With a base, each passage has the address of its file below it, and none from its text."""
    (made,) = passages("a b/ü?.md", b"See [here](https://evil.example/).", "https://wiki.example.com/docs/")
    assert made.url == "https://wiki.example.com/docs/a%20b/%C3%BC%3F.md"
    assert "evil" not in made.model_dump_json()


def test_what_a_passage_is_about_is_recognised() -> None:
    """Technologies and categories that it names, and identifiers of the catalogues, label a passage."""
    text = b"Object storage and web-servers resist tampering, see CWE-352 and CWE-99999. API of a service."
    (made,) = passages("a.txt", text)
    assert made.technologies == ("object_storage", "web_server")
    assert made.stride[0] in {"spoofing", "tampering"}
    assert "tampering" in made.stride
    assert made.related == ("CWE-352",)
