//! A recorded rate of requests: CSV with the header `t_seconds,requests`, one line a bin, all bins equally long.

use std::path::Path;

use crate::{
    input::{Input, InputError},
    timeline::Timeline,
};

/// Requests counted in bins of equal length.
#[derive(Debug, PartialEq)]
pub(crate) struct Trace {
    bin_length_s: f64,
    requests: Vec<f64>,
}

const HEADER: [&str; 2] = ["t_seconds", "requests"];

impl Trace {
    pub(crate) fn load(path: &Path) -> Result<Self, InputError> {
        let input = Input(path);
        let text = input.read()?;
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| input.malformed(error))?;
        if header != HEADER.as_slice() {
            let found = header.iter().collect::<Vec<_>>().join(",");
            return Err(input.not_allowed("line 1", format!("`{found}`"), "the header `t_seconds,requests`"));
        }
        let records = reader.records().map(|record| record.map_err(|error| input.malformed(error)));
        let bins = records.map(|record| parse_bin(input, &record?)).collect::<Result<Vec<_>, _>>()?;
        let bin_length_s = contiguous(input, &bins)?;
        let requests: Vec<_> = bins.iter().map(|bin| bin.requests).collect();
        if requests.iter().all(|&count| count == 0.0) {
            return Err(input.not_allowed("requests", "0 in every bin", "at least one request"));
        }
        Ok(Self { bin_length_s, requests })
    }

    /// The trace played `speed_up` times as fast, scaled by one constant so that its busiest bin has the peak rate.
    pub(crate) fn timeline(&self, speed_up: f64, peak_users_per_s: f64) -> Timeline {
        let busiest = self.requests.iter().copied().fold(0.0, f64::max);
        let rate = |count: &f64| count / busiest * peak_users_per_s;
        let bins: Vec<_> = self.requests.iter().map(|count| (rate(count), rate(count))).collect();
        let mut timeline = Timeline::new();
        timeline.push_bins("trace", self.bin_length_s / speed_up, &bins);
        timeline
    }
}

struct Bin {
    line: u64,
    start_s: f64,
    requests: f64,
}

fn parse_bin(input: Input<'_>, record: &csv::StringRecord) -> Result<Bin, InputError> {
    let line = record.position().map_or(0, csv::Position::line);
    let field = |column: usize| {
        let text = record.get(column).unwrap_or_default().trim();
        let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
        let name = format!("line {line}, {}", HEADER[column]);
        number.ok_or_else(|| input.not_allowed(&name, format!("`{text}`"), "a number from 0"))
    };
    Ok(Bin { line, start_s: field(0)?, requests: field(1)? })
}

/// The bins' length, if they are one.
fn contiguous(input: Input<'_>, bins: &[Bin]) -> Result<f64, InputError> {
    let [first, second, ..] = bins else {
        return Err(input.not_allowed("the file", format!("{} bins", bins.len()), "at least 2 bins"));
    };
    let bin_length_s = second.start_s - first.start_s;
    for (i, bin) in bins.iter().enumerate() {
        let due_s = first.start_s + bin_length_s * i as f64;
        if bin_length_s <= 0.0 || (bin.start_s - due_s).abs() > 1e-6 * (1.0 + due_s) {
            let bin = if bin_length_s <= 0.0 { second } else { bin };
            let allowed =
                format!("bins without a gap, ascending, each as long as the first ({bin_length_s} s)");
            return Err(input.not_allowed(&format!("line {}, t_seconds", bin.line), bin.start_s, &allowed));
        }
    }
    Ok(bin_length_s)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn load(text: &str) -> Result<Trace, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("day.csv");
        fs::write(&file, text).unwrap();
        Trace::load(&file).map_err(|error| error.to_string())
    }

    #[test]
    fn bins_become_rates_scaled_to_the_peak() {
        let trace = load("t_seconds,requests\n0,30\n60,120\n120,60\n").unwrap();
        let timeline = trace.timeline(10.0, 20.0);
        assert!((timeline.duration_s() - 18.0).abs() < 1e-9);
        for (t_s, rate) in [(0.0, 5.0), (6.5, 20.0), (12.1, 10.0)] {
            assert!((timeline.rate_at(t_s) - rate).abs() < 1e-9, "{t_s}");
        }
    }

    #[test]
    fn a_wrong_trace_is_refused_in_a_sentence() {
        for (text, sentence) in [
            (
                "time,requests\n0,1\n60,1\n",
                "line 1: found `time,requests`; allowed: the header `t_seconds,requests`",
            ),
            ("t_seconds,requests\n0,1\n", "the file: found 1 bins; allowed: at least 2 bins"),
            (
                "t_seconds,requests\n0,1\n60,many\n",
                "line 3, requests: found `many`; allowed: a number from 0",
            ),
            ("t_seconds,requests\n0,1\n60,-1\n", "line 3, requests: found `-1`; allowed: a number from 0"),
            ("t_seconds,requests\n0,1\n60,NaN\n", "line 3, requests: found `NaN`"),
            (
                "t_seconds,requests\n0,1\n60,1\n180,1\n",
                "line 4, t_seconds: found 180; allowed: bins without a gap",
            ),
            (
                "t_seconds,requests\n60,1\n0,1\n",
                "line 3, t_seconds: found 0; allowed: bins without a gap, ascending",
            ),
            ("t_seconds,requests\n0,0\n60,0\n", "requests: found 0 in every bin"),
            ("t_seconds,requests\n0,1,1\n", "found record with 3 fields"),
        ] {
            let error = load(text).unwrap_err();
            assert!(error.contains("day.csv: ") && error.contains(sentence), "{error}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Trace::load(Path::new("nowhere/day.csv")).unwrap_err();
        assert_eq!(error.to_string(), "nowhere/day.csv: cannot be read");
        // Whoever prints the chain says it, and so it is said once.
        assert!(std::error::Error::source(&error).unwrap().to_string().contains("No such file"));
    }
}
