//! What is known now. Whatever AWS did not answer is absent, and nothing is put in its place.

use std::collections::HashMap;
use std::time::Duration;

use aws::Error;
use aws::fleet::{Group, Phase};
use aws::metrics::Window;
use futures::future::join_all;
use scaling::{Datapoint, Fleet as Seen, Observation};

use super::Ports;
use super::call::call;
use super::controlled::Controlled;
use super::outage::Outage;
use super::window::Windows;
use crate::ports::{Fleet, Journal, Metrics};

/// What is failing for all groups at once.
#[derive(Debug, Default)]
pub(super) struct Outages {
    fleet: Outage,
    metrics: Outage,
    boots: Outage,
}

/// One observation for each of `groups`, in their order.
pub(super) async fn observe<M: Metrics, F: Fleet, J: Journal>(
    ports: &Ports<M, F, J>,
    groups: &mut [Controlled],
    windows: &mut Windows,
    outages: &mut Outages,
    limit: Duration,
) -> Vec<Observation> {
    let window = windows.due(ports.clock.now());
    let (fleet, metrics) =
        tokio::join!(read_fleet(ports, groups, limit), read_metrics(ports, groups, window, limit));
    let now = ports.clock.now();
    outages.fleet.note("Auto Scaling", now, fleet.as_ref().err());
    outages.metrics.note("CloudWatch", now, metrics.as_ref().err());
    if let (Some(window), Ok(answers)) = (window, &metrics) {
        windows.read(window, answers);
    }
    let mut datapoints = metrics.unwrap_or_default().into_iter();
    let seen = see(ports, groups, fleet, outages, limit).await;
    let at = ports.clock.now();
    groups
        .iter_mut()
        .zip(seen)
        .map(|(group, fleet)| Observation {
            at,
            fleet,
            datapoints: group.known.news(datapoints.next().unwrap_or_default()),
        })
        .collect()
}

async fn read_fleet<M, F: Fleet, J>(
    ports: &Ports<M, F, J>,
    groups: &[Controlled],
    limit: Duration,
) -> Result<HashMap<String, Group>, Error> {
    let names: Vec<String> = groups.iter().map(|group| group.name().to_owned()).collect();
    let found = call("DescribeAutoScalingGroups", limit, ports.fleet.describe(&names)).await?;
    Ok(found.into_iter().map(|group| (group.name.clone(), group)).collect())
}

async fn read_metrics<M: Metrics, F, J>(
    ports: &Ports<M, F, J>,
    groups: &[Controlled],
    window: Option<Window>,
    limit: Duration,
) -> Result<Vec<Vec<Datapoint>>, Error> {
    let Some(window) = window else { return Ok(Vec::new()) };
    let dimensions: Vec<_> = groups.iter().map(|group| group.group.dimensions.clone()).collect();
    call("GetMetricData", limit, ports.metrics.read(&dimensions, window)).await
}

/// Each group as it was found, with the boots that ended since.
async fn see<M, F: Fleet, J>(
    ports: &Ports<M, F, J>,
    groups: &mut [Controlled],
    fleet: Result<HashMap<String, Group>, Error>,
    outages: &mut Outages,
    limit: Duration,
) -> Vec<Option<Seen>> {
    let Ok(mut found) = fleet else { return vec![None; groups.len()] };
    let now = ports.clock.now();
    let found: Vec<Option<Group>> = groups
        .iter_mut()
        .map(|group| {
            let found = found.remove(group.name());
            let what = format!("group {}", group.name());
            group.outage.note(&what, now, found.is_none().then_some("Auto Scaling does not have it"));
            found.inspect(|found| group.boots.see(found))
        })
        .collect();
    let boots = join_all(groups.iter_mut().map(|group| read_boots(ports, group, limit))).await;
    let failed = boots.iter().find_map(|boots| boots.as_ref().err());
    outages.boots.note("Auto Scaling's activities", ports.clock.now(), failed);
    let boots = boots.into_iter().map(Result::unwrap_or_default);
    found.into_iter().zip(boots).map(|(group, boots_s)| Some(seen(&group?, boots_s))).collect()
}

/// How long the newcomers took, if there are any. A lookup that fails is made again at the next tick.
async fn read_boots<M, F: Fleet, J>(
    ports: &Ports<M, F, J>,
    group: &mut Controlled,
    limit: Duration,
) -> Result<Vec<f64>, Error> {
    let Some(since) = group.boots.due_since() else { return Ok(Vec::new()) };
    let answer = ports.fleet.boots(group.name(), since);
    let boots = call("DescribeScalingActivities", limit, answer).await?;
    Ok(group.boots.take(&boots))
}

fn seen(group: &Group, boots_s: Vec<f64>) -> Seen {
    Seen {
        desired: group.desired,
        in_service: group.count(Phase::InService),
        pending: group.count(Phase::Pending),
        min: group.min,
        max: group.max,
        boots_s,
    }
}
