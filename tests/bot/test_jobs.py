"""What a job's form on a queue promises."""

import json

import pytest

from agent.errors import InputError
from bot.jobs import (
    Actor,
    AddFiles,
    AnswerQuestion,
    Ask,
    ConfirmProposal,
    CorrectDrawing,
    Export,
    GiveVerdict,
    Job,
    Judgement,
    OpenModel,
    Refuse,
    ShowRest,
    SlackFile,
    StartRun,
    UndoVerdict,
    Unlearn,
    decode,
    encode,
)

DANA = Actor(user="U0DANA", team="T0", workspace="T0", channel="C0")
FILE = SlackFile(id="F1", name="läden.mmd", size=12, mode="hosted", url="https://files.slack.com/x")
SAID = Judgement(threat="T-001", kind="status", after="dismissed", reason='they said "no"')
JOBS: tuple[Job, ...] = (
    OpenModel(id="1", model="tm-1", actor=DANA, title="Läden 🚚", files=(FILE,)),
    AddFiles(id="1", model="tm-1", actor=DANA, message_ts="18.2", files=(FILE, FILE), text="new"),
    StartRun(id="1", model="tm-1", actor=DANA),
    GiveVerdict(id="1", model="tm-1", actor=DANA, revision=2, judgements=(SAID,)),
    UndoVerdict(id="1", model="tm-1", actor=DANA, revision=2, threat="T-001", verdicts=("a", "b")),
    AnswerQuestion(id="1", model="tm-1", actor=DANA, revision=2, question="q", value="yes"),
    ConfirmProposal(
        id="1", model="tm-1", actor=DANA, revision=2, proposal="ab12", message_ts="18.2", confirmed=True
    ),
    CorrectDrawing(id="1", model="tm-1", actor=DANA, revision=2, drawing=1, text="flowchart LR\n  a-->b"),
    Ask(id="1", model="tm-1", actor=DANA, message_ts="18.2", text="why\n\u2028?"),
    Export(id="1", model="tm-1", actor=DANA, name="otm"),
    Refuse(id="1", model="tm-1", actor=DANA, reason="guests"),
    ShowRest(id="1", model="tm-1", actor=DANA, revision=2),
    Unlearn(id="1", model="removal-T0", actor=DANA),
)


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.kind)
def test_a_job_comes_back_from_its_text(job: Job) -> None:
    """Every kind of job is the same after it was written and read."""
    assert decode(encode(job)) == job


def test_the_text_is_json_with_its_kind() -> None:
    """The text is one JSON object whose `kind` says what it is."""
    written = json.loads(encode(JOBS[2]))

    assert (written["kind"], written["model"], written["actor"]["user"]) == ("start_run", "tm-1", "U0DANA")


def spoilt(**changes: object) -> str:
    """A StartRun's text with members replaced or added."""
    return json.dumps({**json.loads(encode(JOBS[2])), **changes})


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "the whole"),
        ("[]", "the whole"),
        ("{}", "the whole"),
        (spoilt(kind="dance"), "the whole"),
        (spoilt(model=7), "start_run.model"),
        (spoilt(more=1), "start_run.more"),
        (spoilt(actor={"user": "U1"}), "start_run.actor.team"),
        (spoilt(kind="show_rest", revision="2"), "show_rest.revision"),
    ],
)
def test_what_is_no_job_is_refused_with_its_place(text: str, place: str) -> None:
    """Text of another form raises InputError that names the member and what to do; nothing is guessed."""
    with pytest.raises(InputError, match=rf"cannot be read: {place}: .+ version"):
        decode(text)


def test_an_unreadable_job_shows_no_content() -> None:
    """The refusal repeats nothing of what the person wrote."""
    secret = OpenModel(id="1", model="tm-1", actor=DANA, title="the vault's plan")
    with pytest.raises(InputError) as refused:
        decode(encode(secret).replace('"title"', '"heading"'))

    assert "vault" not in refused.value.message
