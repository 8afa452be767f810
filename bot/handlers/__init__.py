"""What the worker does: one file a kind of job. A handler may be run again after a kill at any point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.handlers.answer_question import answer_question
from bot.handlers.ask import ask
from bot.handlers.confirm import confirm_proposal
from bot.handlers.correct import correct_drawing
from bot.handlers.export import export, show_rest
from bot.handlers.judge import give_verdict, undo_verdict
from bot.handlers.open_model import open_model
from bot.handlers.refuse import give_up, refuse, sentence
from bot.handlers.run_model import close_run, end_run, start_run
from bot.handlers.take_files import add_files
from bot.lessons.removal import unlearn
from bot.services import Services

Handler = Callable[[Services, Any], None]

HANDLERS: dict[str, Handler] = {
    "open_model": open_model,
    "add_files": add_files,
    "start_run": start_run,
    "give_verdict": give_verdict,
    "undo_verdict": undo_verdict,
    "answer_question": answer_question,
    "confirm_proposal": confirm_proposal,
    "correct_drawing": correct_drawing,
    "ask": ask,
    "export": export,
    "show_rest": show_rest,
    "refuse": refuse,
    "unlearn": unlearn,
}
"""By a job's kind."""

__all__ = ["HANDLERS", "Handler", "close_run", "end_run", "give_up", "sentence"]
