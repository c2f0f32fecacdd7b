//! Elastic Load Balancing.

use aws::targets;

use crate::transport::{Answer, Transport, refusal};

const ARN: &str = "arn:aws:elasticloadbalancing:eu-west-3:1:";

fn described() -> Answer {
    Answer::Xml(
        200,
        format!(
            "<DescribeTargetGroupsResponse><DescribeTargetGroupsResult><TargetGroups><member>\
             <TargetGroupArn>{ARN}targetgroup/web/73e2</TargetGroupArn>\
             <LoadBalancerArns><member>{ARN}loadbalancer/app/front/50dc</member></LoadBalancerArns>\
             </member></TargetGroups></DescribeTargetGroupsResult></DescribeTargetGroupsResponse>"
        ),
    )
}

#[tokio::test(start_paused = true)]
async fn a_target_group_is_found_by_its_dimension_with_its_load_balancers() {
    let transport = Transport::answering([described()]);
    let found =
        targets::find(&transport.clients().load_balancing, "targetgroup/web/73e2").await.unwrap().unwrap();
    assert_eq!(found.load_balancers, ["app/front/50dc"]);
    assert!(transport.asked_text()[0].contains("Names.member.1=web"));
}

#[tokio::test(start_paused = true)]
async fn one_of_the_same_name_with_another_identity_is_another_one() {
    let transport = Transport::answering([described()]);
    let client = transport.clients().load_balancing;
    assert_eq!(targets::find(&client, "targetgroup/web/0000").await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn one_that_does_not_exist_is_none() {
    let transport = Transport::answering([refusal(400, "TargetGroupNotFound", "not found")]);
    let client = transport.clients().load_balancing;
    assert_eq!(targets::find(&client, "targetgroup/web/73e2").await.unwrap(), None);
}
