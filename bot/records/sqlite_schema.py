"""The tables of the embedded records, and what lists read of them."""

from __future__ import annotations

SCHEMA = """
CREATE TABLE IF NOT EXISTS models (
  id TEXT PRIMARY KEY, workspace TEXT NOT NULL, channel TEXT NOT NULL, thread TEXT NOT NULL,
  link TEXT NOT NULL, owner TEXT NOT NULL, created TEXT NOT NULL, request TEXT NOT NULL,
  revision INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS models_thread ON models (workspace, channel, thread);
CREATE TABLE IF NOT EXISTS revisions (
  model TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (model, number)
);
CREATE TABLE IF NOT EXISTS runs (
  id TEXT PRIMARY KEY, model TEXT NOT NULL, revision INTEGER NOT NULL, by TEXT NOT NULL,
  created TEXT NOT NULL, request TEXT NOT NULL, state TEXT NOT NULL, stop_by TEXT NOT NULL,
  error TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS runs_model ON runs (model, revision);
CREATE TABLE IF NOT EXISTS stages (
  run TEXT PRIMARY KEY, stage TEXT NOT NULL, threats INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS verdicts (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, model TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS verdicts_model ON verdicts (model, seq);
CREATE TABLE IF NOT EXISTS tallies (
  model TEXT PRIMARY KEY, revision INTEGER NOT NULL, seq INTEGER NOT NULL, counts TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS deliveries (id TEXT PRIMARY KEY, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS posts (
  key TEXT PRIMARY KEY, channel TEXT NOT NULL, ts TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS ages (
  kind TEXT NOT NULL, id TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID
"""
GLANCE = """
SELECT m.id, m.request, m.owner, m.created, m.link, m.revision,
  CASE WHEN t.seq = COALESCE((SELECT MAX(v.seq) FROM verdicts v WHERE v.model = m.id), 0) THEN t.counts END,
  r.revision, r.by, r.created, r.state, r.error, COALESCE(s.stage, ''), COALESCE(s.threats, 0)
FROM models m
LEFT JOIN tallies t ON t.model = m.id AND t.revision = m.revision
LEFT JOIN runs r ON r.id = (
  SELECT l.id FROM runs l WHERE l.model = m.id AND l.revision > m.revision ORDER BY l.created DESC LIMIT 1)
LEFT JOIN stages s ON s.run = r.id
WHERE m.workspace = ? AND m.channel = ? ORDER BY m.created DESC, m.id LIMIT ?
"""
"""A tally names the revision and the last verdict that it has counted, so that one which an earlier version
did not keep up is not taken for true."""
