//! Which groups are controlled, at the start and after a new configuration.

use std::time::Duration;

use tracing::{error, info, warn};

use super::controlled::Controlled;
use super::window::Windows;
use super::{Daemon, call_limit};
use crate::config::{Config, Group};
use crate::journal::JournalError;
use crate::ports::{Fleet, Journal, Metrics};

impl<M: Metrics, F: Fleet, J: Journal> Daemon<M, F, J> {
    /// What is new is taken up as after a restart, what is gone is forgotten, and what stays keeps its state.
    pub(super) async fn reload(&mut self, config: Config) {
        let fixed = self.config.fixed_differences(&config);
        if !fixed.is_empty() {
            warn!("changed only by a restart: {}", fixed.join(", "));
        }
        let config = self.config.reloaded(config);
        self.snapshot().await;
        if let Err(error) = self.take_up_groups(&config.groups).await {
            error!(%error, "the configuration is not reloaded, and the old one stays");
            return;
        }
        self.windows = Windows::new(config.metrics);
        self.board.set_patience(patience(&config));
        self.config = config;
        info!(groups = self.groups.len(), "configuration reloaded");
    }

    /// Controls `groups` from now on: those that are new, from where the journal left them. If the journal does not
    /// tell of one, nothing is changed.
    pub(super) async fn take_up_groups(&mut self, groups: &[Group]) -> Result<(), JournalError> {
        let now = self.ports.clock.now();
        let mut new = Vec::new();
        for group in groups.iter().filter(|group| self.groups.iter().all(|g| g.name() != group.name())) {
            new.push((group, self.ports.journal.recover(group.name(), now).await?));
        }
        for (group, recovery) in new {
            self.board.seed(group.name(), &recovery);
            self.groups.push(Controlled::new(group.clone(), recovery, now));
        }
        self.groups.retain_mut(|known| {
            let configured = groups.iter().find(|group| group.name() == known.name());
            configured.map(|group| known.group.clone_from(group)).is_some()
        });
        self.board.keep_only(&self.groups.iter().map(Controlled::name).collect::<Vec<_>>());
        Ok(())
    }
}

/// How long a loop that lives may seem not to: three intervals, and one tick whose every call takes its whole time
/// (observing, boots, acting).
pub(super) fn patience(config: &Config) -> Duration {
    (config.tick + call_limit(config)) * 3
}
