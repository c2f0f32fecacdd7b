//! Auto Scaling.

use aws::Kind;
use aws::fleet::{self, Boot, Phase};

use crate::transport::{Answer, Transport, refusal};

fn groups(members: &str, token: &str) -> Answer {
    Answer::Xml(
        200,
        format!(
            "<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult>\
             <AutoScalingGroups>{members}</AutoScalingGroups>{token}\
             </DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>"
        ),
    )
}

fn group(name: &str, states: &[&str]) -> String {
    let instance = |(index, state): (usize, &&str)| {
        format!("<member><InstanceId>i-{index}</InstanceId><LifecycleState>{state}</LifecycleState></member>")
    };
    let instances: String = states.iter().enumerate().map(instance).collect();
    format!(
        "<member><AutoScalingGroupName>{name}</AutoScalingGroupName><DesiredCapacity>4</DesiredCapacity>\
         <MinSize>2</MinSize><MaxSize>20</MaxSize><Instances>{instances}</Instances>\
         <TargetGroupARNs><member>arn:aws:elasticloadbalancing:eu-west-3:1:targetgroup/{name}/73e2</member>\
         </TargetGroupARNs></member>"
    )
}

#[tokio::test(start_paused = true)]
async fn groups_are_described_over_all_pages_with_the_phases_of_their_instances() {
    let states = ["InService", "InService", "Pending", "Pending:Wait", "Terminating:Wait", "Warmed:Stopped"];
    let transport = Transport::answering([
        groups(&group("web", &states), "<NextToken>more</NextToken>"),
        groups(&group("workers", &[]), ""),
    ]);
    let names = ["web".to_owned(), "workers".to_owned()];
    let found = fleet::describe(&transport.clients().auto_scaling, &names).await.unwrap();
    assert_eq!(found.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(), ["web", "workers"]);
    let web = &found[0];
    assert_eq!((web.desired, web.min, web.max), (4, 2, 20));
    assert_eq!(web.target_groups, ["targetgroup/web/73e2"]);
    assert_eq!((web.count(Phase::InService), web.count(Phase::Pending), web.count(Phase::Away)), (2, 2, 2));
    let asked = transport.asked_text();
    assert!(asked[0].contains("AutoScalingGroupNames.member.2=workers"), "{}", asked[0]);
    assert!(asked[1].contains("NextToken=more"), "{}", asked[1]);
}

#[tokio::test(start_paused = true)]
async fn boots_are_the_successful_launches_since() {
    let activity = |what: &str, status: &str, from: &str, to: &str| {
        format!(
            "<member><ActivityId>1</ActivityId><AutoScalingGroupName>web</AutoScalingGroupName>\
             <Cause>x</Cause><Description>{what}: i-1</Description><StatusCode>{status}</StatusCode>\
             <StartTime>1970-01-01T00:{from}Z</StartTime><EndTime>1970-01-01T00:{to}Z</EndTime></member>"
        )
    };
    let launch = "Launching a new EC2 instance";
    let activities = [
        activity(launch, "Successful", "10:00", "11:30"),
        activity("Terminating EC2 instance", "Successful", "09:00", "09:40"),
        activity(launch, "Failed", "08:00", "08:10"),
        activity(launch, "Successful", "05:00", "06:00.5"),
        activity(launch, "Successful", "00:10", "01:00"),
    ];
    let body = format!(
        "<DescribeScalingActivitiesResponse><DescribeScalingActivitiesResult><Activities>{}</Activities>\
         </DescribeScalingActivitiesResult></DescribeScalingActivitiesResponse>",
        activities.concat()
    );
    let transport = Transport::answering([Answer::Xml(200, body)]);
    let boots = fleet::boots(&transport.clients().auto_scaling, "web", 60.0).await.unwrap();
    let boot = |ended_at, duration_s| Boot { ended_at, duration_s };
    assert_eq!(boots, [boot(360.5, 60.5), boot(690.0, 90.0)]);
}

#[tokio::test(start_paused = true)]
async fn the_desired_capacity_is_set_without_regard_to_the_groups_cooldown() {
    let body = "<SetDesiredCapacityResponse/>".to_owned();
    let transport = Transport::answering([Answer::Xml(200, body)]);
    fleet::set_desired_capacity(&transport.clients().auto_scaling, "web", 7).await.unwrap();
    let asked = transport.asked_text();
    for part in
        ["Action=SetDesiredCapacity", "AutoScalingGroupName=web", "DesiredCapacity=7", "HonorCooldown=false"]
    {
        assert!(asked[0].contains(part), "no {part} in {}", asked[0]);
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_are_sorted_by_what_can_be_done_about_them() {
    let above = "New SetDesiredCapacity value 25 is above max value 20 for the AutoScalingGroup.";
    for (status, code, message, kind, attempts) in [
        (400, "Throttling", "Rate exceeded", Kind::Throttled, 3),
        (400, "ValidationError", above, Kind::OutOfBounds, 1),
        (400, "ValidationError", "AutoScalingGroup name not found - web", Kind::NotFound, 1),
        (400, "ScalingActivityInProgress", "Activity in progress", Kind::ScalingActivityInProgress, 1),
        (403, "AccessDenied", "User is not authorized", Kind::Denied, 1),
        (403, "ExpiredToken", "The security token is expired", Kind::Denied, 1),
        (500, "InternalFailure", "Try again", Kind::Other, 3),
    ] {
        let transport = Transport::answering([refusal(status, code, message)]);
        let client = transport.clients().auto_scaling;
        let error = fleet::set_desired_capacity(&client, "web", 25).await.unwrap_err();
        assert_eq!((error.kind, error.operation), (kind, "SetDesiredCapacity"), "{code}: {error}");
        assert_eq!(error.message, message);
        assert_eq!(transport.asked().len(), attempts, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttle_that_passes_is_not_noticed() {
    let throttled = refusal(400, "Throttling", "Rate exceeded");
    let transport = Transport::answering([throttled.clone(), throttled, groups(&group("web", &[]), "")]);
    let found = fleet::describe(&transport.clients().auto_scaling, &["web".to_owned()]).await.unwrap();
    assert_eq!(found.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn silence_is_a_timeout() {
    let transport = Transport::answering([Answer::Silence]);
    let error = fleet::describe(&transport.clients().auto_scaling, &["web".to_owned()]).await.unwrap_err();
    assert_eq!(error.kind, Kind::Timeout, "{error}");
}
