//! A recorded load: how many requests arrived in each bin. Only its shape is used; see [`Workload`](crate::Workload).

use std::fs;
use std::path::Path;

/// The header that a trace's file begins with.
pub const HEADER: &str = "t_seconds,requests";

/// Counts of requests in contiguous bins of equal length.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// The file's name without its extension.
    pub name: String,
    /// A bin's length in seconds: 10, 20 or 30, or a multiple of 60.
    pub bin_s: u32,
    /// Requests in each bin; at least ten minutes of them, and not all zero.
    pub requests: Vec<u64>,
}

/// A trace that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The file could not be read.
    #[error("{file}: cannot be read: {source}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// A line that is not what it should be.
    #[error("{file}, line {line}: `{field}` is {found:?}; allowed: {allowed}")]
    Field {
        /// The file.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// The column, or `header`.
        field: &'static str,
        /// What was found.
        found: String,
        /// What would be allowed.
        allowed: String,
    },
    /// The lines are right, and yet there is no load in them.
    #[error("{file}: {found}; allowed: {allowed}")]
    Unusable {
        /// The file.
        file: String,
        /// What was found.
        found: String,
        /// What would be allowed.
        allowed: &'static str,
    },
}

impl Trace {
    /// Reads `t_seconds,requests`, a bin a line.
    pub fn read(path: &Path) -> Result<Self, TraceError> {
        let file = path.display().to_string();
        let text = fs::read_to_string(path)
            .map_err(|source| TraceError::Unreadable { file: file.clone(), source })?;
        let name = path.file_stem().map_or(file.clone(), |stem| stem.to_string_lossy().into_owned());
        Self::parse(&file, &name, &text)
    }

    /// Parses the text of a file; `file` is what errors call it.
    pub fn parse(file: &str, name: &str, text: &str) -> Result<Self, TraceError> {
        let mut lines = Lines { file, rest: text.lines().enumerate() };
        lines.header()?;
        let bins: Vec<Bin> = std::iter::from_fn(|| lines.bin().transpose()).collect::<Result<_, _>>()?;
        let length_s = lines.bin_length_s(&bins)?;
        let requests = bins.iter().map(|bin| bin.requests).collect();
        Self { name: name.to_owned(), bin_s: length_s, requests }.checked(file)
    }

    /// Requests a minute, on average over each minute or longer bin.
    pub fn requests_per_min(&self) -> Vec<f64> {
        let bins_per_min = (60 / self.bin_s).max(1);
        let minutes = f64::from(self.bin_s * bins_per_min) / 60.0;
        let chunks = self.requests.chunks_exact(bins_per_min as usize);
        chunks.map(|bins| bins.iter().sum::<u64>() as f64 / minutes).collect()
    }

    fn checked(self, file: &str) -> Result<Self, TraceError> {
        let unusable = |found, allowed| Err(TraceError::Unusable { file: file.to_owned(), found, allowed });
        let seconds = u64::from(self.bin_s) * self.requests.len() as u64;
        if seconds < 600 {
            return unusable(format!("the trace lasts {seconds} s"), "at least 600 s");
        }
        if self.requests.iter().all(|requests| *requests == 0) {
            return unusable("all bins have 0 requests".to_owned(), "some requests in some bin");
        }
        Ok(self)
    }
}

struct Bin {
    line: usize,
    t_s: u64,
    requests: u64,
}

/// The lines of a file, each error knowing where it is.
struct Lines<'a> {
    file: &'a str,
    rest: std::iter::Enumerate<std::str::Lines<'a>>,
}

