//! `[[group]]`: which Auto Scaling group, and what is in front of it.

use aws::metrics::Dimensions;

use super::section::Section;
use super::values::{text, texts};
use super::{Group, policy};

/// One `[[group]]`.
pub(super) fn group(mut section: Section, least_max_age_s: f64) -> Option<Group> {
    let name = section.require("name", "the Auto Scaling group's name", text);
    let balancer = "the end of the load balancer's ARN, such as \"app/web/50dc6c495c0c9188\"";
    let load_balancer = section.require("load_balancer", balancer, |value| dimension("app", text(value)?));
    let target_groups = section.require("target_groups", TARGET_GROUPS, |value| {
        let named = texts(value)?.into_iter().map(|text| dimension("targetgroup", text));
        named.collect::<Option<Vec<_>>>().filter(|named| are_distinct(named))
    });
    let objective = objective(&mut section, target_groups.as_deref());
    let policy = policy::policy(section.section("policy"), &section, least_max_age_s);
    section.finish();
    let dimensions = Dimensions {
        auto_scaling_group: name?,
        load_balancer: load_balancer?,
        target_groups: target_groups?,
        objective_target_group: objective?,
    };
    Some(Group { dimensions, policy: policy? })
}

const TARGET_GROUPS: &str =
    "a list of the ends of different target groups' ARNs, such as [\"targetgroup/web/73e2d6bc24d8a067\"]";

/// One that was named twice would have its demand counted twice.
fn are_distinct(names: &[String]) -> bool {
    names.iter().enumerate().all(|(index, name)| !names[..index].contains(name))
}

/// The target group whose latency has the objective: named, or the only one.
fn objective(section: &mut Section, target_groups: Option<&[String]>) -> Option<String> {
    let among = target_groups.unwrap_or_default();
    let allowed = format!("one of target_groups: {}", among.join(", "));
    match section.take("objective_target_group", &allowed, |value| {
        text(value).filter(|text| among.is_empty() || among.contains(text))
    }) {
        None if among.len() > 1 => {
            section.require("objective_target_group", &allowed, |_| Some(()));
            None
        }
        None => among.first().cloned(),
        named => named,
    }
}

/// A dimension's value has three parts, of which the first says what it is.
fn dimension(kind: &str, text: String) -> Option<String> {
    let parts: Vec<&str> = text.split('/').collect();
    let whole = parts.len() == 3 && parts[0] == kind && parts.iter().all(|part| !part.is_empty());
    whole.then_some(text)
}

/// Groups are known by their names everywhere.
pub(super) fn refuse_duplicates(root: &Section, groups: &[Option<Group>]) {
    let mut names: Vec<&str> = groups.iter().flatten().map(Group::name).collect();
    names.sort_unstable();
    for pair in names.windows(2).filter(|pair| pair[0] == pair[1]) {
        root.report(format!("two groups are named {:?}; allowed: unique names", pair[0]));
    }
}
