//! Is this process well? Public, and never kept by anybody.
//!
//! `live` says that the process answers, `ready` that it should be sent requests: the load balancer asks that one.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;

use crate::problem::Problem;
use crate::state::AppState;
use crate::timestamp::Timestamp;

/// `GET /health`
#[derive(Debug, Serialize, JsonSchema)]
pub struct Health {
    status: &'static str,
    timestamp: Timestamp,
    service: &'static str,
}

/// `GET /health/database`
#[derive(Debug, Serialize, JsonSchema)]
pub struct DatabaseHealth {
    status: &'static str,
    message: &'static str,
    timestamp: Timestamp,
}

/// `GET /health/live` and `GET /health/ready`
#[derive(Debug, Serialize, JsonSchema)]
pub struct Status {
    status: &'static str,
}

/// The process answers.
pub async fn get() -> Json<Health> {
    Json(Health { status: "ok", timestamp: Timestamp::now(), service: "ExStrat API" })
}

/// The database answers.
pub async fn database(State(state): State<AppState>) -> Result<Json<DatabaseHealth>, Problem> {
    state.database.check().await.map_err(|error| Problem::DatabaseUnavailable(Arc::new(error)))?;
    Ok(Json(DatabaseHealth {
        status: "success",
        message: "The database answers",
        timestamp: Timestamp::now(),
    }))
}

/// The process answers; nothing else is asked.
pub async fn live() -> Json<Status> {
    Json(Status { status: "ok" })
}

/// The process takes requests and can serve them. Once it could, it is ready until it drains, also while the database
/// is away: all instances would say so together, and the group would replace every one of them, with all that they
/// keep in memory, for a fault that is not theirs.
pub async fn ready(State(state): State<AppState>) -> Result<Json<Status>, Problem> {
    if state.draining.is_cancelled() {
        return Err(Problem::Draining);
    }
    if !state.warm.is_cancelled() {
        return Err(Problem::WarmingUp);
    }
    Ok(Json(Status { status: "ok" }))
}
