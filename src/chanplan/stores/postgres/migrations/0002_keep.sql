-- Format 1.1. Also for `psql -f`, by the owner of the tables; see docs/state.md.
-- What belongs to a workspace and to no resource. `name` is a hash of the key, `written` counts microseconds since 1970,
-- and `token` is drawn by the writer, who knows its own row by that.
CREATE TABLE chanplan_kept (
    state text COLLATE "C" NOT NULL REFERENCES chanplan_state (name) ON DELETE CASCADE,
    kind text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    written bigint NOT NULL,
    token text NOT NULL,
    document text NOT NULL,
    PRIMARY KEY (state, kind, name)
);

CREATE INDEX chanplan_kept_by_time ON chanplan_kept (state, kind, written);

UPDATE chanplan_schema SET minor = 1;
