"""What a language model is shown, the schemas made for a run that it fills, and what becomes of its answers.

Everything that goes in is data in a fence (`fence`), under short names of our own (`aliases`); everything
that comes out is checked against what exists (`quotes`, `plain`) before it becomes a domain value.
"""
