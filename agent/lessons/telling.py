"""Earlier verdicts in words: beside a threat, in the summary, and for a language model.

What people wrote is quoted and cut; who they are stands apart from it, as an id.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.domain.lesson import FLOW, Lesson, LessonKind, Place, Teaching
from agent.domain.system import Evidence, EvidenceKind
from agent.domain.text import counted, one_line
from agent.lessons.past import Past, Said

QUOTE, NAME, SHORT = 160, 60, 40


def notes(past: Past) -> tuple[Evidence, ...]:
    """What is said of a threat because of earlier models; the source of each is who decided last."""
    return tuple(_notes(past))


def _notes(past: Past) -> Iterator[Evidence]:
    if past.dismissed and past.accepted:
        both = f"Accepted in {_models(past.accepted)} and dismissed in {len(past.dismissed)}"
        yield _note(f"{both}, last in", past.dismissed[0])
    elif past.dismissed:
        yield _note(f"Dismissed in {_led(past.dismissed)}", past.dismissed[0])
    elif past.accepted:
        yield _note(f"Accepted in {_led(past.accepted)}", past.accepted[0])
    if past.corrected:
        severity = past.corrected[0].lesson.after.capitalize()
        yield _note(f"Set to {severity} by engineers in {_led(past.corrected)}", past.corrected[0])


def _models(said: Sequence[Said]) -> str:
    return "an earlier model here" if len(said) == 1 else f"{counted(len(said), 'earlier model')} here"


def _led(said: Sequence[Said]) -> str:
    return f"{_models(said)}, last in" if len(said) > 1 else f"{_models(said)},"


def _note(led: str, latest: Said) -> Evidence:
    reason = cut(latest.lesson.reason, QUOTE)
    where = f"{led} “{cut(latest.teaching.title, NAME)}”"
    return Evidence(
        kind=EvidenceKind.LESSON,
        quote=where + (f": “{reason}”" if reason else ""),
        source=latest.lesson.who,
        link=latest.teaching.link,
    )


def moved(back: int, up: int) -> str:
    """What became of the list, as a sentence; empty when nothing moved."""
    parts = [f"{counted(back, 'threat')} {_was(back)} moved back"] if back else []
    parts += [f"{counted(up, 'threat')} {_was(up)} moved up"] if up else []
    return f"{' and '.join(parts)} by earlier verdicts of this workspace." if parts else ""


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def hand_added(teaching: Teaching, lesson: Lesson, name: str) -> str:
    """Asks whether a threat that an engineer added elsewhere holds here; answered by a reply in the thread.

    Args:
        teaching: what the model taught where it was added.
        lesson: the threat.
        name: of the part here that is like what it was on there.
    """
    return (
        f"In “{cut(teaching.title, SHORT)}” an engineer added “{cut(lesson.title, 90)}”. Does that hold for "
        f"{cut(name, SHORT)}? If so, reply “Add a threat that …” in this thread."
    )


def answered_elsewhere(said: Said) -> str:
    """Before a question: what answered it in another system, as that system's engineers put it."""
    where, reason = cut(said.teaching.title, SHORT), cut(said.lesson.reason, 100)
    return f"In “{where}” such a threat was dismissed: “{reason}”."


def told(teaching: Teaching, lesson: Lesson) -> str:
    """One lesson for a language model: our words around quotes, and no person's name."""
    what = f"“{cut(lesson.title, 100)}” on {_on(lesson.places)}"
    end = f": “{cut(lesson.reason, 100)}”" if lesson.reason else ""
    where = f"in “{cut(teaching.title, 40)}”"
    match lesson.kind:
        case LessonKind.SEVERITY:
            return f"set from {lesson.severity.value} to {lesson.after} {where}: {what}{end}"
        case LessonKind.REJECTED:
            return f"not to be done {where}: “{cut(lesson.after, 100)}” against {what}"
        case LessonKind.ADDED:
            return f"added by an engineer {where}: {what}: “{cut(lesson.after, 100)}”"
        case _:
            return f"{lesson.kind.value} {where}: {what}{end}"


def _on(places: Sequence[Place]) -> str:
    if not places:
        return "the system"
    made = "+".join(places[0].technologies[:2])
    kind = f"a flow into {made}" if places[0].kind == FLOW and made else _a(places[0].kind.replace("_", " "))
    return kind if places[0].kind == FLOW or not made else f"{kind} ({made})"


def _a(noun: str) -> str:
    return f"an {noun}" if noun[:1] in "aeiou" else f"a {noun}"


def cut(text: str, limit: int) -> str:
    """The text on one line, at most `limit` characters; its quotation marks cannot end ours."""
    line = one_line(text).translate(_MARKS)
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


_MARKS = str.maketrans({"“": "'", "”": "'", '"': "'"})
