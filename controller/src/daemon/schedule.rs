//! When the next tick is due.

use std::time::Duration;

/// The first whole multiple of `tick` after both `now` and the tick that was `due`. Ticks that were missed are not
/// made up for.
pub(super) fn after(now: f64, due: f64, tick: Duration) -> f64 {
    let tick_s = tick.as_secs_f64();
    // A sleep may end a hair before the system's clock shows its end; a clock that was set back shows more than that.
    let since = if due > now && due - now < tick_s { due } else { now };
    ((since / tick_s).floor() + 1.0) * tick_s
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "whole seconds are exact")]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_secs(10);

    #[test]
    fn ticks_are_aligned_and_missed_ones_are_skipped() {
        assert_eq!(after(100.2, 100.0, TICK), 110.0);
        assert_eq!(after(147.0, 110.0, TICK), 150.0);
    }

    #[test]
    fn waking_a_hair_early_does_not_tick_twice() {
        assert_eq!(after(109.999_9, 110.0, TICK), 120.0);
    }

    #[test]
    fn a_clock_set_back_does_not_stall_the_loop() {
        assert_eq!(after(1_000.0, 5_000.0, TICK), 1_010.0);
    }
}
