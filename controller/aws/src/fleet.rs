//! Auto Scaling groups: what they are, how long their instances took to boot, and the one thing that is changed.

use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::types::{Activity, AutoScalingGroup, LifecycleState, ScalingActivityStatusCode};

use crate::error::Error;
use crate::targets::dimension_of;

/// AWS's limit on the names in one call.
const MOST_NAMES: i32 = 100;
/// How activities of launching begin, in AWS's words.
const LAUNCH: &str = "Launching a new EC2 instance";

/// An Auto Scaling group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Desired capacity, in instances.
    pub desired: u32,
    /// Minimum size.
    pub min: u32,
    /// Maximum size.
    pub max: u32,
    /// Its instances.
    pub instances: Vec<Instance>,
    /// The target groups that they serve, each as `targetgroup/name/id`.
    pub target_groups: Vec<String>,
}

impl Group {
    /// How many instances are in a phase.
    pub fn count(&self, phase: Phase) -> u32 {
        self.instances.iter().filter(|instance| instance.phase == phase).count() as u32
    }
}

/// One instance of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Its identity, such as `i-0123456789abcdef0`.
    pub id: String,
    /// Where it is in its life.
    pub phase: Phase,
}

/// The lifecycle's states, as far as they differ to a controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// On its way: `Pending` in any of its forms.
    Pending,
    /// `InService`.
    InService,
    /// Leaving, left, on standby or in a warm pool.
    Away,
}

/// A boot that was completed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Boot {
    /// When it ended, in Unix seconds.
    pub ended_at: f64,
    /// From the launch to in service, in seconds.
    pub duration_s: f64,
}

/// Describes the groups that exist among `names`; one that does not is not in the answer.
pub async fn describe(client: &Client, names: &[String]) -> Result<Vec<Group>, Error> {
    let mut groups = Vec::with_capacity(names.len());
    for names in names.chunks(MOST_NAMES as usize) {
        let request = client
            .describe_auto_scaling_groups()
            .set_auto_scaling_group_names(Some(names.to_vec()))
            .max_records(MOST_NAMES);
        let mut pages = request.into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Error::of("DescribeAutoScalingGroups", &error))?;
            groups.extend(page.auto_scaling_groups().iter().map(Group::from));
        }
    }
    Ok(groups)
}

/// The boots that ended after `since`, oldest first, out of the group's hundred latest activities.
///
/// The activities are AWS's own record: exact to the second whatever the tick is, and still there after a restart
/// of the controller, which watching instances from `Pending` to `InService` would be neither of.
pub async fn boots(client: &Client, group: &str, since: f64) -> Result<Vec<Boot>, Error> {
    let answer = client
        .describe_scaling_activities()
        .auto_scaling_group_name(group)
        .max_records(100)
        .send()
        .await
        .map_err(|error| Error::of("DescribeScalingActivities", &error))?;
    let mut boots: Vec<Boot> = answer.activities().iter().filter_map(boot).collect();
    boots.retain(|boot| boot.ended_at > since);
    boots.sort_by(|a, b| a.ended_at.total_cmp(&b.ended_at));
    Ok(boots)
}

/// Sets the desired capacity at once, without regard to the group's own cooldown: the controller has its own.
pub async fn set_desired_capacity(client: &Client, group: &str, desired: u32) -> Result<(), Error> {
    client
        .set_desired_capacity()
        .auto_scaling_group_name(group)
        .desired_capacity(i32::try_from(desired).unwrap_or(i32::MAX))
        .honor_cooldown(false)
        .send()
        .await
        .map_err(|error| Error::of("SetDesiredCapacity", &error))?;
    Ok(())
}

impl From<&AutoScalingGroup> for Group {
    fn from(group: &AutoScalingGroup) -> Self {
        let size = |n: Option<i32>| n.and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        let instances = group.instances().iter().map(|instance| Instance {
            id: instance.instance_id().unwrap_or_default().to_owned(),
            phase: instance.lifecycle_state().map_or(Phase::Away, Phase::from),
        });
        Self {
            name: group.auto_scaling_group_name().unwrap_or_default().to_owned(),
            desired: size(group.desired_capacity()),
            min: size(group.min_size()),
            max: size(group.max_size()),
            instances: instances.collect(),
            target_groups: group.target_group_arns().iter().filter_map(|arn| dimension_of(arn)).collect(),
        }
    }
}

impl From<&LifecycleState> for Phase {
    fn from(state: &LifecycleState) -> Self {
        match state {
            LifecycleState::Pending | LifecycleState::PendingProceed | LifecycleState::PendingWait => {
                Self::Pending
            }
            LifecycleState::InService => Self::InService,
            _ => Self::Away,
        }
    }
}

fn boot(activity: &Activity) -> Option<Boot> {
    let launch = activity.description()?.starts_with(LAUNCH);
    let successful = activity.status_code() == Some(&ScalingActivityStatusCode::Successful);
    let (started, ended) = (activity.start_time()?.as_secs_f64(), activity.end_time()?.as_secs_f64());
    (launch && successful && ended >= started)
        .then_some(Boot { ended_at: ended, duration_s: ended - started })
}
