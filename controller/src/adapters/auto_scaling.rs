//! The [`Fleet`] port on Auto Scaling.

use aws::Error;
use aws::fleet::{self, Boot, Group};

use crate::ports::Fleet;

/// Auto Scaling of one account and region.
#[derive(Clone, Debug)]
pub struct AutoScaling(pub aws::Clients);

impl Fleet for AutoScaling {
    async fn describe(&self, names: &[String]) -> Result<Vec<Group>, Error> {
        fleet::describe(&self.0.auto_scaling, names).await
    }

    async fn boots(&self, group: &str, since: f64) -> Result<Vec<Boot>, Error> {
        fleet::boots(&self.0.auto_scaling, group, since).await
    }

    async fn set_desired_capacity(&self, group: &str, desired: u32) -> Result<(), Error> {
        fleet::set_desired_capacity(&self.0.auto_scaling, group, desired).await
    }
}
