//! A guest takes down what it made in somebody else's LocalStack, in the order that AWS demands.

use std::time::Duration;

use anyhow::{Context, Result};
use aws::Clients;

use crate::LocalCloud;
use crate::stack::{Stack, target_group_names};

/// For the last requests to be answered and the processes to end.
const PATIENCE: Duration = Duration::from_mins(1);

impl LocalCloud {
    /// While the data plane still acts: instances drain and end as they do when a group shrinks.
    pub(crate) async fn leave(&self) -> Result<()> {
        let (clients, stack) = (self.clients(), self.stack());
        delete_group(clients, &stack.group).await?;
        self.until(PATIENCE, |fleet| fleet.launched() == 0).await.context("the group's instances stay")?;
        delete_load_balancer(clients, &stack).await?;
        let configuration = clients.auto_scaling.delete_launch_configuration();
        configuration.launch_configuration_name(&stack.group).send().await?;
        Ok(())
    }
}

async fn delete_group(clients: &Clients, group: &str) -> Result<()> {
    let delete = clients.auto_scaling.delete_auto_scaling_group().auto_scaling_group_name(group);
    delete.force_delete(true).send().await.context("cannot delete the group")?;
    Ok(())
}

/// With it go its listeners and their rules, and then nothing holds the target groups.
async fn delete_load_balancer(clients: &Clients, stack: &Stack) -> Result<()> {
    let elb = &clients.load_balancing;
    let found = elb.describe_load_balancers().names(&stack.load_balancer).send().await?;
    for arn in found.load_balancers().iter().filter_map(|found| found.load_balancer_arn()) {
        elb.delete_load_balancer()
            .load_balancer_arn(arn)
            .send()
            .await
            .context("cannot delete the load balancer")?;
    }
    let names = target_group_names(&stack.group);
    let found = elb.describe_target_groups().set_names(Some(names.into())).send().await?;
    for arn in found.target_groups().iter().filter_map(|found| found.target_group_arn()) {
        elb.delete_target_group()
            .target_group_arn(arn)
            .send()
            .await
            .context("cannot delete a target group")?;
    }
    Ok(())
}
