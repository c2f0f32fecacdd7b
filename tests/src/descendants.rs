//! Which processes a test left behind, and where they listen.
//!
//! Whoever adopts orphans is the ancestor of everything that was started on his behalf, whatever became of the
//! processes between: nothing gets away by being restarted, detached or renamed. A port is listened on by a process
//! or not at all, so there is none beside those of the processes.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::sys::prctl::set_child_subreaper;

/// Makes this process the parent of its descendants' orphans.
///
/// # Errors
/// The kernel does not allow it.
pub fn adopt_orphans() -> nix::Result<()> {
    set_child_subreaper(true)
}

/// A process that runs, and that descends from this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descendant {
    /// Its process id.
    pub pid: u32,
    /// Its words, with spaces between.
    pub command: String,
    /// The TCP ports that it listens on.
    pub ports: Vec<u16>,
    /// Its program and its working directory.
    places: Vec<PathBuf>,
}

impl Descendant {
    /// Whether its program, its working directory or its words lie in one of these folders. What a build started for
    /// itself, such as a compiler's cache, does not.
    pub fn belongs_to(&self, folders: &[&Path]) -> bool {
        folders.iter().any(|folder| {
            self.places.iter().any(|place| place.starts_with(folder))
                || self.command.contains(&*folder.to_string_lossy())
        })
    }

    fn read(pid: u32, listening: &HashMap<String, u16>) -> Self {
        let folder = process_folder(pid);
        let words = fs::read(folder.join("cmdline")).unwrap_or_default();
        let links = ["exe", "cwd"].map(|link| fs::read_link(folder.join(link)));
        Self {
            pid,
            command: String::from_utf8_lossy(&words).replace('\0', " ").trim_end().to_owned(),
            ports: ports_of(pid, listening),
            places: links.into_iter().flatten().collect(),
        }
    }
}

impl fmt::Display for Descendant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.pid, self.command)?;
        self.ports.iter().try_for_each(|port| write!(f, ", listens on port {port}"))
    }
}

/// All that run now.
pub fn descendants() -> Vec<Descendant> {
    let (parents, listening) = (parents(), listening());
    let mut known = HashSet::from([std::process::id()]);
    loop {
        let children: Vec<u32> =
            parents.iter().filter(|(_, parent)| known.contains(parent)).map(|(pid, _)| *pid).collect();
        let before = known.len();
        known.extend(children);
        if known.len() == before {
            break;
        }
    }
    known.remove(&std::process::id());
    known.into_iter().map(|pid| Descendant::read(pid, &listening)).collect()
}

/// Those of them that still run in these folders once `patience` is over; what is about to end gets so long to do it.
pub fn left_behind(folders: &[&Path], patience: Duration) -> Vec<Descendant> {
    let until = Instant::now() + patience;
    loop {
        let left: Vec<_> = descendants().into_iter().filter(|left| left.belongs_to(folders)).collect();
        if left.is_empty() || Instant::now() >= until {
            return left;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn process_folder(pid: u32) -> PathBuf {
    Path::new("/proc").join(pid.to_string())
}

/// The parent of every process that has not ended; one that has, and that nobody has asked for, is only a name.
fn parents() -> HashMap<u32, u32> {
    let folders = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = folders.filter_map(|folder| folder.file_name().to_str()?.parse::<u32>().ok());
    pids.filter_map(|pid| Some((pid, parent(&fs::read_to_string(process_folder(pid).join("stat")).ok()?)?)))
        .collect()
}

/// From `pid (name) state parent ...`, where the name may itself hold spaces and parentheses.
fn parent(stat: &str) -> Option<u32> {
    let (_, after_name) = stat.rsplit_once(") ")?;
    let mut fields = after_name.split(' ');
    let has_ended = matches!(fields.next()?, "Z" | "X");
    fields.next()?.parse().ok().filter(|_| !has_ended)
}

/// The TCP ports that are listened on, by their sockets' inodes.
fn listening() -> HashMap<String, u16> {
    let tables =
        ["/proc/net/tcp", "/proc/net/tcp6"].map(|table| fs::read_to_string(table).unwrap_or_default());
    tables.iter().flat_map(|table| table.lines()).filter_map(listener).collect()
}

/// From `n: address:port remote state queues timer retransmits uid timeout inode ...`; state 0A is LISTEN.
fn listener(line: &str) -> Option<(String, u16)> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (_, port) = fields.get(1)?.rsplit_once(':')?;
    let listens = *fields.get(3)? == "0A";
    let port = u16::from_str_radix(port, 16).ok()?;
    listens.then_some(((*fields.get(9)?).to_owned(), port))
}

fn ports_of(pid: u32, listening: &HashMap<String, u16>) -> Vec<u16> {
    let open = fs::read_dir(process_folder(pid).join("fd")).into_iter().flatten().flatten();
    let links = open.filter_map(|file| fs::read_link(file.path()).ok());
    links
        .filter_map(|link| {
            let inode = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned();
            listening.get(&inode).copied()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::process::Command;

    use super::*;

    #[test]
    fn an_orphan_is_found_until_it_ends() {
        adopt_orphans().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let output = Command::new("sh")
            .args(["-c", "sleep 600 >/dev/null 2>&1 & echo $!"])
            .current_dir(&folder)
            .output()
            .unwrap();
        let pid: u32 = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
        let left = left_behind(&[folder.path()], Duration::ZERO);
        assert_eq!(left.iter().map(|left| left.pid).collect::<Vec<_>>(), [pid]);
        assert_eq!(left_behind(&[Path::new("/nowhere")], Duration::ZERO), []);
        let raw = nix::unistd::Pid::from_raw(i32::try_from(pid).unwrap());
        nix::sys::signal::kill(raw, nix::sys::signal::Signal::SIGKILL).unwrap();
        assert_eq!(left_behind(&[folder.path()], Duration::from_secs(10)), []);
    }

    #[test]
    fn a_process_has_the_ports_that_it_listens_on() {
        let ours = || ports_of(std::process::id(), &listening());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(ours().contains(&port));
        drop(listener);
        assert!(!ours().contains(&port));
    }

    #[test]
    fn what_is_left_is_told_with_its_ports() {
        let command = "redis-server 127.0.0.1:6379".to_owned();
        let left = Descendant { pid: 7, command, ports: vec![6379], places: vec![] };
        assert_eq!(left.to_string(), "7 redis-server 127.0.0.1:6379, listens on port 6379");
    }

    #[test]
    fn a_parent_is_read_past_any_name_and_an_ended_process_has_none() {
        assert_eq!(parent("7 (a) b) c) S 5 7 7"), Some(5));
        assert_eq!(parent("7 (sh) Z 5 7 7"), None);
    }
}
