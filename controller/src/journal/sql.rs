//! What is asked of the tables, in the SQL that `SQLite` and PostgreSQL share; `$1` is the first value of either.

pub(super) const GROUPS: &str = "SELECT DISTINCT group_name FROM decision ORDER BY group_name";

/// Group, since, until, turns only, limit.
pub(super) const RECORDS: &str = "SELECT group_name, decision, dry_run, outcome.at, result, detail
     FROM decision LEFT JOIN outcome ON outcome.decision_id = decision.id
     WHERE ($1 IS NULL OR group_name = $1)
       AND ($2 IS NULL OR decision.at >= $2)
       AND ($3 IS NULL OR decision.at <= $3)
       AND (NOT $4 OR turn)
     ORDER BY decision.id DESC LIMIT $5";

/// Group.
pub(super) const SNAPSHOT: &str = "SELECT through_id, state FROM snapshot WHERE group_name = $1";

/// Group, after which decision, or since when.
pub(super) const OBSERVATIONS: &str = "SELECT id, observation FROM decision
     WHERE group_name = $1 AND (id > $2 OR at >= $3) ORDER BY id";

/// A decision's columns in their order.
pub(super) const DECIDE: &str = "INSERT INTO decision
       (at, group_name, action, reason, current, desired, turn, dry_run, observation, decision)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id";

/// Decision, time, result, detail.
pub(super) const CONCLUDE: &str = "INSERT INTO outcome (decision_id, at, result, detail)
     VALUES ($1, $2, $3, $4)
     ON CONFLICT (decision_id) DO UPDATE SET at = excluded.at, result = excluded.result, detail = excluded.detail";

/// Group, time, state.
pub(super) const KEEP: &str = "INSERT INTO snapshot (group_name, at, through_id, state)
     SELECT $1, $2, coalesce(max(id), 0), $3 FROM decision WHERE group_name = $1
     ON CONFLICT (group_name) DO UPDATE
     SET at = excluded.at, through_id = excluded.through_id, state = excluded.state";

/// Before when everything goes, and before when all but the turns.
pub(super) const PRUNE: &str = "DELETE FROM decision WHERE at < $1 OR (at < $2 AND NOT turn)";
