-- What the first version keeps. Times are seconds since 1970; ids of people are keyed hashes.

CREATE TABLE updates (
    update_id INTEGER PRIMARY KEY,
    at REAL NOT NULL,           -- when it was claimed last, or settled
    holder TEXT,                -- the process that claimed it; NULL once it is settled or given back
    tries INTEGER NOT NULL,
    settled INTEGER NOT NULL CHECK (settled IN (0, 1))
) STRICT;
CREATE INDEX updates_by_age ON updates (at);

CREATE TABLE holders (
    name TEXT PRIMARY KEY,
    seen_at REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE people (
    here TEXT PRIMARY KEY,      -- a person in a chat
    person TEXT NOT NULL,       -- the person in whichever chat
    at REAL NOT NULL,
    context TEXT NOT NULL       -- JSON
) STRICT, WITHOUT ROWID;
CREATE INDEX people_by_person ON people (person);
CREATE INDEX people_by_age ON people (at);

CREATE TABLE counts (
    day TEXT NOT NULL,          -- YYYY-MM-DD, UTC
    what TEXT NOT NULL,
    about TEXT NOT NULL,
    times INTEGER NOT NULL,
    PRIMARY KEY (day, what, about)
) STRICT, WITHOUT ROWID;

CREATE TABLE misses (
    number INTEGER PRIMARY KEY,
    day TEXT NOT NULL,
    words TEXT NOT NULL,        -- redacted
    not_this TEXT NOT NULL
) STRICT;

CREATE TABLE life (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    beat_at REAL NOT NULL
) STRICT;

CREATE TABLE knowledge (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    number INTEGER NOT NULL,
    version TEXT NOT NULL
) STRICT;

CREATE TABLE replicas (
    name TEXT PRIMARY KEY,
    generation INTEGER NOT NULL,
    version TEXT NOT NULL,
    problems INTEGER NOT NULL,
    seen_at REAL NOT NULL
) STRICT, WITHOUT ROWID;
