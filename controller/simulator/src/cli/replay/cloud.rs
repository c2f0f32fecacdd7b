//! The history, read from AWS.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use aws::metrics::{Dimensions, Period, Window};
use aws::{Clients, Connection, fleet, metrics, targets};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use simulator::history::{History, Reading};

#[derive(Debug, Args)]
pub struct CloudArgs {
    /// The Auto Scaling group's name.
    #[arg(long)]
    group: String,
    /// How many days back. CloudWatch keeps minutes for 15 days.
    #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u32).range(1..=15))]
    days: u32,
    /// The region; the environment's by default.
    #[arg(long)]
    region: Option<String>,
    /// Another endpoint for all of AWS, such as LocalStack's.
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// The load balancer, as `app/NAME/ID`; found by the target group by default.
    #[arg(long, value_name = "DIMENSION")]
    load_balancer: Option<String>,
    /// The target groups, as `targetgroup/NAME/ID`; the first one's latency has the objective. The group's own by
    /// default.
    #[arg(long = "target-group", value_name = "DIMENSION", num_args = 1..)]
    target_groups: Vec<String>,
}

const CALL_TIMEOUT: Duration = Duration::from_mins(1);
const DAY_S: i64 = 86_400;
/// Minutes younger than this may be partial.
const SETTLED_S: i64 = 180;

impl CloudArgs {
    pub fn history(&self) -> Result<History> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(self.read())
    }

    async fn read(&self) -> Result<History> {
        let connection = Connection {
            region: self.region.clone(),
            endpoint_url: self.endpoint.clone(),
            call_timeout: CALL_TIMEOUT,
        };
        let clients = aws::connect(&connection).await?;
        let group = self.group(&clients).await?;
        let dimensions = self.dimensions(&clients, &group).await?;
        let boots = fleet::boots(&clients.auto_scaling, &group.name, 0.0).await?;
        let boots_s = boots.iter().map(|boot| boot.duration_s).collect();
        let readings = self.readings(&clients, &dimensions).await?;
        Ok(History::of(&group.name, group.min..=group.max, boots_s, &readings)?)
    }

    async fn group(&self, clients: &Clients) -> Result<fleet::Group> {
        let found = fleet::describe(&clients.auto_scaling, std::slice::from_ref(&self.group)).await?;
        let found = found.into_iter().next();
        found
            .with_context(|| format!("--group is {:?}; no Auto Scaling group has that name here", self.group))
    }

    async fn dimensions(&self, clients: &Clients, group: &fleet::Group) -> Result<Dimensions> {
        let target_groups =
            if self.target_groups.is_empty() { &group.target_groups } else { &self.target_groups };
        let Some(objective) = target_groups.first() else {
            bail!("group {} has no target group: name one with --target-group", group.name);
        };
        Ok(Dimensions {
            auto_scaling_group: group.name.clone(),
            load_balancer: self.load_balancer_of(clients, objective).await?,
            target_groups: target_groups.clone(),
            objective_target_group: objective.clone(),
        })
    }

    async fn load_balancer_of(&self, clients: &Clients, target_group: &str) -> Result<String> {
        if let Some(load_balancer) = &self.load_balancer {
            return Ok(load_balancer.clone());
        }
        let found = targets::find(&clients.load_balancing, target_group).await?;
        let found = found.with_context(|| format!("there is no target group {target_group} here"))?;
        let [load_balancer] = found.load_balancers.as_slice() else {
            bail!(
                "{target_group} is behind {} load balancers ({}): name one with --load-balancer",
                found.load_balancers.len(),
                found.load_balancers.join(", ")
            );
        };
        Ok(load_balancer.clone())
    }

    /// A day a call: 1,440 points of some ten metrics stay below what one answer holds, and the bar moves.
    async fn readings(&self, clients: &Clients, dimensions: &Dimensions) -> Result<Vec<Reading>> {
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} days of CloudWatch, {eta} left")?;
        let bar = ProgressBar::new(u64::from(self.days)).with_style(style);
        let now_s = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs().cast_signed();
        let end_s = (now_s - SETTLED_S) / 60 * 60;
        let mut readings = Vec::new();
        for day in (0..i64::from(self.days)).rev() {
            let end_s = end_s - day * DAY_S;
            let window = Window { start_s: end_s - DAY_S, end_s, period_s: 60 };
            let periods =
                metrics::read(&clients.cloud_watch, std::slice::from_ref(dimensions), window).await?;
            readings.extend(periods.iter().flatten().map(reading));
            bar.inc(1);
        }
        bar.finish_and_clear();
        ensure!(!readings.is_empty(), "CloudWatch has nothing of group {} in {} days", self.group, self.days);
        Ok(readings)
    }
}

/// Requests for which there was no target, and connections that were refused, are demand too.
fn reading(period: &Period) -> Reading {
    let counts = [period.requests, period.unrouted, period.rejected];
    let requests = counts.iter().flatten().copied().reduce(|sum, count| sum + count);
    Reading {
        start_s: period.start_s,
        requests,
        latency_p95_s: period.latency_p95_s,
        cpu_percent: period.cpu_percent,
        in_service: period.in_service.or(period.healthy),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_without_a_target_are_demand_and_healthy_hosts_count_where_the_group_does_not() {
        let period = Period {
            start_s: 60,
            requests: Some(100.0),
            unrouted: Some(7.0),
            healthy: Some(3.0),
            ..Period::default()
        };
        let read = reading(&period);
        assert_eq!((read.requests, read.in_service), (Some(107.0), Some(3.0)));
        let counted = Period { in_service: Some(4.0), ..period };
        assert_eq!(reading(&counted).in_service, Some(4.0));
        assert_eq!(reading(&Period::default()).requests, None);
    }
}
