//! What to show of a comparison: this controller as it is shipped, and the peer to beat.

use anyhow::Result;
use rayon::prelude::*;

use super::{Outcome, Plan, Tables};
use crate::family::Role;
use crate::simulation::Run;

/// Two policies side by side, and what each did on each trace.
pub struct Story<'a> {
    /// This controller; without it, the policy that needs the fewest hours.
    pub hero: &'a Outcome,
    /// The cheapest peer that violates no more; if every peer does, the one that violates least.
    pub rival: Option<&'a Outcome>,
    /// For each trace, with the first seed.
    pub scenes: Vec<Scene>,
}

/// One trace.
pub struct Scene {
    /// What each minute needed, in instances.
    pub need: Vec<u32>,
    /// What the hero did.
    pub hero: Run,
    /// What the rival did.
    pub rival: Option<Run>,
}

impl<'a> Story<'a> {
    /// Chooses the two, and runs them once more to see every minute.
    pub fn of(plan: &Plan, outcomes: &'a [Outcome], tables: &Tables) -> Result<Option<Self>> {
        let Some(hero) = hero(outcomes, tables) else { return Ok(None) };
        let rival = rival(outcomes, hero);
        let scene = |trace| {
            let world = plan.world(trace, 1);
            Ok(Scene {
                hero: plan.simulate(&hero.contender, &world)?,
                rival: rival.map(|rival| plan.simulate(&rival.contender, &world)).transpose()?,
                need: world.oracle.need,
            })
        };
        let scenes = plan.traces.par_iter().map(scene).collect::<Result<_>>()?;
        Ok(Some(Self { hero, rival, scenes }))
    }

    /// This controller beside what really happened, on the plan's one trace.
    pub fn against(
        plan: &Plan,
        outcomes: &'a [Outcome],
        tables: &Tables,
        happened: &'a Outcome,
        run: &Run,
    ) -> Result<Option<Self>> {
        let Some(mut story) = Self::of(plan, outcomes, tables)? else { return Ok(None) };
        story.rival = Some(happened);
        story.scenes.iter_mut().for_each(|scene| scene.rival = Some(run.clone()));
        Ok(Some(story))
    }
}

fn hero<'a>(outcomes: &'a [Outcome], tables: &Tables) -> Option<&'a Outcome> {
    let ours = || outcomes.iter().filter(|outcome| outcome.contender.family.role == Role::Ours);
    let shipped = ours().find(|outcome| outcome.contender.values == outcome.contender.family.usual().values);
    shipped.or_else(|| ours().next()).or_else(|| cheapest(outcomes, tables))
}

/// The best setting of the family that needs the fewest hours at 1 % of violating minutes.
fn cheapest<'a>(outcomes: &'a [Outcome], tables: &Tables) -> Option<&'a Outcome> {
    let hours = |row: &super::OneSetting| row.hours_at[1].unwrap_or(f64::INFINITY);
    let peers = tables.one_setting.iter().filter(|row| row.family.role == Role::Peer);
    let best = peers.min_by(|a, b| hours(a).total_cmp(&hours(b)))?;
    let of_best = outcomes.iter().filter(|outcome| outcome.contender.family.name == best.family.name);
    of_best.min_by(|a, b| distance(a, 1.0).total_cmp(&distance(b, 1.0)))
}

fn distance(outcome: &Outcome, violations_percent: f64) -> f64 {
    (outcome.mean.violating_minutes_percent - violations_percent).abs()
}

fn rival<'a>(outcomes: &'a [Outcome], hero: &Outcome) -> Option<&'a Outcome> {
    let hero_family = hero.contender.family.name;
    let peers = || {
        outcomes.iter().filter(move |outcome| {
            let family = outcome.contender.family;
            family.role == Role::Peer && family.name != hero_family
        })
    };
    let violations = |outcome: &Outcome| outcome.mean.violating_minutes_percent;
    let no_worse = peers().filter(|outcome| violations(outcome) <= violations(hero));
    let cheapest = no_worse.min_by(|a, b| a.mean.relative_hours.total_cmp(&b.mean.relative_hours));
    cheapest.or_else(|| peers().min_by(|a, b| violations(a).total_cmp(&violations(b))))
}
