//! CPU use of processes, read from `/proc`: what an instance's CPU is when no instance profile says otherwise.

use std::collections::HashMap;
use std::time::Instant;

/// The kernel counts a process's time in hundredths of a second on every Linux that Rust runs on.
const TICKS_PER_S: f64 = 100.0;

/// Remembers each process's time, to tell how much of the next period it used.
#[derive(Debug)]
pub(crate) struct CpuMeter {
    read_at: Instant,
    used_s: HashMap<u32, f64>,
}

impl CpuMeter {
    pub(crate) fn new() -> Self {
        Self { read_at: Instant::now(), used_s: HashMap::new() }
    }

    /// Percent of one CPU that each process used since the last call; none for one that is new.
    pub(crate) fn percent(&mut self, pids: impl Iterator<Item = u32>) -> Vec<f64> {
        let elapsed_s = self.read_at.elapsed().as_secs_f64();
        self.read_at = Instant::now();
        let used_s: HashMap<u32, f64> = pids.filter_map(|pid| Some((pid, used_s(pid)?))).collect();
        let before = std::mem::replace(&mut self.used_s, used_s);
        let percent = |(pid, used_s): (&u32, &f64)| Some(100.0 * (used_s - before.get(pid)?) / elapsed_s);
        self.used_s.iter().filter_map(percent).collect()
    }
}

/// User and system time of a process so far, in seconds; none once it is gone.
pub fn used_s(pid: u32) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The program's name, in parentheses, may itself hold spaces; utime and stime are fields 14 and 15.
    let (_, after_name) = stat.rsplit_once(") ")?;
    let mut fields = after_name.split(' ').skip(11);
    let ticks = |field: Option<&str>| field?.parse::<f64>().ok();
    Some((ticks(fields.next())? + ticks(fields.next())?) / TICKS_PER_S)
}
