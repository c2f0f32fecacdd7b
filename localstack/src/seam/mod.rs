//! The seam to the LocalStack extension: its snapshot of AWS's state, and the facts that we report to it.
//! The extension decides; this side runs processes and tells what became of them.

mod fact;
mod snapshot;

use anyhow::{Context, Result};

pub use fact::Fact;
pub use snapshot::{
    Instance, LifecycleState, LoadBalancer, Network, Snapshot, Target, TargetGroup, TargetState,
};

use crate::http;

/// The extension of the LocalStack at an endpoint.
#[derive(Clone, Debug)]
pub struct Seam {
    endpoint: String,
}

impl Seam {
    /// Of the LocalStack at `endpoint`.
    pub fn new(endpoint: &str) -> Self {
        Self { endpoint: endpoint.to_owned() }
    }

    /// Asks for the snapshot.
    pub async fn snapshot(&self) -> Result<Snapshot> {
        let body = http::get(&format!("{}/_fleet", self.endpoint)).await?;
        serde_json::from_slice(&body).context("the extension's snapshot is not as this program knows it")
    }

    /// Reports facts.
    pub async fn report(&self, facts: &[Fact]) -> Result<()> {
        http::post_json(&format!("{}/_fleet/facts", self.endpoint), &facts).await.map(drop)
    }
}
