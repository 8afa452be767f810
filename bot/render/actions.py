"""The identifiers that messages carry out and deliveries carry back: what listeners register for.

Values of buttons and options are routes: see bot.render.routing.
"""

from __future__ import annotations

import re

# Buttons and menus of messages
NEW = "tm_new"
"""Button: open the intake modal."""
START = "tm_start"
"""Button of the root message: start without a diagram."""
STOP = "tm_stop"
"""Button of the progress message."""
ANSWER = re.compile(r"tm_answer_\d+")
"""Buttons of an open question; the route holds `question` and, as `value`, the option's value."""
SEVERITY = "tm_severity"
"""static_select of a threat; the route's `value` is a Severity."""
ACCEPT = "tm_accept"
DISMISS = "tm_dismiss"
"""Button: open the dismiss modal."""
MITIGATIONS = "tm_mitigations"
"""Button: open the mitigations modal."""
MORE = "tm_more"
"""Overflow of a threat; the route's `value` is DETAILS or the ThreatStatus that it is to get."""
DETAILS = "details"
REOPEN = "tm_reopen"
"""Button of a dismissed threat: back to proposed."""
UNDO = "tm_undo"
"""Button of an ephemeral message; the route's `verdict` is the one to take back."""
RERUN = "tm_rerun"
EXPORT = "tm_export"
"""static_select of the summary; the route's `value` is the name of an export."""
EXPORT_OF = "tm_export_of"
"""static_select of a list of models: the route is a model's, its `value` the name of an export."""
REST = "tm_rest"
"""Button of the summary: post the threats beyond the budget."""
RETRY = "tm_retry"
"""Button of an error message."""
CONFIRM = "tm_confirm"
"""Button of a proposal; the route's `value` is the proposal's id."""
DECLINE = "tm_decline"
"""Button of a proposal: it is not to be done."""
CORRECT = "tm_correct"
"""Button of a drawing: open the modal with its text; the route's `value` is the drawing's number."""

# Views
INTAKE_VIEW = "tm_intake"
DISMISS_VIEW = "tm_dismiss_submit"
MITIGATIONS_VIEW = "tm_mitigations_submit"
DETAILS_VIEW = "tm_details"
DRAWING_VIEW = "tm_drawing_submit"


def answer(number: int) -> str:
    """The action id of an open question's button; one block may not hold the same twice."""
    return f"tm_answer_{number}"
