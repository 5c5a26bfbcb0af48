-- What belongs to the workspace and to no resource. `name` is a hash of the key, `written` counts microseconds since 1970.
CREATE TABLE kept (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    written INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;

CREATE INDEX kept_by_time ON kept (kind, written);