impl Lines<'_> {
    fn header(&mut self) -> Result<(), TraceError> {
        match self.rest.next() {
            Some((_, HEADER)) => Ok(()),
            found => Err(self.wrong(1, "header", found.map_or("", |(_, line)| line), HEADER)),
        }
    }

    fn bin(&mut self) -> Result<Option<Bin>, TraceError> {
        let Some((index, text)) = self.rest.next() else { return Ok(None) };
        let line = index + 1;
        let Some((t_s, requests)) = text.split_once(',') else {
            return Err(self.wrong(line, "line", text, "two numbers with a comma between them"));
        };
        let number = |field, found: &str| {
            let allowed = "a whole number that is not negative";
            found.trim().parse().map_err(|_| self.wrong(line, field, found, allowed))
        };
        Ok(Some(Bin { line, t_s: number("t_seconds", t_s)?, requests: number("requests", requests)? }))
    }

    /// The distance between the first two bins, if all the others keep it.
    fn bin_length_s(&self, bins: &[Bin]) -> Result<u32, TraceError> {
        let [first, second, ..] = bins else {
            let found = format!("{} bins", bins.len());
            return Err(TraceError::Unusable {
                file: self.file.to_owned(),
                found,
                allowed: "at least 2, lasting 600 s",
            });
        };
        let length_s = second.t_s.saturating_sub(first.t_s);
        if !(matches!(length_s, 10 | 20 | 30) || length_s > 0 && length_s % 60 == 0 && length_s <= 3600) {
            let allowed = "10, 20, 30 or a multiple of 60 up to 3600 after the first bin";
            return Err(self.wrong(second.line, "t_seconds", &second.t_s.to_string(), allowed));
        }
        match bins.windows(2).find(|pair| pair[1].t_s != pair[0].t_s + length_s) {
            None => Ok(length_s as u32),
            Some(pair) => {
                let allowed =
                    format!("{}, as bins are {length_s} s long and have no gaps", pair[0].t_s + length_s);
                Err(self.wrong(pair[1].line, "t_seconds", &pair[1].t_s.to_string(), &allowed))
            }
        }
    }

    fn wrong(&self, line: usize, field: &'static str, found: &str, allowed: &str) -> TraceError {
        TraceError::Field {
            file: self.file.to_owned(),
            line,
            field,
            found: found.to_owned(),
            allowed: allowed.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(text: &str) -> Result<Trace, String> {
        Trace::parse("load.csv", "load", text).map_err(|error| error.to_string())
    }

    fn lines(length_s: u64, requests: &[u64]) -> String {
        let bins = requests.iter().zip(0..).map(|(n, i)| format!("{},{n}\n", i * length_s));
        format!("{HEADER}\n{}", bins.collect::<String>())
    }

    #[test]
    fn bins_become_a_rate_a_minute_whatever_their_length() {
        let of_10_s = trace(&lines(10, &[5; 60])).unwrap();
        assert_eq!(of_10_s.requests_per_min(), vec![30.0; 10]);
        let of_5_min = trace(&lines(300, &[100, 200])).unwrap();
        assert_eq!(of_5_min.requests_per_min(), vec![20.0, 40.0]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line_and_what_is_allowed() {
        let table = [
            ("a,b\n", "load.csv, line 1: `header` is \"a,b\"; allowed: t_seconds,requests"),
            (
                "t_seconds,requests\n0\n",
                "load.csv, line 2: `line` is \"0\"; allowed: two numbers with a comma between them",
            ),
            (
                "t_seconds,requests\n0,1\n60,-4\n",
                "load.csv, line 3: `requests` is \"-4\"; allowed: a whole number that is not negative",
            ),
            (
                "t_seconds,requests\n0,1\n60,1\n180,1\n",
                "load.csv, line 4: `t_seconds` is \"180\"; allowed: 120, as bins are 60 s long and have no gaps",
            ),
            (
                "t_seconds,requests\n0,1\n7,1\n",
                "load.csv, line 3: `t_seconds` is \"7\"; allowed: 10, 20, 30 or a multiple of 60 up to 3600 after the first bin",
            ),
            ("t_seconds,requests\n0,1\n60,1\n", "load.csv: the trace lasts 120 s; allowed: at least 600 s"),
            ("t_seconds,requests\n0,1\n", "load.csv: 1 bins; allowed: at least 2, lasting 600 s"),
        ];
        for (text, error) in table {
            assert_eq!(trace(text), Err(error.to_owned()));
        }
        let silent = trace(&lines(60, &[0; 10]));
        assert_eq!(
            silent,
            Err("load.csv: all bins have 0 requests; allowed: some requests in some bin".to_owned())
        );
    }
}
