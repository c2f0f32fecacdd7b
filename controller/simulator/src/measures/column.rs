//! The figures as tables show them: one list for a terminal, a page and a file.

use super::Measures;

/// One figure.
pub struct Column {
    /// Its name in JSON.
    pub key: &'static str,
    /// Its head where there is little room.
    pub short: &'static str,
    /// What it is, in words.
    pub title: &'static str,
    /// What follows the number.
    pub unit: &'static str,
    /// Digits after the point.
    pub decimals: usize,
    /// Where it stands.
    pub place: fn(&mut Measures) -> &mut f64,
}

impl Column {
    /// The figure itself.
    pub fn value(&self, measures: &Measures) -> f64 {
        *(self.place)(&mut measures.clone())
    }

    /// The figure as it is printed, with its unit.
    pub fn text(&self, measures: &Measures) -> String {
        format!("{:.*}{}", self.decimals, self.value(measures), self.unit)
    }
}

/// The figures that say something of these: all but those that are zero in each.
pub fn telling<'a>(all: impl IntoIterator<Item = &'a Measures>) -> Vec<&'static Column> {
    let all: Vec<&Measures> = all.into_iter().collect();
    let tells = |column: &&Column| all.iter().any(|measures| column.value(measures) != 0.0);
    COLUMNS.iter().filter(tells).collect()
}

const fn column(
    key: &'static str,
    (short, title): (&'static str, &'static str),
    (decimals, unit): (usize, &'static str),
    place: fn(&mut Measures) -> &mut f64,
) -> Column {
    Column { key, short, title, unit, decimals, place }
}

const PERCENT: &str = " %";

/// Every figure, the most telling first.
pub const COLUMNS: &[Column] = &[
    column("violating_minutes_percent", ("minutes", "violating minutes"), (2, PERCENT), |m| {
        &mut m.violating_minutes_percent
    }),
    column("slow_requests_percent", ("requests", "slow requests"), (2, PERCENT), |m| {
        &mut m.slow_requests_percent
    }),
    column("instance_hours", ("hours", "instance-hours"), (0, ""), |m| &mut m.instance_hours),
    column("standby_hours", ("standby", "of them standing by"), (0, ""), |m| &mut m.standby_hours),
    column("relative_hours", ("/oracle", "hours / oracle"), (2, ""), |m| &mut m.relative_hours),
    column("actions_per_day", ("acts/day", "actions a day"), (0, ""), |m| &mut m.actions_per_day),
    column("failed_launches_per_day", ("failed/d", "failed launches a day"), (1, ""), |m| {
        &mut m.failed_launches_per_day
    }),
    column("theta_u_percent", ("theta_U", "θ_U"), (2, PERCENT), |m| &mut m.theta_u_percent),
    column("theta_o_percent", ("theta_O", "θ_O"), (0, PERCENT), |m| &mut m.theta_o_percent),
    column("tau_u_percent", ("tau_U", "τ_U"), (1, PERCENT), |m| &mut m.tau_u_percent),
    column("tau_o_percent", ("tau_O", "τ_O"), (1, PERCENT), |m| &mut m.tau_o_percent),
];
