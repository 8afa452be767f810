"""Hurried and foreign English is read like careful English."""

from __future__ import annotations

import pytest

from agent.diagrams.prose import read_prose
from agent.diagrams.prose_spelling import spelled
from agent.domain.system import SystemFragment


def flows(read: SystemFragment) -> set[tuple[str, str]]:
    """The flows, as names."""
    made = {e.id: e.name for e in read.elements}
    return {(made[f.source], made[f.target]) for f in read.flows}


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("files wich are stored and than sended", "files which are stored and then sent"),
        ("Users uplaod", "Users upload"),
        ("the databse", "the database"),
        ("it forwadrs mail", "it forwards mail"),
        ("it transmited mail", "it transmitted mail"),
    ],
)
def test_slips_are_put_right(wrong: str, right: str) -> None:
    """Frequent slips, swapped letters and a letter that should be double are put right."""
    assert spelled(wrong) == right


@pytest.mark.parametrize(
    "text", ["embedded chips", "it stopped", "she retired", "Kafka complies", "a worker in Berlin"]
)
def test_right_words_stay(text: str) -> None:
    """Words that are spelled well stay as they are."""
    assert spelled(text) == text


def test_a_verb_without_its_ending_is_a_verb() -> None:
    """The words "the worker send the result" say what the worker does."""
    assert flows(read_prose("The mail worker send the result to the print service.")) == {
        ("mail worker", "print service")
    }


def test_misspelt_sentences_state_flows_and_are_quoted_as_written() -> None:
    """A misspelt sentence states its flow, and evidence quotes it with its slips."""
    text = "The web app uplaods CSV files to a S3 bucket."
    read = read_prose(text)
    assert flows(read) == {("web app", "S3 bucket")}
    assert [f.evidence.quote for f in read.flows] == [text]


def test_words_of_names_are_no_slips() -> None:
    """What a diagram or a list calls a part is its name, however it is spelled."""
    read = read_prose("The uplaod servise calls the till API.", known=("Uplaod servise", "Till API"))
    assert flows(read) == {("Uplaod servise", "Till API")}
