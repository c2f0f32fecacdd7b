-- What was observed and decided: one row per group and tick, written before anything is done.
CREATE TABLE decision (
    -- Never reused, not even after pruning: snapshots refer to it.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Unix seconds.
    at REAL NOT NULL,
    group_name TEXT NOT NULL,
    action TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- Desired capacity, as found and as decided; none where AWS did not answer.
    current INTEGER,
    desired INTEGER,
    -- 1 if it acted or said something else than the decision before it.
    turn INTEGER NOT NULL,
    dry_run INTEGER NOT NULL,
    -- JSON.
    observation TEXT NOT NULL,
    decision TEXT NOT NULL
) STRICT;

CREATE INDEX decision_of_group ON decision (group_name, id);
CREATE INDEX decision_by_time ON decision (at);
CREATE INDEX turns_of_group ON decision (group_name, id) WHERE turn = 1;

-- What came of acting on a decision.
CREATE TABLE outcome (
    decision_id INTEGER PRIMARY KEY REFERENCES decision (id) ON DELETE CASCADE,
    at REAL NOT NULL,
    -- "set", "dry_run", or the kind of failure.
    result TEXT NOT NULL,
    detail TEXT
) STRICT;

-- Each group's state after the decision `through_id`.
CREATE TABLE snapshot (
    group_name TEXT PRIMARY KEY,
    at REAL NOT NULL,
    through_id INTEGER NOT NULL,
    -- JSON.
    state TEXT NOT NULL
) STRICT;
