-- The embedded knowledge store, schema version 1 (PRAGMA user_version).
-- External content, so that the text is kept once; three triggers keep the index true to it
-- (contentless tables cannot delete before SQLite 3.43).

CREATE TABLE passage (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    url TEXT NOT NULL,
    licence TEXT NOT NULL,
    stride TEXT NOT NULL,        -- JSON list
    technologies TEXT NOT NULL,  -- JSON list
    related TEXT NOT NULL        -- JSON list
);

CREATE INDEX passage_by_source ON passage (source);
CREATE INDEX passage_by_kind ON passage (kind);

-- The members of the JSON lists that can be filtered by.
CREATE TABLE label (
    name TEXT NOT NULL,          -- "technology" or "stride"
    value TEXT NOT NULL,
    passage INTEGER NOT NULL REFERENCES passage (number) ON DELETE CASCADE,
    PRIMARY KEY (name, value, passage)
) WITHOUT ROWID;

CREATE INDEX label_by_passage ON label (passage);

-- One vector a passage: little-endian float32, of unit length, made by the embedder of that name.
CREATE TABLE vector (
    passage INTEGER PRIMARY KEY REFERENCES passage (number) ON DELETE CASCADE,
    embedder TEXT NOT NULL,
    value BLOB NOT NULL
);

CREATE VIRTUAL TABLE words USING fts5 (
    id, title, text, technologies,
    content = 'passage', content_rowid = 'number',
    tokenize = 'porter unicode61 remove_diacritics 2'
);

CREATE TRIGGER words_after_insert AFTER INSERT ON passage BEGIN
    INSERT INTO words (rowid, id, title, text, technologies)
    VALUES (new.number, new.id, new.title, new.text, new.technologies);
END;

CREATE TRIGGER words_after_delete AFTER DELETE ON passage BEGIN
    INSERT INTO words (words, rowid, id, title, text, technologies)
    VALUES ('delete', old.number, old.id, old.title, old.text, old.technologies);
END;

CREATE TRIGGER words_after_update AFTER UPDATE ON passage BEGIN
    INSERT INTO words (words, rowid, id, title, text, technologies)
    VALUES ('delete', old.number, old.id, old.title, old.text, old.technologies);
    INSERT INTO words (rowid, id, title, text, technologies)
    VALUES (new.number, new.id, new.title, new.text, new.technologies);
END;

-- A vector stands for one text only.
CREATE TRIGGER vector_after_update AFTER UPDATE OF title, text ON passage
WHEN old.title <> new.title OR old.text <> new.text BEGIN
    DELETE FROM vector WHERE passage = old.number;
END;
