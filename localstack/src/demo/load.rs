//! The users' load, in the background, and what became of it.

use std::sync::Arc;

use anyhow::{Context, Result};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use traffic::{BaseUrl, RateDial, Recorder, Scenario, User};

/// A load under way, in a task of its own: drawing or measuring must not delay the users.
pub(crate) struct Load {
    running: JoinHandle<Result<traffic::Report, traffic::RunError>>,
    ended: CancellationToken,
}

impl Load {
    pub(crate) fn start(
        scenario: Scenario,
        base_url: BaseUrl,
        users: Vec<User>,
        recorder: Arc<Recorder>,
        dial: RateDial,
        stop: CancellationToken,
    ) -> Self {
        let ended = CancellationToken::new();
        // Also when it breaks down: nobody may wait for the end of a load that is no more.
        let at_the_end = ended.clone().drop_guard();
        let running = tokio::spawn(async move {
            let _ended = at_the_end;
            traffic::run(&scenario, base_url, users, recorder, dial, stop).await
        });
        Self { running, ended }
    }

    /// Waits for its end, in whatever way it ended.
    pub(crate) async fn ended(&self) {
        self.ended.cancelled().await;
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// It could not be run, or broke down on the way.
    pub(crate) async fn result(self) -> Result<()> {
        self.running.await.context("the load broke down")?.context("the load cannot be run")?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nobody comes for a tenth of a second.
    const NOBODY: &str = "name = \"nobody\"\nseed = 1\nload = \"dashboard\"\n\
                          [[stage]]\nname = \"all\"\nduration_s = 0.1\nusers_per_s = 0\n";

    fn start(recorder: &Arc<Recorder>, keep: bool) -> Load {
        let folder = tempfile::tempdir().unwrap();
        let tokens = folder.path().join("users.tsv");
        std::fs::write(&tokens, "token\tp-1\n").unwrap();
        let scenario = Scenario::parse(NOBODY, std::path::Path::new("in the test")).unwrap();
        Load::start(
            if keep { scenario.kept() } else { scenario },
            "http://127.0.0.1:9".parse().unwrap(),
            User::load_all(&tokens).unwrap(),
            Arc::clone(recorder),
            RateDial::default(),
            CancellationToken::new(),
        )
    }

    #[tokio::test(start_paused = true)]
    async fn a_load_that_cannot_be_run_ends_at_once_and_says_why() {
        let recorder = Arc::new(Recorder::new(3.0, 60.0));
        start(&recorder, false).result().await.unwrap();
        let second = start(&recorder, true);
        tokio::time::timeout(std::time::Duration::from_secs(1), second.ended()).await.unwrap();
        let error = format!("{:#}", second.result().await.unwrap_err());
        assert!(error.contains("the recorder already holds a run"), "{error}");
    }
}
