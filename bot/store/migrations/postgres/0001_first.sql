-- What the first version keeps, in a schema of its own; ids of people are keyed hashes.

CREATE TABLE napebot.updates (
    update_id bigint PRIMARY KEY,
    at timestamptz NOT NULL,    -- when it was claimed last, or settled
    holder text,                -- the process that claimed it; NULL once it is settled or given back
    tries integer NOT NULL,
    settled boolean NOT NULL
);
CREATE INDEX updates_by_age ON napebot.updates (at);

CREATE TABLE napebot.holders (
    name text PRIMARY KEY,
    seen_at timestamptz NOT NULL
);

CREATE TABLE napebot.people (
    here text PRIMARY KEY,      -- a person in a chat
    person text NOT NULL,       -- the person in whichever chat
    at timestamptz NOT NULL,
    context jsonb NOT NULL
);
CREATE INDEX people_by_person ON napebot.people (person);
CREATE INDEX people_by_age ON napebot.people (at);

CREATE TABLE napebot.counts (
    day date NOT NULL,          -- UTC
    what text COLLATE "C" NOT NULL,
    about text COLLATE "C" NOT NULL,
    times bigint NOT NULL,
    PRIMARY KEY (day, what, about)
);

CREATE TABLE napebot.misses (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    day date NOT NULL,
    words text NOT NULL,        -- redacted
    not_this text NOT NULL
);

CREATE TABLE napebot.life (
    one integer PRIMARY KEY CHECK (one = 1),
    beat_at timestamptz NOT NULL
);

CREATE TABLE napebot.knowledge (
    one integer PRIMARY KEY CHECK (one = 1),
    number bigint NOT NULL,
    version text NOT NULL
);

CREATE TABLE napebot.replicas (
    name text COLLATE "C" PRIMARY KEY,
    generation bigint NOT NULL,
    version text NOT NULL,
    problems integer NOT NULL,
    seen_at timestamptz NOT NULL
);
