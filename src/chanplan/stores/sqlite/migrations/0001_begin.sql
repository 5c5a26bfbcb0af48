-- What the whole state is known by. One row.
CREATE TABLE state (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    lineage TEXT NOT NULL,
    workspace TEXT,
    serial INTEGER NOT NULL,
    sequence INTEGER NOT NULL
);

CREATE TABLE resource (
    address TEXT PRIMARY KEY,
    document TEXT NOT NULL
);

-- Which resource names which address, in its references or attributes: what a rename has to rewrite.
CREATE TABLE mention (
    address TEXT NOT NULL,
    resource TEXT NOT NULL REFERENCES resource (address) ON UPDATE CASCADE ON DELETE CASCADE,
    PRIMARY KEY (address, resource)
) WITHOUT ROWID;

CREATE INDEX mention_by_resource ON mention (resource);

-- Open intents only. `facts` are what checkpoints have merged, apart so that they are rewritten alone.
CREATE TABLE intent (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL,
    facts TEXT NOT NULL
);

CREATE TABLE observation (
    address TEXT PRIMARY KEY,
    gate_on TEXT,
    document TEXT NOT NULL
);

CREATE INDEX observation_by_gate ON observation (gate_on);

CREATE TABLE approval (
    position INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    approved_at TEXT NOT NULL
);

CREATE TABLE fingerprint (
    approval INTEGER NOT NULL REFERENCES approval (position),
    fingerprint TEXT NOT NULL,
    spent INTEGER NOT NULL,
    PRIMARY KEY (approval, fingerprint)
) WITHOUT ROWID;

CREATE INDEX fingerprint_by_text ON fingerprint (fingerprint);

CREATE INDEX fingerprint_remaining ON fingerprint (approval) WHERE spent = 0;

CREATE TABLE acknowledgement (
    position INTEGER PRIMARY KEY,
    address TEXT NOT NULL,
    action TEXT NOT NULL,
    reason TEXT NOT NULL,
    spent_at TEXT NOT NULL,
    UNIQUE (address, action, reason)
);

CREATE TABLE run (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL
);
