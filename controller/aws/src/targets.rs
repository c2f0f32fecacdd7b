//! Target groups of the load balancer, looked up to check a configuration before it runs.

use aws_sdk_elasticloadbalancingv2::Client;

use crate::error::{Error, Kind};

/// A target group, named as CloudWatch names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetGroup {
    /// `targetgroup/name/id`.
    pub dimension: String,
    /// The load balancers that forward to it, each as `app/name/id`.
    pub load_balancers: Vec<String>,
}

/// Looks a target group up by its dimension, `targetgroup/name/id`; none if it does not exist.
pub async fn find(client: &Client, dimension: &str) -> Result<Option<TargetGroup>, Error> {
    let name = dimension.split('/').nth(1).unwrap_or(dimension);
    let answer = client.describe_target_groups().names(name).send().await;
    let answer = match answer.map_err(|error| Error::of("DescribeTargetGroups", &error)) {
        Ok(answer) => answer,
        Err(Error { kind: Kind::NotFound, .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let found = answer.target_groups().iter().find_map(|group| {
        let found = dimension_of(group.target_group_arn()?)?;
        let load_balancers =
            group.load_balancer_arns().iter().filter_map(|arn| suffix(arn, "app/")).collect();
        (found == dimension).then_some(TargetGroup { dimension: found, load_balancers })
    });
    Ok(found)
}

/// A target group's dimension, from its ARN.
pub(crate) fn dimension_of(arn: &str) -> Option<String> {
    suffix(arn, "targetgroup/")
}

/// The end of an ARN from `start` on, which is what CloudWatch uses as dimension.
fn suffix(arn: &str, start: &str) -> Option<String> {
    arn.find(start).map(|at| arn[at..].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dimension_is_the_end_of_the_arn() {
        let arn = "arn:aws:elasticloadbalancing:eu-west-3:1:loadbalancer/app/web/50dc";
        assert_eq!(suffix(arn, "app/").as_deref(), Some("app/web/50dc"));
    }
}
