//! What Terraform makes on AWS, in its smallest form: the load balancer with two target groups, and the group.

use anyhow::{Context, Result};
use aws_sdk_autoscaling as autoscaling;
use aws_sdk_elasticloadbalancingv2 as elbv2;
use elbv2::types::{
    Action, ActionTypeEnum, HttpRequestMethodConditionConfig, LoadBalancerTypeEnum,
    PathPatternConditionConfig, ProtocolEnum, RuleCondition, TargetGroupAttribute, TargetTypeEnum,
};

use crate::seam::{Network, Seam};
use aws::Clients;

/// The group's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// At least so many instances.
    pub min: u32,
    /// At most so many.
    pub max: u32,
    /// At first.
    pub desired: u32,
}

/// What was made, by the names and dimensions that the controller and the balancer need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    /// The Auto Scaling group.
    pub group: String,
    /// The load balancer's name.
    pub load_balancer: String,
    /// Its dimension in CloudWatch: `app/name/id`.
    pub load_balancer_dimension: String,
    /// The target group of `GET /dashboard`, which has the objective: `targetgroup/name/id`.
    pub dashboard_dimension: String,
    /// The target group of everything else.
    pub api_dimension: String,
}

impl Stack {
    /// Makes it in the LocalStack at `endpoint` with nothing behind it: no process will run for its instances.
    pub async fn alone(endpoint: &str, name: &str, size: Size) -> Result<(Clients, Self)> {
        let clients = crate::clients::at(endpoint).await;
        let network = Seam::new(endpoint).snapshot().await?.network;
        let stack = Self::create(&clients, &network, name, size).await?;
        Ok((clients, stack))
    }

    /// Makes it, every name beginning with `name`.
    pub(crate) async fn create(clients: &Clients, network: &Network, name: &str, size: Size) -> Result<Self> {
        let elb = &clients.load_balancing;
        let [dashboard, api] = target_group_names(name);
        let dashboard = create_target_group(elb, network, &dashboard).await?;
        let api = create_target_group(elb, network, &api).await?;
        let load_balancer = create_load_balancer(elb, network, name).await?;
        create_listener(elb, &load_balancer, &dashboard, &api).await?;
        create_group(&clients.auto_scaling, name, size, [&dashboard, &api]).await?;
        Ok(Self {
            group: name.to_owned(),
            load_balancer: name.to_owned(),
            load_balancer_dimension: dimension(&load_balancer, "loadbalancer/")?,
            dashboard_dimension: dimension(&dashboard, ":")?,
            api_dimension: dimension(&api, ":")?,
        })
    }
}

/// Of the dashboard, and of everything else.
pub(crate) fn target_group_names(name: &str) -> [String; 2] {
    ["dashboard", "api"].map(|what| format!("{name}-{what}"))
}

/// CloudWatch's dimension values are the ARNs' ends.
fn dimension(arn: &str, after: &str) -> Result<String> {
    let (_, end) =
        arn.rsplit_once(after).with_context(|| format!("`{arn}` is no ARN of Elastic Load Balancing"))?;
    Ok(end.to_owned())
}

async fn create_target_group(elb: &elbv2::Client, network: &Network, name: &str) -> Result<String> {
    let created = elb
        .create_target_group()
        .name(name)
        .protocol(ProtocolEnum::Http)
        .port(8080)
        .vpc_id(&network.vpc_id)
        .target_type(TargetTypeEnum::Instance)
        .health_check_path("/health/ready")
        .health_check_interval_seconds(5)
        .health_check_timeout_seconds(2)
        .healthy_threshold_count(2)
        .unhealthy_threshold_count(2)
        .send()
        .await
        .with_context(|| format!("cannot create the target group {name}"))?;
    let arn = created.target_groups().first().and_then(|group| group.target_group_arn());
    let arn = arn.context("a target group without an ARN")?.to_owned();
    let attribute = |key: &str, value: &str| TargetGroupAttribute::builder().key(key).value(value).build();
    elb.modify_target_group_attributes()
        .target_group_arn(&arn)
        .attributes(attribute("deregistration_delay.timeout_seconds", "45"))
        .attributes(attribute("load_balancing.algorithm.type", "least_outstanding_requests"))
        .send()
        .await
        .with_context(|| format!("cannot set the attributes of the target group {name}"))?;
    Ok(arn)
}

async fn create_load_balancer(elb: &elbv2::Client, network: &Network, name: &str) -> Result<String> {
    let created = elb
        .create_load_balancer()
        .name(name)
        .r#type(LoadBalancerTypeEnum::Application)
        .set_subnets(Some(network.subnet_ids.clone()))
        .send()
        .await
        .with_context(|| format!("cannot create the load balancer {name}"))?;
    let arn = created.load_balancers().first().and_then(|lb| lb.load_balancer_arn());
    Ok(arn.context("a load balancer without an ARN")?.to_owned())
}

async fn create_listener(elb: &elbv2::Client, load_balancer: &str, dashboard: &str, api: &str) -> Result<()> {
    let forward = |arn: &str| Action::builder().r#type(ActionTypeEnum::Forward).target_group_arn(arn).build();
    let created = elb
        .create_listener()
        .load_balancer_arn(load_balancer)
        .protocol(ProtocolEnum::Http)
        .port(80)
        .default_actions(forward(api))
        .send()
        .await
        .context("cannot create the listener")?;
    let listener = created.listeners().first().and_then(|listener| listener.listener_arn());
    let method = HttpRequestMethodConditionConfig::builder().values("GET").build();
    let path = PathPatternConditionConfig::builder().values("/dashboard").build();
    elb.create_rule()
        .listener_arn(listener.context("a listener without an ARN")?)
        .priority(10)
        .conditions(
            RuleCondition::builder().field("http-request-method").http_request_method_config(method).build(),
        )
        .conditions(RuleCondition::builder().field("path-pattern").path_pattern_config(path).build())
        .actions(forward(dashboard))
        .send()
        .await
        .context("cannot create the listener's rule")?;
    Ok(())
}

async fn create_group(
    client: &autoscaling::Client,
    name: &str,
    size: Size,
    target_groups: [&String; 2],
) -> Result<()> {
    let whole = |instances: u32| i32::try_from(instances).unwrap_or(i32::MAX);
    // A launch template would need the EC2 SDK, which alone takes minutes to compile. Terraform makes one.
    client
        .create_launch_configuration()
        .launch_configuration_name(name)
        .image_id("ami-12345678")
        .instance_type("t3.small")
        .send()
        .await
        .context("cannot create the launch configuration")?;
    client
        .create_auto_scaling_group()
        .auto_scaling_group_name(name)
        .launch_configuration_name(name)
        .min_size(whole(size.min))
        .max_size(whole(size.max))
        .desired_capacity(whole(size.desired))
        .set_availability_zones(Some(
            ["a", "b", "c"].map(|zone| format!("{}{zone}", crate::clients::REGION)).into(),
        ))
        .set_target_group_arns(Some(target_groups.map(Clone::clone).into()))
        .health_check_type("ELB")
        .health_check_grace_period(30)
        .send()
        .await
        .with_context(|| format!("cannot create the group {name}"))?;
    Ok(())
}
