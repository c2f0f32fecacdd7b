//! Reports to LocalStack what became true of processes.

use std::collections::VecDeque;
use std::time::Duration;

use http::StatusCode;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::http::Refused;
use crate::seam::{Fact, Seam};

/// Between two tries.
const AGAIN: Duration = Duration::from_millis(200);

/// Reports facts in the order in which they became true, each until it is taken: none is sent twice by its source.
pub(crate) async fn report(
    seam: Seam,
    mut of_host: mpsc::Receiver<Fact>,
    mut of_balancer: mpsc::Receiver<balancer::Fact>,
    stop: CancellationToken,
) {
    loop {
        let fact = tokio::select! {
            Some(fact) = of_host.recv() => fact,
            Some(fact) = of_balancer.recv() => fact.into(),
            () = stop.cancelled() => return,
        };
        let mut facts = vec![fact];
        facts.extend(std::iter::from_fn(|| of_host.try_recv().ok()));
        facts.extend(std::iter::from_fn(|| of_balancer.try_recv().ok()).map(Fact::from));
        if stop.run_until_cancelled(deliver(&seam, facts)).await.is_none() {
            return;
        }
    }
}

/// A report is taken as a whole or not at all. One that is refused would be refused for ever, so it is sent again
/// fact by fact, and only what is refused by itself is given up.
async fn deliver(seam: &Seam, facts: Vec<Fact>) {
    let mut reports = VecDeque::from([facts]);
    while let Some(mut facts) = reports.pop_front() {
        match seam.report(&facts).await {
            Ok(()) => {}
            Err(error) if is_malformed(&error) && facts.len() == 1 => {
                tracing::error!("a fact is given up, as LocalStack refuses it: {error:#}");
            }
            Err(error) if is_malformed(&error) => reports.extend(facts.drain(..).map(|fact| vec![fact])),
            Err(error) => {
                tracing::warn!("facts are held back until LocalStack takes them: {error:#}");
                reports.push_front(facts);
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
}

/// Whether the extension read the report and found it wrong; any other answer may change.
fn is_malformed(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Refused>().is_some_and(|refused| refused.status == StatusCode::BAD_REQUEST)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::routing::post;

    use super::*;

    /// An extension that is not there at first, and then refuses every report of `i-odd`.
    async fn extension() -> (Seam, Arc<Mutex<Vec<String>>>) {
        let reports = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&reports);
        let answer = move |report: String| async move {
            let mut seen = seen.lock().unwrap();
            let is_first = seen.is_empty();
            seen.push(report.clone());
            match report.contains("i-odd") {
                _ if is_first => StatusCode::NOT_FOUND,
                true => StatusCode::BAD_REQUEST,
                false => StatusCode::OK,
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let seam = Seam::new(&format!("http://{}", listener.local_addr().unwrap()));
        let router = Router::new().route("/_fleet/facts", post(answer));
        tokio::spawn(axum::serve(listener, router).into_future());
        (seam, reports)
    }

    #[tokio::test]
    async fn a_refused_report_is_sent_fact_by_fact_and_no_fact_for_ever() {
        let (seam, reports) = extension().await;
        let exited = |id: &str| Fact::InstanceExited { instance_id: id.to_owned() };
        deliver(&seam, ["i-1", "i-odd", "i-2"].map(exited).into()).await;
        let reports = reports.lock().unwrap();
        let named = |report: &String| ["i-1", "i-odd", "i-2"].map(|id| report.contains(id));
        assert_eq!(
            reports.iter().map(named).collect::<Vec<_>>(),
            [
                [true, true, true],
                [true, true, true],
                [true, false, false],
                [false, true, false],
                [false, false, true]
            ]
        );
    }
}
