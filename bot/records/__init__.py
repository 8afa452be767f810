"""Threat models, revisions, runs, verdicts, deliveries and published messages, behind one port."""
