"""Joins diagrams, prose, assumptions and answers to one system."""

from agent.understanding.answers import apply_answers
from agent.understanding.understand import understand

__all__ = ["apply_answers", "understand"]
