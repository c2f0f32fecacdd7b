-- What was observed and decided: one row per group and tick, written before anything is done.
CREATE TABLE decision (
    -- Never reused, not even after pruning: snapshots refer to it.
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Unix seconds.
    at DOUBLE PRECISION NOT NULL,
    group_name TEXT NOT NULL,
    action TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- Desired capacity, as found and as decided; none where AWS did not answer.
    current BIGINT,
    desired BIGINT,
    -- Whether it acted or said something else than the decision before it.
    turn BOOLEAN NOT NULL,
    dry_run BOOLEAN NOT NULL,
    -- JSON, as text: its numbers must come back to the last bit.
    observation TEXT NOT NULL,
    decision TEXT NOT NULL
);

CREATE INDEX decision_of_group ON decision (group_name, id);
CREATE INDEX decision_by_time ON decision (at);
CREATE INDEX turns_of_group ON decision (group_name, id) WHERE turn;

-- What came of acting on a decision.
CREATE TABLE outcome (
    decision_id BIGINT PRIMARY KEY REFERENCES decision (id) ON DELETE CASCADE,
    at DOUBLE PRECISION NOT NULL,
    -- "set", "dry_run", or the kind of failure.
    result TEXT NOT NULL,
    detail TEXT
);

-- Each group's state after the decision `through_id`.
CREATE TABLE snapshot (
    group_name TEXT PRIMARY KEY,
    at DOUBLE PRECISION NOT NULL,
    through_id BIGINT NOT NULL,
    -- JSON.
    state TEXT NOT NULL
);

-- Who leads: one row, once anybody has led.
CREATE TABLE lease (
    sole BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (sole),
    -- A daemon's run.
    holder TEXT NOT NULL,
    -- One more with every change of the leader, and after every time without one.
    term BIGINT NOT NULL,
    -- By this server's clock, the only one that is asked.
    ends_at TIMESTAMPTZ NOT NULL
);
