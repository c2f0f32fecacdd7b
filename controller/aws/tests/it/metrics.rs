//! CloudWatch, in the binary protocol that its newest SDK speaks.

use aws::Kind;
use aws::metrics::{self, Dimensions, Period, Window};
use aws_smithy_cbor::Encoder;
use aws_smithy_types::DateTime;

use crate::transport::{Answer, Transport};

const WINDOW: Window = Window { start_s: 600, end_s: 720, period_s: 60 };
/// Queries of a group: three a target group, and seven.
const OF_A_GROUP: usize = 3 + 7;

fn dimensions(name: &str, target_groups: &[&str]) -> Dimensions {
    Dimensions {
        auto_scaling_group: name.to_owned(),
        load_balancer: "app/front/50dc".to_owned(),
        target_groups: target_groups.iter().map(|&name| name.to_owned()).collect(),
        objective_target_group: target_groups[0].to_owned(),
    }
}

/// One series of the answer: its query, and values at times.
type Series<'a> = (&'a str, &'a [(i64, f64)]);

fn answer(series: &[Series], token: Option<&str>) -> Answer {
    answer_with_status(series, token, "Complete")
}

fn answer_with_status(series: &[Series], token: Option<&str>, status: &str) -> Answer {
    let mut cbor = Encoder::new(Vec::new());
    cbor.begin_map().str("MetricDataResults").array(series.len());
    for (id, values) in series {
        cbor.begin_map().str("Id").str(id).str("Label").str("a label").str("StatusCode").str(status);
        cbor.str("Timestamps").array(values.len());
        for (at, _) in *values {
            cbor.timestamp(&DateTime::from_secs(*at));
        }
        cbor.str("Values").array(values.len());
        for (_, value) in *values {
            cbor.double(*value);
        }
        cbor.end();
    }
    if let Some(token) = token {
        cbor.str("NextToken").str(token);
    }
    cbor.end();
    Answer::Cbor(200, cbor.into_writer())
}

fn contains(body: &[u8], text: &str) -> bool {
    body.windows(text.len()).any(|window| window == text.as_bytes())
}

fn count(body: &[u8], text: &str) -> usize {
    body.windows(text.len()).filter(|window| *window == text.as_bytes()).count()
}

#[tokio::test(start_paused = true)]
async fn one_call_asks_for_everything_and_each_answer_finds_its_place() {
    // Two target groups: requests are queries 0 and 3, the p95 is 6, healthy hosts 7, and the 503s 8.
    let transport = Transport::answering([answer(
        &[
            ("q0", &[(600, 300.0), (660, 330.0)]),
            ("q3", &[(660, 30.0)]),
            ("q1", &[(600, 290.0)]),
            ("q6", &[(600, 0.42)]),
            ("q7", &[(600, 2.0), (660, 2.5)]),
            ("q8", &[(660, 7.0)]),
            ("q11", &[(600, 35.5)]),
        ],
        None,
    )]);
    let groups = [dimensions("web", &["targetgroup/a/1", "targetgroup/b/2"])];
    let periods = metrics::read(&transport.clients().cloud_watch, &groups, WINDOW).await.unwrap();
    let first = Period {
        start_s: 600,
        requests: Some(300.0),
        objective_requests: Some(300.0),
        timed: Some(290.0),
        latency_p95_s: Some(0.42),
        healthy: Some(2.0),
        cpu_percent: Some(35.5),
        ..Period::default()
    };
    let second = Period {
        start_s: 660,
        requests: Some(360.0),
        objective_requests: Some(330.0),
        healthy: Some(2.5),
        unrouted: Some(7.0),
        ..Period::default()
    };
    assert_eq!(periods, [vec![first, second]]);
    let asked = transport.asked();
    assert_eq!(asked.len(), 1);
    for text in ["RequestCount", "HTTPCode_ELB_503_Count", "p95", "SampleCount", "GroupInServiceInstances"] {
        assert!(contains(&asked[0], text), "{text}");
    }
    assert_eq!(count(&asked[0], "HealthyHostCount"), 1, "of the objective's target group only");
    assert_eq!(count(&asked[0], "targetgroup/b/2"), 3, "requests, responses timed, and failures");
}

#[tokio::test(start_paused = true)]
async fn pages_belong_together() {
    let transport = Transport::answering([
        answer(&[("q0", &[(600, 1.0)])], Some("more")),
        answer(&[("q0", &[(660, 2.0)])], None),
    ]);
    let groups = [dimensions("web", &["targetgroup/a/1"])];
    let periods = metrics::read(&transport.clients().cloud_watch, &groups, WINDOW).await.unwrap();
    let requests: Vec<_> = periods[0].iter().map(|period| period.requests).collect();
    assert_eq!(requests, [Some(1.0), Some(2.0)]);
    assert!(contains(&transport.asked()[1], "more"));
}

#[tokio::test(start_paused = true)]
async fn a_call_holds_five_hundred_queries_at_most() {
    let transport = Transport::answering([answer(&[("q0", &[(600, 9.0)])], None), answer(&[], None)]);
    let groups: Vec<_> = (0..60).map(|n| dimensions(&format!("group-{n}"), &["targetgroup/a/1"])).collect();
    let periods = metrics::read(&transport.clients().cloud_watch, &groups, WINDOW).await.unwrap();
    assert_eq!(periods.len(), 60);
    assert_eq!(periods[0].len(), 1, "the identity belongs to the call that had it");
    assert!(periods[1..].iter().all(Vec::is_empty));
    let queries: Vec<usize> = transport.asked().iter().map(|body| count(body, "MetricStat")).collect();
    assert_eq!(queries, [500, 60 * OF_A_GROUP - 500]);
}

#[tokio::test(start_paused = true)]
async fn a_metric_that_may_not_be_read_is_not_taken_for_a_missing_one() {
    let transport = Transport::answering([answer_with_status(&[("q0", &[])], None, "Forbidden")]);
    let groups = [dimensions("web", &["targetgroup/a/1"])];
    let error = metrics::read(&transport.clients().cloud_watch, &groups, WINDOW).await.unwrap_err();
    assert_eq!(error.kind, Kind::Denied);
}

#[tokio::test(start_paused = true)]
async fn a_throttle_is_known_by_its_code() {
    let mut cbor = Encoder::new(Vec::new());
    cbor.begin_map().str("__type").str("com.amazonaws.cloudwatch#ThrottlingException");
    cbor.str("message").str("Rate exceeded").end();
    let transport = Transport::answering([Answer::Cbor(400, cbor.into_writer())]);
    let groups = [dimensions("web", &["targetgroup/a/1"])];
    let error = metrics::read(&transport.clients().cloud_watch, &groups, WINDOW).await.unwrap_err();
    assert_eq!(error.kind, Kind::Throttled, "{error}");
    assert_eq!(transport.asked().len(), 3, "retried, and then given up");
}

#[tokio::test(start_paused = true)]
async fn a_sign_of_life_is_one_metric_a_group_in_one_call() {
    let mut nothing = Encoder::new(Vec::new());
    nothing.begin_map().end();
    let transport = Transport::answering([Answer::Cbor(200, nothing.into_writer())]);
    metrics::beat(&transport.clients().cloud_watch, "ExStrat/Controller", &["web", "api"]).await.unwrap();
    let asked = transport.asked();
    assert_eq!(asked.len(), 1);
    for (text, times) in
        [("ExStrat/Controller", 1), ("Heartbeat", 2), ("AutoScalingGroupName", 2), ("api", 1)]
    {
        assert_eq!(count(&asked[0], text), times, "{text}");
    }
}
